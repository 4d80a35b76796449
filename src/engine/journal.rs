//! The journal of a run: the only truth of it. A line is written and synced
//! before anything happens that it speaks of.

use serde_json::{Map, Value as Json};

use super::audit::Vouched;
use super::chain::{self, BadLine, Digest};
use super::event::Event;
use crate::domain::timestamp::Timestamp;

/// What the hashes of its lines begin with.
pub const KIND: &str = "keyrite.journal/1";
/// What in the receipt of an effect is the digest of bytes in `artifacts/`.
const KEPT: [&str; 2] = ["certificate", "revocation"];

/// The public bytes that a line says the run has kept, by their digests.
#[must_use]
pub fn kept(line: &[u8]) -> Vec<Digest> {
    // Most lines keep nothing; they are told apart without reading them.
    if !str::from_utf8(line).is_ok_and(|line| line.contains("effect-completed")) {
        return Vec::new();
    }
    let object = chain::read(line).unwrap_or_default();
    let receipt = object.get("body").and_then(|body| body.get("receipt"));
    let digest = |name| {
        let text = receipt?.get(name)?.as_str()?;
        Digest::parse(text).filter(|digest| digest.to_string() == text)
    };
    let is_end = object.get("type").and_then(Json::as_str) == Some("effect-completed");
    KEPT.into_iter().filter(|_| is_end).filter_map(digest).collect()
}

/// When, and in which life of which machine, something happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// By the clock.
    pub at: Timestamp,
    /// Milliseconds since this program was started.
    pub mono: i64,
    /// Names the time since the machine was started.
    pub boot: String,
}

/// A line that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Counted from 1.
    pub seq: i64,
    /// When.
    pub moment: Moment,
    /// What.
    pub event: Event,
    /// Of the line.
    pub hash: Digest,
}

/// Why a journal cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// A line is no line of ours.
    #[error("line {line} of the journal cannot be used: {why}")]
    Bad {
        /// Counted from 1.
        line: i64,
        /// Why.
        why: BadLine,
    },
    /// A line is not what must stand there.
    #[error(
        "line {0} of the journal does not follow the line before it: it was changed, or lines are missing"
    )]
    Broken(i64),
    /// A line speaks of something that this program does not know.
    #[error("line {0} of the journal was written by another version of keyrite")]
    Unknown(i64),
    /// Nothing is in it.
    #[error("the journal is empty: the run was never begun")]
    Empty,
}

/// The lines of a run, each with the hash of the one before it.
#[derive(Clone, Debug)]
pub struct Journal {
    run: String,
    entries: Vec<Entry>,
}

/// A journal as it was found.
#[derive(Debug)]
pub struct Found {
    /// Its whole lines.
    pub journal: Journal,
    /// How many bytes they are.
    pub length: usize,
    /// What stands behind the last whole line: a write that was cut off.
    pub torn: Option<Digest>,
}

impl Journal {
    /// Of a run that begins.
    #[must_use]
    pub fn begin(run: &str) -> Self {
        Self { run: run.to_owned(), entries: Vec::new() }
    }

    /// Reads the lines of a run.
    ///
    /// Bytes behind the last line feed are a write that was cut off: what they
    /// speak of has not happened, because it is done after they are synced.
    pub fn read(run: &str, bytes: &[u8]) -> Result<Found, JournalError> {
        let length = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let (whole, torn) = bytes.split_at_checked(length).unwrap_or((bytes, &[]));
        let mut journal = Self::begin(run);
        for line in whole.split_inclusive(|byte| *byte == b'\n') {
            let entry = journal.follow(line.strip_suffix(b"\n").unwrap_or(line))?;
            journal.entries.push(entry);
        }
        if journal.entries.is_empty() {
            return Err(JournalError::Empty);
        }
        let torn = (!torn.is_empty()).then(|| Digest::of(torn));
        Ok(Found { journal, length, torn })
    }

    fn follow(&self, line: &[u8]) -> Result<Entry, JournalError> {
        let seq = self.next_seq();
        let object = chain::read(line).map_err(|why| JournalError::Bad { line: seq, why })?;
        let text = |name: &str| object.get(name).and_then(Json::as_str);
        let number = |name: &str| object.get(name).and_then(Json::as_i64);
        let prev = text("prev").and_then(Digest::parse);
        let is_next = number("seq") == Some(seq)
            && number("v") == Some(1)
            && text("run") == Some(&self.run)
            && prev == Some(self.head());
        if !is_next {
            return Err(JournalError::Broken(seq));
        }
        let read = || {
            Some(Entry {
                seq,
                moment: Moment {
                    at: Timestamp::from_unix(number("at")?),
                    mono: number("mono")?,
                    boot: text("boot")?.to_owned(),
                },
                event: Event::read(text("type")?, object.get("body")?.as_object()?)?,
                hash: Digest::of_kind(KIND, line),
            })
        };
        read().ok_or(JournalError::Unknown(seq))
    }

    /// The line for an event, and what it will be once it is written.
    #[must_use]
    pub fn line(&self, moment: Moment, event: Event) -> (String, Entry) {
        let mut object = Map::new();
        object.insert("at".to_owned(), Json::from(moment.at.unix()));
        object.insert("body".to_owned(), Json::Object(event.body()));
        object.insert("boot".to_owned(), Json::from(moment.boot.as_str()));
        object.insert("mono".to_owned(), Json::from(moment.mono));
        object.insert("prev".to_owned(), Json::from(self.head().to_string()));
        object.insert("run".to_owned(), Json::from(self.run.as_str()));
        object.insert("seq".to_owned(), Json::from(self.next_seq()));
        object.insert("type".to_owned(), Json::from(event.word()));
        object.insert("v".to_owned(), Json::from(1));
        let line = chain::canonical(&object);
        let hash = Digest::of_kind(KIND, line.as_bytes());
        (line, Entry { seq: self.next_seq(), moment, event, hash })
    }

    /// Takes over a line that was written.
    pub fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// Whether that is its last line.
    #[must_use]
    pub fn last_is(&self, entry: &Entry) -> bool {
        self.entries.last().is_some_and(|last| last.hash == entry.hash)
    }

    /// Its lines up to the first that no chain of the log names: whoever can put
    /// a journal into a workspace is not believed.
    #[must_use]
    pub fn known_to(mut self, log: &Vouched) -> Self {
        let strange = |entry: &Entry| !log.knows(&self.run, entry.seq, entry.hash);
        let known = self.entries.iter().position(strange).unwrap_or(self.entries.len());
        self.entries.truncate(known);
        self
    }

    /// Its lines.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Of which run.
    #[must_use]
    pub fn run(&self) -> &str {
        &self.run
    }

    /// The hash of the last line.
    #[must_use]
    pub fn head(&self) -> Digest {
        self.entries.last().map_or(Digest::ZERO, |entry| entry.hash)
    }

    /// The latest time of any line: the clock was there already.
    #[must_use]
    pub fn last(&self) -> Option<Timestamp> {
        self.entries.iter().map(|entry| entry.moment.at).max()
    }

    fn next_seq(&self) -> i64 {
        self.entries.last().map_or(1, |entry| entry.seq + 1)
    }
}
