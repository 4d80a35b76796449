//! Who goes on with a run: it has one holder, and is carried to the next.

use super::{IllegalMove, Run};
use crate::engine::event::Event;

/// Where a run is that was handed over, and has not come back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this run was handed over by {by} with the carry {carry}, and only the machine that takes it \
     over goes on with it; nothing was changed: take that carry in there, and bring the run back \
     with another; if the medium is lost: keyrite carry recall"
)]
pub struct Elsewhere {
    /// The carry that takes it there.
    pub carry: String,
    /// Who handed it over.
    pub by: String,
    /// The audit chain of the machine that did so.
    pub writer: String,
}

impl Run {
    /// Where it is, if another machine goes on with it.
    #[must_use]
    pub fn elsewhere(&self) -> Option<&Elsewhere> {
        self.elsewhere.as_ref()
    }

    /// Takes an event into account that passes the run on; says whether it is
    /// one. Nothing else happens to a run that is elsewhere.
    pub(super) fn pass_on(&mut self, event: &Event) -> Result<bool, IllegalMove> {
        match (&self.elsewhere, event) {
            (None, Event::HandedOver { carry, by, writer }) if self.pending.is_none() => {
                self.elsewhere = Some(Elsewhere {
                    carry: carry.clone(),
                    by: by.clone(),
                    writer: writer.clone(),
                });
                Ok(true)
            }
            (Some(there), Event::TakenOver { carry, .. } | Event::Recalled { carry, .. })
                if there.carry == *carry =>
            {
                self.elsewhere = None;
                Ok(true)
            }
            (Some(there), _) => Err(IllegalMove::Elsewhere(there.clone())),
            (None, _) => Ok(false),
        }
    }
}
