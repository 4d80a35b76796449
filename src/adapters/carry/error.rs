//! Why a workspace is not carried.

use std::io;
use std::path::Path;

use crate::adapters::openpgp::UnionError;
use crate::domain::text::VisibleText;
use crate::engine::carry::BadManifest;
use crate::engine::journal::JournalError;

/// Why a workspace is not carried. In every case nothing of a carry was taken
/// in, and what was on the medium is there as it was.
#[derive(Debug, thiserror::Error)]
pub enum CarryError {
    /// There is none on the medium.
    #[error("there is no carry on {0}: keyrite carry out writes one")]
    None(VisibleText),
    /// One was being replaced when the medium or the machine was lost.
    #[error(
        "the carry on {0} was being replaced, and that was cut off: make it again with keyrite \
         carry out where it came from"
    )]
    CutOff(VisibleText),
    /// There is too little room.
    #[error("{0} has no room: {1} KiB are needed beside an older carry, which stays until then")]
    Full(VisibleText, u64),
    /// It is no place for a carry.
    #[error("{0}: {1}")]
    Medium(VisibleText, &'static str),
    /// Something is there that is no plain file or folder, or has a name that
    /// nothing of keyrite has.
    #[error("{0}: {1}")]
    Odd(VisibleText, &'static str),
    /// The list is not one of a carry.
    #[error("{0}: {1}")]
    Manifest(VisibleText, BadManifest),
    /// A listed file is not there.
    #[error("{0} is listed, and is not there")]
    Missing(VisibleText),
    /// A file is there that is not listed.
    #[error("{0} is there, and nobody listed it: somebody has put it there since")]
    Extra(VisibleText),
    /// A file is not the listed one.
    #[error(
        "{0} on the medium is not what was carried: it was changed, or the medium is going bad"
    )]
    Changed(VisibleText),
    /// There are too many or too large files.
    #[error("{0}: it is larger, or there are more files, than any workspace has")]
    TooMuch(VisibleText),
    /// Something secret is in a file.
    #[error(
        "A SECRET KEY IS IN {0}: it is not carried; take the file out of the workspace, and treat \
         that key as one that was seen by others"
    )]
    Secret(VisibleText),
    /// A certificate is none, or another one than its name says.
    #[error("{0} is not the one public certificate that it is named for: {1}")]
    Certificate(VisibleText, UnionError),
    /// The same, and it is a good one.
    #[error("{0} is another certificate than it is named for")]
    OtherCertificate(VisibleText),
    /// A journal cannot be followed.
    #[error("{0}: {1}")]
    Journal(VisibleText, JournalError),
    /// A file that only grows ends in the middle of a line.
    #[error(
        "the last line of {0} was cut off: what keyrite was doing there is to be taken up first"
    )]
    Torn(VisibleText),
    /// Another keyrite writes there.
    #[error("{0} is being written by another keyrite: end it there first")]
    Busy(VisibleText),
    /// A file has changed since it was looked at.
    #[error(
        "{0} has changed since it was looked at, and is kept as it is now: do the same once more, and \
         look at what is different then"
    )]
    Moved(VisibleText),
    /// The system does not let us.
    #[error("{path}: {error}")]
    Io {
        /// Of what.
        path: VisibleText,
        /// What it says.
        error: VisibleText,
    },
}

impl CarryError {
    pub(super) fn io(path: &Path, error: &io::Error) -> Self {
        Self::Io { path: visible(path), error: VisibleText::from_text(&error.to_string()) }
    }
}

/// A path, fit to be shown.
pub(super) fn visible(path: &Path) -> VisibleText {
    VisibleText::from_bytes(path.as_os_str().as_encoded_bytes())
}
