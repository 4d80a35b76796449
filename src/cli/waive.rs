//! `keyrite waive`: a finding that the team lives with, for a time.

use std::io::Write;
use std::path::Path;

use super::opened::report;
use super::report::Report;
use crate::app::App;
use crate::app::exit::Exit;
use crate::domain::workspace::Waiver;

/// Writes the waiver into the workspace's file.
pub fn run(
    app: &App,
    folder: Option<&Path>,
    waiver: &Waiver,
    out: &mut dyn Write,
) -> Result<Exit, Report> {
    if waiver.until <= app.now() {
        let text = format!("{} is over: a waiver holds until a day to come", waiver.until.date());
        return Err(Report::usage(text));
    }
    let folder = app.find_workspace(folder).map_err(|error| report(&error))?;
    let seen = app.workspace(&folder).map_err(|error| report(&error))?.text;
    app.waive(&folder, &seen, waiver).map_err(|error| report(&error))?;
    writeln!(
        out,
        "written down: {} of {} is waived by {} until {}",
        waiver.finding,
        waiver.of,
        waiver.by,
        waiver.until.date_with_distance(app.now())
    )?;
    Ok(Exit::Ok)
}
