//! A ceremony as data: what is asked, confirmed, done and proved, in which
//! order, where, and why. The engine runs it, the runbooks are written from
//! it, and nothing of either knows a single ceremony.

mod field;
mod keep;

pub use self::field::{Field, FieldKind};
pub use self::keep::{Keep, Loss};
use super::effect::EffectKind;
use crate::domain::host::Locality;
use crate::domain::worded::{Worded as _, worded};
use crate::domain::workspace::Role;

/// A procedure that changes keys, or what is kept of them.
#[derive(Debug)]
pub struct Ceremony {
    /// Its name on the command line and in journals.
    pub id: &'static str,
    /// Raised when steps, or what they mean, change. A run of another version
    /// is not continued.
    pub version: u32,
    /// Its name for people.
    pub title: &'static str,
    /// What it is for, in a sentence or two.
    pub purpose: &'static str,
    /// What has to lie on the table.
    pub needs: &'static [&'static str],
    /// What is different afterwards.
    pub changes: &'static str,
    /// What is to be destroyed, or kept, when it is given up.
    pub given_up: &'static str,
    /// What comes next when it is done.
    pub next: &'static str,
    /// Who takes part, the one who drives first.
    pub roles: &'static [Role],
    /// What stays in people's hands.
    pub keeps: &'static [Keep],
    /// What is there no more.
    pub loses: &'static [Loss],
    /// What happens, in this order.
    pub steps: &'static [Step],
}

/// One step of a ceremony.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Its name in journals.
    pub id: &'static str,
    /// What happens, in a few words.
    pub title: &'static str,
    /// Why.
    pub why: &'static str,
    /// Where it must be done; absent where any machine will do.
    pub locality: Option<Locality>,
    /// What it is.
    pub kind: Kind,
    /// Whether abandoning the run takes it back.
    pub reversible: bool,
    /// The list whose items it is done for, one after the other. Neighbours
    /// with the same list belong together: all of them for one item, then all
    /// of them for the next.
    pub each: Option<&'static str>,
    /// A fact and the value that it must have, or the step is left out.
    pub only_if: Option<(&'static str, &'static str)>,
    /// What somebody who does not trust this program can run to see the same;
    /// empty where nothing can.
    pub command: &'static str,
}

/// What a step is.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Looks at the machine.
    Check,
    /// Asks people.
    Ask(&'static [Field]),
    /// Seals what was answered as the list of what will be done.
    Plan,
    /// Has something that cannot be undone confirmed by typing: a word, or a
    /// fingerprint or digest, and then the name of a place.
    Confirm(Class, &'static [Source]),
    /// Changes something outside of the run.
    Perform(EffectKind, &'static [Input]),
    /// Proves something by looking again; what it finds stops the run.
    Verify(EffectKind, &'static [Input]),
    /// Has somebody state something.
    Attest(&'static [Field]),
    /// Waits until something outside has happened.
    Wait(Until),
}

/// What an effect is given, by name.
pub type Input = (&'static str, Source);

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A fact of an earlier step, as `step.name`.
    Fact(&'static str),
    /// A fact that may be missing.
    Optional(&'static str),
    /// Itself.
    Text(&'static str),
    /// The item of the list for which the step is done.
    Item,
    /// A fact of the other items of that list, as far as it is known.
    Others(&'static str),
}

/// What a run waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// The medium at that path was taken out.
    Away(Source),
    /// The medium with that path and identity is back.
    Back {
        /// Where it is mounted.
        path: Source,
        /// The random name it was given.
        id: Source,
    },
}

worded! {
    /// What has to be typed before something that cannot be undone.
    pub enum Class: "confirmation" {
        /// One key.
        C0 = "C0",
        /// A word.
        C1 = "C1",
        /// The last eight digits of a full fingerprint or digest.
        C2 = "C2",
        /// Both halves of it, by two people where the rules want two.
        C3 = "C3",
        /// The same, and the name of the place.
        C4 = "C4",
    }
}

impl Step {
    /// A step that can be taken back, on any machine.
    #[must_use]
    pub const fn new(id: &'static str, title: &'static str, why: &'static str, kind: Kind) -> Self {
        Self {
            id,
            title,
            why,
            locality: None,
            kind,
            reversible: true,
            each: None,
            only_if: None,
            command: "",
        }
    }

    /// Only on a machine without a network.
    #[must_use]
    pub const fn offline(self) -> Self {
        Self { locality: Some(Locality::Offline), ..self }
    }

    /// Only on a machine that may have a network.
    #[must_use]
    pub const fn online(self) -> Self {
        Self { locality: Some(Locality::Online), ..self }
    }

    /// It cannot be taken back.
    #[must_use]
    pub const fn irreversible(self) -> Self {
        Self { reversible: false, ..self }
    }

    /// For each item of a list.
    #[must_use]
    pub const fn each(self, list: &'static str) -> Self {
        Self { each: Some(list), ..self }
    }

    /// Only where a fact has that value.
    #[must_use]
    pub const fn only_if(self, fact: &'static str, value: &'static str) -> Self {
        Self { only_if: Some((fact, value)), ..self }
    }

    /// What shows the same without this program.
    #[must_use]
    pub const fn command(self, command: &'static str) -> Self {
        Self { command, ..self }
    }

    /// What it gives to its effect.
    #[must_use]
    pub const fn inputs(&self) -> &'static [Input] {
        match self.kind {
            Kind::Perform(_, inputs) | Kind::Verify(_, inputs) => inputs,
            Kind::Check
            | Kind::Ask(_)
            | Kind::Plan
            | Kind::Confirm(..)
            | Kind::Attest(_)
            | Kind::Wait(_) => &[],
        }
    }

    /// What it does to the world.
    #[must_use]
    pub const fn effect(&self) -> Option<EffectKind> {
        match self.kind {
            Kind::Perform(effect, _) | Kind::Verify(effect, _) => Some(effect),
            Kind::Check
            | Kind::Ask(_)
            | Kind::Plan
            | Kind::Confirm(..)
            | Kind::Attest(_)
            | Kind::Wait(_) => None,
        }
    }

    /// What it asks.
    #[must_use]
    pub const fn fields(&self) -> &'static [Field] {
        match self.kind {
            Kind::Ask(fields) | Kind::Attest(fields) => fields,
            Kind::Check
            | Kind::Plan
            | Kind::Confirm(..)
            | Kind::Perform(..)
            | Kind::Verify(..)
            | Kind::Wait(_) => &[],
        }
    }

    /// The word for where it may be done.
    #[must_use]
    pub fn place_word(&self) -> &'static str {
        self.locality.map_or("either", Locality::word)
    }

    /// The word for what it is.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self.kind {
            Kind::Check => "check",
            Kind::Ask(_) => "ask",
            Kind::Plan => "plan",
            Kind::Confirm(..) => "confirm",
            Kind::Perform(..) => "perform",
            Kind::Verify(..) => "verify",
            Kind::Attest(_) => "attest",
            Kind::Wait(_) => "wait",
        }
    }
}

impl Ceremony {
    /// Whether any of it must be done without a network.
    #[must_use]
    pub fn is_offline(&self) -> bool {
        self.steps.iter().any(|step| step.locality == Some(Locality::Offline))
    }

    /// The word for which machine it needs: one without a network, one with
    /// it, or any.
    #[must_use]
    pub fn net(&self) -> &'static str {
        let is_online = self.steps.iter().any(|step| step.locality == Some(Locality::Online));
        match (self.is_offline(), is_online) {
            (true, _) => "offline",
            (false, true) => "online",
            (false, false) => "any",
        }
    }

    /// From which step on it cannot be taken back, counted from 1.
    #[must_use]
    pub fn point_of_no_return(&self) -> Option<usize> {
        self.steps.iter().position(|step| !step.reversible).map(|at| at + 1)
    }
}
