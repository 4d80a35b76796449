//! Opening the chain of this machine's writer: only as it was left.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use serde_json::{Map, json};

use super::error::{AuditError, io_error};
use super::files::{Lines, chain_file, open, visible};
use super::state::{self, State};
use super::writing::{AuditLog, Beginning, Site};
use super::{AUDIT, tail};
use crate::adapters::durable::sync_folder;
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;
use crate::engine::audit::{BEGAN, ChainRead, Head, Record, Writer, is_person};

/// The folders of a log, and the turn of the person in them.
pub(super) struct Ground {
    pub(super) workspace: PathBuf,
    pub(super) folder: PathBuf,
    pub(super) states: PathBuf,
    pub(super) turn: File,
}

impl Ground {
    pub(super) fn prepare(site: &Site<'_>) -> Result<Self, AuditError> {
        if !is_person(site.person) {
            return Err(AuditError::Person(VisibleText::from_text(site.person)));
        }
        let folder = site.workspace.join(AUDIT);
        make(&folder).map_err(io_error(&folder, "made"))?;
        let states = state::folder(site.states, site.workspace);
        let states = states.map_err(io_error(site.workspace, "read"))?;
        std::fs::create_dir_all(&states).map_err(io_error(&states, "made"))?;
        let path = states.join(format!("{}.lock", site.person));
        let turn = open(&path, OFlags::RDWR | OFlags::CREATE);
        let turn = turn.map_err(io_error(&path, "opened"))?;
        lock(&turn, site.person, &path)?;
        Ok(Self { workspace: site.workspace.to_owned(), folder, states, turn })
    }

    pub(super) fn states_of(&self, person: &str) -> Result<Vec<State>, AuditError> {
        let mut states = state::all(&self.states)?;
        states.retain(|state| state.writer.person() == person);
        Ok(states)
    }

    /// Remembers a new writer before anything of it is there.
    pub(super) fn intend(&self, person: &str, beginning: &Beginning) -> Result<State, AuditError> {
        let number = beginning.random.first_chunk().copied().unwrap_or_default();
        let writer = Writer::new(person, u32::from_be_bytes(number));
        let writer = writer.ok_or_else(|| AuditError::Person(VisibleText::from_text(person)))?;
        let path = chain_file(&self.workspace, &writer);
        if path.symlink_metadata().is_ok() {
            let source = io::ErrorKind::AlreadyExists.into();
            return Err(AuditError::Io { path: visible(&path), doing: "made", source });
        }
        let state = State { writer, head: Head::NONE, is_left: false };
        state.put(&self.states).map_err(io_error(&self.states, "written"))?;
        Ok(state)
    }

    /// Opens the chain of the writer, if it is as this machine remembers it.
    pub(super) fn resume(
        self,
        state: &State,
        beginning: &Beginning,
        now: Timestamp,
    ) -> Result<AuditLog, AuditError> {
        let path = chain_file(&self.workspace, &state.writer);
        let mut file = open_chain(&path, state)?;
        lock(&file, state.writer.as_str(), &path)?;
        let (chain, end) = read(&file, &state.writer).map_err(io_error(&path, "read"))?;
        check(&chain, state, &path)?;
        if file.metadata().map_err(io_error(&path, "read"))?.len() > end {
            let seq = chain.head().seq + 1;
            tail::set_aside(&mut file, &self.folder, &state.writer, seq, end)
                .map_err(io_error(&path, "mended"))?;
        }
        let folder = self.folder.clone();
        let mut log = AuditLog::of(self, path, file, end, &chain);
        log.follow_others().map_err(io_error(&folder, "read"))?;
        settle(&mut log, &folder, &chain, beginning, now)?;
        if log.head() == chain.head() && log.head() != state.head {
            log.remember()?;
        }
        Ok(log)
    }
}

/// Writes what is still owed: the first line, the records of torn tails.
fn settle(
    log: &mut AuditLog,
    folder: &Path,
    chain: &ChainRead,
    beginning: &Beginning,
    now: Timestamp,
) -> Result<(), AuditError> {
    if log.head() == Head::NONE {
        sync_folder(&folder.join("-")).map_err(io_error(folder, "written"))?;
        log.append(began(log.writer().person(), beginning), now)?;
    }
    let recorded: Vec<_> = chain.tails().collect();
    let records = tail::unrecorded(folder, log.writer(), &recorded);
    for record in records.map_err(io_error(folder, "read"))? {
        log.append(record, now)?;
    }
    Ok(())
}

fn began(person: &str, beginning: &Beginning) -> Record {
    let log = u128::from_be_bytes(beginning.random.last_chunk().copied().unwrap_or_default());
    let log = format!("{log:032x}");
    let body = Map::from_iter([
        ("log".to_owned(), json!(log)),
        ("policy".to_owned(), json!(beginning.policy.to_string())),
        ("roster".to_owned(), json!(beginning.roster.to_string())),
    ]);
    Record { actor: person.to_owned(), kind: BEGAN.to_owned(), body, run: None }
}

/// Makes the folder of the log, durably, where it is not there.
fn make(folder: &Path) -> io::Result<()> {
    match std::fs::create_dir(folder) {
        Ok(()) => sync_folder(folder),
        Err(_) if std::fs::symlink_metadata(folder).is_ok_and(|there| there.is_dir()) => Ok(()),
        Err(error) => Err(error),
    }
}

fn open_chain(path: &Path, state: &State) -> Result<File, AuditError> {
    let mut flags = OFlags::RDWR | OFlags::APPEND;
    if state.head == Head::NONE {
        flags |= OFlags::CREATE;
    }
    open(path, flags).map_err(|source| {
        let file = visible(path);
        if source.kind() == io::ErrorKind::NotFound {
            AuditError::Truncated { file, has: 0, wrote: state.head.seq }
        } else if source.kind() == io::ErrorKind::InvalidInput {
            AuditError::NotAFile(file)
        } else {
            AuditError::Io { path: file, doing: "opened", source }
        }
    })
}

fn lock(file: &File, who: &str, path: &Path) -> Result<(), AuditError> {
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => AuditError::Busy(VisibleText::from_text(who)),
        TryLockError::Error(_) => AuditError::NoLocks(visible(path)),
    })
}

/// The chain in the file, and where its last good line ends.
fn read(file: &File, writer: &Writer) -> io::Result<(ChainRead, u64)> {
    let mut chain = ChainRead::new(writer.clone());
    let mut end = 0;
    let mut lines = Lines::of(file.try_clone()?);
    while let Some((line, ending)) = lines.next()? {
        let is_good = chain.line(line, ending).is_some();
        if is_good {
            end = lines.offset;
        }
    }
    Ok((chain, end))
}

/// Holds the chain against what this machine remembers.
fn check(chain: &ChainRead, state: &State, path: &Path) -> Result<(), AuditError> {
    let file = || visible(path);
    if let Some((line, fault, false)) = chain.fault() {
        return Err(AuditError::Broken { file: file(), line, fault });
    }
    let (has, wrote) = (chain.head().seq, state.head.seq);
    if has < wrote {
        return Err(AuditError::Truncated { file: file(), has, wrote });
    }
    if wrote > 0 && chain.hash_of(wrote) != Some(state.head.hash) {
        return Err(AuditError::Forked { file: file(), line: wrote });
    }
    // The program may have ended before one line was remembered.
    if has > wrote + 1 {
        return Err(AuditError::Longer { file: file(), line: wrote + 1 });
    }
    Ok(())
}
