//! Runs that change hands: one line of their journals, and one of the log.

use std::path::Path;

use super::{App, CarryingError, person};
use crate::adapters::ceremony::Machine;
use crate::adapters::record::FileRecord;
use crate::adapters::runs::{OpenJournal, RunFolder};
use crate::app::CeremonyError;
use crate::app::ceremony::{Custody, opened};
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;
use crate::domain::workspace::Environment;
use crate::engine::event::Event;
use crate::engine::journal::{Journal, Moment};
use crate::engine::ports::{Record as _, RecordError, Surroundings as _};
use crate::engine::run::{Elsewhere, Next, NotHeld, Run, is_vouched};
use crate::engine::runner::Refused;

/// A run that is to be recalled.
#[derive(Clone, Debug)]
pub struct Recalled {
    /// Which one.
    pub run: String,
    /// Why it does not go on here.
    pub there: NotHeld,
    /// Whose trust is at stake.
    pub environment: Environment,
}

/// The state of a run whose journal is `journal`.
pub(super) fn replay(journal: &Journal) -> Result<(Run, Environment), CeremonyError> {
    let (ceremony, _, environment) = opened(journal.entries())?;
    Ok((Run::replay(ceremony, journal.entries())?, environment))
}

/// Says why a run cannot be handed over, before anything is written.
///
/// A run that was handed over already is returned as such.
pub(super) fn can_hand_over(
    folder: &Path,
    id: &str,
    custody: &Custody,
) -> Result<Option<Elsewhere>, CarryingError> {
    let run = RunFolder::find(folder, id).map_err(CeremonyError::from)?;
    // Nobody else may be working on it.
    let (_open, found) = OpenJournal::open(&run).map_err(CeremonyError::from)?;
    let (run, _) = replay(&found.journal)?;
    match custody.check(&run, &found.journal) {
        Ok(()) => {}
        Err(NotHeld::HandedOver(there)) => return Ok(Some(there)),
        Err(error) => return Err(CeremonyError::from(error).into()),
    }
    let refused =
        |why: &str| Err(CarryingError::NotHanded(VisibleText::from_text(id), why.to_owned()));
    match run.next() {
        Next::Ended(_) => refused("it has ended"),
        Next::Reconcile(_) => refused(
            "its last effect was cut off, and it is not known whether it happened: take it up \
             here once, so that it is looked up",
        ),
        Next::Step(_) | Next::Halted(_) | Next::Close => Ok(None),
    }
}

impl App {
    /// Writes one line that passes a run on; first the journal, then the log.
    pub(super) fn pass_on(
        &self,
        folder: &Path,
        id: &str,
        who: &str,
        event: Event,
    ) -> Result<(), CeremonyError> {
        let place = RunFolder::find(folder, id)?;
        let (open, mut found) = OpenJournal::open(&place)?;
        let (mut run, _) = replay(&found.journal)?;
        if !matches!(event, Event::Recalled { .. }) {
            is_vouched(&found.journal, &self.custody(folder).log)?;
        }
        let mut record = FileRecord::new(id, open, self.audit_log(folder, who)?);
        let mut moment = Machine::new().moment();
        record.catch_up(&found.journal, moment.at)?;
        moment.at = found.journal.last().map_or(moment.at, |last| last.max(moment.at));
        // A tail that was set aside is on record with whoever holds the run.
        let torn = found.torn.map(|torn| Event::Resumed { by: who.to_owned(), torn: Some(torn) });
        let events = if matches!(event, Event::HandedOver { .. }) {
            [torn, Some(event)]
        } else {
            [Some(event), torn]
        };
        for event in events.into_iter().flatten() {
            run.apply(&event)?;
            write(&mut record, &mut found.journal, event, &moment, who).map_err(Refused::from)?;
        }
        Ok(())
    }

    /// Whether the log lacks the last line of a run that this machine has
    /// passed on or taken over: the program ended between the two.
    pub(super) fn is_unsettled(&self, folder: &Path, id: &str) -> bool {
        let found = RunFolder::find(folder, id).and_then(|run| run.journal());
        let Ok(journal) = found.map(|found| found.journal) else { return false };
        let Ok((run, _)) = replay(&journal) else { return false };
        let custody = self.custody(folder);
        let is_ours = match custody.check(&run, &journal) {
            Ok(()) => true,
            Err(NotHeld::HandedOver(there)) => self.is_own_name(folder, &there.writer),
            Err(NotHeld::Held(_) | NotHeld::Stranger(..) | NotHeld::Unvouched(_)) => false,
        };
        let last = journal.entries().last();
        is_ours && last.is_some_and(|last| !custody.log.knows(id, last.seq, last.hash))
    }

    /// Writes the line that the log lacks.
    pub(super) fn settle(&self, folder: &Path, id: &str, who: &str) -> Result<(), CeremonyError> {
        let (open, found) = OpenJournal::open(&RunFolder::find(folder, id)?)?;
        is_vouched(&found.journal, &self.custody(folder).log)?;
        let mut record = FileRecord::new(id, open, self.audit_log(folder, who)?);
        Ok(record.catch_up(&found.journal, Self::instant())?)
    }

    /// The run, if another machine goes on with it.
    pub fn find_recalled(&self, folder: &Path, id: &str) -> Result<Recalled, CarryingError> {
        let found = RunFolder::find(folder, id)
            .and_then(|run| run.journal())
            .map_err(CeremonyError::from)?;
        let (run, environment) = replay(&found.journal)?;
        let here = || CarryingError::Here(VisibleText::from_text(id));
        if matches!(run.next(), Next::Ended(_)) {
            return Err(here());
        }
        let held = self.custody(folder).check(&run, &found.journal);
        let there = held.err().ok_or_else(here)?;
        Ok(Recalled { run: id.to_owned(), there, environment })
    }

    /// Takes a run back whose carry is lost. What was done with it elsewhere
    /// counts no more, and shows as a fork should it ever come.
    pub fn recall(
        &self,
        folder: &Path,
        recalled: &Recalled,
        named: Option<&str>,
        reason: &str,
    ) -> Result<(), CarryingError> {
        let by = person(&self.workspace(folder)?.team, named)?;
        let reason = reason.trim();
        if reason.is_empty() || reason.chars().any(char::is_control) {
            return Err(CarryingError::Nobody("say why, in words: it is on record".to_owned()));
        }
        let event = Event::Recalled {
            carry: match &recalled.there {
                NotHeld::HandedOver(there) => Some(there.carry.clone()),
                NotHeld::Held(_) | NotHeld::Stranger(..) | NotHeld::Unvouched(_) => None,
            },
            reason: reason.to_owned(),
            by: by.clone(),
        };
        Ok(self.pass_on(folder, &recalled.run, &by, event)?)
    }

    /// The instant of the clock, for records.
    pub(super) fn instant() -> Timestamp {
        Machine::new().moment().at
    }
}

fn write(
    record: &mut FileRecord,
    journal: &mut Journal,
    event: Event,
    moment: &Moment,
    who: &str,
) -> Result<(), RecordError> {
    let (line, entry) = journal.line(moment.clone(), event);
    record.journal(&line)?;
    journal.push(entry.clone());
    record.audit(&entry, who)
}
