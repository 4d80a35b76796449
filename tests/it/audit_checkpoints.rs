//! Checkpoints, their signatures, and what a team is told of its log.

use std::fs;
use std::path::PathBuf;

use sequoia_openpgp::Cert;
use sequoia_openpgp::serialize::SerializeInto as _;
use sequoia_openpgp::types::ReasonForRevocation;

use crate::support::forge::{KeySpec, at, certificate, sign};
use crate::support::gpg::Gpg;
use crate::support::log::{Log, NOW, record};

const ALICE: &str = "audit/alice-a1a1a1a1.jsonl";
/// When signatures are made: the program takes none from the future, and its
/// clock is that of the system.
const SIGNED: &str = "2021-01-01";

fn person() -> Cert {
    certificate(&["Alice TEST <alice@example.org>"], &KeySpec::new("CS", "2020-06-01", None), &[])
}

/// Puts a certificate into the roster.
fn enrol(log: &Log, cert: &Cert) {
    let armor = cert.clone().strip_secret_key_material().armored().to_vec().unwrap();
    log.program.file(&format!("people/{}.asc", cert.fingerprint().to_hex()), armor);
}

/// A log with its first checkpoint, and the path of that.
fn with_checkpoint() -> (Log, PathBuf) {
    let log = Log::new();
    let mut alice = log.open("alice", 0xa1).unwrap();
    for number in 2..6 {
        alice.append(record(number), NOW.plus(number)).unwrap();
    }
    let outcome = log.program.run(&["audit", "checkpoint"]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(outcome.out.contains("gpg --detach-sign --armor"), "{outcome:?}");
    let path = log.folder().join("audit/checkpoints/alice-a1a1a1a1-5.txt");
    (log, path)
}

fn bring(log: &Log, signature: &[u8]) -> (Option<i32>, String) {
    let path = log.program.file("signature", signature);
    let outcome = log.program.run(&["audit", "checkpoint", "--signature", path.to_str().unwrap()]);
    (outcome.code, outcome.out + &outcome.err)
}

#[test]
fn a_signed_checkpoint_holds_the_chain_to_what_it_was() {
    let (log, path) = with_checkpoint();
    let text = fs::read(&path).unwrap();
    let hash = log.program.run(&["audit", "head", "--json"]).json()["chains"][0]["hash"].clone();
    let wanted = format!("keyrite.checkpoint/1\nalice-a1a1a1a1\n5\n{}\n", hash.as_str().unwrap());
    assert_eq!(text, wanted.as_bytes());
    let cert = person();
    enrol(&log, &cert);
    let (code, said) = bring(&log, &sign(&cert, 0, &text, at(SIGNED)));
    assert_eq!(code, Some(0), "{said}");
    let name = format!("{}.{}.asc", path.display(), cert.fingerprint().to_hex());
    assert!(fs::read_to_string(&name).unwrap().starts_with("-----BEGIN PGP SIGNATURE-----"));
    let document = log.program.run(&["audit", "verify", "--json"]).json();
    assert_eq!(document["chains"][0]["signed"], 5);
    assert_eq!(document["exit"], 0);
    // Once more is no harm, and neither is what was written since.
    assert_eq!(log.program.run(&["audit", "checkpoint"]).code, Some(0));
    assert_eq!(bring(&log, &sign(&cert, 0, &text, at(SIGNED))).0, Some(0));
    log.open("alice", 0xa1).unwrap().append(record(6), NOW).unwrap();
    assert_eq!(log.agree(&[], "longer"), (0, vec![]));

    let all = fs::read_to_string(log.file("alice")).unwrap();
    let short: String = all.split_inclusive('\n').take(4).collect();
    fs::write(log.file("alice"), short).unwrap();
    assert_eq!(log.agree(&[], "short"), (11, vec![format!("truncated: {ALICE}:5")]));
    let refused = log.program.run(&["audit", "checkpoint"]);
    assert_eq!(refused.code, Some(11), "a checkpoint goes forward only: {refused:?}");
    fs::remove_file(log.folder().join(ALICE)).unwrap();
    assert_eq!(log.agree(&[], "none").0, 11);
}

#[test]
fn a_checkpoint_from_elsewhere_counts_as_much() {
    let (log, path) = with_checkpoint();
    let cert = person();
    enrol(&log, &cert);
    bring(&log, &sign(&cert, 0, &fs::read(&path).unwrap(), at(SIGNED)));
    let elsewhere = log.folder().join("medium");
    fs::rename(log.folder().join("audit/checkpoints"), &elsewhere).unwrap();
    let file = elsewhere.join("alice-a1a1a1a1-5.txt");
    let options = ["--from-checkpoint", file.to_str().unwrap()];
    assert_eq!(log.agree(&options, "as it was"), (0, vec![]));
    let said = log.program.run(&[&["audit", "verify"], &options[..]].concat());
    assert!(said.out.contains("signed up to line 5"), "{said:?}");
    let all = fs::read_to_string(log.file("alice")).unwrap();
    let short: String = all.split_inclusive('\n').take(4).collect();
    fs::write(log.file("alice"), short).unwrap();
    assert_eq!(log.agree(&[], "nothing says so here"), (0, vec![]));
    assert_eq!(log.agree(&options, "short").0, 11);
    fs::write(log.file("alice"), all.replace("\"number\":5", "\"number\":6")).unwrap();
    assert_eq!(log.agree(&options, "changed"), (12, vec![format!("forked: {ALICE}:5")]));
    for text in ["", "x", &"x".repeat(5000), "keyrite.checkpoint/1\nalice-a1a1a1a1\n5\n"] {
        fs::write(&file, text).unwrap();
        assert_eq!(log.agree(&options, "no checkpoint").0, 20);
    }
    assert_eq!(log.agree(&["--from-checkpoint", "/nowhere"], "nothing there").0, 20);
}

#[test]
fn a_signature_by_nobody_of_the_roster_is_not_taken() {
    let (log, path) = with_checkpoint();
    let text = fs::read(&path).unwrap();
    let good = person();
    let stranger = person();
    enrol(&log, &good);
    let now = at(SIGNED);
    let mut forged = sign(&good, 0, &text, now);
    let last = forged.len() - 1;
    forged[last] ^= 1;
    let revoked = certificate(
        &["Former TEST"],
        &KeySpec::new("CS", "2020-06-01", None).revoked(
            ReasonForRevocation::KeyCompromised,
            "2020-07-01",
            "",
        ),
        &[],
    );
    let ended = KeySpec::new("CS", "2020-06-01", Some("2020-12-01"));
    let ended = certificate(&["Ended TEST"], &ended, &[]);
    let certifier = KeySpec::new("C", "2020-06-01", None);
    let certifier = certificate(&["Certifier TEST"], &certifier, &[]);
    for cert in [&revoked, &ended, &certifier] {
        enrol(&log, cert);
    }
    for (what, signature) in [
        ("a stranger's", sign(&stranger, 0, &text, now)),
        ("of another text", sign(&good, 0, b"something else", now)),
        ("a forged one", forged),
        ("from the future", sign(&good, 0, &text, at("2100-01-01"))),
        ("of a revoked key", sign(&revoked, 0, &text, now)),
        ("of an ended key", sign(&ended, 0, &text, now)),
        ("of a key that certifies only", sign(&certifier, 0, &text, now)),
        ("no signature", b"hello".to_vec()),
        ("a certificate", good.to_vec().unwrap()),
        ("nothing", Vec::new()),
    ] {
        let (code, said) = bring(&log, &signature);
        assert_eq!(code, Some(13), "{what}: {said}");
        assert!(said.contains("nothing was written"), "{what}: {said}");
        // Put there by hand it is told, too.
        for cert in [&good, &stranger, &revoked, &ended, &certifier] {
            let name = format!("{}.{}.asc", path.display(), cert.fingerprint().to_hex());
            fs::write(&name, &signature).unwrap();
            assert_eq!(log.keyrite(&[]).0, 13, "{what}");
            fs::remove_file(&name).unwrap();
        }
    }
    assert_eq!(log.keyrite(&[]).0, 0);
    // A certificate in the file of another one's name signs for nobody.
    let name = good.fingerprint().to_hex();
    let stranger = stranger.clone().strip_secret_key_material();
    log.program.file(&format!("people/{name}.asc"), stranger.armored().to_vec().unwrap());
    assert_eq!(bring(&log, &sign(&good, 0, &text, now)).0, Some(13));
}

#[test]
fn the_line_that_is_told_makes_a_signature_that_is_taken() {
    let (log, path) = with_checkpoint();
    let gpg = Gpg::new();
    gpg.run(&["--quick-gen-key", "Alice TEST <alice@example.org>", "rsa3072", "sign", "never"]);
    let lines = gpg.lines(&["--with-colons", "--list-keys"]);
    let fingerprint = lines.iter().find_map(|line| line.strip_prefix("fpr:")).unwrap();
    let fingerprint = fingerprint.trim_matches(':');
    let export = gpg.run(&["--armor", "--export", fingerprint]);
    log.program.file(&format!("people/{fingerprint}.asc"), export);
    let signature = log.folder().join("checkpoint.asc");
    let arguments = ["--detach-sign", "--armor", "--output", signature.to_str().unwrap()];
    gpg.run(&[&arguments[..], &[path.to_str().unwrap()]].concat());
    // The key was made just now, by the clock of the system.
    let outcome = log.program.run(&["audit", "checkpoint", "--signature", "checkpoint.asc"]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(outcome.out.contains(fingerprint), "{outcome:?}");
    assert!(log.program.run(&["audit", "verify"]).out.contains("signed up to line 5"));
}

#[test]
fn of_several_chains_one_is_named_or_is_this_machines() {
    let log = Log::with_two_chains();
    let outcome = log.program.run(&["audit", "checkpoint"]);
    assert_eq!(outcome.code, Some(2), "{outcome:?}");
    assert!(outcome.err.contains("alice-a1a1a1a1, bob-b2b2b2b2"), "{outcome:?}");
    let outcome = log.program.run(&["audit", "checkpoint", "--writer", "bob-b2b2b2b2"]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert_eq!(log.program.run(&["audit", "checkpoint", "--writer", "../x"]).code, Some(2));
    let begun = log.program.run(&["audit", "begin", "--as", "alice"]);
    assert_eq!(begun.code, Some(0), "{begun:?}");
    let outcome = log.program.run(&["audit", "checkpoint"]);
    let writer = begun.out.split(':').next().unwrap();
    assert!(outcome.out.starts_with(writer), "{outcome:?}");
    assert_eq!(log.program.run(&["audit", "begin", "--as", "mallory"]).code, Some(2));
    assert_eq!(log.agree(&[], "three chains"), (0, vec![]));
}

/// The ids of the findings on the log, with their severities.
fn findings(log: &Log, day: &str) -> Vec<(String, String)> {
    let outcome = log.program.run(&["lint", "--json", "--at", day]);
    let document = outcome.json();
    let all = document["findings"].as_array().unwrap().iter();
    let word = |finding: &serde_json::Value, name: &str| finding[name].as_str().unwrap().to_owned();
    let mut all: Vec<_> = all
        .map(|finding| (word(finding, "id"), word(finding, "severity")))
        .filter(|(id, _)| id.starts_with("LOG-"))
        .collect();
    all.dedup();
    all
}

#[test]
fn a_team_is_told_what_is_wrong_with_its_log() {
    let log = Log::new();
    assert_eq!(findings(&log, "2026-11-21"), [], "no log is no finding");
    let mut alice = log.open("alice", 0xa1).unwrap();
    for number in 2..6 {
        alice.append(record(number), NOW.plus(number)).unwrap();
    }
    assert_eq!(findings(&log, "2026-11-21"), [], "a sound log is accepted");
    let good = fs::read_to_string(log.file("alice")).unwrap();
    let is = |id: &str, severity: &str| vec![(id.to_owned(), severity.to_owned())];
    let with = |text: &str| {
        fs::write(log.file("alice"), text).unwrap();
        findings(&log, "2026-11-21")
    };
    assert_eq!(with(&good.replacen("noted", "noticed", 1)), is("LOG-001", "error"));
    assert_eq!(with(&good[..good.len() - 9]), is("LOG-004", "warning"));
    assert_eq!(with(&good), []);
    log.program.file("audit/note", "x");
    assert_eq!(findings(&log, "2026-11-21"), is("LOG-001", "error"));
    fs::remove_file(log.folder().join("audit/note")).unwrap();

    assert_eq!(log.program.run(&["audit", "checkpoint"]).code, Some(0));
    let short: String = good.split_inclusive('\n').take(4).collect();
    assert_eq!(with(&short), is("LOG-002", "error"));
    assert_eq!(with(&good.replace("\"number\":5", "\"number\":6")), is("LOG-006", "error"));
    assert_eq!(with(&good), []);
    alice.append(record(7), NOW.plus(-1000)).unwrap();
    assert_eq!(findings(&log, "2026-11-21"), is("LOG-005", "warning"));
}

#[test]
fn lines_do_not_wait_for_a_signature_for_longer_than_ninety_days() {
    let (log, path) = with_checkpoint();
    let warning = vec![("LOG-003".to_owned(), "warning".to_owned())];
    assert_eq!(findings(&log, "2027-02-18"), []);
    assert_eq!(findings(&log, "2027-02-19"), warning);
    let cert = person();
    enrol(&log, &cert);
    let text = fs::read(&path).unwrap();
    assert_eq!(bring(&log, &sign(&cert, 0, &text, at(SIGNED))).0, Some(0));
    assert_eq!(findings(&log, "2027-02-19"), [], "all lines are signed");
    log.open("alice", 0xa1).unwrap().append(record(6), NOW.plus(86_400)).unwrap();
    assert_eq!(findings(&log, "2027-02-19"), []);
    assert_eq!(findings(&log, "2027-02-20"), warning, "one is not");
}

#[test]
fn the_screen_gets_the_newest_lines_first() {
    let log = Log::with_two_chains();
    let app = keyrite::app::App::new(keyrite::adapters::environment::Environment::default());
    let (sender, receiver) = std::sync::mpsc::channel();
    app.start_audit(log.folder().to_owned(), sender, |chain| chain);
    let chain = receiver.recv_timeout(std::time::Duration::from_secs(10)).unwrap();
    assert_eq!(chain.rows.len(), 13);
    assert!(chain.rows.is_sorted_by_key(|row| std::cmp::Reverse(row.at)));
    let first = &chain.rows[0];
    assert_eq!(
        (first.writer.as_str(), first.seq, first.actor.as_str()),
        ("bob-b2b2b2b2", 3, "alice")
    );
    assert_eq!(first.summary.as_str(), r#"number 11, text é "quoted" \u{1}"#);
    assert_eq!(chain.report.problems, []);
}
