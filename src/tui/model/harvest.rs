//! What a reading brings in.

use super::Model;
use crate::domain::assessment::Assessment;
use crate::domain::cutoff::Cutoffs;
use crate::domain::finding::Finding;
use crate::domain::inventory::{LoneRevocation, PassedOver, Rejected};
use crate::domain::timestamp::Timestamp;
use crate::domain::validity::State;
use crate::engine::reading::ReadingEvent;
use crate::tui::list::KeyList;

/// The harvest of a reading that goes on while the one before is shown.
#[derive(Clone, Debug, Default)]
pub struct Harvest {
    pub(super) list: KeyList,
    pub(super) rejected: Vec<Rejected>,
    pub(super) passed_over: Vec<PassedOver>,
    pub(super) findings: Vec<Finding>,
    pub(super) lone: Vec<LoneRevocation>,
}

impl Harvest {
    pub(super) fn apply(&mut self, event: ReadingEvent, now: Timestamp, cutoffs: Cutoffs) {
        match event {
            ReadingEvent::Listed(listed) => self.list.add(listed),
            ReadingEvent::Verified(certificate) => {
                self.list.assess(Assessment::of(certificate, now, cutoffs));
            }
            ReadingEvent::Unusable { fingerprint, rejected } => {
                self.list.remove(&fingerprint);
                self.rejected.push(rejected);
            }
            ReadingEvent::Rejected(rejected) => self.rejected.push(rejected),
            ReadingEvent::PassedOver(passed_over) => self.passed_over.push(passed_over),
            ReadingEvent::Found(finding) => self.findings.push(finding),
            ReadingEvent::Lone(lone) => self.lone.push(lone),
            ReadingEvent::AllListed | ReadingEvent::Finished => {}
        }
    }
}

impl Model {
    /// Takes what is shown, to add to it.
    pub(super) fn take_harvest(&mut self) -> Harvest {
        Harvest {
            list: std::mem::take(&mut self.list),
            rejected: std::mem::take(&mut self.rejected),
            passed_over: std::mem::take(&mut self.passed_over),
            findings: std::mem::take(&mut self.findings),
            lone: std::mem::take(&mut self.lone),
        }
    }

    /// Shows `harvest`.
    pub(super) fn put_harvest(&mut self, harvest: Harvest) {
        let Harvest { list, rejected, passed_over, findings, lone } = harvest;
        self.list = list;
        self.rejected = rejected;
        self.passed_over = passed_over;
        self.findings = findings;
        self.lone = lone;
    }

    /// Shows what was read anew in place of what was read before. The
    /// selection, the filter and what is folded stay. Says what a person must
    /// know of the difference.
    pub(super) fn replace(&mut self, mut harvest: Harvest) -> Option<String> {
        harvest.list.take_over(&mut self.list);
        let before = self.take_harvest();
        self.put_harvest(harvest);
        let is_revoked = |list: &KeyList, fingerprint| {
            let assessment = list.item(fingerprint).and_then(|item| item.assessment.as_ref());
            assessment.is_some_and(|a| a.verdict.primary.state == State::Revoked)
        };
        let unrevoked: Vec<_> = before
            .list
            .items()
            .iter()
            .filter(|item| {
                let fingerprint = &item.listed.fingerprint;
                is_revoked(&before.list, fingerprint)
                    && self.list.item(fingerprint).is_some()
                    && !is_revoked(&self.list, fingerprint)
            })
            .map(|item| item.short_name().to_owned())
            .collect();
        let [first, others @ ..] = unrevoked.as_slice() else { return None };
        let more = match others.len() {
            0 => String::new(),
            more => format!(", {more} more"),
        };
        Some(format!(
            "{first}{more}: the revocation that was read before is gone from the files, not from \
             the world"
        ))
    }
}
