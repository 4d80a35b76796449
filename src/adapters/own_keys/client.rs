//! The side that asks: starts the process, writes the request, reads the
//! answer on a thread of its own.

use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use super::protocol::{self, Answer, Outcome, Request};
use super::{OwnKey, OwnKeyError, OwnKeys, SigningRequest};
use crate::domain::timestamp::Timestamp;
use crate::engine::secret::Secret;

/// The command that makes this program the other side.
const COMMAND: [&str; 2] = ["own-keys", "answer"];

/// Seconds for what needs nobody: agents are started in that time.
const ALONE: u64 = 60;

/// Seconds for what may wait for a person at pinentry, or for a card.
const WITH_A_PERSON: u64 = 600;

impl OwnKeys {
    /// The keys that could sign at that time.
    pub fn list(&self, at: Timestamp) -> Result<Vec<OwnKey>, OwnKeyError> {
        match self.ask(ALONE, &Request::List { at: at.unix() }, &[])? {
            Answer::Keys(keys) => Ok(keys),
            Answer::Signature(_) | Answer::Offered => Err(mixed_up()),
        }
    }

    /// A detached signature in ASCII armor.
    pub fn sign(&self, request: &SigningRequest<'_>) -> Result<String, OwnKeyError> {
        let head = Request::Sign {
            certificate: request.certificate.hex(),
            at: request.at.unix(),
            has_passphrase: request.passphrase.is_some(),
        };
        let mut frames = vec![request.public, request.data];
        frames.extend(request.passphrase.map(Secret::expose));
        match self.ask(WITH_A_PERSON, &head, &frames)? {
            Answer::Signature(armored) => Ok(armored),
            Answer::Keys(_) | Answer::Offered => Err(mixed_up()),
        }
    }

    /// Puts a public certificate into the person's certificate folder, so that
    /// its keys are found behind gpg-agent. Only after the person said yes.
    pub fn offer_certificate(&self, public: &[u8]) -> Result<(), OwnKeyError> {
        self.ask(ALONE, &Request::Offer, &[public]).map(|_| ())
    }

    fn ask(&self, seconds: u64, head: &Request, frames: &[&[u8]]) -> Outcome {
        let broken = |error: std::io::Error| OwnKeyError::BrokenOff(error.to_string());
        let mut child = self.start().map_err(broken)?;
        let answer = write(&mut child, head, frames)
            .map_err(broken)
            .and_then(|output| wait(output, Duration::from_secs(seconds)));
        // It has said all; what it has unlocked goes with it.
        let _ = child.kill();
        let _ = child.wait();
        answer?
    }

    fn start(&self) -> std::io::Result<Child> {
        #[expect(clippy::disallowed_methods, reason = "this is where the keystore is started")]
        let mut command = Command::new(&self.executable);
        command
            .args(COMMAND)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // The console draws on the terminal.
            .stderr(Stdio::null())
            .spawn()
    }
}

/// Writes the request, and returns where the answer will come from.
fn write(child: &mut Child, head: &Request, frames: &[&[u8]]) -> std::io::Result<ChildStdout> {
    let gone = || std::io::Error::from(std::io::ErrorKind::BrokenPipe);
    let mut input = child.stdin.take().ok_or_else(gone)?;
    protocol::write(&mut input, &serde_json::to_vec(head)?)?;
    for frame in frames {
        protocol::write(&mut input, frame)?;
    }
    child.stdout.take().ok_or_else(gone)
}

fn wait(mut output: ChildStdout, limit: Duration) -> Result<Outcome, OwnKeyError> {
    let (sender, receiver) = mpsc::channel();
    #[expect(clippy::disallowed_methods, reason = "reading a pipe has no time limit")]
    std::thread::spawn(move || {
        let frame = protocol::read(&mut output);
        let outcome = frame.and_then(|frame| Ok(serde_json::from_slice::<Outcome>(&frame)?));
        let _ = sender.send(outcome);
    });
    match receiver.recv_timeout(limit) {
        Ok(outcome) => outcome.map_err(|error| OwnKeyError::BrokenOff(error.to_string())),
        Err(_) => Err(OwnKeyError::NoAnswer(limit.as_secs())),
    }
}

fn mixed_up() -> OwnKeyError {
    OwnKeyError::BrokenOff("it answered something else".to_owned())
}
