//! Where the time comes from.

use rustix::time::{ClockId, clock_gettime};

use crate::domain::timestamp::Timestamp;

/// The clock of this run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// The system's.
    System,
    /// Stopped: in the demo, and where a person asks about another day.
    Stopped(Timestamp),
}

impl Clock {
    /// The present instant.
    #[must_use]
    pub fn now(self) -> Timestamp {
        match self {
            Self::Stopped(at) => at,
            Self::System => {
                #[expect(clippy::disallowed_methods, reason = "this is the clock")]
                let now = std::time::SystemTime::now();
                let seconds =
                    now.duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs());
                Timestamp::from_unix(i64::try_from(seconds).unwrap_or(i64::MAX))
            }
        }
    }
}

/// What the kernel's clock says. It is asked without the system's library,
/// because tools that show programs another day (faketime) stand there.
#[must_use]
pub(super) fn of_the_kernel() -> Timestamp {
    Timestamp::from_unix(clock_gettime(ClockId::Realtime).tv_sec)
}

/// Measures durations, for pacing.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(std::time::Instant);

impl Stopwatch {
    /// Starts to measure.
    #[must_use]
    pub fn start() -> Self {
        #[expect(clippy::disallowed_methods, reason = "this is the clock")]
        let now = std::time::Instant::now();
        Self(now)
    }

    /// How long ago that was.
    #[must_use]
    pub fn elapsed(self) -> std::time::Duration {
        self.0.elapsed()
    }
}

/// Names the time since the machine was started; empty where the system does
/// not tell.
#[must_use]
pub fn boot_id() -> String {
    let path = std::path::Path::new("/proc/sys/kernel/random/boot_id");
    let bytes = super::sources::read_file(path).unwrap_or_default();
    String::from_utf8_lossy(&bytes).trim().to_owned()
}
