//! The store, by way of the keyring library.

use std::sync::mpsc;
use std::time::Duration;

use keyring::{Entry, Error};
use zeroize::Zeroizing;

use super::CredentialError;
use crate::domain::text::VisibleText;
use crate::engine::secret::Secret;

/// Under which everything of ours is.
const SERVICE: &str = "keyrite";

/// What is written to see whether it works; nobody's fingerprint is like it.
const PROBE: &str = "probe";

/// Seconds that a person has to unlock the store.
const LIMIT: u64 = 120;

pub(super) fn keep(account: String, passphrase: Secret) -> Result<(), CredentialError> {
    answer(move || {
        let entry = entry(&account)?;
        entry.set_secret(passphrase.expose()).map_err(|error| told(&error))?;
        match get(&entry)? {
            Some(kept) if kept.is_same(&passphrase) => Ok(()),
            _ => Err(CredentialError::Refused("it gives back something else".to_owned())),
        }
    })
}

pub(super) fn fetch(account: String) -> Result<Option<Secret>, CredentialError> {
    answer(move || get(&entry(&account)?))
}

pub(super) fn fetch_named(
    service: String,
    user: String,
) -> Result<Option<Secret>, CredentialError> {
    answer(move || get(&entry_of(&service, &user)?))
}

pub(super) fn forget(account: String) -> Result<bool, CredentialError> {
    answer(move || match entry(&account)?.delete_credential() {
        Ok(()) => Ok(true),
        Err(Error::NoEntry) => Ok(false),
        Err(error) => Err(told(&error)),
    })
}

pub(super) fn probe() -> Result<(), CredentialError> {
    let mut word = *b"no secret";
    let word = Secret::take(&mut word).unwrap_or_else(Secret::empty);
    keep(PROBE.to_owned(), word)?;
    forget(PROBE.to_owned()).map(|_| ())
}

/// What is kept of a service for a user, whatever it is.
pub(in crate::adapters) fn read(
    service: &str,
    user: &str,
) -> Result<Option<Zeroizing<Vec<u8>>>, CredentialError> {
    let (service, user) = (service.to_owned(), user.to_owned());
    answer(move || match entry_of(&service, &user)?.get_secret() {
        Ok(bytes) => Ok(Some(Zeroizing::new(bytes))),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(told(&error)),
    })
}

/// Keeps that, over what is there.
pub(in crate::adapters) fn write(
    service: &str,
    user: &str,
    bytes: &[u8],
) -> Result<(), CredentialError> {
    let (service, user) = (service.to_owned(), user.to_owned());
    let bytes = Zeroizing::new(bytes.to_vec());
    answer(move || entry_of(&service, &user)?.set_secret(&bytes).map_err(|error| told(&error)))
}

/// Forgets it; nothing where it is not there.
pub(in crate::adapters) fn remove(service: &str, user: &str) -> Result<(), CredentialError> {
    let (service, user) = (service.to_owned(), user.to_owned());
    answer(move || match entry_of(&service, &user)?.delete_credential() {
        Ok(()) | Err(Error::NoEntry) => Ok(()),
        Err(error) => Err(told(&error)),
    })
}

fn get(entry: &Entry) -> Result<Option<Secret>, CredentialError> {
    match entry.get_secret().map(Zeroizing::new) {
        Ok(mut bytes) => Secret::take(&mut bytes)
            .map(Some)
            .ok_or_else(|| CredentialError::Refused("it is too long for a passphrase".to_owned())),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(told(&error)),
    }
}

fn entry(account: &str) -> Result<Entry, CredentialError> {
    entry_of(SERVICE, account)
}

fn entry_of(service: &str, user: &str) -> Result<Entry, CredentialError> {
    if let Err(error) = Entry::store_status() {
        return Err(CredentialError::NoStore(visible(error)));
    }
    Entry::new(service, user).map_err(|error| told(&error))
}

/// The error in our words. Those that carry what was kept are not asked.
fn told(error: &Error) -> CredentialError {
    match error {
        Error::NoDefaultStore | Error::NotSupportedByStore(_) => {
            CredentialError::NoStore(visible(error))
        }
        Error::NoStorageAccess(reason) => CredentialError::Locked(visible(reason)),
        Error::BadEncoding(_) | Error::BadDataFormat(..) => {
            CredentialError::Refused("what is kept there cannot be read".to_owned())
        }
        Error::PlatformFailure(_)
        | Error::NoEntry
        | Error::BadStoreFormat(_)
        | Error::TooLong(..)
        | Error::Invalid(..)
        | Error::Ambiguous(_)
        | _ => CredentialError::Refused(visible(error)),
    }
}

fn visible(error: &impl ToString) -> String {
    VisibleText::from_text(&error.to_string()).into_string()
}

/// Lets `job` run on a thread of its own; where that panics, it is an answer,
/// too.
fn answer<T: Send + 'static>(
    job: impl FnOnce() -> Result<T, CredentialError> + Send + 'static,
) -> Result<T, CredentialError> {
    let (sender, receiver) = mpsc::channel();
    #[expect(clippy::disallowed_methods, reason = "the library panics inside async code")]
    std::thread::spawn(move || {
        let _ = sender.send(job());
    });
    match receiver.recv_timeout(Duration::from_secs(LIMIT)) {
        Ok(answer) => answer,
        Err(mpsc::RecvTimeoutError::Timeout) => Err(CredentialError::NoAnswer(LIMIT)),
        Err(mpsc::RecvTimeoutError::Disconnected) => {
            Err(CredentialError::Refused("it broke off".to_owned()))
        }
    }
}
