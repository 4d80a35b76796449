//! Reading inputs, as a stream of events that anybody can fold.

use std::sync::Arc;

use crate::domain::certificate::Certificate;
use crate::domain::finding::Finding;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::inventory::{Inventory, Listed, LoneRevocation, PassedOver, Rejected};

/// What happens while inputs are read.
#[derive(Clone, Debug)]
pub enum ReadingEvent {
    /// A certificate was found; its signatures are still to be checked.
    Listed(Listed),
    /// All inputs are read; from here on only signatures are checked.
    AllListed,
    /// The signatures of a listed certificate are checked.
    Verified(Arc<Certificate>),
    /// A listed certificate turned out to be unusable.
    Unusable {
        /// Which one.
        fingerprint: Fingerprint,
        /// Why.
        rejected: Rejected,
    },
    /// A part of an input is not a certificate.
    Rejected(Rejected),
    /// Something in a folder is no key material.
    PassedOver(PassedOver),
    /// A revocation stood alone.
    Lone(LoneRevocation),
    /// Something that should be told.
    Found(Finding),
    /// Nothing more comes.
    Finished,
}

/// How far the reading is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// Nothing was asked for.
    #[default]
    Idle,
    /// Inputs are being read.
    Listing,
    /// Signatures are being checked.
    Verifying,
    /// Done.
    Finished,
}

/// The state of a reading: a fold over its events.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// What was read so far.
    pub inventory: Inventory,
    /// How far it is.
    pub stage: Stage,
    /// Certificates whose signatures are checked.
    pub verified: usize,
}

impl Reading {
    /// A reading that has just begun.
    #[must_use]
    pub fn begin() -> Self {
        Self { stage: Stage::Listing, ..Self::default() }
    }

    /// Takes the next event into account.
    pub fn apply(&mut self, event: ReadingEvent) {
        match event {
            ReadingEvent::Listed(listed) => self.inventory.list(listed),
            ReadingEvent::AllListed => self.stage = Stage::Verifying,
            ReadingEvent::Verified(certificate) => {
                self.inventory.verify(certificate);
                self.verified += 1;
            }
            ReadingEvent::Unusable { fingerprint, rejected } => {
                self.inventory.remove(&fingerprint);
                self.inventory.rejected.push(rejected);
            }
            ReadingEvent::Rejected(rejected) => self.inventory.rejected.push(rejected),
            ReadingEvent::PassedOver(passed) => self.inventory.passed_over.push(passed),
            ReadingEvent::Lone(revocation) => self.inventory.lone_revocations.push(revocation),
            ReadingEvent::Found(finding) => self.inventory.findings.push(finding),
            ReadingEvent::Finished => self.stage = Stage::Finished,
        }
    }
}
