//! The real binary in a real pseudo-terminal, watched by a terminal emulator.

use std::io::{Read as _, Write};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

/// How long anything may take before it counts as never.
const PATIENCE: Duration = Duration::from_secs(20);

/// A terminal with a program in it.
pub(crate) struct Pty {
    master: Box<dyn MasterPty + Send>,
    pub(crate) child: Box<dyn Child + Send + Sync>,
    writer: Box<dyn Write + Send>,
    bytes: Receiver<Vec<u8>>,
    emulator: vt100::Parser,
    /// Every byte that the program has written.
    pub(crate) written: Vec<u8>,
}

impl Pty {
    /// Starts a program in a terminal of that size.
    pub(crate) fn start(program: &str, arguments: &[&str], home: &Path, size: (u16, u16)) -> Self {
        let (columns, rows) = size;
        let pair = native_pty_system()
            .openpty(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 })
            .unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.cwd(home);
        command.env_clear();
        command.env("HOME", home);
        command.env("PATH", "/usr/bin:/bin");
        command.env("LANG", "C.UTF-8");
        command.env("TERM", "xterm-256color");
        command.env("COLORTERM", "truecolor");
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (sender, bytes) = mpsc::channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..length].to_vec()).is_err() {
                    return;
                }
            }
        });
        let writer = pair.master.take_writer().unwrap();
        let emulator = vt100::Parser::new(size_of(rows), size_of(columns), 0);
        Self { master: pair.master, child, writer, bytes, emulator, written: Vec::new() }
    }

    /// Types bytes.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.writer.write_all(bytes).unwrap();
        self.writer.flush().unwrap();
    }

    /// The screen as text.
    pub(crate) fn screen(&self) -> String {
        self.emulator.screen().contents()
    }

    /// Waits until the screen satisfies `wanted`.
    #[track_caller]
    pub(crate) fn wait_until(&mut self, wanted: impl Fn(&vt100::Screen) -> bool) {
        let start = Instant::now();
        while !wanted(self.emulator.screen()) {
            let left = PATIENCE.saturating_sub(start.elapsed());
            match self.bytes.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    panic!("it never came; the screen:\n{}", self.screen())
                }
            }
        }
    }

    /// Waits until the screen says something.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, text: &str) {
        self.wait_until(|screen| screen.contents().contains(text));
    }

    /// Waits for more output; false at its end.
    #[track_caller]
    pub(crate) fn wait_for_more(&mut self) -> bool {
        match self.bytes.recv_timeout(PATIENCE) {
            Ok(bytes) => self.take(&bytes),
            Err(RecvTimeoutError::Disconnected) => return false,
            Err(RecvTimeoutError::Timeout) => panic!("it hangs; the screen:\n{}", self.screen()),
        }
        true
    }

    /// Waits until the program has ended, and takes what it still writes.
    #[track_caller]
    pub(crate) fn wait_for_end(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            let left = PATIENCE.saturating_sub(start.elapsed());
            match self.bytes.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Disconnected) => return self.child.wait().unwrap(),
                Err(RecvTimeoutError::Timeout) => {
                    panic!("it does not end; the screen:\n{}", self.screen())
                }
            }
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.written.extend_from_slice(bytes);
        self.emulator.process(bytes);
    }

    /// Sends a signal to the program.
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = self.child.process_id().unwrap();
        send_signal(pid, signal);
    }

    /// Gives the window another size.
    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        self.master
            .resize(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 })
            .unwrap();
        self.emulator.screen_mut().set_size(size_of(rows), size_of(columns));
    }

    /// Takes the terminal away from under the program, and waits for its end.
    pub(crate) fn vanish(self) -> ExitStatus {
        let Self { master, mut child, writer, bytes, .. } = self;
        // The thread that reads holds the terminal, too. It ends at the first
        // output that nobody wants, and another size makes the program draw.
        drop(bytes);
        master.resize(PtySize { rows: 30, cols: 90, pixel_width: 0, pixel_height: 0 }).unwrap();
        drop((writer, master));
        let start = Instant::now();
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                return status;
            }
            if start.elapsed() > PATIENCE {
                child.kill().unwrap();
                panic!("the program has not noticed that its terminal is gone");
            }
            std::thread::park_timeout(Duration::from_millis(5));
        }
    }

    /// Whether the terminal is in the modes of a shell: line by line, echoing.
    pub(crate) fn modes(&self) -> String {
        format!("{:?}", self.master.get_termios().unwrap())
    }

    /// Whether the main screen is shown, with cursor and plain paste.
    pub(crate) fn is_restored(&self) -> bool {
        let screen = self.emulator.screen();
        !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste()
    }
}

fn size_of(cells: u16) -> std::num::NonZero<u16> {
    std::num::NonZero::new(cells).unwrap()
}

/// Sends a signal to a process that a test has started.
pub(crate) fn send_signal(pid: u32, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
}
