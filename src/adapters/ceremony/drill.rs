//! Drills: a medium is drawn, and a root is proved to be recoverable.

use super::known::known_roots;
use super::media::SECRET;
use super::remarks::Problem;
use super::root::{nonce, unlock};
use super::{CeremonyHands, Done, Inputs, done, receipt};
use crate::adapters::openpgp::{self, Proof};
use crate::domain::timestamp::Timestamp;
use crate::domain::worded::Worded as _;
use crate::engine::chain::Digest;
use crate::engine::effect::Value;
use crate::engine::event::Event;
use crate::engine::ports::Job;

impl CeremonyHands {
    /// The lot is the random name of the effect, which is on record before it
    /// is looked at: the same name draws the same medium.
    pub(super) fn draw_medium(&self, job: &Job<'_>) -> Done {
        let fingerprint = Inputs(job.effect).fingerprint("fingerprint")?;
        let known = known_roots(&self.workspace, &fingerprint);
        let lot = lot(job.id, known.len());
        let Some(drawn) = lot.and_then(|at| known.get(at)) else {
            return Err(Problem::Failed(
                "no run of this workspace has written this key to a medium, so that there is \
                 nothing to draw from"
                    .to_owned(),
            ));
        };
        let mut receipt = receipt([("id", drawn.id.clone()), ("kept", drawn.kept())]);
        let all = known.iter().map(|one| one.id.clone()).collect();
        receipt.insert("known".to_owned(), Value::List(all));
        Ok(done(receipt))
    }

    pub(super) fn drill_root(&self, job: &Job<'_>) -> Done {
        let inputs = Inputs(job.effect);
        let medium = inputs.medium("medium")?;
        let fingerprint = inputs.fingerprint("fingerprint")?;
        let digest = Digest::of(&medium.file(&fingerprint.hex(), SECRET)?);
        let (mut root, _) = unlock(&medium, &fingerprint, job)?;
        let nonce = match inputs.text("nonce").as_str() {
            "-" => nonce(job),
            said => said.to_owned(),
        };
        // What is on the medium vouches for nothing here.
        let certificate = self.newest(&fingerprint)?;
        let proof = openpgp::prove_root(&mut root, &certificate, &nonce, job.at)?;
        drop(root);
        let Proof::Certification { thrown_away } = proof else {
            return Err(Problem::Failed("the proof is no certification".to_owned()));
        };
        let proof = self.run.keep(&thrown_away)?;
        let mut receipt = receipt([
            ("nonce", nonce),
            ("proof", proof.to_string()),
            ("digest", digest.to_string()),
        ]);
        let since = self.drawn().unwrap_or(job.at);
        let minutes = (job.at.unix() - since.unix()).max(0).saturating_add(59) / 60;
        receipt.insert("minutes".to_owned(), Value::Number(minutes));
        Ok(done(receipt))
    }

    pub(super) fn try_revocation(&self, job: &Job<'_>) -> Done {
        let (certificate, revocation, reason) = self.tried(job)?;
        let statement = openpgp::read_revocation(&certificate, &revocation)?;
        let mut receipt = receipt([("reason", reason.word().to_owned())]);
        receipt.insert("created".to_owned(), Value::Number(statement.created.unix()));
        Ok(done(receipt))
    }

    /// When the lot was drawn, by the journal.
    fn drawn(&self) -> Option<Timestamp> {
        let journal = self.run.journal().ok()?.journal;
        let mut entries = journal.entries().iter();
        let is_draw =
            |event: &Event| matches!(event, Event::Completed { at, .. } if at.step() == "draw");
        entries.find(|entry| is_draw(&entry.event)).map(|entry| entry.moment.at)
    }
}

/// Which of so many the random name draws.
fn lot(name: &str, count: usize) -> Option<usize> {
    let digest = Digest::of(name.as_bytes()).to_string();
    let digits = digest.rsplit(':').next()?.get(..15)?;
    let number = usize::from_str_radix(digits, 16).ok()?;
    number.checked_rem(count)
}
