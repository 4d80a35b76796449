//! What keyrite writes into a workspace that is there, and when it refuses to.

use sequoia_openpgp::serialize::SerializeInto as _;

use crate::support::forge::{KeySpec, certificate};
use crate::support::program::Program;
use crate::workspace::team;

#[test]
fn a_new_subkey_is_brought_in_and_another_key_is_adopted_by_its_name() {
    let program = Program::new();
    let keys = |signers: &[KeySpec]| {
        certificate(
            &["Release TEST <release@example.org>"],
            &KeySpec::new("C", "2025-06-01", Some("2028-06-01")),
            signers,
        )
    };
    let old = KeySpec::new("S", "2025-12-01", Some("2026-12-31"));
    let both = keys(&[old, KeySpec::new("S", "2026-11-01", Some("2027-12-31"))]);
    let public = both.strip_secret_key_material();
    let newest = public.keys().subkeys().max_by_key(|key| key.key().creation_time()).unwrap();
    let newest = newest.key().fingerprint();
    let (new_key, fingerprint) = (newest.to_hex(), public.fingerprint().to_hex());
    // The certificate before its second subkey.
    let before = public.clone().retain_subkeys(|key| key.key().fingerprint() != newest);
    program.file("before.pgp", before.to_vec().unwrap());
    let other = certificate(
        &["Nightly TEST <nightly@example.org>"],
        &KeySpec::new("CS", "2025-06-01", Some("2027-06-01")),
        &[],
    );
    let other = other.strip_secret_key_material().to_vec().unwrap();
    program.file("now.pgp", [public.to_vec().unwrap(), other].concat());
    assert_eq!(
        program.run(&["init", "team", "--profile", "small-team", "before.pgp"]).code,
        Some(0)
    );
    let file = program.folder().join("team/keyrite.toml");
    let text = std::fs::read_to_string(&file).unwrap();

    let outcome = program.run(&["adopt", "--in", "team", "now.pgp"]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(outcome.out.contains("Release TEST <release@example.org>: updated"), "{outcome:?}");
    assert!(
        outcome.out.contains("1 other certificate left alone; --key adopts one"),
        "{outcome:?}"
    );
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    let again = program.run(&["adopt", "--in", "team", "before.pgp"]);
    assert!(again.out.contains(": as it was"), "nothing is taken away: {again:?}");
    // The plan sees the new subkey and asks whether it is the successor.
    let out = program.run(&["schedule", "--in", "team", "--at", "2026-11-20"]).out;
    assert!(out.contains(&format!("; {new_key} is newer: if it is the successor")), "{out}");

    // Once it is said, the plan reckons with the end that it really has.
    let said = text.replace("progress = \"nothing\"", "progress = \"published\"");
    program.file("team/keyrite.toml", said);
    let plan = |more: &[&str]| {
        program.run(&[&["schedule", "--in", "team", "--at", "2026-11-20"], more].concat())
    };
    let out = plan(&["--simulate", "3y"]).out;
    assert!(!out.contains("declare") && out.contains("new key ends 2027-12-31"), "{out}");
    program.file("team/keyrite.toml", &text);

    let outcome = program.run(&["adopt", "--in", "team", "--key", "nightly", "now.pgp"]);
    assert!(outcome.out.contains("adopted and declared in keyrite.toml"), "{outcome:?}");
    let after = std::fs::read_to_string(&file).unwrap();
    assert!(after.starts_with(&text) && after.contains("id = \"signer-2\""), "{after}");
    assert_ne!(program.run(&["check", "--in", "team"]).code, Some(2));
    // A file that holds another certificate than its name says is not touched.
    let certs = program.folder().join("team/certs");
    let nightly = std::fs::read_dir(&certs)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| !path.ends_with(format!("{fingerprint}.asc")))
        .unwrap();
    std::fs::copy(&nightly, certs.join(format!("{fingerprint}.asc"))).unwrap();
    let outcome = program.run(&["adopt", "--in", "team", "now.pgp"]);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(outcome.err.contains("holds another certificate than its name says"), "{outcome:?}");
}

#[test]
fn many_certificates_are_adopted_only_when_somebody_says_which_or_all() {
    let program = Program::new();
    let one = |name: &str| {
        let cert = certificate(&[name], &KeySpec::new("CS", "2025-06-01", None), &[]);
        cert.strip_secret_key_material().to_vec().unwrap()
    };
    let keyring: Vec<u8> = ["a TEST", "b TEST", "c TEST", "d TEST"].map(one).concat();
    program.file("many.pgp", keyring);
    let init = |more: &[&str]| {
        let arguments = ["init", "team", "--profile", "small-team", "many.pgp"];
        program.run(&[&arguments[..], more].concat())
    };
    let outcome = init(&[]);
    assert_eq!(outcome.code, Some(2), "{outcome:?}");
    assert!(outcome.err.contains("there are 4 certificates, and most of many are somebody"));
    assert!(!program.folder().join("team").exists());
    let outcome = init(&["--key", "e TEST"]);
    assert!(outcome.err.contains("no certificate is called 'e TEST'; nothing was made"));
    let outcome = init(&["--key", "a test", "--key", "c TEST", "--publish", "s3://bucket/keys"]);
    assert!(outcome.out.contains("with 2 certificates and 2 consumers"), "{outcome:?}");
    let text = std::fs::read_to_string(program.folder().join("team/keyrite.toml")).unwrap();
    assert!(text.contains("# c TEST\n[[keys]]") && text.contains("kind = \"s3\""), "{text}");
}

#[test]
fn a_waiver_must_mean_a_finding_and_end_within_a_year() {
    let program = Program::new();
    let fingerprint = team(&program);
    let waive = |finding: &str, of: &str, until: &str, by: &str| {
        let outcome = program.run(&[
            "waive", finding, of, "--until", until, "--by", by, "--reason", "x", "--in", "team",
        ]);
        (outcome.code, outcome.err)
    };
    let path = program.folder().join("team/keyrite.toml");
    let people =
        std::fs::read_to_string(&path).unwrap() + "\n[[people]]\nid = \"al\"\nname = \"Al TEST\"\n";
    program.file("team/keyrite.toml", &people);
    for (finding, of, until, by, wanted) in [
        ("EXP-002", "nonsense", "2027-01-01", "al", "EXP-002 has nothing to say of 'nonsense'"),
        ("OPS-001", "team", "2020-01-01", "al", "2020-01-01 is over"),
        ("OPS-001", "team", "2099-01-01", "al", "2099-01-01 is more than 1y away"),
        (
            "OPS-001",
            "team",
            "2027-06-01",
            "bo",
            "no person is called 'bo'; in keyrite.toml there is al",
        ),
        ("EXP-999", "team", "2027-06-01", "al", "keyrite lint names the ids"),
    ] {
        let (code, err) = waive(finding, of, until, by);
        assert_eq!(code, Some(2), "{err}");
        assert!(err.contains(wanted), "{wanted}: {err}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), people);
    }
    assert_eq!(waive("OPS-001", "team", "2027-06-01", "al").0, Some(0));
    assert!(waive("OPS-001", "team", "2027-06-01", "al").1.contains("nothing was written"));
    // One that means nothing is told.
    let idle = format!(
        "{people}[[waivers]]\nfinding = \"UID-001\"\nof = \"{fingerprint}\"\nreason = \"x\"\n\
         by = \"al\"\nuntil = \"2027-01-01\"\n"
    );
    program.file("team/keyrite.toml", idle);
    let out = program.run(&["lint", "--in", "team"]).out;
    assert!(out.contains("idle: the waiver of UID-001 of "), "{out}");
}

#[test]
fn a_key_without_an_end_is_due_and_never_a_gap() {
    let program = Program::new();
    let cert = certificate(&["Old TEST"], &KeySpec::new("CS", "2024-03-01", None), &[]);
    program.file("old.pgp", cert.strip_secret_key_material().to_vec().unwrap());
    program.run(&["init", "team", "--profile", "small-team", "old.pgp"]);
    let out = program.run(&["schedule", "--in", "team", "--at", "2026-11-20"]).out;
    assert!(out.contains("due: generate for signer-1"), "{out}");
    assert!(out.contains("because the policy's term of the present key ends 2025-03-01"), "{out}");
    assert!(!out.contains("overdue") && !out.contains("gap"), "{out}");
}

#[test]
fn a_successor_that_does_not_outlive_its_predecessor_is_told_at_once() {
    let program = Program::new();
    let cert = certificate(
        &["Release TEST"],
        &KeySpec::new("C", "2025-06-01", Some("2028-06-01")),
        &[
            KeySpec::new("S", "2025-12-01", Some("2026-12-31")),
            KeySpec::new("S", "2026-11-01", Some("2026-12-20")),
        ],
    );
    let first = cert.keys().subkeys().min_by_key(|key| key.key().creation_time()).unwrap();
    let first = first.key().fingerprint().to_hex();
    program.file("key.pgp", cert.strip_secret_key_material().to_vec().unwrap());
    program.run(&["init", "team", "--profile", "small-team", "key.pgp"]);
    let path = program.folder().join("team/keyrite.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let start = text.split("# Release TEST\n[[consumers]]").next().unwrap();
    let certificate = text.lines().find(|line| line.starts_with("certificate")).unwrap();
    let consumer = format!(
        "[[consumers]]\nid = \"ci\"\n{certificate}\nsubkey = \"{first}\"\nprogress = \"published\"\n"
    );
    program.file("team/keyrite.toml", format!("{start}\n{consumer}"));
    let outcome = program.run(&["check", "--in", "team", "--at", "2026-11-20"]);
    assert_eq!(outcome.code, Some(3), "{outcome:?}");
    assert!(outcome.err.contains("no later than the present key: make another"), "{outcome:?}");
}
