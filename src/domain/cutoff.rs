//! From when on verifiers stop accepting an algorithm.
//!
//! The dates are those of Sequoia's standard policy, which apt (by `sqv`) and
//! rpm apply. They are held against the day on which somebody verifies, not
//! against a date that is being asked about: a key that was fine in 2012 is
//! not fine for a verifier of today who looks at 2012.

use std::fmt;

use super::algorithm::{Algorithm, Curve, Hash};
use super::certificate::SignatureFrame;
use super::february::{Y1997, Y2004, Y2013, Y2014, Y2023, Y2025, Y2030};
use super::text::VisibleText;
use super::timestamp::{DAY, Timestamp};

/// What an attacker would have to do to a signature's hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashSecurity {
    /// Part of what is signed could be chosen by an attacker beforehand.
    CollisionResistance,
    /// All that is signed comes from the signer.
    SecondPreimageResistance,
}

impl HashSecurity {
    /// What the hash of a signature over that user ID must withstand. One that
    /// could hide an attacker's collision block needs a hash against which
    /// collisions are not known.
    #[must_use]
    pub fn of_user_id(value: &[u8]) -> Self {
        // A block and a half of SHA-1: room enough for all but malicious
        // names.
        let short = value.len() <= 96;
        let plain = std::str::from_utf8(value).is_ok_and(|t| !t.chars().any(char::is_control));
        if short && plain { Self::SecondPreimageResistance } else { Self::CollisionResistance }
    }
}

/// The rules of the verifiers of one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cutoffs {
    as_of: Timestamp,
}

/// A rule that refuses a signature or key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The hash algorithm is too weak for this use.
    Hash {
        /// The algorithm.
        hash: Hash,
        /// What it no longer gives.
        security: HashSecurity,
        /// Since when; `None` if it never was accepted.
        since: Option<Timestamp>,
    },
    /// The key's algorithm or size is too weak.
    Key {
        /// The algorithm.
        algorithm: Algorithm,
        /// Since when; `None` if it never was accepted.
        since: Option<Timestamp>,
    },
    /// ECDH with a key derivation that is not accepted.
    KeyDerivation {
        /// The algorithm.
        algorithm: Algorithm,
    },
    /// A critical subpacket that verifiers do not know.
    CriticalSubpacket {
        /// Its tag.
        tag: u8,
    },
    /// A critical notation that verifiers do not know.
    CriticalNotation {
        /// Its name.
        name: VisibleText,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dated = |f: &mut fmt::Formatter<'_>, since: &Option<Timestamp>| match since {
            Some(since) => write!(f, " since {}", since.date()),
            None => Ok(()),
        };
        match self {
            Self::Hash { hash, security, since } => {
                let property = match security {
                    HashSecurity::CollisionResistance => "collision resistance",
                    HashSecurity::SecondPreimageResistance => "second pre-image resistance",
                };
                write!(f, "policy: signatures with {hash} are refused")?;
                dated(f, since)?;
                write!(f, " (no {property})")
            }
            Self::Key { algorithm, since } => {
                write!(f, "policy: {algorithm} keys are refused")?;
                dated(f, since)
            }
            Self::KeyDerivation { algorithm } => {
                write!(f, "policy: the key derivation of {algorithm} is refused")
            }
            Self::CriticalSubpacket { tag } => {
                write!(f, "policy: critical signature subpacket {tag} is not known")
            }
            Self::CriticalNotation { name } => {
                write!(f, "policy: critical notation '{name}' is not known")
            }
        }
    }
}

/// Revocations by weak hashes count seven years longer: to miss one is worse
/// than to believe a forged one.
const REVOCATION_TOLERANCE: i64 = (7 * 365 + 2) * DAY;

/// Whether and until when something is accepted.
enum Accepted {
    Always,
    Until(Timestamp),
    Never,
}

impl Accepted {
    fn on(&self, day: Timestamp) -> Result<(), Option<Timestamp>> {
        match self {
            Self::Always => Ok(()),
            Self::Until(end) if day < *end => Ok(()),
            Self::Until(end) => Err(Some(*end)),
            Self::Never => Err(None),
        }
    }

    fn tolerating(self, seconds: i64) -> Self {
        match self {
            Self::Until(end) => Self::Until(end.plus(seconds)),
            // Never accepted means since the epoch; tolerance does not help.
            Self::Always | Self::Never => self,
        }
    }
}

impl Cutoffs {
    /// A verifier that accepts all algorithms that anybody ever accepted.
    pub const NONE: Self = Self::as_of(Timestamp::from_unix(0));

    /// The rules that verifiers apply on that day.
    #[must_use]
    pub const fn as_of(day: Timestamp) -> Self {
        Self { as_of: day }
    }

    /// Whether a self-signature is accepted.
    pub fn signature(self, frame: &SignatureFrame, security: HashSecurity) -> Result<(), Refusal> {
        self.hash(frame.hash, security, 0)?;
        critical(frame)
    }

    /// Whether a revocation is accepted.
    pub fn revocation(self, frame: &SignatureFrame, security: HashSecurity) -> Result<(), Refusal> {
        self.hash(frame.hash, security, REVOCATION_TOLERANCE)?;
        critical(frame)
    }

    fn hash(self, hash: Hash, security: HashSecurity, tolerance: i64) -> Result<(), Refusal> {
        let refuse = |security| move |since| Refusal::Hash { hash, security, since };
        // Collision resistance includes the weaker property.
        if security == HashSecurity::CollisionResistance {
            collision_resistant(hash)
                .tolerating(tolerance)
                .on(self.as_of)
                .map_err(refuse(HashSecurity::CollisionResistance))?;
        }
        second_preimage_resistant(hash)
            .tolerating(tolerance)
            .on(self.as_of)
            .map_err(refuse(HashSecurity::SecondPreimageResistance))
    }

    /// Whether a key is accepted.
    pub fn key(self, algorithm: Algorithm) -> Result<(), Refusal> {
        use Accepted::{Always, Never, Until};
        let accepted = match algorithm {
            Algorithm::Rsa { bits } if bits < 2048 => Until(Y2014),
            Algorithm::Dsa { bits } if bits < 2048 => Until(Y2014),
            Algorithm::Dsa { .. } => Until(Y2030),
            Algorithm::ElGamal { bits } if bits < 2048 => Until(Y2014),
            Algorithm::ElGamal { .. } => Until(Y2025),
            Algorithm::EcDsa(Curve::Unknown)
            | Algorithm::EdDsa(Curve::Unknown)
            | Algorithm::EcDh { curve: Curve::Unknown, .. }
            | Algorithm::Unknown(_) => Never,
            Algorithm::Rsa { .. }
            | Algorithm::EcDsa(_)
            | Algorithm::EdDsa(_)
            | Algorithm::EcDh { .. }
            | Algorithm::Ed25519
            | Algorithm::Ed448
            | Algorithm::X25519
            | Algorithm::X448 => Always,
        };
        accepted.on(self.as_of).map_err(|since| Refusal::Key { algorithm, since })?;
        if let Algorithm::EcDh { kdf, kek, .. } = algorithm {
            // RFC 9580, 11.5 names the AES family; nothing else is in use.
            let aes = matches!(kek, 7..=9);
            if !aes || collision_resistant(kdf).on(self.as_of).is_err() {
                return Err(Refusal::KeyDerivation { algorithm });
            }
        }
        Ok(())
    }
}

fn critical(frame: &SignatureFrame) -> Result<(), Refusal> {
    if let Some(tag) = frame.critical.iter().find(|tag| !known_subpacket(**tag)) {
        return Err(Refusal::CriticalSubpacket { tag: *tag });
    }
    match &frame.critical_notation {
        Some(name) => Err(Refusal::CriticalNotation { name: name.clone() }),
        None => Ok(()),
    }
}

fn collision_resistant(hash: Hash) -> Accepted {
    match hash.0 {
        1 => Accepted::Until(Y1997),
        2 | 3 => Accepted::Until(Y2013),
        8..=12 | 14 => Accepted::Always,
        _ => Accepted::Never,
    }
}

fn second_preimage_resistant(hash: Hash) -> Accepted {
    match hash.0 {
        1 => Accepted::Until(Y2004),
        2 => Accepted::Until(Y2023),
        3 => Accepted::Until(Y2013),
        8..=12 | 14 => Accepted::Always,
        _ => Accepted::Never,
    }
}

/// Signature subpackets that verifiers understand (RFC 9580, 5.2.3.7), so that
/// they may be critical.
fn known_subpacket(tag: u8) -> bool {
    matches!(tag, 2..=7 | 9 | 11 | 12 | 16 | 20..=30 | 32 | 33 | 35 | 37 | 39)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Cutoffs = Cutoffs::as_of(Timestamp::from_unix(1_795_000_000)); // 2026-11-18

    fn frame(hash: u8) -> SignatureFrame {
        SignatureFrame {
            version: 4,
            created: Timestamp::from_unix(1_300_000_000),
            validity: None,
            hash: Hash(hash),
            critical: Box::new([]),
            critical_notation: None,
        }
    }

    #[test]
    fn sha1_ended_in_2023_where_the_signer_chose_all_and_in_2013_elsewhere() {
        use HashSecurity::{CollisionResistance as C, SecondPreimageResistance as P};
        for (day, security, accepted) in [
            (Y2013.plus(-1), C, true),
            (Y2013, C, false),
            (Y2023.plus(-1), P, true),
            (Y2023, P, false),
        ] {
            let verdict = Cutoffs::as_of(day).signature(&frame(2), security);
            assert_eq!(verdict.is_ok(), accepted, "{day} {security:?}");
        }
        let refusal = TODAY.signature(&frame(2), P).unwrap_err().to_string();
        assert_eq!(
            refusal,
            "policy: signatures with SHA-1 are refused since 2023-02-01 (no second pre-image resistance)"
        );
    }

    #[test]
    fn a_revocation_by_a_weak_hash_counts_seven_years_longer() {
        let security = HashSecurity::SecondPreimageResistance;
        assert!(TODAY.signature(&frame(2), security).is_err());
        assert!(TODAY.revocation(&frame(2), security).is_ok());
        let later = Cutoffs::as_of(Timestamp::parse("2030-02-01").unwrap());
        assert!(later.revocation(&frame(2), security).is_err());
    }

    #[test]
    fn short_keys_are_refused_by_name() {
        let refusal = TODAY.key(Algorithm::Rsa { bits: 1024 }).unwrap_err().to_string();
        assert_eq!(refusal, "policy: RSA-1024 keys are refused since 2014-02-01");
        assert!(TODAY.key(Algorithm::Rsa { bits: 2048 }).is_ok());
        assert!(TODAY.key(Algorithm::Dsa { bits: 1024 }).is_err());
        assert!(TODAY.key(Algorithm::Dsa { bits: 3072 }).is_ok());
        assert!(TODAY.key(Algorithm::Unknown(99)).is_err());
    }

    #[test]
    fn critical_things_nobody_knows_are_refused() {
        let security = HashSecurity::SecondPreimageResistance;
        let mut odd = frame(8);
        odd.critical = Box::new([2, 31]);
        assert_eq!(TODAY.signature(&odd, security), Err(Refusal::CriticalSubpacket { tag: 31 }));
        odd.critical = Box::new([2, 27]);
        assert_eq!(TODAY.signature(&odd, security), Ok(()));
        odd.critical_notation = Some(VisibleText::from_text("x@example.org"));
        assert!(TODAY.signature(&odd, security).is_err());
    }

    #[test]
    fn ecdh_needs_aes_and_a_good_hash() {
        let ecdh = |kdf, kek| Algorithm::EcDh { curve: Curve::Cv25519, kdf: Hash(kdf), kek };
        assert!(TODAY.key(ecdh(8, 9)).is_ok());
        assert!(TODAY.key(ecdh(8, 2)).is_err());
        assert!(TODAY.key(ecdh(2, 9)).is_err());
    }
}
