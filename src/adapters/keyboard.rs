//! What was typed on a terminal before anything was asked.

use std::io::{self, IsTerminal as _};

use rustix::io::ioctl_fionread;
use rustix::termios::{QueueSelector, tcflush};

/// Throws away what was typed on standard input so far, where that is a
/// terminal; says whether there was anything.
#[must_use]
pub fn forget_typed() -> bool {
    let input = io::stdin();
    if !input.is_terminal() {
        return false;
    }
    let is_typed = ioctl_fionread(&input).is_ok_and(|waiting| waiting > 0);
    // A terminal that cannot is one that has nothing.
    let _ = tcflush(&input, QueueSelector::IFlush);
    is_typed
}
