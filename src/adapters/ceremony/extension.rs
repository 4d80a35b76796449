//! Putting off the end of keys.

use std::path::Path;

use zeroize::Zeroizing;

use super::remarks::{Problem, remark};
use super::root::{secret, unlock};
use super::trial::{NoTrial, Trial, try_new_end};
use super::{CeremonyHands, Done, Inputs, receipt};
use crate::adapters::medium;
use crate::adapters::openpgp::{
    KeyError, Unlocked, ends, extend_primary, extend_subkey, is_sealed, joined_copies, open,
    open_parcel, walk_public,
};
use crate::domain::assessment::Assessment;
use crate::domain::extension::{NoExtension, of_primary, of_subkey, publish_before};
use crate::domain::finding::FindingId;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::policy::Policy;
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;
use crate::engine::chain::Digest;
use crate::engine::effect::{Value, Values};
use crate::engine::event::{Remark, Weight};
use crate::engine::ports::{Hands as _, Job, Outcome};
use crate::engine::secret::Secret;

impl CeremonyHands {
    pub(super) fn extend_subkey(&mut self, job: &Job<'_>) -> Done {
        self.extend_one(job, None)
    }

    pub(super) fn extend_signer(&mut self, job: &Job<'_>) -> Done {
        let inputs = Inputs(job.effect);
        let subkey = inputs.fingerprint("subkey")?;
        let mut owner = signer(&inputs.text("file"), &subkey, secret(job, "subkey")?)?;
        self.extend_one(job, Some(&mut owner))
    }

    fn extend_one(&mut self, job: &Job<'_>, owner: Option<&mut Unlocked>) -> Done {
        let inputs = Inputs(job.effect);
        let fingerprint = inputs.fingerprint("fingerprint")?;
        let new_end = instant(&inputs, "ends")?;
        let subkey = inputs.fingerprint("subkey")?;
        let within = instant(&inputs, "within")?;
        self.hold_against(&fingerprint, |one, policy| {
            of_subkey(one, &subkey, within, policy)?.check(new_end)
        })?;
        let newest = self.run.artifact(inputs.digest("certificate")?)?;
        let (mut root, _) = unlock(&inputs.medium("root")?, &fingerprint, job)?;
        let extended = extend_subkey(&mut root, &newest, &subkey, owner, new_end, job.at)?;
        drop(root);
        walk_public(&extended)?;
        let certificate = self.run.keep(&extended)?;
        Ok(super::done(receipt([("certificate", certificate.to_string())])))
    }

    pub(super) fn extend_primary(&mut self, job: &Job<'_>) -> Done {
        let inputs = Inputs(job.effect);
        let fingerprint = inputs.fingerprint("fingerprint")?;
        let new_end = instant(&inputs, "ends")?;
        self.hold_against(&fingerprint, |one, policy| of_primary(one, policy)?.check(new_end))?;
        let newest = self.run.artifact(inputs.digest("certificate")?)?;
        let (mut root, _) = unlock(&inputs.medium("root")?, &fingerprint, job)?;
        let extended = extend_primary(&mut root, &newest, new_end, job.at)?;
        drop(root);
        let mut copies = vec![extended.certificate];
        let made = ["subkeys", "signers"].map(|name| job.effect.items(name)).concat();
        for digest in made {
            let none = || Problem::Failed(format!("'{digest}' is no digest"));
            let copy = self.run.artifact(Digest::parse(&digest).ok_or_else(none)?)?;
            copies.push(copy);
        }
        let whole = joined_copies(&copies)?;
        let wanted = later(&newest, &whole, (fingerprint, new_end), job.at)?;
        walk_public(&whole)?;
        let (trial, said) = self.try_end(&newest, &whole, &wanted)?;
        let certificate = self.run.keep(&whole)?;
        let ended = extended.ended.unwrap_or(new_end);
        let policy = self.policy(&fingerprint)?;
        let before = publish_before(ended, &policy.windows);
        let ids: Vec<_> = extended.user_ids.into_iter().map(VisibleText::into_string).collect();
        let mut receipt: Values = receipt([
            ("certificate", certificate.to_string()),
            ("publish_before", before.date()),
            ("ended", ended.date()),
            ("trial", trial),
        ]);
        receipt.insert("user_ids".to_owned(), Value::List(ids));
        Ok(Outcome { receipt, remarks: said.into_iter().collect() })
    }

    fn policy(&mut self, fingerprint: &Fingerprint) -> Result<Policy, Problem> {
        let world = self.world().map_err(Problem::Failed)?;
        Ok(world.policy(Some(fingerprint)).clone())
    }

    /// What a question has held against the rules is held against them again:
    /// they may have changed since.
    fn hold_against(
        &mut self,
        fingerprint: &Fingerprint,
        rule: impl Fn(&Assessment, &Policy) -> Result<(), NoExtension>,
    ) -> Result<(), Problem> {
        let world = self.world().map_err(Problem::Failed)?;
        let mut certificates = world.certificates.iter();
        let one = certificates.find(|one| one.certificate.fingerprint() == *fingerprint);
        let one = one.ok_or_else(|| {
            Problem::Failed("the workspace has no certificate of that fingerprint".to_owned())
        })?;
        let forbidden = |error: NoExtension| {
            Problem::forbidden(
                FindingId::Exp008,
                error.to_string(),
                "nothing was made; give the run up, and begin again with what the rules allow",
            )
        };
        rule(one, world.policy(Some(fingerprint))).map_err(forbidden)
    }

    /// Whether `GnuPG` comes to the new ends, too, in words.
    fn try_end(
        &self,
        old: &[u8],
        new: &[u8],
        wanted: &[(Fingerprint, Timestamp)],
    ) -> Result<(String, Option<Remark>), Problem> {
        match try_new_end(&self.process, old, new, wanted) {
            Ok(Trial::Passed) => Ok(("GnuPG merges old and new to the new end".to_owned(), None)),
            Ok(trial) => Ok((trial.to_string(), None)),
            Err(NoTrial::Unprepared(error)) => Err(Problem::Failed(format!(
                "the trial in GnuPG cannot be made: {error}; nothing was written"
            ))),
            Err(NoTrial::Refused(why)) => {
                let message = format!("GnuPG does not take it: {why}");
                let remedy =
                    "give the run up and begin again, or take it on you if nobody uses GnuPG";
                let said = remark(FindingId::Cer006, Weight::Stops, message.clone(), remedy);
                Ok((message, Some(said)))
            }
        }
    }
}

/// The secret of a subkey, from its parcel or from a key file.
fn signer(file: &str, subkey: &Fingerprint, passphrase: &Secret) -> Result<Unlocked, Problem> {
    let read = |file: &str| -> Result<Zeroizing<Vec<u8>>, Problem> {
        let bytes = medium::read(Path::new(file))?;
        bytes.map(Zeroizing::new).ok_or_else(|| Problem::Failed(format!("{file} is not there")))
    };
    let of_subkey = |error: KeyError| {
        if matches!(error, KeyError::WrongPassphrase) {
            return Problem::WrongSecret("subkey");
        }
        Problem::Failed(error.to_string())
    };
    let bytes = read(file)?;
    if !is_sealed(&bytes) {
        return open(&bytes, subkey, passphrase).map_err(of_subkey);
    }
    let beside = file.strip_suffix(".key.pgp").ok_or_else(|| {
        let name = VisibleText::from_text(file);
        Problem::Failed(format!("{name} is sealed, and its name does not end in .key.pgp"))
    })?;
    let key = open_parcel(&bytes, passphrase).map_err(of_subkey)?;
    let pass = read(&format!("{beside}.pass.pgp"))?;
    let mut pass = open_parcel(&pass, passphrase).map_err(of_subkey)?;
    let too_long = || Problem::Failed("the parcel has no passphrase in it".to_owned());
    let pass = Secret::take(&mut pass).ok_or_else(too_long)?;
    open(&key, subkey, &pass).map_err(of_subkey)
}

/// The keys that end later in the new copy, with their new ends; refused where
/// the primary key does not end when it should, or a subkey ends after it.
fn later(
    old: &[u8],
    new: &[u8],
    primary: (Fingerprint, Timestamp),
    at: Timestamp,
) -> Result<Vec<(Fingerprint, Timestamp)>, Problem> {
    let (was, mut later) = (ends(old, at)?, ends(new, at)?);
    later.retain(|one| !was.contains(one));
    let is_after = |(_, ends): &(Fingerprint, Timestamp)| *ends > primary.1;
    if !later.contains(&primary) || later.iter().any(is_after) {
        return Err(Problem::forbidden(
            FindingId::Cer006,
            format!("old and new together do not say that it ends {}", primary.1.date()),
            "nothing was written; give the run up and begin again",
        ));
    }
    Ok(later)
}

fn instant(inputs: &Inputs<'_>, name: &str) -> Result<Timestamp, Problem> {
    inputs.instant(name).ok_or_else(|| Problem::Failed(format!("'{name}' is no day")))
}
