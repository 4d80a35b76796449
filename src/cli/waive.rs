//! `keyrite waive`: a finding that the team lives with, for a time.

use std::io::Write;
use std::path::Path;

use super::opened::{open, report};
use super::report::Report;
use crate::app::App;
use crate::app::exit::Exit;
use crate::domain::text::VisibleText;
use crate::domain::workspace::Waiver;

/// Writes the waiver into the workspace's file.
pub fn run(
    app: &App,
    folder: Option<&Path>,
    waiver: &Waiver,
    out: &mut dyn Write,
) -> Result<Exit, Report> {
    waiver.check(app.now()).map_err(Report::usage)?;
    let folder = app.find_workspace(folder).map_err(|error| report(&error))?;
    let seen = app.workspace(&folder).map_err(|error| report(&error))?.text;
    let opened = open(app, Some(&folder))?;
    // As the file will be read.
    let of = VisibleText::from_text(&waiver.of).into_string();
    let seen_so = Waiver { of, ..waiver.clone() };
    let mut meant = opened.plan.findings.iter().filter(|judged| seen_so.is_for(&judged.finding));
    match meant.next() {
        None => {
            let of = VisibleText::from_text(&waiver.of);
            let text =
                format!("{} has nothing to say of '{of}'; nothing was written", waiver.finding);
            return Err(Report::usage(text).hint("keyrite lint names the findings and their keys"));
        }
        Some(judged) if judged.is_waived => {
            let words = judged.waiver_words(app.now()).unwrap_or_default();
            return Err(Report::usage(format!("{words}; nothing was written")));
        }
        Some(_) => {}
    }
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
