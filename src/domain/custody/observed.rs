//! What is seen of a slot without its secret.

use super::Stage;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::timestamp::Timestamp;

/// A version as it is seen in a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// How the place calls it.
    pub version: String,
    /// What it is there.
    pub stage: Stage,
    /// Whose secret it is, where the place itself says so.
    pub subkey: Option<Fingerprint>,
    /// When it was written, where the place says so.
    pub written: Option<Timestamp>,
    /// A digest of what lies there as it lies there, where others can write
    /// other bytes under the same name: what was proved is known by it.
    pub body: Option<String>,
}

/// What is seen of a place without its secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observation {
    /// The versions that are there; none where the place is empty.
    pub versions: Vec<Seen>,
    /// What was found out about the place itself, in words: the account, the
    /// number of the repository.
    pub facts: Vec<String>,
    /// Another one as soon as anybody changes the place.
    pub guard: String,
    /// Whether its user is kept from reading it.
    pub is_frozen: bool,
}

impl Observation {
    /// The version at a stage.
    #[must_use]
    pub fn at(&self, stage: Stage) -> Option<&Seen> {
        self.versions.iter().find(|seen| seen.stage == stage)
    }

    /// The version of that name.
    #[must_use]
    pub fn version(&self, name: &str) -> Option<&Seen> {
        self.versions.iter().find(|seen| seen.version == name)
    }
}
