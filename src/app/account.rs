//! The transcript of a run that has ended. It follows from the journal, so
//! that it is worked out whenever it is wanted; the files are what people sign
//! and read.

use std::path::Path;

use super::CeremonyError;
use super::ceremony::opened;
use crate::adapters::runs::{RunError, RunFolder};
use crate::domain::text::VisibleText;
use crate::engine::chain::Digest;
use crate::engine::event::Event;
use crate::engine::journal::Journal;
use crate::engine::run::Run;
use crate::engine::transcript::{Signed, Transcript};

/// The document that people sign.
pub const TRANSCRIPT: &str = "transcript.json";
/// The same for reading.
const TEXT: &str = "transcript.md";

/// A run that has ended.
pub(super) struct Account {
    place: RunFolder,
    journal: Journal,
    /// Absent where it is of a version of its ceremony that this program does
    /// not have.
    run: Option<Run>,
}

impl Account {
    pub(super) fn find(folder: &Path, id: &str) -> Result<Self, CeremonyError> {
        let place = RunFolder::find(folder, id)?;
        let journal = place.journal()?.journal;
        let last = journal.entries().last().map(|entry| &entry.event);
        if !matches!(last, Some(Event::Closed { .. } | Event::Abandoned { .. })) {
            return Err(CeremonyError::NotEnded(id.to_owned()));
        }
        let run = match opened(journal.entries()) {
            Ok((ceremony, ..)) => Some(Run::replay(ceremony, journal.entries())?),
            Err(CeremonyError::OtherVersion { .. }) => None,
            Err(error) => return Err(error),
        };
        Ok(Self { place, journal, run })
    }

    /// The folder of the run.
    pub(super) fn place(&self) -> &RunFolder {
        &self.place
    }

    /// Who looked on.
    pub(super) fn witness(&self) -> Option<String> {
        self.run.as_ref().and_then(Run::witness)
    }

    fn made(&self) -> Option<Transcript<'_>> {
        self.run.as_ref().map(|run| Transcript::of(run, &self.journal))
    }

    /// The bytes that people sign, as they stand in the folder of the run.
    pub(super) fn read(&self) -> Result<Vec<u8>, RunError> {
        let there = self.place.read(TRANSCRIPT)?;
        let wanted = match self.journal.entries().last().map(|entry| &entry.event) {
            Some(Event::Closed { transcript }) => Some(*transcript),
            _ => self.made().map(|made| Digest::of(made.json().as_bytes())),
        };
        match wanted {
            Some(digest) if digest != Digest::of(&there) => {
                let path = format!("runs/{}/{TRANSCRIPT}", self.journal.run());
                Err(RunError::Changed(VisibleText::from_text(&path)))
            }
            Some(_) | None => Ok(there),
        }
    }

    /// The same; where they could not be written when the run ended, they are
    /// written now.
    pub(super) fn keep(&self) -> Result<Vec<u8>, RunError> {
        match (self.read(), self.made()) {
            (Err(RunError::Missing(_)), Some(made)) => {
                self.place.write(TRANSCRIPT, made.json().as_bytes())?;
                self.read()
            }
            (read, _) => read,
        }
    }

    /// For reading, with the signatures that have arrived.
    pub(super) fn text(&self, signed: Signed<'_>) -> String {
        let there = || {
            let bytes = self.place.read(TEXT).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes);
            let lines = text.lines().map(|line| VisibleText::from_text(line).into_string() + "\n");
            lines.collect()
        };
        self.made().map_or_else(there, |made| made.text(signed))
    }

    /// Puts what is for reading beside it, where it stands otherwise there.
    pub(super) fn keep_text(&self, text: &str) -> Result<(), RunError> {
        if self.run.is_some() && !self.place.read(TEXT).is_ok_and(|there| there == text.as_bytes())
        {
            self.place.write(TEXT, text.as_bytes())?;
        }
        Ok(())
    }
}
