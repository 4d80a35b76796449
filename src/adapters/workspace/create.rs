//! A new workspace.

use std::fs::DirBuilder;
use std::path::Path;

use super::template::{Adopted, Founding, text};
use super::{CERTS, FILE, WorkspaceError};
use crate::adapters::durable::write_new;
use crate::adapters::sources::read_file;
use crate::domain::text::VisibleText;

/// Makes the folder and what is in it. Nothing that is there is changed.
///
/// A file is there whole or not at all. What was cut short, by a full disk or
/// a lost machine, is taken up by the same call again.
pub fn create(folder: &Path, founding: &Founding<'_>) -> Result<(), WorkspaceError> {
    let certs = folder.join(CERTS);
    let declared = folder.join(FILE);
    if declared.exists() {
        return Err(unwritable(&declared, &std::io::ErrorKind::AlreadyExists.into()));
    }
    DirBuilder::new().recursive(true).create(&certs).map_err(|e| unwritable(&certs, &e))?;
    for Adopted { fingerprint, armor, .. } in &founding.adopted {
        let path = certs.join(format!("{}.asc", fingerprint.hex()));
        match write_new(&path, armor.as_bytes()) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                // Left by a call that was cut short, or somebody else's.
                if !read_file(&path).is_ok_and(|bytes| bytes == armor.as_bytes()) {
                    return Err(unwritable(&path, &error));
                }
            }
            result => result.map_err(|error| unwritable(&path, &error))?,
        }
    }
    // Last: a folder without it is no workspace.
    write_new(&declared, text(founding).as_bytes()).map_err(|error| unwritable(&declared, &error))
}

fn unwritable(path: &Path, error: &std::io::Error) -> WorkspaceError {
    WorkspaceError::Unwritable {
        path: VisibleText::from_bytes(path.as_os_str().as_encoded_bytes()),
        message: if error.kind() == std::io::ErrorKind::AlreadyExists {
            "is there already; nothing of it was changed".to_owned()
        } else {
            format!("cannot be written: {error}; the same command takes up what was begun")
        },
    }
}
