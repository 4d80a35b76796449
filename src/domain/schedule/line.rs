//! What is known of one consumer's keys.

use super::{ActionKind, Rule};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::timestamp::Timestamp;
use crate::domain::worded::worded;

worded! {
    /// What is known, by evidence, of the rotation that comes next. No instant
    /// moves it: only what was recorded does.
    #[derive(Default)]
    pub enum Progress: "step of a rotation" {
        /// Nothing is recorded.
        #[default]
        Nothing = "nothing",
        /// The successor is made.
        Generated = "generated",
        /// The blocking channels serve it.
        Published = "published",
        /// The consumer signs with it.
        Active = "active",
        /// The old secret is taken away.
        Retired = "retired",
    }
}

/// The keys of one consumer: one signs at a time, and each has a successor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The consumer.
    pub consumer: String,
    /// Who has to act.
    pub owner: Option<String>,
    /// How its keys follow each other.
    pub rule: Rule,
    /// When its present key was made.
    pub begins: Option<Timestamp>,
    /// When its present key ends, or the term for which the policy lets it be
    /// used; absent where there is none that signs.
    pub ends: Option<Timestamp>,
    /// Whether the key itself has no end, so that only the policy's term does.
    pub is_endless: bool,
    /// Why there is none, where there should be one, and what mends that.
    pub broken: Option<(ActionKind, String)>,
    /// A newer key of its certificate that signs for nobody yet, and its end.
    pub successor: Option<(Fingerprint, Option<Timestamp>)>,
    /// Whether a successor should be there by what was written down, and none
    /// is.
    pub lacks_successor: bool,
    /// When the primary key ends.
    pub primary_ends: Option<Timestamp>,
    /// How far the next rotation is.
    pub progress: Progress,
}

impl Line {
    /// A consumer that has no key yet.
    #[must_use]
    pub fn new(consumer: &str, rule: Rule) -> Self {
        Self {
            consumer: consumer.to_owned(),
            owner: None,
            rule,
            begins: None,
            ends: None,
            is_endless: false,
            broken: None,
            successor: None,
            lacks_successor: false,
            primary_ends: None,
            progress: Progress::Nothing,
        }
    }
}
