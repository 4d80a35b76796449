//! The record of a run on the disk: its journal, and the audit log.

use serde_json::{Map, Value as Json};

use super::audit_log::{AuditError, AuditLog};
use super::runs::OpenJournal;
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;
use crate::engine::audit::{Record as AuditRecord, RunLine};
use crate::engine::event::Event;
use crate::engine::journal::{Entry, Journal};
use crate::engine::ports::{Record, RecordError};

/// A journal and an audit log that are open.
#[derive(Debug)]
pub struct FileRecord {
    run: String,
    journal: OpenJournal,
    log: AuditLog,
}

impl FileRecord {
    /// Of a run whose journal is open.
    #[must_use]
    pub fn new(run: &str, journal: OpenJournal, log: AuditLog) -> Self {
        Self { run: run.to_owned(), journal, log }
    }

    /// Appends to the audit log what the journal has beyond it: the program
    /// ended between the two.
    pub fn catch_up(&mut self, journal: &Journal, now: Timestamp) -> Result<(), AuditError> {
        let known = self.log.recorded(&self.run).cloned().unwrap_or_default();
        let mut actor = String::new();
        for entry in journal.entries() {
            if let Event::Opened { operator, .. } = &entry.event {
                actor.clone_from(operator);
            }
            let seq = u64::try_from(entry.seq).unwrap_or_default();
            if !known.contains_key(&seq) {
                let record = self.audit_record(entry, &actor).recovered();
                self.log.append(record, now)?;
            }
        }
        Ok(())
    }

    fn audit_record(&self, entry: &Entry, actor: &str) -> AuditRecord {
        AuditRecord {
            actor: actor.to_owned(),
            kind: entry.event.word().to_owned(),
            body: summary(&entry.event),
            run: Some(RunLine {
                id: self.run.clone(),
                seq: u64::try_from(entry.seq).unwrap_or_default(),
                hash: entry.hash,
            }),
        }
    }
}

impl Record for FileRecord {
    fn journal(&mut self, line: &str) -> Result<(), RecordError> {
        self.journal.append(line).map_err(|error| RecordError {
            what: "the journal",
            why: VisibleText::from_text(&error.to_string()).into_string(),
        })
    }

    fn audit(&mut self, entry: &Entry, actor: &str) -> Result<(), RecordError> {
        let record = self.audit_record(entry, actor);
        let written = self.log.append(record, entry.moment.at);
        written
            .map(|_| ())
            .map_err(|error| RecordError { what: "the audit log", why: error.to_string() })
    }
}

/// What the audit log says of an event; the journal has the rest.
fn summary(event: &Event) -> Map<String, Json> {
    const TOLD: [&str; 9] = [
        "carry",
        "ceremony",
        "class",
        "effect",
        "environment",
        "kind",
        "reason",
        "step",
        "transcript",
    ];
    let body = event.body();
    // What a secret is called in its slot is how others find it there.
    let version = body.get("receipt").and_then(|receipt| receipt.get("version")).cloned();
    let told = body.into_iter().filter(|(name, _)| TOLD.contains(&name.as_str()));
    told.chain(version.map(|version| ("version".to_owned(), version))).collect()
}
