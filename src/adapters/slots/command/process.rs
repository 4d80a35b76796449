//! A program that is handed something on its standard input, for a while.

use std::io::{self, ErrorKind, Read, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};

use crate::adapters::clock::Stopwatch;

/// How much of what it says is kept of each stream, in bytes.
const OUTPUT: usize = 8 * 1024;
/// What is read at once, in bytes.
const CHUNK: usize = 4 * 1024;

/// How a program ended; absent where it had to be ended.
pub(super) type Ended = Option<ExitStatus>;

/// Runs a program in a group of its own; tells how it ended and what it said.
/// What it leaves behind in that group ends with it.
pub(super) fn run(
    mut command: Command,
    input: &[u8],
    time: Duration,
) -> io::Result<(Ended, Vec<u8>)> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.process_group(0).spawn()?;
    let group = Pid::from_child(&child);
    let mut said = [Vec::new(), Vec::new()];
    let handed = hand(&mut child, input, time, &mut said);
    // It has not been waited for: its number is still its own.
    let _ = kill_process_group(group, Signal::KILL);
    let status = child.wait()?;
    Ok((handed?.then_some(status), said.concat()))
}

/// Writes and reads until it has ended; whether it did so in time. Pipes that
/// somebody else still holds are not waited for.
fn hand(
    child: &mut Child,
    mut input: &[u8],
    time: Duration,
    said: &mut [Vec<u8>; 2],
) -> io::Result<bool> {
    let end = pidfd_open(Pid::from_child(child), PidfdFlags::empty())?;
    let (mut stdin, mut stdout, mut stderr) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take());
    unblock(stdin.as_ref())?;
    unblock(stdout.as_ref())?;
    unblock(stderr.as_ref())?;
    let clock = Stopwatch::start();
    let [of_stdout, of_stderr] = said;
    loop {
        let mut waited = vec![PollFd::new(&end, PollFlags::IN)];
        waited.extend(stdin.as_ref().map(|pipe| PollFd::new(pipe, PollFlags::OUT)));
        waited.extend(stdout.as_ref().map(|pipe| PollFd::new(pipe, PollFlags::IN)));
        waited.extend(stderr.as_ref().map(|pipe| PollFd::new(pipe, PollFlags::IN)));
        let left = time.saturating_sub(clock.elapsed());
        if left.is_zero() {
            return Ok(false);
        }
        let left = Timespec::try_from(left).map_err(io::Error::other)?;
        match poll(&mut waited, Some(&left)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let has_ended = waited.first().is_some_and(|end| !end.revents().is_empty());
        drop(waited);
        if let Some(pipe) = &mut stdin {
            match pipe.write(input) {
                Ok(written) => input = input.get(written..).unwrap_or_default(),
                Err(error) if is_for_later(&error) => {}
                // A program that has read enough closes its end.
                Err(_) => input = &[],
            }
        }
        if input.is_empty() {
            stdin = None;
        }
        listen(&mut stdout, of_stdout);
        listen(&mut stderr, of_stderr);
        if has_ended {
            return Ok(true);
        }
    }
}

fn unblock(pipe: Option<&impl std::os::fd::AsFd>) -> io::Result<()> {
    let Some(pipe) = pipe else { return Ok(()) };
    let flags = fcntl_getfl(pipe.as_fd())?;
    Ok(fcntl_setfl(pipe.as_fd(), flags | OFlags::NONBLOCK)?)
}

fn is_for_later(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

/// All that has come, of which the beginning is kept.
fn listen(pipe: &mut Option<impl Read>, said: &mut Vec<u8>) {
    let mut chunk = [0; CHUNK];
    while let Some(open) = pipe {
        match open.read(&mut chunk) {
            Ok(0) => *pipe = None,
            Ok(length) => {
                let room = OUTPUT.saturating_sub(said.len()).min(length);
                said.extend_from_slice(chunk.get(..room).unwrap_or_default());
                // Who talks without end is looked at in between.
                return;
            }
            Err(error) if is_for_later(&error) => return,
            Err(_) => *pipe = None,
        }
    }
}
