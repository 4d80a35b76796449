//! Targets as the console asks them.

use std::collections::BTreeMap;
use std::path::Path;

use super::App;
use crate::adapters::{observed, openpgp};
use crate::domain::assessment::Assessment;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::publication::{CertificateForm, DriftRow, Watched};
use crate::domain::timestamp::Timestamp;
use crate::domain::workspace::Workspace;

/// Since when every target that a rotation waits for is known to serve each
/// subkey.
pub(super) fn published_since(
    folder: &Path,
    team: &Workspace,
    certificates: &[Assessment],
) -> BTreeMap<Fingerprint, Timestamp> {
    let mut published = BTreeMap::new();
    for one in certificates {
        let certificate = one.certificate.fingerprint();
        let waited = team.targets.iter().filter(|one| one.blocking && one.takes(&certificate));
        let seen: Vec<_> =
            waited.map(|target| observed::memory(folder, &target.id, &certificate)).collect();
        for subkey in &one.certificate.subkeys {
            let since: Option<Vec<_>> =
                seen.iter().map(|seen| seen.key_since(&subkey.fingerprint)).collect();
            if let Some(last) = since.and_then(|since| since.into_iter().max()) {
                published.insert(subkey.fingerprint, last);
            }
        }
    }
    published
}

impl App {
    /// What is known of a workspace's targets without asking them.
    pub(super) fn watched(
        &self,
        folder: &Path,
        team: &Workspace,
        managed: &[Fingerprint],
    ) -> Vec<Watched> {
        let (mut watched, at) = (Vec::new(), self.verifiers.now());
        for target in &team.targets {
            let all = observed::read(folder, &target.id);
            for certificate in managed.iter().filter(|one| target.takes(one)) {
                let mine = || all.iter().filter(|one| one.certificate == *certificate);
                // What is to be seen one day was not seen.
                let newest = mine().filter(|one| one.at <= at).max_by_key(|one| one.at);
                let Some(newest) = newest.cloned() else { continue };
                let served = observed::memory(folder, &target.id, certificate).high_water;
                // What cannot be read is told elsewhere.
                let Ok(armor) = openpgp::armor(&self.shelf.copies(certificate)) else { continue };
                let form = CertificateForm::Minimal;
                let made = openpgp::publishable(armor.as_bytes(), form, at);
                let made = made.map(|made| made.components).unwrap_or_default();
                let unseen = made.lacking_in(&served).cloned().collect();
                watched.push(Watched { target: target.id.clone(), seen: newest, unseen });
            }
        }
        watched
    }

    /// What users of a workspace's targets get now; it is written down where
    /// this machine has a log.
    #[cfg(feature = "network")]
    pub fn look_at_targets(&self, folder: &Path) -> Result<Vec<DriftRow>, String> {
        let rows = self.drift(folder).map_err(|error| error.to_string())?;
        self.keep_drift(folder, &rows)
            .map_err(|error| format!("observed/ cannot be written: {error}"))?;
        Ok(rows)
    }

    /// There is no network.
    #[cfg(not(feature = "network"))]
    #[expect(clippy::unused_self, reason = "as in a build that has a network")]
    pub fn look_at_targets(&self, _: &Path) -> Result<Vec<DriftRow>, String> {
        Err("this keyrite is built without a network: look with one that has it".to_owned())
    }
}
