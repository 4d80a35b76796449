//! What is asked of a waiver.

use tui_input::Input as Line;

use crate::domain::finding::FindingId;

/// The questions about a finding that is to be lived with.
#[derive(Clone, Debug)]
pub struct WaiveForm {
    /// The rule.
    pub finding: FindingId,
    /// What the finding speaks of, in words.
    pub subject: String,
    /// The same as the waiver names it.
    pub of: String,
    /// The question that is being answered.
    pub at: WaiveField,
    /// Who signs it off.
    pub by: Line,
    /// Why.
    pub reason: Line,
    /// Until when.
    pub until: Line,
    /// The people who can.
    pub people: Vec<String>,
    /// What is wrong with the answers.
    pub problem: Option<String>,
}

/// The questions, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaiveField {
    /// Who signs it off.
    By,
    /// Why.
    Reason,
    /// Until when.
    Until,
}

impl WaiveField {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::By, Self::Reason, Self::Until];

    /// The next one, or the one before; the ends stay.
    #[must_use]
    pub fn step(self, forward: bool) -> Self {
        match (self, forward) {
            (Self::By, true) | (Self::Until, false) => Self::Reason,
            (Self::By | Self::Reason, false) => Self::By,
            (Self::Reason | Self::Until, true) => Self::Until,
        }
    }
}

impl WaiveForm {
    /// The line of a question.
    pub fn line(&mut self, field: WaiveField) -> &mut Line {
        match field {
            WaiveField::By => &mut self.by,
            WaiveField::Reason => &mut self.reason,
            WaiveField::Until => &mut self.until,
        }
    }
}
