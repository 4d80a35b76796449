//! The audit log in a workspace: `audit/<writer>.jsonl`, and what this machine
//! remembers of it.

mod checkpoint;
mod error;
mod files;
mod opening;
mod runs;
mod state;
mod survey;
mod tail;
mod vouching;
mod writing;

pub use checkpoint::{CheckpointError, Checkpointed, checkpoint, place_signature};
pub use error::AuditError;
pub use survey::{Wanted, has_chain, here, is_there, remembered, survey};
pub use vouching::{own, vouched};
pub use writing::{AuditLog, Beginning, Site};

/// The folder of the log in a workspace.
pub const AUDIT: &str = "audit";
/// The folder of checkpoints and their signatures in it.
pub const CHECKPOINTS: &str = "checkpoints";
