//! A slot's user is kept from reading it for a while, and let again.

use super::super::remarks::{Problem, remark};
use super::super::{CeremonyHands, Done, done, receipt};
use super::bounds::{in_doubt, message, some_facts};
use super::digest;
use crate::domain::custody::{FREEZE, Frozen, NOT_DONE, Stage};
use crate::domain::finding::FindingId;
use crate::domain::workspace::Slot as Declared;
use crate::engine::event::Weight;
use crate::engine::place::PlaceError;
use crate::engine::ports::{Job, Outcome, Reconciled};
use crate::engine::slot::Observation;

/// Whether a slot can be frozen, and what is to be done where it cannot.
struct Able {
    word: &'static str,
    by_hand: &'static str,
    state: String,
}

impl CeremonyHands {
    pub(in super::super) fn look_at_freeze(&self, job: &Job<'_>) -> Done {
        let declared = self.declared(&job.effect.text("slot"))?;
        let able = if let Some(by_hand) = declared.kind.freeze_by_hand() {
            // Nothing is asked of a place that could not do it.
            Able { word: "by hand", by_hand, state: String::new() }
        } else {
            let seen = self.open_slot(&declared, job).and_then(|slot| slot.observe());
            let seen = seen.map_err(|error| unseen(error, &declared))?;
            self.able(&declared, &seen, job.effect.text("what") == FREEZE)
        };
        Ok(done(receipt([
            ("place", declared.place.clone()),
            ("declared", digest(&declared).to_string()),
            ("able", able.word.to_owned()),
            ("by_hand", able.by_hand.to_owned()),
            ("state", able.state),
        ])))
    }

    fn able(&self, declared: &Declared, seen: &Observation, is_wanted: bool) -> Able {
        let state = if seen.is_frozen {
            format!("frozen {}", self.frozen_by(declared))
        } else {
            // That it could not be found out stands among the facts.
            let said = vec!["not frozen, as far as the place says".to_owned()];
            some_facts([said, seen.facts.clone()].concat()).join("; ")
        };
        if is_wanted && !seen.is_frozen && seen.at(Stage::Current).is_none() {
            let by_hand = "nothing: no version is current there, so that its consumer gets none; \
                           custody-retire takes away what is pending";
            return Able { word: "nothing is current", by_hand, state };
        }
        Able { word: "yes", by_hand: "", state }
    }

    /// What the record says of a slot that is frozen.
    pub(super) fn frozen_by(&self, declared: &Declared) -> String {
        let register = self.world.as_ref().map(|world| &world.register);
        let frozen = register.and_then(|register| register.frozen(&declared.place));
        frozen.map_or_else(|| "by somebody else: no run has done that".to_owned(), Frozen::words)
    }

    /// The same once more changes nothing. A place that does not do it must
    /// not keep the others waiting.
    pub(in super::super) fn freeze(&self, job: &Job<'_>) -> Done {
        let (_, slot) = self.slot(job)?;
        match slot.freeze(job.effect.text("what") == FREEZE) {
            Ok(()) => Ok(done(receipt([("state", wanted(job).to_owned())]))),
            Err(
                error @ (PlaceError::Refused { .. }
                | PlaceError::Absent { .. }
                | PlaceError::Unreachable { .. }),
            ) => {
                let message = format!("{}; nothing was changed there", message(&error));
                let remedy = "its page in docs/slots says which permissions are needed: mend it and \
                              look again, or put on record how it is done by hand, and go on with \
                              the next one";
                let remarks = vec![remark(FindingId::Cus013, Weight::Stops, message, remedy)];
                Ok(Outcome { receipt: receipt([("state", NOT_DONE.to_owned())]), remarks })
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(in super::super) fn prove_frozen(&self, job: &Job<'_>) -> Done {
        if job.effect.text("state") == NOT_DONE {
            let proof = "none: the place did not do it, and somebody has taken that on themselves";
            return Ok(done(receipt([("proof", proof.to_owned())])));
        }
        let (declared, slot) = self.slot(job)?;
        if slot.observe()?.is_frozen == (job.effect.text("what") == FREEZE) {
            let proof = format!("{}, as the place tells it", wanted(job));
            return Ok(done(receipt([("proof", proof)])));
        }
        Err(Problem::forbidden(
            FindingId::Cus014,
            format!("{} is not {}", declared.place, wanted(job)),
            "look again after a while; otherwise find out who has changed it, and do it by hand",
        ))
    }

    /// Whether it is as it was wanted; by whom does not matter.
    pub(in super::super) fn reconcile_freeze(&self, job: &Job<'_>) -> Reconciled {
        match self.slot(job).and_then(|(_, slot)| slot.observe().map_err(in_doubt)) {
            Ok(seen) if seen.is_frozen == (job.effect.text("what") == FREEZE) => {
                Reconciled::Done(receipt([("state", wanted(job).to_owned())]))
            }
            Ok(_) => Reconciled::Nothing,
            Err(problem) => Reconciled::Unknown(problem.words()),
        }
    }
}

/// How it is when it was done.
fn wanted(job: &Job<'_>) -> &'static str {
    if job.effect.text("what") == FREEZE { "frozen" } else { "let again" }
}

/// One place that does not answer must not keep the others waiting.
fn unseen(error: PlaceError, declared: &Declared) -> Problem {
    if matches!(
        error,
        PlaceError::Unreachable { .. } | PlaceError::Absent { .. } | PlaceError::Refused { .. }
    ) {
        return Problem::Failed(format!(
            "{}; look again, or go back (:back) and leave {} out, to stop its consumer by hand",
            message(&error),
            declared.id
        ));
    }
    error.into()
}
