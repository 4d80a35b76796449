//! `gpg`, in a home of its own.

use std::path::Path;
use std::process::Command;

use keyrite::domain::timestamp::Timestamp;
use tempfile::TempDir;

/// A `GnuPG` home that is removed with this value.
pub(crate) struct Gpg {
    home: TempDir,
}

impl Gpg {
    pub(crate) fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(home.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
        }
        Self { home }
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Runs it; its exit status is not looked at, because gpg reports a file
    /// with one bad key among hundreds as failed.
    pub(crate) fn run(&self, arguments: &[&str]) -> Vec<u8> {
        let output = Command::new("gpg")
            .env("GNUPGHOME", self.home.path())
            .env("LC_ALL", "C.UTF-8")
            .args(["--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""])
            .args(arguments)
            .output()
            .expect("gpg is missing; apt-get install gnupg");
        output.stdout
    }

    /// Puts a program in the place of the window that asks for passphrases.
    pub(crate) fn use_pinentry_that_answers(&self, passphrase: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        let script = self.home.path().join("pinentry");
        let answers = format!(
            "#!/bin/sh\necho OK\nwhile read line; do\n  case $line in\n    \
             GETPIN*) echo 'D {passphrase}'; echo OK ;;\n    \
             BYE*) echo OK; exit ;;\n    *) echo OK ;;\n  esac\ndone\n"
        );
        std::fs::write(&script, answers).unwrap();
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o700)).unwrap();
        let line = format!("pinentry-program {}\n", script.display());
        std::fs::write(self.home.path().join("gpg-agent.conf"), line).unwrap();
        self.forget_passphrases();
    }

    /// Lets the agent forget the passphrases that it was given.
    pub(crate) fn forget_passphrases(&self) {
        let reload = Command::new("gpgconf")
            .env("GNUPGHOME", self.home.path())
            .args(["--reload", "gpg-agent"])
            .status();
        assert!(reload.unwrap().success());
    }

    /// The same as lines of text.
    pub(crate) fn lines(&self, arguments: &[&str]) -> Vec<String> {
        String::from_utf8_lossy(&self.run(arguments)).lines().map(str::to_owned).collect()
    }
}

/// What it said on its status channel, and what it put out. Its exit status
/// tells nothing: it is 0 for signatures of revoked keys.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) status: Vec<String>,
    pub(crate) output: Vec<u8>,
}

impl Told {
    /// What stands behind the keyword, in the first line that has it.
    pub(crate) fn said(&self, keyword: &str) -> Option<&str> {
        self.status.iter().find_map(|line| {
            line.strip_prefix(keyword).filter(|rest| rest.is_empty() || rest.starts_with(' '))
        })
    }
}

impl Gpg {
    /// Puts a file into its home, and tells where.
    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.home.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Runs it as if it were `when`, with a passphrase for whatever it opens.
    pub(crate) fn tell(&self, when: Timestamp, passphrase: &str, arguments: &[&str]) -> Told {
        let clock = when.civil().unwrap().format("%Y%m%dT%H%M%S!").to_string();
        let passphrase = self.file("passphrase", passphrase.as_bytes());
        let output = Command::new("gpg")
            .env("GNUPGHOME", self.home.path())
            .env("LC_ALL", "C.UTF-8")
            .args(["--batch", "--yes", "--status-fd", "2", "--faked-system-time", &clock])
            .args(["--pinentry-mode", "loopback", "--passphrase-file", &passphrase])
            .args(["--trust-model", "always", "--no-auto-check-trustdb"])
            .args(arguments)
            .output()
            .expect("gpg is missing; apt-get install gnupg");
        let told = String::from_utf8_lossy(&output.stderr);
        let status = told.lines().filter_map(|line| line.strip_prefix("[GNUPG:] "));
        Told { status: status.map(str::to_owned).collect(), output: output.stdout }
    }
}

impl Drop for Gpg {
    fn drop(&mut self) {
        // Only the agent of this home is asked to leave.
        let _ = Command::new("gpgconf")
            .env("GNUPGHOME", self.home.path())
            .args(["--kill", "all"])
            .output();
    }
}
