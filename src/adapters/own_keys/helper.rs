//! The side that answers: one request, in a process of its own. Here alone is
//! the keystore spoken to, from the main thread, because its calls panic
//! inside async code.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd as _;

use sequoia_keystore::sequoia_directories::{Component, Home};
use sequoia_keystore::sequoia_ipc::IPCPolicy;
use sequoia_keystore::{Context, Key, Keystore, PasswordSource, Protection};
use zeroize::Zeroizing;

use super::protocol::{self, Answer, Outcome, Request};
use super::{AskedBy, KeyPlace, OwnKey, OwnKeyError, places};
use crate::adapters::openpgp;
use crate::domain::timestamp::Timestamp;

/// Reads a request from standard input, past its buffer, and answers it.
pub fn serve(out: &mut dyn Write) -> io::Result<()> {
    let mut input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let request = serde_json::from_slice(&protocol::read(&mut input)?)?;
    let outcome = match request {
        Request::List { at } => list(Timestamp::from_unix(at)),
        Request::Offer => places::offer(&protocol::read(&mut input)?).map(|()| Answer::Offered),
        Request::Sign { certificate, at, has_passphrase } => {
            let asked = Asked {
                certificate,
                public: protocol::read(&mut input)?,
                data: protocol::read(&mut input)?,
                passphrase: has_passphrase.then(|| protocol::read(&mut input)).transpose()?,
                at: Timestamp::from_unix(at),
            };
            sign(&asked)
        }
    };
    protocol::write(out, &serde_json::to_vec(&outcome)?)?;
    out.flush()
}

struct Asked {
    certificate: String,
    public: Zeroizing<Vec<u8>>,
    data: Zeroizing<Vec<u8>>,
    passphrase: Option<Zeroizing<Vec<u8>>>,
    at: Timestamp,
}

/// The keystore inside this process.
fn connect() -> Result<Keystore, OwnKeyError> {
    let home = Home::new(None).map_err(|error| OwnKeyError::refused("no home", &error))?;
    let home = home.data_dir(Component::Keystore);
    places::refuse_foreign_server(&home)?;
    let context = Context::configure().home(home).ipc_policy(IPCPolicy::Internal).build();
    context.and_then(|context| Keystore::connect(&context)).map_err(keystore)
}

fn keystore(error: impl std::fmt::Display) -> OwnKeyError {
    OwnKeyError::refused("the keystore says", &error)
}

fn list(at: Timestamp) -> Outcome {
    let mut found = Vec::new();
    for mut backend in connect()?.backends().map_err(keystore)? {
        let place = match backend.id().map_err(keystore)?.as_str() {
            "softkeys" => KeyPlace::SoftKey,
            _ => KeyPlace::GpgAgent,
        };
        for mut device in backend.devices().map_err(keystore)? {
            let keys = device.keys().map_err(keystore)?;
            found.extend(keys.into_iter().map(|key| (place, key)));
        }
    }
    let handles: Vec<_> = found.iter().map(|(_, key)| key.key_handle()).collect();
    let owners = places::owners(&handles);
    let mut keys = Vec::new();
    for (place, mut key) in found {
        let owner = owners.iter().find(|owner| owner.signs_with(&key.key_handle(), at));
        let Some(owner) = owner else { continue };
        keys.push(OwnKey {
            fingerprint: key.fingerprint().to_hex(),
            certificate: owner.fingerprint(),
            name: owner.name(at),
            place,
            is_locked: !matches!(key.locked().map_err(keystore)?, Protection::Unlocked),
            asked_by: match key.password_source().map_err(keystore)? {
                PasswordSource::Inline | PasswordSource::InlineWithConfirmation => AskedBy::Keyrite,
                PasswordSource::ExternalOnDemand | PasswordSource::ExternalSideEffect => {
                    AskedBy::Pinentry
                }
            },
        });
    }
    keys.sort_by(|one, other| {
        (&one.name, &one.fingerprint).cmp(&(&other.name, &other.fingerprint))
    });
    Ok(Answer::Keys(keys))
}

fn sign(asked: &Asked) -> Outcome {
    let owner = places::owner(&asked.certificate, &asked.public)?;
    let candidates = owner.signing_keys(asked.at);
    if candidates.is_empty() {
        return Err(OwnKeyError::NoSigningKey(owner.fingerprint()));
    }
    let (mut found, _) = connect()?.find_keys(&candidates).map_err(keystore)?;
    // The newest that can be used now; a card may be somewhere else.
    found.sort_by_key(|key| candidates.iter().position(|one| *one == key.key_handle()));
    let usable = found.iter_mut().position(|key| key.available().unwrap_or(false));
    let Some(key) = usable.and_then(|place| found.get_mut(place)) else {
        return Err(places::not_found(owner.fingerprint()));
    };
    let without = unlock(key, asked.passphrase.as_deref())?;
    let signature = openpgp::sign_detached(key, &asked.data, asked.at);
    signature.map(Answer::Signature).map_err(|error| {
        without.unwrap_or_else(|| OwnKeyError::refused("the key does not sign", &error))
    })
}

/// Unlocks `key`, where it is locked; says what it means if it does not sign
/// then, because gpg-agent takes any passphrase until it signs.
fn unlock(key: &mut Key, passphrase: Option<&Vec<u8>>) -> Result<Option<OwnKeyError>, OwnKeyError> {
    let protection = key.locked().map_err(keystore)?;
    let locked = || OwnKeyError::Locked(key.fingerprint().to_hex());
    match (protection, passphrase) {
        (Protection::Unlocked, _) => Ok(None),
        (Protection::Password(_), None) => Err(locked()),
        (Protection::Password(_), Some(passphrase)) => key
            .unlock(passphrase.as_slice().into())
            .map(|()| None)
            .map_err(|_| OwnKeyError::WrongPassphrase),
        (_, None) => Ok(Some(locked())),
        (_, Some(passphrase)) => {
            key.unlock(passphrase.as_slice().into()).map_err(keystore)?;
            Ok(Some(OwnKeyError::WrongPassphrase))
        }
    }
}
