//! The command line: what it prints, where, and with which exit code.

use crate::support::forge::{KeySpec, certificate};
use crate::support::program::Program;

use sequoia_openpgp::serialize::SerializeInto as _;

/// User IDs that attack a terminal, a parser or an eye.
const HOSTILE: [&str; 6] = [
    "TEST \u{1b}[2J\u{1b}]0;owned\u{7} <a@example.org>",
    "TEST \u{202e}gro.elpmaxe@a\u{202c}",
    "TEST a\u{200b}b\u{feff}c",
    "TEST \r\n\tnew line",
    "TEST \",\"state\":\"valid\"",
    "TEST \u{0}nul\u{9b}31m",
];

#[test]
fn the_version_and_help_come_without_a_terminal() {
    let program = Program::new();
    let version = program.run(&["--version"]);
    assert_eq!((version.code, version.out.starts_with("keyrite ")), (Some(0), true));
    let help = program.run(&["--help"]);
    assert_eq!(help.code, Some(0));
    for word in ["demo", "view", "keys", "compare", "completions", "man", "--plain"] {
        assert!(help.out.contains(word), "{word}");
    }
}

#[test]
fn without_a_terminal_the_demo_is_the_dashboard_as_text() {
    let outcome = Program::new().run(&["demo"]);
    assert_eq!((outcome.code, outcome.err.as_str()), (Some(0), ""));
    insta::assert_snapshot!("demo_as_text", outcome.out);
}

#[test]
fn without_a_command_and_a_terminal_the_choices_are_printed() {
    let outcome = Program::new().run::<&str>(&[]);
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.out.contains("keyrite demo --plain"));
}

#[test]
fn plain_text_has_no_control_characters_and_one_fact_per_line() {
    for arguments in [vec!["demo", "--plain"], vec!["demo"]] {
        let outcome = Program::new().run(&arguments);
        assert!(outcome.out.lines().all(|line| line.is_empty() || line.contains(": ")));
        assert!(outcome.out.chars().all(|c| c == '\n' || !c.is_control()));
    }
}

#[test]
fn the_document_has_the_fields_of_its_schema() {
    let program = Program::new();
    let cert = certificate(
        &["a (TEST)"],
        &KeySpec::new("C", "2025-01-01", Some("2027-01-01")),
        &[KeySpec::new("S", "2025-01-01", Some("2035-01-01"))],
    );
    let path = program.file("a.pgp", cert.to_vec().unwrap());
    let arguments =
        ["keys", "--json", "--at", "2026-06-01", path.to_str().unwrap()].map(str::to_owned);
    let document = program.run(&arguments).json();
    assert_eq!(document["schema"], "keyrite.keys/1");
    assert_eq!(document["at"], "2026-06-01T00:00:00Z");
    let certificate = &document["certificates"][0];
    assert_eq!(certificate["fingerprint"], cert.fingerprint().to_hex());
    assert_eq!((&certificate["version"], &certificate["state"]), (&4.into(), &"valid".into()));
    assert_eq!(certificate["user_ids"][0], "a (TEST)");
    let subkey = &certificate["keys"][1];
    assert_eq!((&subkey["primary"], &subkey["algorithm"]), (&false.into(), &"Ed25519".into()));
    assert_eq!(subkey["capabilities"][0], "sign");
    assert_eq!(subkey["created"], "2025-01-01T00:00:00Z");
    assert_eq!(subkey["expires"], "2035-01-01T00:00:00Z");
    assert_eq!(subkey["effective_expires"], "2027-01-01T00:00:00Z");
    assert_eq!(subkey["state"], "valid");
    assert_eq!(subkey["reasons"].as_array().unwrap().len(), 0);
    assert!(document["rejected"].as_array().unwrap().is_empty());
}

#[test]
fn the_day_asked_about_moves_the_state_and_not_the_cut_offs() {
    let program = Program::new();
    let cert = certificate(
        &["a (TEST)"],
        &KeySpec::new("CS", "2010-01-01", Some("2027-01-01"))
            .hash(sequoia_openpgp::types::HashAlgorithm::SHA1),
        &[],
    );
    let modern =
        certificate(&["b (TEST)"], &KeySpec::new("CS", "2025-01-01", Some("2027-01-01")), &[]);
    program.file("a.pgp", cert.to_vec().unwrap());
    program.file("b.pgp", modern.to_vec().unwrap());
    let state = |file: &str, day: &str| {
        let document = program.run(&["keys", "--json", "--at", day, file]).json();
        document["certificates"][0]["state"].as_str().unwrap().to_owned()
    };
    assert_eq!(state("b.pgp", "2024-12-31T23:59:59Z"), "not_yet_valid");
    assert_eq!(state("b.pgp", "2025-01-01"), "valid");
    assert_eq!(state("b.pgp", "2026-12-31T23:59:59Z"), "valid");
    assert_eq!(state("b.pgp", "2027-01-01"), "expired");
    assert_eq!(state("a.pgp", "2012-01-01"), "invalid");
}

#[test]
fn every_state_but_valid_has_a_reason() {
    let program = Program::new();
    let mut arguments = vec!["keys".to_owned(), "--json".to_owned()];
    let keyrings = crate::support::corpus::debian_keyrings();
    arguments.extend(keyrings.iter().map(|path| path.to_str().unwrap().to_owned()));
    let document = program.run(&arguments).json();
    for certificate in document["certificates"].as_array().unwrap() {
        for key in certificate["keys"].as_array().unwrap() {
            let reasons = key["reasons"].as_array().unwrap();
            assert_eq!(key["state"] == "valid", reasons.is_empty(), "{key}");
        }
    }
}

#[test]
fn hostile_user_ids_are_harmless_everywhere() {
    let program = Program::new();
    let long = format!("TEST {}", "x".repeat(10_000));
    let mut ids: Vec<&str> = HOSTILE.to_vec();
    ids.push(&long);
    let cert = certificate(&ids, &KeySpec::new("CS", "2025-01-01", None), &[]);
    let path = program.file("hostile.pgp", cert.to_vec().unwrap());
    let path = path.to_str().unwrap();
    for arguments in
        [vec!["keys", path], vec!["keys", "--json", path], vec!["view", "--plain", path]]
    {
        let outcome = program.run(&arguments);
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        for c in outcome.out.chars() {
            let harmless =
                c == '\n' || (!c.is_control() && !"\u{202e}\u{200b}\u{feff}".contains(c));
            assert!(harmless, "{c:?} in {arguments:?}");
        }
    }
    let document = program.run(&["keys", "--json", path]).json();
    let ids = document["certificates"][0]["user_ids"].to_string();
    assert!(ids.contains(r"\\\\u{1b}[2J") || ids.contains(r"\\u{1b}[2J"), "{ids}");
    assert!(ids.len() > 10_000, "JSON keeps the whole text");
}

#[test]
fn a_hostile_file_name_is_harmless() {
    let program = Program::new();
    let outcome = program.run(&["keys", "no\u{1b}[2Jsuch\u{202e}file"]);
    assert_eq!(outcome.code, Some(7));
    assert!(outcome.out.contains(r"no\u{1b}[2Jsuch\u{202e}file"), "{outcome:?}");
}

#[test]
fn mistakes_on_the_command_line_are_answered_with_help() {
    let program = Program::new();
    for (arguments, says) in [
        (vec!["keys"], "no PATH given"),
        (vec!["view"], "no PATH given"),
        (vec!["kyes"], "keys"),
        (vec!["keys", "--at", "tomorrow", "x"], "write 2026-12-02"),
        (vec!["demo", "--theme", "pink"], "choose one of dark, light, none"),
        (vec!["compare", "DEADBEEF"], "8 digits are a key ID"),
        (vec!["compare", "--channel", "rumour", "x"], "choose one of in-person"),
    ] {
        let outcome = program.run(&arguments);
        assert_eq!((outcome.code, outcome.out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(outcome.err.contains(says), "{arguments:?}: {}", outcome.err);
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let program = Program::new();
    let mut command = std::process::Command::new("/bin/sh");
    command.arg("-c").arg(format!(
        "{{ '{}' demo; echo \"code $?\" >&2; }} | head -n 1",
        crate::support::program::BINARY
    ));
    command.current_dir(program.folder());
    let outcome =
        crate::support::program::finish(command, b"", std::time::Duration::from_secs(10)).unwrap();
    assert!(outcome.err.contains("code 0"), "{outcome:?}");
}

#[test]
fn a_full_disk_is_told() {
    let program = Program::new();
    let mut command = std::process::Command::new("/bin/sh");
    command.arg("-c").arg(format!("'{}' demo > /dev/full", crate::support::program::BINARY));
    let outcome =
        crate::support::program::finish(command, b"", std::time::Duration::from_secs(10)).unwrap();
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(outcome.err.contains("error: cannot write the output"));
    assert!(outcome.err.contains("hint: the output is incomplete"));
    drop(program);
}

#[test]
fn completions_and_the_manual_page_are_printed() {
    let program = Program::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(program.run(&["completions", shell]).out.contains("keyrite"), "{shell}");
    }
    let page = program.run(&["man"]);
    assert!(page.out.contains(".TH keyrite 1") && page.out.contains("compare"), "{page:?}");
}

const OURS: &str = "7E6A3F1942C80B5DD19E54A7A3C1F08E6B2D9A47";

#[test]
fn comparing_a_matching_value_ends_with_zero() {
    let program = Program::new();
    let words = "locale hamburger cowbell bottomless crowfoot retrieval alone filament stairway \
                 onlooker eating paragraph reform recover unearth microwave glitter clergyman \
                 pupil determine";
    for theirs in [OURS, &OURS.to_lowercase(), words] {
        let input = format!("{theirs}\n");
        let arguments = ["compare", OURS, "--channel", "phone"];
        let outcome = program.run_with(&arguments, input.as_bytes());
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        assert!(outcome.out.contains("MATCH: every digit is equal."));
    }
}

#[test]
fn comparing_a_different_value_names_the_group_and_never_ours() {
    let program = Program::new();
    let wrong = ["F0BE", "F0B8", "F0B3"].map(|group| OURS.replace("F08E", group));
    // Saying the same once more is no further try.
    let input = format!("4\n{}\n{0}\n{}\n{}\n", wrong[0], wrong[1], wrong[2]);
    let outcome = program.run_with(&["compare", OURS], input.as_bytes());
    assert_eq!(outcome.code, Some(5), "{outcome:?}");
    assert!(outcome.out.contains("channel: paper"));
    assert_eq!(outcome.out.matches("group 8 of 10").count(), 3);
    assert!(outcome.out.contains("The same value as before; nothing was counted."));
    assert!(outcome.out.contains("(try 3 of 3)"));
    assert!(outcome.out.contains("MISMATCH. Do not use this key before that is explained."));
    assert!(!outcome.out.contains("F08E"), "our value is not shown");
}

#[test]
fn leaving_after_a_difference_is_a_mismatch() {
    let input = format!("{}\n", OURS.replace("F08E", "F0BE"));
    let arguments = ["compare", OURS, "--channel", "video"];
    let outcome = Program::new().run_with(&arguments, input.as_bytes());
    assert_eq!(outcome.code, Some(5), "{outcome:?}");
    assert!(outcome.out.contains("MISMATCH"));
}

#[test]
fn comparing_nothing_says_nothing() {
    let outcome = Program::new().run(&["compare", OURS, "--channel", "video"]);
    assert_eq!(outcome.code, Some(5));
    assert!(outcome.out.contains("Not finished: nothing is said about this key."));
}

#[test]
fn the_key_to_compare_is_named_where_its_file_is_given() {
    let program = Program::new();
    let cert = certificate(
        &["a (TEST)"],
        &KeySpec::new("C", "2025-01-01", None),
        &[KeySpec::new("S", "2025-01-01", None)],
    );
    program.file("a.pgp", cert.to_vec().unwrap());
    let subkey = cert.keys().subkeys().next().unwrap().key().fingerprint().to_hex();
    let arguments = ["compare", &subkey, "a.pgp", "--channel", "paper"];
    let outcome = program.run_with(&arguments, format!("{subkey}\n").as_bytes());
    assert_eq!(outcome.code, Some(0));
    assert!(outcome.out.contains("key: signing subkey of a (TEST)"), "{outcome:?}");
    let primary = cert.fingerprint().to_hex();
    let arguments = ["compare", "A (test)", "a.pgp", "--channel", "paper"];
    let outcome = program.run_with(&arguments, format!("{subkey}\n{primary}\n").as_bytes());
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(outcome.out.contains("the fingerprint of the signing subkey of this same certificate"));
    let outcome = program.run(&["compare", "nobody", "a.pgp"]);
    assert!(outcome.err.contains("no certificate in the given files is called so"), "{outcome:?}");
    let outcome = program.run(&["compare", OURS, "a.pgp"]);
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.err.contains("no key with that fingerprint"));
}

#[test]
fn digests_are_those_of_sha256sum_and_can_be_read_aloud() {
    let program = Program::new();
    // The digest of three letters, as FIPS 180-4 has it; and more than one part.
    let short = program.file("short", "abc");
    let long = program.file("long", vec![b'a'; 3_000_001]);
    let told = program.run(&["digest".as_ref(), short.as_os_str(), long.as_os_str()]);
    assert_eq!(told.code, Some(0), "{told:?}");
    let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert!(told.out.starts_with(&format!("{hex}  ")), "{told:?}");
    assert!(told.out.contains("ba78 16bf 8f01 cfea"), "{told:?}");
    let sums = std::process::Command::new("sha256sum").arg(&long).output().unwrap();
    let sum = String::from_utf8(sums.stdout).unwrap();
    assert!(told.out.contains(sum.split(' ').next().unwrap()), "{told:?}");
    assert!(told.out.contains("  shadow indigo backward rebellion"), "{told:?}");

    let missing = program.run(&["digest", "nothing-here", "."]);
    assert_eq!(missing.code, Some(1), "{missing:?}");
    assert!(missing.err.contains("nothing-here: "), "{missing:?}");
}
