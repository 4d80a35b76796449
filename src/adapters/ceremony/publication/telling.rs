//! What a publication says of a target that does not do what it should.

use super::super::custody::{short, some_facts};
use super::super::remarks::{Problem, remark};
use super::super::{Done, done, receipt};
use crate::domain::finding::FindingId;
use crate::domain::publication::{DriftRow, NOT_DONE, Verdict};
use crate::domain::worded::Worded as _;
use crate::engine::effect::Value;
use crate::engine::event::{Remark, Weight};
use crate::engine::place::PlaceError;
use crate::engine::ports::{Job, Outcome};

/// What helps where a target does not do it.
const WHEN_IT_ANSWERS: &str = "look again when it answers: that publishes it";

/// What is said of an incident.
const FOREIGN: &str = "nothing is written there. If somebody of the team has published what this \
                       workspace lacks, take the newest workspace (git pull, keyrite carry in) and \
                       begin again. Otherwise save what is there: it is evidence, and \
                       docs/guides/publication.md says how to go on. The other targets get it when \
                       that is on record";
/// The same, of one that serves less than it did.
const ROLLBACK: &str = "find out who took it away, and save what is there. If that is on record, it is \
                        published there once more, with the others";

/// Whether people have seen it so before they agreed.
pub(super) fn was_seen(job: &Job<'_>, row: &DriftRow) -> bool {
    job.effect.text("seen") == row.verdict().word()
}

/// What is not to be written over; it stops the run where nobody has put it on
/// record yet.
pub(super) fn incident(job: &Job<'_>, row: &DriftRow) -> Option<Remark> {
    let verdict = row.verdict();
    let remedy = match verdict {
        Verdict::Foreign => FOREIGN,
        Verdict::Rollback => ROLLBACK,
        Verdict::Unreachable | Verdict::Missing | Verdict::Stale | Verdict::Match => return None,
    };
    let weight = if was_seen(job, row) { Weight::Told } else { Weight::Stops };
    let said = some_facts(row.words()).join("; ");
    let message = short(&format!("{} is {}: {said}", row.target.id, verdict.word()));
    Some(remark(FindingId::Pub002, weight, message, remedy))
}

pub(super) fn state(state: &str, written: Vec<String>) -> Outcome {
    let mut receipt = receipt([("state", state.to_owned())]);
    receipt.insert("written".to_owned(), Value::List(some_facts(written)));
    done(receipt)
}

/// A target that does not do it keeps the others waiting only when all of them
/// have had their turn.
pub(super) fn not_done(job: &Job<'_>, id: &str, waits: bool, problem: Problem) -> Done {
    let (finding, why, helps) = match problem {
        Problem::WrongSecret(_) | Problem::InDoubt(_) => return Err(problem),
        Problem::Refused(remark) => (remark.id, remark.message, remark.remedy),
        Problem::Failed(why) => (FindingId::Pub001, why, WHEN_IT_ANSWERS.to_owned()),
    };
    let is_last = !job.effect.text("last").is_empty();
    let (weight, remedy) = match is_last && waits {
        true => {
            let more = "the run can be left meanwhile; whoever goes on without it says why";
            (Weight::Stops, format!("{helps}; {more}"))
        }
        false if is_last => {
            (Weight::Told, format!("no rotation waits for it: publish there another day; {helps}"))
        }
        false => (Weight::Told, "the others have their turn, then it is tried again".to_owned()),
    };
    let message = short(&format!("{id} has not taken it, and nothing is lost: {why}"));
    let remarks = vec![remark(finding, weight, message, &remedy)];
    Ok(Outcome { remarks, ..state(NOT_DONE, Vec::new()) })
}

/// A target that cannot be looked at, because nobody knows any more where it
/// is.
pub(super) fn not_seen(job: &Job<'_>, waits: bool, problem: Problem) -> Done {
    if matches!(problem, Problem::WrongSecret(_) | Problem::InDoubt(_)) {
        return Err(problem);
    }
    let weight = if waits { Weight::Stops } else { Weight::Told };
    let why = short(&problem.words());
    let mut receipt = receipt([("verdict", Verdict::Unreachable.word().to_owned())]);
    receipt.insert("there".to_owned(), Value::List(vec![why.clone()]));
    let message = short(&format!("nobody has looked at {}: {why}", job.effect.text("target")));
    let remedy = "put keyrite.toml back as it was, and look again";
    Ok(Outcome { receipt, remarks: vec![remark(FindingId::Pub007, weight, message, remedy)] })
}

#[expect(clippy::needless_pass_by_value, reason = "it is what a failure has")]
pub(super) fn trouble(error: PlaceError) -> Problem {
    let message = short(&error.to_string());
    let remedy = match error {
        PlaceError::Unreachable { .. } | PlaceError::Refused { .. } | PlaceError::Absent { .. } => {
            return Problem::Failed(message);
        }
        PlaceError::InDoubt { .. } => return Problem::InDoubt(message),
        PlaceError::OtherPlace { .. } => {
            "nothing was sent; sign in to the right account, or correct the place in keyrite.toml, \
             and look again"
        }
        PlaceError::Changed { .. } => {
            "nothing was written over what somebody else has put there; find out who it was, and \
             publish there with a run of its own"
        }
        PlaceError::Unfit { .. } | PlaceError::Unable { .. } => {
            "nothing was written; mend what is there, or correct the target in keyrite.toml, and \
             look again"
        }
    };
    Problem::forbidden(FindingId::Pub007, message, remedy)
}
