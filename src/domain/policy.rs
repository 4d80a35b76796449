//! The rules of a team: what its keys must be like.

use super::algorithm::{Algorithm, Curve};
use super::finding::FindingId;
use super::period::Period;
use super::schedule::Windows;

/// What a team wants of its keys. The presets are in `assets/profiles/`, each
/// value with its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The preset it comes from.
    pub profile: String,
    /// Whose keys it is made for, in a sentence.
    pub about: String,
    /// Values that differ from the preset's, as they are written.
    pub changes: Vec<String>,
    /// Bits that an RSA key must have at the least.
    pub rsa_bits: u16,
    /// Curves that keys may be on.
    pub curves: Vec<CurveName>,
    /// Whether the primary key may do nothing but certify.
    pub primary_certifies_only: bool,
    /// How long a primary key may live from now on; absent: it need not end.
    pub primary_lives: Option<Period>,
    /// How often the end of a key may be put off; absent: as often as you like.
    pub extensions: Option<usize>,
    /// How old a primary key may be at its end; absent: not limited.
    pub max_age: Option<Period>,
    /// How long a signing subkey may live; absent: as long as the primary key.
    pub subkey_lives: Option<Period>,
    /// Days by which a subkey must end before its primary key.
    pub margin: u32,
    /// Signing subkeys that may be valid at the same time.
    pub live_signers: usize,
    /// Whether user IDs may have a comment in parentheses.
    pub comments: bool,
    /// Certifications by others that a certificate must have.
    pub certifications: usize,
    /// People that a ceremony needs.
    pub quorum: usize,
    /// Findings on the machine that stop a ceremony.
    pub host_blocks: Vec<FindingId>,
    /// The windows of a rotation.
    pub windows: Windows,
}

impl Policy {
    /// Whether a key may be of that algorithm.
    #[must_use]
    pub fn allows(&self, algorithm: Algorithm) -> bool {
        if let Algorithm::Rsa { bits } = algorithm {
            return bits >= self.rsa_bits;
        }
        CurveName::of(algorithm).is_some_and(|curve| self.curves.contains(&curve))
    }

    /// The preset, with what was changed of it.
    #[must_use]
    pub fn words(&self) -> String {
        match self.changes.as_slice() {
            [] => self.profile.clone(),
            changes => format!("{} with {}", self.profile, changes.join(", ")),
        }
    }
}

/// A curve by the name that policies use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum CurveName {
    Ed25519,
    Ed448,
    P256,
    P384,
    P521,
    BrainpoolP256,
    BrainpoolP384,
    BrainpoolP512,
}

impl CurveName {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Ed25519,
        Self::Ed448,
        Self::P256,
        Self::P384,
        Self::P521,
        Self::BrainpoolP256,
        Self::BrainpoolP384,
        Self::BrainpoolP512,
    ];

    /// The word of policies.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ed25519 => "ed25519",
            Self::Ed448 => "ed448",
            Self::P256 => "p256",
            Self::P384 => "p384",
            Self::P521 => "p521",
            Self::BrainpoolP256 => "brainpoolp256",
            Self::BrainpoolP384 => "brainpoolp384",
            Self::BrainpoolP512 => "brainpoolp512",
        }
    }

    /// The curve of that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|curve| curve.word() == word)
    }

    /// The curve on which a key of that algorithm is, if policies have a name
    /// for it.
    #[must_use]
    pub fn of(algorithm: Algorithm) -> Option<Self> {
        Some(match algorithm {
            Algorithm::EdDsa(curve) | Algorithm::EcDsa(curve) | Algorithm::EcDh { curve, .. } => {
                match curve {
                    Curve::Ed25519 | Curve::Cv25519 => Self::Ed25519,
                    Curve::NistP256 => Self::P256,
                    Curve::NistP384 => Self::P384,
                    Curve::NistP521 => Self::P521,
                    Curve::BrainpoolP256 => Self::BrainpoolP256,
                    Curve::BrainpoolP384 => Self::BrainpoolP384,
                    Curve::BrainpoolP512 => Self::BrainpoolP512,
                    Curve::Unknown => return None,
                }
            }
            Algorithm::Ed25519 | Algorithm::X25519 => Self::Ed25519,
            Algorithm::Ed448 | Algorithm::X448 => Self::Ed448,
            Algorithm::Rsa { .. }
            | Algorithm::Dsa { .. }
            | Algorithm::ElGamal { .. }
            | Algorithm::Unknown(_) => return None,
        })
    }
}
