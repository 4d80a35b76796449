//! The lines of journals that the log of a workspace vouches for. Screens ask
//! again and again, so that each chain is read on from where it was.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::io::{self, Seek as _, SeekFrom};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use rustix::fs::OFlags;

use super::files::{Lines, Name, names, open};
use super::survey::BATCH;
use super::{AUDIT, state};
use crate::engine::audit::{End, Entry, Follower, Own, RunLine, Vouched, Writer};

/// Chains that are remembered at the most.
const MAX_CHAINS: usize = 256;

static READ: LazyLock<Mutex<BTreeMap<PathBuf, Read>>> = LazyLock::new(Mutex::default);

/// A chain as far as it was read.
#[derive(Clone)]
struct Read {
    follower: Follower,
    /// What lines of it name.
    named: Vec<(u64, RunLine)>,
    /// Where its last good line ends.
    offset: u64,
    /// Which file it was, and when it was changed.
    file: (u64, u64),
    changed: (i64, i64, u64),
}

/// What the chains of a workspace vouch for, each as far as it is good. What is
/// wrong with one is told by whoever verifies the log.
#[must_use]
pub fn vouched(workspace: &Path) -> Vouched {
    let mut vouched = Vouched::default();
    let folder = workspace.join(AUDIT);
    for name in names(&folder).unwrap_or_default() {
        let Name::Chain(writer) = Name::of(&name) else { continue };
        let Ok(read) = read(&folder.join(&name), &writer) else { continue };
        for (at, line) in &read.named {
            vouched.take(&writer, *at, line);
        }
    }
    vouched
}

/// The chains of this machine in a workspace, each with its last line that it
/// can have written: the one that it remembers, and one more if the program
/// ended before that was remembered.
#[must_use]
pub fn own(states: &Path, workspace: &Path) -> Own {
    let folder = state::folder(states, workspace);
    let states = folder.ok().and_then(|folder| state::all(&folder).ok()).unwrap_or_default();
    let last = |state: &state::State| state.head.seq + u64::from(!state.is_left);
    states.into_iter().map(|state| (state.writer.clone(), last(&state))).collect()
}

fn read(path: &Path, writer: &Writer) -> io::Result<Read> {
    let mut all = READ.lock().unwrap_or_else(PoisonError::into_inner);
    let file = open(path, OFlags::RDONLY)?;
    let there = file.metadata()?;
    let known = all.remove(path).filter(|known| known.is_of(&there, writer));
    let mut read = known.unwrap_or_else(|| Read::new(writer));
    if read.changed != changed(&there) {
        read.go_on(file)?;
        (read.file, read.changed) = (identity(&there), changed(&there));
    }
    if all.len() >= MAX_CHAINS {
        all.clear();
    }
    all.insert(path.to_owned(), read.clone());
    Ok(read)
}

impl Read {
    fn new(writer: &Writer) -> Self {
        let follower = Follower::new(writer.clone());
        Self { follower, named: Vec::new(), offset: 0, file: (0, 0), changed: (0, 0, 0) }
    }

    /// Whether it is the same file, and has only grown since.
    fn is_of(&self, there: &Metadata, writer: &Writer) -> bool {
        let is_same = self.file == identity(there) && self.follower.writer() == writer;
        is_same && (self.changed == changed(there) || there.len() > self.changed.2)
    }

    fn go_on(&mut self, mut file: std::fs::File) -> io::Result<()> {
        file.seek(SeekFrom::Start(self.offset))?;
        let begun = self.offset;
        let mut lines = Lines::of(file);
        loop {
            let mut batch = Vec::new();
            while batch.len() < BATCH
                && let Some((line, End::LineFeed)) = lines.next()?
            {
                let line = line.to_vec();
                batch.push((line, begun + lines.offset));
            }
            if batch.is_empty() {
                return Ok(());
            }
            let parse =
                |(line, end): (Vec<u8>, u64)| (Entry::parse(&line), Entry::hash(&line), end);
            let parsed: Vec<_> = batch.into_par_iter().map(parse).collect();
            for (entry, hash, end) in parsed {
                let Ok(entry) = entry else { return Ok(()) };
                if self.follower.link(&entry, hash).is_err() {
                    return Ok(());
                }
                self.named.extend(entry.record.run.map(|run| (entry.seq, run)));
                self.offset = end;
            }
        }
    }
}

fn identity(there: &Metadata) -> (u64, u64) {
    (there.dev(), there.ino())
}

fn changed(there: &Metadata) -> (i64, i64, u64) {
    (there.mtime(), there.mtime_nsec(), there.len())
}
