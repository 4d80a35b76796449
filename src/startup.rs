//! What must happen before the first thread starts.

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
use rustix::thread::set_no_new_privs;

/// Prepares the process.
pub fn prepare() {
    close();
    quieten();
}

/// Keeps the memory from core files and from other programs of the same user,
/// and more rights from every program that is started.
///
/// What fails stops nothing here: the preflight reads back what holds, and
/// finds it (HST-004, HST-005).
fn close() {
    let nothing = Rlimit { current: Some(0), maximum: Some(0) };
    let _ = setrlimit(Resource::Core, nothing);
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    let _ = set_no_new_privs(true);
}

/// Switches off backtraces that nobody reads.
///
/// Sequoia makes an error value for much that is no failure; where the person
/// has set `RUST_BACKTRACE`, each would capture a backtrace under a global
/// lock, which doubles the time of reading and stops it scaling. Backtraces
/// of panics stay as they are set.
fn quieten() {
    #[expect(
        unsafe_code,
        reason = "setting a variable is unsafe while other threads may read; there are none yet"
    )]
    // SAFETY: `prepare` is called first in `main`, before any thread is started.
    unsafe {
        std::env::set_var("RUST_LIB_BACKTRACE", "0");
    }
}
