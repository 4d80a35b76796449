//! The comparisons that were settled in this session.

use crate::domain::assessment::Assessment;
use crate::domain::comparison::{Channel, Settled};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::timestamp::Timestamp;

/// A comparison that was settled in this session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparisonRecord {
    /// When.
    pub at: Timestamp,
    /// Whose fingerprint.
    pub name: String,
    /// Our fingerprint.
    pub fingerprint: Fingerprint,
    /// How the other value came.
    pub channel: Channel,
    /// Whether it was pasted.
    pub pasted: bool,
    /// Attempts made.
    pub tries: u8,
    /// The result.
    pub settled: Settled,
}

/// All of them; none is ever removed.
#[derive(Clone, Debug, Default)]
pub struct Comparisons(Vec<ComparisonRecord>);

impl Comparisons {
    /// In the order in which they were settled.
    #[must_use]
    pub fn all(&self) -> &[ComparisonRecord] {
        &self.0
    }

    /// Adds one.
    pub fn add(&mut self, record: ComparisonRecord) {
        self.0.push(record);
    }

    /// Those of one key.
    pub fn of(&self, fingerprint: &Fingerprint) -> impl Iterator<Item = &ComparisonRecord> {
        let fingerprint = *fingerprint;
        self.0.iter().filter(move |record| record.fingerprint == fingerprint)
    }

    /// Whether the key was ever found to differ; a later match does not undo
    /// that.
    #[must_use]
    pub fn is_mismatch(&self, fingerprint: &Fingerprint) -> bool {
        self.of(fingerprint).any(|record| record.settled == Settled::Mismatch)
    }

    /// Whether any key of the certificate was found to differ.
    #[must_use]
    pub fn is_mismatch_of_any(&self, assessment: &Assessment) -> bool {
        !self.0.is_empty()
            && assessment.certificate.keys().any(|key| self.is_mismatch(&key.fingerprint))
    }
}
