//! `keyrite custody`: which subkey's secret is in which slot.

use std::io::Write;

use serde::Serialize;

use super::Streams;
use super::args::CustodyArgs;
use super::opened::report;
use super::report::Report;
use crate::app::exit::Exit;
use crate::app::{App, Slots};
use crate::domain::custody::{Frozen, InSlot, SlotRow, if_leaked, if_lost};
use crate::domain::text::VisibleText;
use crate::domain::worded::Worded as _;

/// The schema of the document.
const SCHEMA: &str = "keyrite.custody/1";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'a str,
    looked: bool,
    slots: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    kind: &'a str,
    place: &'a str,
    consumer: Option<&'a str>,
    contents: Vec<&'a str>,
    readers: Vec<&'a str>,
    seen: bool,
    trouble: Option<String>,
    frozen: bool,
    freeze: Option<Freeze<'a>>,
    facts: Vec<String>,
    entries: Vec<Entry>,
    if_lost: Vec<String>,
    if_leaked: Vec<String>,
}

#[derive(Serialize)]
struct Freeze<'a> {
    since: String,
    run: &'a str,
    why: &'a str,
}

#[derive(Serialize)]
struct Entry {
    subkey: Option<String>,
    state: &'static str,
    version: String,
    since: Option<String>,
    proved: bool,
}

/// Prints all slots. What somebody has to look at shows in the exit code.
pub fn run(app: App, wanted: &CustodyArgs, streams: &mut Streams<'_>) -> Result<Exit, Report> {
    let (app, out) = (app.telling(streams.notices.clone()), &mut *streams.out);
    let folder = app.find_workspace(wanted.workspace.folder.as_deref());
    let folder = folder.map_err(|error| report(&error))?;
    let slots = app.slots(&folder, wanted.look).map_err(|error| report(&error))?;
    if wanted.json {
        let rows = slots.rows.iter().map(|row| document(row, &slots)).collect();
        let document = Document { schema: SCHEMA, looked: wanted.look, slots: rows };
        serde_json::to_writer(&mut *out, &document).map_err(std::io::Error::from)?;
        writeln!(out)?;
    } else {
        text(&slots, wanted, out)?;
    }
    let is_wrong = |row: &SlotRow| {
        row.trouble.is_some()
            || row.is_let_again_unseen()
            || row.entries.iter().any(|entry| entry.state.is_wrong())
    };
    Ok(if slots.rows.iter().any(is_wrong) { Exit::Findings } else { Exit::Ok })
}

fn text(slots: &Slots, wanted: &CustodyArgs, out: &mut dyn Write) -> Result<(), Report> {
    if slots.rows.is_empty() {
        writeln!(out, "keyrite.toml declares no slots; docs/slots says what there is")?;
    }
    for row in &slots.rows {
        let (id, kind, place) = (&row.slot.id, row.slot.kind.word(), &row.slot.place);
        let consumer = row.consumer.as_deref().unwrap_or("no consumer");
        writeln!(out, "{id} ({kind}, of {consumer}): {place}")?;
        if let Some(trouble) = &row.trouble {
            writeln!(out, "  NOT SEEN: {}", VisibleText::from_text(trouble))?;
        }
        let words = row.frozen.as_ref().map(Frozen::words).unwrap_or_default();
        if row.is_frozen {
            writeln!(out, "  {}", format!("FROZEN: nobody reads it {words}").trim_end())?;
        }
        if row.is_let_again_unseen() {
            writeln!(out, "  NOT SEEN FROZEN, though no run has let it again: frozen {words}")?;
        }
        for entry in &row.entries {
            writeln!(out, "  {}", line(entry))?;
        }
        if row.entries.is_empty() {
            writeln!(
                out,
                "  nothing is there{}",
                if row.is_seen { "" } else { ", by the record" }
            )?;
        }
        let readers: Vec<_> = row.slot.readers.iter().map(|reader| reader.who.as_str()).collect();
        if !readers.is_empty() {
            writeln!(out, "  read by {}", readers.join(", "))?;
        }
        for fact in &row.facts {
            writeln!(out, "  {}", VisibleText::from_text(fact))?;
        }
        if wanted.what_if {
            for (label, lines) in [
                ("if lost", if_lost(row, &slots.register)),
                ("if leaked", if_leaked(row, &slots.register)),
            ] {
                for line in lines {
                    writeln!(out, "  {label}: {line}")?;
                }
            }
        }
    }
    if !wanted.look && !slots.rows.is_empty() {
        writeln!(out, "by the record; keyrite custody --look asks the places")?;
    }
    Ok(())
}

fn line(entry: &InSlot) -> String {
    let subkey = entry.subkey.map_or_else(|| "a key that is not known".to_owned(), |key| key.hex());
    let since = entry.since.map(|at| format!(" since {}", at.date())).unwrap_or_default();
    let proved = if entry.is_proved { ", proved" } else { "" };
    let version = match entry.version.as_str() {
        "" => String::new(),
        version => format!(" ({})", VisibleText::from_text(version)),
    };
    let (state, note) = (entry.state.word(), entry.state.note());
    format!("{state} ({note}): {subkey}{since}{proved}{version}")
}

fn document<'a>(row: &'a SlotRow, slots: &Slots) -> Row<'a> {
    let visible = |text: &String| VisibleText::from_text(text).into_string();
    Row {
        id: &row.slot.id,
        kind: row.slot.kind.word(),
        place: &row.slot.place,
        consumer: row.consumer.as_deref(),
        contents: row.slot.contents.values().map(|content| content.word()).collect(),
        readers: row.slot.readers.iter().map(|reader| reader.who.as_str()).collect(),
        seen: row.is_seen,
        trouble: row.trouble.as_ref().map(visible),
        frozen: row.is_frozen,
        freeze: row.frozen.as_ref().map(|one| Freeze {
            since: one.since.to_string(),
            run: &one.run,
            why: one.why.as_str(),
        }),
        facts: row.facts.iter().map(visible).collect(),
        entries: row
            .entries
            .iter()
            .map(|entry| Entry {
                subkey: entry.subkey.map(|key| key.hex()),
                state: entry.state.word(),
                version: visible(&entry.version),
                since: entry.since.map(|at| at.to_string()),
                proved: entry.is_proved,
            })
            .collect(),
        if_lost: if_lost(row, &slots.register),
        if_leaked: if_leaked(row, &slots.register),
    }
}
