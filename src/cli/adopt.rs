//! `keyrite adopt`: certificates that come into a workspace, or come anew.

use std::io::Write;
use std::path::Path;

use super::init::is_meant;
use super::keys::assess;
use super::opened::report;
use super::report::Report;
use crate::app::exit::Exit;
use crate::app::{App, Brought, Input};
use crate::domain::text::counted;

/// Updates the certificates of the workspace from `inputs`, and adopts those
/// that `only` names.
pub fn run(
    app: &App,
    folder: Option<&Path>,
    inputs: &[Input],
    only: &[String],
    out: &mut dyn Write,
) -> Result<Exit, Report> {
    let folder = app.find_workspace(folder).map_err(|error| report(&error))?;
    let declaration = app.workspace(&folder).map_err(|error| report(&error))?;
    let workspace = &declaration.team.workspace;
    let (inventory, assessments) = assess(app, inputs);
    for word in only {
        if !assessments.iter().any(|assessment| is_meant(assessment, word)) {
            let text = format!("no certificate is called '{word}'; nothing was written");
            return Err(Report::usage(text).hint("keyrite keys PATH lists their names"));
        }
    }
    let (known, others): (Vec<_>, Vec<_>) = assessments
        .into_iter()
        .partition(|assessment| workspace.knows(&assessment.certificate.fingerprint()));
    let (new, left): (Vec<_>, Vec<_>) = others
        .into_iter()
        .partition(|assessment| only.iter().any(|word| is_meant(assessment, word)));
    for assessment in &known {
        let brought = app.bring(&folder, assessment).map_err(|error| report(&error))?;
        let what = match brought {
            Brought::New => "its file is there now",
            Brought::Updated => "updated",
            Brought::AsItWas => "as it was",
        };
        writeln!(out, "{}: {what}", assessment.name())?;
    }
    if !new.is_empty() {
        for assessment in &new {
            app.bring(&folder, assessment).map_err(|error| report(&error))?;
        }
        // Last: a file that nothing declares does no harm.
        app.declare(&folder, &declaration, &new).map_err(|error| report(&error))?;
        for assessment in &new {
            writeln!(out, "{}: adopted and declared in keyrite.toml", assessment.name())?;
        }
    }
    if !left.is_empty() {
        let left = counted(left.len(), "other certificate");
        writeln!(out, "{left} left alone; --key adopts one")?;
    }
    super::plain::rejected(out, &inventory)?;
    Ok(super::keys::verdict(&inventory))
}
