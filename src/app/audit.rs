//! What front ends and ceremonies can ask about the audit log.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;

use super::App;
use crate::adapters::audit_log::{self, AuditLog, Beginning, Site, Wanted};
use crate::adapters::clock::Clock;
use crate::domain::finding::Finding;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::host::far_ahead;
use crate::domain::text::VisibleText;
use crate::engine::audit::{Chain, Report, Rows, findings};
use crate::engine::chain::Digest;

pub use crate::adapters::audit_log::{AuditError, CheckpointError, Checkpointed};

impl App {
    /// Verifies the log of a workspace: by itself, against its checkpoints and
    /// journals, against what this machine remembers, and against a checkpoint
    /// and a hash from elsewhere.
    #[must_use]
    pub fn audit_verify(
        &self,
        folder: &Path,
        checkpoint: Option<&Path>,
        head: Option<Digest>,
    ) -> Report {
        let wanted = Wanted { checkpoint, head, ..self.wanted(folder) };
        audit_log::survey(&wanted, &mut |_, _| {})
    }

    fn wanted<'a>(&'a self, folder: &'a Path) -> Wanted<'a> {
        let states = self.environment.state.as_deref();
        Wanted { workspace: folder, states, checkpoint: None, head: None, now: self.now() }
    }

    /// The chains of a log with their last lines, verified.
    #[must_use]
    pub fn audit_heads(&self, folder: &Path) -> Report {
        self.audit_verify(folder, None, None)
    }

    /// The log as a list, verified. Where none was begun, and this machine
    /// knows of none, the list is empty and nothing is wrong.
    #[must_use]
    pub fn audit_chain(&self, folder: &Path) -> Chain {
        let mut rows = Rows::default();
        if !audit_log::is_there(folder, self.environment.state.as_deref()) {
            return rows.with(Report { chains: Vec::new(), problems: Vec::new() });
        }
        let report = audit_log::survey(&self.wanted(folder), &mut |entry, hash| {
            rows.take(entry, hash);
        });
        rows.with(report)
    }

    /// The same in the background; `report` gets it when all of it is read.
    pub fn start_audit<E: Send + 'static>(
        &self,
        folder: PathBuf,
        report: Sender<E>,
        event: impl FnOnce(Chain) -> E + Send + 'static,
    ) {
        let app = self.clone();
        self.background(move || {
            let _ = report.send(event(app.audit_chain(&folder)));
        });
    }

    /// What a team should know of its log; nothing where there is none.
    pub(super) fn audit_findings(&self, folder: &Path) -> Vec<Finding> {
        if !audit_log::is_there(folder, self.environment.state.as_deref()) {
            return Vec::new();
        }
        findings(&self.audit_verify(folder, None, None), self.now())
    }

    /// Writes the checkpoint of a chain: of `writer`, of this machine's, or of
    /// the only one.
    pub fn audit_checkpoint(
        &self,
        folder: &Path,
        writer: Option<&str>,
    ) -> Result<Checkpointed, CheckpointError> {
        let report = self.audit_verify(folder, None, None);
        audit_log::checkpoint(folder, self.environment.state.as_deref(), writer, &report)
    }

    /// Puts a detached signature of a checkpoint beside it, if somebody of the
    /// roster has made it; says whose it is.
    pub fn audit_sign(
        &self,
        folder: &Path,
        signature: &[u8],
    ) -> Result<(Checkpointed, Fingerprint), CheckpointError> {
        audit_log::place_signature(folder, signature, self.now())
    }

    /// Opens the chain of a person at this machine, to append to it.
    pub fn audit_log(&self, folder: &Path, person: &str) -> Result<AuditLog, AuditError> {
        let (states, beginning) = self.beginning(folder, person)?;
        let site = Site { workspace: folder, states, person };
        AuditLog::open(&site, &beginning, self.now())
    }

    /// Gives up the chain of a person at this machine and begins a new one.
    pub fn audit_begin(&self, folder: &Path, person: &str) -> Result<AuditLog, AuditError> {
        let (states, beginning) = self.beginning(folder, person)?;
        let site = Site { workspace: folder, states, person };
        AuditLog::begin_anew(&site, &beginning, self.now())
    }

    fn beginning(&self, folder: &Path, person: &str) -> Result<(&Path, Beginning), AuditError> {
        // Whatever is begun or taken up opens the log before it writes a line.
        let now = Clock::System.now();
        if let Some((name, other)) = far_ahead(&self.host(), now) {
            return Err(AuditError::Ahead { now, name, other });
        }
        let declaration = self.workspace(folder)?;
        let people = &declaration.team.workspace.people;
        if !people.iter().any(|one| one.id == person) {
            return Err(AuditError::Nobody(VisibleText::from_text(person)));
        }
        let mut roster = String::new();
        for one in people {
            let fingerprint = one.fingerprint.map_or("-".to_owned(), |one| one.hex());
            let _ = writeln!(roster, "{} {fingerprint}", one.id);
        }
        let states = self.environment.state.as_deref().ok_or(AuditError::NoState)?;
        let policy = Digest::of(declaration.text.as_bytes());
        let beginning = Beginning::drawn(policy, Digest::of(roster.as_bytes()))?;
        Ok((states, beginning))
    }
}
