//! Why the bytes of a certificate cannot be used.

use sequoia_openpgp as openpgp;

use crate::domain::fingerprint::NotAFingerprint;
use crate::domain::text::VisibleText;

/// Why the bytes of a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The library does not accept the packets.
    #[error("not a usable certificate: {0}")]
    Unusable(VisibleText),
    /// Checking it would take minutes, and it is made for that.
    #[error(
        "so many user IDs, subkeys and signatures that checking them would take minutes; no honest certificate is like that"
    )]
    TooMuch,
    /// Its fingerprint is of no known version.
    #[error(transparent)]
    Fingerprint(#[from] NotAFingerprint),
}

impl From<openpgp::anyhow::Error> for ReadError {
    fn from(error: openpgp::anyhow::Error) -> Self {
        // The chain's last link says what is wrong; the others repeat it.
        Self::Unusable(VisibleText::from_text(&error.root_cause().to_string()))
    }
}
