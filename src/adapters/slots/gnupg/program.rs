//! gpg, on the home of a slot. What happened is told by its status lines,
//! never by exit codes.

use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::engine::secret::Secret;

/// Where programs are looked for; nothing of a person's own path counts.
const PROGRAMS: [&str; 3] = ["/usr/bin", "/bin", "/usr/local/bin"];
/// More than it says of any home, in bytes.
const ROOM: u64 = 4 * 1024 * 1024;
/// What its status lines begin with.
const STATUS: &str = "[GNUPG:] ";

/// A home.
pub(super) struct Home(pub(super) PathBuf);

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
        let mut child = command
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let (stdin, stdout, stderr) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take());
        // All three at once: a gpg whose words nobody reads waits for ever.
        let (output, status) = std::thread::scope(|scope| {
            let status = scope.spawn(|| listen(stderr));
            let output = scope.spawn(|| listen(stdout));
            if let Some(mut pipe) = stdin {
                // A gpg that refuses closes its end; its status lines say why.
                let _ = passphrase.map(|secret| pipe.write_all(secret.expose()));
                let _ = passphrase.map(|_| pipe.write_all(b"\n"));
                let _ = pipe.write_all(input);
            }
            (output.join().unwrap_or_default(), status.join().unwrap_or_default())
        });
        let is_good = child.wait()?.success();
        self.dismiss_agent();
        Ok(Said { is_good, status: String::from_utf8_lossy(&status).into_owned(), output })
    }

    fn dismiss_agent(&self) {
        if let Ok(mut end) = self.program("gpgconf") {
            end.args(["--kill", "gpg-agent"]).stdout(Stdio::null()).stderr(Stdio::null());
            let _ = end.status();
        }
    }

    fn program(&self, name: &str) -> std::io::Result<Command> {
        let mut paths = PROGRAMS.iter().map(|folder| Path::new(folder).join(name));
        let path = paths.find(|path| path.is_file()).ok_or_else(|| {
            std::io::Error::other(format!("there is no {name} in {}", PROGRAMS.join(", ")))
        })?;
        #[expect(clippy::disallowed_methods, reason = "programs are started by adapters")]
        let mut command = Command::new(path);
        command.env("GNUPGHOME", &self.0).env("LC_ALL", "C.UTF-8");
        Ok(command)
    }
}

fn listen(pipe: Option<impl Read>) -> Vec<u8> {
    let mut bytes = Vec::new();
    // What is missing is not found in it.
    let _ = pipe.map(|pipe| pipe.take(ROOM).read_to_end(&mut bytes));
    bytes
}
