//! A new workspace.

use std::fs::DirBuilder;
use std::path::Path;

use super::{CERTS, FILE, WorkspaceError};
use crate::adapters::durable::write_new;
use crate::adapters::sources::read_file;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;
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
