//! Carrying out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::handing::{can_hand_over, replay};
use super::{App, CARRIED_OUT, CarryingError, KEYRITE, ceremonies, person};
use crate::adapters::carry::{self, Carry, CarryError, Collected};
use crate::adapters::ceremony::Machine;
use crate::adapters::runs::RunError;
use crate::app::{CeremonyError, Listed, RunState};
use crate::domain::plan::Team;
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;
use crate::domain::workspace::Environment;
use crate::engine::audit::{Head, Problem, Record, Writer};
use crate::engine::carry::{Listed as File, Manifest, Place};
use crate::engine::chain::Digest;
use crate::engine::event::Event;
use crate::engine::journal::Journal;
use crate::engine::ports::Surroundings as _;
use crate::engine::run::Elsewhere;

/// What there is to be decided before a carry is made.
#[derive(Debug)]
pub struct Outgoing {
    /// Whose trust is at stake.
    pub environment: Environment,
    /// The runs that can go on, and that somebody may hand over.
    pub open: Vec<Listed>,
    /// How the program of the other side differs, as far as the medium tells.
    pub versions: Vec<String>,
    /// Why the carry that is on the medium should not be replaced.
    pub waiting: Option<String>,
}

/// A carry that was made.
#[derive(Debug)]
pub struct Sent {
    /// What it lists.
    pub manifest: Manifest,
    /// What stays behind because keyrite does not know it.
    pub left: Vec<VisibleText>,
    /// What is wrong with the log that goes with it.
    pub problems: Vec<Problem>,
}

impl App {
    /// Looks at the medium and at the open runs.
    pub fn look_out(&self, folder: &Path, medium: &Path) -> Result<Outgoing, CarryingError> {
        let team = self.workspace(folder)?.team;
        let environment = team.workspace.environment;
        carry::refuse_medium(medium, environment)?;
        let mut open = self.runs(folder)?;
        open.retain(|run| matches!(run.state, RunState::Open | RunState::Halted));
        let mut outgoing = Outgoing { environment, open, versions: Vec::new(), waiting: None };
        match Carry::on(medium) {
            Err(CarryError::None(_) | CarryError::CutOff(_)) => {}
            Err(error) => outgoing.waiting = Some(format!("on the medium is a carry: {error}")),
            Ok(there) if self.is_own(folder, &there.manifest.writer) => {}
            Ok(there) => {
                outgoing.versions = there.manifest.other_versions(KEYRITE, &ceremonies());
                let is_taken = self.was_taken(folder, &there.manifest.id);
                if !is_taken && !carry::plan(Some(folder), &there)?.is_nothing() {
                    outgoing.waiting = Some(format!(
                        "on the medium is a carry of {} by {} that was not taken in here",
                        there.manifest.at.iso(),
                        there.manifest.by
                    ));
                }
            }
        }
        Ok(outgoing)
    }

    /// Who carries out: the one who is named, or the only one there is.
    pub fn who_carries(&self, folder: &Path, named: Option<&str>) -> Result<String, CarryingError> {
        person(&self.workspace(folder)?.team, named)
    }

    /// Hands runs over, and copies the workspace. What was handed over is on
    /// record before anything is copied: the same call takes up what was cut
    /// off in between.
    pub fn carry_out(
        &self,
        folder: &Path,
        medium: &Path,
        named: Option<&str>,
        hand_over: &BTreeSet<String>,
        replace: bool,
    ) -> Result<Sent, CarryingError> {
        if let Some(waiting) = self.look_out(folder, medium)?.waiting.filter(|_| !replace) {
            return Err(CarryingError::Waiting(waiting));
        }
        let team = self.workspace(folder)?.team;
        let by = person(&team, named)?;
        let (mut handing, mut again) = (Vec::new(), Vec::new());
        let custody = self.custody(folder);
        for run in hand_over {
            match can_hand_over(folder, run, &custody)? {
                None => handing.push(run),
                // It never arrived: it goes along once more.
                Some(there) if self.is_own_name(folder, &there.writer) => again.push(run),
                Some(there) => return Err(CeremonyError::Elsewhere(there.into()).into()),
            }
        }
        carry::make_room(medium, &carry::collect(folder)?.files)?;
        let id = new_id()?;
        let writer = self.audit_log(folder, &by)?.writer().clone();
        for run in again.into_iter().filter(|run| self.is_unsettled(folder, run)) {
            self.settle(folder, run, &by)?;
        }
        for run in handing {
            let (carry, by) = (id.clone(), by.clone());
            let event = Event::HandedOver { carry, by: by.clone(), writer: writer.to_string() };
            self.pass_on(folder, run, &by, event)?;
        }
        let head = self.note(folder, &by, CARRIED_OUT, &[("carry", id.clone())])?;
        let collected = carry::collect(folder)?;
        let runs = self.handed_over(folder, &collected);
        let made = Made { id, at: Self::instant(), by, writer, head, runs };
        let manifest = made.manifest(&team, &collected.files);
        let making = carry::prepare(medium, &manifest, &collected.files)?;
        let problems = self.log_problems(folder);
        let copied = self.log_problems(&making.folder().join(carry::FILES));
        if let Some(new) = copied.into_iter().find(|problem| !problems.contains(problem)) {
            making.drop_it()?;
            return Err(CarryingError::Unsteady(new));
        }
        making.place()?;
        Ok(Sent { manifest, left: collected.left, problems })
    }

    /// A line of the audit log, of no run.
    pub(super) fn note(
        &self,
        folder: &Path,
        by: &str,
        kind: &str,
        facts: &[(&str, String)],
    ) -> Result<Head, CarryingError> {
        let facts = facts.iter();
        let body = facts.map(|(name, value)| ((*name).to_owned(), value.as_str().into())).collect();
        let record = Record { actor: by.to_owned(), kind: kind.to_owned(), body, run: None };
        Ok(self.audit_log(folder, by)?.append(record, Self::instant())?)
    }

    /// The runs that this machine has handed over and nobody has taken yet,
    /// with the carries that their journals name.
    fn handed_over(&self, folder: &Path, collected: &Collected) -> BTreeMap<String, String> {
        let mut runs = BTreeMap::new();
        for (path, bytes) in &collected.files {
            let Some(Place::Journal(run)) = Place::of(path) else { continue };
            let Ok(Some(there)) = elsewhere(&run, bytes) else { continue };
            if self.is_own_name(folder, &there.writer) {
                runs.insert(run, there.carry);
            }
        }
        runs
    }
}

/// Where a run is, by the bytes of its journal.
pub(super) fn elsewhere(run: &str, bytes: &[u8]) -> Result<Option<Elsewhere>, CeremonyError> {
    let found = Journal::read(run, bytes).map_err(RunError::from)?;
    Ok(replay(&found.journal)?.0.elsewhere().cloned())
}

/// What is new about a carry.
struct Made {
    id: String,
    at: Timestamp,
    by: String,
    writer: Writer,
    head: Head,
    runs: BTreeMap<String, String>,
}

impl Made {
    fn manifest(self, team: &Team, files: &BTreeMap<String, Vec<u8>>) -> Manifest {
        let listed = |bytes: &Vec<u8>| File {
            digest: Digest::of(bytes),
            size: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        };
        Manifest {
            id: self.id,
            at: self.at,
            team: team.workspace.name.clone(),
            environment: team.workspace.environment,
            keyrite: KEYRITE.to_owned(),
            ceremonies: ceremonies(),
            by: self.by,
            writer: self.writer,
            head: self.head,
            files: files.iter().map(|(path, bytes)| (path.clone(), listed(bytes))).collect(),
            runs: self.runs,
        }
    }
}

fn new_id() -> Result<String, CarryingError> {
    let mut bytes = [0; 16];
    Machine::new().random(&mut bytes).map_err(CarryingError::Machine)?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}
