//! Journals that were damaged, and two who want one run, with the real binary.

use std::fs;

use keyrite::engine::catalog::find;

use crate::support::hall::{Answer, Hall, Sat, names};
use crate::support::invariants::{contents, hold_at_any_time, hold_at_the_end};

const ROOT: &str = "root-generation";

/// A root generation that somebody left when the key was made.
fn left() -> Hall {
    let hall = Hall::new();
    let sat = hall.pilot_with(hall.start(&[], ROOT), &mut |prompt| {
        if prompt.is_at("Prove medium B") { Answer::Leave } else { Answer::Usual }
    });
    assert_eq!(sat.status.code(), Some(9), "{sat:#?}");
    hall
}

fn resumed(hall: &Hall) -> Sat {
    let run = names(&hall.path("team/runs")).pop().unwrap();
    hall.pilot(hall.resume(&[], Some(&run)))
}

#[test]
fn a_line_that_was_cut_off_is_set_aside_and_recorded() {
    let hall = left();
    let run = hall.folder_of(&hall.run_of(ROOT));
    let journal = run.join("journal.jsonl");
    let whole = fs::read(&journal).unwrap();
    let torn = b"{\"at\":1795271780,\"body\":{\"by\":\"dri";
    fs::write(&journal, [&whole[..], torn].concat()).unwrap();
    hold_at_any_time(&hall);
    let sat = resumed(&hall);
    assert!(sat.status.success(), "{sat:#?}");
    let aside: Vec<_> =
        names(&run).into_iter().filter(|name| name.starts_with("journal.torn-")).collect();
    assert_eq!(aside.len(), 1);
    assert_eq!(fs::read(run.join(&aside[0])).unwrap(), torn);
    let digest = aside[0].trim_start_matches("journal.torn-");
    assert!(fs::read_to_string(&journal).unwrap().contains(digest), "it is on record");
    hold_at_the_end(&hall, ROOT);
}

/// What somebody does to the lines of a journal.
type Tamper = fn(&mut Vec<String>);

#[test]
fn a_journal_that_was_changed_is_refused_and_nothing_is_done() {
    let tampers: [(Tamper, &str); 6] = [
        (
            |lines| lines[3] = lines[3].replacen("\"seq\":4", "\"seq\":5", 1),
            "line 4 of the journal",
        ),
        (|lines| lines[2] = lines[2].replacen("findings", "findingz", 1), "of the journal"),
        (|lines| lines.swap(4, 5), "line 5 of the journal does not follow"),
        (|lines| drop(lines.remove(4)), "line 5 of the journal does not follow"),
        (
            |lines| {
                lines.truncate(1);
                let version = format!("\"version\":{}", find(ROOT).unwrap().version);
                lines[0] = lines[0].replacen(&version, "\"version\":99", 1);
            },
            "this run is of version 99 of root-generation",
        ),
        (
            |lines| {
                let last = lines.last_mut().unwrap();
                *last = last.replacen("\"type\":\"paused\"", "\"type\":\"danced\"", 1);
            },
            "was written by another version of keyrite",
        ),
    ];
    let hall = left();
    let journal = hall.folder_of(&hall.run_of(ROOT)).join("journal.jsonl");
    let whole = fs::read_to_string(&journal).unwrap();
    for (tamper, word) in tampers {
        let mut lines: Vec<_> = whole.lines().map(str::to_owned).collect();
        tamper(&mut lines);
        let changed = lines.join("\n") + "\n";
        assert_ne!(changed, whole, "{word}");
        fs::write(&journal, changed).unwrap();
        let before = contents(&hall.path("team"));
        let sat = resumed(&hall);
        assert_eq!(sat.status.code(), Some(1), "{sat:#?}");
        assert!(sat.err.contains(word), "{sat:#?}");
        assert!(sat.err.contains("nothing is lost"), "what is safe: {sat:#?}");
        assert!(sat.err.contains("keyrite audit verify"), "how to go on: {sat:#?}");
        assert_eq!(before, contents(&hall.path("team")), "{word}: nothing is changed");
        let listed = hall.run(&["ceremony", "runs", "--in", "team"]);
        assert!(listed.out.contains("unreadable"), "{listed:?}");
    }
    fs::write(&journal, whole).unwrap();
    let sat = resumed(&hall);
    assert!(sat.status.success(), "{sat:#?}");
    hold_at_the_end(&hall, ROOT);
}

#[test]
fn a_run_of_which_not_one_line_was_written_holds_nobody_up() {
    let hall = Hall::new();
    for (run, content) in [
        ("20260101T000000Z-aaaaaaaa", None),
        ("20260101T000000Z-bbbbbbbb", Some("")),
        ("20260101T000000Z-cccccccc", Some("{\"at\":1")),
    ] {
        fs::create_dir_all(hall.folder_of(run)).unwrap();
        if let Some(content) = content {
            fs::write(hall.folder_of(run).join("journal.jsonl"), content).unwrap();
        }
        let sat = hall.pilot(hall.resume(&[], Some(run)));
        assert_eq!(sat.status.code(), Some(1), "{sat:#?}");
        assert!(sat.err.contains("never begun"), "{sat:#?}");
    }
    hall.hold(ROOT);
    hold_at_the_end(&hall, ROOT);
}

#[test]
fn the_second_console_is_told_and_the_lock_of_a_killed_one_is_free() {
    let hall = left();
    let run = hall.run_of(ROOT);
    let mut holder = hall.resume(&[], Some(&run));
    holder.prompt().unwrap();
    let before = contents(&hall.path("team"));
    let second = hall.pilot(hall.resume(&[], Some(&run)));
    assert_eq!(second.status.code(), Some(1), "{second:#?}");
    assert!(second.err.contains("another keyrite has this run open"), "{second:#?}");
    assert!(second.err.contains("nothing is lost"), "{second:#?}");
    // One writer of the audit log at a time: not another run of this person either.
    let other = hall.pilot(hall.start(&[], "revocation-set"));
    assert_eq!(other.status.code(), Some(1), "{other:#?}");
    assert!(other.err.contains("another keyrite"), "{other:#?}");
    assert_eq!(before, contents(&hall.path("team")), "the second has changed nothing");
    holder.kill();
    let sat = resumed(&hall);
    assert!(sat.status.success(), "{sat:#?}");
    hold_at_the_end(&hall, ROOT);
}
