//! Targets in ceremonies, in a build that has no network.

use super::remarks::Problem;
use super::{CeremonyHands, Done};
use crate::engine::ports::Job;

impl CeremonyHands {
    pub(super) fn make_publication(&self, job: &Job<'_>) -> Done {
        self.publish(job)
    }

    pub(super) fn look_at_target(&self, job: &Job<'_>) -> Done {
        self.publish(job)
    }

    #[expect(clippy::unused_self, reason = "as in a build that has a network")]
    pub(super) fn publish(&self, _: &Job<'_>) -> Done {
        let message = "this keyrite is built without a network: publish with one that has it";
        Err(Problem::Failed(message.to_owned()))
    }

    pub(super) fn prove_published(&self, job: &Job<'_>) -> Done {
        self.publish(job)
    }
}
