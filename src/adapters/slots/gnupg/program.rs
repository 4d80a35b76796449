//! gpg, on the home of a slot. What happened is told by its status lines,
//! never by exit codes.

use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::adapters::process::{self, Bounds};
use crate::engine::secret::Secret;

/// Where programs are looked for; nothing of a person's own path counts.
const PROGRAMS: [&str; 3] = ["/usr/bin", "/bin", "/usr/local/bin"];
/// More than it says of any home, in bytes.
const ROOM: usize = 4 * 1024 * 1024;
/// What its status lines begin with.
const STATUS: &str = "[GNUPG:] ";

/// A home.
pub(super) struct Home {
    pub(super) path: PathBuf,
    /// How long gpg may take: something in a home may keep it waiting for
    /// ever.
    pub(super) time: Duration,
}

/// What a program said.
pub(super) struct Said {
    /// Whether it ended well.
    pub(super) is_good: bool,
    pub(super) status: String,
    /// What it put out.
    pub(super) output: Vec<u8>,
}

impl Said {
    /// What stands behind each status line of that keyword.
    pub(super) fn all<'a>(&'a self, keyword: &'a str) -> impl Iterator<Item = &'a str> {
        let lines = self.status.lines().filter_map(|line| line.strip_prefix(STATUS));
        lines.filter_map(move |line| line.strip_prefix(keyword)?.strip_prefix(' '))
    }

    /// Why it did not do something, in its words.
    pub(super) fn trouble(&self) -> String {
        let known = ["INV_SGNR", "IMPORT_PROBLEM", "DELETE_PROBLEM", "ERROR", "FAILURE"];
        let said = known.iter().find_map(|one| Some(format!("{one} {}", self.all(one).next()?)));
        said.unwrap_or_else(|| "no reason is given".to_owned())
    }
}

impl Home {
    /// Runs it with `input`; a passphrase goes before it through the same
    /// pipe. Its agent is asked to leave afterwards, with what it remembers.
    pub(super) fn run(
        &self,
        words: &[&str],
        passphrase: Option<&Secret>,
        input: &[u8],
    ) -> std::io::Result<Said> {
        let mut command = self.program("gpg")?;
        command.args(["--batch", "--no-tty", "--quiet", "--status-fd", "2"]);
        command.args(["--pinentry-mode", "loopback"]);
        if passphrase.is_some() {
            command.args(["--passphrase-fd", "0"]);
        }
        command.args(words);
        let before = passphrase.map(|secret| [secret.expose(), b"\n"]).unwrap_or_default();
        let length = before.iter().map(|part| part.len()).sum::<usize>() + input.len();
        // All of the room at once, so that no copy stays where a buffer grew.
        let mut all = Zeroizing::new(Vec::with_capacity(length));
        before.into_iter().chain([input]).for_each(|part| all.extend_from_slice(part));
        let ran = process::run(command, &all, Bounds { time: self.time, room: ROOM });
        self.dismiss_agent();
        let mut ran = ran?;
        let seconds = self.time.as_secs();
        let slow = || Error::new(ErrorKind::TimedOut, format!("gpg took more than {seconds} s"));
        let is_good = ran.status.ok_or_else(slow)?.success();
        let status = String::from_utf8_lossy(&ran.stderr).into_owned();
        Ok(Said { is_good, status, output: std::mem::take(&mut *ran.stdout) })
    }

    fn dismiss_agent(&self) {
        if let Ok(mut end) = self.program("gpgconf") {
            end.args(["--kill", "gpg-agent"]);
            let _ = process::run(end, b"", Bounds { time: self.time, room: 0 });
        }
    }

    fn program(&self, name: &str) -> std::io::Result<Command> {
        let mut paths = PROGRAMS.iter().map(|folder| Path::new(folder).join(name));
        let path = paths.find(|path| path.is_file()).ok_or_else(|| {
            std::io::Error::other(format!("there is no {name} in {}", PROGRAMS.join(", ")))
        })?;
        #[expect(clippy::disallowed_methods, reason = "programs are started by adapters")]
        let mut command = Command::new(path);
        command.env("GNUPGHOME", &self.path).env("LC_ALL", "C.UTF-8");
        Ok(command)
    }
}
