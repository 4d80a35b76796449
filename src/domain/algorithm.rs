//! Algorithms of keys and signatures, by the names of the field.

use std::fmt;

/// An elliptic curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Curve {
    NistP256,
    NistP384,
    NistP521,
    BrainpoolP256,
    BrainpoolP384,
    BrainpoolP512,
    Ed25519,
    Cv25519,
    /// An object identifier that this program does not know.
    Unknown,
}

impl Curve {
    const fn name(self) -> &'static str {
        match self {
            Self::NistP256 => "P-256",
            Self::NistP384 => "P-384",
            Self::NistP521 => "P-521",
            Self::BrainpoolP256 => "brainpoolP256r1",
            Self::BrainpoolP384 => "brainpoolP384r1",
            Self::BrainpoolP512 => "brainpoolP512r1",
            Self::Ed25519 => "Ed25519",
            Self::Cv25519 => "Curve25519",
            Self::Unknown => "unknown curve",
        }
    }
}

/// A public-key algorithm with what decides its strength (RFC 9580, 9.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// RSA; bits of the modulus.
    Rsa {
        /// Bits of the modulus.
        bits: u16,
    },
    /// DSA; bits of the prime.
    Dsa {
        /// Bits of the prime.
        bits: u16,
    },
    /// `ElGamal`; bits of the prime.
    ElGamal {
        /// Bits of the prime.
        bits: u16,
    },
    /// ECDSA.
    EcDsa(Curve),
    /// `EdDSA` as of version 4 keys.
    EdDsa(Curve),
    /// ECDH with its key derivation.
    EcDh {
        /// The curve.
        curve: Curve,
        /// Hash of the key derivation.
        kdf: Hash,
        /// Cipher that wraps the session key, by its number (RFC 9580, 9.3).
        kek: u8,
    },
    /// Ed25519.
    Ed25519,
    /// Ed448.
    Ed448,
    /// X25519.
    X25519,
    /// X448.
    X448,
    /// A number that this program does not know.
    Unknown(u8),
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa { bits } => write!(f, "RSA-{bits}"),
            Self::Dsa { bits } => write!(f, "DSA-{bits}"),
            Self::ElGamal { bits } => write!(f, "ElGamal-{bits}"),
            Self::EcDsa(curve) => write!(f, "ECDSA {}", curve.name()),
            // The one curve in use; its name says all.
            Self::EdDsa(Curve::Ed25519) | Self::Ed25519 => f.write_str("Ed25519"),
            Self::EdDsa(curve) => write!(f, "EdDSA {}", curve.name()),
            Self::EcDh { curve: Curve::Cv25519, .. } => f.write_str("ECDH Curve25519"),
            Self::EcDh { curve, .. } => write!(f, "ECDH {}", curve.name()),
            Self::Ed448 => f.write_str("Ed448"),
            Self::X25519 => f.write_str("X25519"),
            Self::X448 => f.write_str("X448"),
            Self::Unknown(number) => write!(f, "algorithm {number}"),
        }
    }
}

/// A hash algorithm, by its number (RFC 9580, 9.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hash(pub u8);

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.0 {
            1 => "MD5",
            2 => "SHA-1",
            3 => "RIPEMD-160",
            8 => "SHA-256",
            9 => "SHA-384",
            10 => "SHA-512",
            11 => "SHA-224",
            12 => "SHA3-256",
            14 => "SHA3-512",
            number => return write!(f, "hash algorithm {number}"),
        };
        f.write_str(name)
    }
}
