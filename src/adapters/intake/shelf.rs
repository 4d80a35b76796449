//! Where the bytes of what was read are kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::fingerprint::Fingerprint;

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
            fingerprint.as_bytes() == issuer || fingerprint.key_id() == issuer
        };
        let mut copies: Vec<_> = shelf.iter().filter(|(key, _)| is_issuer(key)).collect();
        copies.sort_by_key(|(fingerprint, _)| **fingerprint);
        copies
            .into_iter()
            .filter_map(|(_, copies)| copies.first().map(|copy| copy.to_vec()))
            .collect()
    }

    pub(super) fn put(&self, fingerprint: Fingerprint, copies: Copies) {
        let mut shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.insert(fingerprint, copies);
    }
}
