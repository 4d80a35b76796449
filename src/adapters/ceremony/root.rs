//! Making a primary key, and proving it.

use super::media::{CERTIFICATE, SECRET, write};
use super::remarks::Problem;
use super::{CeremonyHands, Done, Inputs, done, receipt};
use crate::adapters::medium::Medium;
use crate::adapters::openpgp::{self, Lock, RootSpec, Unlocked, walk_public};
use crate::domain::fingerprint::Fingerprint;
use crate::engine::chain::Digest;
use crate::engine::effect::Value;
use crate::engine::ports::Job;
use crate::engine::secret::Secret;

impl CeremonyHands {
    pub(super) fn make_root(&mut self, job: &Job<'_>) -> Done {
        let inputs = Inputs(job.effect);
        let medium = inputs.medium("medium")?;
        let user_ids = job.effect.items("user_ids");
        let spec = RootSpec {
            algorithm: inputs.word("algorithm")?,
            user_ids: &user_ids,
            created: job.at,
            expires: inputs.instant("ends"),
        };
        let lock = Lock {
            passphrase: secret(job, "root")?,
            protection: inputs.protection(),
            cost: self.cost(),
        };
        let root = openpgp::make_root(&spec, &lock)?;
        walk_public(&root.certificate)?;
        // Opened once before it is written: what cannot be opened is no key.
        let mut opened = openpgp::open(&root.secret, &root.fingerprint, lock.passphrase)?;
        openpgp::prove_root(&mut opened, &root.certificate, &nonce(job), job.at)?;
        drop(opened);
        let certificate = self.run.keep(&root.certificate)?;
        let digest = Digest::of(&root.secret);
        let mut receipt = receipt([
            ("fingerprint", root.fingerprint.hex()),
            ("digest", digest.to_string()),
            ("certificate", certificate.to_string()),
        ]);
        receipt.insert("created".to_owned(), Value::Number(job.at.unix()));
        let files = [(SECRET, &root.secret[..]), (CERTIFICATE, &root.certificate[..])];
        write(&medium, &root.fingerprint.hex(), &files, job, &receipt)?;
        self.stash.insert(digest, root.secret);
        Ok(done(receipt))
    }

    pub(super) fn prove_root(job: &Job<'_>) -> Done {
        let inputs = Inputs(job.effect);
        let medium = inputs.medium("medium")?;
        let fingerprint = inputs.fingerprint("fingerprint")?;
        let (mut root, certificate) = unlock(&medium, &fingerprint, job)?;
        let nonce = nonce(job);
        openpgp::prove_root(&mut root, &certificate, &nonce, job.at)?;
        Ok(done(receipt([("nonce", nonce)])))
    }
}

/// Opens the primary key of a medium; returns it with the certificate there.
pub(super) fn unlock(
    medium: &Medium,
    fingerprint: &Fingerprint,
    job: &Job<'_>,
) -> Result<(Unlocked, Vec<u8>), Problem> {
    let set = fingerprint.hex();
    let bytes = medium.file(&set, SECRET)?;
    let certificate = medium.file(&set, CERTIFICATE)?;
    Ok((openpgp::open(&bytes, fingerprint, secret(job, "root")?)?, certificate))
}

/// A secret that was asked for.
pub(super) fn secret<'a>(job: &Job<'a>, name: &str) -> Result<&'a Secret, Problem> {
    let missing = || Problem::Failed(format!("the secret '{name}' was not given"));
    job.secrets.get(name).ok_or_else(missing)
}

/// Something that only this effect signs: a part of its random name.
pub(super) fn nonce(job: &Job<'_>) -> String {
    job.id.chars().take(8).collect()
}
