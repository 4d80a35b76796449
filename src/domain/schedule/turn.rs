//! The instants of one rotation after the other.

use super::{Blackout, Cycle, Rule, Term, days_after, days_before};
use crate::domain::timestamp::Timestamp;

/// Rotations that are looked ahead at the most; more than a century of
/// monthly ones.
const MAX_TURNS: usize = 2_000;

/// One rotation: a key hands over to its successor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The successor is made (`Tgen`).
    pub generate: Timestamp,
    /// Its certificate is published (`Tpub`).
    pub publish: Timestamp,
    /// It begins to sign (`Tact`).
    pub activate: Timestamp,
    /// The old key's secret is taken away (`Tret`).
    pub retire: Timestamp,
    /// The old key ends (`Tdea`).
    pub old_ends: Timestamp,
    /// The successor ends.
    pub new_ends: Timestamp,
}

impl Rule {
    /// The rotation from a key that ends at `old_ends`; the successor ends
    /// before `primary_ends`, if that is known.
    ///
    /// Blackouts push a step earlier, never later, and with it everything
    /// before it; the watch over the new key keeps its length.
    #[must_use]
    pub fn turn(&self, old_ends: Timestamp, primary_ends: Option<Timestamp>) -> Turn {
        let w = &self.windows;
        let mut activate = days_before(old_ends, w.slack.saturating_add(w.overlap));
        if let Some(cycle) = self.cycle_of(old_ends) {
            // Not in service before the releases of the cycle before are done.
            let latest = days_before(old_ends, w.slack.saturating_add(w.canary));
            activate = activate.max(cycle.previous_done).min(latest);
        }
        // People plan days; the plan of a day is the same from its first to
        // its last minute.
        activate = self.clear_day(activate.midnight());
        // Taking the old secret away needs people, too.
        loop {
            let retire = days_after(activate, w.canary);
            let earlier = self.clear_day(retire);
            if earlier == retire {
                break;
            }
            activate = self.clear_day(days_before(earlier, w.canary));
        }
        let publish = self.clear_day(days_before(activate, w.lead()));
        let made = days_before(publish, w.ceremony_buffer.saturating_add(w.attest));
        let generate = self.clear_day(made);
        let retire = days_after(activate, w.canary);
        let new_ends = self.new_end(activate, old_ends, primary_ends);
        Turn { generate, publish, activate, retire, old_ends, new_ends }
    }

    /// When a key ends that becomes active then, bounded by its primary key.
    pub(super) fn new_end(
        &self,
        activate: Timestamp,
        old_ends: Timestamp,
        primary_ends: Option<Timestamp>,
    ) -> Timestamp {
        let unbound = self.end_of_use(activate, old_ends);
        primary_ends.map_or(unbound, |end| unbound.min(days_before(end, self.margin)))
    }

    /// When a key ends that becomes active then.
    fn end_of_use(&self, activate: Timestamp, old_ends: Timestamp) -> Timestamp {
        let tail = self.windows.overlap.saturating_add(self.windows.slack);
        match &self.term {
            Term::Calendar(period) => days_after(activate.after(*period), tail),
            Term::Cycles(cycles) => {
                let next = cycles.iter().find(|cycle| days_after(cycle.begins, tail) > old_ends);
                next.map_or(old_ends, |cycle| days_after(cycle.begins, tail))
            }
        }
    }

    /// The cycle at whose beginning a key ends that ends then.
    pub(super) fn cycle_of(&self, old_ends: Timestamp) -> Option<&Cycle> {
        let Term::Cycles(cycles) = &self.term else { return None };
        let tail = self.windows.overlap.saturating_add(self.windows.slack);
        let begins = days_before(old_ends, tail);
        cycles.iter().rev().find(|cycle| cycle.begins <= begins)
    }

    /// The instant itself, or the last midnight before the blackouts that it
    /// falls into.
    pub(super) fn clear_day(&self, instant: Timestamp) -> Timestamp {
        let mut clear = instant;
        // Each round leaves one blackout for good, because none is entered
        // from its end.
        for _ in 0..=self.blackouts.len() {
            let hit = self.blackouts.iter().find(|blackout| blackout.contains(clear));
            match hit {
                Some(blackout) => clear = days_before(blackout.from, 1),
                None => break,
            }
        }
        clear
    }
}

impl Blackout {
    fn contains(&self, instant: Timestamp) -> bool {
        self.from <= instant && instant < self.until
    }
}

/// All rotations from a key that ends at `first_end` up to `until`.
///
/// Ends early where a successor would not outlive its predecessor: there the
/// cycles, or the primary key, end.
#[must_use]
pub fn turns(
    rule: &Rule,
    first_end: Timestamp,
    primary_ends: Option<Timestamp>,
    until: Timestamp,
) -> Vec<Turn> {
    let mut turns: Vec<Turn> = Vec::new();
    let mut end = first_end;
    while end <= until && turns.len() < MAX_TURNS {
        let turn = rule.turn(end, primary_ends);
        turns.push(turn);
        if turn.new_ends <= end {
            break;
        }
        end = turn.new_ends;
    }
    turns
}
