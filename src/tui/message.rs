//! What the console says to the person at it.

use crate::domain::timestamp::Timestamp;

/// How important a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Good to know.
    Info,
    /// Something went wrong or needs attention.
    Warning,
    /// Something is wrong; what was wanted must not be done.
    Error,
}

/// A message at the foot of the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// When.
    pub at: Timestamp,
    /// How important.
    pub level: Level,
    /// What.
    pub text: String,
}
