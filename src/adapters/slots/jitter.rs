//! Waits before a place is asked again.

use std::time::Duration;

/// Between half and the whole of it, so that not all ask at the same time.
pub(super) fn jitter(pause: Duration) -> Duration {
    let mut byte = [0];
    // Without it the wait is the shortest.
    let _ = openssl::rand::rand_bytes(&mut byte);
    let [byte] = byte;
    pause / 2 + pause * u32::from(byte) / 512
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_differ_within_their_bounds() {
        let pause = Duration::from_secs(8);
        let waits: Vec<_> = (0..50).map(|_| jitter(pause)).collect();
        assert!(waits.iter().all(|wait| *wait >= pause / 2 && *wait <= pause), "{waits:?}");
        assert!(waits.iter().any(|wait| *wait != waits[0]));
    }
}
