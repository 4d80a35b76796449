//! Which of several reasons decides.

use super::{Reason, State};

/// Of two reasons against the same key the one that says more.
pub(super) fn graver(problem: Option<Reason>, reason: Reason) -> Reason {
    let weight = |reason: &Reason| match reason {
        Reason::Refused(_) => 0,
        Reason::SelfSignatureEnded { .. } => 1,
        Reason::NotYetValid { .. } => 2,
        Reason::NoSelfSignature
        | Reason::Revoked { .. }
        | Reason::Expired { .. }
        | Reason::Primary(_) => 3,
    };
    match problem {
        Some(problem) if weight(&problem) <= weight(&reason) => problem,
        _ => reason,
    }
}

/// Sorts the gravest reason to the front; it decides the state.
pub(super) fn sorted(reasons: Vec<Reason>) -> (State, Vec<Reason>) {
    // What holds for the primary key need not be said again where it holds for
    // the subkey itself.
    let mut kept: Vec<Reason> = Vec::new();
    for reason in reasons {
        if !kept.iter().any(|known| known.says_the_same_as(&reason)) {
            kept.push(reason);
        }
    }
    let mut reasons = kept;
    reasons.sort_by_key(Reason::state);
    (reasons.first().map_or(State::Valid, Reason::state), reasons)
}
