//! Somebody who can change what a workspace declares, and what stands against
//! them.

use std::os::unix::fs::symlink;

use sequoia_openpgp::serialize::SerializeInto as _;

use crate::support::forge::{KeySpec, certificate};
use crate::support::program::{Outcome, Program};
use crate::workspace::team;

const ON: &str = "2026-06-01";

/// The team's file with something more.
fn declare(program: &Program, more: &str) {
    let text = std::fs::read_to_string(program.folder().join("team/keyrite.toml")).unwrap();
    program.file("team/keyrite.toml", format!("{text}\n{more}\n"));
}

fn check(program: &Program) -> Outcome {
    program.run(&["check", "--in", "team", "--at", ON])
}

fn fresh() -> (Program, String) {
    let program = Program::new();
    let fingerprint = team(&program);
    assert_eq!(check(&program).code, Some(0));
    (program, fingerprint)
}

#[test]
fn words_of_the_file_reach_no_terminal_as_they_are() {
    let hostile = "\\u001b]0;x\\u0007\\n::warning::x";
    for more in [
        format!(
            "[[keys]]\ncertificate = \"{}\"\nclass = \"root\"\nprofile = \"{hostile}\"",
            "AB".repeat(20)
        ),
        format!("[policy]\nabout = \"{hostile}\""),
        format!("[policy]\n\"{hostile}\" = 1"),
        format!("[policy.windows]\n\"{hostile}\" = 1"),
        format!("[[waivers]]\nfinding = \"{hostile}\""),
    ] {
        let (program, _) = fresh();
        declare(&program, &more);
        for command in ["check", "lint", "schedule"] {
            let outcome = program.run(&[command, "--in", "team", "--at", ON]);
            assert_eq!(outcome.code, Some(2), "{more}: {outcome:?}");
            let told = format!("{}{}", outcome.out, outcome.err);
            assert!(!told.contains('\u{1b}') && !told.contains("\n::"), "{told}");
        }
    }
}

#[test]
fn a_secret_among_the_people_is_told_and_no_waiver_hides_it() {
    let (program, _) = fresh();
    let person = certificate(&["Al TEST"], &KeySpec::new("C", "2025-06-01", None), &[]);
    let name = format!("team/people/{}.asc", person.fingerprint().to_hex());
    program.file(&name, person.as_tsk().to_vec().unwrap());
    let outcome = check(&program);
    assert_eq!(outcome.code, Some(3), "{outcome:?}");
    assert!(outcome.err.contains("error: CUS-010"), "{outcome:?}");
    let more = format!(
        "[[people]]\nid = \"al\"\nname = \"Al\"\n[[waivers]]\nfinding = \"CUS-010\"\nof = \"{name}\"\n\
         reason = \"x\"\nby = \"al\"\nuntil = \"2026-12-31\""
    );
    declare(&program, &more);
    assert!(check(&program).err.contains("error: CUS-010"));
    // What cannot be read there is told, too.
    program.file(&name, "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxsDN\n");
    assert!(check(&program).err.contains("rejected"), "{:?}", check(&program));
}

#[test]
fn a_waiver_for_ever_does_not_hold_and_others_are_counted_aloud() {
    let (program, fingerprint) = fresh();
    let people = "[[people]]\nid = \"al\"\nname = \"Al\"\n";
    let waiver = |until: &str| {
        format!(
            "{people}[policy.user_ids]\ncertifications = 1\n[[waivers]]\nfinding = \"CRT-001\"\n\
             of = \"{fingerprint}\"\nreason = \"x\"\nby = \"al\"\nuntil = \"{until}\""
        )
    };
    let path = program.folder().join("team/keyrite.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    declare(&program, &waiver("9999-12-31"));
    let out = program.run(&["lint", "--in", "team", "--at", ON]).out;
    assert!(out.contains("the waiver by al until 9999-12-31 is too long to hold"), "{out}");
    assert_eq!(check(&program).code, Some(3));
    program.file("team/keyrite.toml", &text);
    declare(&program, &waiver("2026-12-31"));
    let outcome = check(&program);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert_eq!(outcome.err, "waived: 1 finding; keyrite lint names them\n");
}

#[test]
fn nothing_turns_green_because_it_is_not_declared_any_more() {
    let (program, fingerprint) = fresh();
    let path = program.folder().join("team/keyrite.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    // The signers are gone from the file.
    let (start, _) =
        text.split_once("# Release TEST <release@example.org>\n[[consumers]]").unwrap();
    program.file("team/keyrite.toml", start);
    let outcome = check(&program);
    assert_eq!(outcome.code, Some(3), "{outcome:?}");
    assert!(outcome.err.contains("declares nothing that signs"), "{outcome:?}");
    // Years later all of it has ended.
    program.file("team/keyrite.toml", &text);
    let outcome = program.run(&["check", "--in", "team", "--at", "2031-02-15"]);
    assert_eq!(outcome.code, Some(4), "{outcome:?}");
    assert!(outcome.err.contains("error: CAP-002"), "{outcome:?}");
    // A certificate that is declared and was taken away.
    std::fs::remove_file(program.folder().join(format!("team/certs/{fingerprint}.asc"))).unwrap();
    let outcome = check(&program);
    assert_eq!(outcome.code, Some(4), "{outcome:?}");
    assert!(outcome.err.contains("is declared and not there"), "{outcome:?}");
}

#[test]
fn a_certificate_stands_in_the_file_of_its_name() {
    let (program, fingerprint) = fresh();
    let certs = program.folder().join("team/certs");
    let own = certs.join(format!("{fingerprint}.asc"));
    std::fs::rename(&own, certs.join("release.asc")).unwrap();
    let outcome = check(&program);
    assert_eq!(outcome.code, Some(3), "{outcome:?}");
    assert!(outcome.err.contains("stands in a file of another name"), "{outcome:?}");
    let other = certificate(&["Other TEST"], &KeySpec::new("CS", "2025-06-01", None), &[]);
    std::fs::write(&own, other.strip_secret_key_material().to_vec().unwrap()).unwrap();
    assert!(check(&program).err.contains("it holds the certificate "), "{:?}", check(&program));
}

#[test]
fn a_key_that_may_not_sign_is_no_signer() {
    let (program, fingerprint) = fresh();
    let path = program.folder().join("team/keyrite.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let subkey = text.lines().find(|line| line.starts_with("subkey")).unwrap();
    program.file("team/keyrite.toml", text.replace(subkey, &format!("subkey = \"{fingerprint}\"")));
    let outcome = check(&program);
    assert_eq!(outcome.code, Some(4), "{outcome:?}");
    assert!(outcome.err.contains(&format!("its key {fingerprint} may not sign")), "{outcome:?}");
}

#[test]
fn one_certificate_is_one_person() {
    let (program, fingerprint) = fresh();
    let person = |id: &str| {
        format!("[[people]]\nid = \"{id}\"\nname = \"x\"\nfingerprint = \"{fingerprint}\"\n")
    };
    declare(&program, &(person("al") + &person("bo")));
    let outcome = check(&program);
    assert_eq!(outcome.code, Some(2), "{outcome:?}");
    assert!(outcome.err.contains("the certificate of a person"), "{outcome:?}");
}

#[test]
fn a_year_has_four_digits() {
    let (program, _) = fresh();
    declare(&program, "[[blackouts]]\nreason = \"x\"\nfrom = \"26-12-20\"\nuntil = \"2027-01-06\"");
    assert!(check(&program).err.contains("'26-12-20' is not a date"));
    assert_eq!(program.run(&["check", "--in", "team", "--at", "26-01-01"]).code, Some(2));
}

#[test]
fn links_are_left_alone() {
    let (program, _) = fresh();
    let secret = program.file("secret", "TOKEN");
    let git = |arguments: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.args(arguments).current_dir(program.folder().join("team"));
        assert!(command.status().unwrap().success());
    };
    git(&["init", "-q"]);
    let attributes = program.folder().join("team/.gitattributes");
    symlink(&secret, &attributes).unwrap();
    let outcome = program.run(&["merge", "--install", "--in", "team"]);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(outcome.err.contains(".gitattributes is a link; it was left alone"), "{outcome:?}");
    assert!(attributes.is_symlink());
    // The file of the workspace itself.
    declare(&program, "[[people]]\nid = \"al\"\nname = \"Al\"");
    let file = program.folder().join("team/keyrite.toml");
    std::fs::rename(&file, program.folder().join("elsewhere.toml")).unwrap();
    symlink(program.folder().join("elsewhere.toml"), &file).unwrap();
    let before = std::fs::read(&file).unwrap();
    let arguments = ["waive", "OPS-001", "team", "--by", "al", "--reason", "x", "--in", "team"];
    let outcome = program.run(&[&arguments[..], &["--until", "2027-01-01"]].concat());
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(outcome.err.contains("it is a link or no file, and is left alone"), "{outcome:?}");
    assert!(file.is_symlink());
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[test]
fn a_file_of_many_tables_is_read_in_time() {
    let (program, _) = fresh();
    let people = |n: u32| format!("[[people]]\nid = \"p{n}\"\nname = \"x\"\n");
    let people = (0..50_000).map(people).collect::<Vec<_>>().concat();
    declare(&program, &people);
    // The program is given ten seconds. It took more than twice that when each
    // line was counted from the top.
    assert_eq!(check(&program).code, Some(0));
}
