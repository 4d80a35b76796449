//! Places where a certificate is published: what their users get there, and
//! how something is put there.

use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;
use crate::engine::place::PlaceError;

/// What a place of publication can do. What it cannot is said, and not
/// simulated.
#[expect(clippy::struct_excessive_bools, reason = "each is an ability of its own")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abilities {
    /// Whether anybody may add packets there.
    pub is_open: bool,
    /// Whether what somebody else writes between the look and the write is
    /// noticed by the place itself.
    pub is_guarded: bool,
    /// Whether it shows no user IDs that are revoked or have no address.
    pub withdraws: bool,
    /// Whether its users get what was written only after a while: caches, a
    /// mail that is to be answered.
    pub is_late: bool,
}

/// What was found at one door of a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// `OpenPGP`, as it was answered.
    Packets {
        /// The answer.
        bytes: Vec<u8>,
        /// Whether other certificates may be there as well.
        is_collection: bool,
    },
    /// A list of certificates that names it.
    Index {
        /// The others that it names.
        beside: Vec<Fingerprint>,
    },
    /// A page: what people read on it.
    Page(String),
    /// Something else than a certificate, as it should be.
    Right,
    /// The same, and not as it should be.
    Wrong(String),
    /// Nothing.
    Nothing,
    /// Nobody answers.
    Unreachable(VisibleText),
}

/// A way by which users get the certificate at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Door {
    /// What users ask for: an address, a path.
    pub name: String,
    /// What they get.
    pub found: Found,
    /// For how many seconds a cache has had that; absent where it comes from
    /// the place itself.
    pub age: Option<u32>,
    /// Whether users get the certificate there; else it is something that they
    /// need besides.
    pub has_certificate: bool,
}

impl Door {
    /// What the place itself gives.
    #[must_use]
    pub const fn new(name: String, found: Found) -> Self {
        Self { name, found, age: None, has_certificate: true }
    }
}

/// What was seen of a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    /// What users get.
    pub doors: Vec<Door>,
    /// What was found out about the place itself, in words.
    pub facts: Vec<String>,
    /// Another one as soon as anybody changes what we write there.
    pub guard: String,
    /// What is waited for, where users do not get it yet.
    pub awaits: Option<String>,
}

/// A certificate that is to be published. It is made once, and the same bytes
/// go to all places that take its form.
#[derive(Clone, Copy, Debug)]
pub struct Publication<'a> {
    /// The certificate.
    pub certificate: Fingerprint,
    /// Its bytes in ASCII armor.
    pub armored: &'a [u8],
    /// The packets alone.
    pub binary: &'a [u8],
    /// Its user IDs.
    pub user_ids: &'a [VisibleText],
    /// The addresses in them.
    pub addresses: &'a [String],
    /// What the place was like when people agreed.
    pub guard: &'a str,
}

/// A place where a certificate is published.
///
/// Publishing the same once more changes nothing.
pub trait Target: Send + Sync {
    /// What it can do.
    fn abilities(&self) -> Abilities;

    /// How many bytes it takes at the most.
    fn limit(&self) -> usize;

    /// What its users get of that certificate, by their own door.
    fn look(&self, certificate: &Fingerprint, addresses: &[String]) -> Result<Sight, PlaceError>;

    /// Puts it there; tells what was written, as the place calls it.
    fn publish(&self, publication: &Publication<'_>) -> Result<Vec<String>, PlaceError>;
}
