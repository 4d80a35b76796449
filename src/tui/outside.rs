//! What the console asks about workspaces, answered. It may take a while, so
//! it happens on a thread of its own.

use std::path::Path;

use super::event::{CeremoniesEvent, CeremoniesRequest, TeamEvent, TeamRequest};
use super::model::Seen;
use crate::app::{App, Installed, NewWorkspace, Opening, Signature, WorkspaceError};
use crate::domain::host::{Locality, Probe, blocking, probe};
use crate::domain::text::counted;

/// Does what is asked for.
#[must_use]
pub fn answer(app: &App, request: TeamRequest) -> TeamEvent {
    let refused = |error: WorkspaceError| TeamEvent::Refused(error.to_string());
    let wrong = |error: WorkspaceError| TeamEvent::Wrong(error.to_string());
    match request {
        TeamRequest::Open(folder) => open(app, &folder)
            .map_or_else(refused, |opening| TeamEvent::Ready { said: None, opening }),
        TeamRequest::Reread(folder) => app.workspace(&folder).map_or_else(wrong, |declaration| {
            TeamEvent::Declared { said: None, declaration: Box::new(declaration) }
        }),
        TeamRequest::Gather { reading, folder, workspace, managed } => {
            let evidence = app.gather(folder.as_deref(), &workspace, &managed);
            TeamEvent::Gathered(reading, Box::new(evidence))
        }
        TeamRequest::Waive { folder, seen, waiver } => {
            let said =
                format!("written down: {} is waived until {}", waiver.finding, waiver.until.date());
            app.waive(&folder, &seen, &waiver).map_or_else(refused, |declaration| {
                TeamEvent::Declared { said: Some(said), declaration: Box::new(declaration) }
            })
        }
        TeamRequest::Found(new) => found(app, &new).unwrap_or_else(refused),
    }
}

/// Makes a workspace and opens it.
fn found(app: &App, new: &NewWorkspace) -> Result<TeamEvent, WorkspaceError> {
    let consumers = app.found(new)?;
    // Without git nothing is said of it; where git refuses, the workspace is
    // as good as without.
    let merging = match app.install_merging(&new.folder) {
        Ok(Installed::Here { .. }) => "; git merges it with keyrite",
        Ok(Installed::NoGit) => "",
        Err(_) => "; git could not be told how to merge it: keyrite merge --install",
    };
    let made = counted(consumers, "consumer");
    let said = format!("made, with {made}{merging}; say who is who in keyrite.toml, then r");
    Ok(TeamEvent::Ready { said: Some(said), opening: open(app, &new.folder)? })
}

fn open(app: &App, folder: &Path) -> Result<Opening, WorkspaceError> {
    let declaration = app.workspace(folder)?;
    Ok(Opening::Workspace { folder: folder.to_owned(), declaration: Box::new(declaration) })
}

/// Finds out what is asked about ceremonies.
#[must_use]
pub fn find_out(app: &App, request: CeremoniesRequest) -> CeremoniesEvent {
    match request {
        CeremoniesRequest::Runs(folder) => {
            CeremoniesEvent::Runs(app.runs(&folder).map_err(|error| error.to_string()))
        }
        CeremoniesRequest::Machine { policy, environment, newest } => {
            let facts = app.host();
            let seen = [Locality::Offline, Locality::Online].into_iter().flat_map(|locality| {
                let probes = probe(&facts, &app.ask_host(locality, newest, None));
                let blocks = blocking(&policy, environment, locality, &probes);
                let hold = |probe: &Probe| {
                    blocks.iter().find(|block| block.probe == probe).map(|block| block.hold)
                };
                let seen = |probe: &Probe| Seen {
                    locality,
                    mark: probe.verdict.mark(),
                    word: probe.word.clone(),
                    hold: hold(probe),
                };
                probes.iter().map(seen).collect::<Vec<_>>()
            });
            CeremoniesEvent::Machine(seen.collect())
        }
        CeremoniesRequest::Transcript(folder, run) => {
            let lines = match app.transcript(&folder, &run) {
                Ok(told) => {
                    let wrong = told.kept.err().map(|error| error.to_string());
                    let signed = told.signatures.iter().map(Signature::line);
                    told.text.lines().map(str::to_owned).chain(signed).chain(wrong).collect()
                }
                Err(error) => vec![error.to_string()],
            };
            CeremoniesEvent::Page(format!("Transcript of {run}"), lines)
        }
        CeremoniesRequest::Audit(folder) => {
            CeremoniesEvent::Audited(Box::new(app.audit_chain(&folder)))
        }
    }
}
