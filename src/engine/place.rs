//! Why a place outside, a slot or a target, has not done what was asked of it.

use crate::domain::text::VisibleText;

/// Why something could not be done with a place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    /// It answers to nobody, or too slowly.
    #[error("{place} cannot be reached: {why}")]
    Unreachable {
        /// Which.
        place: String,
        /// Why.
        why: VisibleText,
    },
    /// It is on this machine, and is not there.
    #[error("{place} is not there: {why}")]
    Absent {
        /// Which.
        place: String,
        /// Why.
        why: VisibleText,
    },
    /// It does not let us.
    #[error("{place} refuses: {why}")]
    Refused {
        /// Which.
        place: String,
        /// Why, and what is lacking.
        why: VisibleText,
    },
    /// What answers is not the place that is declared.
    #[error("this is not {place}: {found}")]
    OtherPlace {
        /// Which it should be.
        place: String,
        /// What it is.
        found: VisibleText,
    },
    /// Somebody else has changed it.
    #[error("{place} was changed by somebody else since it was looked at")]
    Changed {
        /// Which.
        place: String,
    },
    /// It does not take what is to be put there.
    #[error("{place} does not take it: {why}")]
    Unfit {
        /// Which.
        place: String,
        /// Why.
        why: String,
    },
    /// It cannot do that.
    #[error("{place} has no way to {what}")]
    Unable {
        /// Which.
        place: String,
        /// What.
        what: &'static str,
    },
    /// It may have been done, or not.
    #[error("whether it was done at {place} is not known: {why}")]
    InDoubt {
        /// Which.
        place: String,
        /// Why.
        why: VisibleText,
    },
}
