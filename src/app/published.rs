//! Targets as the console asks them.

use std::path::Path;

use super::App;
use crate::adapters::{observed, openpgp};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::publication::{CertificateForm, Components, DriftRow, Watched};
use crate::domain::workspace::Workspace;

impl App {
    /// What is known of a workspace's targets without asking them.
    pub(super) fn watched(
        &self,
        folder: &Path,
        team: &Workspace,
        managed: &[Fingerprint],
    ) -> Vec<Watched> {
        let mut watched = Vec::new();
        for target in &team.targets {
            let all = observed::read(folder, &target.id);
            for certificate in managed.iter().filter(|one| target.takes(one)) {
                let mine = || all.iter().filter(|one| one.certificate == *certificate);
                let Some(newest) = mine().max_by_key(|one| one.at).cloned() else { continue };
                let mut served = Components::default();
                mine().for_each(|one| served.join(&one.high_water));
                // What cannot be read is told elsewhere.
                let Ok(armor) = openpgp::armor(&self.shelf.copies(certificate)) else { continue };
                let (form, at) = (CertificateForm::Minimal, self.verifiers.now());
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
