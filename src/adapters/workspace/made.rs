//! What a ceremony has made is declared in the workspace's file.

use std::fmt::Write as _;
use std::path::Path;

use super::edit::append;
use super::{WorkspaceError, read};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::workspace::{Environment, Slot, Workspace};

/// Declares a certificate that is not declared yet, and a consumer that is not
/// there yet with its subkey. Whoever is declared stays as people wrote it.
pub fn declare_made(
    folder: &Path,
    certificate: &Fingerprint,
    consumer: Option<(&str, Fingerprint)>,
) -> Result<(), WorkspaceError> {
    let seen = read(folder)?;
    let team = &seen.team.workspace;
    let mut tables = String::new();
    if !team.knows(certificate) {
        let hex = certificate.hex();
        let _ = write!(tables, "[[keys]]\ncertificate = \"{hex}\"\nclass = \"release\"\n\n");
    }
    if let Some((id, subkey)) = consumer
        && !team.consumers.iter().any(|consumer| consumer.id == id)
    {
        let _ = write!(
            tables,
            "[[consumers]]\nid = \"{id}\"\nlabel = \"{id}\"\ncertificate = \"{}\"\n\
             subkey = \"{}\"\nprogress = \"nothing\"\n{}",
            certificate.hex(),
            subkey.hex(),
            slots(team)
        );
    }
    if tables.is_empty() { Ok(()) } else { append(folder, &seen.text, &tables).map(|_| ()) }
}

/// The slots of a new consumer: those that no other has, as a proposal; in a
/// rehearsal they are its own.
fn slots(team: &Workspace) -> String {
    let is_free = |slot: &&Slot| !team.consumers.iter().any(|one| one.slots.contains(&slot.id));
    let free: Vec<_> = team.slots.iter().filter(is_free).map(|s| format!("\"{}\"", s.id)).collect();
    let mark = match team.environment {
        Environment::Rehearsal | Environment::Demo => "",
        Environment::Production | Environment::Staging => "# ",
    };
    if free.is_empty() { String::new() } else { format!("{mark}slots = [{}]\n", free.join(", ")) }
}
