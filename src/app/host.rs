//! What front ends can ask about the machine.

use std::path::Path;

use super::App;
use crate::adapters::clock::Clock;
use crate::adapters::host;
use crate::domain::host::{Asked, HostFacts, Locality};
use crate::domain::timestamp::Timestamp;

impl App {
    /// Looks at the machine and at this process.
    #[must_use]
    pub fn host(&self) -> HostFacts {
        host::observe(Path::new("/"), &self.environment)
    }

    /// What the machine is asked for. The clock is always the system's: it
    /// dates signatures, whatever day the rest is asked about.
    #[must_use]
    pub fn ask_host(
        &self,
        locality: Locality,
        newest_signature: Option<Timestamp>,
        last_record: Option<Timestamp>,
    ) -> Asked {
        Asked { now: Clock::System.now(), newest_signature, last_record, locality }
    }
}
