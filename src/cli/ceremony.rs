//! `keyrite ceremony`.

mod confirm;
mod document;
mod lines;
mod show;
mod transcript;

use std::collections::BTreeSet;
use std::path::Path;

pub use crate::engine::runbook::runbook;

use self::lines::Lines;
use super::args::CeremonyCommand;
use super::opened;
use super::report::Report;
use super::{Streams, args};
use crate::app::exit::Exit;
use crate::app::{App, Beginning, CeremonyError};
use crate::domain::text::{VisibleText, wrap};
use crate::engine::catalog::{self, CATALOG};
use crate::engine::definition::{Ceremony, Step};
use crate::engine::runner::{Reply, Runner};

/// Carries out what is asked.
pub fn run(app: &App, command: CeremonyCommand, streams: &mut Streams<'_>) -> Result<Exit, Report> {
    let app = &app.clone().telling(streams.notices.clone());
    match command {
        CeremonyCommand::List { json } => {
            if json {
                document::ceremonies(streams.out)?;
            } else {
                show::list(streams.out)?;
            }
            Ok(Exit::Ok)
        }
        CeremonyCommand::Show { ceremony } => {
            show::steps(streams.out, find(&ceremony)?)?;
            Ok(Exit::Ok)
        }
        CeremonyCommand::Print { ceremony } => {
            streams.out.write_all(runbook(find(&ceremony)?).as_bytes())?;
            Ok(Exit::Ok)
        }
        CeremonyCommand::Start { ceremony, operator, given, how } => {
            asks_for(find(&ceremony)?, &given)?;
            let folder = workspace(app, how.workspace.folder.as_deref())?;
            let given = given.into_iter().map(|(name, value)| (name, value.into())).collect();
            let beginning = Beginning { operator, given };
            let runner = app.begin_run(&folder, &ceremony, beginning).map_err(refused)?;
            drive(app, runner, &how, streams)
        }
        CeremonyCommand::Resume { run, how } => {
            let folder = workspace(app, how.workspace.folder.as_deref())?;
            let run = match run {
                Some(run) => run,
                None => newest(app, &folder)?,
            };
            let runner = app.resume_run(&folder, &run).map_err(refused)?;
            drive(app, runner, &how, streams)
        }
        CeremonyCommand::Abandon { run, reason, workspace: place } => {
            let folder = workspace(app, place.folder.as_deref())?;
            let mut runner = app.resume_run(&folder, &run).map_err(refused)?;
            runner.reply(Reply::Abandon { reason }).map_err(|e| refused(e.into()))?;
            writeln!(streams.out, "the run {run} is given up; its transcript is kept")?;
            let given_up = runner.run().given_up();
            for line in wrap(VisibleText::from_text(&given_up).as_str(), show::COLUMNS) {
                writeln!(streams.out, "{line}")?;
            }
            Ok(Exit::Ok)
        }
        CeremonyCommand::Runs { json, workspace: place } => {
            let folder = workspace(app, place.folder.as_deref())?;
            let runs = app.runs(&folder).map_err(refused)?;
            if json {
                document::runs(streams.out, &runs)?;
            } else {
                show::runs(streams.out, &runs)?;
            }
            Ok(Exit::Ok)
        }
        CeremonyCommand::Transcript { run, json, workspace: place } => {
            let folder = workspace(app, place.folder.as_deref())?;
            transcript::print(app, &folder, &run, json, streams.out)
        }
        CeremonyCommand::Sign { run, person, signature, keep_passphrase, workspace: place } => {
            let folder = workspace(app, place.folder.as_deref())?;
            let wanted = transcript::Wanted { person, signature, keep_passphrase };
            transcript::sign(app, &folder, &run, &wanted, streams.out)
        }
        CeremonyCommand::Rehearse { folder, profile } => {
            let media = app.found_rehearsal(&folder, &profile).map_err(|e| opened::report(&e))?;
            show::rehearsal(streams.out, &folder, &media)?;
            Ok(Exit::Ok)
        }
    }
}

fn find(id: &str) -> Result<&'static Ceremony, Report> {
    catalog::find(id).ok_or_else(|| {
        let all: Vec<_> = CATALOG.iter().map(|ceremony| ceremony.id).collect();
        let id = VisibleText::from_text(id);
        Report::usage(format!("there is no ceremony '{id}'"))
            .hint(format!("there are {}", all.join(", ")))
    })
}

/// Whether a ceremony asks for all that is given.
fn asks_for(ceremony: &Ceremony, given: &[(String, String)]) -> Result<(), Report> {
    let fields = ceremony.steps.iter().flat_map(Step::fields);
    let names: BTreeSet<_> = fields.map(|field| field.id).collect();
    let Some((name, _)) = given.iter().find(|(name, _)| !names.contains(name.as_str())) else {
        return Ok(());
    };
    let name = VisibleText::from_text(name);
    let names: Vec<_> = names.into_iter().collect();
    Err(Report::usage(format!("{} does not ask for '{name}'", ceremony.id))
        .hint(format!("it asks for {}", names.join(", "))))
}

fn workspace(app: &App, folder: Option<&Path>) -> Result<std::path::PathBuf, Report> {
    app.find_workspace(folder).map_err(|error| opened::report(&error))
}

/// The newest run that can go on.
fn newest(app: &App, folder: &Path) -> Result<String, Report> {
    let runs = app.runs(folder).map_err(refused)?;
    let mut open = runs.into_iter().filter(|run| run.state.is_open());
    open.next().map(|run| run.id).ok_or_else(|| {
        Report::usage("no run of this workspace is open")
            .hint("keyrite ceremony start CEREMONY begins one")
    })
}

fn drive(
    app: &App,
    runner: Runner,
    how: &args::How,
    streams: &mut Streams<'_>,
) -> Result<Exit, Report> {
    let secrets = app.secret_source(how.passphrase_fd).map_err(Report::usage)?;
    let mut lines = Lines { runner, secrets, streams, shown: None };
    lines.drive()
}

/// Why a run cannot be begun or taken up.
pub(super) fn refused(error: CeremonyError) -> Report {
    if let CeremonyError::Workspace(error) = error {
        return opened::report(&error);
    }
    if matches!(error, CeremonyError::Elsewhere(_)) {
        return Report::usage(error.to_string());
    }
    if matches!(error, CeremonyError::NoCeremony(_) | CeremonyError::Nobody(_)) {
        return Report::usage(error.to_string());
    }
    Report::failed(error.to_string())
        .hint("nothing is lost: the journal of every run is kept")
        .hint("keyrite ceremony runs, keyrite audit verify")
}
