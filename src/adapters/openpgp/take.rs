//! A primary key that exists already: what a file holds of it, and the same
//! key as media of a root keep it.

use sequoia_openpgp::Cert;
use sequoia_openpgp::armor;
use sequoia_openpgp::crypto::{Password, S2K};
use sequoia_openpgp::packet::Packet;
use sequoia_openpgp::packet::key::SecretKeyMaterial;
use sequoia_openpgp::parse::Parse as _;
use zeroize::Zeroizing;

use super::carve::{What, carve};
use super::error::ReadError;
use super::facts;
use super::key_error::KeyError;
use super::make::NewRoot;
use super::protect::Lock;
use super::secret::part;
use super::sign::{in_armor, serialized};
use super::union::PacketSet;
use crate::domain::certificate::SecretMaterial;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::keyspec::Protection;
use crate::engine::secret::Secret;

/// What a file holds of one certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holding {
    /// Its public packets in ASCII armor; absent where it is not there.
    pub certificate: Option<Vec<u8>>,
    /// What is there of the secret of its primary key.
    pub primary: Option<SecretMaterial>,
    /// How many subkeys have a secret in the file.
    pub subkeys: usize,
    /// How many other certificates have a secret in it.
    pub others: usize,
}

impl Holding {
    /// Whether the secret of the primary key itself is there.
    #[must_use]
    pub fn is_copy(&self) -> bool {
        self.primary.is_some_and(SecretMaterial::is_real)
    }
}

/// Looks for the certificate `wanted` in a file, armored or not, among others
/// or alone. Nothing is opened.
pub fn holding(file: &[u8], wanted: &Fingerprint) -> Result<Holding, KeyError> {
    let mut holding = Holding::default();
    let mut public: Option<PacketSet> = None;
    for bytes in certificates(file) {
        let parted = part(&bytes);
        let set = PacketSet::of(&parted.public)?;
        let real: Vec<_> = parted.secrets.iter().filter(|one| one.material.is_real()).collect();
        if set.fingerprint() != *wanted {
            holding.others += usize::from(!real.is_empty());
            continue;
        }
        holding.subkeys = real.iter().filter(|one| one.of != Some(*wanted)).count();
        let of_primary = parted.secrets.iter().find(|one| one.of == Some(*wanted));
        holding.primary = of_primary.map(|one| one.material).or(holding.primary);
        public = Some(match public {
            Some(known) => known.union(set),
            None => set,
        });
    }
    let armored = public.map(|set| set.armored()).transpose()?;
    holding.certificate = armored.map(String::into_bytes);
    Ok(holding)
}

/// Takes the primary key `wanted` out of a file: opened with the passphrase
/// that it has there, if it has one, and closed with another. Subkeys' secrets
/// stay where they are.
///
/// `newest` is what else is known of the certificate.
pub fn take_root(
    file: &[u8],
    wanted: &Fingerprint,
    passphrase: Option<&Secret>,
    newest: Option<&[u8]>,
    lock: &Lock<'_>,
) -> Result<NewRoot, KeyError> {
    let known = newest.map(PacketSet::read).transpose()?;
    let (mut whole, mut key) = (known, None);
    for bytes in certificates(file) {
        let set = PacketSet::of(&part(&bytes).public)?;
        if set.fingerprint() != *wanted {
            continue;
        }
        whole = Some(match whole {
            Some(known) if known.fingerprint() == *wanted => known.union(set),
            Some(known) => {
                let found = known.fingerprint();
                return Err(KeyError::OtherCertificate { wanted: *wanted, found });
            }
            None => set,
        });
        let cert = Cert::from_bytes(&bytes[..]).map_err(ReadError::from)?;
        key = cert.primary_key().key().clone().parts_into_secret().ok().or(key);
    }
    let whole = whole.ok_or(KeyError::NoSuchKey(*wanted))?;
    let key = key.ok_or(KeyError::NoSecret(*wanted))?;
    let key = match key.secret() {
        SecretKeyMaterial::Encrypted(secret) if matches!(secret.s2k(), S2K::Private { .. }) => {
            return Err(KeyError::NoSecret(*wanted));
        }
        SecretKeyMaterial::Encrypted(_) => {
            let password = Password::from(passphrase.map(Secret::expose).unwrap_or_default());
            key.decrypt_secret(&password).map_err(|_| KeyError::WrongPassphrase)?
        }
        SecretKeyMaterial::Unencrypted(_) => key,
    };
    let mut secret = serialized([&Packet::SecretKey(lock.close(key)?)])?;
    secret.extend(whole.behind_primary().map_err(ReadError::from)?);
    Ok(NewRoot {
        fingerprint: *wanted,
        secret: in_armor(armor::Kind::SecretKey, &secret)?,
        certificate: whole.armored()?.into_bytes(),
    })
}

/// How a passphrase protects the primary key `wanted` in a file.
pub fn protection(file: &[u8], wanted: &Fingerprint) -> Result<Protection, KeyError> {
    for bytes in certificates(file) {
        let cert = Cert::from_bytes(&bytes[..]).map_err(ReadError::from)?;
        let key = cert.primary_key().key().clone().parts_into_secret();
        let (Ok(key), true) = (key, facts::fingerprint(&cert.fingerprint()) == Ok(*wanted)) else {
            continue;
        };
        let SecretKeyMaterial::Encrypted(secret) = key.secret() else {
            return Err(KeyError::Unprotected(*wanted));
        };
        let is_argon2 = matches!(secret.s2k(), S2K::Argon2 { .. });
        return Ok(if is_argon2 { Protection::Argon2 } else { Protection::Iterated });
    }
    Err(KeyError::NoSecret(*wanted))
}

/// The certificates of a file, with the secrets that are in them.
fn certificates(file: &[u8]) -> impl Iterator<Item = Zeroizing<Vec<u8>>> {
    carve(file).into_iter().filter_map(|found| match found.what {
        What::Certificate(bytes) => Some(Zeroizing::new(bytes.into_owned())),
        What::Signature(_) | What::Rejected(_) => None,
    })
}
