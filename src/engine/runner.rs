//! Runs a ceremony: shows what is next, takes what people say, and does what
//! follows, after it has written down that it will.

use super::effect::{Effect, SecretUse};
use super::event::{Event, Place, Remark, Weight};
use super::journal::{Entry, Journal, Moment};
use super::ports::{Hands, Record, RecordError, Secrets, Surroundings};
use super::question::{self, Wrong};
use super::run::{IllegalMove, Next, Run};
use super::secret::Secret;
use super::transcript::{Signed, Transcript};
use crate::domain::finding::{FindingId, Severity};
use crate::domain::host::Locality;
use crate::domain::timestamp::Timestamp;

mod doing;
mod prompt;
mod reply;
mod view;

pub use prompt::Prompt;
pub use reply::Reply;
pub use view::RunView;

/// How far a clock may go back between two lines, in seconds.
const CLOCK_SLACK: i64 = 120;
/// How often a passphrase may be wrong before the run pauses.
const TRIES: u32 = 3;
/// Characters of a passphrase that somebody chooses, at the least.
const SHORTEST: usize = 16;

/// What a run needs from the world.
pub struct Ports {
    /// Where lines go.
    pub record: Box<dyn Record>,
    /// What changes the world.
    pub hands: Box<dyn Hands>,
    /// Time and chance.
    pub surroundings: Box<dyn Surroundings>,
}

/// Why something that was said, or was to be done, is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Answers do not hold.
    #[error("{}", .0.iter().map(|wrong| wrong.message.as_str()).collect::<Vec<_>>().join("; "))]
    Answers(Vec<Wrong>),
    /// What was typed to confirm is not what has to be typed.
    #[error("that is not {0}; nothing was done")]
    Typing(String),
    /// A passphrase is refused.
    #[error("{0}")]
    Secret(String),
    /// What is waited for has not happened.
    #[error("{0}")]
    NotYet(String),
    /// It cannot be done now.
    #[error("{0}")]
    NotNow(String),
    /// The record cannot be written, so nothing is done any more.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The ceremony does not have that here.
    #[error(transparent)]
    Illegal(#[from] IllegalMove),
}

/// A run that is open.
pub struct Runner {
    ports: Ports,
    journal: Journal,
    run: Run,
    world: question::World,
    secrets: Secrets,
    offered: Option<(&'static str, Secret)>,
    doubt: Option<String>,
    tries: u32,
    is_paused: bool,
    broken: Option<RecordError>,
}

impl Runner {
    /// Begins a run; its first line is written.
    pub fn begin(
        ceremony: &'static super::definition::Ceremony,
        id: &str,
        opened: Event,
        mut ports: Ports,
    ) -> Result<Self, Refused> {
        let world = ports.hands.world().map_err(Refused::NotNow)?;
        let run = Run::replay(ceremony, &[])?;
        let mut runner = Self::new(Journal::begin(id), run, world, ports);
        runner.record(opened)?;
        Ok(runner)
    }

    /// Goes on with a run of which the journal was read.
    pub fn resume(
        ceremony: &'static super::definition::Ceremony,
        journal: Journal,
        by: &str,
        torn: Option<super::chain::Digest>,
        mut ports: Ports,
    ) -> Result<Self, Refused> {
        let run = Run::replay(ceremony, journal.entries())?;
        let world = ports.hands.world().map_err(Refused::NotNow)?;
        let mut runner = Self::new(journal, run, world, ports);
        if !matches!(runner.run.next(), Next::Ended(_)) {
            runner.record(Event::Resumed { by: by.to_owned(), torn })?;
        }
        Ok(runner)
    }

    fn new(journal: Journal, run: Run, world: question::World, ports: Ports) -> Self {
        Self {
            ports,
            journal,
            run,
            world,
            secrets: Secrets::new(),
            offered: None,
            doubt: None,
            tries: 0,
            is_paused: false,
            broken: None,
        }
    }

    /// The state of the run.
    #[must_use]
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// Its journal.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Whether its keys are thrown away afterwards.
    #[must_use]
    pub fn is_rehearsal(&self) -> bool {
        matches!(self.run.environment.as_str(), "rehearsal" | "demo")
    }

    /// What it is held against.
    #[must_use]
    pub fn world(&self) -> &question::World {
        &self.world
    }

    /// A passphrase that was made here, for the one time that it is shown.
    #[must_use]
    pub fn offered(&self) -> Option<&Secret> {
        self.offered.as_ref().map(|(_, secret)| secret)
    }

    /// Now; never before the last line. A clock that is behind it by more than
    /// a little is told of whenever the machine is looked at.
    fn moment(&self) -> Moment {
        let moment = self.ports.surroundings.moment();
        let at = self.journal.last().map_or(moment.at, |last| moment.at.max(last));
        Moment { at, ..moment }
    }

    /// Writes a line down, and then takes it into account. Whatever it speaks
    /// of must not have happened before this returns.
    fn record(&mut self, event: Event) -> Result<(), Refused> {
        if let Some(error) = &self.broken {
            return Err(error.clone().into());
        }
        let mut run = self.run.clone();
        run.apply(&event)?;
        let (line, entry) = self.journal.line(self.moment(), event);
        let written = self.write(&line, &entry, &run.operator);
        // A line that was written counts, even where the audit log could not
        // follow: it will when the run is opened again.
        if self.journal.last_is(&entry) {
            self.run = run;
        }
        written.map_err(|error| {
            self.broken = Some(error.clone());
            error.into()
        })
    }

    fn write(&mut self, line: &str, entry: &Entry, actor: &str) -> Result<(), RecordError> {
        self.ports.record.journal(line)?;
        self.journal.push(entry.clone());
        self.ports.record.audit(entry, actor)
    }

    /// Looks at the machine for the step at `at`.
    fn look(&mut self, at: &Place, locality: Option<Locality>) -> Vec<Remark> {
        let since = self.journal.last().unwrap_or(Timestamp::from_unix(0));
        let now = self.ports.surroundings.moment().at;
        let mut remarks = self.ports.hands.look(locality, since);
        if now.plus(CLOCK_SLACK) < since {
            remarks.push(behind(now, since));
        }
        self.weigh(at, remarks)
    }

    /// What somebody has taken on themselves is told, and stops no more.
    fn weigh(&self, at: &Place, mut remarks: Vec<Remark>) -> Vec<Remark> {
        if self.run.is_excepted(at) {
            for remark in remarks.iter_mut().filter(|one| one.weight == Weight::Stops) {
                remark.weight = Weight::Told;
            }
        }
        remarks
    }

    fn close(&mut self) -> Result<(), Refused> {
        let transcript = self.write_transcript()?;
        self.record(Event::Closed { transcript })
    }

    fn write_transcript(&mut self) -> Result<super::chain::Digest, Refused> {
        let transcript = Transcript::of(&self.run, &self.journal);
        let json = transcript.json();
        self.ports
            .hands
            .keep_transcript(&json, &transcript.text(Signed::NOBODY))
            .map_err(|why| RecordError { what: "the transcript", why })?;
        Ok(super::chain::Digest::of(json.as_bytes()))
    }

    /// The workspace may say something else now; where it cannot be read, what
    /// it said before holds until it can.
    fn refresh(&mut self) {
        if let Ok(world) = self.ports.hands.world() {
            self.world = world;
        }
    }

    fn pause(&mut self) -> Result<(), Refused> {
        self.is_paused = true;
        self.secrets.clear();
        self.offered = None;
        let by = self.run.operator.clone();
        self.record(Event::Paused { by })
    }

    /// A secret that the effect needs and that nobody has given yet.
    fn missing_secret(&self, effect: &Effect) -> Option<SecretUse> {
        let mut secrets = effect.secrets();
        secrets.find(|secret| !self.secrets.contains_key(secret.name))
    }

    /// A UUID of version 4.
    fn new_name(&mut self) -> Result<String, Refused> {
        let mut bytes = [0; 16];
        self.ports.surroundings.random(&mut bytes).map_err(Refused::NotNow)?;
        let number = u128::from_be_bytes(bytes) & !(0xf << 76) & !(0x3 << 62);
        let hex = format!("{:032x}", number | (0x4 << 76) | (0x2 << 62));
        let part = |from: usize, until: usize| hex.get(from..until).unwrap_or_default().to_owned();
        Ok([part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-"))
    }
}

fn behind(now: Timestamp, since: Timestamp) -> Remark {
    Remark {
        id: FindingId::Hst008,
        severity: Severity::Error,
        message: format!(
            "the clock says {now}, but the last line of the journal was written at {since}"
        ),
        remedy: "set the clock right: a signature from the past is worth nothing".to_owned(),
        weight: Weight::Forbids,
    }
}
