//! Revocations: kept, made, applied.

use std::fmt::Write as _;
use std::path::Path;

use super::media::write;
use super::remarks::Problem;
use super::root::{nonce, unlock};
use super::{CeremonyHands, Done, Inputs, done, receipt};
use crate::adapters::medium;
use crate::adapters::openpgp::{
    apply, break_armor, for_import, holds, mend_armor, prove_root, read_revocation, walk_public,
};
use crate::domain::certificate::RevocationReason;
use crate::domain::finding::FindingId;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::keyspec::Reason;
use crate::domain::worded::Worded as _;
use crate::engine::ports::Job;

/// How the files of holders begin.
const KEPT: &str = "revocation-";
const KEPT_OF_SUBKEY: &str = "revocation-of-subkey-";

impl CeremonyHands {
    pub(super) fn keep_revocation(&self, job: &Job<'_>) -> Done {
        let inputs = Inputs(job.effect);
        let fingerprint = inputs.fingerprint("fingerprint")?;
        let root = inputs.medium("root")?;
        let medium = inputs.medium("medium")?;
        if medium.has(&fingerprint.hex()) && medium.file(&fingerprint.hex(), "root.pgp").is_ok()
            || medium.id == root.id
        {
            return Err(Problem::forbidden(
                FindingId::Rev005,
                "this medium holds the primary key".to_owned(),
                "take a medium of its own: what holds the key must not hold what ends it",
            ));
        }
        let own = kept_for(&inputs.text("holder"));
        let is_of_another =
            |name: &str| name.starts_with(KEPT) && !name.starts_with(KEPT_OF_SUBKEY) && name != own;
        let manifest = medium.manifest(&fingerprint.hex())?;
        if manifest.is_some_and(|manifest| manifest.names().any(is_of_another)) {
            return Err(Problem::forbidden(
                FindingId::Rev005,
                "this medium has the revocation certificate of another holder".to_owned(),
                "take a medium that is this person's own",
            ));
        }
        let (mut opened, on_medium) = unlock(&root, &fingerprint, job)?;
        let certificate = match inputs.text("certificate").as_str() {
            "" => on_medium,
            _ => self.run.artifact(inputs.digest("certificate")?)?,
        };
        let subkey = match inputs.text("subkey").as_str() {
            "" => None,
            _ => Some(inputs.fingerprint("subkey")?),
        };
        let message = "kept for the case that the key got into other hands";
        let reason = Reason::Compromised;
        let (revocation, proof) = match &subkey {
            None => {
                let proof = prove_root(&mut opened, &certificate, &nonce(job), job.at)?;
                (opened.revoke_certificate(reason, message, job.at)?, Some(proof))
            }
            Some(subkey) => {
                (opened.revoke_subkey(&certificate, subkey, reason, message, job.at)?, None)
            }
        };
        drop(opened);
        let of = subkey.unwrap_or(fingerprint);
        holds(&certificate, &revocation, &of, reason, proof.as_ref(), job.at)?;
        let explanation = instructions(&fingerprint, subkey.as_ref(), &inputs.text("holder"), job);
        // That of a subkey does nothing in other programs when it stands alone.
        let whole = match &subkey {
            None => revocation,
            Some(_) => for_import(&certificate, &revocation)?,
        };
        let broken = break_armor(&whole, &explanation)
            .ok_or_else(|| Problem::Failed("its armor cannot be broken".to_owned()))?;
        let name = match &subkey {
            None => own.clone(),
            Some(subkey) => format!("{KEPT_OF_SUBKEY}{}.txt", subkey.hex()),
        };
        let digest = crate::engine::chain::Digest::of(broken.as_bytes());
        let receipt = receipt([("digest", digest.to_string()), ("file", name.clone())]);
        let files = [(name.as_str(), broken.as_bytes())];
        write(&medium, &fingerprint.hex(), &files, job, &receipt)?;
        Ok(done(receipt))
    }

    pub(super) fn apply_revocation(&self, job: &Job<'_>) -> Done {
        let (certificate, revocation, _) = self.tried(job)?;
        self.revoked(&certificate, &revocation)
    }

    /// The certificate of the workspace and a kept revocation that does, on a
    /// copy, what it says.
    pub(super) fn tried(&self, job: &Job<'_>) -> Result<(Vec<u8>, Vec<u8>, Reason), Problem> {
        let inputs = Inputs(job.effect);
        let (fingerprint, of) = subject(&inputs)?;
        let file = inputs.text("file");
        let bytes = medium::read(Path::new(&file))?
            .ok_or_else(|| Problem::Failed(format!("{file} is not there")))?;
        // One that was mended by hand is as good.
        let revocation = mend_armor(&bytes).unwrap_or(bytes);
        let certificate = self.newest(&fingerprint)?;
        let statement = read_revocation(&certificate, &revocation)?;
        let reason = Reason::ALL
            .iter()
            .copied()
            .find(|reason| RevocationReason::from_code(reason.code()) == statement.reason);
        let Some(reason) = reason else {
            return Err(Problem::forbidden(
                FindingId::Rev003,
                format!("its reason is '{}'", statement.reason.word()),
                "take one with a reason that says what happened; gpg's own .rev files give none. Where \
                 the key is in GnuPG, gpg --output FILE --gen-revoke FINGERPRINT makes one: reason 1",
            ));
        };
        holds(&certificate, &revocation, &of, reason, None, job.at)?;
        Ok((certificate, revocation, reason))
    }

    pub(super) fn revoke(&self, job: &Job<'_>) -> Done {
        let inputs = Inputs(job.effect);
        let (fingerprint, of) = subject(&inputs)?;
        let reason: Reason = inputs.word("reason")?;
        let message = inputs.text("message");
        let certificate = self.newest(&fingerprint)?;
        let (mut opened, _) = unlock(&inputs.medium("root")?, &fingerprint, job)?;
        let revocation = if of == fingerprint {
            opened.revoke_certificate(reason, &message, job.at)?
        } else {
            opened.revoke_subkey(&certificate, &of, reason, &message, job.at)?
        };
        drop(opened);
        holds(&certificate, &revocation, &of, reason, None, job.at)?;
        self.revoked(&certificate, &revocation)
    }

    fn revoked(&self, certificate: &[u8], revocation: &[u8]) -> Done {
        let revoked = apply(certificate, revocation)?;
        walk_public(&revoked)?;
        let certificate = self.run.keep(&revoked)?;
        let revocation = self.run.keep(revocation)?;
        let receipt = receipt([
            ("certificate", certificate.to_string()),
            ("revocation", revocation.to_string()),
        ]);
        Ok(done(receipt))
    }
}

/// The file of a holder. What a name in `keyrite.toml` may have, and a file
/// may not, is left out.
fn kept_for(holder: &str) -> String {
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    format!("{KEPT}{}.txt", holder.chars().filter(is_plain).collect::<String>())
}

/// The certificate, and what of it is revoked: itself or a subkey.
fn subject(inputs: &Inputs<'_>) -> Result<(Fingerprint, Fingerprint), Problem> {
    let fingerprint = inputs.fingerprint("fingerprint")?;
    let of = match inputs.text("subkey").as_str() {
        "" => fingerprint,
        _ => inputs.fingerprint("subkey")?,
    };
    Ok((fingerprint, of))
}

/// What stands above the revocation on the medium.
fn instructions(
    certificate: &Fingerprint,
    subkey: Option<&Fingerprint>,
    holder: &str,
    job: &Job<'_>,
) -> String {
    let what = match subkey {
        Some(subkey) => format!("the subkey {}\nof the certificate", subkey.grouped()),
        None => "the certificate".to_owned(),
    };
    let mut text = String::new();
    let _ = write!(
        text,
        "REVOCATION CERTIFICATE, kept by {holder}, made {}\n\n\
         It ends {what}\n{}\nfor ever, with the reason: {}. All signatures that this {} has\n\
         ever made are void then, also the good ones.\n\n\
         When to use it: the secret of the key is lost, or in other hands. Not for a key that is\n\
         only replaced.\n\
         Who decides: two people of the team. Call another holder first.\n\
         How: keyrite ceremony start {}, with this file; it is\n\
         tried on a copy before anything is published. Without keyrite: remove the colon before\n\
         the line of dashes, then gpg --import this file, and gpg --send-keys.\n\
         Where to keep it: away from the key, and from every networked machine. Whoever has this\n\
         file can end the key.\n",
        job.at.date(),
        certificate.grouped(),
        Reason::Compromised.word(),
        if subkey.is_some() { "subkey" } else { "key" },
        if subkey.is_some() { "subkey-revocation" } else { "certificate-revocation" },
    );
    text
}
