//! The keys of a consumer side by side in time: those that are there, those
//! that are planned, and where none can sign.

use std::fmt;

use super::{ActionKind, Line, Progress, Term, Turn, days_after, turns};
use crate::domain::timestamp::Timestamp;

/// Why a successor does not help.
const PRIMARY_ENDS: &str =
    "the primary key ends soon: extend it, or no successor can outlive its predecessor";

/// The keys of one consumer in time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Track {
    /// Keys, each after the one before.
    pub keys: Vec<Lifetime>,
    /// The rotations between them.
    pub turns: Vec<Turn>,
    /// What is wrong with it, in order.
    pub troubles: Vec<Trouble>,
}

/// For how long a key can sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    /// From when on.
    pub from: Timestamp,
    /// Until when; absent: without end.
    pub until: Option<Timestamp>,
    /// Whether it is there, or only planned.
    pub is_planned: bool,
}

/// Something that the plan cannot hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What it is.
    pub kind: TroubleKind,
    /// From when on.
    pub from: Timestamp,
    /// Until when; absent: as far as one can see.
    pub until: Option<Timestamp>,
    /// Why, in words.
    pub why: String,
}

/// The kinds of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TroubleKind {
    /// No key can sign.
    Gap,
    /// Two wishes contradict each other.
    Clash,
}

impl TroubleKind {
    /// The word of screens and documents.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Gap => "gap",
            Self::Clash => "clash",
        }
    }
}

impl Line {
    /// The track of this consumer's keys from one instant up to another.
    #[must_use]
    pub fn track(&self, now: Timestamp, until: Timestamp) -> Track {
        let mut track = Track::default();
        if let Some(ends) = self.ends {
            let from = self.begins.unwrap_or(ends);
            let until = Some(ends).filter(|_| !self.is_endless);
            track.keys.push(Lifetime { from, until, is_planned: false });
        }
        let earliest = self.earliest(now);
        let is_late =
            self.progress < Progress::Active && self.ends.is_none_or(|ends| ends < earliest);
        let first_end = match self.ends {
            Some(ends) if !is_late => ends,
            ends => {
                // From here on it is planned from today.
                let turn = self.late_turn(now, ends.unwrap_or(now));
                if !self.is_endless {
                    let why = "a successor cannot sign earlier, even if all is begun today";
                    track.gap(turn.old_ends, Some(earliest), why);
                }
                if turn.new_ends <= earliest {
                    track.gap(earliest, None, PRIMARY_ENDS);
                    return track;
                }
                track.turns.push(turn);
                let until = Some(turn.new_ends);
                track.keys.push(Lifetime { from: turn.publish, until, is_planned: true });
                turn.new_ends
            }
        };
        let mut all = turns(&self.rule, first_end, self.primary_ends, until);
        if let Some(made) = self.made_until().filter(|_| !is_late)
            && let Some(first) = all.first_mut()
            && made > first.old_ends
        {
            // The successor is there, with an end of its own.
            first.new_ends = made;
            let first = *first;
            all = turns(&self.rule, made, self.primary_ends, until);
            all.insert(0, first);
        }
        for turn in all {
            self.clash(&turn, &mut track);
            if turn.new_ends <= turn.old_ends {
                let why = if self.runs_out_of_cycles(&turn) {
                    "no cycle is declared after that"
                } else {
                    PRIMARY_ENDS
                };
                track.gap(turn.old_ends, None, why);
                break;
            }
            track.turns.push(turn);
            let until = Some(turn.new_ends);
            track.keys.push(Lifetime { from: turn.publish, until, is_planned: true });
        }
        track
    }

    /// The first day on which a successor can sign, if its next step is done
    /// today.
    #[must_use]
    pub fn earliest(&self, now: Timestamp) -> Timestamp {
        let w = &self.rule.windows;
        let days = match self.progress {
            Progress::Nothing => {
                w.ceremony_buffer.saturating_add(w.attest).saturating_add(w.lead())
            }
            Progress::Generated => w.lead(),
            Progress::Published | Progress::Active | Progress::Retired => 0,
        };
        days_after(now.midnight(), days)
    }

    /// When the successor ends, where it is made.
    fn made_until(&self) -> Option<Timestamp> {
        let is_made = (Progress::Generated..=Progress::Active).contains(&self.progress);
        self.successor.filter(|_| is_made).and_then(|(_, until)| until)
    }

    /// The rotation whose steps are all done as early as they can be.
    pub(super) fn late_turn(&self, now: Timestamp, old_ends: Timestamp) -> Turn {
        let (today, activate) = (now.midnight(), self.earliest(now));
        let windows = &self.rule.windows;
        Turn {
            generate: today,
            publish: super::days_before(activate, windows.lead()).max(today),
            activate,
            retire: days_after(activate, windows.canary),
            old_ends,
            new_ends: self.rule.new_end(activate, activate, self.primary_ends),
        }
    }

    pub(super) fn runs_out_of_cycles(&self, turn: &Turn) -> bool {
        match &self.rule.term {
            Term::Calendar(_) => false,
            Term::Cycles(cycles) => {
                let tail = self.rule.windows.overlap.saturating_add(self.rule.windows.slack);
                !cycles.iter().any(|cycle| days_after(cycle.begins, tail) > turn.old_ends)
            }
        }
    }

    /// A blackout can push the first use to before the releases of the cycle
    /// before are done.
    fn clash(&self, turn: &Turn, track: &mut Track) {
        let Some(cycle) = self.rule.cycle_of(turn.old_ends) else { return };
        if turn.activate < cycle.previous_done {
            track.troubles.push(Trouble {
                kind: TroubleKind::Clash,
                from: turn.activate,
                until: Some(cycle.previous_done),
                why: format!(
                    "nobody can be asked later, so the key would sign from {}, but the releases \
                     before '{}' are done only {}",
                    turn.activate.date(),
                    cycle.id,
                    cycle.previous_done.date()
                ),
            });
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} from {}", self.kind.word(), self.from.date())?;
        if let Some(until) = self.until {
            write!(f, " to {}", until.date())?;
        }
        write!(f, ": {}", self.why)
    }
}

impl Track {
    /// What is wrong with it now or soon.
    pub fn troubles_until(&self, end: Timestamp) -> impl Iterator<Item = &Trouble> {
        self.troubles.iter().filter(move |trouble| trouble.from < end)
    }

    fn gap(&mut self, from: Timestamp, until: Option<Timestamp>, why: &str) {
        let kind = TroubleKind::Gap;
        self.troubles.push(Trouble { kind, from, until, why: why.to_owned() });
    }

    /// The planned steps, with their days.
    pub fn steps(&self) -> impl Iterator<Item = (ActionKind, Timestamp)> {
        self.turns.iter().flat_map(|turn| {
            [
                (ActionKind::Generate, turn.generate),
                (ActionKind::Publish, turn.publish),
                (ActionKind::Activate, turn.activate),
                (ActionKind::Retire, turn.retire),
            ]
        })
    }
}
