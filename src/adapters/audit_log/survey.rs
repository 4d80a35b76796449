//! Reading all of a log, and what its chains are held against.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use rustix::fs::OFlags;

use super::files::{Lines, Name, chain_file, names, open, read_small, visible};
use super::{AUDIT, CHECKPOINTS, runs, state, tail};
use crate::adapters::openpgp::verify_detached;
use crate::adapters::sources::read_file;
use crate::adapters::workspace::PEOPLE;
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;
use crate::engine::audit::{
    ChainRead, Checkpoint, End, Entry, Problem, Report, Survey, Verdict, Writer,
};
use crate::engine::chain::Digest;

/// Lines that are read before all cores work on them.
pub(super) const BATCH: usize = 4096;
/// Bytes of a checkpoint, and of a signature of it, at the most.
pub(super) const MAX_CHECKPOINT: usize = 1024;
pub(super) const MAX_SIGNATURE: usize = 64 * 1024;

/// Which log, and what it is held against.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The workspace.
    pub workspace: &'a Path,
    /// The folder of what this machine remembers.
    pub states: Option<&'a Path>,
    /// A checkpoint that was kept elsewhere; signatures stand beside it.
    pub checkpoint: Option<&'a Path>,
    /// The hash of a line that must be there.
    pub head: Option<Digest>,
    /// The instant at which signatures are judged.
    pub now: Timestamp,
}

/// Reads and verifies a log; `tell` gets its good lines, chain by chain.
pub fn survey(wanted: &Wanted<'_>, tell: &mut dyn FnMut(&Entry, Digest)) -> Report {
    let sizes = runs::sizes(wanted.workspace);
    let mut reading = Reading { wanted, survey: Survey::default(), sizes };
    reading.folder(tell);
    reading.checkpoints();
    reading.journals();
    reading.transcripts();
    if let Some(path) = wanted.checkpoint {
        reading.checkpoint(path, &visible(path));
    }
    if let Some(states) = wanted.states {
        reading.states(states);
    }
    if let Some(head) = wanted.head {
        reading.survey.expect(head);
    }
    reading.survey.report()
}

pub(super) struct Reading<'a> {
    pub(super) wanted: &'a Wanted<'a>,
    pub(super) survey: Survey,
    /// The journals that were there before the chains were read.
    pub(super) sizes: BTreeMap<String, u64>,
}

impl Reading<'_> {
    fn unreadable(&mut self, file: &str, message: String) {
        let (verdict, file) = (Verdict::Unreadable, VisibleText::from_text(file));
        self.survey.problem(Problem { verdict, file, line: None, message });
    }

    pub(super) fn failed(&mut self, file: &str, error: &io::Error) {
        self.unreadable(file, format!("it cannot be read: {error}"));
    }

    fn folder(&mut self, tell: &mut dyn FnMut(&Entry, Digest)) {
        let folder = self.wanted.workspace.join(AUDIT);
        let all = match names(&folder) {
            Ok(names) => names,
            Err(error) => return self.failed(AUDIT, &error),
        };
        for name in all {
            let shown = format!("{AUDIT}/{name}");
            match Name::of(&name) {
                Name::Chain(writer) => match read_chain(self.wanted.workspace, &writer, tell) {
                    Ok(chain) => self.survey.chain(chain),
                    Err(error) => self.failed(&shown, &error),
                },
                Name::Torn(writer) => match read_small(&folder.join(&name), tail::MAX_TAIL) {
                    Ok(tail) => self.survey.tail(writer, Digest::of(&tail)),
                    Err(error) => self.failed(&shown, &error),
                },
                Name::Checkpoints | Name::Leftover => {}
                Name::Unknown => {
                    self.unreadable(&shown, "it is no file of an audit log".to_owned());
                }
            }
        }
        if self.survey.is_empty() {
            self.unreadable(AUDIT, "there is no chain in it".to_owned());
        }
    }

    fn checkpoints(&mut self) {
        let folder = self.wanted.workspace.join(AUDIT).join(CHECKPOINTS);
        let shown = |name: &str| format!("{AUDIT}/{CHECKPOINTS}/{name}");
        let all = match names(&folder) {
            Ok(names) => names,
            Err(error) => return self.failed(&format!("{AUDIT}/{CHECKPOINTS}"), &error),
        };
        for name in &all {
            if Name::of(name) == Name::Leftover {
                continue;
            }
            if name.strip_suffix(".txt").is_some() {
                self.checkpoint(&folder.join(name), &VisibleText::from_text(&shown(name)));
            } else if signed_name(name).is_none_or(|text| !all.iter().any(|name| name == text)) {
                self.unreadable(
                    &shown(name),
                    "it is no checkpoint, nor a signature of one".to_owned(),
                );
            }
        }
    }

    /// Holds the log against a checkpoint, and checks the signatures beside it.
    fn checkpoint(&mut self, path: &Path, shown: &VisibleText) {
        let text = match read_small(path, MAX_CHECKPOINT) {
            Ok(text) => text,
            Err(error) => return self.failed(shown.as_str(), &error),
        };
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_ours = path
            .parent()
            .is_some_and(|folder| folder.ends_with(Path::new(AUDIT).join(CHECKPOINTS)));
        let checkpoint = Checkpoint::parse(&text)
            .filter(|checkpoint| !is_ours || checkpoint.file_name() == name);
        let Some(checkpoint) = checkpoint else {
            return self
                .unreadable(shown.as_str(), "it is not the text of a checkpoint".to_owned());
        };
        let mut is_signed = false;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let beside = names(folder).unwrap_or_default();
        for signature in beside.iter().filter(|other| signed_name(other) == Some(&name)) {
            match self.signature(&folder.join(signature), signature, &text) {
                Ok(()) => is_signed = true,
                Err(message) => {
                    let file = visible(&Path::new(shown.as_str()).with_file_name(signature));
                    let verdict = Verdict::BadSignature;
                    self.survey.problem(Problem { verdict, file, line: None, message });
                }
            }
        }
        self.survey.checkpoint(&checkpoint, shown, is_signed);
    }

    fn signature(&self, path: &Path, name: &str, text: &[u8]) -> Result<(), String> {
        let signature = read_small(path, MAX_SIGNATURE).map_err(|error| error.to_string())?;
        let signer = name.strip_suffix(".asc").and_then(|name| name.rsplit_once('.'));
        let signer = signer.map(|(_, signer)| signer).unwrap_or_default();
        let certificate = self.wanted.workspace.join(PEOPLE).join(format!("{signer}.asc"));
        let certificate = read_file(&certificate).map_err(|_| {
            format!("{PEOPLE}/{signer}.asc is not there: nobody of the roster made it")
        })?;
        match verify_detached(&certificate, &signature, text, self.wanted.now).map(|s| s.signer) {
            Ok(fingerprint) if fingerprint.hex() == signer => Ok(()),
            Ok(fingerprint) => {
                Err(format!("{PEOPLE}/{signer}.asc is the certificate {fingerprint}"))
            }
            Err(error) => Err(error.to_string()),
        }
    }

    fn states(&mut self, states: &Path) {
        let folder = state::folder(states, self.wanted.workspace);
        match folder.map(|folder| state::all(&folder)) {
            Ok(Ok(states)) => {
                for state in states {
                    self.survey.state(&state.writer, state.head);
                }
            }
            Ok(Err(error)) => self.unreadable("the state of this machine", error.to_string()),
            Err(error) => self.failed("the state of this machine", &error),
        }
    }
}

/// The checkpoint that a file of that name is a signature of.
fn signed_name(name: &str) -> Option<&str> {
    let (text, signer) = name.strip_suffix(".asc")?.rsplit_once('.')?;
    let is_signer = matches!(signer.len(), 40 | 64)
        && signer.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'));
    is_signer.then_some(text)
}

/// Reads a chain, its lines on all cores.
fn read_chain(
    workspace: &Path,
    writer: &Writer,
    tell: &mut dyn FnMut(&Entry, Digest),
) -> io::Result<ChainRead> {
    let mut lines = Lines::of(open(&chain_file(workspace, writer), OFlags::RDONLY)?);
    let mut chain = ChainRead::new(writer.clone());
    loop {
        let mut batch = Vec::with_capacity(BATCH);
        while let Some((line, end)) = if batch.len() < BATCH { lines.next()? } else { None } {
            batch.push((line.to_vec(), end));
        }
        if batch.is_empty() {
            return Ok(chain);
        }
        let parse = |(line, end): (Vec<u8>, End)| (Entry::parse(&line), Entry::hash(&line), end);
        let parsed: Vec<_> = batch.into_par_iter().map(parse).collect();
        for (entry, hash, end) in parsed {
            if let Some((entry, hash)) = chain.parsed(entry, hash, end) {
                tell(&entry, hash);
            }
        }
    }
}

/// Whether there is a log in the workspace, or was one.
#[must_use]
pub fn is_there(workspace: &Path, states: Option<&Path>) -> bool {
    let folder = workspace.join(AUDIT);
    folder.symlink_metadata().is_ok()
        || states.is_some_and(|states| !here(states, workspace).is_empty())
}

/// Whether the writer has a chain in the workspace.
#[must_use]
pub fn has_chain(workspace: &Path, writer: &Writer) -> bool {
    chain_file(workspace, writer).is_file()
}

/// The last lines that this machine remembers of the chains that it goes on
/// with in the workspace.
#[must_use]
pub fn remembered(states: &Path, workspace: &Path) -> BTreeMap<Writer, u64> {
    let folder = state::folder(states, workspace);
    let states = folder.ok().and_then(|folder| state::all(&folder).ok()).unwrap_or_default();
    let going_on = states.into_iter().filter(|state| !state.is_left);
    going_on.map(|state| (state.writer, state.head.seq)).collect()
}

/// The writers that this machine has in the workspace.
#[must_use]
pub fn here(states: &Path, workspace: &Path) -> BTreeMap<Writer, bool> {
    let folder = state::folder(states, workspace);
    let states = folder.ok().and_then(|folder| state::all(&folder).ok()).unwrap_or_default();
    states.into_iter().map(|state| (state.writer, state.is_left)).collect()
}
