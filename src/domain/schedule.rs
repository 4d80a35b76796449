//! When a signing key must hand over to its successor, and what must have
//! happened before.
//!
//! The names are those of RFC 7583: a key is generated (`Tgen`), published
//! (`Tpub`), becomes active (`Tact`), is retired (`Tret`) and dead (`Tdea`).
//! Everything is worked out backwards from the end of the present key, so
//! that a step that comes late eats slack and nothing else:
//!
//! ```text
//!  Tgen ── buffer ── Tpub ── lead ── Tact ── overlap ──┬── slack ── end of the old key
//!                                     └─ canary ─ Tret │
//! ```

use super::period::Period;
use super::timestamp::{DAY, Timestamp};

mod actions;
mod drills;
mod fit;
mod line;
mod timeline;
mod turn;

pub use actions::{Action, ActionKind, Due, in_order, next_actions, steps};
pub use drills::drills;
pub use fit::Impossible;
pub use line::{Line, Progress};
pub use timeline::{Lifetime, Track, Trouble, TroubleKind};
pub use turn::{Turn, turns};

/// Lengths of the windows of a rotation, in days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// From publication to first use.
    pub publish_lead: u32,
    /// What the slowest blocking channel needs until its users have the
    /// certificate, with safety (`Ipub`).
    pub reach: u32,
    /// How long both keys could sign, so that one can go back.
    pub overlap: u32,
    /// What is left then, for steps that come late.
    pub slack: u32,
    /// How long the new key is watched before the old one is taken away.
    pub canary: u32,
    /// From making the successor to publishing it.
    pub ceremony_buffer: u32,
    /// For the attestations by others that publication waits for.
    pub attest: u32,
}

impl Windows {
    /// Days from publication to first use: the longer of what the team wants
    /// and what the channels need.
    #[must_use]
    pub fn lead(&self) -> u32 {
        self.publish_lead.max(self.reach)
    }

    /// Days from making the successor to the end of the old key.
    #[must_use]
    pub fn whole(&self) -> i64 {
        [self.ceremony_buffer, self.attest, self.lead(), self.overlap, self.slack]
            .into_iter()
            .map(i64::from)
            .sum()
    }
}

/// For how long a key is in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Term {
    /// A length on the calendar.
    Calendar(Period),
    /// Until the next cycle of development begins; the cycles, in order.
    Cycles(Vec<Cycle>),
}

/// One cycle of development.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cycle {
    /// Its name.
    pub id: String,
    /// When its development begins, and the key of the one before goes out of
    /// use.
    pub begins: Timestamp,
    /// When the releases of the one before are done: its key stays in use
    /// until then.
    pub previous_done: Timestamp,
    /// Whether these are the earliest days it can be, and may come later.
    pub provisional: bool,
}

/// Days on which nobody can be asked for a ceremony: from one midnight up to,
/// and not including, another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blackout {
    /// Its name.
    pub reason: String,
    /// Its first day.
    pub from: Timestamp,
    /// The first day after it.
    pub until: Timestamp,
}

/// How the keys of a consumer follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// How long a key is in use.
    pub term: Term,
    /// The windows around a rotation.
    pub windows: Windows,
    /// When nothing can be done.
    pub blackouts: Vec<Blackout>,
    /// Days by which a subkey must end before its primary key.
    pub margin: u32,
}

/// How far ahead gaps and clashes are told.
pub const HORIZON: Period = Period::Months(24);

/// So many days earlier.
fn days_before(instant: Timestamp, days: u32) -> Timestamp {
    instant.plus(-i64::from(days) * DAY)
}

/// So many days later.
fn days_after(instant: Timestamp, days: u32) -> Timestamp {
    instant.plus(i64::from(days) * DAY)
}
