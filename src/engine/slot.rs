//! Places where a subkey's secret lives: what each of them can do, what is
//! seen of it without its secret, and what is put there.
//!
//! A place has versions of what it holds. One is current, and its user gets
//! that one; one may be pending, which nobody gets who does not ask for it.

use std::fmt;

use zeroize::Zeroizing;

pub use crate::domain::custody::{Observation, Seen};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::worded::worded;
use crate::engine::place::PlaceError;
use crate::engine::secret::Secret;

worded! {
    /// How it is proved that a place holds what was put there.
    pub enum ReadBack: "proof of a place" {
        /// It is read and compared.
        Bytes = "read-back",
        /// The place shows it to nobody; its user signs a nonce.
        Signature = "signature",
    }
}

worded! {
    /// How a pending version becomes current.
    pub enum Promote: "form of promotion" {
        /// In one step.
        AtOnce = "at-once",
        /// It is written once more under the name that its user knows, over
        /// what is there.
        Rewrite = "rewrite",
    }
}

/// What a place can do. What it cannot is said, and not simulated.
#[expect(clippy::struct_excessive_bools, reason = "each is an ability of its own")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abilities {
    /// Whether what is there can be told without its secret.
    pub observe: bool,
    /// Whether something can be put there that its user does not get yet.
    pub pending: bool,
    /// How what is there is proved.
    pub read_back: ReadBack,
    /// How a pending version becomes current.
    pub promote: Promote,
    /// Whether its user can be kept from reading it for a while.
    pub freeze: bool,
    /// Whether one version can be taken away and the others stay.
    pub retire: bool,
}

impl Abilities {
    /// In words, for plans and screens.
    #[must_use]
    pub fn words(self) -> Vec<&'static str> {
        use crate::domain::worded::Worded as _;
        let able = |is_able: bool, word: &'static str| is_able.then_some(word);
        let words = [
            able(self.observe, "observe"),
            able(self.pending, "pending"),
            Some(self.read_back.word()),
            Some(match self.promote {
                Promote::AtOnce => "promote at once",
                Promote::Rewrite => "promote by writing again",
            }),
            able(self.freeze, "freeze"),
            able(self.retire, "retire"),
        ];
        words.into_iter().flatten().collect()
    }
}

/// What is put into a place, by the name of the entry. It is zeroed when it is
/// let go, and never printed.
#[derive(Default)]
pub struct SlotValue(pub Vec<(String, Zeroizing<Vec<u8>>)>);

impl SlotValue {
    /// Of a place that holds one value.
    #[must_use]
    pub fn of(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(vec![(String::new(), bytes)])
    }

    /// The value of a place that holds one.
    #[must_use]
    pub fn single(&self) -> Option<&[u8]> {
        match self.0.as_slice() {
            [(_, bytes)] => Some(bytes),
            _ => None,
        }
    }

    /// How many bytes it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.iter().map(|(name, bytes)| name.len() + bytes.len()).sum()
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether both are the same; takes as long wherever they differ.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        let has_same = |(name, bytes): &(String, Zeroizing<Vec<u8>>)| {
            other.0.iter().any(|(theirs, found)| theirs == name && is_same(bytes, found))
        };
        self.0.len() == other.0.len()
            && self.0.iter().filter(|one| has_same(one)).count() == self.0.len()
    }
}

fn is_same(left: &[u8], right: &[u8]) -> bool {
    let differing = left.iter().zip(right).fold(0, |found, (a, b)| found | (a ^ b));
    left.len() == right.len() && differing == 0
}

impl fmt::Debug for SlotValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Something to be written to a place.
#[derive(Debug)]
pub struct Put<'a> {
    /// The random name of the effect, a UUID: what is written under one name
    /// is written once.
    pub name: &'a str,
    /// Whose secret it is.
    pub subkey: Fingerprint,
    /// What is written.
    pub value: &'a SlotValue,
    /// What the place was like when the plan was sealed.
    pub guard: &'a str,
}

/// A pending version that becomes current.
#[derive(Debug)]
pub struct Promotion<'a> {
    /// The random name of the effect.
    pub name: &'a str,
    /// Whose secret it is.
    pub subkey: Fingerprint,
    /// Which version.
    pub version: &'a str,
    /// What is written once more, where the place needs that.
    pub value: Option<&'a SlotValue>,
    /// What the place was like when the plan was sealed.
    pub guard: &'a str,
}

/// What became of something that was to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It is there, as this version.
    There(String),
    /// It is not.
    Nothing,
    /// The place does not tell; writing the same once more does no harm.
    Again,
}

impl PlaceError {
    /// What helps whoever has only looked.
    #[must_use]
    pub const fn helps(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => {
                "look at the network and at who is signed in, and ask again"
            }
            Self::Absent { .. } => "mount or make it, or correct the place in keyrite.toml",
            Self::Refused { .. } => "docs/slots says which permissions and limits there are",
            Self::OtherPlace { .. } => {
                "sign in to the right account, or correct the place in keyrite.toml"
            }
            Self::Changed { .. } | Self::InDoubt { .. } => "ask again",
            Self::Unfit { .. } | Self::Unable { .. } => "correct the slot in keyrite.toml",
        }
    }
}

/// A signature that a place was asked for; absent where it cannot be asked.
pub type Signed = Result<Option<Vec<u8>>, PlaceError>;

/// A place where a subkey's secret lives.
///
/// Nothing is sent before the place has been recognised as the one that is
/// declared. No method but `read_back` and `delivered` fetches a secret.
pub trait Slot: Send + Sync {
    /// What it can do.
    fn abilities(&self) -> Abilities;

    /// How many bytes it takes at the most.
    fn limit(&self) -> usize;

    /// What is there.
    fn observe(&self) -> Result<Observation, PlaceError>;

    /// Writes what its user does not get yet, and tells the version. The same
    /// name and value once more changes nothing.
    fn put_pending(&self, put: &Put<'_>) -> Result<String, PlaceError>;

    /// Whether something was written under that name.
    fn find(&self, name: &str) -> Result<Found, PlaceError>;

    /// Reads a version with its secret.
    fn read_back(&self, version: &str) -> Result<SlotValue, PlaceError>;

    /// Makes a version current, and tells how it is called then. Once more
    /// changes nothing.
    fn promote(&self, promotion: &Promotion<'_>) -> Result<String, PlaceError>;

    /// What its user gets now, with its secret, where that is a copy of the
    /// current version; absent where it is the version itself.
    fn delivered(&self) -> Result<Option<SlotValue>, PlaceError> {
        Ok(None)
    }

    /// Keeps its user from reading it, or lets them again.
    fn freeze(&self, is_frozen: bool) -> Result<(), PlaceError>;

    /// Takes a version away that is not current. Once more changes nothing.
    fn retire(&self, version: &str) -> Result<(), PlaceError>;

    /// What it proves that a version is not seen any more.
    fn absence(&self) -> &'static str {
        "it is not there any more, as the place tells it"
    }

    /// Lets its user sign a nonce with what a version holds, where nobody can
    /// read that. Absent where its user cannot be asked. The passphrase is for
    /// a place that has the key without it.
    fn ask_for_signature(&self, nonce: &str, version: &str, passphrase: Option<&Secret>) -> Signed {
        let _ = (nonce, version, passphrase);
        Ok(None)
    }
}
