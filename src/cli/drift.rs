//! `keyrite drift`: what users get of the certificates, held against what they
//! should.

use std::io::Write;

use serde::Serialize;

use super::args::DriftArgs;
use super::opened::report;
use super::report::Report;
use crate::app::App;
use crate::app::exit::Exit;
use crate::domain::publication::{Component, DoorRow, DriftRow, Judgement, Verdict};
use crate::domain::text::{VisibleText, counted};
use crate::domain::timestamp::Timestamp;
use crate::domain::worded::Worded as _;

/// The schema of the document.
const SCHEMA: &str = "keyrite.drift/1";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'a str,
    at: String,
    kept: bool,
    targets: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    target: &'a str,
    kind: &'a str,
    place: &'a str,
    blocking: bool,
    certificate: String,
    verdict: &'a str,
    trouble: Option<String>,
    awaits: Option<&'a str>,
    facts: Vec<String>,
    doors: Vec<DoorOut<'a>>,
}

#[derive(Serialize)]
struct DoorOut<'a> {
    door: String,
    verdict: &'a str,
    foreign: Vec<Part>,
    lost: Vec<Part>,
    lacking: Vec<Part>,
    facts: Vec<String>,
}

#[derive(Serialize)]
struct Part {
    kind: &'static str,
    of: String,
    created: Option<String>,
}

/// Prints how all places stand; what somebody has to look at shows in the exit
/// code.
pub fn run(app: &App, wanted: &DriftArgs, out: &mut dyn Write) -> Result<Exit, Report> {
    let folder = app.find_workspace(wanted.workspace.folder.as_deref());
    let folder = folder.map_err(|error| report(&error))?;
    let rows = app.drift(&folder).map_err(|error| report(&error))?;
    let is_kept = app.keep_drift(&folder, &rows)?;
    if wanted.json {
        let targets = rows.iter().map(document).collect();
        let document = Document { schema: SCHEMA, at: app.now().iso(), kept: is_kept, targets };
        serde_json::to_writer(&mut *out, &document).map_err(std::io::Error::from)?;
        writeln!(out)?;
    } else {
        text(&rows, wanted, is_kept, out)?;
    }
    Ok(exit(&rows))
}

fn exit(rows: &[DriftRow]) -> Exit {
    let verdicts = || rows.iter().map(DriftRow::verdict);
    if verdicts().any(Verdict::is_incident) {
        return Exit::Incident;
    }
    if verdicts().all(|verdict| verdict == Verdict::Match) { Exit::Ok } else { Exit::Drift }
}

fn text(
    rows: &[DriftRow],
    wanted: &DriftArgs,
    is_kept: bool,
    out: &mut dyn Write,
) -> Result<(), Report> {
    if rows.is_empty() {
        writeln!(
            out,
            "keyrite.toml declares no targets, or there is no certificate; docs/targets says what there is"
        )?;
        return Ok(());
    }
    for row in rows {
        let (id, kind, verdict) = (&row.target.id, row.target.kind.word(), row.verdict().word());
        writeln!(
            out,
            "{verdict:11} {} at {id} ({kind}, {})",
            row.certificate.hex(),
            row.target.place
        )?;
        if let Some(trouble) = &row.trouble {
            writeln!(out, "  {}", VisibleText::from_text(trouble))?;
        }
        let is_told = |one: &&DoorRow| {
            let Judgement { verdict, facts, .. } = &one.judgement;
            wanted.parts || *verdict != Verdict::Match || !facts.is_empty()
        };
        for door in row.doors.iter().filter(is_told) {
            lines(door, wanted.parts, out)?;
        }
        for fact in row.facts.iter().chain(&row.awaits) {
            writeln!(out, "  {}", VisibleText::from_text(fact))?;
        }
        if let Some(next) = row.verdict().next() {
            writeln!(out, "  next: {next}")?;
        }
    }
    if rows.iter().any(|row| row.verdict().is_incident()) {
        writeln!(
            out,
            "nothing was changed; docs/guides/publication.md says what to do in an incident"
        )?;
    }
    if !is_kept {
        writeln!(
            out,
            "not written down: nobody keeps an audit log on this machine (keyrite audit begin), so \
             that a place that serves less next time cannot be told"
        )?;
    }
    Ok(())
}

fn lines(door: &DoorRow, is_whole: bool, out: &mut dyn Write) -> Result<(), Report> {
    let judgement = &door.judgement;
    writeln!(out, "  {}: {}", judgement.verdict.word(), VisibleText::from_text(&door.name))?;
    for (word, parts) in [
        ("not ours", &judgement.foreign),
        ("not served any more", &judgement.lost),
        ("lacks", &judgement.lacking),
    ] {
        match parts.as_slice() {
            [] => {}
            [one] => writeln!(out, "    {word}: {}", one.words())?,
            parts if is_whole => {
                for part in parts {
                    writeln!(out, "    {word}: {}", part.words())?;
                }
            }
            parts => {
                writeln!(out, "    {word}: {} (--parts names them)", counted(parts.len(), "part"))?;
            }
        }
    }
    for fact in &judgement.facts {
        writeln!(out, "    {}", VisibleText::from_text(fact))?;
    }
    Ok(())
}

fn document(row: &DriftRow) -> Row<'_> {
    let visible = |text: &String| VisibleText::from_text(text).into_string();
    Row {
        target: &row.target.id,
        kind: row.target.kind.word(),
        place: &row.target.place,
        blocking: row.target.blocking,
        certificate: row.certificate.hex(),
        verdict: row.verdict().word(),
        trouble: row.trouble.as_ref().map(visible),
        awaits: row.awaits.as_deref(),
        facts: row.facts.iter().map(visible).collect(),
        doors: row.doors.iter().map(door).collect(),
    }
}

fn door(row: &DoorRow) -> DoorOut<'_> {
    let part = |one: &Component| Part {
        kind: one.kind.word(),
        of: one.of.clone(),
        created: one.created.map(Timestamp::iso),
    };
    let parts = |all: &[Component]| all.iter().map(part).collect();
    let judgement = &row.judgement;
    DoorOut {
        door: VisibleText::from_text(&row.name).into_string(),
        verdict: judgement.verdict.word(),
        foreign: parts(&judgement.foreign),
        lost: parts(&judgement.lost),
        lacking: parts(&judgement.lacking),
        facts: judgement
            .facts
            .iter()
            .map(|fact| VisibleText::from_text(fact).into_string())
            .collect(),
    }
}
