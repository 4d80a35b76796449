//! What reaches the console, on one channel, and what it asks for.

use crossterm::event::KeyEvent;

use crate::app::{Input, Opening};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::inspection::Inspection;
use crate::engine::reading::ReadingEvent;

/// Everything that can happen to the console.
#[derive(Clone, Debug)]
pub enum Event {
    /// A key.
    Key(KeyEvent),
    /// Text from the terminal's clipboard.
    Paste(String),
    /// The window has another size.
    Resize {
        /// Columns.
        width: u16,
        /// Rows.
        height: u16,
    },
    /// A minute has passed.
    Tick,
    /// Progress of reading. Carries the number of the reading, so that what
    /// an abandoned one still sends is dropped.
    Reading(u64, ReadingEvent),
    /// The result of a closer look.
    Inspected {
        /// At which certificate.
        fingerprint: Fingerprint,
        /// What was seen.
        result: Result<Inspection, String>,
    },
    /// A signal.
    Signal(Signal),
    /// The terminal no longer gives events.
    InputLost,
}

/// Signals that the console deals with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGTERM: leave.
    Terminate,
    /// SIGHUP: the terminal is gone.
    Hangup,
    /// SIGTSTP: go to the background.
    Suspend,
    /// SIGCONT: back in the foreground.
    Continue,
}

/// What the console asks of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Read these inputs, under that number.
    Read(u64, Vec<Input>),
    /// Take a closer look at a certificate.
    Inspect(Fingerprint),
    /// Send a public text to the terminal's clipboard.
    Copy(String),
    /// Open the console on something else.
    Open(Opening),
    /// Draw everything anew.
    Redraw,
    /// Go to the background.
    Suspend,
    /// Leave.
    Quit,
    /// Fail, as if the terminal could not be written to.
    #[cfg(debug_assertions)]
    Fail,
}
