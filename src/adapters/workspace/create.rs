//! A new workspace.

use std::fs::{DirBuilder, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use super::{CERTS, FILE, WorkspaceError};
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
pub fn create(folder: &Path, founding: &Founding<'_>) -> Result<(), WorkspaceError> {
    let certs = folder.join(CERTS);
    DirBuilder::new().recursive(true).create(&certs).map_err(|e| unwritable(&certs, &e))?;
    for (fingerprint, _, armor) in &founding.certificates {
        write_new(&certs.join(format!("{}.asc", fingerprint.hex())), armor)?;
    }
    // Last: a folder without it is no workspace, so that one that was cut
    // short can be begun again elsewhere.
    write_new(&folder.join(FILE), &text(founding))
}

fn unwritable(path: &Path, error: &std::io::Error) -> WorkspaceError {
    WorkspaceError::Unwritable {
        path: VisibleText::from_bytes(path.as_os_str().as_encoded_bytes()),
        message: if error.kind() == std::io::ErrorKind::AlreadyExists {
            "is there already; nothing of it was changed".to_owned()
        } else {
            format!("cannot be written: {error}")
        },
    }
}

fn write_new(path: &Path, text: &str) -> Result<(), WorkspaceError> {
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(|error| unwritable(path, &error))
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
