//! `GnuPG` homes with a primary key that somebody signs releases with today,
//! made by gpg when a test runs.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A home with one key.
pub(crate) struct OldHome {
    pub(crate) path: PathBuf,
    pub(crate) fingerprint: String,
    passphrase: String,
}

/// A protected key file, in the format of today, up to its secret.
pub(crate) fn public_part(whole: &[u8]) -> String {
    // The secret may stand there as a string of any bytes.
    let whole = String::from_utf8_lossy(whole);
    let ends = ["(protected ", "(protected\n"].into_iter().filter_map(|word| whole.find(word));
    whole[..ends.min().unwrap()].to_owned()
}

/// The same as gpg-agent writes it down when it has moved the key to a card.
pub(crate) fn as_card(whole: &[u8]) -> String {
    let public = public_part(whole).replace("protected-private-key", "shadowed-private-key");
    format!("{public}(shadowed t1-v1 (#D2760001240102000000000000000010# OPENPGP.1))))\n")
}

/// What gpg has said.
pub(crate) struct Told {
    pub(crate) status: String,
    pub(crate) output: Vec<u8>,
}

impl OldHome {
    /// Makes a home with an `[SC]` key.
    pub(crate) fn make(path: &Path, algorithm: &str, ends: &str, passphrase: &str) -> Self {
        Self::make_when(path, algorithm, ends, passphrase, "")
    }

    /// The same, as if it were `when`.
    pub(crate) fn make_when(
        path: &Path,
        algorithm: &str,
        ends: &str,
        passphrase: &str,
        when: &str,
    ) -> Self {
        fs::create_dir(path).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o700)).unwrap();
        let mut home = Self {
            path: path.to_owned(),
            fingerprint: String::new(),
            passphrase: passphrase.to_owned(),
        };
        let id = "TEST Releases <release@test.example>";
        let mut words = vec!["--quick-gen-key", id, algorithm, "sign,cert", ends];
        if !when.is_empty() {
            words.splice(..0, ["--faked-system-time", when]);
        }
        let told = home.gpg(&words, b"");
        let made =
            told.status.lines().find_map(|line| line.strip_prefix("[GNUPG:] KEY_CREATED P "));
        made.unwrap_or_else(|| panic!("{}", told.status)).clone_into(&mut home.fingerprint);
        fs::write(path.with_extension("fingerprint"), &home.fingerprint).unwrap();
        home
    }

    /// The one that was made there before it was copied.
    pub(crate) fn at(path: &Path, passphrase: &str) -> Self {
        Self {
            path: path.to_owned(),
            fingerprint: fs::read_to_string(path.with_extension("fingerprint")).unwrap(),
            passphrase: passphrase.to_owned(),
        }
    }

    /// Adds a signing subkey.
    pub(crate) fn add_signer(&self) {
        let told = self.gpg(&["--quick-add-key", &self.fingerprint, "ed25519", "sign", "1y"], b"");
        assert!(told.status.contains("KEY_CREATED S"), "{}", told.status);
    }

    /// The whole key in a file.
    pub(crate) fn export(&self, to: &Path, is_armored: bool) {
        let armor = if is_armored { "--armor" } else { "--no-armor" };
        let told = self.gpg(&[armor, "--export-secret-keys", &self.fingerprint], b"");
        assert!(!told.output.is_empty(), "{}", told.status);
        fs::write(to, told.output).unwrap();
    }

    /// What stands behind the type in a field of the listing of secret keys:
    /// `#` where there is a stub.
    pub(crate) fn secret(&self, kind: &str) -> Option<String> {
        let told = self.gpg(&["--with-colons", "--list-secret-keys", &self.fingerprint], b"");
        let listed = String::from_utf8(told.output).unwrap();
        let line = listed.lines().find(|line| line.starts_with(kind))?.to_owned();
        line.split(':').nth(14).map(str::to_owned)
    }

    /// Its signing subkeys.
    pub(crate) fn signers(&self) -> Vec<String> {
        let told = self.gpg(&["--with-colons", "--list-keys", &self.fingerprint], b"");
        let listed = String::from_utf8(told.output).unwrap();
        let keys = listed.lines().skip_while(|line| !line.starts_with("sub"));
        let keys = keys.filter(|line| line.starts_with("fpr"));
        keys.map(|line| line.split(':').nth(9).unwrap().to_owned()).collect()
    }

    /// Whether it signs with that key.
    pub(crate) fn signs_with(&self, key: &str) -> bool {
        let selector = format!("{key}!");
        let told = self.gpg(&["--local-user", &selector, "--detach-sign"], b"TEST");
        told.status.contains("SIG_CREATED")
    }

    /// Runs gpg with the passphrase; its agent does not outlive the call.
    pub(crate) fn gpg(&self, words: &[&str], input: &[u8]) -> Told {
        let mut child = Command::new("gpg")
            .env("GNUPGHOME", &self.path)
            .env("LC_ALL", "C.UTF-8")
            .args(["--batch", "--yes", "--quiet", "--no-tty", "--status-fd", "2"])
            .args(["--pinentry-mode", "loopback", "--passphrase-fd", "0"])
            .args(["--no-auto-check-trustdb"])
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("gpg is missing; apt-get install gnupg");
        let mut pipe = child.stdin.take().unwrap();
        let _ = pipe.write_all(format!("{}\n", self.passphrase).as_bytes());
        let _ = pipe.write_all(input);
        drop(pipe);
        let output = child.wait_with_output().unwrap();
        let end = Command::new("gpgconf")
            .env("GNUPGHOME", &self.path)
            .args(["--kill", "gpg-agent"])
            .output();
        assert!(end.unwrap().status.success());
        Told { status: String::from_utf8_lossy(&output.stderr).into_owned(), output: output.stdout }
    }
}
