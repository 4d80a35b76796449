//! A trial in `GnuPG`, in a home that only memory holds.

use std::fmt;
use std::io::Write as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::gnupg::find_program;
use crate::adapters::durable::{remove_folder, write_new};
use crate::adapters::environment::Environment;
use crate::adapters::host::memory_folder;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::timestamp::Timestamp;
use crate::engine::secret::Secret;

/// How the trial went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trial {
    /// It was imported and has signed.
    Passed,
    /// It was not tried.
    Skipped(&'static str),
}

impl fmt::Display for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed => f.write_str("GnuPG imports it and signs with it"),
            Self::Skipped(why) => write!(f, "not tried in GnuPG: {why}"),
        }
    }
}

/// Why it did not pass.
#[derive(Debug)]
pub(super) enum NoTrial {
    /// `GnuPG` does not do with it what it should.
    Refused(&'static str),
    /// It could not be tried.
    Unprepared(std::io::Error),
}

/// Imports the export into an empty home, and signs with exactly that subkey.
/// What happened is told by status lines, never by exit codes.
pub(super) fn try_in_gnupg(
    process: &Environment,
    export: &[u8],
    passphrase: &Secret,
    subkey: &Fingerprint,
) -> Result<Trial, NoTrial> {
    let Some(memory) = memory_folder(Path::new("/"), process) else {
        return Ok(Trial::Skipped("no folder is held in memory only"));
    };
    let home = Home::make(&memory).map_err(NoTrial::Unprepared)?;
    let Ok(import) = home.run(&["--import"], None, export) else {
        return Ok(Trial::Skipped("there is no gpg here"));
    };
    let hex = subkey.hex();
    if !has(&import, "IMPORT_OK ") {
        return Err(NoTrial::Refused("it does not import it"));
    }
    let selector = format!("{hex}!");
    // Into a file of its own: a gpg that fails removes what it was to write,
    // even if that is a device.
    let signature = home.0.join("signature");
    let mut words = vec!["--local-user", &selector, "--detach-sign", "--output"];
    words.extend(signature.to_str());
    let sign = || home.run(&words, Some(passphrase), b"TEST").map_err(NoTrial::Unprepared);
    let made = |status: &str| {
        let mut lines = status.lines();
        lines.find_map(|line| line.strip_prefix("[GNUPG:] SIG_CREATED ").map(str::to_owned))
    };
    let signed = match made(&sign()?) {
        // An agent that was too slow to start says nothing about the key.
        None => made(&sign()?),
        signed => signed,
    };
    match signed {
        Some(made) if made.ends_with(&hex) => Ok(Trial::Passed),
        Some(_) => Err(NoTrial::Refused("it signs with another key")),
        None => Err(NoTrial::Refused("it does not sign with it")),
    }
}

/// Imports the new copy of a certificate and then the old one into an empty
/// home, and looks when the keys end there: in whatever order somebody gets
/// them, the new end stands.
pub(super) fn try_new_end(
    process: &Environment,
    old: &[u8],
    new: &[u8],
    wanted: &[(Fingerprint, Timestamp)],
) -> Result<Trial, NoTrial> {
    let Some(memory) = memory_folder(Path::new("/"), process) else {
        return Ok(Trial::Skipped("no folder is held in memory only"));
    };
    let home = Home::make(&memory).map_err(NoTrial::Unprepared)?;
    for copy in [new, old] {
        let Ok(import) = home.run(&["--import"], None, copy) else {
            return Ok(Trial::Skipped("there is no gpg here"));
        };
        if !has(&import, "IMPORT_OK ") {
            return Err(NoTrial::Refused("it does not import it"));
        }
    }
    let list = ["--with-colons", "--with-subkey-fingerprint", "--list-keys"];
    let listing = home.run(&list, None, b"").map_err(NoTrial::Unprepared)?;
    let mut found = Vec::new();
    let mut end = None;
    for line in listing.lines() {
        let fields: Vec<_> = line.split(':').collect();
        match (fields.first(), fields.get(6), fields.get(9)) {
            (Some(&("pub" | "sub")), Some(seconds), _) => end = seconds.parse().ok(),
            (Some(&"fpr"), _, Some(hex)) => found.push((Fingerprint::from_hex(hex), end)),
            _ => {}
        }
    }
    let has_end =
        |(key, end): &(Fingerprint, Timestamp)| found.contains(&(Some(*key), Some(end.unix())));
    let is_new = wanted.iter().all(has_end);
    is_new.then_some(Trial::Passed).ok_or(NoTrial::Refused("old and new together end otherwise"))
}

fn has(status: &str, word: &str) -> bool {
    status.lines().any(|line| line.strip_prefix("[GNUPG:] ").is_some_and(|l| l.starts_with(word)))
}

/// What the homes of trials begin with; the number of the process follows.
const PREFIX: &str = "keyrite-trial-";

/// The homes of trials whose program is gone.
fn left_behind(memory: &Path) -> Vec<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "our own leftovers, by their names")]
    let Ok(entries) = std::fs::read_dir(memory) else { return Vec::new() };
    let is_left = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let process = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').next());
        process.is_some_and(|number| {
            number.parse::<u32>().is_ok() && !Path::new("/proc").join(number).exists()
        })
    };
    entries.flatten().map(|entry| entry.path()).filter(is_left).collect()
}

/// A home of `GnuPG` that is removed with this value.
struct Home(PathBuf);

impl Home {
    fn make(memory: &Path) -> std::io::Result<Self> {
        for left in left_behind(memory) {
            // Dropping it ends its agent and removes it.
            drop(Self(left));
        }
        let mut chance = [0; 8];
        openssl::rand::rand_bytes(&mut chance)?;
        let name = format!("{PREFIX}{}-{:016x}", std::process::id(), u64::from_be_bytes(chance));
        let path = memory.join(name);
        std::fs::DirBuilder::new().mode(0o700).create(&path)?;
        let home = Self(path);
        // Whatever happens to this program, its agent remembers nothing.
        let forget = b"default-cache-ttl 0\nmax-cache-ttl 0\n";
        write_new(&home.0.join("gpg-agent.conf"), forget)?;
        Ok(home)
    }

    /// Runs it with `input`; a passphrase goes before it through the same
    /// pipe, and never through arguments or the environment.
    fn run(
        &self,
        arguments: &[&str],
        passphrase: Option<&Secret>,
        input: &[u8],
    ) -> std::io::Result<String> {
        let missing = || std::io::Error::from(std::io::ErrorKind::NotFound);
        let mut command = self.program("gpg").ok_or_else(missing)?;
        command.args(["--batch", "--no-tty", "--quiet", "--status-fd", "1"]);
        command.args(["--pinentry-mode", "loopback"]);
        if passphrase.is_some() {
            command.args(["--passphrase-fd", "0"]);
        }
        let mut child = command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        if let Some(mut pipe) = child.stdin.take() {
            // A gpg that refuses closes its end; its status lines say why.
            let _ = passphrase.map(|secret| pipe.write_all(secret.expose()));
            let _ = passphrase.map(|_| pipe.write_all(b"\n"));
            let _ = pipe.write_all(input);
        }
        let output = child.wait_with_output()?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn program(&self, name: &str) -> Option<Command> {
        #[expect(clippy::disallowed_methods, reason = "programs are started by adapters")]
        let mut command = Command::new(find_program(name)?);
        command.env("GNUPGHOME", &self.0).env("LC_ALL", "C.UTF-8");
        Some(command)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // Only the agent of this home is asked to leave.
        if let Some(mut end) = self.program("gpgconf") {
            end.args(["--kill", "all"]).stdout(Stdio::null()).stderr(Stdio::null());
            let _ = end.status();
        }
        let _ = remove_folder(&self.0);
    }
}
