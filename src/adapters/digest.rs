//! Digests of files of any size.

use std::io::Read as _;
use std::path::Path;

use super::sources::{self, SourceError};
use crate::engine::chain::Digest;

/// Bytes that are read at once.
const PART: u64 = 1 << 20;

/// The SHA-256 of a regular file.
pub fn of_file(path: &Path) -> Result<Digest, SourceError> {
    let mut file = sources::open(path)?;
    Digest::of_parts(|| {
        let mut part = Vec::new();
        let read = (&mut file).take(PART).read_to_end(&mut part).map_err(SourceError::of)?;
        Ok((read > 0).then_some(part))
    })
}
