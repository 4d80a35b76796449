//! What the console asks about workspaces, answered. It may take a while, so
//! it happens on a thread of its own.

use std::path::Path;

use super::event::{TeamEvent, TeamRequest};
use crate::app::{App, Opening, WorkspaceError};

/// Does what is asked for.
#[must_use]
pub fn answer(app: &App, request: TeamRequest) -> TeamEvent {
    let refused = |error: WorkspaceError| TeamEvent::Refused(error.to_string());
    match request {
        TeamRequest::Open(folder) => open(app, &folder).map_or_else(refused, TeamEvent::Ready),
        TeamRequest::Reread(folder) => app.workspace(&folder).map_or_else(refused, |declaration| {
            let said = "reading the same files again".to_owned();
            TeamEvent::Declared { said, declaration: Box::new(declaration) }
        }),
        TeamRequest::Gather { reading, folder, workspace, managed } => {
            let evidence = app.gather(folder.as_deref(), &workspace, &managed);
            TeamEvent::Gathered(reading, Box::new(evidence))
        }
        TeamRequest::Waive { folder, seen, waiver } => {
            let said =
                format!("written down: {} is waived until {}", waiver.finding, waiver.until.date());
            app.waive(&folder, &seen, &waiver).map_or_else(refused, |declaration| {
                TeamEvent::Declared { said, declaration: Box::new(declaration) }
            })
        }
        TeamRequest::Found(new) => match app.found(&new) {
            Ok(_) => open(app, &new.folder).map_or_else(refused, TeamEvent::Ready),
            Err(error) => refused(error),
        },
    }
}

fn open(app: &App, folder: &Path) -> Result<Opening, WorkspaceError> {
    let declaration = app.workspace(folder)?;
    Ok(Opening::Workspace { folder: folder.to_owned(), declaration: Box::new(declaration) })
}
