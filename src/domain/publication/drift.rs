//! Certificates and places: how each place stands for each certificate.

use std::collections::BTreeMap;

use super::component::{Component, ComponentKind, Components};
use super::judgement::{Judgement, Verdict};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;
use crate::domain::worded::Worded as _;
use crate::domain::workspace::Target;

/// What a way by which users get a certificate gives, judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoorRow {
    /// What users ask for.
    pub name: String,
    /// How it stands.
    pub judgement: Judgement,
}

/// One certificate at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DriftRow {
    /// The place.
    pub target: Target,
    /// The certificate.
    pub certificate: Fingerprint,
    /// The ways by which users get it.
    pub doors: Vec<DoorRow>,
    /// Why the place could not be looked at.
    pub trouble: Option<String>,
    /// What was found out about the place.
    pub facts: Vec<String>,
    /// What it is waited for.
    pub awaits: Option<String>,
    /// All that the team's keys speak for that was served, and that was served
    /// before.
    pub high_water: Components,
    /// Since when each of it is known to be served.
    pub since: Since,
}

/// What is on record of a target that did not take a certificate.
pub const NOT_DONE: &str = "not done";
/// What is on record of one that serves what it should not.
pub const LEFT_ALONE: &str = "left alone";

impl DriftRow {
    /// Before anything is asked: what was served before is known.
    #[must_use]
    pub fn begin(target: &Target, certificate: Fingerprint, before: &Memory) -> Self {
        Self {
            target: target.clone(),
            certificate,
            doors: Vec::new(),
            trouble: None,
            facts: Vec::new(),
            awaits: None,
            high_water: before.high_water.clone(),
            since: before.since.clone(),
        }
    }

    /// The gravest verdict over its doors.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let verdicts = || self.doors.iter().map(|door| door.judgement.verdict);
        // A door that is kept shut must not hide what another one gives.
        let incident = verdicts().filter(|verdict| verdict.is_incident()).min();
        match (incident, &self.trouble) {
            (Some(incident), _) => incident,
            (None, Some(_)) => Verdict::Unreachable,
            (None, None) => verdicts().min().unwrap_or(Verdict::Missing),
        }
    }

    /// For the record.
    #[must_use]
    pub fn observed(&self, at: Timestamp) -> Observed {
        let (certificate, since) = (self.certificate, self.since.clone());
        let high_water = self.high_water.clone();
        Observed { certificate, at, verdict: self.verdict(), high_water, since }
    }

    /// What there is to say of it, in lines: what each door gives, where that
    /// is not what it should.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let doors = self.doors.iter().flat_map(DoorRow::words);
        let trouble = self.trouble.iter().cloned();
        trouble.chain(doors).chain(self.facts.iter().cloned()).chain(self.awaits.clone()).collect()
    }
}

impl DoorRow {
    /// What it gives, in lines.
    fn words(&self) -> Vec<String> {
        let Judgement { verdict, foreign, lost, lacking, facts } = &self.judgement;
        let mut lines = vec![format!("{}: {}", VisibleText::from_text(&self.name), verdict.word())];
        let lists =
            [("the team has not made", foreign), ("is served no more", lost), ("lacks", lacking)];
        for (word, parts) in lists {
            let parts = parts.iter().map(|part| format!("{word}: {}", part.words()));
            lines.extend(parts.map(|line| VisibleText::from_text(&line).into_string()));
        }
        lines.extend(facts.iter().map(|fact| VisibleText::from_text(fact).into_string()));
        lines
    }
}

/// What is known of a certificate at a target without asking it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watched {
    /// The name of the target.
    pub target: String,
    /// What was seen there last.
    pub seen: Observed,
    /// What the team has made and nobody has seen there yet.
    pub unseen: Vec<Component>,
}

impl Watched {
    /// How it stands: what was made since the last look cannot be there unless
    /// somebody has published it.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let verdict = self.seen.verdict;
        let is_behind = verdict == Verdict::Match && !self.unseen.is_empty();
        if is_behind { Verdict::Stale } else { verdict }
    }

    /// Whether a revocation is among what nobody has seen there.
    #[must_use]
    pub fn lacks_revocation(&self) -> bool {
        self.unseen.iter().any(|one| one.kind == ComponentKind::Revocation)
    }
}

/// What a place has been seen to serve of a certificate, by the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Of which certificate.
    pub certificate: Fingerprint,
    /// When it was looked at last.
    pub at: Timestamp,
    /// How it stood then.
    pub verdict: Verdict,
    /// All that it has served.
    pub high_water: Components,
    /// Since when each of it is known to be served.
    pub since: Since,
}

/// The first times at which parts of a certificate were seen, by their digests;
/// absent where nobody has written that down.
pub type Since = BTreeMap<String, Timestamp>;

/// What all who have looked at a place know of a certificate there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// All that it has served.
    pub high_water: Components,
    /// Since when.
    pub since: Since,
}

impl Memory {
    /// With what somebody has seen.
    pub fn join(&mut self, seen: &Observed) {
        self.high_water.join(&seen.high_water);
        for (digest, at) in &seen.since {
            let first = self.since.entry(digest.clone()).or_insert(*at);
            *first = (*first).min(*at);
        }
    }

    /// Since when the key is known to be served.
    #[must_use]
    pub fn key_since(&self, key: &Fingerprint) -> Option<Timestamp> {
        let hex = key.hex();
        let is_it = |one: &&Component| one.kind == ComponentKind::Subkey && one.of == hex;
        let (digest, _) = self.high_water.0.iter().find(|(_, one)| is_it(one))?;
        self.since.get(digest).copied()
    }
}
