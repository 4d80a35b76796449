//! What was read: certificates, what was rejected, and findings.

use std::collections::HashMap;
use std::sync::Arc;

use super::algorithm::Algorithm;
use super::certificate::Certificate;
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
    entries: Vec<Entry>,
    places: HashMap<Fingerprint, usize>,
    /// What was rejected, in the order in which it was met.
    pub rejected: Vec<Rejected>,
    /// What should be told.
    pub findings: Vec<Finding>,
}

impl Inventory {
    /// The certificates, in the order in which they were met.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry of that certificate.
    #[must_use]
    pub fn entry(&self, fingerprint: &Fingerprint) -> Option<&Entry> {
        self.places.get(fingerprint).and_then(|place| self.entries.get(*place))
    }

    /// Adds a certificate of which only packets were read.
    pub fn list(&mut self, listed: Listed) {
        let place = self.entries.len();
        let place = *self.places.entry(listed.fingerprint).or_insert(place);
        match self.entries.get_mut(place) {
            Some(known) => known.listed = listed,
            None => self.entries.push(Entry { listed, certificate: None }),
        }
    }

    /// Adds the facts of a listed certificate.
    pub fn verify(&mut self, certificate: Arc<Certificate>) {
        let place = self.places.get(&certificate.fingerprint());
        if let Some(entry) = place.and_then(|place| self.entries.get_mut(*place)) {
            entry.certificate = Some(certificate);
        }
    }

    /// Takes back a listed certificate that turned out to be unusable.
    pub fn remove(&mut self, fingerprint: &Fingerprint) {
        self.entries.retain(|entry| entry.listed.fingerprint != *fingerprint);
        self.places = self
            .entries
            .iter()
            .enumerate()
            .map(|(place, entry)| (entry.listed.fingerprint, place))
            .collect();
    }

    /// Certificates whose signatures are checked.
    #[must_use]
    pub fn verified(&self) -> usize {
        self.entries.iter().filter(|entry| entry.certificate.is_some()).count()
    }
}
