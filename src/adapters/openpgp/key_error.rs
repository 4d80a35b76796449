//! Why an operation with keys was not carried out.

use sequoia_openpgp as openpgp;

use super::error::ReadError;
use super::union::UnionError;
use crate::domain::fingerprint::{Fingerprint, NotAFingerprint};
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;

/// Why an operation with keys was not carried out. Nothing was made.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The secret did not come out: one answer, whatever went wrong inside.
    #[error(
        "the passphrase does not open this key, or its file is damaged; nothing was changed: try again, or take the other copy"
    )]
    WrongPassphrase,
    /// The file holds the key without its secret, or with a stub.
    #[error("the file holds no secret of the key {}", .0.hex())]
    NoSecret(Fingerprint),
    /// The file has no such key.
    #[error("there is no key {} in it", .0.hex())]
    NoSuchKey(Fingerprint),
    /// Anybody who has the file can use the secret in it.
    #[error("the secret of the key {} is protected by no passphrase", .0.hex())]
    Unprotected(Fingerprint),
    /// A secret is never written without protection.
    #[error("the passphrase is empty: nothing would protect the secret")]
    EmptyPassphrase,
    /// No program knows what to do with a certificate without one.
    #[error("a certificate needs a user ID")]
    NoUserId,
    /// A subkey was taken for a primary key.
    #[error("{} is no primary key, and only that can do this", .0.hex())]
    NotAPrimaryKey(Fingerprint),
    /// A signature would be older than a key that it is about.
    #[error("{} is before {}, when the key was made; check the clock", .at.iso(), .since.iso())]
    BeforeItsKey {
        /// When it would be made.
        at: Timestamp,
        /// When the key was.
        since: Timestamp,
    },
    /// Of two signatures of one second, programs take either.
    #[error(
        "the newest signature that is there says {}, too: do it again when a second has passed", .0.iso()
    )]
    SameSecond(Timestamp),
    /// OpenPGP counts seconds since 1970 with 32 bits.
    #[error("OpenPGP cannot write {}", .0.iso())]
    Unwritable(Timestamp),
    /// A key would end before it begins, or too late for 32 bits of seconds.
    #[error("a key of {} cannot end at {}", .created.iso(), .expires.iso())]
    UnwritableEnd {
        /// When the key is made.
        created: Timestamp,
        /// When it was to end.
        expires: Timestamp,
    },
    /// Two files that should be of one certificate are not.
    #[error("this is the certificate {}, and not {}", .found.hex(), .wanted.hex())]
    OtherCertificate {
        /// Which it should be.
        wanted: Fingerprint,
        /// Which it is.
        found: Fingerprint,
    },
    /// Verifiers would not accept it.
    #[error("no verifier would accept it: {0}")]
    NotUsable(VisibleText),
    /// A certificate with no key that is good for this.
    #[error("nothing can be encrypted to the certificate {}", .0.hex())]
    NoEncryptionKey(Fingerprint),
    /// A certificate cannot be read.
    #[error(transparent)]
    Certificate(#[from] UnionError),
    /// The library refuses.
    #[error("it cannot be made: {0}")]
    Library(VisibleText),
}

impl From<openpgp::anyhow::Error> for KeyError {
    fn from(error: openpgp::anyhow::Error) -> Self {
        Self::Library(VisibleText::from_text(&error.root_cause().to_string()))
    }
}

impl From<std::io::Error> for KeyError {
    fn from(error: std::io::Error) -> Self {
        Self::Library(VisibleText::from_text(&error.to_string()))
    }
}

impl From<ReadError> for KeyError {
    fn from(error: ReadError) -> Self {
        Self::Certificate(error.into())
    }
}

impl From<NotAFingerprint> for KeyError {
    fn from(error: NotAFingerprint) -> Self {
        ReadError::from(error).into()
    }
}
