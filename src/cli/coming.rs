//! What comes, beyond the next steps: rotations, gaps and clashes.

use crate::domain::plan::Plan;
use crate::domain::schedule::{HORIZON, Line, Trouble, Turn, turns};
use crate::domain::timestamp::Timestamp;

/// Gaps and clashes of the time that one can plan for.
pub(super) fn troubles(now: Timestamp, plan: &Plan) -> impl Iterator<Item = (&str, Trouble)> {
    let end = now.after(HORIZON);
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
pub(super) fn to_come(lines: &[Line], until: Timestamp) -> Vec<Coming<'_>> {
    let mut all: Vec<_> = lines
        .iter()
        .filter_map(|line| Some((line, line.ends?)))
        .flat_map(|(line, ends)| {
            let turns = turns(&line.rule, ends, line.primary_ends, until);
            turns.into_iter().enumerate().map(|(number, turn)| Coming { line, number, turn })
        })
        .collect();
    all.sort_by_key(|coming| (coming.turn.generate, &coming.line.consumer));
    all
}
