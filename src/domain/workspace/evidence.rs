//! What was found of that which a workspace declares.

use std::collections::BTreeMap;

use crate::domain::assessment::Assessment;
use crate::domain::custody::Register;
use crate::domain::finding::Finding;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::inventory::Rejected;
use crate::domain::publication::Watched;
use crate::domain::text::VisibleText;
use crate::domain::weakness::Weaknesses;

/// What was looked up beside the certificates themselves.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// Who has certified a certificate, verified, by their certificates.
    pub certified_by: BTreeMap<Fingerprint, Vec<Fingerprint>>,
    /// The certificates of the roster.
    pub people: Vec<Assessment>,
    /// What was told while these were read, and what of them cannot be read.
    pub told: Vec<Finding>,
    /// The same: parts that are no certificates.
    pub rejected: Vec<Rejected>,
    /// What lies where, by the journals of ceremonies.
    pub register: Register,
    /// What is known of targets without asking them.
    pub watched: Vec<Watched>,
    /// Secrets of primary keys on this machine.
    pub on_machine: OnMachine,
    /// Keys of weak material.
    pub weaknesses: Weaknesses,
    /// The texts of declared pages by the id of their target, or why there is
    /// none.
    pub pages: BTreeMap<String, Result<String, String>>,
}

/// Secrets of primary keys that lie on this machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OnMachine {
    /// The files by the primary keys whose secrets they hold.
    pub files: BTreeMap<Fingerprint, Vec<VisibleText>>,
    /// What could not be looked into, and why: nothing is known of it.
    pub unread: Vec<VisibleText>,
}

impl OnMachine {
    /// That file holds the secret of that primary key.
    pub fn add(&mut self, key: &Fingerprint, file: VisibleText) {
        self.files.entry(*key).or_default().push(file);
    }
}
