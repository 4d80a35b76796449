//! What a run shows: one thing at a time, with all that is needed to decide.

use super::Runner;
use crate::engine::chain::Digest;
use crate::engine::definition::{Kind, Step};
use crate::engine::effect::{Effect, SecretUse};
use crate::engine::event::{Place, Remark, Weight};
use crate::engine::question::{self, Asked};
use crate::engine::run::{Confirmation, Ending, Next, Planned};

/// What is wanted of people now.
#[derive(Clone, Debug)]
pub enum Prompt {
    /// Answers.
    Ask(Vec<Asked>),
    /// A look at the machine.
    Check,
    /// A look at what will be done, before it is sealed.
    Plan {
        /// What will be done.
        planned: Vec<Planned>,
        /// Of all of it.
        digest: Digest,
    },
    /// Typing, for what cannot be undone.
    Confirm(Confirmation),
    /// A secret.
    Secret {
        /// Which one.
        secret: SecretUse,
        /// Whether one was made here, which is shown and must be typed back.
        is_offered: bool,
    },
    /// A word to go on: this is done next.
    Perform(Effect),
    /// A medium to be taken out, or to be put back.
    Wait {
        /// Where it is mounted.
        path: String,
        /// Whether it must come back.
        comes_back: bool,
    },
    /// Something is wrong: it is mended, taken by somebody, or the run ends.
    Halted {
        /// What.
        remarks: Vec<Remark>,
        /// Whether somebody may take it on themselves.
        can_except: bool,
    },
    /// Whether an effect happened is not known.
    Doubt(String),
    /// Everything is done but the transcript.
    Close,
    /// It is paused; everything is kept.
    Paused,
    /// It has ended.
    Ended(Ending),
}

impl Runner {
    /// What is wanted now.
    #[must_use]
    pub fn prompt(&self) -> Prompt {
        match self.run.next() {
            Next::Ended(ending) => Prompt::Ended(ending),
            _ if self.is_paused => Prompt::Paused,
            Next::Reconcile(_) => Prompt::Doubt(self.doubt.clone().unwrap_or_else(|| {
                "the last effect was cut off: the world is asked whether it happened".to_owned()
            })),
            Next::Halted(_) => {
                let remarks = self.run.halt().map(|halt| halt.remarks.clone()).unwrap_or_default();
                let can_except = remarks.iter().all(|remark| remark.weight == Weight::Stops);
                Prompt::Halted { remarks, can_except }
            }
            Next::Close => Prompt::Close,
            Next::Step(at) => self.prompt_at(&at),
        }
    }

    /// The step that is shown, with its place.
    #[must_use]
    pub fn step(&self) -> Option<(&'static Step, Place)> {
        let at = match self.run.next() {
            Next::Step(at) | Next::Halted(at) | Next::Reconcile(at) => at,
            Next::Close | Next::Ended(_) => return None,
        };
        self.run.step(&at).map(|step| (step, at))
    }

    fn prompt_at(&self, at: &Place) -> Prompt {
        let stuck = |error: &dyn std::fmt::Display| Prompt::Doubt(error.to_string());
        match self.run.step(at).map(|step| step.kind) {
            Some(Kind::Ask(_) | Kind::Attest(_)) => {
                Prompt::Ask(question::ask(&self.run, at, &self.world))
            }
            Some(Kind::Plan) => {
                Prompt::Plan { planned: self.run.plan(), digest: self.run.plan_digest() }
            }
            Some(Kind::Confirm(..)) => match self.run.confirmation(at) {
                Ok(confirmation) => Prompt::Confirm(confirmation),
                Err(error) => stuck(&error),
            },
            Some(Kind::Perform(..) | Kind::Verify(..)) => match self.run.effect(at) {
                Ok(effect) => match self.missing_secret(&effect) {
                    Some(secret) => Prompt::Secret { secret, is_offered: self.offered.is_some() },
                    None => Prompt::Perform(effect),
                },
                Err(error) => stuck(&error),
            },
            Some(Kind::Wait(until)) => match self.run.awaited(at, until) {
                Ok((path, id)) => Prompt::Wait { path, comes_back: id.is_some() },
                Err(error) => stuck(&error),
            },
            Some(Kind::Check) | None => Prompt::Check,
        }
    }
}
