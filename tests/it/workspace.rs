//! A team's folder: made, read strictly, and asked what is due.

use sequoia_openpgp::serialize::SerializeInto as _;
use sequoia_openpgp::types::ReasonForRevocation;

use crate::support::forge::{KeySpec, certificate};
use crate::support::program::Program;

/// A folder with one adopted certificate whose subkey ends 2026-12-31.
pub(crate) fn team(program: &Program) -> String {
    let cert = certificate(
        &["Release TEST <release@example.org>"],
        &KeySpec::new("C", "2025-06-01", Some("2028-06-01")),
        &[KeySpec::new("S", "2025-12-01", Some("2026-12-31"))],
    );
    program.file("release.pgp", cert.clone().strip_secret_key_material().to_vec().unwrap());
    let arguments = ["init", "team", "--profile", "small-team", "release.pgp"];
    let outcome = program.run(&arguments);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(outcome.out.contains("made: team with 1 certificate and 1 consumer"), "{outcome:?}");
    cert.fingerprint().to_hex()
}

#[test]
fn a_new_workspace_knows_at_once_what_is_due_and_why() {
    let program = Program::new();
    let fingerprint = team(&program);
    let kept = program.folder().join(format!("team/certs/{fingerprint}.asc"));
    assert!(kept.is_file());
    let at = |day: &str| program.run(&["schedule", "--in", "team", "--at", day]).out;
    let text = at("2026-06-01");
    assert!(text.contains("workspace: team; production; profile small-team"), "{text}");
    assert!(
        text.contains(
            "later: generate for signer-1; planned 2026-10-31; latest safe 2026-11-14 (5 mo); \
             because published 2026-11-03 - 3 d ceremony buffer"
        ),
        "{text}"
    );
    assert!(text.contains("because first use 2026-12-03 - 30 d lead"), "{text}");
    assert!(text.contains("because old key ends 2026-12-31 - 14 d slack - 14 d overlap"), "{text}");
    assert!(at("2026-11-01").contains("due: generate for signer-1"));
    assert!(at("2026-12-01").contains("overdue: generate for signer-1"));
}

#[test]
fn check_tells_cron_by_its_exit_code() {
    let program = Program::new();
    team(&program);
    for (day, code, line) in [
        ("2026-06-01", 0, ""),
        ("2026-11-01", 3, "due: generate signer-1 by 2026-11-14 ("),
        ("2026-12-01", 4, "overdue: generate signer-1 by 2026-11-14 ("),
        ("2027-02-01", 4, "overdue: generate signer-1 by 2026-11-14 ("),
    ] {
        let outcome = program.run(&["check", "--in", "team", "--at", day]);
        assert_eq!(outcome.code, Some(code), "{day}: {outcome:?}");
        assert!(outcome.err.contains(line), "{day}: {outcome:?}");
        assert_eq!(outcome.out, "");
    }
    // A key that is not there is overdue; a consumer without one is due.
    let path = program.folder().join("team/keyrite.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let without: Vec<_> = text.lines().filter(|line| !line.starts_with("subkey")).collect();
    program.file("team/keyrite.toml", without.join("\n"));
    let outcome = program.run(&["check", "--in", "team", "--at", "2026-06-01"]);
    assert_eq!(outcome.code, Some(3), "{outcome:?}");
    assert!(outcome.err.contains("it has no key yet"), "{outcome:?}");
    let lost = format!("{text}\n[[consumers]]\nid = \"lost\"\n");
    let other = "AB".repeat(20);
    let lost = format!("{lost}certificate = \"{other}\"\nsubkey = \"{other}\"\n");
    program.file("team/keyrite.toml", lost);
    let outcome = program.run(&["check", "--in", "team", "--at", "2026-06-01"]);
    assert_eq!(outcome.code, Some(4), "{outcome:?}");
    assert!(outcome.err.contains("its certificate is not there: certs/ABAB"), "{outcome:?}");
}

#[test]
fn the_time_to_come_can_be_looked_at() {
    let program = Program::new();
    team(&program);
    let arguments = ["schedule", "--in", "team", "--at", "2026-06-01", "--simulate", "3y"];
    let out = program.run(&arguments).out;
    let turns: Vec<_> = out.lines().filter(|line| line.starts_with("to come: ")).collect();
    assert!(
        turns[0].contains("signer-1; generate 2026-10-31; publish 2026-11-03; activate 2026-12-03"),
        "{out}"
    );
    assert!(turns[0].contains("new key ends 2027-12-31"), "{out}");
    // The primary key ends in between: a successor cannot outlive it.
    assert!(turns.last().unwrap().contains("new key ends 2028-05-02"), "{out}");
    let document = program.run(&[&arguments[..], &["--json"]].concat()).json();
    assert_eq!(document["turns"].as_array().unwrap().len(), turns.len());
    let outcome = program.run(&["schedule", "--in", "team", "--simulate", "soon"]);
    assert!(outcome.err.contains("write 2y, 18m, 26w or 90d"), "{outcome:?}");
}

#[test]
fn metrics_are_lines_that_prometheus_reads() {
    let program = Program::new();
    let fingerprint = team(&program);
    let outcome = program.run(&["metrics", "--in", "team", "--at", "2026-12-01"]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let mut typed = Vec::new();
    for line in outcome.out.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            typed.push(rest.split(' ').next().unwrap().to_owned());
        }
        if line.starts_with('#') {
            continue;
        }
        let (metric, value) = line.rsplit_once(' ').unwrap();
        assert!(value.parse::<i64>().is_ok(), "{line}");
        let name = metric.split('{').next().unwrap();
        assert!(typed.iter().any(|known| known == name), "{line}");
        assert_eq!(metric.contains('{'), metric.ends_with('}'), "{line}");
    }
    let has = |line: &str| assert!(outcome.out.contains(line), "{line}: {}", outcome.out);
    has(&format!("keyrite_key_days_left{{certificate=\"{fingerprint}\",key=\""));
    has("role=\"signing subkey\",name=\"Release TEST <release@example.org>\"} 30\n");
    has("keyrite_actions{due=\"overdue\"} 2\n");
    has("keyrite_findings{id=\"EXP-005\",severity=\"warning\"} 1\n");
    has("keyrite_rejected_parts 0\n");
}

#[test]
fn evidence_moves_the_schedule_and_blackouts_push_earlier() {
    let program = Program::new();
    team(&program);
    let path = program.folder().join("team/keyrite.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let text = text.replace("progress = \"nothing\"", "progress = \"published\"");
    let text = text.replace("# owner = \"alice\"", "owner = \"alice\"");
    let text = format!(
        "{text}\n[[people]]\nid = \"alice\"\nname = \"Alice TEST\"\n[[blackouts]]\n\
         reason = \"release week\"\nfrom = \"2026-12-01\"\nuntil = \"2026-12-08\"\n"
    );
    program.file("team/keyrite.toml", text);
    let out = program.run(&["schedule", "--in", "team", "--at", "2026-11-01"]).out;
    assert!(!out.contains("generate"), "{out}");
    assert!(
        out.contains("later: activate for signer-1 by alice; planned 2026-11-30; latest safe"),
        "{out}"
    );
    assert!(out.contains("and not on a day when nobody can"), "{out}");
    let document =
        program.run(&["schedule", "--in", "team", "--json", "--at", "2026-11-01"]).json();
    assert_eq!(document["schema"], "keyrite.schedule/1");
    // Nothing of the successor is in the certificate, which is told first.
    let actions = document["actions"].as_array().unwrap();
    assert_eq!(actions[0]["kind"], "declare");
    let why = actions[0]["why"].as_str().unwrap();
    assert!(why.starts_with("progress is \"published\", but no newer signing subkey"), "{why}");
    assert_eq!((&actions[1]["kind"], &actions[1]["owner"]), (&"activate".into(), &"alice".into()));
    let check = program.run(&["check", "--in", "team", "--at", "2026-11-01"]);
    assert_eq!(check.code, Some(3), "{check:?}");
}

#[test]
fn the_workspace_around_the_present_folder_is_taken() {
    let program = Program::new();
    let outcome = program.run(&["schedule"]);
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.err.contains("is no workspace: it has no keyrite.toml"), "{}", outcome.err);
    assert!(outcome.err.contains("keyrite init DIR"), "{}", outcome.err);
    team(&program);
    let file = std::fs::read(program.folder().join("team/keyrite.toml")).unwrap();
    program.file("keyrite.toml", file);
    assert_eq!(program.run(&["schedule"]).code, Some(0));
}

#[test]
fn nothing_that_is_there_is_changed_by_a_second_init() {
    let program = Program::new();
    team(&program);
    let before = std::fs::read(program.folder().join("team/keyrite.toml")).unwrap();
    let outcome = program.run(&["init", "team", "--profile", "strict"]);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(outcome.err.contains("is there already; nothing of it was changed"), "{outcome:?}");
    assert_eq!(std::fs::read(program.folder().join("team/keyrite.toml")).unwrap(), before);
    // A file where the folder should be.
    program.file("taken", "x");
    let outcome = program.run(&["init", "taken", "--profile", "strict"]);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(outcome.err.contains("cannot be written") || outcome.err.contains("is there already"));
    let outcome = program.run(&["init", "other", "--profile", "srict"]);
    assert_eq!(outcome.code, Some(2));
    assert!(!program.folder().join("other").exists());
}

#[test]
fn what_was_cut_short_is_taken_up_by_the_same_command() {
    let program = Program::new();
    let fingerprint = team(&program);
    let folder = program.folder().join("team");
    // The machine was lost before the last file was there.
    std::fs::remove_file(folder.join("keyrite.toml")).unwrap();
    std::fs::write(folder.join(".keyrite.toml.new"), "half").unwrap();
    let arguments = ["init", "team", "--profile", "small-team", "release.pgp"];
    assert_eq!(program.run(&arguments).code, Some(0));
    assert_eq!(program.run(&["schedule", "--in", "team"]).code, Some(0));
    assert!(!folder.join(".keyrite.toml.new").exists());
    // Somebody else's file of that name is not ours to take.
    std::fs::remove_file(folder.join("keyrite.toml")).unwrap();
    std::fs::write(folder.join(format!("certs/{fingerprint}.asc")), "theirs").unwrap();
    let outcome = program.run(&arguments);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(outcome.err.contains("is there already; nothing of it was changed"), "{outcome:?}");
    assert!(!folder.join("keyrite.toml").exists());
}

#[test]
fn text_of_others_in_the_file_is_spelled_out() {
    let program = Program::new();
    team(&program);
    let path = program.folder().join("team/keyrite.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    program.file("team/keyrite.toml", text.replace("\"signer-1\"", "\"\\u001b[2Jci\""));
    for command in ["schedule", "check", "metrics"] {
        let outcome = program.run(&[command, "--in", "team", "--at", "2026-12-01"]);
        let said = format!("{}{}", outcome.out, outcome.err);
        assert!(!said.contains('\u{1b}') && said.contains("u{1b}[2Jci"), "{command}: {said}");
    }
}

#[test]
fn check_tells_what_of_the_certificates_cannot_be_read() {
    let program = Program::new();
    team(&program);
    program.file("team/certs/broken.asc", "no certificate\n");
    let outcome = program.run(&["check", "--in", "team", "--at", "2026-06-01"]);
    assert_eq!(outcome.code, Some(3), "{outcome:?}");
    assert!(outcome.err.contains("broken.asc: no OpenPGP data in it"), "{outcome:?}");
}

#[test]
fn nothing_is_made_where_there_is_nothing_to_adopt() {
    let program = Program::new();
    let outcome = program.run(&["init", "team", "--profile", "strict", "missing.pgp"]);
    assert_eq!(outcome.code, Some(7), "{outcome:?}");
    assert!(outcome.err.contains("nothing was made; missing.pgp: there is no such"), "{outcome:?}");
    assert!(!program.folder().join("team").exists());
}

#[test]
fn a_secret_is_never_adopted() {
    let program = Program::new();
    let cert = certificate(
        &["Release TEST <release@example.org>"],
        &KeySpec::new("C", "2025-06-01", Some("2028-06-01")),
        &[KeySpec::new("S", "2025-12-01", Some("2026-12-31"))],
    );
    program.file("secret.pgp", cert.as_tsk().to_vec().unwrap());
    program.run(&["init", "team", "--profile", "small-team", "secret.pgp"]);
    let outcome = program.run(&["keys", "team/certs", "--json"]);
    assert_eq!(outcome.json()["findings"], serde_json::json!([]));
    assert_eq!(outcome.json()["certificates"].as_array().unwrap().len(), 1);
}

#[test]
fn a_revoked_certificate_stays_revoked_when_it_is_adopted() {
    let program = Program::new();
    let revoked = KeySpec::new("C", "2025-06-01", Some("2028-06-01")).revoked(
        ReasonForRevocation::KeyCompromised,
        "2026-01-01",
        "TEST",
    );
    let cert = certificate(&["Release TEST <release@example.org>"], &revoked, &[]);
    program.file("a.pgp", cert.strip_secret_key_material().to_vec().unwrap());
    program.run(&["init", "team", "--profile", "small-team", "a.pgp"]);
    let document = program.run(&["keys", "team/certs", "--json"]).json();
    assert_eq!(document["certificates"][0]["state"], "revoked");
}

#[test]
fn a_mistake_in_the_file_is_told_with_its_line_and_nothing_is_worked_out() {
    let program = Program::new();
    team(&program);
    let path = program.folder().join("team/keyrite.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    program.file("team/keyrite.toml", text.replace("environment =", "enviroment ="));
    let outcome = program.run(&["check", "--in", "team"]);
    assert_eq!(outcome.code, Some(2));
    assert!(
        outcome.err.contains(
            "keyrite.toml:6: there is no field 'enviroment' here; did you mean 'environment'?"
        ),
        "{}",
        outcome.err
    );
    program.file("team/keyrite.toml", text.replace("schema = 1", "schema = 9"));
    let outcome = program.run(&["check", "--in", "team"]);
    assert!(outcome.err.contains("use a newer keyrite; nothing was changed"), "{}", outcome.err);
}

#[test]
fn cycles_of_the_file_make_the_plan_and_a_provisional_one_is_told() {
    let program = Program::new();
    // The cycle begins 2027-04-07; three weeks of overlap and two of slack.
    let cert = certificate(
        &["Infra (Some Cycle) TEST"],
        &KeySpec::new("C", "2026-09-01", Some("2027-11-30")),
        &[KeySpec::new("S", "2026-09-01", Some("2027-05-12"))],
    );
    program.file("key.pgp", cert.strip_secret_key_material().to_vec().unwrap());
    program.run(&["init", "infra", "--profile", "openstack-cycle", "key.pgp"]);
    let cycle = |id: &str, begins: &str, more: &str| {
        format!("[[cycles]]\nid = \"{id}\"\nbegins = \"{begins}\"\n{more}\n")
    };
    let path = program.folder().join("infra/keyrite.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let cycles = cycle("2026.2", "2026-10-07", "")
        + &cycle("2027.1", "2027-04-07", "previous_done = \"2027-04-14\"")
        + &cycle("2027.2", "2027-10-06", "provisional = true");
    program.file("infra/keyrite.toml", format!("{text}\n{cycles}"));
    let schedule = |at: &str| program.run(&["schedule", "--in", "infra", "--at", at]).out;
    let out = schedule("2026-12-01");
    assert!(out.contains("activate for signer-1; planned 2027-04-14"), "{out}");
    assert!(out.contains("and not before the releases of the cycle before are done"), "{out}");
    assert!(out.contains("the successor ends 2027-11-10"), "{out}");
    // Without the next cycle the plan says what is missing.
    let less = cycles.split("[[cycles]]\nid = \"2027.2\"").next().unwrap();
    program.file("infra/keyrite.toml", format!("{text}\n{less}"));
    let out = schedule("2026-12-01");
    assert!(out.contains("declare for signer-1"), "{out}");
    assert!(out.contains("no cycle is declared after that"), "{out}");
    // Out of order, with its line.
    let wrong = cycle("b", "2027-04-07", "") + &cycle("a", "2026-10-07", "");
    program.file("infra/keyrite.toml", format!("{text}\n{wrong}"));
    let outcome = program.run(&["check", "--in", "infra"]);
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.err.contains("the cycle 'a' begins 2026-10-07, which is not after 'b'"));
}
