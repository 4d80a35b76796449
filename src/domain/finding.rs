//! Findings: what a rule has to say, with a stable id.

use std::fmt;

use super::text::VisibleText;

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Must be dealt with.
    Error,
    /// Should be dealt with.
    Warning,
    /// Good to know.
    Note,
}

impl Severity {
    /// The word of screens and JSON documents.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// The stable id of a rule; it never changes its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingId {
    /// A file that was read holds secret key material.
    Cus010,
}

impl FindingId {
    /// All rules.
    pub const ALL: [Self; 1] = [Self::Cus010];

    /// The id as documents and scripts write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cus010 => "CUS-010",
        }
    }
}

impl fmt::Display for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which rule speaks.
    pub id: FindingId,
    /// How grave it is.
    pub severity: Severity,
    /// What it speaks of: a file, a key.
    pub subject: VisibleText,
    /// What was found.
    pub message: String,
    /// What to do, the safe thing first.
    pub remedy: String,
}
