//! A new workspace.

use std::fs::{DirBuilder, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::{CERTS, FILE, WorkspaceError};
use crate::adapters::sources::read_file;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;
use crate::domain::worded::Worded as _;
use crate::domain::workspace::Environment;

/// What a new workspace begins with.
pub struct Founding<'a> {
    /// The team's or project's name.
    pub name: &'a str,
    /// Whose trust is at stake.
    pub environment: Environment,
    /// The preset of the rules.
    pub profile: &'a str,
    /// The certificates to adopt, in ASCII armor, with the subkeys that sign
    /// now.
    pub certificates: Vec<(Fingerprint, Vec<Fingerprint>, String)>,
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
    for (fingerprint, _, armor) in &founding.certificates {
        let path = certs.join(format!("{}.asc", fingerprint.hex()));
        match write_new(&path, armor) {
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
    write_new(&declared, &text(founding)).map_err(|error| unwritable(&declared, &error))
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

/// Writes a file that is not there, whole or not at all.
fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = folder.join(format!(".{name}.new"));
    let write = || {
        // What is left of a call that was cut short; never what a link is to.
        remove(&beside);
        let mut file = OpenOptions::new().write(true).create_new(true).open(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        renameat_with(CWD, &beside, CWD, path, RenameFlags::NOREPLACE)?;
        OpenOptions::new().read(true).open(folder)?.sync_all()
    };
    let written = write();
    if written.is_err() {
        remove(&beside);
    }
    written
}

/// Removes a file beside the wanted one, which is ours and which nobody reads.
fn remove(beside: &Path) {
    #[expect(clippy::disallowed_methods, reason = "what was written in vain")]
    let _ = std::fs::remove_file(beside);
}

fn text(founding: &Founding<'_>) -> String {
    use std::fmt::Write as _;
    let quote = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let mut text = format!(
        "# The keys of a team, as keyrite reads them. Nothing secret is ever in this folder.\n\
         schema = 1\n\
         name = {}\n\
         # production, staging, rehearsal or demo\n\
         environment = \"{}\"\n\
         # The rules: `keyrite lint --help` names all profiles.\n\
         profile = \"{}\"\n\n\
         # Who is in the team.\n\
         # [[people]]\n\
         # id = \"alice\"\n\
         # name = \"Alice Example\"\n\n\
         # One signer identity each; exactly one subkey signs for it at a time.\n",
        quote(founding.name),
        founding.environment.word(),
        founding.profile
    );
    let mut number = 0;
    for (certificate, subkeys, _) in &founding.certificates {
        for subkey in subkeys {
            number += 1;
            let _ = write!(
                text,
                "[[consumers]]\n\
                 id = \"signer-{number}\"\n\
                 label = \"say what signs with this key\"\n\
                 certificate = \"{}\"\n\
                 subkey = \"{}\"\n\
                 # owner = \"alice\"\n\
                 # How far the next rotation is: nothing, generated, published, active, retired\n\
                 progress = \"nothing\"\n\n",
                certificate.hex(),
                subkey.hex()
            );
        }
    }
    text.push_str(
        "# When nobody can be asked; steps are planned before, never after.\n\
         # [[blackouts]]\n\
         # reason = \"holidays\"\n\
         # from = \"2026-12-20\"\n\
         # until = \"2027-01-06\"\n",
    );
    text
}
