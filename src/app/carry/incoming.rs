//! Taking a carry in.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::ours::{journal_of, told};
use super::outgoing::elsewhere;
use super::{App, CARRIED_IN, CarryingError, KEYRITE, ceremonies, person};
use crate::adapters::carry::{self, Carry, Difference, Plan};
use crate::adapters::ceremony::Machine;
use crate::adapters::workspace;
use crate::domain::plan::Team;
use crate::domain::text::VisibleText;
use crate::engine::audit::{Entry, Problem};
use crate::engine::carry::{ASKED, Manifest, Place, asked};
use crate::engine::event::Event;
use crate::engine::ports::Surroundings as _;

/// What is accepted of a log that is not in order, where none is here.
pub const LOG: &str = "audit";

/// A carry that was held against the workspace here.
#[derive(Debug)]
pub struct Incoming {
    folder: PathBuf,
    is_new: bool,
    carry: Carry,
    plan: Plan,
    team: Team,
    /// How the program of the other side differs.
    pub versions: Vec<String>,
    /// What is wrong with the log in it: with ours as well, or, where none is
    /// here, for a person to accept.
    pub problems: Vec<Problem>,
    /// The runs of this machine with which somebody else went on, and the first
    /// line that is not ours.
    held: Vec<(String, usize)>,
    /// The runs that go on here.
    pub runs: Vec<String>,
    /// The runs that were taken over here, when the program ended.
    unsettled: Vec<String>,
}

/// What was taken in.
#[derive(Debug, Default)]
pub struct Taken {
    /// The runs that go on here now.
    pub runs: Vec<String>,
    /// The runs that do not, and why.
    pub refused: Vec<(String, String)>,
}

impl Incoming {
    /// What the carry lists.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.carry.manifest
    }

    /// Whether the workspace is made by it.
    #[must_use]
    pub const fn is_new(&self) -> bool {
        self.is_new
    }

    /// How many files are new or have grown.
    #[must_use]
    pub const fn more(&self) -> usize {
        self.plan.new.len() + self.plan.grown.len()
    }

    /// What a person decides on.
    #[must_use]
    pub fn differences(&self) -> &[Difference] {
        &self.plan.differences
    }

    /// Files that have grown here, and stay.
    #[must_use]
    pub fn behind(&self) -> &[String] {
        &self.plan.behind
    }

    /// The runs with two histories.
    #[must_use]
    pub fn forked(&self) -> Vec<(String, usize)> {
        let forked = self.plan.forked.iter();
        forked
            .filter_map(|(path, line)| match Place::of(path) {
                Some(Place::Journal(run)) => Some((run, *line)),
                _ => None,
            })
            .collect()
    }

    /// Why nothing of it is taken, where a run is held here and nobody gives
    /// it up.
    #[must_use]
    pub fn held_by_us(&self, accepted: &BTreeSet<String>) -> Option<CarryingError> {
        let held = self.held.iter().find(|(run, _)| !accepted.contains(&journal_of(run)));
        held.map(|(run, line)| CarryingError::HeldRun(VisibleText::from_text(run), *line))
    }

    /// The runs that are not here yet, each in words: who began it, and when.
    #[must_use]
    pub fn new_runs(&self) -> Vec<VisibleText> {
        let journals = self.plan.new.iter().filter_map(|path| match Place::of(path) {
            Some(Place::Journal(run)) => Some((run, self.carry.files.get(path)?)),
            _ => None,
        });
        journals.map(|(run, bytes)| VisibleText::from_text(&told(&run, bytes))).collect()
    }

    /// Whether somebody has to accept a log that is not in order.
    #[must_use]
    pub const fn is_log_in_question(&self) -> bool {
        self.is_new && !self.problems.is_empty()
    }

    /// Whether all of it is here already.
    #[must_use]
    pub fn is_here(&self) -> bool {
        self.plan.is_nothing() && self.runs.is_empty() && self.unsettled.is_empty()
    }
}

impl App {
    /// Reads the carry on a medium, and holds it against the workspace in
    /// `folder`, or against nothing where none is there. Nothing is written.
    pub fn look_in(&self, folder: &Path, medium: &Path) -> Result<Incoming, CarryingError> {
        let carry = Carry::on(medium)?;
        carry::refuse_medium(medium, carry.manifest.environment)?;
        let declared = carry.files.get("keyrite.toml").map(Vec::as_slice).unwrap_or_default();
        let team = workspace::of_text(&String::from_utf8_lossy(declared));
        let team = team.map_err(CarryingError::Declared)?.team;
        let is_new = !folder.join(workspace::FILE).exists();
        if is_new && std::fs::symlink_metadata(folder).is_ok() {
            let folder = folder.as_os_str().as_encoded_bytes();
            return Err(CarryingError::Occupied(VisibleText::from_bytes(folder)));
        }
        is_consistent(&carry, &team)?;
        let problems = self.log_problems(&medium.join(carry::FOLDER).join(carry::FILES));
        if !is_new {
            if self.is_own(folder, &carry.manifest.writer) {
                return Err(CarryingError::Own);
            }
            is_same(&self.workspace(folder)?.team, &carry, folder)?;
            let known = self.log_problems(folder);
            if let Some(new) = problems.iter().find(|problem| !known.contains(problem)) {
                return Err(CarryingError::BadLog(Some(new.clone())));
            }
        }
        let plan = carry::plan((!is_new).then_some(folder), &carry)?;
        only_grows(&carry, &plan)?;
        let held = if is_new { Vec::new() } else { self.gone_on(folder, &carry, &plan)? };
        let runs = arriving(&carry, &plan);
        let names = carry.manifest.runs.keys().filter(|run| !runs.contains(run));
        let unsettled = names.filter(|run| self.is_unsettled(folder, run)).cloned().collect();
        Ok(Incoming {
            folder: folder.to_owned(),
            is_new,
            versions: carry.manifest.other_versions(KEYRITE, &ceremonies()),
            team,
            carry,
            plan,
            problems,
            held,
            runs,
            unsettled,
        })
    }

    /// Who takes it in: the one who is named, or the only one there is.
    pub fn who_takes(
        &self,
        incoming: &Incoming,
        named: Option<&str>,
    ) -> Result<String, CarryingError> {
        if incoming.is_new {
            return person(&incoming.team, named);
        }
        person(&self.workspace(&incoming.folder)?.team, named)
    }

    /// Which words of its digest a person types, drawn now.
    pub fn asked_words(&self) -> Result<[usize; ASKED], CarryingError> {
        let mut chance = [0; 4 * ASKED];
        Machine::new().random(&mut chance).map_err(CarryingError::Machine)?;
        Ok(asked(chance))
    }

    /// Takes in what was looked at, and takes its runs over. The same call
    /// takes up what was cut off.
    pub fn carry_in(
        &self,
        incoming: &Incoming,
        named: Option<&str>,
        accepted: &BTreeSet<String>,
        set_aside: &BTreeSet<String>,
    ) -> Result<Taken, CarryingError> {
        let Incoming { folder, carry, plan, is_new, .. } = incoming;
        let by = self.who_takes(incoming, named)?;
        let is_difference = |path: &&String| plan.differences.iter().any(|one| one.path == **path);
        if incoming.is_log_in_question() && !accepted.contains(LOG) {
            return Err(CarryingError::BadLog(incoming.problems.first().cloned()));
        }
        let is_log = |path: &&String| incoming.is_log_in_question() && path.as_str() == LOG;
        let is_held =
            |path: &&String| incoming.held.iter().any(|(run, _)| journal_of(run) == **path);
        let mut unknown =
            accepted.iter().filter(|path| !is_difference(path) && !is_log(path) && !is_held(path));
        if let Some(path) = unknown.next() {
            return Err(CarryingError::NoDifference(VisibleText::from_text(path)));
        }
        if let Some(error) = incoming.held_by_us(accepted) {
            return Err(error);
        }
        for (run, line) in incoming.forked() {
            if !set_aside.contains(&run) {
                return Err(CarryingError::ForkedRun(VisibleText::from_text(&run), line));
            }
        }
        if !is_new {
            // Where the log cannot be written nothing else is.
            self.audit_log(folder, &by)?;
        }
        carry::apply(folder, *is_new, carry, plan, accepted)?;
        let manifest = &carry.manifest;
        let facts = [("carry", manifest.id.clone()), ("manifest", manifest.digest().to_string())];
        self.note(folder, &by, CARRIED_IN, &facts)?;
        let mut taken = Taken::default();
        for run in &incoming.unsettled {
            self.settle(folder, run, &by)?;
            taken.runs.push(run.clone());
        }
        for run in &incoming.runs {
            let carry = manifest.runs.get(run).cloned().unwrap_or_default();
            let event = Event::TakenOver { carry, by: by.clone() };
            match self.pass_on(folder, run, &by, event) {
                Ok(()) => taken.runs.push(run.clone()),
                Err(error) => taken.refused.push((run.clone(), error.to_string())),
            }
        }
        Ok(taken)
    }
}

/// Whether the list says what the files say.
fn is_consistent(carry: &Carry, team: &Team) -> Result<(), CarryingError> {
    let manifest = &carry.manifest;
    let wrong = |what: &str| Err(CarryingError::Inconsistent(what.to_owned()));
    if team.workspace.environment != manifest.environment || team.workspace.name != manifest.team {
        return wrong("its list names another team or environment than its keyrite.toml");
    }
    let chain = carry.files.get(&format!("audit/{}.jsonl", manifest.writer));
    let last = chain.and_then(|bytes| {
        let lines = bytes.strip_suffix(b"\n")?;
        lines.rsplit(|byte| *byte == b'\n').next().map(Entry::hash)
    });
    if last != Some(manifest.head.hash) {
        return wrong("the audit chain of who made it does not end where its list says");
    }
    Ok(())
}

/// Whether it is of the workspace here: the environment is the same, and so
/// is the beginning of at least one audit chain.
fn is_same(here: &Team, carry: &Carry, folder: &Path) -> Result<(), CarryingError> {
    let (ours, theirs) = (here.workspace.environment, carry.manifest.environment);
    if ours != theirs {
        use crate::domain::worded::Worded as _;
        let why = format!("its environment is {}, and here it is {}", theirs.word(), ours.word());
        return Err(CarryingError::Other(why));
    }
    let ours = carry::collect(folder)?.files;
    let (ours, theirs) = (beginnings(&ours), beginnings(&carry.files));
    let is_known = ours.iter().any(|(path, line)| theirs.get(path) == Some(line));
    let is_young = ours.is_empty() && here.workspace.name == carry.manifest.team;
    if is_known || is_young {
        return Ok(());
    }
    Err(CarryingError::Other("no audit chain in it began as one here did".to_owned()))
}

/// The first lines of the audit chains.
fn beginnings(files: &BTreeMap<String, Vec<u8>>) -> BTreeMap<&str, &[u8]> {
    files
        .iter()
        .filter(|(path, _)| matches!(Place::of(path), Some(Place::Chain(_))))
        .filter_map(|(path, bytes)| {
            Some((path.as_str(), bytes.split(|byte| *byte == b'\n').next()?))
        })
        .collect()
}

/// Refuses chains with two histories, and what the other side cannot have lost
/// by honest means: lines of its own chain, or of a run that it hands over.
fn only_grows(carry: &Carry, plan: &Plan) -> Result<(), CarryingError> {
    for (path, line) in &plan.forked {
        if matches!(Place::of(path), Some(Place::Chain(_))) {
            return Err(CarryingError::ForkedChain(VisibleText::from_text(path), *line));
        }
    }
    let own = format!("audit/{}.jsonl", carry.manifest.writer);
    // An old carry that brings nothing is told as such.
    if !plan.is_nothing() && plan.behind.contains(&own) {
        return Err(CarryingError::Shrunk(VisibleText::from_text(&own)));
    }
    Ok(())
}

/// The runs that are handed over by this carry, and that nobody has gone on
/// with here.
fn arriving(carry: &Carry, plan: &Plan) -> Vec<String> {
    let runs = carry.manifest.runs.iter();
    runs.filter(|(run, token)| {
        let path = format!("runs/{run}/journal.jsonl");
        let is_ours = plan.behind.contains(&path) || plan.is_parted(&path);
        let bytes = carry.files.get(&path).map(Vec::as_slice).unwrap_or_default();
        !is_ours
            && match elsewhere(run, bytes) {
                Ok(there) => there.is_some_and(|there| there.carry == **token),
                // It cannot be followed here, which is told when it is to be
                // taken over.
                Err(_) => true,
            }
    })
    .map(|(run, _)| run.clone())
    .collect()
}
