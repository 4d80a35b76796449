//! Reads inputs: first all certificates as a list, then their signatures on
//! all cores.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;
use zeroize::Zeroize as _;

use super::keybox::{self, Part};
use super::openpgp::{self, What};
use super::sources::{self, Input, Source};
use crate::domain::certificate::SecretMaterial;
use crate::domain::finding::{Finding, FindingId, Severity};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::inventory::{Listed, Rejected};
use crate::domain::text::VisibleText;
use crate::engine::reading::ReadingEvent;

/// What a key's secret looked like in an input.
type Secrets = Vec<(Fingerprint, SecretMaterial)>;

/// The public bytes of the certificates that were read, for a closer look.
#[derive(Clone, Debug, Default)]
pub struct Shelf(Arc<Mutex<HashMap<Fingerprint, Copies>>>);

/// The bytes of a certificate, as often as it was read.
pub type Copies = Vec<Arc<[u8]>>;

impl Shelf {
    /// All copies of that certificate.
    #[must_use]
    pub fn copies(&self, fingerprint: &Fingerprint) -> Copies {
        let shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.get(fingerprint).cloned().unwrap_or_default()
    }

    /// One copy of each certificate whose fingerprint, or key ID, is `issuer`.
    #[must_use]
    pub fn of_issuer(&self, issuer: &[u8]) -> Vec<Vec<u8>> {
        let shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_issuer = |fingerprint: &Fingerprint| {
            let bytes = fingerprint.as_bytes();
            match fingerprint {
                _ if issuer.len() < 8 => false,
                Fingerprint::V4(_) => bytes.ends_with(issuer),
                Fingerprint::V6(_) => bytes.starts_with(issuer),
            }
        };
        let mut copies: Vec<_> = shelf.iter().filter(|(key, _)| is_issuer(key)).collect();
        copies.sort_by_key(|(fingerprint, _)| **fingerprint);
        copies
            .into_iter()
            .filter_map(|(_, copies)| copies.first().map(|copy| copy.to_vec()))
            .collect()
    }

    fn put(&self, fingerprint: Fingerprint, copies: Copies) {
        let mut shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.insert(fingerprint, copies);
    }
}

/// One certificate with all its copies.
struct Group {
    listed: Listed,
    copies: Copies,
    secrets: Secrets,
    /// Where it was met first, should it turn out to be unusable.
    first: (VisibleText, u64),
}

/// Reads `inputs` and reports as it goes; ends with
/// [`ReadingEvent::Finished`].
pub fn read(inputs: &[Input], shelf: &Shelf, report: &(dyn Fn(ReadingEvent) + Sync)) {
    let groups = list(inputs, report);
    for group in &groups {
        report(ReadingEvent::Listed(group.listed.clone()));
        shelf.put(group.listed.fingerprint, group.copies.clone());
    }
    report(ReadingEvent::AllListed);
    // Where no threads can be started, as in a strict container, one does it.
    match rayon::ThreadPoolBuilder::new().build() {
        Ok(pool) => {
            pool.install(|| groups.into_par_iter().for_each(|group| report(verify(group))));
        }
        Err(_) => groups.into_iter().for_each(|group| report(verify(group))),
    }
    report(ReadingEvent::Finished);
}

/// All certificates of all inputs, copies of the same one together.
fn list(inputs: &[Input], report: &dyn Fn(ReadingEvent)) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut places: HashMap<Fingerprint, usize> = HashMap::new();
    for input in inputs {
        let (sources, errors) = sources::resolve(input);
        for (source, error) in errors {
            let reason = error.to_string();
            report(ReadingEvent::Rejected(Rejected { source, offset: 0, reason }));
        }
        for source in sources {
            for group in list_source(&source, report) {
                if let Some(known) =
                    places.get(&group.listed.fingerprint).and_then(|at| groups.get_mut(*at))
                {
                    known.add(group);
                } else {
                    places.insert(group.listed.fingerprint, groups.len());
                    groups.push(group);
                }
            }
        }
    }
    groups
}

impl Group {
    fn add(&mut self, other: Self) {
        if !self.copies.iter().any(|copy| other.copies.contains(copy)) {
            self.copies.extend(other.copies);
        }
        for source in other.listed.sources {
            if !self.listed.sources.contains(&source) {
                self.listed.sources.push(source);
            }
        }
        for (fingerprint, secret) in other.secrets {
            match self.secrets.iter_mut().find(|(known, _)| *known == fingerprint) {
                // An actual secret in one copy outweighs a stub in another.
                Some((_, known)) if secret.is_real() => *known = secret,
                Some(_) => {}
                None => self.secrets.push((fingerprint, secret)),
            }
        }
    }
}

fn list_source(source: &Source, report: &dyn Fn(ReadingEvent)) -> Vec<Group> {
    let reject = |offset: usize, reason: String| {
        let offset = u64::try_from(offset).unwrap_or(u64::MAX);
        report(ReadingEvent::Rejected(Rejected { source: source.name.clone(), offset, reason }));
    };
    let mut data = match source.read() {
        Ok(data) => data,
        Err(error) => {
            reject(0, error.to_string());
            return Vec::new();
        }
    };
    let mut groups = Vec::new();
    let mut secrets = Secrets::new();
    for (offset, what) in pieces(&data) {
        match what {
            What::Rejected(rejection) if source.is_lenient() && rejection.is_foreign() => {}
            What::Rejected(rejection) => reject(offset, rejection.to_string()),
            What::Certificate(bytes) => match take(source, offset, &bytes) {
                Ok(group) => {
                    secrets.extend_from_slice(&group.secrets);
                    groups.push(group);
                }
                Err(error) => reject(offset, error.to_string()),
            },
        }
    }
    if secrets.iter().any(|(_, secret)| secret.is_real()) {
        data.zeroize();
        report(ReadingEvent::Found(secret_finding(&source.name, &secrets)));
    }
    groups
}

/// What is in a file, keybox or not.
fn pieces(data: &[u8]) -> Vec<(usize, What<'_>)> {
    if !keybox::is_keybox(data) {
        return openpgp::carve(data).into_iter().map(|found| (found.offset, found.what)).collect();
    }
    let mut pieces = Vec::new();
    for part in keybox::parts(data) {
        match part {
            Part::X509 => {}
            Part::Damaged { at } => {
                pieces.push((at, What::Rejected(openpgp::Rejection::DamagedKeybox)));
            }
            Part::Certificate(range) => {
                let start = range.start;
                let found = openpgp::carve(data.get(range).unwrap_or_default()).into_iter();
                pieces.extend(found.map(|found| (start + found.offset, found.what)));
            }
        }
    }
    pieces
}

fn take(source: &Source, offset: usize, bytes: &[u8]) -> Result<Group, openpgp::ReadError> {
    let listing = openpgp::list(bytes)?;
    let public: Arc<[u8]> =
        if listing.secrets.is_empty() { bytes.into() } else { openpgp::public_part(bytes)?.into() };
    Ok(Group {
        listed: Listed {
            fingerprint: listing.fingerprint,
            user_id: listing.user_id,
            algorithm: listing.algorithm,
            created: listing.created,
            sources: vec![source.name.clone()],
        },
        copies: vec![public],
        secrets: listing.secrets,
        first: (source.name.clone(), u64::try_from(offset).unwrap_or(u64::MAX)),
    })
}

fn verify(group: Group) -> ReadingEvent {
    let Group { listed, copies, secrets, first } = group;
    // Hostile packets must not take the other certificates along.
    let read = catch_unwind(AssertUnwindSafe(|| openpgp::read(&copies, &secrets)));
    let reason = match read {
        Ok(Ok(certificate)) => return ReadingEvent::Verified(Arc::new(certificate)),
        Ok(Err(error)) => error.to_string(),
        Err(_) => {
            "the OpenPGP library failed on it; the other certificates are not affected".to_owned()
        }
    };
    let (source, offset) = first;
    let rejected = Rejected { source, offset, reason };
    ReadingEvent::Unusable { fingerprint: listed.fingerprint, rejected }
}

fn secret_finding(source: &VisibleText, secrets: &Secrets) -> Finding {
    let real: Vec<_> = secrets.iter().filter(|(_, secret)| secret.is_real()).collect();
    let open = real.iter().filter(|(_, s)| *s == SecretMaterial::Unprotected).count();
    let protection = match (open, real.len()) {
        (0, _) => "protected by a passphrase".to_owned(),
        (open, all) if open == all => "without a passphrase".to_owned(),
        (open, all) => format!("{open} of {all} without a passphrase"),
    };
    Finding {
        id: FindingId::Cus010,
        severity: if open > 0 { Severity::Error } else { Severity::Warning },
        subject: source.clone(),
        message: format!(
            "holds the secret of {} key(s), {protection}; keyrite did not keep it",
            real.len()
        ),
        remedy: "Find out who can read this file. If anybody else could, treat the keys as \
                 compromised; otherwise keep the secret offline and share the public \
                 certificate only."
            .to_owned(),
    }
}
