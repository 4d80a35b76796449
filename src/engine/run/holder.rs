//! Who goes on with a run: it has one holder, and is carried to the next.

use super::{IllegalMove, Run};
use crate::engine::audit::{Own, Vouched, Writer};
use crate::engine::event::Event;
use crate::engine::journal::{Entry, Journal};

/// Where a run is that was handed over, and has not come back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this run was handed over by {by} with the carry {carry}, and only the machine that takes it \
     over goes on with it; nothing was changed: take that carry in there, and bring the run back \
     with another; if the medium is lost: keyrite carry recall"
)]
pub struct Elsewhere {
    /// The carry that takes it there.
    pub carry: String,
    /// Who handed it over.
    pub by: String,
    /// The audit chain of the machine that did so.
    pub writer: String,
}

/// Why this machine does not go on with a run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotHeld {
    /// It was handed over, and nobody has taken it yet.
    #[error(transparent)]
    HandedOver(#[from] Elsewhere),
    /// Another machine has begun it or taken it over.
    #[error(
        "this run is held by another machine, whose audit chain is {0}, and only that one goes on \
         with it; nothing was changed: go on there, or hand it over there with keyrite carry out \
         --hand-over; if that machine is lost, or this workspace was moved: keyrite carry recall"
    )]
    Held(Writer),
    /// Somebody who does not hold it has written in it.
    #[error(
        "line {0} of the journal of this run was written by {1}, who does not hold it; nothing was \
         changed: bring the journal back from git as it was before, and find out who wrote there; \
         if it is right nevertheless: keyrite carry recall"
    )]
    Stranger(i64, Writer),
    /// No chain names its lines.
    #[error(
        "line {0} of the journal of this run is in no audit chain: the log has lost lines, or \
         somebody has put the line there; nothing was changed: keyrite audit verify says more; \
         bring the log back from git; if it is lost, and the journal is right: keyrite carry recall"
    )]
    Unvouched(i64),
}

impl Run {
    /// Where it is, if it was handed over.
    #[must_use]
    pub fn elsewhere(&self) -> Option<&Elsewhere> {
        self.elsewhere.as_ref()
    }

    /// Refuses a run that another machine holds, by the lines of the log.
    pub fn held_here(&self, journal: &Journal, log: &Vouched, own: &Own) -> Result<(), NotHeld> {
        if let Some(there) = &self.elsewhere {
            return Err(there.clone().into());
        }
        let entries = journal.entries();
        is_vouched(journal, log)?;
        let begins = |entry: &Entry| {
            let event = &entry.event;
            matches!(event, Event::Opened { .. } | Event::TakenOver { .. } | Event::Recalled { .. })
        };
        let begun = entries.iter().rposition(begins).unwrap_or_default();
        for (index, entry) in entries.iter().enumerate().skip(begun) {
            let (seq, hash) = (entry.seq, entry.hash);
            if log.is_own(own, journal.run(), seq, hash) {
                continue;
            }
            match log.writers(journal.run(), seq, hash).next() {
                Some((writer, _)) if index == begun => return Err(NotHeld::Held(writer.clone())),
                Some((writer, _)) => return Err(NotHeld::Stranger(seq, writer.clone())),
                // The program ended between the two.
                None if index > begun || is_cut_off(entries, own) => {}
                None => return Err(NotHeld::Unvouched(seq)),
            }
        }
        Ok(())
    }

    /// Takes an event into account that passes the run on; says whether it is
    /// one. Nothing else happens to a run that was handed over.
    pub(super) fn pass_on(&mut self, event: &Event) -> Result<bool, IllegalMove> {
        match (&self.elsewhere, event) {
            (None, Event::HandedOver { carry, by, writer }) if self.pending.is_none() => {
                self.elsewhere = Some(Elsewhere {
                    carry: carry.clone(),
                    by: by.clone(),
                    writer: writer.clone(),
                });
                Ok(true)
            }
            (
                Some(there),
                Event::TakenOver { carry, .. } | Event::Recalled { carry: Some(carry), .. },
            ) if there.carry == *carry => {
                self.elsewhere = None;
                Ok(true)
            }
            (Some(there), _) => Err(IllegalMove::Elsewhere(there.clone())),
            (None, Event::Recalled { carry: None, .. }) if self.ending.is_none() => Ok(true),
            (None, _) => Ok(false),
        }
    }
}

/// Refuses a journal of which chains do not name all lines but the last: the
/// program may have ended between the two.
pub fn is_vouched(journal: &Journal, log: &Vouched) -> Result<(), NotHeld> {
    let entries = journal.entries().split_last().map_or(&[][..], |(_, before)| before);
    let strange = |entry: &&Entry| !log.knows(journal.run(), entry.seq, entry.hash);
    entries.iter().find(strange).map_or(Ok(()), |entry| Err(NotHeld::Unvouched(entry.seq)))
}

/// Whether the last line can be one that this machine has written to begin
/// with a run, when the program ended.
fn is_cut_off(entries: &[Entry], own: &Own) -> bool {
    match entries {
        [_] => true,
        [.., before, last] if matches!(last.event, Event::TakenOver { .. }) => {
            let Event::HandedOver { writer, .. } = &before.event else { return false };
            Writer::parse(writer).is_some_and(|writer| !own.contains_key(&writer))
        }
        _ => false,
    }
}
