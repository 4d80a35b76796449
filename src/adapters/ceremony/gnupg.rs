//! `GnuPG` at work on a home that exists: it lists, exports and deletes one
//! primary key there.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use zeroize::Zeroizing;

use super::remarks::Problem;
use crate::adapters::gnupg_home::{PRIVATE, SECRING, material};
use crate::adapters::sources::{SourceError, read_file};
use crate::domain::certificate::SecretMaterial;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;
use crate::engine::secret::Secret;

/// Where programs are looked for.
const PROGRAMS: [&str; 3] = ["/usr/bin", "/bin", "/usr/local/bin"];
/// What makes a folder a home.
const MARKS: [&str; 4] = [PRIVATE, SECRING, "pubring.kbx", "pubring.gpg"];
/// More than the export of any primary key, and room that is never moved.
const ROOM: usize = 1024 * 1024;
/// What its status lines begin with.
const STATUS: &str = "[GNUPG:] ";
/// Codes of libgpg-error.
const BAD_PASSPHRASE: u32 = 11;
const NO_SECRET_KEY: u32 = 17;

/// A home of `GnuPG`, whoever it belongs to.
#[derive(Clone, Debug)]
pub(super) struct GnupgHome(PathBuf);

/// What a program said.
struct Said {
    status: String,
    output: Zeroizing<Vec<u8>>,
}

impl Said {
    /// What stands behind a keyword of its status lines.
    fn of(&self, keyword: &str) -> Option<&str> {
        let mut lines = self.status.lines().filter_map(|line| line.strip_prefix(STATUS));
        lines.find_map(|line| line.strip_prefix(keyword)?.strip_prefix(' '))
    }

    /// Whether a keyword stands there.
    fn has(&self, keyword: &str) -> bool {
        let lines = self.status.lines().filter_map(|line| line.strip_prefix(STATUS));
        lines.into_iter().any(|line| line.split(' ').next() == Some(keyword))
    }

    /// The code of an error, without its source.
    fn code(&self, keyword: &str) -> Option<u32> {
        let number = self.of(keyword)?.split(' ').nth(1)?.parse::<u32>().ok()?;
        Some(number & 0xffff)
    }
}

impl GnupgHome {
    /// The home at `path`, if it is one.
    pub(super) fn at(path: &Path) -> Option<Self> {
        let has = |name: &&str| std::fs::symlink_metadata(path.join(name)).is_ok();
        MARKS.iter().any(has).then(|| Self(path.to_owned()))
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// The certificate as it is there; empty where it is not.
    pub(super) fn certificate(&self, wanted: &Fingerprint) -> Result<Vec<u8>, Problem> {
        let said = self.run(&["--export", &wanted.hex()], None, b"")?;
        Ok(said.output.to_vec())
    }

    /// The name of the file of its primary key.
    pub(super) fn keygrip(&self, wanted: &Fingerprint) -> Result<Option<String>, Problem> {
        let words = ["--with-colons", "--with-keygrip", "--list-keys", &wanted.hex()];
        let said = self.run(&words, None, b"")?;
        let listed = String::from_utf8_lossy(&said.output).into_owned();
        // The first one is that of the primary key.
        let grip = listed.lines().find(|line| line.starts_with("grp:"));
        let grip = grip.and_then(|line| line.split(':').nth(9)).unwrap_or_default();
        let is_grip = grip.len() == 40 && grip.bytes().all(|byte| byte.is_ascii_hexdigit());
        Ok(is_grip.then(|| grip.to_owned()))
    }

    /// What is there of the secret of the key with that keygrip.
    pub(super) fn material(&self, keygrip: &str) -> Result<SecretMaterial, Problem> {
        let path = self.0.join(PRIVATE).join(format!("{keygrip}.key"));
        let bytes = match read_file(&path) {
            Err(SourceError::Missing) => return Ok(SecretMaterial::Stub),
            bytes => Zeroizing::new(
                bytes.map_err(|error| Problem::Failed(format!("{}: {error}", visible(&path))))?,
            ),
        };
        Ok(material(&bytes))
    }

    /// The primary key, and no subkey, as it is protected there.
    pub(super) fn export(
        &self,
        wanted: &Fingerprint,
        passphrase: Option<&Secret>,
    ) -> Result<Zeroizing<Vec<u8>>, Problem> {
        let selector = format!("{}!", wanted.hex());
        let said = self.run(&["--export-secret-keys", &selector], passphrase, b"");
        // What its agent remembers of the passphrase is forgotten.
        self.dismiss_agent();
        let said = said?;
        if !said.output.is_empty() {
            return Ok(said.output);
        }
        match said.code("ERROR") {
            Some(BAD_PASSPHRASE) => Err(Problem::WrongSecret("source")),
            _ => Err(Problem::Failed(format!(
                "GnuPG does not export the key: {}; nothing was changed",
                said.of("ERROR").map(VisibleText::from_text).unwrap_or_default()
            ))),
        }
    }

    /// Opens what is sealed to a key of this home.
    pub(super) fn decrypt(
        &self,
        sealed: &[u8],
        passphrase: &Secret,
    ) -> Result<Zeroizing<Vec<u8>>, Problem> {
        let said = self.run(&["--decrypt"], Some(passphrase), sealed);
        self.dismiss_agent();
        let said = said?;
        if said.has("DECRYPTION_OKAY") {
            return Ok(said.output);
        }
        // Of a wrong passphrase it says no more than that it failed.
        let has_key = said.has("DECRYPTION_FAILED") && !said.has("NO_SECKEY");
        if has_key {
            return Err(Problem::WrongSecret("parcel"));
        }
        Err(Problem::Failed(
            "GnuPG does not open the parcel: the key that it is sealed to is not in this home, or \
             cannot be used; nothing was sent"
                .to_owned(),
        ))
    }

    /// Deletes the secret of the primary key; those of subkeys stay, and so
    /// does the certificate.
    pub(super) fn delete(&self, wanted: &Fingerprint) -> Result<(), Problem> {
        let selector = format!("{}!", wanted.hex());
        let said = self.run(&["--yes", "--delete-secret-keys", &selector], None, b"");
        self.dismiss_agent();
        let said = said?;
        match said.of("DELETE_PROBLEM").or_else(|| said.of("ERROR")) {
            None => Ok(()),
            Some(why) => Err(Problem::Failed(format!(
                "GnuPG does not delete the key: {}; it is as it was",
                VisibleText::from_text(why)
            ))),
        }
    }

    /// Whether it has no secret of the primary key to sign with, as it says
    /// itself.
    pub(super) fn cannot_sign(&self, wanted: &Fingerprint) -> Result<bool, Problem> {
        let selector = format!("{}!", wanted.hex());
        let words = ["--local-user", &selector, "--detach-sign"];
        let said = self.run(&words, None, b"TEST");
        self.dismiss_agent();
        let said = said?;
        let is_unknown = said.of("INV_SGNR").is_some();
        let is_missing = said.code("FAILURE") == Some(NO_SECRET_KEY);
        Ok(said.of("SIG_CREATED").is_none() && (is_unknown || is_missing))
    }

    /// Runs gpg, with the passphrase in front of the input of the same pipe.
    fn run(
        &self,
        words: &[&str],
        passphrase: Option<&Secret>,
        input: &[u8],
    ) -> Result<Said, Problem> {
        let failed = |error: std::io::Error| Problem::Failed(format!("gpg: {error}"));
        let mut command = self.program("gpg")?;
        command.args(["--no-options", "--batch", "--no-tty", "--quiet", "--status-fd", "2"]);
        // Whom it trusts is not asked, so that it has no reason to write that down.
        command.args(["--trust-model", "always", "--pinentry-mode", "loopback"]);
        if passphrase.is_some() {
            command.args(["--passphrase-fd", "0"]);
        }
        let mut child = command
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        if let Some(mut pipe) = child.stdin.take() {
            // A gpg that refuses closes its end; its status lines say why.
            let _ = passphrase.map(|secret| pipe.write_all(secret.expose()));
            let _ = passphrase.map(|_| pipe.write_all(b"\n"));
            let _ = pipe.write_all(input);
        }
        // Both at once: a gpg whose complaints nobody reads waits for ever.
        #[expect(clippy::disallowed_methods, reason = "two pipes are read at once")]
        let complaints = child.stderr.take().map(|pipe| std::thread::spawn(|| listen(pipe)));
        let mut output = Zeroizing::new(Vec::with_capacity(ROOM));
        let read = child.stdout.take().map(|pipe| read_into(pipe, &mut output));
        child.wait().map_err(failed)?;
        read.transpose().map_err(failed)?;
        let status = complaints.and_then(|thread| thread.join().ok()).unwrap_or_default();
        Ok(Said { status, output })
    }

    /// Asks the agent of this home to leave; it comes back when it is wanted.
    fn dismiss_agent(&self) {
        if let Ok(mut end) = self.program("gpgconf") {
            end.args(["--kill", "gpg-agent"]).stdout(Stdio::null()).stderr(Stdio::null());
            let _ = end.status();
        }
    }

    fn program(&self, name: &str) -> Result<Command, Problem> {
        let path = found(name, &PROGRAMS)?;
        #[expect(clippy::disallowed_methods, reason = "programs are started by adapters")]
        let mut command = Command::new(path);
        command.env("GNUPGHOME", &self.0).env("LC_ALL", "C.UTF-8");
        Ok(command)
    }
}

/// Its status lines, among what it says to people; the rest is let go.
fn listen(pipe: impl Read) -> String {
    let mut status = String::new();
    for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
        if line.starts_with(STATUS.as_bytes()) && status.len() < 64 * 1024 {
            status.push_str(&String::from_utf8_lossy(&line));
            status.push('\n');
        }
    }
    status
}

/// Where a program is; nothing of a person's own path counts.
pub(super) fn find_program(name: &str) -> Option<PathBuf> {
    found(name, &PROGRAMS).ok()
}

/// Where a program is.
fn found(name: &str, folders: &[&str]) -> Result<PathBuf, Problem> {
    let mut paths = folders.iter().map(|folder| Path::new(folder).join(name));
    paths.find(|path| path.is_file()).ok_or_else(|| {
        Problem::Failed(format!(
            "there is no {name} in {}, and this machine cannot look into a home of GnuPG: export \
             the key where GnuPG is (gpg --export-secret-keys), and give the file; nothing was \
             changed",
            folders.join(", ")
        ))
    })
}

/// Reads all of it into room that is there already, so that no copy stays
/// where a buffer grew.
fn read_into(from: impl Read, bytes: &mut Vec<u8>) -> std::io::Result<()> {
    let room = bytes.capacity();
    let limit = u64::try_from(room).unwrap_or(u64::MAX);
    let mut from = from.take(limit);
    bytes.resize(room, 0);
    let mut length = 0;
    loop {
        match from.read(bytes.get_mut(length..).unwrap_or_default()) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(length);
    if length == room { Err(std::io::Error::other("it is too large")) } else { Ok(()) }
}

fn visible(path: &Path) -> VisibleText {
    VisibleText::from_bytes(path.as_os_str().as_encoded_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_gnupg_the_way_by_an_export_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let empty = folder.path().to_str().unwrap();
        let Err(Problem::Failed(message)) = found("gpg", &[empty, "/nowhere"]) else {
            panic!("it was found")
        };
        for word in [empty, "/nowhere", "there is no gpg", "--export-secret-keys", "give the file"]
        {
            assert!(message.contains(word), "{message}");
        }
        #[expect(clippy::disallowed_methods, reason = "a program of the test")]
        std::fs::write(folder.path().join("gpg"), "").unwrap();
        assert!(found("gpg", &["/nowhere", empty]).is_ok());
    }
}
