//! That what lies in a place is what was proved there, and what its user gets.

use super::super::remarks::Problem;
use super::super::{CeremonyHands, Done, done, receipt};
use crate::domain::custody::{Placed, Seen, Stage};
use crate::domain::finding::FindingId;
use crate::domain::workspace::Slot as Declared;
use crate::engine::ports::Job;

impl CeremonyHands {
    fn placed<'a>(&'a self, declared: &'a Declared) -> impl Iterator<Item = &'a Placed> {
        let register = self.world.as_ref().map(|world| &world.register);
        register.into_iter().flat_map(|one| one.in_place(&declared.place))
    }

    /// Whether a run has proved just this version, and just these bytes.
    pub(super) fn is_proved(&self, declared: &Declared, held: Option<&Seen>) -> bool {
        held.is_some_and(|held| self.placed(declared).any(|one| one.is_proof_of(held)))
    }

    /// Refuses bytes that are others than those that were proved.
    pub(super) fn unchanged(&self, declared: &Declared, seen: &Seen) -> Result<(), Problem> {
        if !self.placed(declared).any(|one| one.is_changed_in(seen)) {
            return Ok(());
        }
        Err(Problem::forbidden(
            FindingId::Cus014,
            format!(
                "{} does not hold what was proved: somebody has written other bytes under the same \
                 name since: {}",
                declared.place,
                self.words(declared, seen)
            ),
            "find out who can write there; give the run up, take it away with custody-retire, and \
             upload again",
        ))
    }

    pub(in super::super) fn prove_current(&self, job: &Job<'_>) -> Done {
        let (declared, slot) = self.slot(job)?;
        let seen = slot.observe()?;
        let version = job.effect.text("version");
        if !slot.abilities().observe {
            return Ok(done(receipt([("proof", "this place does not show it".to_owned())])));
        }
        let Some(current) = seen.at(Stage::Current).filter(|one| one.version == version) else {
            return Err(Problem::forbidden(
                FindingId::Cus014,
                format!("{} has another version than {version} as current", declared.place),
                "find out who has changed it; look again, or give the run up",
            ));
        };
        self.unchanged(&declared, current)?;
        let mut proof = format!("current: {version}");
        if let Some(delivered) = slot.delivered()? {
            if !delivered.is_same(&slot.read_back(&version)?) {
                return Err(Problem::forbidden(
                    FindingId::Cus014,
                    format!("the user of {} gets something else than {version}", declared.place),
                    "find out who writes there; its user may sign with what nobody has proved: \
                     stop it, and look again",
                ));
            }
            proof.push_str("; its user gets just that");
        }
        Ok(done(receipt([("proof", proof)])))
    }
}
