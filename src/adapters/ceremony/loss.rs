//! A medium with the primary key is lost: what follows, and how another takes
//! its place.

use super::known::known_roots;
use super::media::{CERTIFICATE, SECRET, write};
use super::remarks::Problem;
use super::root::{nonce, secret};
use super::{CeremonyHands, Done, Inputs, done, receipt};
use crate::adapters::medium::Medium;
use crate::adapters::openpgp::{self, KeyError, Lock, walk_public};
use crate::domain::custody::REPLACED_WITHIN;
use crate::domain::finding::{FindingId, Severity};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::timestamp::{DAY, Timestamp};
use crate::domain::validity::State;
use crate::engine::chain::Digest;
use crate::engine::effect::Value;
use crate::engine::event::{Remark, Weight};
use crate::engine::ports::{Job, Outcome};

/// What is answered where no medium of the record is meant.
const NONE: &str = "-";

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// The same bytes come onto a new medium.
    Restore,
    /// Both media get another passphrase.
    Renew,
    /// Nothing can be made with the key any more.
    NothingLeft,
    /// Somebody else may have the key.
    Compromised,
}

impl Way {
    const fn word(self) -> &'static str {
        match self {
            Self::Restore => "restore",
            Self::Renew => "renew",
            Self::NothingLeft => "nothing-left",
            Self::Compromised => "compromised",
        }
    }

    /// Whether a new medium is made.
    const fn mends(self) -> bool {
        matches!(self, Self::Restore | Self::Renew)
    }

    /// By what people say.
    fn of(how: &str, passphrase: &str, left: &str) -> Self {
        let (is_missing, may_be_known) = (how == "missing", passphrase != "no");
        match () {
            () if is_missing && may_be_known => Self::Compromised,
            () if left != "yes" => Self::NothingLeft,
            () if is_missing || may_be_known => Self::Renew,
            () => Self::Restore,
        }
    }
}

impl CeremonyHands {
    pub(super) fn judge_loss(&self, job: &Job<'_>) -> Done {
        let inputs = Inputs(job.effect);
        let fingerprint = inputs.fingerprint("fingerprint")?;
        let (lost, how, left) = (inputs.text("medium"), inputs.text("how"), inputs.text("left"));
        let way = Way::of(&how, &inputs.text("passphrase"), &left);
        if lost == NONE && way.mends() && how != "missing" {
            return Err(Problem::forbidden(
                FindingId::Cer010,
                "no medium is named, and somebody can open one that is left: nothing is lost"
                    .to_owned(),
                "go back (:back) and say which medium it is; or give the run up",
            ));
        }
        let known = known_roots(&self.workspace, &fingerprint);
        let others: Vec<_> =
            known.into_iter().map(|one| one.id).filter(|one| *one != lost).collect();
        let (mut gone, mut exposed, mut void) = (Vec::new(), Vec::new(), Vec::new());
        if how == "missing" { &mut exposed } else { &mut gone }.push(lost);
        match way {
            Way::NothingLeft => gone.extend(others.iter().cloned()),
            Way::Renew => void.clone_from(&others),
            Way::Restore | Way::Compromised => {}
        }
        let signers = self.signers(&fingerprint);
        let mut remarks = vec![followed(way, job.at, &signers)];
        remarks
            .extend((way == Way::Renew && others.len() > 1).then(|| others_are_void(others.len())));
        let mends = if way.mends() { "yes" } else { "no" };
        let mut receipt = receipt([("way", way.word().to_owned()), ("mends", mends.to_owned())]);
        let same = (way == Way::Restore).then(|| "yes".to_owned());
        let lists = [
            ("same", same.into_iter().collect()),
            ("gone", gone),
            ("exposed", exposed),
            ("void", void),
            ("signers", signers),
        ];
        receipt.extend(lists.map(|(name, list)| (name.to_owned(), Value::List(list))));
        Ok(Outcome { receipt, remarks })
    }

    /// The subkeys that sign today, and until when.
    fn signers(&self, fingerprint: &Fingerprint) -> Vec<String> {
        let certificates = self.world.iter().flat_map(|world| &world.certificates);
        let mut one = certificates.filter(|one| one.certificate.fingerprint() == *fingerprint);
        let subkeys = one.next().into_iter().flat_map(|one| one.keys().skip(1));
        let live = subkeys.filter(|(_, at)| at.state == State::Valid && at.capabilities.sign);
        live.map(|(key, at)| format!("{} {}", key.fingerprint.hex(), at.ends(Timestamp::date)))
            .collect()
    }

    pub(super) fn restore_root(&mut self, job: &Job<'_>) -> Done {
        let inputs = Inputs(job.effect);
        let fingerprint = inputs.fingerprint("fingerprint")?;
        let set = fingerprint.hex();
        let (from, to) = (inputs.medium("from")?, inputs.medium("medium")?);
        let certificate = self.run.artifact(inputs.digest("certificate")?)?;
        walk_public(&certificate)?;
        let root = if inputs.text("same").is_empty() {
            self.relocked(&from, &fingerprint, &certificate, job)?
        } else {
            from.file(&set, SECRET)?
        };
        let digest = Digest::of(&root);
        let receipt = receipt([("digest", digest.to_string())]);
        let files = [(SECRET, &root[..]), (CERTIFICATE, &certificate[..])];
        write(&to, &set, &files, job, &receipt)?;
        self.stash.insert(digest, root);
        Ok(done(receipt))
    }

    /// The primary key of a medium under another passphrase.
    fn relocked(
        &self,
        from: &Medium,
        fingerprint: &Fingerprint,
        certificate: &[u8],
        job: &Job<'_>,
    ) -> Result<Vec<u8>, Problem> {
        let file = from.file(&fingerprint.hex(), SECRET)?;
        let (old, new) = (secret(job, "source")?, secret(job, "root")?);
        let protection = openpgp::protection(&file, fingerprint)?;
        let lock = Lock { passphrase: new, protection, cost: self.cost() };
        let taken = openpgp::take_root(&file, fingerprint, Some(old), Some(certificate), &lock);
        let root = match taken {
            Err(KeyError::WrongPassphrase) => return Err(Problem::WrongSecret("source")),
            root => root?,
        };
        // Opened once before it is written: what cannot be opened is no key.
        let mut opened = openpgp::open(&root.secret, fingerprint, new)?;
        openpgp::prove_root(&mut opened, certificate, &nonce(job), job.at)?;
        Ok(root.secret)
    }
}

/// What follows, for those who decide.
fn followed(way: Way, now: Timestamp, signers: &[String]) -> Remark {
    let (severity, message, remedy) = match way {
        Way::Restore => (
            Severity::Warning,
            "the medium is replaced from the one that is left; the passphrase stays".to_owned(),
            "destroy the damaged one: it still holds the encrypted key".to_owned(),
        ),
        Way::Renew => {
            let until = now.plus(i64::from(REPLACED_WITHIN) * DAY).date();
            (
                Severity::Error,
                "what is lost may be in other hands, or its passphrase in other heads: both media \
                 get a new passphrase"
                    .to_owned(),
                format!(
                    "the old passphrase protects what is lost for ever, and cannot be changed \
                     there: replace the key until {until}, with root-generation"
                ),
            )
        }
        Way::NothingLeft => (
            Severity::Error,
            match signers {
                [] => "the primary key is gone, and no subkey of it signs".to_owned(),
                all => format!("the primary key is gone; what still signs: {}", all.join(", ")),
            },
            "make a new key with root-generation before the last of them ends, and have its \
             fingerprint signed with one that still lives"
                .to_owned(),
        ),
        Way::Compromised => (
            Severity::Error,
            "whoever has the medium may have the key: the decision is that it is compromised"
                .to_owned(),
            "stop everybody who uses it, and hold certificate-revocation today, with a kept \
             revocation certificate and the reason compromised"
                .to_owned(),
        ),
    };
    Remark { id: FindingId::Cer010, severity, message, remedy, weight: Weight::Told }
}

fn others_are_void(count: usize) -> Remark {
    Remark {
        id: FindingId::Cer010,
        severity: Severity::Warning,
        message: format!(
            "the record knows {count} media under the old passphrase beside the lost one; one of \
             them is renewed here, and the others count no more"
        ),
        remedy: "destroy the others, and make new copies of the renewed one in further runs"
            .to_owned(),
        weight: Weight::Told,
    }
}
