//! Plans that cannot work, and the nearest one that can.

use std::fmt;

use super::{Rule, Term};
use crate::domain::period::Period;
use crate::domain::text::counted;
use crate::domain::timestamp::{DAY, Timestamp};

/// Days of slack that a plan gets where it has none: a week, so that one
/// missed appointment is no outage.
const SLACK: u32 = 7;

/// Steps of a rotation that a blackout can push: taking away, activating,
/// publishing, making. One blackout pushes one of them; the others are before
/// it then.
const STEPS: usize = 4;

/// Why a plan cannot work, with its numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Impossible {
    /// The successor begins to sign at the instant the old key ends, or only
    /// just before.
    NoSlack {
        /// Days from making the successor to the end of the old key.
        whole: i64,
        /// Days of it from publication to first use.
        lead: u32,
    },
    /// The old secret would be taken away after the keys stop to overlap.
    CanaryBeyondOverlap {
        /// Days of watching.
        canary: u32,
        /// Days of overlap.
        overlap: u32,
    },
    /// The next successor would have to be made before this one is settled.
    TermTooShort {
        /// Days of the term, at the least.
        term: i64,
        /// Days that a rotation needs.
        needed: i64,
        /// Days of these on which nobody can be asked.
        paused: i64,
    },
    /// Two cycles are out of order, or one has no length.
    CyclesOutOfOrder {
        /// The later one in the list.
        id: String,
    },
    /// The releases of a cycle are done too late: the key of the next one
    /// could not be watched while both keys can sign.
    ReleasesTooLate {
        /// The next cycle.
        id: String,
        /// Days from its beginning until the releases are done.
        after: i64,
        /// Days that there are.
        room: i64,
    },
    /// There is no cycle.
    NoCycle,
}

impl Rule {
    /// Whether rotations by this rule can work at all.
    pub fn check(&self) -> Result<(), Impossible> {
        let w = &self.windows;
        if w.slack == 0 {
            return Err(Impossible::NoSlack { whole: w.whole(), lead: w.lead() });
        }
        if w.canary > w.overlap {
            return Err(Impossible::CanaryBeyondOverlap { canary: w.canary, overlap: w.overlap });
        }
        let (needed, paused) = (self.needed(), self.pauses());
        match &self.term {
            Term::Calendar(period) if period.shortest_days() < needed => {
                Err(Impossible::TermTooShort { term: period.shortest_days(), needed, paused })
            }
            Term::Calendar(_) => Ok(()),
            Term::Cycles(cycles) => {
                if cycles.is_empty() {
                    return Err(Impossible::NoCycle);
                }
                let room = i64::from(w.overlap) - i64::from(w.canary);
                for cycle in cycles {
                    let after = (cycle.previous_done.unix() - cycle.begins.unix()) / DAY;
                    if after > room {
                        return Err(Impossible::ReleasesTooLate {
                            id: cycle.id.clone(),
                            after,
                            room,
                        });
                    }
                }
                for pair in cycles.windows(2) {
                    let [before, cycle] = pair else { continue };
                    let days = (cycle.begins.unix() - before.begins.unix()) / DAY;
                    if days <= 0 || cycle.previous_done < before.begins {
                        return Err(Impossible::CyclesOutOfOrder { id: cycle.id.clone() });
                    }
                    if days < needed {
                        return Err(Impossible::TermTooShort { term: days, needed, paused });
                    }
                }
                Ok(())
            }
        }
    }

    /// Days of use that a key must have at the least: its predecessor is
    /// settled, and then its successor is made and published, none of it on
    /// days when nobody can.
    fn needed(&self) -> i64 {
        let w = &self.windows;
        let steps: i64 =
            [w.canary, w.lead(), w.ceremony_buffer, w.attest].into_iter().map(i64::from).sum();
        steps + 1 + self.pauses()
    }

    /// Days by which blackouts can push a rotation.
    fn pauses(&self) -> i64 {
        let mut blackouts: Vec<_> = self.blackouts.iter().map(|b| (b.from, b.until)).collect();
        blackouts.sort_unstable();
        let mut pauses: Vec<(Timestamp, Timestamp)> = Vec::new();
        for (from, until) in blackouts {
            match pauses.last_mut() {
                // With a single day between them, that day may already be taken.
                Some((_, end)) if from.unix() <= end.unix() + DAY => *end = (*end).max(until),
                _ => pauses.push((from, until)),
            }
        }
        let mut days: Vec<_> = pauses
            .into_iter()
            .map(|(from, until)| (until.unix() - from.unix()) / DAY + 1)
            .collect();
        days.sort_unstable_by_key(|days| std::cmp::Reverse(*days));
        days.into_iter().take(STEPS).sum()
    }

    /// The nearest rule that can work: the windows that are wanted stay, what
    /// is missing is added.
    ///
    /// Cycles are not invented; a rule whose cycles are out of order stays as
    /// it is.
    #[must_use]
    pub fn nearest(&self) -> Self {
        let mut nearest = self.clone();
        let w = &mut nearest.windows;
        if w.slack == 0 {
            w.slack = SLACK;
        }
        w.overlap = w.overlap.max(w.canary);
        let needed = nearest.needed();
        if let Term::Calendar(period) = &mut nearest.term
            && period.shortest_days() < needed
        {
            *period = Period::Days(u32::try_from(needed).unwrap_or(u32::MAX));
        }
        nearest
    }
}

impl fmt::Display for Impossible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = |n: i64| counted(usize::try_from(n).unwrap_or(0), "day");
        match self {
            Self::NoSlack { whole, lead } => write!(
                f,
                "the successor is made {} before the old key ends and published {} before it \
                 signs: it would begin to sign with no day left for a step that comes late",
                days(*whole),
                days(i64::from(*lead))
            ),
            Self::CanaryBeyondOverlap { canary, overlap } => write!(
                f,
                "the new key is watched for {}, but both keys can sign for {} only: there would \
                 be no way back",
                days(i64::from(*canary)),
                days(i64::from(*overlap))
            ),
            Self::TermTooShort { term, needed, paused } => {
                write!(
                    f,
                    "a key is in use for {}, but a rotation needs {}",
                    days(*term),
                    days(*needed)
                )?;
                if *paused > 0 {
                    write!(f, ", {} of them because of days on which nobody can", days(*paused))?;
                }
                f.write_str(": the next one would begin before this one is done")
            }
            Self::CyclesOutOfOrder { id } => {
                write!(f, "the cycle '{id}' does not begin after the one before it")
            }
            Self::ReleasesTooLate { id, after, room } => write!(
                f,
                "when '{id}' begins, the releases before it are done only {} later; with this \
                 overlap and canary there are {}",
                days(*after),
                days(*room)
            ),
            Self::NoCycle => f.write_str("the term is a cycle, but no cycle is declared"),
        }
    }
}
