//! One keyrite that holds a ceremony, its prompts and its end.

use std::io::{Read as _, Write as _};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

/// How long a prompt may take before it counts as never.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// What somebody does at a prompt.
pub(crate) enum Answer {
    /// What is wanted.
    Usual,
    /// That.
    Say(String),
    /// Closes the input.
    Leave,
}

/// What the program waits for.
pub(crate) struct Prompt {
    /// What it said since the last one.
    pub(crate) said: String,
    /// Its last line, without the colon.
    pub(crate) label: String,
    /// The digits that were last shown to be confirmed.
    pub(crate) subject: String,
    /// The place that was last shown to be confirmed.
    pub(crate) place: String,
}

impl Prompt {
    /// Whether the step of that title has just begun.
    pub(crate) fn is_at(&self, title: &str) -> bool {
        let title = format!(": {title}");
        self.said.lines().any(|line| line.starts_with("step ") && line.contains(&title))
    }
}

/// How a sitting ended.
#[derive(Debug)]
pub(crate) struct Sat {
    pub(crate) status: ExitStatus,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A keyrite that holds a ceremony.
pub(crate) struct Sitting {
    child: Child,
    input: Option<ChildStdin>,
    output: Receiver<Vec<u8>>,
    errors: std::thread::JoinHandle<String>,
    /// Everything that it has written.
    pub(crate) said: String,
    /// How much of it belongs to earlier prompts.
    answered: usize,
    subject: String,
    place: String,
}

impl Sitting {
    pub(crate) fn begin(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let (sender, output) = mpsc::channel();
        std::thread::spawn(move || {
            let mut buffer = vec![0; 65536];
            while let Ok(length @ 1..) = out.read(&mut buffer) {
                if sender.send(buffer[..length].to_vec()).is_err() {
                    return;
                }
            }
        });
        let errors = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = err.read_to_end(&mut bytes);
            String::from_utf8_lossy(&bytes).into_owned()
        });
        let input = child.stdin.take();
        let (said, subject, place) = (String::new(), String::new(), String::new());
        Self { child, input, output, errors, said, answered: 0, subject, place }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits for a prompt; none comes where the program has ended.
    pub(crate) fn prompt(&mut self) -> Option<Prompt> {
        loop {
            if let Some(prompt) = self.waiting() {
                return Some(prompt);
            }
            match self.output.recv_timeout(PATIENCE) {
                Ok(bytes) => self.said.push_str(&String::from_utf8_lossy(&bytes)),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => {
                    let _ = self.child.kill();
                    panic!("it hangs:\n{}", self.said);
                }
            }
        }
    }

    fn waiting(&mut self) -> Option<Prompt> {
        let said = &self.said[self.answered..];
        let label = label(said)?;
        if let Some(subject) = subject(said) {
            self.subject = subject;
        }
        if let Some((_, place)) = said.rsplit_once("\nplace: ") {
            self.place = place.lines().next().unwrap_or_default().to_owned();
        }
        let (said, label) = (said.to_owned(), label.to_owned());
        self.answered = self.said.len();
        Some(Prompt { said, label, subject: self.subject.clone(), place: self.place.clone() })
    }

    pub(crate) fn say(&mut self, text: &str) {
        // One that has just been killed hears nothing.
        let _ = self.input.as_mut().map(|input| writeln!(input, "{text}"));
    }

    /// Closes its input.
    pub(crate) fn leave(&mut self) {
        self.input = None;
    }

    /// Kills it at once.
    pub(crate) fn kill(mut self) -> Sat {
        self.child.kill().unwrap();
        self.end()
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Sat {
        self.leave();
        while let Ok(bytes) = self.output.recv_timeout(PATIENCE) {
            self.said.push_str(&String::from_utf8_lossy(&bytes));
        }
        let status = self.child.wait().unwrap();
        Sat { status, out: self.said, err: self.errors.join().unwrap() }
    }
}

/// The prompt at the end of what was said.
pub(crate) fn label(said: &str) -> Option<&str> {
    let label = said.rsplit('\n').next()?.strip_suffix(": ")?;
    let is_field = label.starts_with(|c: char| c.is_ascii_lowercase());
    (is_field || label.contains("Enter")).then_some(label)
}

/// The digits that are shown to be confirmed.
pub(crate) fn subject(said: &str) -> Option<String> {
    let (_, shown) = said.rsplit_once("\nconfirm (")?;
    let (shown, _) = shown.split_once("\nnothing is done before")?;
    let digits = shown.split_once(':')?.1.trim().trim_start_matches("sha256:");
    Some(digits.chars().filter(|c| !c.is_whitespace()).collect())
}
