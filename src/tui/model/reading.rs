//! What comes in while files are read, and what time changes of it.

use super::Model;
use crate::domain::assessment::Assessment;
use crate::domain::timestamp::{DAY, Timestamp};
use crate::engine::reading::{ReadingEvent, Stage};
use crate::tui::message::Level;

impl Model {
    /// Begins to read; what was read before stays in view until the end.
    /// Returns the number of the new reading.
    pub fn begin_reading(&mut self) -> u64 {
        self.reading += 1;
        self.incoming =
            (self.stage == Stage::Finished || self.incoming.is_some()).then(Box::default);
        self.stage = Stage::Listing;
        self.verified = 0;
        self.reading
    }

    /// Takes progress of the present reading into account.
    pub fn apply(&mut self, event: ReadingEvent) {
        match event {
            ReadingEvent::AllListed => self.stage = Stage::Verifying,
            ReadingEvent::Finished => {
                self.stage = Stage::Finished;
                let alarm = match self.incoming.take() {
                    Some(harvest) => self.replace(*harvest),
                    None => None,
                };
                self.replan();
                self.sum_up();
                if let Some(alarm) = alarm {
                    self.say(Level::Error, alarm);
                }
            }
            event @ (ReadingEvent::Listed(_)
            | ReadingEvent::Verified(_)
            | ReadingEvent::Unusable { .. }
            | ReadingEvent::Rejected(_)
            | ReadingEvent::PassedOver(_)
            | ReadingEvent::Lone(_)
            | ReadingEvent::Found(_)) => {
                self.verified += usize::from(matches!(event, ReadingEvent::Verified(_)));
                if let Some(incoming) = &mut self.incoming {
                    incoming.apply(event, self.now, self.cutoffs);
                } else {
                    let mut harvest = self.take_harvest();
                    harvest.apply(event, self.now, self.cutoffs);
                    self.put_harvest(harvest);
                }
            }
        }
    }

    /// Certificates of the present reading so far.
    #[must_use]
    pub fn listed(&self) -> usize {
        self.incoming.as_ref().map_or(&self.list, |incoming| &incoming.list).items().len()
    }

    fn sum_up(&mut self) {
        let is_quiet = self.quiet == Some(self.reading);
        if !is_quiet && self.rejected.len() + self.findings.len() > 0 {
            self.say(Level::Warning, format!("7 shows {}", self.told_words()));
        }
    }

    /// Moves to another instant and judges anew what can have changed.
    pub fn move_to(&mut self, now: Timestamp) {
        let before = std::mem::replace(&mut self.now, now);
        let new_day = before.unix().div_euclid(DAY) != now.unix().div_euclid(DAY);
        let passed = |instant: Timestamp| before < instant && instant <= now;
        let changed: Vec<_> = self
            .list
            .items()
            .iter()
            .filter_map(|item| item.assessment.as_ref())
            .filter(|assessment| {
                new_day
                    || assessment.keys().any(|(key, verdict)| {
                        passed(key.created)
                            || verdict.effective_expires.is_some_and(passed)
                            || key.self_signatures.iter().any(|s| passed(s.frame.created))
                            || key.revocations.iter().any(|r| passed(r.frame.created))
                    })
            })
            .map(|assessment| assessment.certificate.clone())
            .collect();
        for certificate in changed {
            self.list.assess(Assessment::of(certificate, now, self.cutoffs));
        }
        if new_day {
            self.replan();
        }
    }
}
