//! The workspace that a command works on.

use std::path::Path;

use super::keys::assess;
use super::report::Report;
use crate::app::exit::Exit;
use crate::app::{App, Input, WorkspaceError};
use crate::domain::assessment::Assessment;
use crate::domain::inventory::Inventory;
use crate::domain::plan::{Plan, Read, Team};
use crate::domain::policy::Policy;
use crate::domain::workspace::{Evidence, Workspace};

/// A workspace with what it means today.
pub(super) struct Opened {
    pub(super) workspace: Workspace,
    pub(super) policy: Policy,
    pub(super) assessments: Vec<Assessment>,
    pub(super) plan: Plan,
    /// What was read of the certificates' folder, and what was not.
    pub(super) inventory: Inventory,
}

pub(super) fn open(app: &App, folder: Option<&Path>) -> Result<Opened, Report> {
    let folder = app.find_workspace(folder).map_err(|error| report(&error))?;
    let team = app.workspace(&folder).map_err(|error| report(&error))?.team;
    let (mut inventory, assessments) = assess(app, &[Input::Path(App::certificates_of(&folder))]);
    let managed: Vec<_> = assessments.iter().map(|a| a.certificate.fingerprint()).collect();
    let evidence = app.gather(Some(&folder), &team.workspace, &managed);
    let plan = plan(app, &team, &inventory, &assessments, &evidence);
    inventory.rejected.extend(evidence.rejected);
    let Team { workspace, policy, .. } = team;
    Ok(Opened { workspace, policy, assessments, plan, inventory })
}

/// What it means today.
pub(super) fn plan(
    app: &App,
    team: &Team,
    inventory: &Inventory,
    assessments: &[Assessment],
    evidence: &Evidence,
) -> Plan {
    let assessments: Vec<_> = assessments.iter().collect();
    let read = Read {
        assessments: &assessments,
        findings: &inventory.findings,
        lone: &inventory.lone_revocations,
    };
    team.plan(app.now(), &read, Some(evidence))
}

/// A workspace that cannot be used, as people read it.
pub(super) fn report(error: &WorkspaceError) -> Report {
    let exit = match error {
        WorkspaceError::Unwritable { .. }
        | WorkspaceError::Unreadable { .. }
        | WorkspaceError::Changed(_) => Exit::Failed,
        WorkspaceError::Missing(_)
        | WorkspaceError::Refused(_)
        | WorkspaceError::TooNew { .. }
        | WorkspaceError::Wrong { .. } => Exit::Usage,
    };
    let mut report = Report { exit, ..Report::usage(error.to_string()) };
    if matches!(error, WorkspaceError::Missing(_)) {
        report = report.hint("keyrite init DIR --profile small-team PATH... makes one");
    }
    report
}
