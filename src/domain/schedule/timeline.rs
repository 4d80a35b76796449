//! The keys of a consumer side by side in time: those that are there, those
//! that are planned, and where none can sign.

use super::{ActionKind, Line, Progress, Term, Turn, days_after, turns};
use crate::domain::timestamp::Timestamp;

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
        let Some(ends) = self.ends else {
            track.gap(
                now,
                Some(self.earliest(now)),
                "it has no key that can sign, and a successor takes \
                                                that long",
            );
            return track;
        };
        let from = self.begins.unwrap_or(ends);
        track.keys.push(Lifetime { from, until: Some(ends), is_planned: false });
        track.turns = turns(&self.rule, ends, self.primary_ends, until);
        if self.progress < Progress::Active {
            let earliest = self.earliest(now);
            if earliest > ends {
                track.gap(
                    ends,
                    Some(earliest),
                    "the successor cannot sign earlier, even if all is \
                                           begun today",
                );
            }
        }
        for (index, turn) in track.turns.clone().into_iter().enumerate() {
            self.clash(&turn, &mut track);
            if turn.new_ends <= turn.old_ends {
                let why = match self.primary_ends {
                    Some(_) if !self.runs_out_of_cycles(&turn) => {
                        "the primary key ends: extend it, or no successor can outlive its \
                         predecessor"
                    }
                    _ => "no cycle is declared after that",
                };
                track.gap(turn.old_ends, None, why);
                track.turns.truncate(index);
                break;
            }
            let until = Some(turn.new_ends);
            // What should have been published and was not begins today.
            let is_late = index == 0 && self.progress < Progress::Published;
            let from = if is_late { turn.publish.max(now.midnight()) } else { turn.publish };
            track.keys.push(Lifetime { from, until, is_planned: true });
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

    fn runs_out_of_cycles(&self, turn: &Turn) -> bool {
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

impl Track {
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
