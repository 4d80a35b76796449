//! Where certificates are published, as the Publications screen lists it.

use std::time::Duration;

use super::Model;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::publication::{DriftRow, Verdict, Watched};
use crate::domain::timestamp::Timestamp;
use crate::domain::workspace::Target;

/// Where somebody is on the Publications screen, and what users of the targets
/// got when they were asked for.
#[derive(Clone, Debug, Default)]
pub struct Publications {
    /// The chosen row.
    pub at: usize,
    /// The first row on the screen.
    pub top: usize,
    /// Since when the targets are being asked.
    pub asked: Option<Duration>,
    /// What they gave, and when.
    pub seen: Option<(Timestamp, Vec<DriftRow>)>,
}

/// A certificate at a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The target.
    pub target: Target,
    /// The certificate.
    pub certificate: Fingerprint,
    /// What was seen just now.
    pub seen: Option<DriftRow>,
    /// What is known without asking.
    pub before: Option<Watched>,
}

impl Published {
    /// How it stands, as far as that is known.
    #[must_use]
    pub fn verdict(&self) -> Option<Verdict> {
        let seen = self.seen.as_ref().map(DriftRow::verdict);
        seen.or_else(|| self.before.as_ref().map(Watched::verdict))
    }

    /// How pressing it is: incidents first, then what is not as it should be,
    /// then what nobody knows.
    fn order(&self) -> u8 {
        match self.verdict() {
            Some(verdict) if verdict.is_incident() => 0,
            Some(Verdict::Missing | Verdict::Stale | Verdict::Unreachable) => 1,
            None => 2,
            Some(Verdict::Match | Verdict::Foreign | Verdict::Rollback) => 3,
        }
    }
}

impl Model {
    /// Each certificate at each target, what is pressing first.
    #[must_use]
    pub fn published(&self) -> Vec<Published> {
        let Some(managed) = &self.managed else { return Vec::new() };
        let evidence = managed.evidence.as_ref();
        let items = self.list.items().iter();
        let certificates: Vec<_> = items.map(|item| item.listed.fingerprint).collect();
        let seen = self.publications.seen.as_ref().map(|(_, rows)| rows.as_slice());
        let mut all = Vec::new();
        for target in &managed.team.workspace.targets {
            for certificate in certificates.iter().filter(|one| target.takes(one)) {
                let is_it =
                    |row: &&DriftRow| row.target.id == target.id && row.certificate == *certificate;
                let mut before = evidence.iter().flat_map(|evidence| &evidence.watched);
                let before = before
                    .find(|one| one.target == target.id && one.seen.certificate == *certificate);
                all.push(Published {
                    target: target.clone(),
                    certificate: *certificate,
                    seen: seen.and_then(|rows| rows.iter().find(is_it)).cloned(),
                    before: before.cloned(),
                });
            }
        }
        all.sort_by_key(Published::order);
        all
    }
}
