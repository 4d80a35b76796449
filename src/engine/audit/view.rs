//! The log as people look at it: all chains in one list.

use serde_json::Value;

use super::entry::Entry;
use super::names::Writer;
use super::survey::Report;
use crate::domain::text::{VisibleText, clip};
use crate::domain::timestamp::Timestamp;
use crate::engine::chain::Digest;

/// Rows that are kept at the most; older ones are counted.
const MAX_ROWS: usize = 10_000;
/// Columns of a summary at the most.
const COLUMNS: usize = 160;

/// One line of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Whose chain.
    pub writer: Writer,
    /// Its number there.
    pub seq: u64,
    /// When it was written, by the writer's clock.
    pub at: Timestamp,
    /// Who did it.
    pub actor: VisibleText,
    /// What it is.
    pub kind: VisibleText,
    /// The run that it belongs to.
    pub run: Option<VisibleText>,
    /// Its facts in a line.
    pub summary: VisibleText,
    /// Its hash.
    pub hash: Digest,
}

/// The log as a list.
#[derive(Clone, Debug)]
pub struct Chain {
    /// Its lines, the newest first.
    pub rows: Vec<Row>,
    /// Older lines that are not among them.
    pub left_out: usize,
    /// What it is worth.
    pub report: Report,
}

/// The newest rows of a log while it is read.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    rows: Vec<Row>,
    left_out: usize,
}

impl Rows {
    /// Takes a line.
    pub fn take(&mut self, entry: &Entry, hash: Digest) {
        self.rows.push(row(entry, hash));
        if self.rows.len() > 2 * MAX_ROWS {
            self.cut();
        }
    }

    /// The list, with what the log is worth.
    #[must_use]
    pub fn with(mut self, report: Report) -> Chain {
        self.cut();
        Chain { rows: self.rows, left_out: self.left_out, report }
    }

    fn cut(&mut self) {
        self.rows.sort_by(|a, b| (b.at, b.seq, &b.writer).cmp(&(a.at, a.seq, &a.writer)));
        self.left_out += self.rows.len().saturating_sub(MAX_ROWS);
        self.rows.truncate(MAX_ROWS);
    }
}

fn row(entry: &Entry, hash: Digest) -> Row {
    let record = &entry.record;
    let facts: Vec<_> =
        record.body.iter().map(|(name, value)| format!("{name} {}", short(value))).collect();
    let summary = VisibleText::from_text(&facts.join(", "));
    Row {
        writer: entry.writer.clone(),
        seq: entry.seq,
        at: entry.at,
        actor: VisibleText::from_text(&record.actor),
        kind: VisibleText::from_text(&record.kind),
        run: record.run.as_ref().map(|run| VisibleText::from_text(&run.id)),
        summary: VisibleText::again(&clip(summary.as_str(), COLUMNS, "...")),
        hash,
    }
}

/// A value in few characters: digests are cut, nested values counted.
fn short(value: &Value) -> String {
    match value {
        Value::String(text) => match Digest::parse(text) {
            Some(digest) => digest.hex().chars().take(12).collect(),
            None => text.clone(),
        },
        Value::Array(values) => format!("({})", values.len()),
        Value::Object(fields) => format!("({})", fields.len()),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}
