//! Worlds that fail on purpose: what stands between the engine and its ports.

use keyrite::domain::host::Locality;
use keyrite::domain::timestamp::Timestamp;
use keyrite::engine::event::Remark;
use keyrite::engine::journal::Entry;
use keyrite::engine::ports::{Hands, Job, Outcome, Reconciled, Record, RecordError, Trouble};
use keyrite::engine::question::World;

use super::pilot::Shared;

/// What goes wrong, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// The machine is lost right after that many lines of the journal.
    LostAfterLine(usize),
    /// The machine is lost after the line, before the audit log follows.
    LostBeforeAudit(usize),
    /// The machine is lost after the nth effect was intended, before it.
    LostBeforeEffect(usize),
    /// Each effect is done twice under its name.
    Twice,
    /// The nth effect fails once.
    Fails(usize),
    /// Whether the nth effect happened is not known at first: it did not.
    UnknownNotDone(usize),
    /// The same: it did.
    UnknownDone(usize),
    /// A mutant: intents are written after the effect.
    IntentLate(usize),
    /// A mutant: the last line before a loss was never synced.
    NeverSynced(usize),
    /// A mutant: nobody asks the world what happened, neither the engine nor
    /// the hands.
    NoReconcile(usize),
}

/// How often what was done.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) lines: usize,
    pub(crate) effects: usize,
    pub(crate) lost: bool,
    pub(crate) told_unknown: bool,
    /// Lines that a mutant holds back.
    held: Vec<String>,
}

pub(crate) struct FaultyRecord {
    pub(crate) inner: Box<dyn Record>,
    pub(crate) fault: Fault,
    pub(crate) counts: Shared<Counts>,
}

fn lost() -> RecordError {
    RecordError { what: "the journal", why: "the machine is lost".to_owned() }
}

impl Record for FaultyRecord {
    fn journal(&mut self, line: &str) -> Result<(), RecordError> {
        let mut counts = self.counts.lock().unwrap();
        if counts.lost {
            return Err(lost());
        }
        counts.lines += 1;
        match self.fault {
            // The intent is only written down together with what became of it.
            Fault::IntentLate(_) if line.contains("\"type\":\"effect-intended\"") => {
                counts.held.push(line.to_owned());
                return Ok(());
            }
            // It says that it is on the disk, and it is not.
            Fault::NeverSynced(at) if counts.lines == at => {
                counts.lost = true;
                return Ok(());
            }
            _ => {}
        }
        for held in std::mem::take(&mut counts.held) {
            self.inner.journal(&held)?;
        }
        self.inner.journal(line)?;
        if self.fault == Fault::LostAfterLine(counts.lines) {
            counts.lost = true;
        }
        if self.fault == Fault::LostBeforeAudit(counts.lines) {
            counts.lost = true;
            return Ok(());
        }
        Ok(())
    }

    fn audit(&mut self, entry: &Entry, actor: &str) -> Result<(), RecordError> {
        let counts = self.counts.lock().unwrap();
        match self.fault {
            Fault::LostBeforeAudit(at) if counts.lines == at => Err(lost()),
            Fault::NeverSynced(_) | Fault::IntentLate(_) => Ok(()),
            _ => self.inner.audit(entry, actor),
        }
    }
}

pub(crate) struct FaultyHands {
    pub(crate) inner: Box<dyn Hands>,
    pub(crate) fault: Fault,
    pub(crate) counts: Shared<Counts>,
}

impl Hands for FaultyHands {
    fn look(&mut self, locality: Option<Locality>, since: Timestamp) -> Vec<Remark> {
        // What the machine under the tests is like is not the question here.
        let _ = self.inner.look(locality, since);
        Vec::new()
    }

    fn perform(&mut self, job: &Job<'_>) -> Result<Outcome, Trouble> {
        let (at, is_lost) = {
            let mut counts = self.counts.lock().unwrap();
            counts.effects += 1;
            (counts.effects, counts.lost)
        };
        if is_lost && !matches!(self.fault, Fault::NeverSynced(_)) {
            return Err(Trouble::InDoubt("the machine is lost".to_owned()));
        }
        let lose = || self.counts.lock().unwrap().lost = true;
        match self.fault {
            Fault::LostBeforeEffect(n) if n == at => {
                lose();
                Err(Trouble::InDoubt("the machine is lost".to_owned()))
            }
            Fault::Twice => {
                let once = self.inner.perform(job)?;
                let twice = self.inner.perform(job)?;
                // Whatever stays on media has the same receipt.
                let stays = matches!(
                    keyrite::domain::worded::Worded::word(job.effect.kind),
                    "make-root"
                        | "take-root"
                        | "copy-root"
                        | "keep-revocation"
                        | "issue-subkey"
                        | "enroll-medium"
                );
                assert!(!stays || once.receipt == twice.receipt, "{:?}", job.effect.kind);
                Ok(twice)
            }
            Fault::Fails(n) if n == at => Err(Trouble::Failed("TEST: the device is gone".into())),
            Fault::UnknownNotDone(n) if n == at => {
                Err(Trouble::InDoubt("TEST: no answer".to_owned()))
            }
            Fault::UnknownDone(n) if n == at => {
                self.inner.perform(job)?;
                Err(Trouble::InDoubt("TEST: no answer".to_owned()))
            }
            Fault::IntentLate(n) | Fault::NoReconcile(n) if n == at => {
                self.inner.perform(job)?;
                lose();
                Err(Trouble::InDoubt("the machine is lost".to_owned()))
            }
            Fault::NoReconcile(usize::MAX) => {
                let other = format!("00000000-0000-4000-8000-{at:012}");
                self.inner.perform(&Job { id: &other, ..*job })
            }
            _ => self.inner.perform(job),
        }
    }

    fn reconcile(&mut self, job: &Job<'_>) -> Reconciled {
        let mut counts = self.counts.lock().unwrap();
        let is_unknown = matches!(self.fault, Fault::UnknownDone(_) | Fault::UnknownNotDone(_));
        if is_unknown && !counts.told_unknown {
            counts.told_unknown = true;
            return Reconciled::Unknown("TEST: nobody knows".to_owned());
        }
        drop(counts);
        match self.fault {
            Fault::NoReconcile(_) => Reconciled::Nothing,
            _ => self.inner.reconcile(job),
        }
    }

    fn awaited(&mut self, path: &str, id: Option<&str>) -> Result<(), String> {
        self.inner.awaited(path, id)
    }

    fn world(&mut self) -> Result<World, String> {
        self.inner.world()
    }

    fn keep_transcript(&mut self, json: &str, text: &str) -> Result<(), String> {
        self.inner.keep_transcript(json, text)
    }
}
