//! What the log is held against in the folders of runs: journals, what these
//! have kept, and transcripts.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use rustix::fs::OFlags;

use super::files::{Lines, names, open, read_small};
use super::survey::Reading;
use crate::domain::text::VisibleText;
use crate::engine::audit::{End, JOURNAL, Problem, Verdict, is_run};
use crate::engine::chain::Digest;
use crate::engine::journal::kept;

/// Bytes of a line of a journal at the most.
const MAX_JOURNAL_LINE: usize = 1024 * 1024;
/// Bytes of a file that is named by its digest, at the most.
const MAX_KEPT: usize = 64 * 1024 * 1024;

/// The hashes of the whole lines of a journal, and what lines say was kept.
#[derive(Default)]
struct Read {
    hashes: Vec<Digest>,
    /// How many of them are within the bytes that were there before.
    before: usize,
    kept: Vec<(usize, Digest)>,
}

/// The journals of a workspace with their sizes. They are looked up before the
/// chains are read: a line is in its journal first, and somebody may be writing.
pub(super) fn sizes(workspace: &Path) -> BTreeMap<String, u64> {
    let runs = workspace.join("runs");
    let names = names(&runs).unwrap_or_default().into_iter().filter(|name| is_run(name));
    let size = |run: String| {
        let there = std::fs::symlink_metadata(runs.join(&run).join("journal.jsonl")).ok()?;
        Some((run, there.len()))
    };
    names.filter_map(size).collect()
}

impl Reading<'_> {
    /// Holds the log against the journals of the runs that it names or that are
    /// there, and these against the log and what they have kept.
    pub(super) fn journals(&mut self) {
        let mut found = Vec::new();
        let workspace = self.wanted.workspace;
        let there = self.sizes.keys().cloned().collect();
        let sizes = &self.sizes;
        self.survey.journals(&there, &mut |run| {
            let size = sizes.get(run).copied().unwrap_or_default();
            let mut read = read_journal(&workspace.join("runs").join(run), size);
            let hashes = read.as_mut().ok().and_then(Option::as_mut);
            let hashes = hashes.map(|read| (std::mem::take(&mut read.hashes), read.before));
            found.push((run.to_owned(), read));
            hashes
        });
        for (run, read) in found {
            let file = format!("runs/{run}/journal.jsonl");
            match read {
                Ok(Some(read)) => {
                    for (line, digest) in read.kept {
                        let kept = format!("runs/{run}/artifacts/{}", digest.hex());
                        self.file(&kept, digest, &format!("line {line} of the journal"));
                    }
                }
                Ok(None) => self.missing(&file, "the log"),
                Err(error) => self.failed(&file, &error),
            }
        }
    }

    /// Looks for the transcripts that lines name.
    pub(super) fn transcripts(&mut self) {
        for ((run, digest), by) in self.survey.transcripts() {
            self.file(&format!("runs/{run}/transcript.json"), digest, &by);
        }
    }

    /// Wants a file of the workspace to have that digest.
    fn file(&mut self, file: &str, digest: Digest, by: &str) {
        match read_small(&self.wanted.workspace.join(file), MAX_KEPT) {
            Ok(bytes) if Digest::of(&bytes) == digest => {}
            Ok(_) => {
                self.tell(Verdict::Broken, file, format!("it is not the one that {by} names"));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.missing(file, by),
            Err(error) => self.failed(file, &error),
        }
    }

    fn missing(&mut self, file: &str, by: &str) {
        self.tell(Verdict::Truncated, file, format!("it is not there, and {by} names it"));
    }

    fn tell(&mut self, verdict: Verdict, file: &str, message: String) {
        let file = VisibleText::from_text(file);
        self.survey.problem(Problem { verdict, file, line: None, message });
    }
}

/// Reads a run's journal, where it is there.
fn read_journal(folder: &Path, size: u64) -> io::Result<Option<Read>> {
    if !names(folder)?.iter().any(|name| name == "journal.jsonl") {
        return Ok(None);
    }
    let file = open(&folder.join("journal.jsonl"), OFlags::RDONLY)?;
    let mut lines = Lines::bounded(file, MAX_JOURNAL_LINE);
    let mut read = Read::default();
    while let Some((line, end)) = lines.next()? {
        if end != End::File {
            read.hashes.push(Digest::of_kind(JOURNAL, line));
            let at = read.hashes.len();
            read.kept.extend(kept(line).into_iter().map(|digest| (at, digest)));
            if lines.offset <= size {
                read.before = at;
            }
        }
    }
    Ok(Some(read))
}
