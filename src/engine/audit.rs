//! The audit log: who did what, in chains that show what was changed.
//!
//! Each writer, a person at one machine, has a chain of its own. A chain shows
//! changes and swaps by itself. That its end is missing is shown by what names
//! a line of it elsewhere: checkpoints, the chains of others, the journals,
//! and the state that the writer's machine keeps.

mod chain;
mod checkpoint;
mod entry;
mod findings;
mod names;
mod survey;
mod verdict;
mod view;
mod vouching;

pub use chain::{ChainRead, End, Follower};
pub use checkpoint::Checkpoint;
pub use entry::{Entry, Fault, Head, Record, RunLine};
pub use findings::findings;
pub use names::{Writer, is_person, is_run};
pub use survey::{Report, Standing, Survey};
pub use verdict::{Problem, Verdict};
pub use view::{Chain, Row, Rows};
pub use vouching::{Own, Vouched};

/// The kind of chain that an audit log is, in its hashes.
pub const KIND: &str = "keyrite.audit/1";
/// The kind of chain that the journal of a run is.
pub const JOURNAL: &str = "keyrite.journal/1";
/// Bytes of a line at the most, without its line feed.
pub const MAX_LINE: usize = 64 * 1024;
/// What the first line of each chain is.
pub const BEGAN: &str = "began";
/// What says that a torn tail was set aside.
pub const RECOVERED_TAIL: &str = "recovered-tail";
