//! What reaches the console, on one channel, and what it asks for.

use std::path::PathBuf;

use crossterm::event::KeyEvent;

use crate::app::{Declaration, Input, NewWorkspace, Opening};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::inspection::Inspection;
use crate::domain::workspace::{Evidence, Waiver, Workspace};
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
    /// Something about the workspace.
    Team(TeamEvent),
    /// A signal.
    Signal(Signal),
    /// The terminal no longer gives events.
    InputLost,
}

/// What happened to a workspace.
#[derive(Clone, Debug)]
pub enum TeamEvent {
    /// It can be opened.
    Ready {
        /// What to say of it.
        said: Option<String>,
        /// The workspace.
        opening: Opening,
    },
    /// Its file was read anew, or written.
    Declared {
        /// What to say of it.
        said: String,
        /// What the file says.
        declaration: Box<Declaration>,
    },
    /// What was looked up for that reading.
    Gathered(u64, Box<Evidence>),
    /// Its file cannot be understood any more.
    Wrong(String),
    /// It cannot be done; what was shown before stays.
    Refused(String),
}

/// What the console asks about a workspace's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TeamRequest {
    /// Open the workspace in that folder.
    Open(PathBuf),
    /// Read its file anew.
    Reread(PathBuf),
    /// Look up what rules need to know, for that reading.
    Gather {
        /// The reading's number.
        reading: u64,
        /// The folder; absent: only keys are looked at.
        folder: Option<PathBuf>,
        /// What it declares.
        workspace: Box<Workspace>,
        /// The certificates that were read.
        managed: Vec<Fingerprint>,
    },
    /// Write down a waiver.
    Waive {
        /// The folder.
        folder: PathBuf,
        /// The file's text as it was read.
        seen: String,
        /// The waiver.
        waiver: Box<Waiver>,
    },
    /// Make a workspace.
    Found(Box<NewWorkspace>),
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
    /// Something with a workspace's files.
    Team(TeamRequest),
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
