//! Doing what comes next: written down, done, written down.

use super::{Refused, Runner, TRIES};
use crate::domain::host::Locality;
use crate::engine::definition::Kind;
use crate::engine::event::{Event, Place, Weight};
use crate::engine::ports::{Job, Outcome, Reconciled, Trouble};
use crate::engine::run::{IllegalMove, Next};

impl Runner {
    /// Does the step at which the run is.
    pub(super) fn go(&mut self) -> Result<(), Refused> {
        match self.run.next() {
            Next::Reconcile(at) => self.reconcile(&at),
            Next::Halted(at) | Next::Step(at) => self.go_at(&at),
            Next::Close => self.close(),
            Next::Ended(_) => Err(Refused::NotNow("the run has ended".to_owned())),
        }
    }

    fn go_at(&mut self, at: &Place) -> Result<(), Refused> {
        let Some(step) = self.run.step(at) else {
            return Err(IllegalMove::OutOfTurn("step").into());
        };
        match step.kind {
            Kind::Check => {
                let remarks = self.look(at, step.locality);
                self.record(Event::Observed { at: at.clone(), remarks })
            }
            Kind::Plan => {
                let digest = self.run.plan_digest();
                self.record(Event::PlanSealed { at: at.clone(), digest })
            }
            Kind::Wait(until) => {
                let (path, id) = self.run.awaited(at, until)?;
                self.ports.hands.awaited(&path, id.as_deref()).map_err(Refused::NotYet)?;
                self.record(Event::Waited { at: at.clone() })
            }
            Kind::Perform(..) | Kind::Verify(..) => self.perform(at, step.locality),
            Kind::Ask(_) | Kind::Attest(_) | Kind::Confirm(..) => {
                Err(Refused::NotNow("an answer is wanted first".to_owned()))
            }
        }
    }

    fn perform(&mut self, at: &Place, locality: Option<Locality>) -> Result<(), Refused> {
        // What stopped it may have been mended in the workspace.
        if self.run.halt().is_some() {
            self.refresh();
        }
        let effect = self.run.effect(at)?;
        if let Some(secret) = self.missing_secret(&effect) {
            // After a pause nobody can type a secret for a run that is stopped:
            // what stops it is looked at again without.
            if self.run.halt().is_some() {
                let remarks = self.look(at, locality);
                return self.record(Event::Observed { at: at.clone(), remarks });
            }
            return Err(Refused::NotNow(format!("the {} is wanted first", secret.label)));
        }
        if locality.is_some() || effect.kind.signs() {
            let remarks = self.look(at, locality);
            if remarks.iter().any(|remark| remark.weight != Weight::Told) {
                return self.record(Event::Observed { at: at.clone(), remarks });
            }
        }
        let digest = effect.digest();
        let id = match self.run.name_of(at, digest) {
            Some(name) => name.to_owned(),
            None => self.new_name()?,
        };
        let moment = self.moment().at;
        let kind = effect.kind;
        self.record(Event::Intended { at: at.clone(), effect: id.clone(), kind, digest })?;
        let job = Job { effect: &effect, id: &id, at: moment, secrets: &self.secrets };
        let result = self.ports.hands.perform(&job);
        self.settle(at, id, result)
    }

    fn settle(
        &mut self,
        at: &Place,
        effect: String,
        result: Result<Outcome, Trouble>,
    ) -> Result<(), Refused> {
        let at = at.clone();
        match result {
            Ok(Outcome { receipt, remarks }) => {
                if !remarks.is_empty() {
                    let remarks = self.weigh(&at, remarks);
                    self.record(Event::Observed { at: at.clone(), remarks })?;
                }
                self.tries = 0;
                self.record(Event::Completed { at, effect, receipt, recovered: false })?;
                self.refresh();
                Ok(())
            }
            Err(Trouble::Refused(remarks)) => {
                let error = remarks.iter().map(|one| one.message.as_str()).collect::<Vec<_>>();
                let error = error.join("; ");
                self.record(Event::Observed { at: at.clone(), remarks })?;
                self.record(Event::Failed { at, effect, error })
            }
            Err(Trouble::Failed(error)) => self.record(Event::Failed { at, effect, error }),
            Err(Trouble::WrongSecret(name)) => {
                self.secrets.remove(name);
                self.tries += 1;
                let error = "the passphrase does not open it; nothing was changed".to_owned();
                self.record(Event::Failed { at, effect, error })?;
                if self.tries >= TRIES { self.pause() } else { Ok(()) }
            }
            Err(Trouble::InDoubt(why)) => {
                self.doubt = Some(why);
                Ok(())
            }
        }
    }

    pub(super) fn reconcile(&mut self, at: &Place) -> Result<(), Refused> {
        let effect = self.run.effect(at)?;
        let Some(id) = self.run.pending().map(|pending| pending.effect.clone()) else {
            return Ok(());
        };
        let job = Job { effect: &effect, id: &id, at: self.moment().at, secrets: &self.secrets };
        let at = at.clone();
        match self.ports.hands.reconcile(&job) {
            Reconciled::Done(receipt) => {
                self.doubt = None;
                self.record(Event::Completed { at, effect: id, receipt, recovered: true })?;
                self.refresh();
                Ok(())
            }
            Reconciled::Nothing => {
                self.doubt = None;
                let error = "it was cut off before it happened; nothing of it is left".to_owned();
                self.record(Event::Failed { at, effect: id, error })
            }
            Reconciled::Unknown(why) => {
                self.doubt = Some(why);
                Ok(())
            }
        }
    }
}
