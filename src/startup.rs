//! What must happen before the first thread starts.

/// Prepares the process.
///
/// Sequoia makes an error value for much that is no failure; where the person
/// has set `RUST_BACKTRACE`, each would capture a backtrace under a global
/// lock, which doubles the time of reading and stops it scaling. Backtraces
/// of panics stay as they are set.
pub fn prepare() {
    #[expect(
        unsafe_code,
        reason = "setting a variable is unsafe while other threads may read; there are none yet"
    )]
    // SAFETY: called first in `main`, before any thread is started.
    unsafe {
        std::env::set_var("RUST_LIB_BACKTRACE", "0");
    }
}
