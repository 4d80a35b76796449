//! Why nothing is carried.

use crate::adapters::carry::CarryError;
use crate::app::{AuditError, CeremonyError, WorkspaceError};
use crate::domain::text::VisibleText;
use crate::engine::audit::Problem;
use crate::engine::runner::Refused;

/// Why nothing is carried out, taken in or recalled. Where nothing else is
/// said, nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum CarryingError {
    /// The workspace cannot be read.
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    /// What the carry declares cannot be used.
    #[error("in the carry, {0}")]
    Declared(WorkspaceError),
    /// The medium, or a file, is not what it should be.
    #[error(transparent)]
    Carry(#[from] CarryError),
    /// A run cannot be read or written.
    #[error(transparent)]
    Ceremony(#[from] CeremonyError),
    /// The audit log cannot be written.
    #[error(transparent)]
    Log(#[from] AuditError),
    /// Nobody of the roster was named.
    #[error("{0}")]
    Nobody(String),
    /// A run cannot be handed over.
    #[error("the run {0} cannot be handed over: {1}")]
    NotHanded(VisibleText, String),
    /// The carry that is on the medium has not been taken in here.
    #[error("{0}; it is left as it is")]
    Waiting(String),
    /// Somebody has written in the workspace meanwhile.
    #[error("the workspace was being written while it was copied: do the same once more: {0}")]
    Unsteady(Problem),
    /// The carry was made here.
    #[error("this carry was made on this machine: take it in on the other one")]
    Own,
    /// It is of another workspace.
    #[error("this carry is of another workspace: {0}")]
    Other(String),
    /// What is listed is not what is in it.
    #[error("the carry contradicts itself: {0}")]
    Inconsistent(String),
    /// The log in it is not in order.
    #[error(
        "the audit log in the carry is not in order{}",
        .0.as_ref().map(|problem| format!(": {problem}")).unwrap_or_default()
    )]
    BadLog(Option<Problem>),
    /// A file that only grows has fewer lines than it had.
    #[error(
        "{0} has fewer lines in the carry than here: it is an old carry, or was made from an old \
         copy; ask the other side for a new one"
    )]
    Shrunk(VisibleText),
    /// An audit chain has two histories.
    #[error(
        "line {1} of {0} is another one in the carry than here: two histories of one chain, which \
         no carry can join; keep the medium, and find out which machine wrote which"
    )]
    ForkedChain(VisibleText, usize),
    /// A chain of this machine was gone on with elsewhere.
    #[error(
        "{0} is a chain that only this machine writes, and in the carry it has lines that this \
         machine never wrote: somebody has written in its name; keep the medium, and find out who \
         had it. What is here is as it was, and runs go on here. If this machine was brought back \
         from an old copy, keyrite audit begin begins a new chain, and the carry can be taken in"
    )]
    OwnGrown(VisibleText),
    /// A run of this machine was gone on with elsewhere.
    #[error(
        "this machine holds the run {0}, and in the carry its journal goes on with line {1}, which \
         this machine never wrote: somebody went on with it who does not hold it. What is here is \
         as it was, and the run goes on here; keep the medium, and find out who wrote there. If \
         people recalled the run there because this machine was thought lost, --accept \
         runs/{0}/journal.jsonl gives it up here"
    )]
    HeldRun(VisibleText, usize),
    /// A run has two histories.
    #[error(
        "line {1} of the journal of {0} is another one in the carry than here: two machines went \
         on with that run. Ours stays; keyrite carry in --set-aside {0} takes the rest, and keeps \
         theirs beside ours as journal.forked-*; keyrite audit verify goes on telling it"
    )]
    ForkedRun(VisibleText, usize),
    /// Something was accepted that is no difference.
    #[error("there is no difference in '{0}' to be accepted")]
    NoDifference(VisibleText),
    /// Something is where the workspace is to be made.
    #[error("{0} is there already, and is no workspace: name a folder that is not there yet")]
    Occupied(VisibleText),
    /// The run is not handed over.
    #[error("the run {0} is here: there is nothing to recall")]
    Here(VisibleText),
    /// The system gives no random bits, or the clock is wrong.
    #[error("{0}")]
    Machine(String),
}

impl CarryingError {
    /// Whether it is a journal or chain with two histories, or one of ours that
    /// somebody else went on with.
    #[must_use]
    pub const fn is_fork(&self) -> bool {
        matches!(
            self,
            Self::ForkedChain(..) | Self::ForkedRun(..) | Self::OwnGrown(_) | Self::HeldRun(..)
        )
    }

    /// Whether a line of a journal, or of the log behind it, was refused: the
    /// lines before it are there.
    #[must_use]
    pub const fn is_unwritten(&self) -> bool {
        matches!(
            self,
            Self::Ceremony(CeremonyError::Log(_) | CeremonyError::Refused(Refused::Record(_)))
        )
    }
}
