//! What reaches the console, on one channel, and what it asks for.

use std::path::PathBuf;

use crossterm::event::KeyEvent;

use super::model::Seen;
use crate::app::conduct::{RunReport, Wanted};
use crate::app::{Declaration, Input, Listed, NewWorkspace, Opening};
use crate::domain::custody::Sightings;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::inspection::Inspection;
use crate::domain::policy::Policy;
use crate::domain::publication::DriftRow;
use crate::domain::timestamp::Timestamp;
use crate::domain::workspace::{Environment, Evidence, Waiver, Workspace};
use crate::engine::audit::Chain;
use crate::engine::reading::ReadingEvent;
use crate::engine::runner::Reply;

/// Everything that can happen to the console. It is never cloned: a report of
/// a run may hold a secret.
#[derive(Debug)]
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
    /// Time has passed: a minute, or less while something is waited for.
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
    /// Something about ceremonies, or the log of what they did.
    Ceremonies(CeremoniesEvent),
    /// The places of secrets were asked what they have, in that workspace.
    Looked(PathBuf, Result<Sightings, String>),
    /// Targets were asked as users do, in that workspace.
    Drifted(PathBuf, Result<Vec<DriftRow>, String>),
    /// What the run of that number says.
    Run(u64, RunReport),
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
        said: Option<String>,
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

/// What was found out about ceremonies.
#[derive(Debug)]
pub enum CeremoniesEvent {
    /// The runs of the workspace, or why they cannot be listed.
    Runs(Result<Vec<Listed>, String>),
    /// The machine was looked at.
    Machine(Vec<Seen>),
    /// A text to read: its title and its lines.
    Page(String, Vec<String>),
    /// The audit log was read and verified.
    Audited(Box<Chain>),
}

/// What the console asks about ceremonies.
#[derive(Debug)]
pub enum CeremoniesRequest {
    /// List the runs of that workspace.
    Runs(PathBuf),
    /// Look at the machine.
    Machine {
        /// By which rules.
        policy: Box<Policy>,
        /// Whose trust is at stake.
        environment: Environment,
        /// When the newest signature of the certificates was made.
        newest: Option<Timestamp>,
    },
    /// Read the transcript of that run.
    Transcript(PathBuf, String),
    /// Read and verify the audit log.
    Audit(PathBuf),
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
#[derive(Debug)]
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
    /// Something about ceremonies.
    Ceremonies(CeremoniesRequest),
    /// Ask the places of the workspace's secrets what they have; no secret is
    /// fetched.
    Look(PathBuf),
    /// Ask the workspace's targets as users do.
    Drift(PathBuf),
    /// Conduct a run, under that number.
    Conduct(u64, PathBuf, Wanted),
    /// Say something to the run that is conducted.
    Say(Reply),
    /// Let go of it: it pauses, if it has not ended.
    LetGo,
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
