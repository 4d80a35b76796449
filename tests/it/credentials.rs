//! Passphrases in a real credential store: gnome-keyring, on a session bus of
//! its own.

use std::process::Command;
use std::time::Duration;

use keyrite::adapters::credential_store::{self, CredentialError};
use keyrite::adapters::slots::{self, Access};
use keyrite::domain::fingerprint::Fingerprint;
use keyrite::domain::timestamp::Timestamp;
use keyrite::engine::secret::Secret;

use crate::slot_github;
use crate::support::github::{Github, TOKEN};
use crate::support::program::{Program, finish};

const PASSPHRASE: &str = "TEST pässphrase";

fn certificate() -> Fingerprint {
    Fingerprint::from_bytes(&[0x5a; 20]).unwrap()
}

fn secret(text: &str) -> Secret {
    Secret::take(&mut text.as_bytes().to_vec()).unwrap()
}

/// Runs one of the tests below in a session of its own; `daemon` is the shell
/// command that starts the store.
#[track_caller]
pub(crate) fn in_a_session(daemon: &str, test: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    let program = Program::new();
    let [runtime, data] = ["runtime", "data"].map(|name| program.folder().join(name));
    for folder in [&runtime, &data] {
        std::fs::create_dir(folder).unwrap();
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).unwrap();
    }
    let mut command = Command::new("dbus-run-session");
    command
        .args(["--", "bash", "-c"])
        .arg(format!("{daemon}exec \"$0\" --exact {test} --ignored --nocapture"))
        .arg(std::env::current_exe().unwrap())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_clear()
        .env("HOME", program.folder())
        .env("XDG_RUNTIME_DIR", runtime)
        .env("XDG_DATA_HOME", data)
        .env("LC_ALL", "C.UTF-8")
        .env("PATH", "/usr/bin:/bin");
    let outcome = finish(command, b"", Duration::from_mins(1)).expect("it hangs");
    assert_eq!(outcome.code, Some(0), "{}{}", outcome.out, outcome.err);
    assert!(outcome.out.contains("1 passed"), "{}", outcome.out);
}

/// Starts a store that is open.
pub(crate) const UNLOCKED: &str =
    "printf '\\n' | gnome-keyring-daemon --unlock --components=secrets && ";
/// Starts a store that nobody opens.
pub(crate) const LOCKED: &str = "gnome-keyring-daemon --start --components=secrets && ";

#[test]
fn a_passphrase_is_kept_and_forgotten_in_a_real_credential_store() {
    in_a_session(UNLOCKED, "credentials::kept_and_forgotten");
}

#[test]
#[ignore = "run by another test, in a session of its own"]
fn kept_and_forgotten() {
    let (certificate, other) = (certificate(), Fingerprint::from_bytes(&[1; 20]).unwrap());
    credential_store::probe().unwrap();
    assert!(credential_store::fetch(&certificate).unwrap().is_none());
    for passphrase in ["TEST", PASSPHRASE] {
        credential_store::keep(&certificate, secret(passphrase)).unwrap();
        let kept = credential_store::fetch(&certificate).unwrap().unwrap();
        assert!(kept.is_same(&secret(passphrase)));
    }
    assert!(credential_store::fetch(&other).unwrap().is_none());
    // The command line forgets it, once.
    let program = Program::new();
    let hex = certificate.hex();
    for said in ["forgotten: the passphrase of ", "no passphrase of "] {
        let mut command = program.command(&["own-keys", "forget", &hex]);
        for name in ["DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"] {
            command.env(name, std::env::var_os(name).unwrap());
        }
        let outcome = finish(command, b"", Duration::from_secs(20)).expect("it hangs");
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        assert!(outcome.out.starts_with(&format!("{said}{hex}")), "{outcome:?}");
    }
    assert!(credential_store::fetch(&certificate).unwrap().is_none());
    // Nothing stays behind of the probe, nor of anything else.
    assert!(!credential_store::forget(&certificate).unwrap());
}

#[test]
fn a_token_that_another_program_has_put_there_is_used() {
    in_a_session(UNLOCKED, "credentials::put_there_by_another");
}

#[test]
#[ignore = "run by another test, in a session of its own"]
fn put_there_by_another() {
    // As the page of the slot says, for the host that is asked.
    let mut tool = Command::new("secret-tool");
    tool.args(["store", "--label=keyrite", "service", "127.0.0.1", "username", "keyrite"]);
    let stored = finish(tool, TOKEN.as_bytes(), Duration::from_secs(20)).expect("it hangs");
    assert_eq!(stored.code, Some(0), "{stored:?}");
    let found = credential_store::fetch_named("127.0.0.1", "keyrite").unwrap().unwrap();
    assert!(found.is_same(&secret(TOKEN)));
    let github = Github::start();
    let observe = |token: &str| {
        let slot = slot_github::slot(&github, slot_github::REPOSITORY, &[("token", token)]);
        slots::open(&slot, &Access::default(), Timestamp::from_unix(1)).unwrap().observe()
    };
    assert!(observe("127.0.0.1/keyrite").unwrap().versions.is_empty());
    let before = github.with(|state| state.log.len());
    let error = observe("127.0.0.1/nobody").unwrap_err().to_string();
    assert!(error.contains("has no token 127.0.0.1/nobody; put one there"), "{error}");
    assert_eq!(github.with(|state| state.log.len()), before);
}

#[test]
fn a_locked_credential_store_says_so() {
    in_a_session(LOCKED, "credentials::locked");
}

#[test]
#[ignore = "run by another test, in a session of its own"]
fn locked() {
    let refused = credential_store::keep(&certificate(), secret(PASSPHRASE)).unwrap_err();
    assert!(matches!(refused, CredentialError::Locked(_)), "{refused}");
    assert!(!format!("{refused} {refused:?}").contains(PASSPHRASE));
}

#[test]
fn without_a_credential_store_nothing_is_kept_and_that_is_said() {
    let program = Program::new();
    let outcome = program.run(&["own-keys", "forget", &certificate().hex()]);
    assert_eq!((outcome.code, outcome.out.as_str()), (Some(1), ""), "{outcome:?}");
    assert!(outcome.err.starts_with("error: no credential store here: "), "{outcome:?}");
    assert!(outcome.err.contains("hint: keyrite keeps passphrases nowhere else"), "{outcome:?}");
    let outcome = program.run(&["own-keys", "forget", "5A5A5A5A"]);
    assert_eq!(outcome.code, Some(2), "{outcome:?}");
    assert!(outcome.err.contains("key ID"), "{outcome:?}");
}
