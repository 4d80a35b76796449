//! What a place says, as far as it can stand in the record: whoever answers
//! there must not be able to fill it.

use super::super::remarks::Problem;
use crate::domain::text::clip;
use crate::domain::workspace::Slot as Declared;
use crate::engine::place::PlaceError;

/// The longest name of a version and the longest fact, in characters.
const LONGEST: usize = 300;
/// The most facts of a place.
const FACTS: usize = 60;
/// The longest error, in characters.
const MESSAGE: usize = 1000;

/// What went wrong.
pub(super) fn message(error: &PlaceError) -> String {
    short(&error.to_string())
}

/// As much of a message as can stand in the record.
pub(in super::super) fn short(message: &str) -> String {
    clip(message, MESSAGE, "...")
}

/// Of something that may have been done before, nobody says here that nothing
/// was changed.
#[expect(clippy::needless_pass_by_value, reason = "it is what a failure has")]
pub(super) fn in_doubt(error: PlaceError) -> Problem {
    Problem::InDoubt(message(&error))
}

/// The name of a version, if it can stand in the record.
pub(super) fn named(declared: &Declared, version: String) -> Result<String, Problem> {
    let is_short = (1..=LONGEST).contains(&version.len());
    if is_short && version.chars().all(|c| c.is_ascii_graphic()) {
        return Ok(version);
    }
    Err(Problem::InDoubt(format!("{} calls a version by what is no name", declared.place)))
}

/// What a place says of itself, as far as people read it.
pub(in super::super) fn some_facts(facts: Vec<String>) -> Vec<String> {
    let more = facts.len().saturating_sub(FACTS);
    let clipped = facts.into_iter().take(FACTS).map(|fact| clip(&fact, LONGEST, "..."));
    let more = (more > 0).then(|| format!("and {more} more"));
    clipped.chain(more).collect()
}
