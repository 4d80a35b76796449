//! What a verifier would say of a certificate at a given instant, and why.
//!
//! One rule for everything that keyrite shows. It selects, for each component,
//! the newest self-signature that is good, made by then, not ended and
//! accepted by the verifier's cut-offs, as RFC 9580 (5.2.3.10) and Sequoia do;
//! a test compares the two at every instant at which something can change.

use std::fmt;

use super::certificate::{KeyFlags, RevocationReason};
use super::cutoff::Refusal;
use super::text::{VisibleText, counted};
use super::timestamp::Timestamp;

mod capabilities;
mod gravity;
mod judge;
mod notes;

pub use judge::judge;

/// The state of a key or user ID, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// No self-signature that a verifier accepts.
    Invalid,
    /// Revoked by the certificate itself.
    Revoked,
    /// Made, or bound, in the future.
    NotYetValid,
    /// Past its expiry, or past that of the primary key.
    Expired,
    /// None of these.
    Valid,
}

impl State {
    /// All states, the gravest first.
    pub const ALL: [Self; 5] =
        [Self::Invalid, Self::Revoked, Self::NotYetValid, Self::Expired, Self::Valid];

    /// The word of JSON documents and filters.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Revoked => "revoked",
            Self::NotYetValid => "not_yet_valid",
            Self::Expired => "expired",
            Self::Valid => "valid",
        }
    }
}

/// Why a component is in another state than valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// There is no good self-signature at all.
    NoSelfSignature,
    /// The newest candidate, or the key, is refused by a cut-off.
    Refused(Refusal),
    /// It is revoked.
    Revoked {
        /// The reason that the revocation states.
        reason: RevocationReason,
        /// When the revocation was made.
        created: Timestamp,
        /// What the revoker added in words.
        message: VisibleText,
    },
    /// It exists only later.
    NotYetValid {
        /// From when on.
        from: Timestamp,
    },
    /// Its validity period is over.
    Expired {
        /// Since when.
        at: Timestamp,
    },
    /// Its self-signature, not the key, has ended.
    SelfSignatureEnded {
        /// Since when.
        at: Timestamp,
    },
    /// The primary key is in this state, and so are its components.
    Primary(Box<Reason>),
}

impl Reason {
    /// What mends it, or what to do where nothing does.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::NoSelfSignature => {
                "look for a whole copy of the certificate, or ask its owner for one"
            }
            Self::Refused(Refusal::Hash { .. }) => {
                "the owner makes new self-signatures with SHA-256 or better, for instance by \
                 extending the expiry; the key stays the same"
            }
            Self::Refused(Refusal::Key { .. } | Refusal::KeyDerivation { .. }) => {
                "nothing mends the key: the owner makes a new one and moves to it"
            }
            Self::Refused(Refusal::CriticalSubpacket { .. } | Refusal::CriticalNotation { .. }) => {
                "the owner makes new self-signatures without what verifiers do not know"
            }
            Self::Revoked { .. } => "do not use it; ask its owner for the successor",
            Self::NotYetValid { .. } => "wait, or check the clocks of both sides",
            Self::Expired { .. } => {
                "the owner extends it or issues a successor; look for a newer copy first"
            }
            Self::SelfSignatureEnded { .. } => "the owner makes a new self-signature",
            Self::Primary(reason) => reason.remedy(),
        }
    }

    fn says_the_same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Primary(a), Self::Primary(b)) => a == b,
            (Self::Primary(a), b) | (b, Self::Primary(a)) => **a == *b,
            (a, b) => a == b,
        }
    }

    fn state(&self) -> State {
        match self {
            Self::NoSelfSignature | Self::Refused(_) => State::Invalid,
            Self::Revoked { .. } => State::Revoked,
            Self::NotYetValid { .. } => State::NotYetValid,
            Self::Expired { .. } | Self::SelfSignatureEnded { .. } => State::Expired,
            Self::Primary(reason) => reason.state(),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSelfSignature => f.write_str("no good self-signature"),
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Revoked { reason, created, message } => {
                let weight = if reason.is_hard() { "for all times" } else { "from then on" };
                write!(f, "revoked on {}, {}: {}", created.date(), weight, reason.word())?;
                if message.as_str().is_empty() { Ok(()) } else { write!(f, " ('{message}')") }
            }
            Self::NotYetValid { from } => write!(f, "not valid before {}", from.iso()),
            Self::Expired { at } => write!(f, "expired on {}", at.date()),
            Self::SelfSignatureEnded { at } => {
                write!(f, "its self-signature ended on {}", at.date())
            }
            Self::Primary(reason) => write!(f, "primary key: {reason}"),
        }
    }
}

/// The verdict on one primary key or subkey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyVerdict {
    /// Its state.
    pub state: State,
    /// Why it is not valid; empty exactly when it is.
    pub reasons: Vec<Reason>,
    /// The expiry that its own binding states.
    pub expires: Option<Timestamp>,
    /// The expiry that counts: not later than that of the primary key.
    pub effective_expires: Option<Timestamp>,
    /// What it may be used for.
    pub capabilities: KeyFlags,
    /// When the self-signature that counts was made; absent if none is accepted.
    pub bound: Option<Timestamp>,
}

impl KeyVerdict {
    /// When it ends, in words that `end` gives for an instant. A key without a
    /// good self-signature has stated nothing, so nobody knows.
    pub fn ends(&self, end: impl Fn(Timestamp) -> String) -> String {
        match self.effective_expires {
            Some(at) => end(at),
            None if self.reasons.contains(&Reason::NoSelfSignature) => "unknown".to_owned(),
            None => "never".to_owned(),
        }
    }
}

/// The verdict on one user ID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserIdVerdict {
    /// Its state.
    pub state: State,
    /// Why it is not valid; empty exactly when it is.
    pub reasons: Vec<Reason>,
}

/// The verdict on a whole certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The instant it speaks of.
    pub at: Timestamp,
    /// The primary key.
    pub primary: KeyVerdict,
    /// The subkeys, in the order of [`Certificate::subkeys`](super::certificate::Certificate::subkeys).
    pub subkeys: Vec<KeyVerdict>,
    /// The user IDs, in the order of [`Certificate::user_ids`](super::certificate::Certificate::user_ids).
    pub user_ids: Vec<UserIdVerdict>,
    /// Index of the primary user ID.
    pub primary_user_id: Option<usize>,
    /// What a person should know although it decides nothing.
    pub notes: Vec<Note>,
}

/// Something about a certificate that decides nothing by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// A revocation that claims to be the certificate's own is not good.
    BadRevocation,
    /// A good revocation is not counted, because the policy refuses it.
    RefusedRevocation(Refusal),
    /// A good soft revocation is not counted at this instant: it is dated
    /// later, has ended, or was taken back.
    SoftRevocation {
        /// When it was made, by its own word.
        created: Timestamp,
    },
    /// Subkeys or user IDs cannot be read.
    Unreadable(usize),
    /// Self-signatures that are not good were ignored.
    BadSelfSignatures(usize),
    /// Somebody else says that he revokes it; that was not verified.
    ForeignRevocations(usize),
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadRevocation => f.write_str(
                "a revocation of it cannot be read or does not verify: damaged or forged; do not use the key before that is explained",
            ),
            Self::RefusedRevocation(refusal) => write!(
                f,
                "a revocation of it is good but not counted ({refusal}); other programs may count it"
            ),
            Self::SoftRevocation { created } => write!(
                f,
                "a soft revocation of {} is good but not counted now, because of its dates or a \
                 newer self-signature; gpg and others count it",
                created.date()
            ),
            Self::Unreadable(n) => write!(
                f,
                "{} that cannot be read: damaged, or of a kind that is not known",
                counted(*n, "subkey or user ID")
            ),
            Self::BadSelfSignatures(n) => write!(
                f,
                "{} not counted, because it cannot be read or does not verify; if it is the owner's, \
                 the file is damaged: look for another copy",
                counted(*n, "self-signature")
            ),
            Self::ForeignRevocations(n) => write!(
                f,
                "{} by other keys, perhaps designated revokers; not verified",
                counted(*n, "revocation")
            ),
        }
    }
}

impl Verdict {
    /// The primary key's verdict, then those of the subkeys.
    pub fn keys(&self) -> impl Iterator<Item = &KeyVerdict> {
        std::iter::once(&self.primary).chain(&self.subkeys)
    }
}
