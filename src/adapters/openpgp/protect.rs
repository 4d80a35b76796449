//! How the secret of a key is protected by a passphrase.

use sequoia_openpgp::crypto::{Password, S2K, random};
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{KeyRole, SecretKeyMaterial, SecretParts};
use sequoia_openpgp::types::{AEADAlgorithm, HashAlgorithm, SymmetricAlgorithm};

use super::key_error::KeyError;
use crate::domain::keyspec::Protection;
use crate::engine::secret::Secret;

/// How much work it is to try one passphrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StretchCost {
    /// As much as the standard can say (iterated), or 64 MiB three times
    /// (Argon2).
    Full,
    /// Next to none: for keys that are thrown away.
    Rehearsal,
}

/// The passphrase of a key that is written, and how it protects the key.
#[derive(Clone, Copy, Debug)]
pub struct Lock<'a> {
    /// What opens it.
    pub passphrase: &'a Secret,
    /// By which method.
    pub protection: Protection,
    /// How dear a try is.
    pub cost: StretchCost,
}

impl Lock<'_> {
    /// The key with its secret encrypted.
    pub(super) fn close<R: KeyRole>(
        &self,
        key: Key<SecretParts, R>,
    ) -> Result<Key<SecretParts, R>, KeyError> {
        if self.passphrase.is_empty() {
            return Err(KeyError::EmptyPassphrase);
        }
        let password = Password::from(self.passphrase.expose());
        let (public, secret) = key.take_secret();
        let aead = match self.protection {
            Protection::Iterated => None,
            // The only way in which Argon2 may be used (RFC 9580, 3.7.2.1).
            Protection::Argon2 => Some(AEADAlgorithm::OCB),
        };
        let SecretKeyMaterial::Unencrypted(secret) = secret else {
            return Err(KeyError::WrongPassphrase);
        };
        let cipher = SymmetricAlgorithm::AES256;
        let secret = secret.encrypt_with(&public, self.s2k()?, cipher, aead, &password)?;
        Ok(public.add_secret(secret.into()).0)
    }

    fn s2k(&self) -> Result<S2K, KeyError> {
        let full = self.cost == StretchCost::Full;
        match self.protection {
            Protection::Iterated => {
                // The highest count there is, and the lowest.
                let count = if full { 65_011_712 } else { 1024 };
                Ok(S2K::new_iterated(HashAlgorithm::SHA256, count)?)
            }
            Protection::Argon2 => {
                let mut salt = [0; 16];
                random(&mut salt)?;
                let (t, p, m) = if full { (3, 4, 16) } else { (1, 1, 6) };
                Ok(S2K::Argon2 { salt, t, p, m })
            }
        }
    }
}
