//! What the engine needs from the world: a record, hands, and surroundings.
//!
//! Real ones are in the adapters; those of the tests fail on purpose.

use super::effect::{Effect, Values};
use super::event::Remark;
use super::journal::{Entry, Moment};
use super::question::World;
use super::secret::Secret;
use crate::domain::host::Locality;
use crate::domain::timestamp::Timestamp;

/// Where lines are written that must not be lost.
pub trait Record: Send {
    /// Appends a line to the journal of the run; it is on the disk when this
    /// returns.
    fn journal(&mut self, line: &str) -> Result<(), RecordError>;

    /// Appends what the line says to the audit log, likewise.
    fn audit(&mut self, entry: &Entry, actor: &str) -> Result<(), RecordError>;
}

/// Why a line could not be written. Whatever it speaks of is not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} cannot be written: {why}")]
pub struct RecordError {
    /// The journal or the audit log.
    pub what: &'static str,
    /// Why.
    pub why: String,
}

/// One effect, about to be done.
#[derive(Debug)]
pub struct Job<'a> {
    /// What, and with what.
    pub effect: &'a Effect,
    /// Its random name, which it leaves wherever it writes.
    pub id: &'a str,
    /// The time of every signature that it makes.
    pub at: Timestamp,
    /// The secrets that were asked for.
    pub secrets: &'a Secrets,
}

/// Secrets by name, for as long as a run is open.
pub type Secrets = std::collections::BTreeMap<&'static str, Secret>;

/// An effect that was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The proof.
    pub receipt: Values,
    /// What was found on the way.
    pub remarks: Vec<Remark>,
}

/// An effect that was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// A secret does not open what it should.
    WrongSecret(&'static str),
    /// Something is as it must not be.
    Refused(Vec<Remark>),
    /// It could not be done; nothing of it is left.
    Failed(String),
    /// It may have been done, or not.
    InDoubt(String),
}

/// What became of an effect whose end is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reconciled {
    /// It was done.
    Done(Values),
    /// It was not, and nothing of it is left.
    Nothing,
    /// That cannot be found out now.
    Unknown(String),
}

/// What changes the world.
pub trait Hands: Send {
    /// Looks at the machine. Nothing may be signed before `since`.
    fn look(&mut self, locality: Option<Locality>, since: Timestamp) -> Vec<Remark>;

    /// Does it.
    fn perform(&mut self, job: &Job<'_>) -> Result<Outcome, Trouble>;

    /// Finds out whether it was done, and removes what is left of it where it
    /// was not.
    fn reconcile(&mut self, job: &Job<'_>) -> Reconciled;

    /// Whether the medium is away from `path`, or back there under its name.
    fn awaited(&mut self, path: &str, id: Option<&str>) -> Result<(), String>;

    /// Reads the workspace anew.
    fn world(&mut self) -> Result<World, String>;

    /// Writes the transcript for programs and for people.
    fn keep_transcript(&mut self, json: &str, text: &str) -> Result<(), String>;
}

/// Time and chance.
pub trait Surroundings: Send {
    /// Now.
    fn moment(&self) -> Moment;

    /// Fills bytes from the system's generator.
    fn random(&mut self, bytes: &mut [u8]) -> Result<(), String>;

    /// A new passphrase for people, in words.
    fn passphrase(&mut self) -> Result<Secret, String>;
}
