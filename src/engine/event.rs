//! What happened in a run. Never a secret.

use super::chain::Digest;
use super::effect::{EffectKind, Values};
use crate::domain::finding::{FindingId, Severity};

mod spelling;

/// A step, for one item where it is done for several: `medium` or
/// `medium@anna`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(String);

impl Place {
    /// That step, for that item.
    #[must_use]
    pub fn new(step: &str, item: Option<&str>) -> Self {
        Self(item.map_or_else(|| step.to_owned(), |item| format!("{step}@{item}")))
    }

    /// As in a journal.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The step.
    #[must_use]
    pub fn step(&self) -> &str {
        self.0.split_once('@').map_or(self.0.as_str(), |(step, _)| step)
    }

    /// The item.
    #[must_use]
    pub fn item(&self) -> Option<&str> {
        self.0.split_once('@').map(|(_, item)| item)
    }
}

/// Something that a check or a proof has to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The rule.
    pub id: FindingId,
    /// How grave it is.
    pub severity: Severity,
    /// What was seen.
    pub message: String,
    /// What helps.
    pub remedy: String,
    /// What it does to the run.
    pub weight: Weight,
}

crate::domain::worded::worded! {
    /// What a remark does to a run.
    pub enum Weight: "weight" {
        /// It is told.
        Told = "told",
        /// It stops the run until it is mended, or until somebody takes it on
        /// themselves.
        Stops = "stops",
        /// It stops the run, and nobody can take it on themselves.
        Forbids = "forbids",
    }
}

/// One line of a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The run began.
    Opened {
        /// Of which ceremony.
        ceremony: String,
        /// Of which version of it.
        version: u32,
        /// Whose trust is at stake.
        environment: String,
        /// Who drives.
        operator: String,
        /// Whose keys they are: the name of the workspace.
        team: String,
        /// How many people confirm what cannot be undone.
        quorum: u32,
        /// The rules, by their name and a digest.
        policy: String,
        /// Of the declared facts.
        workspace: Digest,
        /// What was known before: a key that was selected.
        given: Values,
    },
    /// Questions were answered.
    Answered {
        /// Where.
        at: Place,
        /// By name.
        values: Values,
    },
    /// Somebody stated something.
    Attested {
        /// Where.
        at: Place,
        /// What.
        values: Values,
    },
    /// What will be done was sealed.
    PlanSealed {
        /// Where.
        at: Place,
        /// Of the list.
        digest: Digest,
    },
    /// Something that cannot be undone was confirmed.
    Confirmed {
        /// Where.
        at: Place,
        /// How.
        class: String,
        /// By whom.
        by: Vec<String>,
    },
    /// The machine, or a proof, was looked at.
    Observed {
        /// Where.
        at: Place,
        /// What there is to say.
        remarks: Vec<Remark>,
    },
    /// An effect is going to happen.
    Intended {
        /// Where.
        at: Place,
        /// Its random name.
        effect: String,
        /// What.
        kind: EffectKind,
        /// Of what it is given.
        digest: Digest,
    },
    /// It happened.
    Completed {
        /// Where.
        at: Place,
        /// Its name.
        effect: String,
        /// The proof.
        receipt: Values,
        /// Whether that was found out afterwards.
        recovered: bool,
    },
    /// It did not happen, and nothing of it is left.
    Failed {
        /// Where.
        at: Place,
        /// Its name.
        effect: String,
        /// Why.
        error: String,
    },
    /// What a run waited for has happened.
    Waited {
        /// Where.
        at: Place,
    },
    /// Somebody takes it on themselves that the run goes on.
    Exception {
        /// Where.
        at: Place,
        /// In whose words.
        text: String,
        /// Who.
        by: String,
        /// Over which remarks.
        over: Vec<String>,
    },
    /// Answers are taken back, with all that was done since.
    Returned {
        /// To which step.
        to: Place,
    },
    /// Something worth knowing.
    Noted {
        /// In whose words.
        text: String,
        /// Who.
        by: String,
    },
    /// People went away; everything is kept.
    Paused {
        /// Who.
        by: String,
    },
    /// They came back.
    Resumed {
        /// Who.
        by: String,
        /// Of a last line that was cut off, where there was one.
        torn: Option<Digest>,
    },
    /// Another machine goes on with it; from here on this one does not.
    HandedOver {
        /// The carry that takes it there.
        carry: String,
        /// Who.
        by: String,
        /// The audit chain of the machine that hands it over.
        writer: String,
    },
    /// Another machine goes on with it from here.
    TakenOver {
        /// The carry that brought it.
        carry: String,
        /// Who.
        by: String,
    },
    /// The carry, or the machine that held it, is lost: this one goes on.
    Recalled {
        /// The carry; absent where it was not handed over.
        carry: Option<String>,
        /// Why.
        reason: String,
        /// Who.
        by: String,
    },
    /// It was given up.
    Abandoned {
        /// Why.
        reason: String,
        /// Who.
        by: String,
    },
    /// It is done.
    Closed {
        /// Of `transcript.json`.
        transcript: Digest,
    },
}

impl Event {
    /// Its type, as in a journal.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "opened",
            Self::Answered { .. } => "answered",
            Self::Attested { .. } => "attested",
            Self::PlanSealed { .. } => "plan-sealed",
            Self::Confirmed { .. } => "confirmed",
            Self::Observed { .. } => "observed",
            Self::Intended { .. } => "effect-intended",
            Self::Completed { .. } => "effect-completed",
            Self::Failed { .. } => "effect-failed",
            Self::Waited { .. } => "waited",
            Self::Exception { .. } => "exception",
            Self::Returned { .. } => "returned",
            Self::Noted { .. } => "noted",
            Self::Paused { .. } => "paused",
            Self::Resumed { .. } => "resumed",
            Self::HandedOver { .. } => "handed-over",
            Self::TakenOver { .. } => "taken-over",
            Self::Recalled { .. } => "recalled",
            Self::Abandoned { .. } => "abandoned",
            Self::Closed { .. } => "closed",
        }
    }

    /// Where it happened.
    #[must_use]
    pub const fn place(&self) -> Option<&Place> {
        match self {
            Self::Answered { at, .. }
            | Self::Attested { at, .. }
            | Self::PlanSealed { at, .. }
            | Self::Confirmed { at, .. }
            | Self::Observed { at, .. }
            | Self::Intended { at, .. }
            | Self::Completed { at, .. }
            | Self::Failed { at, .. }
            | Self::Waited { at }
            | Self::Exception { at, .. } => Some(at),
            Self::Opened { .. }
            | Self::Returned { .. }
            | Self::Noted { .. }
            | Self::Paused { .. }
            | Self::Resumed { .. }
            | Self::HandedOver { .. }
            | Self::TakenOver { .. }
            | Self::Recalled { .. }
            | Self::Abandoned { .. }
            | Self::Closed { .. } => None,
        }
    }
}
