//! The writer of this machine, and appending to its chain.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use serde_json::{Map, json};

use super::error::{AuditError, io_error};
use super::files::{Lines, Name, names, open, visible};
use super::opening::Ground;
use super::state::State;
use crate::domain::timestamp::Timestamp;
use crate::engine::audit::{
    ChainRead, End, Entry, Fault, Follower, Head, MAX_LINE, Record, Writer,
};
use crate::engine::chain::Digest;

/// Other chains that one line names at the most; the next line names more.
const MAX_HEADS: usize = 100;

/// Whose log, and where.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a> {
    /// The workspace.
    pub workspace: &'a Path,
    /// The folder for what belongs to this machine and this user.
    pub states: &'a Path,
    /// The id of the person.
    pub person: &'a str,
}

/// What a new chain begins with.
#[derive(Clone, Copy, Debug)]
pub struct Beginning {
    /// The digest of the rules that hold then.
    pub policy: Digest,
    /// The digest of the roster of then.
    pub roster: Digest,
    /// Random bits: 128 for the chain, 32 for the writer's name.
    pub random: [u8; 20],
}

/// The chain of this machine's writer, which nobody else can write while this
/// value lives.
#[derive(Debug)]
pub struct AuditLog {
    folder: PathBuf,
    states: PathBuf,
    path: PathBuf,
    file: File,
    /// The length of the file.
    offset: u64,
    follower: Follower,
    others: BTreeMap<Writer, Other>,
    /// The chains of others as this writer last named them.
    named: BTreeMap<Writer, Head>,
    /// The lines of journals that are in the log, by run.
    runs: HashMap<String, BTreeMap<u64, Digest>>,
    is_poisoned: bool,
    /// Keeps others from becoming the same writer.
    turn: File,
}

/// The chain of another writer, as far as it was followed.
#[derive(Debug)]
struct Other {
    follower: Follower,
    offset: u64,
}

impl Beginning {
    /// The beginning of a chain that is like no other.
    pub fn drawn(policy: Digest, roster: Digest) -> Result<Self, AuditError> {
        let mut random = [0; 20];
        openssl::rand::rand_bytes(&mut random).map_err(|_| AuditError::Random)?;
        Ok(Self { policy, roster, random })
    }
}

impl AuditLog {
    /// Opens the chain of the person at this machine; where there is none yet,
    /// a new one begins.
    pub fn open(
        site: &Site<'_>,
        beginning: &Beginning,
        now: Timestamp,
    ) -> Result<Self, AuditError> {
        let ground = Ground::prepare(site)?;
        let state = ground.states_of(site.person)?.into_iter().find(|state| !state.is_left);
        let state = match state {
            Some(state) => state,
            None => ground.intend(site.person, beginning)?,
        };
        ground.resume(&state, beginning, now)
    }

    /// Gives up the chain of the person at this machine and begins a new one.
    /// What was given up stays as it is, and is named in the new one.
    pub fn begin_anew(
        site: &Site<'_>,
        beginning: &Beginning,
        now: Timestamp,
    ) -> Result<Self, AuditError> {
        let ground = Ground::prepare(site)?;
        let mut left = Vec::new();
        for state in ground.states_of(site.person)?.into_iter().filter(|state| !state.is_left) {
            let state = State { is_left: true, ..state };
            state.put(&ground.states).map_err(io_error(&ground.states, "written"))?;
            left.push(state);
        }
        let state = ground.intend(site.person, beginning)?;
        let mut log = ground.resume(&state, beginning, now)?;
        for State { writer, head, .. } in left {
            let body = Map::from_iter([
                ("hash".to_owned(), json!(head.hash.to_string())),
                ("seq".to_owned(), json!(head.seq)),
                ("writer".to_owned(), json!(writer.as_str())),
            ]);
            let (actor, kind) = (site.person.to_owned(), "left-writer".to_owned());
            log.append(Record { actor, kind, body, run: None }, now)?;
        }
        Ok(log)
    }

    /// The chain in a file that is locked, as it was read up to `offset`.
    pub(super) fn of(
        ground: Ground,
        path: PathBuf,
        file: File,
        offset: u64,
        chain: &ChainRead,
    ) -> Self {
        let mut runs: HashMap<_, BTreeMap<_, _>> = HashMap::new();
        for run in chain.runs() {
            runs.entry(run.id.clone()).or_default().insert(run.seq, run.hash);
        }
        Self {
            path,
            file,
            offset,
            follower: chain.follower().clone(),
            others: BTreeMap::new(),
            named: chain.last_named(),
            runs,
            is_poisoned: false,
            folder: ground.folder,
            states: ground.states,
            turn: ground.turn,
        }
    }

    /// Whose chain it is.
    #[must_use]
    pub fn writer(&self) -> &Writer {
        self.follower.writer()
    }

    /// Its last line.
    #[must_use]
    pub fn head(&self) -> Head {
        self.follower.head()
    }

    /// The lines of a run's journal that are in the log, whoever wrote them.
    /// What the journal has beyond them is to be appended as
    /// [`Record::recovered`].
    #[must_use]
    pub fn recorded(&self, run: &str) -> Option<&BTreeMap<u64, Digest>> {
        self.runs.get(run)
    }

    /// Appends a line, which is safe on the disk when this returns. Where it
    /// fails, the line counts as not written, and nothing more is written
    /// through this value.
    pub fn append(&mut self, record: Record, now: Timestamp) -> Result<Head, AuditError> {
        if self.is_poisoned {
            return Err(AuditError::Poisoned(self.writer().clone()));
        }
        self.is_as_it_was()?;
        self.follow_others().map_err(io_error(&self.folder, "read"))?;
        let heads = self.changed_heads();
        let Head { seq, hash } = self.head();
        let writer = self.writer().clone();
        let entry = Entry { writer, seq: seq + 1, at: now, prev: hash, heads, record };
        let mut line = entry.line();
        let mut follower = self.follower.clone();
        // Nothing is written that would not be read again.
        follower.follow(line.as_bytes()).map_err(AuditError::Unfit)?;
        if line.len() > MAX_LINE {
            return Err(AuditError::Unfit(Fault::TooLong));
        }
        line.push('\n');
        self.is_poisoned = true;
        self.write(line.as_bytes()).map_err(io_error(&self.path, "written"))?;
        self.follower = follower;
        self.remember()?;
        self.is_poisoned = false;
        self.note(&entry);
        self.named.extend(entry.heads);
        Ok(self.head())
    }

    /// One write, and the disk has it.
    fn write(&mut self, line: &[u8]) -> io::Result<()> {
        let written = self.file.write(line)?;
        if written != line.len() {
            return Err(io::Error::other("only a part of the line was written; is the disk full?"));
        }
        self.file.sync_all()?;
        self.offset += u64::try_from(written).unwrap_or(u64::MAX);
        Ok(())
    }

    pub(super) fn remember(&self) -> Result<(), AuditError> {
        let state = State { writer: self.writer().clone(), head: self.head(), is_left: false };
        state.put(&self.states).map_err(io_error(&self.states, "written"))
    }

    /// Whether the file is still the one that was opened, and ends where we do.
    fn is_as_it_was(&self) -> Result<(), AuditError> {
        let ours = self.file.metadata().map_err(io_error(&self.path, "read"))?;
        let is_there = std::fs::symlink_metadata(&self.path)
            .is_ok_and(|there| there.dev() == ours.dev() && there.ino() == ours.ino());
        if is_there && ours.len() == self.offset {
            return Ok(());
        }
        Err(AuditError::Changed(visible(&self.path)))
    }

    fn note(&mut self, entry: &Entry) {
        if let Some(run) = &entry.record.run {
            self.runs.entry(run.id.clone()).or_default().insert(run.seq, run.hash);
        }
    }

    /// Reads on in the chains of others, as far as they are good.
    pub(super) fn follow_others(&mut self) -> io::Result<()> {
        for name in names(&self.folder)? {
            let Name::Chain(writer) = Name::of(&name) else { continue };
            if writer == *self.writer() {
                continue;
            }
            let mut other = self
                .others
                .remove(&writer)
                .unwrap_or_else(|| Other { follower: Follower::new(writer.clone()), offset: 0 });
            // What is wrong with it is told by whoever verifies the log.
            if let Ok(entries) = other.go_on(&self.folder.join(&name)) {
                for entry in entries {
                    self.note(&entry);
                }
            }
            self.others.insert(writer, other);
        }
        Ok(())
    }

    fn changed_heads(&self) -> BTreeMap<Writer, Head> {
        let heads = self.others.iter().map(|(writer, other)| (writer, other.follower.head()));
        heads
            .filter(|(writer, head)| head.seq > 0 && self.named.get(writer) != Some(head))
            .take(MAX_HEADS)
            .map(|(writer, head)| (writer.clone(), head))
            .collect()
    }
}

impl Drop for AuditLog {
    fn drop(&mut self) {
        // Said aloud: a program that is being started may still hold a copy.
        let _ = self.file.unlock();
        let _ = self.turn.unlock();
    }
}

impl Other {
    fn go_on(&mut self, path: &Path) -> io::Result<Vec<Entry>> {
        let mut file = open(path, OFlags::RDONLY)?;
        let mut entries = Vec::new();
        if file.metadata()?.len() <= self.offset {
            return Ok(entries);
        }
        file.seek(SeekFrom::Start(self.offset))?;
        let begun = self.offset;
        let mut lines = Lines::of(file);
        while let Some((line, End::LineFeed)) = lines.next()? {
            let Ok(entry) = self.follower.follow(line) else { break };
            entries.push(entry);
            self.offset = begun + lines.offset;
        }
        Ok(entries)
    }
}
