//! Why the audit log cannot be written.

use std::io;
use std::path::Path;

use super::files::visible;
use crate::adapters::workspace::WorkspaceError;
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;
use crate::engine::audit::{Fault, Writer};

/// Why the audit log cannot be written. In every case nothing was written, or
/// what was written counts as not written.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The workspace cannot be read.
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    /// Nobody of the roster has that id.
    #[error("no person of keyrite.toml is called '{0}'; nothing was written")]
    Nobody(VisibleText),
    /// There is no place for what this machine must remember.
    #[error(
        "this account has no home folder, where keyrite remembers the log; nothing was written: \
         set XDG_STATE_HOME"
    )]
    NoState,
    /// The id of the person cannot be in a file name.
    #[error(
        "the id '{0}' of the person cannot be part of a file name; nothing was written: use \
         letters and digits, then also - _ . in keyrite.toml"
    )]
    Person(VisibleText),
    /// Another process has the writer.
    #[error("another keyrite is at work here as {0}; nothing was written: end it, or go on there")]
    Busy(VisibleText),
    /// The file system cannot lock files.
    #[error(
        "{0} is on a file system without locks, where two programs could write at once; nothing \
         was written: move the workspace to a local disk"
    )]
    NoLocks(VisibleText),
    /// The file ends before what this machine has written.
    #[error(
        "{file} has {has} lines, and this machine wrote {wrote}; nothing was written, and what is \
         there is safe: bring the file back from git or from a copy. If the lines are lost, \
         'keyrite audit begin' begins a new chain, and the loss stays on record"
    )]
    Truncated {
        /// The file.
        file: VisibleText,
        /// Its lines.
        has: u64,
        /// The lines that were written.
        wrote: u64,
    },
    /// The file goes on behind what this machine has written.
    #[error(
        "line {line} of {file} and what follows was not written by this machine, and nobody else \
         writes there; nothing was written, and what is there is safe: find out who wrote it, and \
         bring the file back from git as it was before. If this machine was brought back from an \
         old copy, 'keyrite audit begin' begins a new chain"
    )]
    Longer {
        /// The file.
        file: VisibleText,
        /// The line.
        line: u64,
    },
    /// The file has another line than this machine has written.
    #[error(
        "line {line} of {file} is not the one that this machine wrote; nothing was written, and \
         what is there is safe: keep the file, and bring back the right one from git. If it is \
         lost, 'keyrite audit begin' begins a new chain, and the fork stays on record"
    )]
    Forked {
        /// The file.
        file: VisibleText,
        /// The line.
        line: u64,
    },
    /// The chain is broken before its end.
    #[error(
        "line {line} of {file}: {fault}; nothing was written: bring the file back from git. If it \
         is lost, 'keyrite audit begin' begins a new chain"
    )]
    Broken {
        /// The file.
        file: VisibleText,
        /// The line.
        line: u64,
        /// What is wrong with it.
        fault: Fault,
    },
    /// What this machine remembers cannot be understood.
    #[error(
        "{0} is damaged; nothing was written: with this file moved away, the next start begins a \
         new chain"
    )]
    State(VisibleText),
    /// Somebody has changed the file while it was open.
    #[error(
        "{0} was changed by somebody else while keyrite had it; nothing was written: start keyrite \
         again, and it looks at what is there"
    )]
    Changed(VisibleText),
    /// An earlier line could not be written.
    #[error(
        "an earlier line of {0} could not be written, so that nothing more is: start keyrite \
         again when the cause is mended"
    )]
    Poisoned(Writer),
    /// What would be written now would be from the future.
    #[error(
        "the clock says {now}, and {name} {other}; nothing was written, because a line from the \
         future would stop everything after it until then: set the clock right, or, where it is \
         right, the other one by it (hwclock --systohc)"
    )]
    Ahead {
        /// What the clock says.
        now: Timestamp,
        /// The other clock of the machine.
        name: &'static str,
        /// What that one says.
        other: Timestamp,
    },
    /// The system gives no random bits.
    #[error("the system gives no random bits; nothing was written: start keyrite again")]
    Random,
    /// The line would be longer than any may be, or of a form that none has.
    #[error("the line would be refused when it is read ({0}); nothing was written")]
    Unfit(Fault),
    /// There is something else than a file.
    #[error("{0} is a link or no file; nothing was written: see who put it there")]
    NotAFile(VisibleText),
    /// The system does not let us.
    #[error("{path} cannot be {doing}: {source}; the line counts as not written")]
    Io {
        /// The file or folder.
        path: VisibleText,
        /// What was tried.
        doing: &'static str,
        /// Why not.
        source: std::io::Error,
    },
}

/// What was tried with that path, and failed.
pub(super) fn io_error(
    path: &Path,
    doing: &'static str,
) -> impl FnOnce(io::Error) -> AuditError + use<> {
    let path = visible(path);
    move |source| AuditError::Io { path, doing, source }
}
