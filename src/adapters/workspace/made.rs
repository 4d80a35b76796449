//! What a ceremony has made is declared in the workspace's file.

use std::fmt::Write as _;
use std::path::Path;

use super::edit::append;
use super::{WorkspaceError, read};
use crate::domain::fingerprint::Fingerprint;

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
             subkey = \"{}\"\nprogress = \"nothing\"\n",
            certificate.hex(),
            subkey.hex()
        );
    }
    if tables.is_empty() { Ok(()) } else { append(folder, &seen.text, &tables).map(|_| ()) }
}
