//! Media in ceremonies: named, copied, read again.

use std::path::Path;

use super::remarks::{Problem, remark};
use super::{CeremonyHands, Done, Inputs, done, receipt};
use crate::adapters::medium::{self, Medium, MediumError};
use crate::adapters::openpgp::walk_public;
use crate::domain::finding::FindingId;
use crate::domain::text::VisibleText;
use crate::engine::chain::Digest;
use crate::engine::effect::Values;
use crate::engine::event::Weight;
use crate::engine::ports::{Job, Outcome, Reconciled};

/// The encrypted primary key on a medium.
pub(super) const SECRET: &str = "root.pgp";
/// The certificate beside it.
pub(super) const CERTIFICATE: &str = "cert.asc";

impl CeremonyHands {
    pub(super) fn enroll(&self, job: &Job<'_>) -> Done {
        let inputs = Inputs(job.effect);
        let (text, holds) = (inputs.text("path"), inputs.text("holds"));
        let path = Path::new(&text);
        let known = Medium::at(path)?;
        if !self.is_rehearsal() && !medium::is_mounted(path) {
            return Err(Problem::forbidden(
                FindingId::Med002,
                format!("{text} is a folder of this machine, and no medium that is mounted there"),
                "mount the medium, and give the folder at which it is mounted",
            ));
        }
        if !self.is_rehearsal() && !medium::has_room(path) {
            return Err(Problem::Failed(format!(
                "{text} has less than 1 MiB left: make room, or take another one (:back); nothing \
                 was written"
            )));
        }
        medium::inspect(path)?;
        let strangers = medium::strangers(path)?;
        let wanted = inputs.text("is");
        if !wanted.is_empty() && known.as_ref().is_none_or(|known| known.id != wanted) {
            return Err(Problem::forbidden(
                FindingId::Med002,
                format!("it is not the medium {wanted}, which is wanted here"),
                "put the right one in; if that cannot be found, give the run up, and hold \
                 lost-medium on the same day",
            ));
        }
        let name = match known {
            Some(known) if known.holds != holds => {
                return Err(Problem::forbidden(
                    FindingId::Rev005,
                    format!("this medium holds '{}', and not '{holds}'", known.holds),
                    "take a medium of its own: what holds the key must not hold what ends it",
                ));
            }
            Some(known) => known,
            None => {
                let id: String = job.id.chars().filter(|c| *c != '-').collect();
                Medium::name(path, &id, &holds)?
            }
        };
        let is_of = |other: &str| name.device == inputs.text(other);
        let same_device = (is_of("not_device") || is_of("nor_device")) && !self.is_rehearsal();
        if name.id == inputs.text("not") || same_device {
            return Err(Problem::forbidden(
                FindingId::Med002,
                "it is the same device as another one of this run, or a part of it".to_owned(),
                "put another device in, or go back (:back) and say where the other one is",
            ));
        }
        if job.effect.items("others").contains(&name.id) {
            return Err(Problem::forbidden(
                FindingId::Med002,
                "it is the medium of another holder of this run".to_owned(),
                "take it out, and put in one that is this person's own: who holds two of them \
                 can lose both",
            ));
        }
        let mut remarks = Vec::new();
        if !strangers.is_empty() {
            let some: Vec<_> = strangers.iter().take(5).map(VisibleText::as_str).collect();
            remarks.push(remark(
                FindingId::Med001,
                Weight::Stops,
                format!(
                    "entries beside what belongs there: {}, among them {}",
                    strangers.len(),
                    some.join(", ")
                ),
                "take a blank medium, or look at what is there and take it on you",
            ));
        }
        let receipt = receipt([("id", name.id), ("device", name.device)]);
        Ok(Outcome { receipt, remarks })
    }

    pub(super) fn copy_root(&mut self, job: &Job<'_>) -> Done {
        let inputs = Inputs(job.effect);
        let (set, digest) = (inputs.fingerprint("fingerprint")?.hex(), inputs.digest("digest")?);
        let to = inputs.medium("medium")?;
        let secret = match self.stash.get(&digest) {
            Some(bytes) => bytes.clone(),
            None => inputs.medium("from")?.file(&set, SECRET)?,
        };
        if Digest::of(&secret) != digest {
            return Err(MediumError::changed(SECRET).into());
        }
        let certificate = self.run.artifact(inputs.digest("certificate")?)?;
        walk_public(&certificate)?;
        let receipt = receipt([("files", format!("{SECRET}, {CERTIFICATE}"))]);
        let files = [(SECRET, &secret[..]), (CERTIFICATE, &certificate[..])];
        write(&to, &set, &files, job, &receipt)?;
        Ok(done(receipt))
    }

    pub(super) fn read_back(job: &Job<'_>) -> Done {
        let inputs = Inputs(job.effect);
        let medium = inputs.medium("medium")?;
        let set = inputs.fingerprint("fingerprint")?.hex();
        let names = medium.read_back(&set)?;
        if !inputs.text("digest").is_empty() {
            let there = medium.file(&set, SECRET)?;
            if Digest::of(&there) != inputs.digest("digest")? {
                return Err(MediumError::changed(SECRET).into());
            }
        }
        Ok(done(receipt([("files", names.join(", "))])))
    }

    pub(super) fn write_certificate(&self, job: &Job<'_>) -> Done {
        let inputs = Inputs(job.effect);
        let medium = inputs.medium("medium")?;
        let fingerprint = inputs.fingerprint("fingerprint")?;
        let certificate = self.run.artifact(inputs.digest("certificate")?)?;
        walk_public(&certificate)?;
        let set = fingerprint.hex();
        let receipt = receipt([("file", format!("keyrite/{set}/{CERTIFICATE}"))]);
        write(&medium, &set, &[(CERTIFICATE, &certificate)], job, &receipt)?;
        Ok(done(receipt))
    }
}

/// Writes a set of files. Where that fails, it is found out whether they are
/// there nevertheless; what is not whole is removed.
pub(super) fn write(
    medium: &Medium,
    set: &str,
    files: &[(&str, &[u8])],
    job: &Job<'_>,
    receipt: &Values,
) -> Result<(), Problem> {
    let Err(error) = medium.put(set, files, job.id, receipt) else { return Ok(()) };
    let message = error.to_string();
    let is_begun = || {
        let is_done = medium.receipt(set, job.id)?.is_some();
        Ok::<_, MediumError>(is_done || medium.renewing(set)?.as_deref() == Some(job.id))
    };
    if !matches!(is_begun(), Ok(false)) || medium.clear(job.id).is_err() {
        return Err(Problem::InDoubt(message));
    }
    Err(Problem::Failed(format!(
        "{message}; what was written in part is removed, and what was there before is as it was"
    )))
}

/// The receipt of an effect in a set. A renewal that it has begun is brought
/// to its end first.
fn settled(medium: &Medium, set: &str, effect: &str) -> Result<Option<Values>, MediumError> {
    if medium.renewing(set)?.as_deref() == Some(effect) {
        medium.finish(set)?;
    }
    let receipt = medium.receipt(set, effect)?;
    if receipt.is_some() {
        medium.clear(effect)?;
    }
    Ok(receipt)
}

/// Whether an effect that writes to a medium was done, by what is there.
pub(super) fn reconcile(job: &Job<'_>) -> Reconciled {
    let unknown = |error: &MediumError| Reconciled::Unknown(error.to_string());
    let path = job.effect.text("medium");
    let medium = match Medium::open(Path::new(&path), &job.effect.text("medium_id")) {
        Ok(medium) => medium,
        Err(error) => return unknown(&error),
    };
    let sets = match medium.sets() {
        Ok(sets) => sets,
        Err(error) => return unknown(&error),
    };
    for set in sets {
        match settled(&medium, &set, job.id) {
            Ok(Some(receipt)) => return Reconciled::Done(receipt),
            Ok(None) => {}
            Err(error) => return unknown(&error),
        }
    }
    match medium.clear(job.id) {
        Ok(()) => Reconciled::Nothing,
        Err(error) => unknown(&error),
    }
}

/// Whether a medium is away, or back under its name.
pub(super) fn awaited(path: &Path, id: Option<&str>) -> Result<(), String> {
    let there = Medium::at(path);
    match (there, id) {
        (Ok(None) | Err(MediumError::Missing(_)), None) => Ok(()),
        (Ok(Some(_)), None) => Err("it is still there: unmount it and take it out".to_owned()),
        (Ok(Some(medium)), Some(id)) if medium.id == id => Ok(()),
        (Ok(Some(_)), Some(_)) => Err("another medium is there: put the right one in".to_owned()),
        (Ok(None) | Err(MediumError::Missing(_)), Some(_)) => {
            Err("it is not there yet: put it in and mount it".to_owned())
        }
        (Err(error), _) => Err(error.to_string()),
    }
}
