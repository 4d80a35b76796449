//! A new workspace.

use std::fs::DirBuilder;
use std::path::Path;

use super::{CERTS, FILE, WorkspaceError, template};
use crate::adapters::durable::write_new;
use crate::adapters::sources::read_file;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;
use crate::domain::workspace::{Environment, Target};

/// What a new workspace begins with.
pub struct Founding<'a> {
    /// The team's or project's name.
    pub name: &'a str,
    /// Whose trust is at stake.
    pub environment: Environment,
    /// The preset of the rules.
    pub profile: &'a str,
    /// The certificates to adopt.
    pub adopted: Vec<Adopted>,
    /// Where they are published.
    pub targets: &'a [Target],
}

/// A certificate that a new workspace adopts.
pub struct Adopted {
    /// Which one.
    pub fingerprint: Fingerprint,
    /// The name by which people know it.
    pub name: VisibleText,
    /// The subkeys that sign now.
    pub signers: Vec<Fingerprint>,
    /// Its public parts, in ASCII armor.
    pub armor: String,
}

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
    write_new(&declared, template::text(founding).as_bytes())
        .map_err(|error| unwritable(&declared, &error))
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
