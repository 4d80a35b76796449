//! What comes, beyond the next steps: rotations, gaps and clashes.

use crate::domain::plan::Plan;
use crate::domain::schedule::{Line, Trouble, Turn};
use crate::domain::timestamp::Timestamp;

/// Gaps and clashes up to `end`.
pub(super) fn troubles(
    now: Timestamp,
    plan: &Plan,
    end: Timestamp,
) -> impl Iterator<Item = (&str, Trouble)> {
    plan.lines.iter().flat_map(move |line| {
        let track = line.track(now, end);
        let soon: Vec<_> = track.troubles_until(end).cloned().collect();
        soon.into_iter().map(|trouble| (line.consumer.as_str(), trouble))
    })
}

/// A rotation to come.
pub(super) struct Coming<'a> {
    pub(super) line: &'a Line,
    /// Which one from now; 0 is the next.
    pub(super) number: usize,
    pub(super) turn: Turn,
}

/// The rotations of all consumers up to `until`, in their order.
pub(super) fn to_come(now: Timestamp, plan: &Plan, until: Timestamp) -> Vec<Coming<'_>> {
    let mut all: Vec<_> = plan
        .lines
        .iter()
        .flat_map(|line| {
            let turns = line.track(now, until).turns.into_iter().enumerate();
            turns.map(move |(number, turn)| Coming { line, number, turn })
        })
        .collect();
    all.sort_by_key(|coming| (coming.turn.generate, &coming.line.consumer));
    all
}
