//! All chains of a log together, and what names lines of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::chain::{ChainRead, file_of};
use super::checkpoint::Checkpoint;
use super::entry::{Head, RunLine};
use super::names::Writer;
use super::verdict::{Problem, Verdict};
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;
use crate::engine::chain::Digest;

/// What was read of a log, held against each other.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    chains: BTreeMap<Writer, ChainRead>,
    problems: Vec<Problem>,
    /// Up to which line somebody of the roster has signed a chain.
    signed: BTreeMap<Writer, u64>,
    /// The torn tails that were set aside, by their digests.
    tails: BTreeMap<Writer, BTreeSet<Digest>>,
}

/// The hashes of the lines of a journal, and how many of these were there
/// before the chains were read.
pub(super) type Hashes = (Vec<Digest>, usize);

/// One chain of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whose.
    pub writer: Writer,
    /// Its last good line.
    pub head: Head,
    /// When that line was written.
    pub at: Option<Timestamp>,
    /// Up to which line somebody of the roster has signed it; 0 for nothing.
    pub signed: u64,
    /// When the first line was written that nobody has signed yet.
    pub unsigned_since: Option<Timestamp>,
}

/// What a log is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Its chains.
    pub chains: Vec<Standing>,
    /// What is wrong, the gravest first.
    pub problems: Vec<Problem>,
}

impl Report {
    /// The gravest of what is wrong.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.problems.first().map_or(Verdict::Sound, |problem| problem.verdict)
    }

    /// The chain of that writer.
    #[must_use]
    pub fn chain(&self, writer: &Writer) -> Option<&Standing> {
        self.chains.iter().find(|chain| chain.writer == *writer)
    }
}

impl Survey {
    /// Takes a chain, which was read to its end.
    pub fn chain(&mut self, chain: ChainRead) {
        self.chains.insert(chain.writer().clone(), chain);
    }

    /// Takes a torn tail that was set aside.
    pub fn tail(&mut self, writer: Writer, digest: Digest) {
        self.tails.entry(writer).or_default().insert(digest);
    }

    /// Takes what is wrong otherwise.
    pub fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Whether no chain was read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.chains.is_empty()
    }

    /// Holds the lines that derive from runs against the hashes of the lines
    /// of their journals, and these against the log; `there` has the runs of the
    /// workspace, and `read` gives the hashes. Where it gives none, it has told why.
    pub fn journals(
        &mut self,
        there: &BTreeSet<String>,
        read: &mut dyn FnMut(&str) -> Option<Hashes>,
    ) {
        // A line that is not named may be in what could not be read.
        let is_whole = !self.chains.values().any(ChainRead::is_broken) && !self.is_empty();
        let mut runs: BTreeMap<&str, Vec<(&ChainRead, u64, &RunLine)>> =
            there.iter().map(|run| (run.as_str(), Vec::new())).collect();
        for chain in self.chains.values() {
            for (line, place) in &chain.runs {
                runs.entry(&place.id).or_default().push((chain, *line, place));
            }
        }
        let mut found = Vec::new();
        for (run, places) in runs {
            let Some((lines, before)) = read(run) else { continue };
            let mut named = vec![false; lines.len()];
            for (chain, line, place) in places {
                let at = usize::try_from(place.seq - 1).unwrap_or(usize::MAX);
                // Where it names another one, that is told.
                if let Some(named) = named.get_mut(at) {
                    *named = true;
                }
                let journal = format!("line {} of runs/{run}/journal.jsonl", place.seq);
                let (verdict, message) = match lines.get(at) {
                    Some(hash) if *hash == place.hash => continue,
                    Some(_) => (Verdict::Broken, format!("{journal} is not the one it names")),
                    None => (Verdict::Truncated, format!("{journal} is not there")),
                };
                found.push(Problem { verdict, file: chain.file(), line: Some(line), message });
            }
            named.truncate(before);
            found.extend(unnamed(run, &named).filter(|_| is_whole));
        }
        self.problems.extend(found);
    }

    /// The transcripts that lines name, by run and digest, and which line does.
    #[must_use]
    pub fn transcripts(&self) -> BTreeMap<(String, Digest), String> {
        let mut named = BTreeMap::new();
        for chain in self.chains.values() {
            for (line, run, digest) in &chain.transcripts {
                let by = format!("line {line} of {}", chain.file());
                named.entry((run.clone(), *digest)).or_insert(by);
            }
        }
        named
    }

    /// Holds a chain against a checkpoint, which `name` has; `is_signed` says
    /// whether somebody of the roster has signed it.
    pub fn checkpoint(&mut self, checkpoint: &Checkpoint, name: &VisibleText, is_signed: bool) {
        let Checkpoint { writer, head } = checkpoint;
        if is_signed {
            let signed = self.signed.entry(writer.clone()).or_default();
            *signed = head.seq.max(*signed);
        }
        self.hold(writer, *head, &format!("the checkpoint {name}"));
    }

    /// Holds a chain against what this machine has written.
    pub fn state(&mut self, writer: &Writer, head: Head) {
        if head.seq > 0 {
            self.hold(writer, head, "the state of this machine");
        }
    }

    /// Wants a line of that hash in one of the chains.
    pub fn expect(&mut self, head: Digest) {
        if !self.chains.values().any(|chain| chain.hashes.contains(&head)) {
            let message = "no chain has a line of the expected hash".to_owned();
            let file = VisibleText::from_text("audit");
            self.problems.push(Problem { verdict: Verdict::Truncated, file, line: None, message });
        }
    }

    /// Holds the chain of `writer` against a line that is named elsewhere.
    fn hold(&mut self, writer: &Writer, named: Head, by: &str) {
        let problem = differs(self.chains.get(writer), writer, named, by);
        self.problems.extend(problem);
    }

    /// Everything that is wrong.
    #[must_use]
    pub fn report(mut self) -> Report {
        let mut problems = std::mem::take(&mut self.problems);
        for chain in self.chains.values() {
            problems.extend(chain.problems());
            problems.extend(self.torn(chain));
            for (line, writer, head) in &chain.named {
                let by = format!("line {line} of {}", chain.file());
                problems.extend(differs(self.chains.get(writer), writer, *head, &by));
            }
        }
        for writer in self.tails.keys().filter(|writer| !self.chains.contains_key(*writer)) {
            let message = "a torn tail of it was set aside, and it is not there".to_owned();
            let (verdict, file) = (Verdict::TornTail, file_of(writer));
            problems.push(Problem { verdict, file, line: None, message });
        }
        problems.extend(self.forked_runs());
        problems.sort();
        problems.dedup();
        Report {
            chains: self.chains.values().map(|chain| self.standing(chain)).collect(),
            problems,
        }
    }

    /// Torn tails that are not recorded, and records without them.
    fn torn(&self, chain: &ChainRead) -> Vec<Problem> {
        let kept = self.tails.get(chain.writer()).cloned().unwrap_or_default();
        let mut named = BTreeSet::new();
        let mut problems = Vec::new();
        let problem = |line, message: &str| Problem {
            verdict: Verdict::TornTail,
            file: chain.file(),
            line,
            message: message.to_owned(),
        };
        for (line, digest) in &chain.tails {
            if !kept.contains(digest) {
                let message = "the torn tail that it names is not there as it was";
                problems.push(problem(Some(*line), message));
            }
            named.insert(*digest);
        }
        if kept.difference(&named).next().is_some() {
            problems.push(problem(None, "a torn tail was set aside and is not recorded yet"));
        }
        problems
    }

    /// Lines of one place in a journal that differ.
    fn forked_runs(&self) -> Vec<Problem> {
        let mut known: HashMap<&str, HashMap<u64, (Digest, &Writer, u64)>> = HashMap::new();
        let mut problems = Vec::new();
        for chain in self.chains.values() {
            for (line, run) in &chain.runs {
                let places = known.entry(&run.id).or_default();
                let first = *places.entry(run.seq).or_insert((run.hash, chain.writer(), *line));
                if first.0 != run.hash {
                    let (_, writer, other) = first;
                    let message = format!(
                        "it names another line {} of the run {} than line {other} of audit/{writer}.jsonl",
                        run.seq, run.id
                    );
                    let (verdict, file) = (Verdict::Forked, chain.file());
                    problems.push(Problem { verdict, file, line: Some(*line), message });
                }
            }
        }
        problems
    }

    fn standing(&self, chain: &ChainRead) -> Standing {
        let signed = self.signed.get(chain.writer()).copied().unwrap_or(0);
        let next = usize::try_from(signed).unwrap_or(usize::MAX);
        Standing {
            writer: chain.writer().clone(),
            head: chain.head(),
            at: chain.times.last().copied(),
            signed,
            unsigned_since: chain.times.get(next).copied(),
        }
    }
}

/// What is wrong with a journal of which chains do not name all lines.
fn unnamed(run: &str, named: &[bool]) -> Option<Problem> {
    let first = named.iter().position(|is_named| !is_named)?;
    let (verdict, message) = if first + 1 == named.len() {
        let why = "keyrite ended before the log had this line; who holds the run goes on with it";
        (Verdict::TornTail, why.to_owned())
    } else {
        let why = "no chain names this line: the log has lost lines, or somebody has put the \
                   journal there; from here on it counts for nothing";
        (Verdict::Truncated, why.to_owned())
    };
    let file = VisibleText::from_text(&format!("runs/{run}/journal.jsonl"));
    Some(Problem { verdict, file, line: u64::try_from(first + 1).ok(), message })
}

/// How a chain differs from a line that is named elsewhere, if it does.
fn differs(chain: Option<&ChainRead>, writer: &Writer, named: Head, by: &str) -> Option<Problem> {
    let problem = |verdict, line, message| {
        Some(Problem { verdict, file: file_of(writer), line: Some(line), message })
    };
    match chain.and_then(|chain| chain.hash_of(named.seq)) {
        Some(hash) if hash == named.hash => None,
        Some(_) => problem(Verdict::Forked, named.seq, format!("{by} names another line here")),
        // It may be one of the lines that nothing is known of.
        None if chain.is_some_and(ChainRead::is_broken) => None,
        None => {
            let has = chain.map_or(0, |chain| chain.head().seq);
            problem(
                Verdict::Truncated,
                has + 1,
                format!("it ends before line {}, which {by} names", named.seq),
            )
        }
    }
}
