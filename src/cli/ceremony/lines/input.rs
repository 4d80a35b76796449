//! What people type, line by line.

use std::io::{self, BufRead as _, Read as _};

use super::{Lines, broken};
use crate::app::forget_typed;
use crate::engine::event::Event;
use crate::engine::runner::{Refused, Reply};

/// Longest line that is taken, in bytes.
const LONGEST: u64 = 64 * 1024;

/// What a person typed at a prompt.
pub(super) enum Said {
    Text(String),
    Command(String, String),
    Nothing,
}

impl Lines<'_, '_> {
    /// Waits for Enter, and goes on.
    pub(super) fn enter(&mut self, what: &str) -> io::Result<Result<(), Refused>> {
        loop {
            match self.read(what)? {
                Said::Text(text) if text.is_empty() => {
                    self.shown = None;
                    return Ok(self.runner.reply(Reply::Go));
                }
                Said::Text(_) => {
                    self.say("nothing is asked here: Enter alone goes on; :help lists the rest")?;
                }
                Said::Command(command, rest) => return self.command(&command, &rest),
                Said::Nothing => return Ok(self.runner.reply(Reply::Pause)),
            }
        }
    }

    /// Whether something was looked at or done since that many entries: it may
    /// have taken a while.
    pub(super) fn has_acted(&self, before: usize) -> bool {
        let entries = self.runner.journal().entries().iter().skip(before);
        let mut events = entries.map(|entry| &entry.event);
        events.any(|event| {
            matches!(event, Event::Observed { .. } | Event::Completed { .. } | Event::Failed { .. })
        })
    }

    /// What was typed before something was asked is no answer to it.
    pub(super) fn forget_typed(&mut self) -> io::Result<()> {
        if self.streams.is_interactive && forget_typed() {
            self.say("not taken: what was typed before this was asked")?;
        }
        Ok(())
    }

    /// Reads one line; absent at the end of the input.
    pub(super) fn read(&mut self, label: &str) -> io::Result<Said> {
        loop {
            self.ask_for(label)?;
            let mut bytes = Vec::new();
            let mut input = (&mut *self.streams.input).take(LONGEST);
            if input.read_until(b'\n', &mut bytes)? == 0 {
                writeln!(self.streams.out)?;
                return Ok(Said::Nothing);
            }
            if bytes.last() != Some(&b'\n') && input.limit() == 0 {
                self.pass_over()?;
                self.say("not taken: a line of more than 64 KiB")?;
                continue;
            }
            let text = String::from_utf8_lossy(&bytes).trim().to_owned();
            return Ok(match text.strip_prefix(':') {
                Some(command) => {
                    let (word, rest) = command.split_once(' ').unwrap_or((command, ""));
                    Said::Command(word.to_owned(), rest.trim().to_owned())
                }
                None => Said::Text(text),
            });
        }
    }

    fn ask_for(&mut self, label: &str) -> io::Result<()> {
        let mut lines = broken(label);
        let last = lines.pop().unwrap_or_default();
        for line in lines {
            writeln!(self.streams.out, "{line}")?;
        }
        write!(self.streams.out, "{last}: ")?;
        self.streams.out.flush()
    }

    /// Passes over what is left of a line.
    fn pass_over(&mut self) -> io::Result<()> {
        loop {
            let buffer = self.streams.input.fill_buf()?;
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let (used, is_over) = match end {
                Some(at) => (at + 1, true),
                None => (buffer.len(), buffer.is_empty()),
            };
            self.streams.input.consume(used);
            if is_over {
                return Ok(());
            }
        }
    }
}
