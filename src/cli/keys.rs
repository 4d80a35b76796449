//! `keyrite keys`.

use std::io::Write;

use super::document::KeysDocument;
use super::plain;
use super::report::Report;
use crate::app::exit::Exit;
use crate::app::{App, Input};
use crate::domain::assessment::Assessment;
use crate::domain::inventory::Inventory;

/// Reads `inputs` and lists them as text or as JSON.
pub fn run(
    app: &App,
    inputs: &[Input],
    json: bool,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<Exit, Report> {
    let (inventory, assessments) = assess(app, inputs);
    let now = app.now();
    if json {
        let document = KeysDocument::new(&inventory, &assessments, now);
        serde_json::to_writer(&mut *out, &document).map_err(std::io::Error::from)?;
        writeln!(out)?;
    } else {
        plain::dashboard(out, &inventory, &assessments, now)?;
        plain::keys(out, &assessments, now)?;
    }
    let exit = verdict(&inventory);
    if exit == Exit::NoInput && json {
        plain::rejected(err, &inventory)?;
    }
    Ok(exit)
}

/// Reads `inputs` to the end and judges everything.
#[must_use]
pub fn assess(app: &App, inputs: &[Input]) -> (Inventory, Vec<Assessment>) {
    let inventory = app.read(inputs).inventory;
    let (now, cutoffs) = (app.now(), app.cutoffs());
    let assessments = inventory
        .entries()
        .filter_map(|entry| entry.certificate.clone())
        .map(|certificate| Assessment::of(certificate, now, cutoffs))
        .collect();
    (inventory, assessments)
}

/// Whether part of the input was rejected, as an exit code.
#[must_use]
pub fn incomplete(inventory: &Inventory) -> Exit {
    if inventory.rejected.is_empty() { Exit::Ok } else { Exit::Incomplete }
}

/// How reading went, as an exit code.
#[must_use]
pub fn verdict(inventory: &Inventory) -> Exit {
    match (inventory.entries().next().is_none(), inventory.rejected.is_empty()) {
        (true, _) => Exit::NoInput,
        (false, false) => Exit::Incomplete,
        (false, true) => Exit::Ok,
    }
}
