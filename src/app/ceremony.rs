//! Ceremonies: what can be begun, what is under way, and what was done.

use std::path::Path;

use super::published::published_since;
use super::{App, AuditError, SecretSource, Signing, WorkspaceError};
use crate::adapters::audit_log;
use crate::adapters::ceremony::{CeremonyHands, Machine, ReadWorld};
use crate::adapters::clock::Clock;
use crate::adapters::record::FileRecord;
use crate::adapters::runs::{self, OpenJournal, RunError, RunFolder};
use crate::domain::assessment::Assessment;
use crate::domain::plan::Team;
use crate::domain::timestamp::Timestamp;
use crate::domain::worded::Worded as _;
use crate::domain::workspace::Environment;
use crate::engine::audit::{Own, Vouched};
use crate::engine::catalog;
use crate::engine::chain::Digest;
use crate::engine::definition::Ceremony;
use crate::engine::effect::Values;
use crate::engine::event::Event;
use crate::engine::journal::{Entry, Journal};
use crate::engine::ports::Surroundings as _;
use crate::engine::question::World;
use crate::engine::run::{Ending, IllegalMove, Next, NotHeld, Run, is_vouched};
use crate::engine::runner::{Ports, Refused, Runner};

/// Why a run cannot be begun or taken up.
#[derive(Debug, thiserror::Error)]
pub enum CeremonyError {
    /// There is no such ceremony.
    #[error("there is no ceremony '{0}'")]
    NoCeremony(String),
    /// The run is of another version of its ceremony.
    #[error(
        "this run is of version {version} of {ceremony}, and this keyrite has {present}; nothing \
         was changed: take it up with the keyrite that began it"
    )]
    OtherVersion {
        /// Of which ceremony.
        ceremony: String,
        /// Of which version the run is.
        version: u32,
        /// Which one is here; "none" where it is unknown.
        present: String,
    },
    /// Nobody of the roster was named who may drive.
    #[error("{0}")]
    Nobody(String),
    /// The journal does not fit the ceremony.
    #[error("the journal of this run does not fit its ceremony: {0}; nothing was changed")]
    Illegal(IllegalMove),
    /// Another machine goes on with it.
    #[error(transparent)]
    Elsewhere(#[from] NotHeld),
    /// The workspace cannot be read.
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    /// The folder of the run cannot be used.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The audit log cannot be written.
    #[error(transparent)]
    Log(#[from] AuditError),
    /// A transcript is wanted of a run that goes on.
    #[error("the run {0} has not ended: its transcript is written when it is closed or given up")]
    NotEnded(String),
    /// The run itself refuses.
    #[error(transparent)]
    Refused(#[from] Refused),
}

impl From<IllegalMove> for CeremonyError {
    fn from(error: IllegalMove) -> Self {
        if let IllegalMove::Elsewhere(there) = error {
            return Self::Elsewhere(there.into());
        }
        Self::Illegal(error)
    }
}

/// A run as a list shows it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its name.
    pub id: String,
    /// Of which ceremony; its id where this program does not know it.
    pub ceremony: String,
    /// Who drives.
    pub operator: String,
    /// When it was begun.
    pub begun: Timestamp,
    /// How far it is.
    pub state: RunState,
    /// The title of the step that is next.
    pub next: Option<String>,
    /// Steps that are done, and all of them, where that is known.
    pub steps: (usize, Option<usize>),
    /// Who has signed its transcript, once it has ended.
    pub signing: Option<Signing>,
}

impl Listed {
    /// How many of its steps are done, in words.
    #[must_use]
    pub fn far(&self) -> String {
        let of = self.steps.1.map(|all| format!(" of {all}")).unwrap_or_default();
        let steps = if self.steps == (1, None) { "step is" } else { "steps are" };
        format!("{}{of} {steps} done", self.steps.0)
    }
}

/// How far a run is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunState {
    /// It can go on.
    Open,
    /// Something stops it.
    Halted,
    /// Another machine goes on with it, or it was handed over to one.
    Elsewhere,
    /// It was done to its end.
    Closed,
    /// It was given up.
    Abandoned,
    /// It cannot be read.
    Unreadable(String),
}

impl RunState {
    /// Whether it can be taken up again.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Open | Self::Halted)
    }

    /// The word of lists and documents.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Open => "paused",
            Self::Halted => "halted",
            Self::Elsewhere => "handed over",
            Self::Closed => "closed",
            Self::Abandoned => "abandoned",
            Self::Unreadable(_) => "unreadable",
        }
    }
}

/// What a run is begun with.
#[derive(Clone, Debug, Default)]
pub struct Beginning {
    /// Who drives; needed where several could.
    pub operator: Option<String>,
    /// Answers that are known before, by field.
    pub given: Values,
}

impl App {
    /// What a run in that workspace is held against.
    pub fn world(&self, folder: &Path) -> Result<World, WorkspaceError> {
        let team = self.workspace(folder)?.team;
        let reading = self.read(&[super::Input::Path(Self::certificates_of(folder))]);
        let (now, cutoffs) = (Clock::System.now(), self.cutoffs());
        let certificates: Vec<_> = reading
            .inventory
            .entries()
            .filter_map(|entry| entry.certificate.clone())
            .map(|certificate| Assessment::of(certificate, now, cutoffs))
            .collect();
        let published = published_since(folder, &team.workspace, &certificates);
        Ok(World { now, team, certificates, register: runs::register(folder), published })
    }

    /// Begins a run.
    pub fn begin_run(
        &self,
        folder: &Path,
        ceremony: &str,
        beginning: Beginning,
    ) -> Result<Runner, CeremonyError> {
        let ceremony = catalog::find(ceremony)
            .ok_or_else(|| CeremonyError::NoCeremony(ceremony.to_owned()))?;
        let declaration = self.workspace(folder)?;
        let team = &declaration.team;
        let operator = operator(team, ceremony, beginning.operator.as_deref())?;
        let log = self.audit_log(folder, &operator)?;
        let mut machine = Machine::new();
        let mut chance = [0; 5];
        machine.random(&mut chance).map_err(Refused::NotNow)?;
        let id = runs::new_id(Clock::System.now(), chance);
        let run = RunFolder::create(folder, &id)?;
        let journal = OpenJournal::begin(&run)?;
        let opened = Event::Opened {
            ceremony: ceremony.id.to_owned(),
            version: ceremony.version,
            environment: team.workspace.environment.word().to_owned(),
            operator,
            team: team.workspace.name.clone(),
            quorum: u32::try_from(team.policy.quorum).unwrap_or(u32::MAX),
            policy: team.policy.words(),
            workspace: Digest::of(declaration.text.as_bytes()),
            given: beginning.given,
        };
        let record = FileRecord::new(&id, journal, log);
        let environment = team.workspace.environment;
        let ports = self.ports(folder, environment, run, record, machine);
        Ok(Runner::begin(ceremony, &id, opened, ports)?)
    }

    /// Takes a run up again.
    pub fn resume_run(&self, folder: &Path, id: &str) -> Result<Runner, CeremonyError> {
        let run = RunFolder::find(folder, id)?;
        let (journal, found) = OpenJournal::open(&run)?;
        let (ceremony, operator, environment) = opened(found.journal.entries())?;
        let run_here = Run::replay(ceremony, found.journal.entries())?;
        self.custody(folder).check(&run_here, &found.journal)?;
        let log = self.audit_log(folder, &operator)?;
        let mut record = FileRecord::new(id, journal, log);
        let now = Clock::System.now();
        record.catch_up(&found.journal, now)?;
        let ports = self.ports(folder, environment, run, record, Machine::new());
        let runner = Runner::resume(ceremony, found.journal, &operator, found.torn, ports)?;
        if matches!(runner.run().next(), Next::Ended(_)) {
            self.keep_transcript(folder, id)?;
        }
        Ok(runner)
    }

    fn ports(
        &self,
        folder: &Path,
        environment: Environment,
        run: RunFolder,
        record: FileRecord,
        machine: Machine,
    ) -> Ports {
        let (app, at) = (self.clone(), folder.to_owned());
        let read: ReadWorld = Box::new(move || app.world(&at).map_err(|error| error.to_string()));
        let process = self.environment();
        let hands = CeremonyHands::new(self.access(folder), environment, run, process, read);
        Ports { record: Box::new(record), hands: Box::new(hands), surroundings: Box::new(machine) }
    }

    /// Where the secrets of a run are typed.
    pub fn secret_source(&self, descriptor: Option<u16>) -> Result<SecretSource, String> {
        SecretSource::open(descriptor)
    }

    /// All runs of a workspace, the newest first.
    pub fn runs(&self, folder: &Path) -> Result<Vec<Listed>, CeremonyError> {
        let names = runs::list(folder)?;
        let custody = self.custody(folder);
        let mut listed: Vec<_> = names.iter().map(|id| listed(folder, id, &custody)).collect();
        listed.reverse();
        let has_ended =
            |run: &&mut Listed| matches!(run.state, RunState::Closed | RunState::Abandoned);
        for run in listed.iter_mut().filter(has_ended) {
            run.signing = Some(self.signing(folder, &run.id));
        }
        Ok(listed)
    }

    /// What the log and this machine know of who holds which run.
    pub(super) fn custody(&self, folder: &Path) -> Custody {
        let states = self.environment.state.as_deref();
        Custody {
            log: audit_log::vouched(folder),
            own: states.map(|states| audit_log::own(states, folder)).unwrap_or_default(),
        }
    }

    /// A file of a run, as it stands there.
    pub fn run_file(&self, folder: &Path, id: &str, name: &str) -> Result<Vec<u8>, CeremonyError> {
        Ok(RunFolder::find(folder, id)?.read(name)?)
    }
}

/// Who holds which run.
pub(super) struct Custody {
    pub(super) log: Vouched,
    pub(super) own: Own,
}

impl Custody {
    /// Refuses a run that goes on and is held elsewhere, and one that the log
    /// does not know.
    pub(super) fn check(&self, run: &Run, journal: &Journal) -> Result<(), NotHeld> {
        match run.next() {
            Next::Ended(_) => is_vouched(journal, &self.log),
            Next::Step(_) | Next::Reconcile(_) | Next::Halted(_) | Next::Close => {
                run.held_here(journal, &self.log, &self.own)
            }
        }
    }
}

/// Who drives: the one who is named, or the only one who may.
fn operator(
    team: &Team,
    ceremony: &Ceremony,
    named: Option<&str>,
) -> Result<String, CeremonyError> {
    let role = ceremony.roles.first();
    let people = team.workspace.people.iter();
    let may = people.filter(|person| role.is_none_or(|role| person.roles.contains(role)));
    let may: Vec<_> = may.map(|person| person.id.as_str()).collect();
    let there = if may.is_empty() {
        "nobody in keyrite.toml has the role administrator; add to it: [[people]] with id, name \
         and roles = [\"administrator\", \"revocation-holder\"]"
            .to_owned()
    } else {
        format!("there are {}", may.join(", "))
    };
    match (named, may.as_slice()) {
        (Some(named), may) if may.contains(&named) => Ok(named.to_owned()),
        (Some(named), _) => {
            let named = crate::domain::text::VisibleText::from_text(named);
            Err(CeremonyError::Nobody(format!("'{named}' may not drive; {there}")))
        }
        (None, [only]) => Ok((*only).to_owned()),
        (None, _) => Err(CeremonyError::Nobody(format!("say who drives; {there}"))),
    }
}

/// What the first line of a journal says.
pub(super) fn opened(
    entries: &[Entry],
) -> Result<(&'static Ceremony, String, Environment), CeremonyError> {
    let Some(Event::Opened { ceremony: id, version, operator, environment, .. }) =
        entries.first().map(|entry| &entry.event)
    else {
        return Err(IllegalMove::OutOfTurn("opened").into());
    };
    let other = |present: String| CeremonyError::OtherVersion {
        ceremony: id.clone(),
        version: *version,
        present,
    };
    let ceremony = catalog::find(id).ok_or_else(|| other("none".to_owned()))?;
    if ceremony.version != *version {
        return Err(other(format!("version {}", ceremony.version)));
    }
    let environment =
        Environment::from_word(environment).ok_or(IllegalMove::OutOfTurn("opened"))?;
    Ok((ceremony, operator.clone(), environment))
}

fn listed(folder: &Path, id: &str, custody: &Custody) -> Listed {
    let unreadable = |error: &dyn std::fmt::Display| Listed {
        id: id.to_owned(),
        ceremony: String::new(),
        operator: String::new(),
        begun: Timestamp::from_unix(0),
        state: RunState::Unreadable(error.to_string()),
        next: None,
        steps: (0, None),
        signing: None,
    };
    let found = RunFolder::find(folder, id).and_then(|run| run.journal());
    let journal = match found {
        Ok(found) => found.journal,
        Err(error) => return unreadable(&error),
    };
    let run = opened(journal.entries()).and_then(|(ceremony, _, _)| {
        Run::replay(ceremony, journal.entries()).map_err(CeremonyError::from)
    });
    let run = match run {
        Ok(run) => run,
        Err(error) => return unreadable(&error),
    };
    let held = custody.check(&run, &journal);
    if let Err(error @ NotHeld::Unvouched(_)) = held {
        return unreadable(&error);
    }
    let next = run.next();
    let has_ended = matches!(next, Next::Ended(_));
    let shown = run.shown();
    Listed {
        id: id.to_owned(),
        ceremony: run.ceremony.id.to_owned(),
        operator: run.operator.clone(),
        begun: journal.entries().first().map_or(Timestamp::from_unix(0), |e| e.moment.at),
        state: match next {
            _ if held.is_err() => RunState::Elsewhere,
            Next::Ended(Ending::Closed) => RunState::Closed,
            Next::Ended(Ending::Abandoned) => RunState::Abandoned,
            Next::Halted(_) => RunState::Halted,
            Next::Step(_) | Next::Reconcile(_) | Next::Close => RunState::Open,
        },
        next: run.current().filter(|_| !has_ended).and_then(|at| {
            shown.iter().find(|step| step.place == at).map(|step| step.title.clone())
        }),
        steps: (shown.iter().filter(|step| step.is_done).count(), run.total()),
        signing: None,
    }
}
