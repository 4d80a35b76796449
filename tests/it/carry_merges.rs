//! Two checkouts of one workspace on two machines that hold ceremonies, carry
//! and merge in any order: no record is lost, and no fork is accepted.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use keyrite::adapters::environment::Environment;
use keyrite::adapters::runs::RunError;
use keyrite::app::{App, Beginning, CeremonyError, MergeError, Sides};
use keyrite::engine::audit::Verdict;
use keyrite::engine::runner::Reply;
use proptest::prelude::*;
use tempfile::TempDir;

use crate::support::courier::bytes_of;

/// A machine with its checkout.
struct Machine {
    home: TempDir,
    app: App,
    folder: PathBuf,
}

impl Machine {
    fn new() -> Self {
        let memory = Path::new("/dev/shm");
        let home = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        let home = home.unwrap();
        let app = App::new(Environment {
            folder: home.path().to_owned(),
            state: Some(home.path().join("state")),
            ..Environment::default()
        });
        Self { folder: home.path().join("team"), home, app }
    }

    /// All lines that only grow, with their files.
    fn lines(&self) -> BTreeSet<(PathBuf, Vec<u8>)> {
        let mut lines = BTreeSet::new();
        for (path, bytes) in bytes_of(&self.folder) {
            if path.extension().is_some_and(|ending| ending == "jsonl") {
                let path = path.strip_prefix(&self.folder).unwrap();
                let split = bytes.split_inclusive(|byte| *byte == b'\n');
                lines.extend(split.map(|line| (path.to_owned(), line.to_vec())));
            }
        }
        lines
    }

    fn note(&self, run: &str) -> Result<(), CeremonyError> {
        let mut runner = self.app.resume_run(&self.folder, run)?;
        // In the words of this machine: two lines that are the same to the
        // last bit are no fork.
        let text = format!("TEST {}", self.home.path().display());
        Ok(runner.reply(Reply::Note { text })?)
    }
}

/// What happens.
#[derive(Clone, Copy, Debug)]
enum Deed {
    /// A run is begun on that machine.
    Begin(usize),
    /// A run goes on there, if it may.
    Note(usize, usize),
    /// The workspace is carried from there, perhaps with a run.
    Carry(usize, Option<usize>),
    /// The other checkout is merged into that one.
    Merge(usize),
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        (0..2usize).prop_map(Deed::Begin),
        (0..2usize, 0..4usize).prop_map(|(side, run)| Deed::Note(side, run)),
        (0..2usize, proptest::option::of(0..4usize)).prop_map(|(side, run)| Deed::Carry(side, run)),
        (0..2usize).prop_map(Deed::Merge),
    ];
    proptest::collection::vec(deed, 1..14)
}

/// Two machines, and what they should agree on.
struct Scene {
    machines: [Machine; 2],
    stick: TempDir,
    /// Who goes on with each run.
    holders: BTreeMap<String, usize>,
    /// Where a run was handed over and has not come back.
    away: BTreeSet<(usize, String)>,
    written: BTreeSet<(PathBuf, Vec<u8>)>,
}

impl Scene {
    fn new() -> Self {
        let machines = [Machine::new(), Machine::new()];
        machines[0].app.found_rehearsal(&machines[0].folder, "small-team").unwrap();
        let mut scene = Self {
            machines,
            stick: tempfile::tempdir().unwrap(),
            holders: BTreeMap::new(),
            away: BTreeSet::new(),
            written: BTreeSet::new(),
        };
        scene.carry(0, None);
        scene
    }

    fn run(&self, index: usize) -> Option<String> {
        self.holders.keys().nth(index).cloned()
    }

    fn happen(&mut self, deed: Deed) {
        match deed {
            Deed::Begin(side) => {
                let Machine { app, folder, .. } = &self.machines[side];
                let beginning =
                    Beginning { operator: Some("driver".into()), ..Beginning::default() };
                let runner = app.begin_run(folder, "root-generation", beginning).unwrap();
                self.holders.insert(runner.journal().run().to_owned(), side);
            }
            Deed::Note(side, index) => {
                let Some(run) = self.run(index) else { return };
                let result = self.machines[side].note(&run);
                if self.holders[&run] == side {
                    result.unwrap();
                } else {
                    // Also where git has brought a copy that nobody handed over.
                    let refused = matches!(
                        result,
                        Err(CeremonyError::Elsewhere(_) | CeremonyError::Run(RunError::Unknown(_)))
                    );
                    assert!(refused, "{result:?}");
                }
            }
            Deed::Carry(side, index) => self.carry(side, index),
            Deed::Merge(side) => assert!(self.merge(side).is_empty()),
        }
        self.remember();
    }

    fn remember(&mut self) {
        for machine in &self.machines {
            self.written.extend(machine.lines());
        }
    }

    fn carry(&mut self, from: usize, index: Option<usize>) {
        let run = index.and_then(|index| self.run(index));
        let run = run.filter(|run| self.holders[run] == from);
        let [here, there] = [&self.machines[from], &self.machines[1 - from]];
        let stick = self.stick.path();
        let runs: BTreeSet<_> = run.iter().cloned().collect();
        let sent = here.app.carry_out(&here.folder, stick, Some("driver"), &runs, true).unwrap();
        let incoming = there.app.look_in(&there.folder, stick).unwrap();
        assert_eq!(incoming.manifest().digest(), sent.manifest.digest());
        let (nothing, none) = (BTreeSet::new(), BTreeSet::new());
        let taken = there.app.carry_in(&incoming, Some("driver"), &nothing, &none).unwrap();
        assert_eq!(taken.runs, Vec::from_iter(run.clone()));
        if let Some(run) = run {
            self.holders.insert(run.clone(), 1 - from);
            self.away.insert((from, run.clone()));
            self.away.remove(&(1 - from, run));
        }
    }

    /// What git does with both checkouts; returns what it left for a person.
    fn merge(&self, into: usize) -> Vec<MergeError> {
        let [ours, theirs] = [&self.machines[into], &self.machines[1 - into]];
        let empty = ours.home.path().join("empty");
        fs::write(&empty, "").unwrap();
        let mut left = Vec::new();
        for (path, bytes) in bytes_of(&theirs.folder) {
            let name = path.strip_prefix(&theirs.folder).unwrap();
            let here = ours.folder.join(name);
            fs::create_dir_all(here.parent().unwrap()).unwrap();
            if !here.exists() {
                fs::write(&here, bytes).unwrap();
            } else if fs::read(&here).unwrap() != bytes {
                let sides = Sides { base: &empty, ours: &here, theirs: &path };
                left.extend(ours.app.merge(sides, name).err());
            }
        }
        left
    }

    /// Whether each machine has that run, and either could go on with it.
    fn can_fork(&self, run: &str) -> bool {
        let is_there = |machine: &Machine| machine.folder.join("runs").join(run).is_dir();
        self.machines.iter().all(is_there)
            && (0..2).all(|side| !self.away.contains(&(side, run.to_owned())))
    }
}

fn cases() -> u32 {
    16 * std::env::var("KEYRITE_CASES").map_or(1, |times| times.parse::<u32>().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn in_every_order_no_record_is_lost_and_no_fork_is_accepted(deeds in deeds()) {
        let mut scene = Scene::new();
        for deed in deeds {
            scene.happen(deed);
        }
        for side in [0, 1] {
            prop_assert!(scene.merge(side).is_empty());
        }
        for machine in &scene.machines {
            let lines = machine.lines();
            let lost: Vec<_> = scene.written.difference(&lines).collect();
            prop_assert!(lost.is_empty(), "{lost:?}");
            let report = machine.app.audit_verify(&machine.folder, None, None);
            prop_assert_eq!(report.verdict(), Verdict::Sound, "{:?}", report.problems);
        }
        // Two go on with a run, because one recalled what the other holds.
        let Some(run) = scene.holders.keys().find(|run| scene.can_fork(run)).cloned() else {
            return Ok(());
        };
        let holder = scene.holders[&run];
        scene.machines[holder].note(&run).unwrap();
        let Machine { app, folder, .. } = &scene.machines[1 - holder];
        let recalled = app.find_recalled(folder, &run).unwrap();
        app.recall(folder, &recalled, Some("driver"), "TEST").unwrap();
        scene.machines[1 - holder].note(&run).unwrap();
        let before: Vec<_> = scene.machines.iter().map(|machine| journal(machine, &run)).collect();
        for side in [0, 1] {
            let left = scene.merge(side);
            let is_fork = |error: &MergeError| matches!(error, MergeError::Forked { .. });
            prop_assert!(left.len() == 1 && left.iter().all(is_fork), "{left:?}");
        }
        for (machine, before) in scene.machines.iter().zip(before) {
            prop_assert_eq!(journal(machine, &run), before, "each keeps its own");
            let report = machine.app.audit_verify(&machine.folder, None, None);
            prop_assert_eq!(report.verdict(), Verdict::Forked);
        }
    }
}

fn journal(machine: &Machine, run: &str) -> Vec<u8> {
    fs::read(machine.folder.join("runs").join(run).join("journal.jsonl")).unwrap()
}
