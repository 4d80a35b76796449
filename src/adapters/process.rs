//! A program that is handed something on its standard input, for a while.

use std::io::{self, ErrorKind, Read, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};
use zeroize::Zeroizing;

use crate::adapters::clock::Stopwatch;

/// What is read at once, in bytes.
const CHUNK: usize = 4 * 1024;

/// What starts a program in a session of its own.
#[cfg(feature = "network")]
const SETSID: &str = "/usr/bin/setsid";

/// What a program may take.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    pub(super) time: Duration,
    /// How much of what it says is kept of each stream, in bytes.
    pub(super) room: usize,
}

/// How a program ended, and what it said.
pub(super) struct Ran {
    /// Absent where it had to be ended.
    pub(super) status: Option<ExitStatus>,
    pub(super) stdout: Zeroizing<Vec<u8>>,
    pub(super) stderr: Zeroizing<Vec<u8>>,
}

/// Runs a program in a group of its own. What it leaves behind in that group
/// ends with it.
pub(super) fn run(mut command: Command, input: &[u8], bounds: Bounds) -> io::Result<Ran> {
    command.process_group(0);
    started(command, input, bounds)
}

/// Runs the program of that name, or at that path, in a session of its own, so
/// that it has no terminal to write to; `set` says the rest of it. Its exit
/// code is 126 or 127 where it cannot be started.
#[cfg(feature = "network")]
pub(super) fn run_without_terminal(
    program: &str,
    set: impl FnOnce(&mut Command),
    bounds: Bounds,
) -> io::Result<Ran> {
    let has_setsid = std::path::Path::new(SETSID).is_file();
    #[expect(clippy::disallowed_methods, reason = "programs are started by adapters")]
    let mut command = Command::new(if has_setsid { SETSID } else { program });
    if has_setsid {
        // Who leads a group already cannot lead a session.
        command.arg(program);
    } else {
        command.process_group(0);
    }
    set(&mut command);
    started(command, b"", bounds)
}

fn started(mut command: Command, input: &[u8], bounds: Bounds) -> io::Result<Ran> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let group = Pid::from_child(&child);
    let mut said = [Vec::new(), Vec::new()];
    let handed = hand(&mut child, input, bounds, &mut said);
    // It has not been waited for: its number is still its own.
    let _ = kill_process_group(group, Signal::KILL);
    let _ = child.kill();
    let status = child.wait()?;
    let [stdout, stderr] = said.map(Zeroizing::new);
    Ok(Ran { status: handed?.then_some(status), stdout, stderr })
}

/// Writes and reads until it has ended; whether it did so in time. Pipes that
/// somebody else still holds are not waited for.
fn hand(
    child: &mut Child,
    mut input: &[u8],
    Bounds { time, room }: Bounds,
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
        let _ = listen(&mut stdout, of_stdout, room) | listen(&mut stderr, of_stderr, room);
        if has_ended {
            // What it has said before is still in the pipes.
            while of_stdout.len() < room && listen(&mut stdout, of_stdout, room) {}
            while of_stderr.len() < room && listen(&mut stderr, of_stderr, room) {}
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

/// Some of what has come, of which the beginning is kept; whether there was
/// any. Who talks without end is looked at in between.
fn listen(pipe: &mut Option<impl Read>, said: &mut Vec<u8>, room: usize) -> bool {
    let mut chunk = [0; CHUNK];
    let Some(open) = pipe else { return false };
    match open.read(&mut chunk) {
        Ok(length) if length > 0 => {
            let room = room.saturating_sub(said.len()).min(length);
            said.extend_from_slice(chunk.get(..room).unwrap_or_default());
            true
        }
        Err(error) if is_for_later(&error) => false,
        Ok(_) | Err(_) => {
            *pipe = None;
            false
        }
    }
}
