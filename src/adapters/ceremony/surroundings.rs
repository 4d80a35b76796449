//! Time and chance of the real machine.

use crate::adapters::clock::{Clock, Stopwatch, boot_id};
use crate::engine::journal::Moment;
use crate::engine::passphrase::{PassphraseKind, generate_passphrase};
use crate::engine::ports::Surroundings;
use crate::engine::secret::Secret;

/// The system's clock and its generator.
#[derive(Debug)]
pub struct Machine {
    stopwatch: Stopwatch,
    boot: String,
}

impl Machine {
    /// Of the present process.
    #[must_use]
    pub fn new() -> Self {
        Self { stopwatch: Stopwatch::start(), boot: boot_id() }
    }
}

impl Default for Machine {
    fn default() -> Self {
        Self::new()
    }
}

impl Surroundings for Machine {
    fn moment(&self) -> Moment {
        let mono = self.stopwatch.elapsed().as_millis();
        Moment {
            at: Clock::System.now(),
            mono: i64::try_from(mono).unwrap_or(i64::MAX),
            boot: self.boot.clone(),
        }
    }

    fn random(&mut self, bytes: &mut [u8]) -> Result<(), String> {
        fill(bytes)
    }

    fn passphrase(&mut self) -> Result<Secret, String> {
        generate(PassphraseKind::Words)
    }
}

/// A passphrase for machines, which nobody has to type.
pub(super) fn machine_passphrase() -> Result<Secret, String> {
    generate(PassphraseKind::Ci)
}

fn generate(kind: PassphraseKind) -> Result<Secret, String> {
    let mut result = Ok(());
    let secret = generate_passphrase(&mut |bytes| result = fill(bytes), kind);
    result.map(|()| secret)
}

/// From the system's generator; it waits until that is ready.
fn fill(bytes: &mut [u8]) -> Result<(), String> {
    openssl::rand::rand_bytes(bytes).map_err(|_| "the system gives no random bytes".to_owned())
}
