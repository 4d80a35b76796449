//! The schedule as a calendar, read by another program.

use std::process::Command;
use std::time::Duration;

use keyrite::domain::text::VisibleText;
use serde_json::Value;

use crate::support::forge::{KeySpec, certificate};
use crate::support::program::{Program, finish};
use sequoia_openpgp::serialize::SerializeInto as _;

/// Prints the events of a calendar as JSON, by Debian's python3-vobject.
const READER: &str = r#"
import json, sys, vobject
calendar = vobject.readOne(sys.stdin.buffer.read().decode())
print(json.dumps({
    "name": calendar.x_wr_calname.value,
    "events": [{
        "uid": event.uid.value, "day": event.dtstart.value.isoformat(),
        "summary": event.summary.value, "description": event.description.value,
        "status": event.status.value, "stamp": event.dtstamp.value.isoformat(),
        "alarms": [{"at": alarm.trigger.value.isoformat(), "uid": alarm.uid.value}
                   for alarm in event.contents.get("valarm", [])],
    } for event in calendar.vevent_list],
}))
"#;

fn read(calendar: &str) -> Value {
    // Not what another Python on the path has, or has not.
    let mut command = Command::new("/usr/bin/python3");
    command.args(["-c", READER]);
    let outcome = finish(command, calendar.as_bytes(), Duration::from_secs(30)).unwrap();
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    outcome.json()
}

/// A workspace whose names are those of `text`.
fn team(program: &Program, text: &str) {
    let cert = certificate(
        &["Release TEST <release@example.org>"],
        &KeySpec::new("C", "2025-06-01", Some("2032-06-01")),
        &[KeySpec::new("S", "2025-12-01", Some("2026-12-31"))],
    );
    program.file("release.pgp", cert.strip_secret_key_material().to_vec().unwrap());
    program.run(&["init", "team", "--profile", "small-team", "release.pgp"]);
    let path = program.folder().join("team/keyrite.toml");
    let file = std::fs::read_to_string(&path).unwrap();
    let quoted = serde_json::to_string(text).unwrap();
    let file = file
        .replace("name = \"team\"", &format!("name = {quoted}"))
        .replace("\"signer-1\"", &quoted)
        .replace("\"say what signs with this key\"", &quoted)
        .replace("# owner = \"alice\"", &format!("owner = {quoted}"));
    program
        .file("team/keyrite.toml", format!("{file}\n[[people]]\nid = {quoted}\nname = {quoted}\n"));
}

fn schedule(program: &Program, more: &[&str]) -> String {
    let outcome = program.run(&[&["schedule", "--in", "team"], more].concat());
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    outcome.out
}

#[test]
fn another_program_reads_every_step_with_its_day() {
    let program = Program::new();
    team(&program, "alice");
    let out = schedule(&program, &["--at", "2026-11-01T09:30:00Z", "--ics"]);
    let document: Value =
        serde_json::from_str(&schedule(&program, &["--at", "2026-11-01T09:30:00Z", "--json"]))
            .unwrap();
    let calendar = read(&out);
    let events = calendar["events"].as_array().unwrap();
    let actions = document["actions"].as_array().unwrap();
    assert_eq!((events.len(), actions.len()), (4, 4), "{out}");
    for (event, action) in events.iter().zip(actions) {
        let text = |name: &str| action[name].as_str().unwrap();
        assert_eq!(event["day"], text("planned")[..10]);
        let summary = format!("keyrite: {} alice (alice)", text("kind"));
        assert_eq!(event["summary"], summary.as_str());
        let description = event["description"].as_str().unwrap();
        let first = format!("{}; latest safe day {}\n", text("due"), &text("latest_safe")[..10]);
        assert!(description.starts_with(&first), "{description}");
        assert!(description.contains(&format!("\nbecause {}\n", text("why"))), "{description}");
        assert!(description.contains("\nowner: alice; alice\n"), "{description}");
        assert!(
            description.ends_with("\nworkspace: alice; production; profile small-team"),
            "{description}"
        );
        assert_eq!(event["status"], "CONFIRMED");
        assert_eq!(event["stamp"], "2026-11-01T09:30:00+00:00");
    }
    assert_eq!(events[0]["alarms"][0]["at"], "2026-11-12T00:00:00+00:00");
    assert_eq!(calendar["name"], "keyrite: alice");
}

#[test]
fn what_is_given_again_is_moved_and_not_doubled() {
    let program = Program::new();
    team(&program, "alice");
    let uids = |more: &[&str]| {
        let calendar = read(&schedule(&program, more));
        let events = calendar["events"].as_array().unwrap().clone();
        let uid = |event: &Value| event["uid"].as_str().unwrap().to_owned();
        let mut uids: Vec<_> = events.iter().map(uid).collect();
        uids.sort();
        let all = uids.len();
        uids.dedup();
        assert_eq!(uids.len(), all, "two events with one id");
        (uids, events)
    };
    let (before, _) = uids(&["--ics", "--at", "2026-06-01"]);
    let (after, overdue) = uids(&["--ics", "--at", "2026-12-20"]);
    assert_eq!(before, after);
    assert!(overdue[0]["description"].as_str().unwrap().starts_with("overdue; "), "{overdue:?}");
    assert_eq!(overdue[0]["alarms"].as_array().unwrap().len(), 0);
    // The rotations to come are the same steps with a number of their own.
    let (all, events) = uids(&["--ics", "--at", "2026-06-01", "--simulate", "3y"]);
    assert!(before.iter().all(|uid| all.contains(uid)), "{all:?}");
    assert_eq!(all.len(), 12, "{all:?}");
    let later: Vec<_> = events.iter().filter(|event| event["status"] == "TENTATIVE").collect();
    assert_eq!(later.len(), 8);
    assert_eq!(later[0]["summary"], "keyrite: generate alice (alice)");
    let turns: Value = serde_json::from_str(&schedule(
        &program,
        &["--json", "--at", "2026-06-01", "--simulate", "3y"],
    ))
    .unwrap();
    assert_eq!(later[0]["day"], turns["turns"][1]["generate"].as_str().unwrap()[..10]);
    assert!(later[0]["description"].as_str().unwrap().contains("because published "));
    // A blackout moves a day, and the event with it.
    let path = program.folder().join("team/keyrite.toml");
    let file = std::fs::read_to_string(&path).unwrap();
    let file = format!(
        "{file}\n[[blackouts]]\nreason = \"x\"\nfrom = \"2026-12-01\"\nuntil = \"2026-12-08\"\n"
    );
    program.file("team/keyrite.toml", file);
    let (moved, _) = uids(&["--ics", "--at", "2026-06-01"]);
    assert_eq!(moved, before);
}

#[test]
fn the_same_question_has_the_same_bytes() {
    let program = Program::new();
    team(&program, "alice");
    let ask = || schedule(&program, &["--ics", "--at", "2026-06-01", "--simulate", "5y"]);
    assert_eq!(ask(), ask());
}

#[test]
fn text_that_wants_to_be_more_than_text_comes_back_unchanged() {
    for text in [
        "a, b; c: d \\ e \"f\"",
        "line\nBEGIN:VEVENT\r\nUID:forged",
        "🔑 ключ 鍵 e\u{301} 👩‍🚀",
        "   many     spaces   ",
        "\\, \\; \\n \\N \\\\",
    ]
    .map(str::to_owned)
    .into_iter()
    .chain(["x".repeat(1_000), "鍵".repeat(300), " ".repeat(300), ",;\\".repeat(100)])
    {
        let program = Program::new();
        team(&program, &text);
        let out = schedule(&program, &["--ics", "--at", "2026-06-01"]);
        for line in out.split_terminator("\r\n") {
            // 75 bytes; the library does not count the blank before a last one.
            assert!(line.len() <= 76 && !line.contains(['\r', '\n']), "{line:?}");
        }
        let shown = VisibleText::from_text(&text).into_string();
        let calendar = read(&out);
        let events = calendar["events"].as_array().unwrap();
        assert_eq!(events.len(), 4, "{out}");
        assert_eq!(calendar["name"], format!("keyrite: {shown}").as_str());
        for event in events {
            let summary = event["summary"].as_str().unwrap();
            assert!(summary.ends_with(&format!("{shown} ({shown})")), "{summary}");
            let description = event["description"].as_str().unwrap();
            assert!(
                description.contains(&format!("\nconsumer: {shown}; {shown}\n")),
                "{description}"
            );
            assert!(description.contains(&format!("\nowner: {shown}; {shown}\n")), "{description}");
            assert!(event["uid"].as_str().unwrap().contains(&shown));
        }
    }
}

#[test]
fn one_form_at_a_time() {
    let program = Program::new();
    let outcome = program.run(&["schedule", "--ics", "--json"]);
    assert_eq!(outcome.code, Some(2), "{outcome:?}");
    assert!(outcome.err.contains("cannot be used with"), "{outcome:?}");
}
