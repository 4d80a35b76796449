//! What a new key is to be.

use super::algorithm::{Algorithm, Curve};
use super::policy::Policy;
use super::worded::worded;

worded! {
    /// An algorithm in which new keys can be made.
    pub enum KeyAlgorithm: "algorithm" {
        /// RSA with 4096 bits.
        Rsa4096 = "rsa4096",
        /// RSA with 3072 bits.
        Rsa3072 = "rsa3072",
        /// `EdDSA` on Ed25519, as version 4 keys have it (RFC 9580, 5.5.5.5).
        Ed25519 = "ed25519",
        /// ECDSA on NIST P-256.
        P256 = "p256",
        /// ECDSA on NIST P-384.
        P384 = "p384",
    }
}

impl KeyAlgorithm {
    /// The same in the words of certificates.
    #[must_use]
    pub const fn algorithm(self) -> Algorithm {
        match self {
            Self::Rsa4096 => Algorithm::Rsa { bits: 4096 },
            Self::Rsa3072 => Algorithm::Rsa { bits: 3072 },
            Self::Ed25519 => Algorithm::EdDsa(Curve::Ed25519),
            Self::P256 => Algorithm::EcDsa(Curve::NistP256),
            Self::P384 => Algorithm::EcDsa(Curve::NistP384),
        }
    }

    /// Whether a team's rules let a new key be made in it.
    #[must_use]
    pub fn is_allowed(self, policy: &Policy) -> bool {
        policy.allows(self.algorithm())
    }
}

worded! {
    /// How a secret key is protected by its passphrase (RFC 9580, 3.7).
    pub enum Protection: "protection" {
        /// Iterated and salted, with the highest count: `GnuPG` opens it.
        Iterated = "iterated",
        /// Argon2, with AEAD: stronger, and no `GnuPG` opens it.
        Argon2 = "argon2",
    }
}

worded! {
    /// Why a key is revoked (RFC 9580, 5.2.3.31).
    pub enum Reason: "reason" {
        /// The secret got into other hands: hard, all signatures are void.
        Compromised = "compromised",
        /// Another key took its place: soft.
        Superseded = "superseded",
        /// It is no longer used: soft.
        Retired = "retired",
    }
}

impl Reason {
    /// The number in the signature (RFC 9580, 5.2.3.31).
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Superseded => 1,
            Self::Compromised => 2,
            Self::Retired => 3,
        }
    }

    /// Whether signatures made before are void, too.
    #[must_use]
    pub const fn is_hard(self) -> bool {
        matches!(self, Self::Compromised)
    }
}
