//! `gpg`, in a home of its own.

use std::path::Path;
use std::process::Command;

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

    /// The same as lines of text.
    pub(crate) fn lines(&self, arguments: &[&str]) -> Vec<String> {
        String::from_utf8_lossy(&self.run(arguments)).lines().map(str::to_owned).collect()
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
