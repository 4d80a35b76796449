//! Errors as people read them: what happened, why, and what to do.

use std::io::{self, Write};

use crate::app::exit::Exit;

/// A failure at the edge of the program.
#[derive(Debug)]
pub struct Report {
    /// How the program ends.
    pub exit: Exit,
    /// What happened.
    pub error: String,
    /// Commands, or actions, that help.
    pub hints: Vec<String>,
}

impl Report {
    /// A command line that cannot be carried out.
    pub fn usage(error: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, error: error.into(), hints: Vec::new() }
    }

    /// Something that should not have happened.
    pub fn failed(error: impl Into<String>) -> Self {
        Self { exit: Exit::Failed, error: error.into(), hints: Vec::new() }
    }

    /// Adds what helps.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Writes it, one line each.
    pub fn write(&self, to: &mut dyn Write) -> io::Result<()> {
        if self.exit == Exit::Ok {
            return Ok(());
        }
        writeln!(to, "error: {}", self.error)?;
        for hint in &self.hints {
            writeln!(to, "hint: {hint}")?;
        }
        Ok(())
    }
}

impl From<io::Error> for Report {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            // The reader has seen enough, as in `keyrite keys PATH | head`.
            return Self { exit: Exit::Ok, error: String::new(), hints: Vec::new() };
        }
        Self::failed(format!("cannot write the output: {error}"))
            .hint("the output is incomplete; nothing else was changed")
    }
}
