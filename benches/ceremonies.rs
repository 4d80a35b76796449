//! What ceremonies cost: taking up a run of two hundred lines, and an RSA-4096
//! root with a subkey, by us and by gpg, one after the other.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a benchmark measures and prints"
)]

use std::process::Command;
use std::time::Instant;

use keyrite::adapters::openpgp::{Lock, RootSpec, StretchCost, SubkeySpec, issue, make_root, open};
use keyrite::domain::keyspec::{KeyAlgorithm, Protection};
use keyrite::domain::timestamp::Timestamp;
use keyrite::engine::catalog;
use keyrite::engine::chain::Digest;
use keyrite::engine::effect::Values;
use keyrite::engine::event::Event;
use keyrite::engine::journal::{Journal, Moment};
use keyrite::engine::run::Run;
use keyrite::engine::secret::Secret;

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// The lines of a run that was begun and in which much was noted.
fn journal(lines: usize) -> Vec<u8> {
    let mut journal = Journal::begin("20261120T140200Z-aaaaaaaa");
    let moment = |n: usize| Moment {
        at: Timestamp::from_unix(1_795_183_320).plus(i64::try_from(n).unwrap()),
        mono: 0,
        boot: "TEST".to_owned(),
    };
    let mut bytes = Vec::new();
    for n in 0..lines {
        let event = match n {
            0 => Event::Opened {
                ceremony: "root-generation".to_owned(),
                version: 1,
                environment: "rehearsal".to_owned(),
                operator: "driver".to_owned(),
                team: "TEST".to_owned(),
                quorum: 1,
                policy: "small-team".to_owned(),
                workspace: Digest::ZERO,
                given: Values::new(),
            },
            n => Event::Noted { text: format!("TEST note {n}"), by: "driver".to_owned() },
        };
        let (line, entry) = journal.line(moment(n), event);
        bytes.extend_from_slice(line.as_bytes());
        bytes.push(b'\n');
        journal.push(entry);
    }
    bytes
}

fn resume() {
    let bytes = journal(200);
    let root = catalog::find("root-generation").unwrap();
    let times = (0..50).map(|_| {
        let start = Instant::now();
        let found = Journal::read("20261120T140200Z-aaaaaaaa", &bytes).unwrap();
        let run = Run::replay(root, found.journal.entries()).unwrap();
        std::hint::black_box(run.next());
        start.elapsed().as_secs_f64() * 1e3
    });
    println!("a run of 200 lines is taken up in {:.2} ms", median(times.collect()));
}

fn ours() -> f64 {
    let start = Instant::now();
    let passphrase = Secret::take(&mut b"TEST passphrase of a benchmark".to_vec()).unwrap();
    let lock =
        Lock { passphrase: &passphrase, protection: Protection::Iterated, cost: StretchCost::Full };
    let at = Timestamp::from_unix(1_795_183_320);
    let user_ids = ["TEST <test@example.org>".to_owned()];
    let algorithm = KeyAlgorithm::Rsa4096;
    let spec = RootSpec { algorithm, user_ids: &user_ids, created: at, expires: None };
    let root = make_root(&spec, &lock).unwrap();
    let mut unlocked = open(&root.secret, &root.fingerprint, &passphrase).unwrap();
    let subkey = SubkeySpec { algorithm, created: at.plus(1), expires: None };
    issue(&mut unlocked, &root.certificate, &subkey, &lock, "TEST").unwrap();
    start.elapsed().as_secs_f64()
}

fn gpg(home: &std::path::Path, n: usize) -> f64 {
    let run = |arguments: &[&str]| {
        Command::new("gpg")
            .env("GNUPGHOME", home)
            .args(["--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "TEST"])
            .args(arguments)
            .output()
            .unwrap()
    };
    let start = Instant::now();
    let name = format!("TEST {n} <test{n}@example.org>");
    run(&["--quick-generate-key", &name, "rsa4096", "cert", "never"]);
    let listed = run(&["--list-keys", "--with-colons", &name]).stdout;
    let listed = String::from_utf8(listed).unwrap();
    let fingerprint = listed.lines().find(|line| line.starts_with("fpr")).unwrap();
    let fingerprint = fingerprint.split(':').nth(9).unwrap();
    run(&["--quick-add-key", fingerprint, "rsa4096", "sign", "1y"]);
    start.elapsed().as_secs_f64()
}

fn main() {
    resume();
    let home = tempfile::tempdir().unwrap();
    let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(home.path(), permissions).unwrap();
    let (mut mine, mut theirs) = (Vec::new(), Vec::new());
    for n in 0..9 {
        mine.push(ours());
        theirs.push(gpg(home.path(), n));
    }
    let end =
        Command::new("gpgconf").env("GNUPGHOME", home.path()).args(["--kill", "all"]).status();
    let (mine, theirs) = (median(mine), median(theirs));
    println!(
        "RSA-4096 root with a subkey: {mine:.2} s, gpg {theirs:.2} s: {:.2} of it",
        mine / theirs
    );
    std::hint::black_box(end.is_ok());
}
