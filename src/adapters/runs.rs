//! The folders of runs: `runs/<run id>/` with the journal, the public bytes
//! that were made once, and the transcript.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::sources::{SourceError, read_file};
use super::{audit_log, durable};
use crate::domain::custody::Register;
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;
use crate::engine::audit::is_run;
use crate::engine::chain::Digest;
use crate::engine::custody;
use crate::engine::journal::{Found, Journal, JournalError};

/// The folder of all runs in a workspace.
const RUNS: &str = "runs";
const JOURNAL: &str = "journal.jsonl";
const ARTIFACTS: &str = "artifacts";

/// Why a run cannot be opened, or what it keeps cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// There is none of that name.
    #[error("there is no run '{0}' in this workspace")]
    Unknown(VisibleText),
    /// Its folder is there, and nothing was ever written down in it.
    #[error(
        "it has no journal: it was never begun, and its folder can be removed; where the journal \
         was taken away, keyrite audit verify tells it"
    )]
    NoJournal,
    /// Somebody else has it open.
    #[error("another keyrite has this run open; two at once would tear it apart")]
    Busy,
    /// The file system cannot say whether somebody else has it open.
    #[error("this file system cannot lock files, so two could work on one run: {0}")]
    NoLocks(VisibleText),
    /// A file of it is not there.
    #[error("{0} is not there")]
    Missing(VisibleText),
    /// Its journal cannot be followed.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A file of it is not what was written down.
    #[error("{0} is not what the journal says")]
    Changed(VisibleText),
    /// The system does not let us.
    #[error("{path}: {error}")]
    Io {
        /// Of what.
        path: VisibleText,
        /// What it says.
        error: VisibleText,
    },
}

impl RunError {
    fn io(path: &Path, error: &io::Error) -> Self {
        Self::Io { path: visible(path), error: VisibleText::from_text(&error.to_string()) }
    }
}

/// The name of a run that begins now: it sorts by time, and chance tells two
/// apart that begin in the same second.
#[must_use]
pub fn new_id(now: Timestamp, chance: [u8; 5]) -> String {
    const DIGITS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let number = chance.iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte));
    let digit = |at: u32| {
        let index = usize::try_from(number >> (35 - 5 * at) & 31).unwrap_or(0);
        char::from(DIGITS.get(index).copied().unwrap_or(b'a'))
    };
    let time: String = now.iso().chars().filter(char::is_ascii_alphanumeric).collect();
    format!("{time}-{}", (0..8).map(digit).collect::<String>())
}

/// The names of all runs, the oldest first.
pub fn list(workspace: &Path) -> Result<Vec<String>, RunError> {
    let folder = workspace.join(RUNS);
    let mut names = Vec::new();
    #[expect(clippy::disallowed_methods, reason = "runs are looked up here only")]
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(names),
        Err(error) => return Err(RunError::io(&folder, &error)),
    };
    for entry in entries {
        let entry = entry.map_err(|error| RunError::io(&folder, &error))?;
        names.extend(entry.file_name().into_string().ok().filter(|name| is_run(name)));
    }
    names.sort();
    Ok(names)
}

/// The folder of one run.
#[derive(Clone, Debug)]
pub struct RunFolder {
    path: PathBuf,
    id: String,
}

/// What lies where, by the lines of all journals that the audit log vouches
/// for; one that cannot be read says nothing, and the log tells of it.
#[must_use]
pub fn register(workspace: &Path) -> Register {
    let log = audit_log::vouched(workspace);
    let journal = |id: String| {
        let found = RunFolder::find(workspace, &id).and_then(|run| run.journal());
        found.ok().map(|found| (id, found.journal.known_to(&log)))
    };
    let runs = list(workspace).unwrap_or_default();
    custody::register(runs.into_iter().filter_map(journal).collect())
}

impl RunFolder {
    /// Of a run that is there.
    pub fn find(workspace: &Path, id: &str) -> Result<Self, RunError> {
        let unknown = || RunError::Unknown(VisibleText::from_text(id));
        let path = is_run(id).then(|| workspace.join(RUNS).join(id)).ok_or_else(unknown)?;
        if !path.join(JOURNAL).is_file() {
            return Err(if path.is_dir() { RunError::NoJournal } else { unknown() });
        }
        Ok(Self { path, id: id.to_owned() })
    }

    /// Of a run that begins.
    pub fn create(workspace: &Path, id: &str) -> Result<Self, RunError> {
        let runs = workspace.join(RUNS);
        let path = runs.join(id);
        for folder in [&runs, &path, &path.join(ARTIFACTS)] {
            durable::make_folder(folder).map_err(|error| RunError::io(folder, &error))?;
        }
        Ok(Self { path, id: id.to_owned() })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its journal, to look at.
    pub fn journal(&self) -> Result<Found, RunError> {
        let path = self.path.join(JOURNAL);
        let bytes = read_file(&path).map_err(|error| unreadable(&path, &error))?;
        Ok(Journal::read(&self.id, &bytes)?)
    }

    /// Keeps public bytes under their digest.
    pub fn keep(&self, bytes: &[u8]) -> Result<Digest, RunError> {
        let digest = Digest::of(bytes);
        let path = self.artifact_path(digest);
        let error = |error: io::Error| RunError::io(&path, &error);
        // Neither git nor a carry takes an empty folder along.
        durable::make_folder(&self.path.join(ARTIFACTS)).map_err(error)?;
        match durable::write_new(&path, bytes) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                // What an earlier try has written in vain is not believed.
                if self.artifact(digest).is_err() {
                    durable::replace(&path, bytes).map_err(|error| RunError::io(&path, &error))?;
                }
                Ok(digest)
            }
            result => result.map(|()| digest).map_err(error),
        }
    }

    /// The bytes that were kept under that digest.
    pub fn artifact(&self, digest: Digest) -> Result<Vec<u8>, RunError> {
        let path = self.artifact_path(digest);
        let bytes = read_file(&path).map_err(|error| unreadable(&path, &error))?;
        if Digest::of(&bytes) == digest {
            Ok(bytes)
        } else {
            Err(RunError::Changed(visible(&path)))
        }
    }

    /// Writes a file of the run, in place of the one that is there.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, RunError> {
        let path = self.path.join(name);
        durable::write(&path, bytes).map_err(|error| RunError::io(&path, &error))?;
        Ok(path)
    }

    /// A file of the run, where it is there.
    pub fn read(&self, name: &str) -> Result<Vec<u8>, RunError> {
        let path = self.path.join(name);
        read_file(&path).map_err(|error| unreadable(&path, &error))
    }

    fn artifact_path(&self, digest: Digest) -> PathBuf {
        self.path.join(ARTIFACTS).join(digest.hex())
    }
}

/// The journal of a run that is open: nobody else can open it meanwhile.
#[derive(Debug)]
pub struct OpenJournal {
    file: File,
    /// Set once a line could not be written: what is on the disk is unknown.
    is_broken: bool,
}

impl OpenJournal {
    /// Begins the journal of a new run.
    pub fn begin(folder: &RunFolder) -> Result<Self, RunError> {
        let path = folder.path.join(JOURNAL);
        let error = |error: io::Error| RunError::io(&path, &error);
        let mut options = OpenOptions::new();
        let file = options.append(true).create_new(true).mode(0o644).open(&path).map_err(error)?;
        lock(&file)?;
        durable::sync_folder(&path).map_err(error)?;
        Ok(Self { file, is_broken: false })
    }

    /// Opens the journal of a run. A last line that was cut off is set aside
    /// in a file of its own.
    pub fn open(folder: &RunFolder) -> Result<(Self, Found), RunError> {
        let path = folder.path.join(JOURNAL);
        let error = |error: io::Error| RunError::io(&path, &error);
        let file = OpenOptions::new().read(true).append(true).open(&path).map_err(error)?;
        lock(&file)?;
        let bytes = read_file(&path).map_err(|error| unreadable(&path, &error))?;
        let found = Journal::read(&folder.id, &bytes)?;
        if let (Some(digest), Some(torn)) = (found.torn, bytes.get(found.length..)) {
            folder.write(&format!("journal.torn-{}", digest.hex()), torn)?;
            let length = u64::try_from(found.length).unwrap_or(u64::MAX);
            file.set_len(length).and_then(|()| file.sync_all()).map_err(error)?;
        }
        Ok((Self { file, is_broken: false }, found))
    }

    /// Appends a line; it is on the disk when this returns.
    pub fn append(&mut self, line: &str) -> io::Result<()> {
        if self.is_broken {
            return Err(io::Error::other("an earlier line could not be written"));
        }
        let result =
            self.file.write_all(format!("{line}\n").as_bytes()).and_then(|()| self.file.sync_all());
        self.is_broken = result.is_err();
        result
    }
}

fn lock(file: &File) -> Result<(), RunError> {
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => RunError::Busy,
        TryLockError::Error(error) => RunError::NoLocks(VisibleText::from_text(&error.to_string())),
    })
}

fn unreadable(path: &Path, error: &SourceError) -> RunError {
    if matches!(error, SourceError::Missing) {
        return RunError::Missing(visible(path));
    }
    RunError::Io { path: visible(path), error: VisibleText::from_text(&error.to_string()) }
}

fn visible(path: &Path) -> VisibleText {
    VisibleText::from_bytes(path.as_os_str().as_encoded_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_run_sorts_by_time() {
        let now = Timestamp::parse("2026-11-20T14:02:00Z").unwrap();
        let id = new_id(now, [0, 0, 0, 0, 1]);
        assert_eq!(id, "20261120T140200Z-aaaaaaab");
        assert_eq!(new_id(now, [255; 5]), "20261120T140200Z-77777777");
        assert!(is_run(&id) && id < new_id(now.plus(1), [0; 5]));
        for text in ["", "20261120T140200Z", "../x-aaaaaaab"] {
            assert!(!is_run(text), "{text}");
        }
    }
}
