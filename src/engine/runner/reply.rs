//! What people say to a run.

use super::{Refused, Runner, SHORTEST};
use crate::domain::text::VisibleText;
use crate::domain::worded::Worded as _;
use crate::engine::definition::{Field, Kind};
use crate::engine::effect::Values;
use crate::engine::event::{Event, Weight};
use crate::engine::question::{self, Wrong};
use crate::engine::run::Next;
use crate::engine::secret::Secret;

use super::Prompt;

/// Something that is said to a run.
#[derive(Debug)]
pub enum Reply {
    /// Answers, by field.
    Answers(Values),
    /// What was typed to confirm.
    Typed(Vec<String>),
    /// A secret; for a new one, typed twice.
    Secret {
        /// As it was typed.
        secret: Secret,
        /// As it was typed again.
        again: Option<Secret>,
    },
    /// Make a passphrase, and show it once.
    Offer,
    /// Do it, look again, or go on.
    Go,
    /// Take the last answers back.
    Back,
    /// Somebody takes what was found on themselves.
    Exception {
        /// In whose words.
        text: String,
        /// Who.
        by: String,
    },
    /// Something worth knowing.
    Note {
        /// In whose words.
        text: String,
    },
    /// Keep everything; somebody goes away.
    Pause,
    /// Give it up.
    Abandon {
        /// Why.
        reason: String,
    },
}

impl Runner {
    /// Takes what was said, writes it down and does what follows.
    pub fn reply(&mut self, reply: Reply) -> Result<(), Refused> {
        if let Some(how) = self.ended() {
            return Err(Refused::NotNow(how));
        }
        match reply {
            Reply::Answers(answers) => self.answered(&answers),
            Reply::Typed(typed) => self.confirmed(&typed),
            Reply::Secret { secret, again } => self.take_secret(secret, again),
            Reply::Offer => self.offer(),
            Reply::Go => self.go(),
            Reply::Back => match self.run.way_back() {
                Some(to) => self.record(Event::Returned { to }),
                None if self.run.is_sealed() => Err(Refused::NotNow(
                    "the plan is sealed: nothing that was answered can be taken back".to_owned(),
                )),
                None => Err(Refused::NotNow(
                    "nothing was answered yet that could be taken back".to_owned(),
                )),
            },
            Reply::Exception { text, by } => self.except(&text, by),
            Reply::Note { text } => {
                self.tell_no_secret(&text)?;
                let by = self.run.operator.clone();
                self.record(Event::Noted { text: said(&text)?, by })
            }
            Reply::Pause => self.pause(),
            Reply::Abandon { reason } => {
                self.tell_no_secret(&reason)?;
                self.abandon(&said(&reason)?)
            }
        }
    }

    /// Holds one answer against the rules, with those that were given before
    /// it, and before all of them are.
    pub fn hold(&mut self, field: &Field, answers: &Values) -> Result<(), Wrong> {
        let Next::Step(at) = self.run.next() else { return Ok(()) };
        self.world.now = self.moment().at;
        question::hold(&self.run, &at, field, answers, &self.world).map(|_| ())
    }

    /// What became of an effect is found out first: nobody goes on with it
    /// who could. Where that cannot be found out now, it is given up as it is.
    fn abandon(&mut self, reason: &str) -> Result<(), Refused> {
        if let Next::Reconcile(at) = self.run.next() {
            self.reconcile(&at)?;
        }
        let by = self.run.operator.clone();
        self.record(Event::Abandoned { reason: reason.to_owned(), by })?;
        self.secrets.clear();
        self.write_transcript().map(|_| ()).map_err(|error| {
            let run = self.journal.run();
            Refused::NotNow(format!(
                "the run is given up, and that is written down; but {error}. Once it can be, \
                 keyrite ceremony transcript {run} writes it from the journal"
            ))
        })
    }

    /// When and how it has ended, where it has.
    fn ended(&self) -> Option<String> {
        let last = self.journal.entries().last()?;
        let at = last.moment.at.minute();
        if let Event::Abandoned { reason, by } = &last.event {
            let reason = VisibleText::from_text(reason);
            return Some(format!("the run was given up by {by}, on {at}: {reason}"));
        }
        matches!(last.event, Event::Closed { .. })
            .then(|| format!("the run was done to its end, on {at}"))
    }

    fn answered(&mut self, answers: &Values) -> Result<(), Refused> {
        let Next::Step(at) = self.run.next() else {
            return Err(Refused::NotNow("nothing is asked now".to_owned()));
        };
        self.world.now = self.moment().at;
        for answer in answers.values() {
            self.tell_no_secret(&answer.text())?;
        }
        let values =
            question::take(&self.run, &at, answers, &self.world).map_err(Refused::Answers)?;
        let is_statement = self.run.step(&at).is_some_and(|s| matches!(s.kind, Kind::Attest(_)));
        self.record(if is_statement {
            Event::Attested { at, values }
        } else {
            Event::Answered { at, values }
        })
    }

    fn confirmed(&mut self, typed: &[String]) -> Result<(), Refused> {
        let Next::Step(at) = self.run.next() else {
            return Err(Refused::NotNow("nothing is confirmed now".to_owned()));
        };
        let confirmation = self.run.confirmation(&at)?;
        if typed.len() != confirmation.typings.len() {
            return Err(Refused::Typing("all that has to be typed".to_owned()));
        }
        for (typing, typed) in confirmation.typings.iter().zip(typed) {
            if !typing.is_met(typed) {
                return Err(Refused::Typing(typing.label.clone()));
            }
        }
        let mut by: Vec<_> = confirmation.typings.iter().map(|t| t.by.clone()).collect();
        by.dedup();
        if by.is_empty() {
            by.push(self.run.operator.clone());
        }
        let class = confirmation.class.word().to_owned();
        self.record(Event::Confirmed { at, class, by })
    }

    fn take_secret(&mut self, secret: Secret, again: Option<Secret>) -> Result<(), Refused> {
        let refused = |text: &str| Err(Refused::Secret(text.to_owned()));
        let Prompt::Secret { secret: wanted, .. } = self.prompt() else {
            return refused("no passphrase is wanted now");
        };
        if secret.is_empty() {
            return refused("nothing was typed");
        }
        // It is chosen once; from then on it must open what it protects.
        let is_chosen = wanted.is_new;
        if is_chosen {
            let is_used = |known: &Secret| known.is_same(&secret);
            if self.secrets.values().any(is_used) && !self.is_rehearsal() {
                return refused(
                    "it is another passphrase of this run: who finds out one must not have both",
                );
            }
            if let Some((_, offered)) = self.offered.as_ref().filter(|(n, _)| *n == wanted.name) {
                if !offered.is_same(&secret) {
                    return refused("that is not the passphrase that was shown; read it again");
                }
            } else {
                if secret.expose().iter().any(u8::is_ascii_control) {
                    return refused("it has characters that nobody can type; let one be made");
                }
                if secret.characters() < SHORTEST {
                    return Err(Refused::Secret(format!(
                        "it has fewer than {SHORTEST} characters; let one be made"
                    )));
                }
                if !again.is_some_and(|again| again.is_same(&secret)) {
                    return refused("it was not typed the same way twice");
                }
            }
        }
        self.offered = None;
        self.secrets.insert(wanted.name, secret);
        Ok(())
    }

    fn offer(&mut self) -> Result<(), Refused> {
        let Prompt::Secret { secret, .. } = self.prompt() else {
            return Err(Refused::Secret("no passphrase is wanted now".to_owned()));
        };
        if !secret.is_new {
            return Err(Refused::Secret("this passphrase exists already".to_owned()));
        }
        let made = self.ports.surroundings.passphrase().map_err(Refused::NotNow)?;
        self.offered = Some((secret.name, made));
        Ok(())
    }

    /// What is typed into the wrong field does not get into the record, also
    /// where a key or two of it are missing.
    fn tell_no_secret(&self, text: &str) -> Result<(), Refused> {
        let offered = self.offered.as_ref().map(|(_, secret)| secret);
        let mut secrets = self.secrets.values().chain(offered);
        if secrets.any(|secret| secret.is_partly_in(text.as_bytes())) {
            return Err(Refused::NotNow(
                "it has a part of a passphrase of this run in it, and was not written down"
                    .to_owned(),
            ));
        }
        Ok(())
    }

    fn except(&mut self, text: &str, by: String) -> Result<(), Refused> {
        self.tell_no_secret(text)?;
        let Next::Halted(at) = self.run.next() else {
            return Err(Refused::NotNow("nothing stops the run".to_owned()));
        };
        let remarks = self.run.halt().map(|halt| halt.remarks.clone()).unwrap_or_default();
        if let Some(remark) = remarks.iter().find(|one| one.weight == Weight::Forbids) {
            return Err(Refused::NotNow(format!(
                "{} cannot be taken on oneself: {}",
                remark.id, remark.remedy
            )));
        }
        let witness = self.run.witness();
        let owner = witness.as_ref().unwrap_or(&self.run.operator);
        if by != *owner {
            return Err(Refused::NotNow(format!("exceptions are {owner}'s to write down")));
        }
        let over = remarks.iter().map(|one| one.id.word().to_owned()).collect();
        self.record(Event::Exception { at, text: said(text)?, by, over })
    }
}

/// A text for the record.
fn said(text: &str) -> Result<String, Refused> {
    let text = text.trim();
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err(Refused::NotNow("say why, in words: it is on record".to_owned()));
    }
    Ok(text.to_owned())
}
