//! The credential store of the operating system: the Secret Service, the
//! Keychain. A passphrase goes there only when a person asks for it.
//!
//! The library panics inside async code, and a store may wait for a person to
//! unlock it: each call has a plain thread of its own, and a time limit.

#[cfg(feature = "keystore")]
pub(in crate::adapters) mod store;

use crate::domain::fingerprint::Fingerprint;
use crate::engine::secret::Secret;

/// Why a passphrase was not kept, found or forgotten. None says what the
/// passphrase is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// The program was built without it.
    #[error("this build uses no credential store; nothing was kept")]
    NotInThisBuild,
    /// The system has none, or none that can be reached.
    #[error("no credential store here: {0}; nothing was kept")]
    NoStore(String),
    /// It is locked, and was not unlocked.
    #[error("the credential store is locked: {0}; nothing was changed in it")]
    Locked(String),
    /// It did not answer in time, perhaps because a window waits for somebody.
    #[error(
        "the credential store did not answer within {0} seconds; look for a window that asks to unlock it"
    )]
    NoAnswer(u64),
    /// It says something else.
    #[error("the credential store says: {0}")]
    Refused(String),
}

/// The name under which a passphrase is kept: of what, and for what.
#[cfg(feature = "keystore")]
fn account(certificate: &Fingerprint) -> String {
    format!("{}/signing", certificate.hex())
}

/// Keeps the passphrase of the signing key of `certificate`, over one that is
/// kept already.
#[cfg(feature = "keystore")]
pub fn keep(certificate: &Fingerprint, passphrase: Secret) -> Result<(), CredentialError> {
    store::keep(account(certificate), passphrase)
}

/// The passphrase that is kept.
#[cfg(feature = "keystore")]
pub fn fetch(certificate: &Fingerprint) -> Result<Option<Secret>, CredentialError> {
    store::fetch(account(certificate))
}

/// Forgets it; says whether one was kept.
#[cfg(feature = "keystore")]
pub fn forget(certificate: &Fingerprint) -> Result<bool, CredentialError> {
    store::forget(account(certificate))
}

/// Whether something can be kept: writes, reads and removes a word that is no
/// secret, because a store that does not work says so only then.
#[cfg(feature = "keystore")]
pub fn probe() -> Result<(), CredentialError> {
    store::probe()
}

/// A token that somebody has put there under these names.
#[cfg(feature = "keystore")]
pub fn fetch_named(service: &str, user: &str) -> Result<Option<Secret>, CredentialError> {
    store::fetch_named(service.to_owned(), user.to_owned())
}

/// Without the store nothing is kept.
#[cfg(not(feature = "keystore"))]
pub fn keep(_: &Fingerprint, _: Secret) -> Result<(), CredentialError> {
    Err(CredentialError::NotInThisBuild)
}

/// Without the store nothing is kept.
#[cfg(not(feature = "keystore"))]
pub fn fetch(_: &Fingerprint) -> Result<Option<Secret>, CredentialError> {
    Err(CredentialError::NotInThisBuild)
}

/// Without the store nothing is kept.
#[cfg(not(feature = "keystore"))]
pub fn forget(_: &Fingerprint) -> Result<bool, CredentialError> {
    Err(CredentialError::NotInThisBuild)
}

/// Without the store nothing is kept.
#[cfg(not(feature = "keystore"))]
pub fn probe() -> Result<(), CredentialError> {
    Err(CredentialError::NotInThisBuild)
}

/// Without the store nothing is kept.
#[cfg(not(feature = "keystore"))]
pub fn fetch_named(_: &str, _: &str) -> Result<Option<Secret>, CredentialError> {
    Err(CredentialError::NotInThisBuild)
}
