//! A run of a ceremony: a fold over its journal. Nothing else is stored, and
//! what comes next is worked out from it.

use std::collections::{BTreeMap, BTreeSet};

use super::chain::Digest;
use super::definition::{Ceremony, Kind, Step};
use super::effect::{Value, Values};
use super::event::{Event, Place, Remark, Weight};
use super::journal::Entry;
use crate::domain::worded::Worded as _;

mod confirmation;
mod facts;
mod holder;
mod plan;
mod program;

pub use confirmation::{Confirmation, Typing};
pub use holder::{Elsewhere, NotHeld, is_vouched};
pub use plan::{Planned, PlannedWords, in_words};
pub use program::{Shown, numbered};

/// What must happen next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// The step at that place.
    Step(Place),
    /// An effect was begun there and its end is not known: the world is asked.
    Reconcile(Place),
    /// What was found there stops the run.
    Halted(Place),
    /// The transcript.
    Close,
    /// Nothing.
    Ended(Ending),
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It was done to its end.
    Closed,
    /// It was given up.
    Abandoned,
}

/// An effect that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Where.
    pub place: Place,
    /// Its random name.
    pub effect: String,
    /// Of what it is given.
    pub digest: Digest,
}

/// What stops a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Halt {
    /// Where.
    pub place: Place,
    /// Why.
    pub remarks: Vec<Remark>,
    /// Whether the effect there was done nevertheless.
    is_completed: bool,
}

/// Something that a person takes on themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// Where.
    pub place: Place,
    /// In whose words.
    pub text: String,
    /// Who.
    pub by: String,
}

/// Why an event cannot have happened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IllegalMove {
    /// It is not its turn.
    #[error("'{0}' is recorded where the ceremony does not have it")]
    OutOfTurn(&'static str),
    /// A value is missing that an earlier step should have left.
    #[error("the step '{0}' lacks '{1}'")]
    Missing(String, String),
    /// The effect that is recorded is not the one that follows from the
    /// answers.
    #[error("what is recorded for '{0}' does not follow from what was answered")]
    OtherEffect(String),
    /// Another machine goes on with the run.
    #[error(transparent)]
    Elsewhere(Elsewhere),
}

/// The state of a run.
#[derive(Clone, Debug)]
pub struct Run {
    /// What it runs.
    pub ceremony: &'static Ceremony,
    /// Who drives.
    pub operator: String,
    /// Whose trust is at stake.
    pub environment: String,
    /// What was put on record against findings.
    pub exceptions: Vec<Exception>,
    facts: Values,
    /// What was answered and taken back.
    taken_back: Values,
    done: BTreeSet<Place>,
    pending: Option<Pending>,
    halt: Option<Halt>,
    failure: Option<(Place, String)>,
    names: BTreeMap<(Place, Digest), String>,
    ending: Option<Ending>,
    elsewhere: Option<Elsewhere>,
}

impl Run {
    /// The state after those entries. The first one opens it.
    pub fn replay(ceremony: &'static Ceremony, entries: &[Entry]) -> Result<Self, IllegalMove> {
        let mut run = Self {
            ceremony,
            operator: String::new(),
            environment: String::new(),
            exceptions: Vec::new(),
            facts: Values::new(),
            taken_back: Values::new(),
            done: BTreeSet::new(),
            pending: None,
            halt: None,
            failure: None,
            names: BTreeMap::new(),
            ending: None,
            elsewhere: None,
        };
        for (index, entry) in entries.iter().enumerate() {
            let opens = matches!(entry.event, Event::Opened { .. });
            if opens != (index == 0) {
                return Err(IllegalMove::OutOfTurn(entry.event.word()));
            }
            run.apply(&entry.event)?;
        }
        Ok(run)
    }

    /// What must happen next.
    #[must_use]
    pub fn next(&self) -> Next {
        if let Some(ending) = self.ending {
            return Next::Ended(ending);
        }
        if let Some(pending) = &self.pending {
            return Next::Reconcile(pending.place.clone());
        }
        if let Some(halt) = &self.halt {
            return Next::Halted(halt.place.clone());
        }
        self.current().map_or(Next::Close, Next::Step)
    }

    /// Takes an event into account.
    pub fn apply(&mut self, event: &Event) -> Result<(), IllegalMove> {
        let out_of_turn = || IllegalMove::OutOfTurn(event.word());
        if self.ending.is_some() {
            return Err(out_of_turn());
        }
        if self.pass_on(event)? {
            return Ok(());
        }
        if let Some(at) = event.place()
            && self.current().as_ref() != Some(at)
        {
            return Err(out_of_turn());
        }
        let kind = event.place().and_then(|at| self.step(at)).map(|step| step.kind);
        let is_open = self.pending.is_none() && self.halt.is_none();
        match (event, kind) {
            (Event::Opened { operator, environment, given, .. }, _) => {
                self.operator.clone_from(operator);
                self.environment.clone_from(environment);
                self.learn("given", given);
                self.facts.insert("run.operator".to_owned(), operator.as_str().into());
                self.facts.insert("run.environment".to_owned(), environment.as_str().into());
            }
            (Event::Answered { at, values }, Some(Kind::Ask(_)))
            | (Event::Attested { at, values }, Some(Kind::Attest(_)))
                if is_open =>
            {
                self.learn(at.as_str(), values);
                self.done.insert(at.clone());
            }
            (Event::PlanSealed { at, digest }, Some(Kind::Plan)) if is_open => {
                if *digest != self.plan_digest() {
                    return Err(IllegalMove::OtherEffect(at.as_str().to_owned()));
                }
                let sealed = [("digest".to_owned(), Value::from(digest.to_string()))];
                self.learn(at.as_str(), &Values::from(sealed));
                self.done.insert(at.clone());
            }
            (Event::Confirmed { at, class, .. }, Some(Kind::Confirm(wanted, _)))
                if is_open && class == wanted.word() =>
            {
                self.done.insert(at.clone());
            }
            (Event::Waited { at }, Some(Kind::Wait(_))) if is_open => {
                self.done.insert(at.clone());
            }
            (Event::Observed { at, remarks }, Some(kind)) => self.observe(at, remarks, kind),
            (
                Event::Intended { at, effect, digest, .. },
                Some(Kind::Perform(..) | Kind::Verify(..)),
            ) if self.pending.is_none() => {
                self.intend(at, effect, *digest)?;
            }
            (Event::Completed { at, effect, receipt, .. }, _) if self.is_pending(effect) => {
                self.complete(at, receipt);
            }
            (Event::Failed { at, effect, error }, _) if self.is_pending(effect) => {
                self.pending = None;
                self.failure = Some((at.clone(), error.clone()));
            }
            (Event::Exception { at, text, by, .. }, _) => {
                self.except(at, text, by).ok_or_else(out_of_turn)?;
            }
            (Event::Returned { to }, _) => {
                if self.way_back().as_ref() != Some(to) {
                    return Err(out_of_turn());
                }
                self.go_back(to);
            }
            (Event::Noted { .. } | Event::Paused { .. } | Event::Resumed { .. }, _) => {}
            (Event::Abandoned { .. }, _) => self.ending = Some(Ending::Abandoned),
            (Event::Closed { .. }, _) if self.next() == Next::Close => {
                self.ending = Some(Ending::Closed);
            }
            _ => return Err(out_of_turn()),
        }
        Ok(())
    }

    fn is_pending(&self, effect: &str) -> bool {
        self.pending.as_ref().is_some_and(|pending| pending.effect == effect)
    }

    fn learn(&mut self, place: &str, values: &Values) {
        let named = |(name, value): (&String, &Value)| (format!("{place}.{name}"), value.clone());
        self.facts.extend(values.iter().map(named));
    }

    /// A remark that stops is kept until it is mended or taken by somebody;
    /// looking again begins anew.
    fn observe(&mut self, at: &Place, remarks: &[Remark], kind: Kind) {
        let stopping: Vec<_> =
            remarks.iter().filter(|remark| remark.weight != Weight::Told).cloned().collect();
        self.halt = None;
        if !stopping.is_empty() {
            self.halt = Some(Halt { place: at.clone(), remarks: stopping, is_completed: false });
        } else if matches!(kind, Kind::Check) {
            self.done.insert(at.clone());
        }
    }

    fn intend(&mut self, at: &Place, effect: &str, digest: Digest) -> Result<(), IllegalMove> {
        if self.effect(at)?.digest() != digest {
            return Err(IllegalMove::OtherEffect(at.as_str().to_owned()));
        }
        let name = self.names.entry((at.clone(), digest)).or_insert_with(|| effect.to_owned());
        if name != effect {
            return Err(IllegalMove::OtherEffect(at.as_str().to_owned()));
        }
        self.halt = None;
        self.failure = None;
        self.pending = Some(Pending { place: at.clone(), effect: effect.to_owned(), digest });
        Ok(())
    }

    fn complete(&mut self, at: &Place, receipt: &Values) {
        self.pending = None;
        self.learn(at.as_str(), receipt);
        match &mut self.halt {
            Some(halt) => halt.is_completed = true,
            None => {
                self.done.insert(at.clone());
            }
        }
    }

    fn except(&mut self, at: &Place, text: &str, by: &str) -> Option<()> {
        let halt = self.halt.take_if(|halt| {
            halt.place == *at && halt.remarks.iter().all(|r| r.weight == Weight::Stops)
        })?;
        self.exceptions.push(Exception {
            place: at.clone(),
            text: text.to_owned(),
            by: by.to_owned(),
        });
        let is_check = self.step(at).is_some_and(|step| matches!(step.kind, Kind::Check));
        if halt.is_completed || is_check {
            self.done.insert(at.clone());
        } else {
            // What will be found once more is taken as it is.
            self.facts.insert(format!("{}.excepted", at.as_str()), by.into());
        }
        Some(())
    }

    /// Whether somebody has taken it on themselves that this step goes on.
    #[must_use]
    pub fn is_excepted(&self, at: &Place) -> bool {
        self.facts.contains_key(&format!("{}.excepted", at.as_str()))
    }

    /// The effect that was begun and whose end is not known.
    #[must_use]
    pub fn pending(&self) -> Option<&Pending> {
        self.pending.as_ref()
    }

    /// What stops it.
    #[must_use]
    pub fn halt(&self) -> Option<&Halt> {
        self.halt.as_ref()
    }

    /// Why the last effect failed, where the run still is where it was.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        let (place, error) = self.failure.as_ref()?;
        (self.current().as_ref() == Some(place)).then_some(error.as_str())
    }

    /// The name that an effect had when it was tried before.
    #[must_use]
    pub fn name_of(&self, at: &Place, digest: Digest) -> Option<&str> {
        self.names.get(&(at.clone(), digest)).map(String::as_str)
    }

    /// Who looks on, and confirms what needs two.
    #[must_use]
    pub fn witness(&self) -> Option<String> {
        self.fact("people.witness", None).map(Value::text).filter(|id| !id.is_empty())
    }

    /// The step at a place.
    #[must_use]
    pub fn step(&self, at: &Place) -> Option<&'static Step> {
        self.ceremony.steps.iter().find(|step| step.id == at.step())
    }
}

/// A fingerprint in groups of four, with a gap in the middle.
#[must_use]
pub fn grouped(hex: &str) -> String {
    let groups: Vec<_> = hex.as_bytes().chunks(4).map(String::from_utf8_lossy).collect();
    let (left, right) = groups.split_at(groups.len() / 2);
    format!("{}  {}", left.join(" "), right.join(" "))
}
