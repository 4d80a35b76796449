//! Small audit logs, written by the real writer with times and random bits
//! that are the same each time.

use std::path::{Path, PathBuf};
use std::process::Command;

use keyrite::adapters::audit_log::{AuditError, AuditLog, Beginning, Site, Wanted, survey};
use keyrite::domain::timestamp::Timestamp;
use keyrite::engine::audit::{Record, Report, RunLine};
use keyrite::engine::chain::Digest;
use serde_json::{Map, json};

use super::program::{Outcome, Program, finish};
use super::tree::root;

/// When the first line is written.
pub(crate) const NOW: Timestamp = Timestamp::from_unix(1_795_183_320);
/// A run.
pub(crate) const RUN: &str = "20261120T140200Z-ABCDEFGH";

/// A workspace with a log, and a folder for the state of its machine.
pub(crate) struct Log {
    pub(crate) program: Program,
    /// The folder of states; another one is another machine.
    pub(crate) states: PathBuf,
}

impl Log {
    pub(crate) fn new() -> Self {
        let program = Program::new();
        program.file(
            "keyrite.toml",
            "schema = 1\nname = \"TEST\"\nenvironment = \"rehearsal\"\nprofile = \"small-team\"\n\
             [[people]]\nid = \"alice\"\nname = \"Alice TEST\"\n\
             [[people]]\nid = \"bob\"\nname = \"Bob TEST\"\n",
        );
        let states = program.folder().join("machine");
        Self { program, states }
    }

    /// Two chains that name each other, of which alice's has ten lines; no
    /// state is kept where the program looks for it.
    pub(crate) fn with_two_chains() -> Self {
        let log = Self::new();
        let mut alice = log.open("alice", 0xa1).unwrap();
        for number in 1..4 {
            alice.append(record(number), NOW.plus(number)).unwrap();
        }
        let mut bob = log.open("bob", 0xb2).unwrap();
        bob.append(record(4), NOW.plus(60)).unwrap();
        for number in 5..11 {
            alice.append(record(number), NOW.plus(60 + number)).unwrap();
        }
        bob.append(record(11), NOW.plus(90)).unwrap();
        log
    }

    pub(crate) fn folder(&self) -> &Path {
        self.program.folder()
    }

    pub(crate) fn open(&self, person: &str, random: u8) -> Result<AuditLog, AuditError> {
        open(self.folder(), &self.states, person, random)
    }

    /// Writes the journal of the run.
    pub(crate) fn journal(&self, lines: &str) {
        self.program.file(&format!("runs/{RUN}/journal.jsonl"), lines);
    }

    /// The file of the only chain of that person.
    pub(crate) fn file(&self, person: &str) -> PathBuf {
        let folder = std::fs::read_dir(self.folder().join("audit")).unwrap();
        let mut files = folder.map(|entry| entry.unwrap().path()).filter(|path| {
            let name = path.file_name().unwrap().to_str().unwrap();
            name.starts_with(person) && path.extension().is_some_and(|one| one == "jsonl")
        });
        let file = files.next().unwrap();
        assert_eq!(files.next(), None);
        file
    }

    /// Without what the machine remembers.
    pub(crate) fn verify(&self) -> Report {
        self.survey(None)
    }

    /// With what the machine remembers.
    pub(crate) fn verify_here(&self) -> Report {
        self.survey(Some(&self.states))
    }

    fn survey(&self, states: Option<&Path>) -> Report {
        let (checkpoint, head, now) = (None, None, NOW.plus(3600));
        let wanted = Wanted { workspace: self.folder(), states, checkpoint, head, now };
        survey(&wanted, &mut |_, _| {})
    }

    /// What the verifier in Python says: its exit code and its problems as
    /// far as both verifiers must agree on them.
    pub(crate) fn python(&self, more: &[&str]) -> (i32, Vec<String>) {
        python(self.folder(), more)
    }

    /// The same of the program.
    pub(crate) fn keyrite(&self, more: &[&str]) -> (i32, Vec<String>) {
        told(&self.program.run(&[&["audit", "verify"], more].concat()))
    }

    /// Both verifiers must say the same of the log.
    #[track_caller]
    pub(crate) fn agree(&self, more: &[&str], what: &str) -> (i32, Vec<String>) {
        let (ours, theirs) = (self.keyrite(more), self.python(more));
        assert_eq!(ours, theirs, "{what}");
        ours
    }
}

/// What the verifier in Python says of a workspace.
pub(crate) fn python(workspace: &Path, more: &[&str]) -> (i32, Vec<String>) {
    // A machine has its own and Debian's; the tests' packages need the latter.
    let mut command = Command::new("/usr/bin/python3");
    command.args(["-I", "-B"]).arg(root().join("docs/verify_audit.py"));
    command.arg(workspace).args(more);
    told(&finish(command, b"", std::time::Duration::from_secs(20)).expect("it hangs"))
}

/// The exit code of a verifier, and its problems as far as both must agree.
pub(crate) fn told(outcome: &Outcome) -> (i32, Vec<String>) {
    assert_eq!(outcome.err, "");
    let mut problems: Vec<_> = outcome.out.lines().filter_map(place).collect();
    problems.sort();
    problems.dedup();
    (outcome.code.unwrap(), problems)
}

/// The verdict, file and line of a problem.
fn place(line: &str) -> Option<String> {
    let verdicts = [
        "forked",
        "broken",
        "truncated",
        "bad signature",
        "unreadable",
        "torn tail",
        "time goes backwards",
    ];
    let (verdict, rest) = line.split_once(": ")?;
    let (place, _) = rest.split_once(": ")?;
    verdicts.contains(&verdict).then(|| format!("{verdict}: {place}"))
}

pub(crate) fn open(
    workspace: &Path,
    states: &Path,
    person: &str,
    random: u8,
) -> Result<AuditLog, AuditError> {
    let site = Site { workspace, states, person };
    let (policy, roster) = (Digest::of(b"policy"), Digest::of(b"roster"));
    AuditLog::open(&site, &Beginning { policy, roster, random: [random; 20] }, NOW)
}

/// A line that says nothing in particular.
pub(crate) fn record(number: i64) -> Record {
    let body = Map::from_iter([
        ("number".to_owned(), json!(number)),
        ("text".to_owned(), json!("é \"quoted\" \u{1}")),
    ]);
    Record { actor: "alice".to_owned(), kind: "noted".to_owned(), body, run: None }
}

/// A line that derives from that line of a journal.
pub(crate) fn of_run(seq: u64, journal_line: &[u8]) -> Record {
    let hash = Digest::of_kind("keyrite.journal/1", journal_line);
    Record { run: Some(RunLine { id: RUN.to_owned(), seq, hash }), ..record(0) }
}
