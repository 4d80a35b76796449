//! Opening a key with its passphrase, for as long as it is needed.

use std::fmt;

use sequoia_openpgp::Cert;
use sequoia_openpgp::cert::amalgamation::key::PrimaryKey as _;
use sequoia_openpgp::crypto::{KeyPair, Password, S2K};
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{
    PrimaryRole, PublicParts, SecretKeyMaterial, SecretParts, UnspecifiedRole,
};
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::types::SignatureType;

use super::error::ReadError;
use super::facts;
use super::key_error::KeyError;
use super::sign::begin;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::timestamp::Timestamp;
use crate::engine::secret::Secret;

/// A key whose secret is open. It is zeroed when dropped; until then the
/// library keeps it encrypted in memory between uses.
pub struct Unlocked {
    pair: KeyPair,
    fingerprint: Fingerprint,
    is_primary: bool,
}

impl fmt::Debug for Unlocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unlocked").field("fingerprint", &self.fingerprint).finish_non_exhaustive()
    }
}

/// Opens the key `wanted` of a file: a root as media keep it, or the export of
/// a subkey; armored or not.
///
/// The key is tried before it is returned: with a public half that was
/// exchanged in the file, signatures would give the secret away.
pub fn open(file: &[u8], wanted: &Fingerprint, passphrase: &Secret) -> Result<Unlocked, KeyError> {
    let (key, is_primary) = key_of(file, wanted)?;
    match key.secret() {
        // A stub of GnuPG's.
        SecretKeyMaterial::Encrypted(secret) if matches!(secret.s2k(), S2K::Private { .. }) => {
            return Err(KeyError::NoSecret(*wanted));
        }
        SecretKeyMaterial::Encrypted(_) => {}
        SecretKeyMaterial::Unencrypted(_) => return Err(KeyError::Unprotected(*wanted)),
    }
    let password = Password::from(passphrase.expose());
    let key = key.decrypt_secret(&password).map_err(|_| KeyError::WrongPassphrase)?;
    Unlocked::tried(key, *wanted, is_primary)
}

/// The same for a key that is protected by nothing, as some places keep it.
pub(super) fn open_unprotected(file: &[u8], wanted: &Fingerprint) -> Result<Unlocked, KeyError> {
    let (key, is_primary) = key_of(file, wanted)?;
    if key.secret().is_encrypted() {
        return Err(KeyError::NoSecret(*wanted));
    }
    Unlocked::tried(key, *wanted, is_primary)
}

/// The key `wanted` of a file, and whether it is the primary one.
fn key_of(
    file: &[u8],
    wanted: &Fingerprint,
) -> Result<(Key<SecretParts, UnspecifiedRole>, bool), KeyError> {
    let cert = Cert::from_bytes(file).map_err(ReadError::from)?;
    let key = cert
        .keys()
        .find(|key| facts::fingerprint(&key.key().fingerprint()) == Ok(*wanted))
        .ok_or(KeyError::NoSuchKey(*wanted))?;
    let is_primary = key.primary();
    let key = key.key().clone().parts_into_secret().map_err(|_| KeyError::NoSecret(*wanted))?;
    Ok((key, is_primary))
}

impl Unlocked {
    fn tried(
        key: Key<SecretParts, UnspecifiedRole>,
        fingerprint: Fingerprint,
        is_primary: bool,
    ) -> Result<Self, KeyError> {
        let pair = key.into_keypair().map_err(|_| KeyError::WrongPassphrase)?;
        let mut unlocked = Self { pair, fingerprint, is_primary };
        unlocked.try_out()?;
        Ok(unlocked)
    }

    /// The key's fingerprint.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// When the key was made: nothing of it is older.
    #[must_use]
    pub fn created(&self) -> Timestamp {
        facts::timestamp(self.pair.public().creation_time())
    }

    /// What signs.
    pub(super) fn signer(&mut self) -> &mut KeyPair {
        &mut self.pair
    }

    /// The public half, if it is that of a primary key.
    pub(super) fn primary(&self) -> Result<Key<PublicParts, PrimaryRole>, KeyError> {
        let public = self.is_primary.then(|| self.pair.public().clone().role_into_primary());
        public.ok_or(KeyError::NotAPrimaryKey(self.fingerprint))
    }

    /// Signs something that is kept nowhere.
    fn try_out(&mut self) -> Result<(), KeyError> {
        let created = self.created();
        let builder = begin(SignatureType::Binary, created, created)?;
        let signature =
            builder.sign_message(&mut self.pair, b"").map_err(|_| KeyError::WrongPassphrase)?;
        signature.verify_message(self.pair.public(), b"").map_err(|_| KeyError::WrongPassphrase)
    }
}
