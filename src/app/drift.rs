//! Drift: what users get of the certificates, held against what they should.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::{App, Input, WorkspaceError};
use crate::adapters::clock::Clock;
use crate::adapters::drift::{Subject, look_at_all};
use crate::adapters::openpgp::KeyError;
use crate::adapters::targets::Reach;
use crate::adapters::{observed, openpgp};
use crate::domain::certificate::Certificate;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::publication::DriftRow;
use crate::domain::text::VisibleText;
use crate::domain::workspace::{Target as Declared, Workspace};

impl App {
    /// How each target stands for each certificate of a workspace. Asks all of
    /// them at once.
    pub fn drift(&self, folder: &Path) -> Result<Vec<DriftRow>, WorkspaceError> {
        let team = self.workspace(folder)?.team;
        let subjects = self.subjects(folder)?;
        Self::are_all_there(folder, &team.workspace, &subjects)?;
        let reach = Reach::with(self.access(folder));
        let pairs = team.workspace.targets.iter();
        let pairs = pairs.flat_map(|one| subjects.iter().map(move |of| (one, of)));
        let pairs = pairs.filter(|(one, of)| one.takes(&of.certificate));
        let before = |(target, subject): (&Declared, &Subject)| {
            observed::memory(folder, &target.id, &subject.certificate)
        };
        let asked: Vec<_> = pairs.map(|(one, of)| (one, of, before((one, of)))).collect();
        let mut rows = look_at_all(&asked, &reach);
        for row in &mut rows {
            // Nobody knows then what it has served.
            if let Some(why) = observed::trouble(folder, &row.target.id) {
                row.trouble = Some(why);
            }
        }
        Ok(rows)
    }

    /// Whether all certificates that are declared, or were seen at a target,
    /// can be read: of what cannot, nobody would be told.
    fn are_all_there(
        folder: &Path,
        workspace: &Workspace,
        subjects: &[Subject],
    ) -> Result<(), WorkspaceError> {
        let declared = workspace.keys.iter().map(|key| key.certificate);
        let seen = workspace.targets.iter().flat_map(|one| observed::read(folder, &one.id));
        let mut wanted = declared.chain(seen.map(|one| one.certificate));
        let is_there = |one: &Fingerprint| subjects.iter().any(|of| of.certificate == *one);
        match wanted.find(|one| !is_there(one)) {
            None => Ok(()),
            Some(lost) => Err(WorkspaceError::Unreadable {
                path: VisibleText::from_text(&format!("certs/{}.asc", lost.hex())),
                message:
                    "it was published or is declared, and is not there, or is damaged: bring it \
                          back from git"
                        .to_owned(),
            }),
        }
    }

    fn subjects(&self, folder: &Path) -> Result<Vec<Subject>, WorkspaceError> {
        let reading = self.read(&[Input::Path(Self::certificates_of(folder))]);
        let all: Vec<_> = reading.inventory.entries().collect();
        let all = || all.iter().filter_map(|entry| entry.certificate.as_ref());
        let team: Vec<_> = all().map(|one| one.fingerprint()).collect();
        let subject = |one: &Arc<Certificate>| {
            let certificate = one.fingerprint();
            let made = || {
                let newest = openpgp::armor(&self.shelf.copies(&certificate))?.into_bytes();
                let subject = Subject::of(certificate, &newest, Clock::System.now())?;
                Ok::<_, KeyError>(Subject { team: team.clone(), ..subject })
            };
            made().map_err(|error: KeyError| WorkspaceError::Unreadable {
                path: VisibleText::from_text(&format!("certs/{}.asc", certificate.hex())),
                message: error.to_string(),
            })
        };
        all().map(subject).collect()
    }

    /// Writes down what was seen, as the writer of this machine; tells whether
    /// there is one.
    pub fn keep_drift(&self, folder: &Path, rows: &[DriftRow]) -> io::Result<bool> {
        let states = self.environment.state.as_deref();
        let Some(writer) = observed::writer(states, folder) else { return Ok(false) };
        // What cannot be read is told, and not written over.
        let can_be_read = |row: &&DriftRow| observed::trouble(folder, &row.target.id).is_none();
        for row in rows.iter().filter(can_be_read) {
            observed::note(folder, &writer, &row.target.id, row.observed(self.now()))?;
        }
        Ok(true)
    }
}
