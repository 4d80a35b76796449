//! What a carry would change of what only this machine writes, and the runs
//! that it brings.

use std::path::Path;

use super::handing::replay;
use super::{App, CarryingError};
use crate::adapters::audit_log;
use crate::adapters::carry::{Carry, Plan};
use crate::domain::text::VisibleText;
use crate::engine::carry::Place;
use crate::engine::event::Event;
use crate::engine::journal::Journal;

impl App {
    /// Refuses chains of this machine to which others have added; tells the
    /// runs that this machine holds and others have gone on with, with the
    /// first line that is not ours.
    pub(super) fn gone_on(
        &self,
        folder: &Path,
        carry: &Carry,
        plan: &Plan,
    ) -> Result<Vec<(String, usize)>, CarryingError> {
        let states = self.environment.state.as_deref();
        let own = states.map(|states| audit_log::remembered(states, folder)).unwrap_or_default();
        let (custody, mut held) = (self.custody(folder), Vec::new());
        let new = plan.new.iter().map(|path| (path, 0));
        for (path, from) in plan.grown.iter().map(|(path, from)| (path, *from)).chain(new) {
            let bytes = carry.files.get(path).map(Vec::as_slice).unwrap_or_default();
            let here = bytes.get(..from).unwrap_or_default();
            match Place::of(path) {
                Some(Place::Chain(writer)) => {
                    let all = u64::try_from(lines(bytes)).unwrap_or(u64::MAX);
                    if own.get(&writer).is_some_and(|last| all > *last) {
                        return Err(CarryingError::OwnGrown(VisibleText::from_text(path)));
                    }
                }
                Some(Place::Journal(run)) if from > 0 => {
                    let Ok(found) = Journal::read(&run, here) else { continue };
                    // Of another version of its ceremony: it goes on nowhere here.
                    let Ok((state, _)) = replay(&found.journal) else { continue };
                    if custody.check(&state, &found.journal).is_ok() {
                        held.push((run, lines(here) + 1));
                    }
                }
                Some(
                    Place::Declared
                    | Place::Certificate(_)
                    | Place::Journal(_)
                    | Place::Artifact(_)
                    | Place::Kept
                    | Place::Observed,
                )
                | None => {}
            }
        }
        Ok(held)
    }
}

fn lines(bytes: &[u8]) -> usize {
    bytes.split_inclusive(|byte| *byte == b'\n').count()
}

/// Where the journal of a run is.
pub(super) fn journal_of(run: &str) -> String {
    format!("runs/{run}/journal.jsonl")
}

/// A run in words, by its journal.
pub(super) fn told(run: &str, bytes: &[u8]) -> String {
    let journal = Journal::read(run, bytes).map(|found| found.journal);
    let entries = journal.as_ref().map(Journal::entries).unwrap_or_default();
    let (Some(first), Some(last)) = (entries.first(), entries.last()) else {
        return format!("{run}, of a keyrite that is not known here");
    };
    let Event::Opened { ceremony, operator, .. } = &first.event else { return run.to_owned() };
    let ending = if matches!(last.event, Event::Closed { .. }) {
        "closed"
    } else if matches!(last.event, Event::Abandoned { .. }) {
        "given up"
    } else {
        "open"
    };
    let day = first.moment.at.date();
    format!("{run}, {ceremony}, begun {day} by {operator}, {ending}")
}
