//! Certificates that come into a workspace, or come anew.

use std::path::Path;
use std::sync::Arc;

use super::{CERTS, WorkspaceError, visible};
use crate::adapters::durable::{replace_if, write_new};
use crate::adapters::openpgp::{PacketSet, UnionError};
use crate::adapters::sources::{SourceError, read_file};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::inventory::Rejected;

/// What became of the file of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Brought {
    /// It was not there before.
    New,
    /// Packets were added to it.
    Updated,
    /// It holds all of them already.
    AsItWas,
}

/// What is wrong with where a certificate that was read stands, if something
/// is: each has a file of its own, named for it.
#[must_use]
pub fn misplaced(folder: &Path, fingerprint: &Fingerprint) -> Option<Rejected> {
    let path = folder.join(CERTS).join(format!("{}.asc", fingerprint.hex()));
    let reason = match read_file(&path).map(|bytes| PacketSet::read(&bytes)) {
        Ok(Ok(set)) if set.fingerprint() == *fingerprint => return None,
        Ok(Ok(set)) => format!("it holds the certificate {}", set.fingerprint().hex()),
        // What is wrong with its content was told when it was read.
        Ok(Err(_)) => return None,
        Err(SourceError::Missing) => {
            "it is not there: its certificate stands in a file of another name".to_owned()
        }
        Err(error) => error.to_string(),
    };
    Some(Rejected { source: visible(&path), offset: 0, reason })
}

/// Adds the packets of `copies`, public parts of one certificate, to its file
/// in `folder`. Nothing that is there is lost.
pub fn bring(
    folder: &Path,
    fingerprint: &Fingerprint,
    copies: &[Arc<[u8]>],
) -> Result<Brought, WorkspaceError> {
    let path = folder.join(CERTS).join(format!("{}.asc", fingerprint.hex()));
    let wrong = |message: String| WorkspaceError::Unreadable { path: visible(&path), message };
    let unusable = |error: UnionError| wrong(error.to_string());
    let unwritable = |error: std::io::Error| WorkspaceError::Unwritable {
        path: visible(&path),
        message: format!("cannot be written: {error}; it is as it was"),
    };
    let seen = match read_file(&path) {
        Ok(bytes) => Some(bytes),
        Err(SourceError::Missing) => None,
        Err(error) => return Err(wrong(error.to_string())),
    };
    let known = seen.as_deref().map(PacketSet::read).transpose().map_err(unusable)?;
    if known.as_ref().is_some_and(|known| known.fingerprint() != *fingerprint) {
        return Err(wrong("it holds another certificate than its name says".to_owned()));
    }
    let mut all = known.clone();
    for copy in copies {
        let set = PacketSet::read(copy).map_err(unusable)?;
        all = Some(match all {
            Some(all) => all.union(set),
            None => set,
        });
    }
    let Some(all) = all else { return Err(wrong("no copy of it was read".to_owned())) };
    if known.as_ref() == Some(&all) {
        return Ok(Brought::AsItWas);
    }
    let armor = all.armored().map_err(unusable)?;
    if let Some(seen) = seen {
        // What somebody else has brought in meanwhile is not written over.
        let is_as_it_was = || Ok(read_file(&path).is_ok_and(|bytes| bytes == seen));
        let is_written = replace_if(&path, armor.as_bytes(), is_as_it_was).map_err(unwritable)?;
        return if is_written {
            Ok(Brought::Updated)
        } else {
            Err(WorkspaceError::Changed(visible(&path)))
        };
    }
    write_new(&path, armor.as_bytes()).map_err(unwritable)?;
    Ok(Brought::New)
}
