//! Reads inputs: first all certificates as a list, then their signatures on
//! all cores.

mod secrets;
mod shelf;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rayon::prelude::*;
use zeroize::Zeroize as _;

use self::secrets::SecretsMet;
pub use self::shelf::{Copies, Shelf};
use super::keybox::{self, Part};
use super::openpgp::{self, Found, Held, MAX_DAMAGE, Parted, Rejection, Revocation, Secrets, What};
use super::sources::{self, Input, Source};
use crate::domain::certificate::SecretMaterial;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::inventory::{Listed, LoneRevocation, Rejected};
use crate::domain::text::VisibleText;
use crate::engine::reading::ReadingEvent;

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

/// All certificates of all inputs.
fn list(inputs: &[Input], report: &dyn Fn(ReadingEvent)) -> Vec<Group> {
    let mut listing =
        Listing { report, groups: Vec::new(), places: HashMap::new(), lone: Vec::new() };
    for input in inputs {
        let resolved = sources::resolve(input);
        for passed_over in resolved.passed_over {
            report(ReadingEvent::PassedOver(passed_over));
        }
        for (source, error) in resolved.errors {
            listing.reject(&source, 0, error.to_string());
        }
        for source in resolved.sources {
            listing.source(&source);
        }
    }
    listing.attach_revocations();
    listing.groups
}

/// Copies that are compared one by one: the usual case needs no hashing.
const FEW: usize = 8;

/// One certificate with all its copies.
struct Group {
    listed: Listed,
    copies: Copies,
    /// The same, to know them again where there are many.
    known: HashSet<Arc<[u8]>>,
    secrets: Secrets,
    /// Where it was met first, should it turn out to be unusable.
    first: (VisibleText, usize),
}

impl Group {
    fn add(&mut self, other: Self) {
        for copy in other.copies {
            self.push_copy(copy);
        }
        self.add_sources(other.listed.sources);
        self.add_secrets(other.secrets);
    }

    fn push_copy(&mut self, copy: Arc<[u8]>) {
        let is_new = if self.copies.len() < FEW {
            !self.copies.contains(&copy)
        } else {
            if self.known.is_empty() {
                self.known.extend(self.copies.iter().cloned());
            }
            self.known.insert(copy.clone())
        };
        if is_new {
            self.copies.push(copy);
        }
    }

    /// An actual secret in one copy outweighs a stub in another.
    fn add_secrets(&mut self, secrets: impl IntoIterator<Item = (Fingerprint, SecretMaterial)>) {
        for (fingerprint, material) in secrets {
            let known = self.secrets.entry(fingerprint).or_insert(material);
            if material.is_real() {
                *known = material;
            }
        }
    }

    fn add_sources(&mut self, sources: Vec<VisibleText>) {
        for source in sources {
            if !self.listed.sources.contains(&source) {
                self.listed.sources.push(source);
            }
        }
    }
}

/// A revocation that was met without its certificate.
struct Lone {
    source: VisibleText,
    offset: usize,
    revocation: Revocation,
    /// Whether it stands behind another certificate, which says that it is
    /// there.
    is_noted: bool,
}

/// Copies of the same certificate come together here.
struct Listing<'a> {
    report: &'a dyn Fn(ReadingEvent),
    groups: Vec<Group>,
    places: HashMap<Fingerprint, usize>,
    /// Revocations that were met without their certificate.
    lone: Vec<Lone>,
}

impl Listing<'_> {
    fn reject(&self, source: &VisibleText, offset: usize, reason: String) {
        (self.report)(ReadingEvent::Rejected(rejected(source, offset, reason)));
    }

    /// Tells of what is no certificate, and whether that is a defect.
    fn set_aside(&self, source: &Source, offset: usize, rejection: &Rejection) {
        match source.passes_over(rejection) {
            Some(passed_over) => (self.report)(ReadingEvent::PassedOver(passed_over)),
            None => self.reject(&source.name, offset, rejection.to_string()),
        }
    }

    fn source(&mut self, source: &Source) {
        let mut data = match source.read() {
            Ok(data) => data,
            Err(error) => return self.reject(&source.name, 0, error.to_string()),
        };
        let mut met = SecretsMet::default();
        let pieces = pieces(&data);
        if pieces.is_empty() {
            self.set_aside(source, 0, &Rejection::NoCertificate);
        }
        for Found { offset, what, holds_secret } in pieces {
            met.in_rejected |= holds_secret;
            match what {
                What::Certificate(bytes) => self.certificate(source, offset, bytes, &mut met),
                What::Signature(bytes) => match Revocation::from_packet(&bytes) {
                    Some(revocation) => {
                        let source = source.name.clone();
                        self.lone.push(Lone { source, offset, revocation, is_noted: false });
                    }
                    None => self.set_aside(source, offset, &Rejection::LoneSignature),
                },
                What::Rejected(rejection) => self.set_aside(source, offset, &rejection),
            }
        }
        if let Some(finding) = met.finding(&source.name) {
            data.zeroize();
            (self.report)(ReadingEvent::Found(finding));
        }
    }

    fn certificate(
        &mut self,
        source: &Source,
        offset: usize,
        bytes: Cow<'_, [u8]>,
        met: &mut SecretsMet,
    ) {
        let parted = openpgp::part(&bytes);
        met.secrets.extend_from_slice(&parted.secrets);
        match openpgp::list(&parted.public) {
            Ok(listing) => self.take(source, offset, &parted, listing),
            Err(error) => self.reject(&source.name, offset, error.to_string()),
        }
        let holds_secret = !parted.secrets.is_empty();
        drop(parted);
        if let (true, Cow::Owned(mut bytes)) = (holds_secret, bytes) {
            bytes.zeroize();
        }
    }

    fn take(
        &mut self,
        source: &Source,
        offset: usize,
        parted: &Parted<'_>,
        listing: openpgp::Listing,
    ) {
        let source = source.name.clone();
        for revocation in listing.strays {
            self.lone.push(Lone { source: source.clone(), offset, revocation, is_noted: true });
        }
        let fingerprint = listing.fingerprint;
        let mut group = Group {
            listed: Listed {
                fingerprint,
                user_id: listing.user_id,
                algorithm: listing.algorithm,
                created: listing.created,
                sources: vec![source.clone()],
            },
            copies: Vec::new(),
            known: HashSet::new(),
            secrets: Secrets::new(),
            first: (source, offset),
        };
        group.push_copy(parted.public.as_ref().into());
        group.add_secrets(parted.secrets.iter().filter_map(|s| Some((s.of?, s.material))));
        let place = *self.places.entry(fingerprint).or_insert(self.groups.len());
        match self.groups.get_mut(place) {
            Some(known) => known.add(group),
            None => self.groups.push(group),
        }
    }

    /// Gives each lone revocation to its certificate, wherever that was.
    fn attach_revocations(&mut self) {
        let lone = std::mem::take(&mut self.lone);
        if lone.is_empty() {
            return;
        }
        let mut by_key_id: HashMap<[u8; 8], Vec<usize>> = HashMap::new();
        for (place, group) in self.groups.iter().enumerate() {
            by_key_id.entry(group.listed.fingerprint.key_id()).or_default().push(place);
        }
        let mut held: HashMap<usize, Option<Held>> = HashMap::new();
        let mut published: HashMap<usize, HashSet<Vec<u8>>> = HashMap::new();
        let mut tries = 0;
        for Lone { source, offset, revocation, is_noted } in lone {
            let mut is_attached = false;
            let mut is_published = is_noted;
            // It goes to no certificate that has not made it: else anybody
            // could smear anybody.
            let mut places: Vec<usize> = revocation
                .key_ids()
                .filter_map(|id| by_key_id.get(id.as_slice()))
                .flatten()
                .copied()
                .collect();
            places.dedup();
            let was_read = !places.is_empty();
            for place in places {
                let Some(group) = self.groups.get_mut(place) else { continue };
                let held = held.entry(place).or_insert_with(|| Held::of(&group.copies).ok());
                let is_good =
                    held.as_ref().is_some_and(|h| h.is_revoked_by(&revocation, &mut tries));
                let published = published
                    .entry(place)
                    .or_insert_with(|| openpgp::signature_packets(&group.copies));
                is_published |= revocation.is_among(published);
                let first = group.copies.first().filter(|_| is_good);
                if let Some(Ok(copy)) = first.map(|copy| revocation.as_copy_of(copy)) {
                    group.push_copy(copy.into());
                    group.add_sources(vec![source.clone()]);
                    is_attached = true;
                }
            }
            let is_kept = !is_published && (is_attached || !was_read);
            if let Some((created, reason)) = revocation.statement().filter(|_| is_kept) {
                let source = source.clone();
                let lone = LoneRevocation { source, created, reason };
                (self.report)(ReadingEvent::Lone(lone));
            }
            if !is_attached && !is_noted {
                self.reject(&source, offset, revocation.rejection(was_read).to_string());
            }
        }
    }
}

fn rejected(source: &VisibleText, offset: usize, reason: String) -> Rejected {
    let offset = u64::try_from(offset).unwrap_or(u64::MAX);
    Rejected { source: source.clone(), offset, reason }
}

/// What is in a file, keybox or not.
fn pieces(data: &[u8]) -> Vec<Found<'_>> {
    if !keybox::is_keybox(data) {
        return openpgp::carve(data);
    }
    let mut pieces = Vec::new();
    let mut damage = 0;
    for part in keybox::parts(data) {
        match part {
            Part::X509 => {}
            Part::Damaged { at, is_last } => {
                damage += 1;
                let given_up = damage == MAX_DAMAGE;
                let rejection = match (given_up, is_last) {
                    (true, _) => Rejection::TooMuchDamage,
                    (false, true) => Rejection::KeyboxCutOff,
                    (false, false) => Rejection::DamagedKeybox,
                };
                let what = What::Rejected(rejection);
                pieces.push(Found { offset: at, what, holds_secret: false });
                if given_up {
                    break;
                }
            }
            Part::Certificate(range) => {
                let start = range.start;
                let found = openpgp::carve(data.get(range).unwrap_or_default()).into_iter();
                pieces.extend(found.map(|f| Found { offset: start + f.offset, ..f }));
            }
        }
    }
    pieces
}

fn verify(group: Group) -> ReadingEvent {
    let Group { listed, copies, secrets, first, .. } = group;
    // Hostile packets must not take the other certificates along.
    let read = catch_unwind(AssertUnwindSafe(|| openpgp::read(&copies, &secrets)));
    let reason = match read {
        Ok(Ok(certificate)) => return ReadingEvent::Verified(Arc::new(certificate)),
        Ok(Err(error)) => error.to_string(),
        Err(_) => {
            "the OpenPGP library failed on it; the other certificates are not affected".to_owned()
        }
    };
    let rejected = rejected(&first.0, first.1, reason);
    ReadingEvent::Unusable { fingerprint: listed.fingerprint, rejected }
}
