//! One chain, line by line.

use std::collections::BTreeMap;

use super::RECOVERED_TAIL;
use super::entry::{Entry, Fault, Head, RunLine, digest};
use super::names::Writer;
use super::verdict::{Problem, Verdict};
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;
use crate::engine::chain::Digest;

/// Seconds by which clocks may differ.
const SKEW: i64 = 120;

/// How a line ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By a line feed, as it should.
    LineFeed,
    /// By the end of the file.
    File,
    /// Beyond the bound; the rest of it is not there.
    TooLong,
}

/// Follows a chain: each line must be the next one.
#[derive(Clone, Debug)]
pub struct Follower {
    writer: Writer,
    head: Head,
    /// The latest time that a line has said.
    latest: i64,
}

impl Follower {
    /// At the beginning of that writer's chain.
    #[must_use]
    pub fn new(writer: Writer) -> Self {
        Self { writer, head: Head::NONE, latest: 0 }
    }

    /// Where it is.
    #[must_use]
    pub fn head(&self) -> Head {
        self.head
    }

    /// Whose chain it is.
    #[must_use]
    pub fn writer(&self) -> &Writer {
        &self.writer
    }

    /// Takes the next line, without its line feed.
    pub fn follow(&mut self, line: &[u8]) -> Result<Entry, Fault> {
        let entry = Entry::parse(line)?;
        self.link(&entry, Entry::hash(line))?;
        Ok(entry)
    }

    /// Takes the next line, which was read and hashed before.
    pub fn link(&mut self, entry: &Entry, hash: Digest) -> Result<(), Fault> {
        let wanted = self.head.seq + 1;
        if entry.writer != self.writer {
            return Err(Fault::Writer);
        }
        if entry.seq != wanted {
            return Err(Fault::Sequence { wanted, found: entry.seq });
        }
        if entry.prev != self.head.hash {
            return Err(Fault::Previous);
        }
        if (entry.record.kind == super::BEGAN) != (wanted == 1) {
            return Err(Fault::Beginning);
        }
        self.head = Head { seq: wanted, hash };
        Ok(())
    }

    /// By how many seconds that instant is earlier than a line before it, if
    /// it is by more than clocks may differ.
    fn backwards(&mut self, at: Timestamp) -> Option<i64> {
        let earlier = self.latest - at.unix();
        self.latest = self.latest.max(at.unix());
        (earlier > SKEW).then_some(earlier)
    }
}

/// What was read of one chain.
#[derive(Clone, Debug)]
pub struct ChainRead {
    follower: Follower,
    /// The hashes and times of its good lines.
    pub(super) hashes: Vec<Digest>,
    pub(super) times: Vec<Timestamp>,
    /// What its lines name: other chains, lines of journals, torn tails, and
    /// transcripts by their runs.
    pub(super) named: Vec<(u64, Writer, Head)>,
    pub(super) runs: Vec<(u64, RunLine)>,
    pub(super) tails: Vec<(u64, Digest)>,
    pub(super) transcripts: Vec<(u64, String, Digest)>,
    fault: Option<(u64, Fault)>,
    backwards: Option<(u64, i64)>,
    /// Whether something follows the line that is no part of it.
    goes_on: bool,
    /// The hash of that line.
    suspect: Digest,
}

impl ChainRead {
    /// Nothing was read yet.
    #[must_use]
    pub fn new(writer: Writer) -> Self {
        Self {
            follower: Follower::new(writer),
            hashes: Vec::new(),
            times: Vec::new(),
            named: Vec::new(),
            runs: Vec::new(),
            tails: Vec::new(),
            transcripts: Vec::new(),
            fault: None,
            backwards: None,
            goes_on: false,
            suspect: Digest::ZERO,
        }
    }

    /// Takes the next line; gives what it says, where it is part of the chain.
    pub fn line(&mut self, line: &[u8], end: End) -> Option<(Entry, Digest)> {
        self.parsed(Entry::parse(line), Entry::hash(line), end)
    }

    /// Takes the next line, which was read and hashed before.
    pub fn parsed(
        &mut self,
        entry: Result<Entry, Fault>,
        hash: Digest,
        end: End,
    ) -> Option<(Entry, Digest)> {
        let entry = match end {
            End::LineFeed => entry,
            End::File => Err(Fault::NoLineFeed),
            End::TooLong => Err(Fault::TooLong),
        };
        if let Some((line, fault)) = self.fault {
            let can_tell = fault == Fault::Previous && line > 1 && !self.goes_on;
            let vouches = |next: Entry| {
                next.writer == self.follower.writer
                    && (next.seq, next.prev) == (line + 1, self.suspect)
            };
            if can_tell && entry.is_ok_and(vouches) {
                self.take_back();
            }
            self.goes_on = true;
            return None;
        }
        let linked = entry.and_then(|entry| self.follower.link(&entry, hash).map(|()| entry));
        let entry = match linked {
            Ok(entry) => entry,
            Err(fault) => {
                self.fault = Some((self.follower.head.seq + 1, fault));
                self.suspect = hash;
                return None;
            }
        };
        let late = self.follower.backwards(entry.at).map(|by| (entry.seq, by));
        self.backwards = self.backwards.or(late);
        self.hashes.push(hash);
        self.times.push(entry.at);
        let heads = entry.heads.iter();
        self.named.extend(heads.map(|(writer, head)| (entry.seq, writer.clone(), *head)));
        self.runs.extend(entry.record.run.iter().map(|run| (entry.seq, run.clone())));
        let transcript = entry.record.transcript();
        self.transcripts.extend(transcript.map(|(run, hash)| (entry.seq, run.to_owned(), hash)));
        if entry.record.kind == RECOVERED_TAIL {
            self.tails.extend(digest(&entry.record.body, "digest").map(|tail| (entry.seq, tail)));
        }
        Some((entry, hash))
    }

    /// Of two lines that do not fit, the second is whole: the first, which was
    /// taken for good, was changed.
    fn take_back(&mut self) {
        let line = self.head().seq;
        self.hashes.pop();
        self.times.pop();
        self.named.retain(|(at, ..)| *at < line);
        self.runs.retain(|(at, _)| *at < line);
        self.tails.retain(|(at, _)| *at < line);
        self.transcripts.retain(|(at, ..)| *at < line);
        let hash = self.hashes.last().copied().unwrap_or(Digest::ZERO);
        self.follower.head = Head { seq: line.saturating_sub(1), hash };
        self.fault = Some((line, Fault::Changed));
    }

    /// Whose chain it is.
    #[must_use]
    pub fn writer(&self) -> &Writer {
        &self.follower.writer
    }

    /// Its last good line.
    #[must_use]
    pub fn head(&self) -> Head {
        self.follower.head
    }

    /// The follower at its last good line.
    #[must_use]
    pub fn follower(&self) -> &Follower {
        &self.follower
    }

    /// The hash of the good line of that number.
    #[must_use]
    pub fn hash_of(&self, seq: u64) -> Option<Digest> {
        let place = usize::try_from(seq.checked_sub(1)?).ok()?;
        self.hashes.get(place).copied()
    }

    /// The digests of torn tails that it names.
    pub fn tails(&self) -> impl Iterator<Item = Digest> {
        self.tails.iter().map(|(_, digest)| *digest)
    }

    /// The chains of others as it last named them.
    #[must_use]
    pub fn last_named(&self) -> BTreeMap<Writer, Head> {
        self.named.iter().map(|(_, writer, head)| (writer.clone(), *head)).collect()
    }

    /// The lines of journals that it derives from.
    pub fn runs(&self) -> impl Iterator<Item = &RunLine> {
        self.runs.iter().map(|(_, run)| run)
    }

    /// The line that is no part of the chain, and whether it can be the tail
    /// that a write which was cut short has left.
    #[must_use]
    pub fn fault(&self) -> Option<(u64, Fault, bool)> {
        self.fault.map(|(line, fault)| (line, fault, fault.can_be_torn() && !self.goes_on))
    }

    /// Whether lines that are not there may yet be in it, damaged.
    pub(super) fn is_broken(&self) -> bool {
        self.fault().is_some_and(|(_, _, is_torn)| !is_torn)
    }

    /// Its file in the workspace.
    pub(super) fn file(&self) -> VisibleText {
        file_of(self.writer())
    }

    /// What is wrong with it by itself.
    pub(super) fn problems(&self) -> Vec<Problem> {
        let problem = |verdict, line, message| Problem {
            verdict,
            file: self.file(),
            line: Some(line),
            message,
        };
        let mut problems = Vec::new();
        match self.fault() {
            Some((line, fault, true)) => {
                let message = format!("{fault}: its write was cut short");
                problems.push(problem(Verdict::TornTail, line, message));
            }
            Some((line, fault, false)) => {
                let message = format!("{fault}; what follows is not looked at");
                problems.push(problem(Verdict::Broken, line, message));
            }
            None if self.hashes.is_empty() => {
                let message = "it has no line: its first write was cut short".to_owned();
                problems.push(problem(Verdict::TornTail, 1, message));
            }
            None => {}
        }
        if let Some((line, by)) = self.backwards {
            let message = format!("it says a time that is {by} seconds before a line above it");
            problems.push(problem(Verdict::Backwards, line, message));
        }
        problems
    }
}

/// The file of a writer in the workspace.
pub(super) fn file_of(writer: &Writer) -> VisibleText {
    VisibleText::from_text(&format!("audit/{writer}.jsonl"))
}
