//! A primary key that exists becomes a root: what it is, and how it comes onto
//! a medium.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zeroize::Zeroizing;

use super::copies::refuse_media;
use super::gnupg::GnupgHome;
use super::media::{CERTIFICATE, SECRET, write};
use super::remarks::Problem;
use super::root::{nonce, secret};
use super::search::{Search, places, visible, whole};
use super::{CeremonyHands, Done, Inputs, done, receipt};
use crate::adapters::gnupg_home::SECRING;
use crate::adapters::openpgp::{
    self, Holding, KeyError, Lock, PacketSet, Secrets, holding, walk_public,
};
use crate::adapters::sources::read_file;
use crate::domain::assessment::Assessment;
use crate::domain::certificate::SecretMaterial;
use crate::domain::cutoff::Cutoffs;
use crate::domain::finding::{Finding, FindingId, Severity};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::keyspec::Protection;
use crate::domain::lint::{lint, lint_material};
use crate::domain::text::{VisibleText, counted};
use crate::domain::validity::State;
use crate::engine::chain::Digest;
use crate::engine::effect::Value;
use crate::engine::event::{Remark, Weight};
use crate::engine::ports::{Job, Outcome};

/// What is answered where a key was never out of its people's hands.
const NEVER: &str = "never";

impl CeremonyHands {
    pub(super) fn look_at_key(&self, job: &Job<'_>) -> Done {
        let inputs = Inputs(job.effect);
        let wanted = inputs.fingerprint("fingerprint")?;
        exposure(&inputs.text("exposed"))?;
        let path = PathBuf::from(inputs.text("path"));
        let places = places(job);
        all_there(&places)?;
        let there = match GnupgHome::at(&path) {
            Some(home) => held_in(&home, &wanted)?,
            None => whole(&path, &wanted)?,
        };
        let Some(certificate) = there.certificate.clone() else {
            return Err(Problem::Failed(format!(
                "{} holds no certificate {}; nothing was changed",
                VisibleText::from_text(&inputs.text("path")),
                wanted.hex()
            )));
        };
        let is_open = wholeness(there.primary.unwrap_or(SecretMaterial::Absent))?;
        let one = assessed(&certificate, job)?;
        in_use(&one)?;
        let mut remarks = self.findings(&one, &certificate);
        remarks.extend(is_open.then(no_passphrase));
        let search = Search::of(&places, &wanted, Some(certificate))?;
        let mut copies = BTreeSet::new();
        for place in &places {
            let found = search.copies_in(place)?;
            remarks.extend(not_looked_into(place, found.passed_over));
            copies.extend(found.files);
        }
        let has_home = places.iter().any(|place| GnupgHome::at(place).is_some());
        for copy in &copies {
            refuse_media(Path::new(copy))?;
            let subkeys = whole(Path::new(copy), &wanted)?.subkeys;
            remarks.extend(with_subkeys(copy, subkeys, has_home));
        }
        let mut receipt = receipt([
            ("what", described(&one)),
            ("open", if is_open { "unprotected".to_owned() } else { String::new() }),
        ]);
        let ends = one.verdict.primary.expires;
        let ends = ends.map_or(Value::from(""), |ends| Value::Number(ends.unix()));
        receipt.insert("ends".to_owned(), ends);
        receipt.insert("signers".to_owned(), Value::List(signing_subkeys(&one)));
        receipt.insert("copies".to_owned(), Value::List(copies.into_iter().collect()));
        Ok(Outcome { receipt, remarks })
    }

    /// What the rules say of it: a primary key that is below them stops the
    /// run, one that is weak forbids it, and the rest is told.
    fn findings(&self, one: &Assessment, certificate: &[u8]) -> Vec<Remark> {
        let Some(world) = self.world.as_ref() else { return Vec::new() };
        let primary = one.certificate.fingerprint();
        let policy = world.policy(Some(&primary));
        let weak = openpgp::weaknesses(&[vec![certificate.to_vec()]]);
        let mut found = lint_material(one, policy, &weak);
        found.extend(lint(one, policy));
        found.into_iter().map(|finding| weighed(finding, &primary)).collect()
    }

    pub(super) fn take_root(&mut self, job: &Job<'_>) -> Done {
        let inputs = Inputs(job.effect);
        let wanted = inputs.fingerprint("fingerprint")?;
        let medium = inputs.medium("medium")?;
        let passphrase = match inputs.text("open").as_str() {
            "" => Some(secret(job, "source")?),
            _ => None,
        };
        let path = PathBuf::from(inputs.text("path"));
        let home = GnupgHome::at(&path);
        let (file, public) = match &home {
            Some(home) if !is_old(home, &wanted)? => {
                (home.export(&wanted, passphrase)?, Some(home.certificate(&wanted)?))
            }
            Some(home) => (read(&home.path().join(SECRING))?, Some(home.certificate(&wanted)?)),
            None => (read(&path)?, None),
        };
        let known = [public, self.newest(&wanted).ok()].into_iter().flatten();
        let known = known.map(|bytes| PacketSet::read(&bytes)).collect::<Result<Vec<_>, _>>()?;
        let known = known.into_iter().reduce(PacketSet::union).map(|set| set.armored());
        let known = known.transpose()?.map(String::into_bytes);
        let new = secret(job, "root")?;
        let lock = Lock { passphrase: new, protection: Protection::Iterated, cost: self.cost() };
        let root = match openpgp::take_root(&file, &wanted, passphrase, known.as_deref(), &lock) {
            Err(KeyError::WrongPassphrase) => return Err(Problem::WrongSecret("source")),
            root => root?,
        };
        drop(file);
        walk_public(&root.certificate)?;
        // Opened once before it is written: what cannot be opened is no key.
        let mut opened = openpgp::open(&root.secret, &wanted, new)?;
        let created = opened.created();
        openpgp::prove_root(&mut opened, &root.certificate, &nonce(job), job.at)?;
        drop(opened);
        let certificate = self.run.keep(&root.certificate)?;
        let digest = Digest::of(&root.secret);
        let mut receipt = receipt([
            ("fingerprint", wanted.hex()),
            ("digest", digest.to_string()),
            ("certificate", certificate.to_string()),
        ]);
        receipt.insert("created".to_owned(), Value::Number(created.unix()));
        let files = [(SECRET, &root.secret[..]), (CERTIFICATE, &root.certificate[..])];
        write(&medium, &wanted.hex(), &files, job, &receipt)?;
        self.stash.insert(digest, root.secret);
        Ok(done(receipt))
    }
}

/// The certificate, judged at the time of the effect.
fn assessed(certificate: &[u8], job: &Job<'_>) -> Result<Assessment, Problem> {
    let read = openpgp::read(&[certificate], &Secrets::new());
    let read = read.map_err(|error| Problem::Failed(error.to_string()))?;
    Ok(Assessment::of(Arc::new(read), job.at, Cutoffs::as_of(job.at)))
}

/// A key that may have been copied is not made safe by two media.
fn exposure(answer: &str) -> Result<(), Problem> {
    if answer == NEVER {
        return Ok(());
    }
    let place = match answer {
        "ci" => "was in CI",
        "image" => "was in an image or an artifact",
        "shared" => "was on a machine that others use, too",
        _ => "may have been anywhere: nobody knows",
    };
    Err(Problem::forbidden(
        FindingId::Cer008,
        format!(
            "the secret {place}: whoever could read it there can have a copy, and the decision is \
             that it is compromised"
        ),
        "nothing was changed, and this run ends here: give it up with that reason \
         (:abandon compromised). Then bring its certificate in with keyrite adopt, end the key with \
         certificate-revocation and the reason compromised (where nobody keeps a revocation \
         certificate, gpg --gen-revoke makes one: reason 1), make a new one with root-generation, issue new subkeys with \
         subkey-issuance, and sign again what this key has signed. Until then let nobody use it",
    ))
}

/// Whether the secret is open to whoever has the file; what is not there
/// cannot be adopted.
fn wholeness(material: SecretMaterial) -> Result<bool, Problem> {
    let (message, remedy) = match material {
        SecretMaterial::Protected => return Ok(false),
        SecretMaterial::Unprotected => return Ok(true),
        SecretMaterial::OnCard => (
            "the primary key is on a card, which never gives it away",
            "leave it there: a card is offline when it lies in a drawer. For a root on media \
             make a new one with root-generation",
        ),
        SecretMaterial::Stub | SecretMaterial::Absent => (
            "the primary key is a stub (sec#): its secret is somewhere else",
            "give the home, the export or the backup in which the whole key is; if there is \
             none, the key cannot be kept: make a new one with root-generation",
        ),
    };
    Err(Problem::forbidden(FindingId::Cer008, format!("{message}; nothing was changed"), remedy))
}

/// A key that verifiers do not accept is not carried on.
fn in_use(one: &Assessment) -> Result<(), Problem> {
    let primary = &one.verdict.primary;
    let (message, remedy) = match primary.state {
        State::Valid => return Ok(()),
        State::Expired => (
            "the primary key has expired, so that nothing it makes is accepted",
            "put its end off where it is, with the program that holds it \
             (gpg --quick-set-expire), publish that, and look again; or make a new one with \
             root-generation",
        ),
        State::Revoked => (
            "the primary key is revoked, and nothing takes that back",
            "make a new one with root-generation, and remove this one by hand",
        ),
        State::NotYetValid => {
            ("the primary key is from the future", "set the clock right, and look again")
        }
        State::Invalid => (
            "no verifier accepts the primary key",
            "keyrite view shows why; where its self-signatures are too old, make new ones with \
             the program that holds it, or make a new key with root-generation",
        ),
    };
    Err(Problem::forbidden(FindingId::Cer008, format!("{message}; nothing was changed"), remedy))
}

fn weighed(finding: Finding, primary: &Fingerprint) -> Remark {
    let is_of_primary = finding.about.iter().all(|key| key == primary);
    let is_below = matches!(
        finding.id,
        FindingId::Alg001
            | FindingId::Alg002
            | FindingId::Alg003
            | FindingId::Alg004
            | FindingId::Alg005
    );
    let weight = match finding.severity {
        Severity::Error if is_of_primary && finding.id == FindingId::Alg006 => Weight::Forbids,
        Severity::Error if is_of_primary && is_below => Weight::Stops,
        Severity::Error | Severity::Warning | Severity::Note => Weight::Told,
    };
    let Finding { id, severity, message, remedy, .. } = finding;
    Remark { id, severity, message, remedy, weight }
}

fn no_passphrase() -> Remark {
    Remark {
        id: FindingId::Cer008,
        severity: Severity::Warning,
        message: "no passphrase protects the key where it is: whoever could read the file can \
                  have used it"
            .to_owned(),
        remedy: "ask who could read it; if somebody could who should not, give this run up, and \
                 treat the key as compromised. On the media it gets a passphrase"
            .to_owned(),
        weight: Weight::Told,
    }
}

/// A file cannot be removed in part. Where `GnuPG` has the key, it has the
/// subkeys, too, and keeps them.
fn with_subkeys(copy: &str, count: usize, has_home: bool) -> Option<Remark> {
    (count > 0).then(|| Remark {
        id: FindingId::Cer009,
        severity: Severity::Warning,
        message: format!("with {copy} go the secrets of {} in it", counted(count, "subkey")),
        remedy: "make sure that whoever signs or decrypts with them has them elsewhere, and has \
                 tried that: nothing brings them back. Then take that on you, with where they are"
            .to_owned(),
        weight: if has_home { Weight::Told } else { Weight::Stops },
    })
}

/// A copy that nobody looked at is none that is gone.
fn not_looked_into(place: &Path, count: usize) -> Option<Remark> {
    (count > 0).then(|| Remark {
        id: FindingId::Cer009,
        severity: Severity::Warning,
        message: format!(
            "in {} {} not looked into: folders, and files larger than any key",
            visible(place),
            if count == 1 { "1 entry was".to_owned() } else { format!("{count} entries were") }
        ),
        remedy: "if a copy may be there, go back (:back) and name it; an archive is unpacked first"
            .to_owned(),
        weight: Weight::Told,
    })
}

/// A place that is misspelt, or out, is not looked through in silence.
fn all_there(places: &[PathBuf]) -> Result<(), Problem> {
    for place in places {
        if std::fs::metadata(place).is_err() {
            return Err(Problem::Failed(format!(
                "{}: there is no such file or folder, or it cannot be read; mount it, or go back \
                 (:back) and name it as it is",
                visible(place)
            )));
        }
        refuse_media(place)?;
    }
    Ok(())
}

/// The key in a line, for those who decide.
fn described(one: &Assessment) -> String {
    let key = &one.certificate.primary;
    let ends = one.verdict.primary.expires;
    let ends = ends.map_or_else(|| "never ends".to_owned(), |ends| format!("ends {}", ends.date()));
    let letters = one.verdict.primary.capabilities.letters();
    let name = VisibleText::from_text(one.name());
    format!("{name}: {} [{letters}], made {}, {ends}", key.algorithm, key.created.date())
}

/// The subkeys that sign today: their secrets stay where they are.
fn signing_subkeys(one: &Assessment) -> Vec<String> {
    let subkeys = one.keys().skip(1);
    let live = subkeys.filter(|(_, at)| at.state == State::Valid && at.capabilities.sign);
    live.map(|(key, _)| key.fingerprint.hex()).collect()
}

/// What a home holds of the key.
fn held_in(home: &GnupgHome, wanted: &Fingerprint) -> Result<Holding, Problem> {
    let public = home.certificate(wanted)?;
    let mut there = holding(&public, wanted)?;
    if let Some(grip) = home.keygrip(wanted)? {
        there.primary = Some(home.material(&grip)?);
    }
    if !there.is_copy() && is_old(home, wanted)? {
        there.primary = whole(&home.path().join(SECRING), wanted)?.primary;
    }
    Ok(there)
}

/// Whether the secret is in the file of `GnuPG` before 2.1 only.
fn is_old(home: &GnupgHome, wanted: &Fingerprint) -> Result<bool, Problem> {
    if let Some(grip) = home.keygrip(wanted)?
        && home.material(&grip)?.is_real()
    {
        return Ok(false);
    }
    let secring = home.path().join(SECRING);
    Ok(secring.is_file() && whole(&secring, wanted)?.is_copy())
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Problem> {
    let bytes = read_file(path).map(Zeroizing::new);
    bytes.map_err(|error| {
        let path = VisibleText::from_bytes(path.as_os_str().as_encoded_bytes());
        Problem::Failed(format!("{path}: {error}"))
    })
}
