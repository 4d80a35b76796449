//! What was read: certificates, what was rejected, and findings.

use std::collections::HashMap;
use std::sync::Arc;

use super::algorithm::Algorithm;
use super::certificate::{Certificate, RevocationReason};
use super::finding::Finding;
use super::fingerprint::Fingerprint;
use super::text::VisibleText;
use super::timestamp::Timestamp;

/// A part of an input that is not shown as a certificate, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The file, folder or stream.
    pub source: VisibleText,
    /// Byte at which it starts; for armored data that of the armor header.
    pub offset: u64,
    /// Why, in words.
    pub reason: String,
}

impl Rejected {
    /// Where it is, in words.
    #[must_use]
    pub fn place(&self) -> String {
        match self.offset {
            0 => self.source.to_string(),
            offset => format!("{} at byte {offset}", self.source),
        }
    }
}

/// Something in a folder that was not read, or holds no key material, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassedOver {
    /// The file or folder.
    pub source: VisibleText,
    /// Why, in words.
    pub reason: String,
}

/// A revocation that stood alone, and that no copy of its certificate has: one
/// that is kept in advance. Where its certificate was read, it is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoneRevocation {
    /// The file, folder or stream.
    pub source: VisibleText,
    /// When it was made, by its own word.
    pub created: Timestamp,
    /// What it states as the reason.
    pub reason: RevocationReason,
}

/// What is known of a certificate before any signature is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// Its first user ID.
    pub user_id: Option<VisibleText>,
    /// The primary key's algorithm.
    pub algorithm: Algorithm,
    /// When the primary key was made.
    pub created: Timestamp,
    /// The inputs that hold a copy.
    pub sources: Vec<VisibleText>,
}

/// A certificate on its way from listed to verified.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What is known at once.
    pub listed: Listed,
    /// The facts, once its signatures are checked.
    pub certificate: Option<Arc<Certificate>>,
}

impl Entry {
    /// The name by which people know it.
    #[must_use]
    pub fn name(&self) -> &str {
        self.listed.user_id.as_ref().map_or("(no user ID)", VisibleText::as_str)
    }
}

/// Everything that was read.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// Empty where a certificate turned out to be unusable.
    entries: Vec<Option<Entry>>,
    places: HashMap<Fingerprint, usize>,
    /// What was rejected, in the order in which it was met.
    pub rejected: Vec<Rejected>,
    /// What in folders is no key material.
    pub passed_over: Vec<PassedOver>,
    /// Revocations that are kept in advance.
    pub lone_revocations: Vec<LoneRevocation>,
    /// What should be told.
    pub findings: Vec<Finding>,
}

impl Inventory {
    /// The certificates, in the order in which they were met.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().flatten()
    }

    /// The entry of that certificate.
    #[must_use]
    pub fn entry(&self, fingerprint: &Fingerprint) -> Option<&Entry> {
        self.places.get(fingerprint).and_then(|place| self.entries.get(*place)?.as_ref())
    }

    /// Adds a certificate of which only packets were read.
    pub fn list(&mut self, listed: Listed) {
        let place = self.entries.len();
        let place = *self.places.entry(listed.fingerprint).or_insert(place);
        match self.entries.get_mut(place) {
            Some(Some(known)) => known.listed = listed,
            Some(none) => *none = Some(Entry { listed, certificate: None }),
            None => self.entries.push(Some(Entry { listed, certificate: None })),
        }
    }

    /// Adds the facts of a listed certificate.
    pub fn verify(&mut self, certificate: Arc<Certificate>) {
        let place = self.places.get(&certificate.fingerprint());
        if let Some(Some(entry)) = place.and_then(|place| self.entries.get_mut(*place)) {
            entry.certificate = Some(certificate);
        }
    }

    /// Takes back a listed certificate that turned out to be unusable.
    pub fn remove(&mut self, fingerprint: &Fingerprint) {
        let place = self.places.remove(fingerprint);
        if let Some(entry) = place.and_then(|place| self.entries.get_mut(place)) {
            *entry = None;
        }
    }

    /// Certificates whose signatures are checked.
    #[must_use]
    pub fn verified(&self) -> usize {
        self.entries().filter(|entry| entry.certificate.is_some()).count()
    }
}
