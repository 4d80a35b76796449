//! What front ends can ask about workspaces.

use std::path::{Path, PathBuf};

use super::{App, Input};
use crate::adapters::gnupg_home;
use crate::adapters::intake::{self, Shelf};
use crate::adapters::merge::{self, MergeError, Sides};
use crate::adapters::merge_driver::{self, InstallError, Installed};
use crate::adapters::openpgp;
use crate::adapters::profiles::{self, ProfileError};
use crate::adapters::runs;
use crate::adapters::workspace::{self, Adopted, Brought, Declaration, Founding, WorkspaceError};
use crate::domain::assessment::Assessment;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::inspection::Check;
use crate::domain::policy::Policy;
use crate::domain::text::VisibleText;
use crate::domain::workspace::{Environment, Evidence, Target, TargetKind, Waiver, Workspace};
use crate::engine::reading::{Reading, ReadingEvent};

/// A workspace that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewWorkspace {
    /// Where.
    pub folder: PathBuf,
    /// The team's or project's name.
    pub name: String,
    /// Whose trust is at stake.
    pub environment: Environment,
    /// The preset of the rules.
    pub profile: String,
    /// Where its certificates are published.
    pub targets: Vec<Target>,
    /// The certificates that it adopts, of those that were read.
    pub adopted: Vec<Assessment>,
}

/// The policy of a preset.
pub fn policy(profile: &str) -> Result<Policy, ProfileError> {
    profiles::load(profile)
}

impl App {
    /// The workspace folder: the one that is named, or the one around the
    /// present folder.
    pub fn find_workspace(&self, named: Option<&Path>) -> Result<PathBuf, WorkspaceError> {
        let missing = |folder: &Path| {
            WorkspaceError::Missing(VisibleText::from_bytes(folder.as_os_str().as_encoded_bytes()))
        };
        match named {
            Some(folder) if folder.join(workspace::FILE).exists() => Ok(folder.to_owned()),
            Some(folder) => Err(missing(folder)),
            None => workspace::find(&self.environment.folder)
                .ok_or_else(|| missing(&self.environment.folder)),
        }
    }

    /// What the workspace in `folder` declares.
    pub fn workspace(&self, folder: &Path) -> Result<Declaration, WorkspaceError> {
        workspace::read(folder)
    }

    /// Where the certificates of a workspace are.
    #[must_use]
    pub fn certificates_of(folder: &Path) -> PathBuf {
        folder.join(workspace::CERTS)
    }

    /// Makes a workspace; returns how many consumers it begins with.
    pub fn found(&self, new: &NewWorkspace) -> Result<usize, WorkspaceError> {
        let adopted = new.adopted.iter().map(|a| self.adopted(a));
        let adopted = adopted.collect::<Result<Vec<_>, _>>()?;
        let founding = Founding {
            name: &new.name,
            environment: new.environment,
            profile: &new.profile,
            adopted,
            targets: &new.targets,
        };
        workspace::create(&new.folder, &founding)?;
        Ok(founding.adopted.iter().map(|adopted| adopted.signers.len()).sum())
    }

    fn adopted(&self, assessment: &Assessment) -> Result<Adopted, WorkspaceError> {
        let fingerprint = assessment.certificate.fingerprint();
        let signers = assessment.signers();
        let name = VisibleText::from_text(assessment.name());
        let armor = openpgp::armor(&self.shelf.copies(&fingerprint)).map_err(|error| {
            WorkspaceError::Unreadable { path: name.clone(), message: error.to_string() }
        })?;
        Ok(Adopted { fingerprint, name, signers, armor })
    }

    /// Adds what was read of a certificate to its file in the workspace.
    pub fn bring(&self, folder: &Path, one: &Assessment) -> Result<Brought, WorkspaceError> {
        let fingerprint = one.certificate.fingerprint();
        workspace::bring(folder, &fingerprint, &self.shelf.copies(&fingerprint))
    }

    /// Declares certificates in the workspace's file, which was read before.
    pub fn declare(
        &self,
        folder: &Path,
        seen: &Declaration,
        new: &[Assessment],
    ) -> Result<Declaration, WorkspaceError> {
        let adopted = new.iter().map(|a| self.adopted(a)).collect::<Result<Vec<_>, _>>()?;
        workspace::declare(folder, seen, &adopted)
    }

    /// Writes down a waiver in the file whose text was `seen`.
    pub fn waive(
        &self,
        folder: &Path,
        seen: &str,
        waiver: &Waiver,
    ) -> Result<Declaration, WorkspaceError> {
        workspace::waive(folder, seen, waiver)
    }

    /// Merges the two sides of a file that git has at `path`.
    pub fn merge(&self, sides: Sides<'_>, path: &Path) -> Result<(), MergeError> {
        merge::merge(sides, path)
    }

    /// Lets git call keyrite to merge the files of the workspace in `folder`.
    pub fn install_merging(&self, folder: &Path) -> Result<Installed, InstallError> {
        merge_driver::install(folder, &self.environment.program)
    }

    /// Looks up what rules need to know beside the certificates, which were
    /// read before: weak material, and in a workspace the roster, who has
    /// certified what, declared pages, and secrets on this machine that belong
    /// offline.
    #[must_use]
    pub fn gather(
        &self,
        folder: Option<&Path>,
        team: &Workspace,
        managed: &[Fingerprint],
    ) -> Evidence {
        let copies: Vec<_> = managed.iter().map(|one| self.shelf.copies(one)).collect();
        let weaknesses = openpgp::weaknesses(&copies);
        let evidence = Evidence { weaknesses, ..Evidence::default() };
        match folder {
            Some(folder) => self.gather_declared(evidence, folder, team, managed),
            None => evidence,
        }
    }

    fn gather_declared(
        &self,
        mut evidence: Evidence,
        folder: &Path,
        team: &Workspace,
        managed: &[Fingerprint],
    ) -> Evidence {
        let roster = Shelf::default();
        self.read_people(folder, &roster, &mut evidence);
        evidence.told.extend(self.audit_findings(folder));
        evidence.register = runs::register(folder);
        evidence.watched = self.watched(folder, team, managed);
        if let Some(home) = &self.environment.gnupg_home {
            let offline = managed.iter().filter(|one| team.belongs_offline(one));
            let offline: Vec<_> = offline.map(|one| (*one, self.shelf.copies(one))).collect();
            evidence.on_machine = gnupg_home::secrets_in(home, &offline);
        }
        for fingerprint in managed {
            evidence.rejected.extend(workspace::misplaced(folder, fingerprint));
            let known = |issuer: &_| {
                let mut certificates = self.shelf.of_issuer(issuer);
                certificates.extend(roster.of_issuer(issuer));
                certificates
            };
            let copies = self.shelf.copies(fingerprint);
            let Ok(inspection) = openpgp::inspect(&copies, &known) else { continue };
            let good = inspection.certifications.iter().filter(|c| c.check == Check::Good);
            let mut by: Vec<_> = good.filter_map(|certification| certification.made_by).collect();
            by.sort_unstable();
            by.dedup();
            evidence.certified_by.insert(*fingerprint, by);
        }
        // What is on the network is not looked at.
        let is_here =
            |target: &&Target| target.kind == TargetKind::Page && !target.place.contains("://");
        for target in team.targets.iter().filter(is_here) {
            let text = workspace::page(folder, &target.place);
            evidence.pages.insert(target.id.clone(), text);
        }
        evidence
    }

    fn read_people(&self, folder: &Path, roster: &Shelf, evidence: &mut Evidence) {
        let folder = folder.join(workspace::PEOPLE);
        if !folder.is_dir() {
            return;
        }
        let (sender, events) = std::sync::mpsc::channel::<ReadingEvent>();
        intake::read(&[Input::Path(folder)], roster, &|event| {
            let _ = sender.send(event);
        });
        drop(sender);
        let mut reading = Reading::begin();
        for event in events {
            reading.apply(event);
        }
        let entries = reading.inventory.entries();
        evidence.people = entries
            .filter_map(|entry| entry.certificate.clone())
            .map(|certificate| Assessment::of(certificate, self.now(), self.cutoffs()))
            .collect();
        evidence.told = reading.inventory.findings;
        evidence.rejected = reading.inventory.rejected;
    }
}
