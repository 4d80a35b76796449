//! The audit log as it is shown.

use super::{Model, Screen};
use crate::domain::text::VisibleText;
use crate::engine::audit::{Chain, Row, Verdict};

/// What the screen Audit knows.
#[derive(Clone, Debug, Default)]
pub struct Audit {
    /// The log, once it was read.
    pub chain: Option<Chain>,
    /// What rows must contain.
    pub query: String,
    /// The chosen row of those that are shown.
    pub at: usize,
    /// The first row on the screen.
    pub top: usize,
}

impl Audit {
    /// The rows that the filter lets through.
    #[must_use]
    pub fn rows(&self) -> Vec<&Row> {
        let words: Vec<_> = self.query.split_whitespace().map(str::to_lowercase).collect();
        let rows = self.chain.iter().flat_map(|chain| &chain.rows);
        rows.filter(|row| fits(row, &words)).collect()
    }
}

/// Whether a row has all words, and none of those with `!` before them.
fn fits(row: &Row, words: &[String]) -> bool {
    let run = row.run.as_ref().map_or("", VisibleText::as_str);
    let text = format!(
        "{} {} {} {} {run} {} {} {}",
        row.seq,
        row.at.minute(),
        row.actor.as_str(),
        row.kind.as_str(),
        row.summary.as_str(),
        row.writer.as_str(),
        row.hash.hex()
    );
    let text = text.to_lowercase();
    words.iter().all(|word| match word.strip_prefix('!') {
        Some(word) => !text.contains(word),
        None => text.contains(word.as_str()),
    })
}

impl Model {
    /// The filter of the screen.
    #[must_use]
    pub fn query(&self) -> &str {
        if self.screen == Screen::Audit { &self.audit.query } else { self.list.query() }
    }

    /// Sets the filter of the screen.
    pub fn set_query(&mut self, query: &str) {
        if self.screen == Screen::Audit {
            query.clone_into(&mut self.audit.query);
            self.audit.at = 0;
        } else {
            self.list.set_query(query);
        }
    }

    /// What is wrong with the log, where it cannot be relied upon.
    #[must_use]
    pub fn log_is_wrong(&self) -> Option<Verdict> {
        let verdict = self.audit.chain.as_ref()?.report.verdict();
        (verdict <= Verdict::Unreadable).then_some(verdict)
    }
}
