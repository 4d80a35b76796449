//! What is wrong with a log, and how grave that is.

use std::fmt;

use crate::domain::text::VisibleText;

/// What a log is worth; the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Two histories after one beginning.
    Forked,
    /// A line was changed, or does not follow the one before it.
    Broken,
    /// Lines are missing that something else names.
    Truncated,
    /// A checkpoint's signature is not good, or not of the roster.
    BadSignature,
    /// Something cannot be read, so that nothing is known of it.
    Unreadable,
    /// The last line was cut off while it was written.
    TornTail,
    /// A line says an earlier time than one before it.
    Backwards,
    /// All of it is as it was written.
    Sound,
}

impl Verdict {
    /// All of them, the gravest first.
    pub const ALL: [Self; 8] = [
        Self::Forked,
        Self::Broken,
        Self::Truncated,
        Self::BadSignature,
        Self::Unreadable,
        Self::TornTail,
        Self::Backwards,
        Self::Sound,
    ];

    /// The words of screens and documents.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Forked => "forked",
            Self::Broken => "broken",
            Self::Truncated => "truncated",
            Self::BadSignature => "bad signature",
            Self::Unreadable => "unreadable",
            Self::TornTail => "torn tail",
            Self::Backwards => "time goes backwards",
            Self::Sound => "sound",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// How grave it is.
    pub verdict: Verdict,
    /// The file in the workspace that it is in, or where there is none, what
    /// names it.
    pub file: VisibleText,
    /// The line of that file, from 1.
    pub line: Option<u64>,
    /// What was found.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.verdict, self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.message)
    }
}
