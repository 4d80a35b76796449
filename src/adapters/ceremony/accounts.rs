//! What the runs of a workspace have made of a certificate, and what became
//! of it: a certificate is accounted for by the runs that brought it into the
//! workspace, and by no others.

use std::collections::BTreeMap;
use std::path::Path;

use crate::adapters::audit_log;
use crate::adapters::openpgp::{PacketSet, apply};
use crate::adapters::runs::{self, RunFolder};
use crate::domain::fingerprint::Fingerprint;
use crate::engine::audit::Vouched;
use crate::engine::chain::Digest;
use crate::engine::effect::{EffectKind, Value, Values};
use crate::engine::event::Event;
use crate::engine::journal::Entry;

/// What one run has made of a certificate.
pub(super) struct Account {
    /// Its name.
    pub(super) run: String,
    /// Whether it has brought that into the workspace.
    pub(super) is_adopted: bool,
    /// What became of it otherwise.
    pub(super) ending: String,
    certificate: Option<PacketSet>,
    revocations: Vec<Vec<u8>>,
}

impl Account {
    /// The certificate with what the run has made.
    pub(super) fn with(&self, certificate: PacketSet) -> PacketSet {
        let mut whole = match &self.certificate {
            Some(made) => certificate.union(made.clone()),
            None => certificate,
        };
        for revocation in &self.revocations {
            // One of a subkey that is not there revokes nothing.
            let armored = whole.armored().unwrap_or_default();
            let revoked = apply(armored.as_bytes(), revocation).ok();
            whole = revoked.and_then(|bytes| PacketSet::read(&bytes).ok()).unwrap_or(whole);
        }
        whole
    }

    /// The certificate without what the run has made, unless `real` has it.
    pub(super) fn without(&self, certificate: PacketSet, real: &PacketSet) -> PacketSet {
        match &self.certificate {
            Some(made) => certificate.without(&made.clone().without(real)),
            None => certificate,
        }
    }

    fn read(
        folder: &RunFolder,
        run: &str,
        fingerprint: &Fingerprint,
        log: &Vouched,
    ) -> Option<Self> {
        let journal = folder.journal().ok()?.journal.known_to(log);
        let done = done(journal.entries());
        let of = |kinds: &[EffectKind], name: &str| -> Vec<Vec<u8>> {
            let receipts = done.iter().filter(|(kind, _)| kinds.contains(kind));
            let digests = receipts.filter_map(|(_, receipt)| receipt.get(name).map(Value::text));
            let digests = digests.filter_map(|text| Digest::parse(&text));
            digests.filter_map(|digest| folder.artifact(digest).ok()).collect()
        };
        let union = |kinds: &[EffectKind]| {
            let sets = of(kinds, "certificate").into_iter();
            let sets = sets.filter_map(|bytes| PacketSet::read(&bytes).ok());
            sets.filter(|set| set.fingerprint() == *fingerprint).reduce(PacketSet::union)
        };
        let is_adopted = done.iter().any(|(kind, _)| *kind == EffectKind::AdoptCertificate);
        let made = union(&[
            EffectKind::MakeRoot,
            EffectKind::TakeRoot,
            EffectKind::IssueSubkey,
            EffectKind::ExtendSubkey,
            EffectKind::ExtendSigner,
            EffectKind::ExtendPrimary,
        ]);
        // What it found is its own only if it has brought that in, too.
        let certificate = match union(&[EffectKind::MergeCertificate]) {
            Some(found) if !is_adopted => made.map(|made| made.without(&found)),
            Some(_) | None => made,
        };
        let last = journal.entries().last();
        let ending = last.filter(|entry| matches!(entry.event, Event::Abandoned { .. }));
        let ending = ending.map(|entry| format!("was given up on {}", entry.moment.at.date()));
        Some(Self {
            run: run.to_owned(),
            is_adopted,
            ending: ending.unwrap_or_else(|| "is not finished".to_owned()),
            certificate,
            revocations: of(&[EffectKind::Revoke, EffectKind::ApplyRevocation], "revocation"),
        })
    }
}

/// The accounts of all runs in a workspace, by the lines that the audit log
/// vouches for; those that cannot be read account for nothing.
pub(super) fn accounts(workspace: &Path, fingerprint: &Fingerprint) -> Vec<Account> {
    let log = audit_log::vouched(workspace);
    let runs = runs::list(workspace).unwrap_or_default().into_iter();
    runs.filter_map(|run| {
        Account::read(&RunFolder::find(workspace, &run).ok()?, &run, fingerprint, &log)
    })
    .collect()
}

/// The effects that were done, with their receipts.
fn done(entries: &[Entry]) -> Vec<(EffectKind, &Values)> {
    let mut begun = BTreeMap::new();
    let mut done = Vec::new();
    for entry in entries {
        if let Event::Intended { effect, kind, .. } = &entry.event {
            begun.insert(effect.as_str(), *kind);
        }
        if let Event::Completed { effect, receipt, .. } = &entry.event {
            done.extend(begun.get(effect.as_str()).map(|kind| (*kind, receipt)));
        }
    }
    done
}
