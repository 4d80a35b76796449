//! A run has one holder: the machine that began it or took it over, by its own
//! audit chain, and no other that has a copy of it.

use std::fs;

use keyrite::engine::audit::RunLine;
use keyrite::engine::event::Event;

use crate::support::courier::{
    Courier, begin_until, bytes_of, compare, forge, forge_log, go_until, shown_words,
};
use crate::support::hall::{Hall, names};

const ROOT: &str = "root-generation";

fn state_of(hall: &Hall, run: &str) -> String {
    let runs = hall.runs();
    let run = runs.iter().find(|one| one["id"] == run).unwrap();
    run["state"].as_str().unwrap().to_owned()
}

/// A run is refused in those words, and nothing was changed.
#[track_caller]
fn refused(hall: &Hall, run: &str, words: &[&str]) {
    let before = bytes_of(&hall.path("team"));
    let sat = hall.pilot(hall.resume(&[], Some(run)));
    assert_eq!(sat.status.code(), Some(2), "{sat:#?}");
    for words in words {
        assert!(sat.err.contains(words), "{words}: {sat:#?}");
    }
    assert_eq!(before, bytes_of(&hall.path("team")), "nothing was changed");
    assert_eq!(state_of(hall, run), "handed over");
}

fn recall(hall: &Hall, run: &str) {
    let words = ["carry", "recall", run, "--reason", "TEST lost", "--as", "driver", "--in", "team"];
    let recalled = hall.run_with(&words, &format!("{}\n", &run[run.len() - 8..]));
    assert_eq!(recalled.code, Some(0), "{recalled:?}");
}

/// The chain that a machine writes as driver.
fn chain_of(hall: &Hall) -> String {
    let states = hall.path(".local/state/keyrite");
    let folder = states.join(&names(&states)[0]);
    let states = names(&folder);
    states.iter().find_map(|name| name.strip_suffix(".json")).unwrap().to_owned()
}

#[test]
fn what_a_machine_adds_to_a_run_or_a_chain_of_another_is_refused() {
    let courier = Courier::new();
    let Courier { here, there, .. } = &courier;
    let run = begin_until(here, ROOT, "Make the primary key");
    courier.carry(here, there, &["--hand-over", &run], &[]);
    courier.carry(there, here, &[], &[]);
    let journal = here.folder_of(&run).join("journal.jsonl");
    let (seq, hash) =
        forge(&journal, Event::Noted { text: "TEST forged".to_owned(), by: "driver".to_owned() });
    let ours = bytes_of(&there.path("team"));
    // Whether or not the chain of who forged it vouches for it.
    let chain = here.path("team/audit").join(format!("{}.jsonl", chain_of(here)));
    let was = [&journal, &chain].map(|path| fs::read(path).unwrap());
    let line = RunLine { id: run.clone(), seq, hash };
    for vouches in [false, true] {
        if vouches {
            forge_log(&chain, Some(line.clone()));
        }
        let sent = courier.out(here, &[]);
        assert_eq!(sent.code, Some(0), "{sent:?}");
        let taken = courier.typed(there, &shown_words(&sent.out), &[]);
        assert_eq!(taken.code, Some(12), "{taken:?}");
        assert!(taken.err.contains("this machine holds the run"), "{taken:?}");
        assert!(taken.err.contains("the run goes on here; keep the medium"), "{taken:?}");
        assert_eq!(ours, bytes_of(&there.path("team")), "nothing was changed");
    }
    // In the name of the machine that holds it.
    fs::write(&journal, &was[0]).unwrap();
    fs::write(&chain, &was[1]).unwrap();
    fs::remove_dir_all(here.path(".local/state/keyrite")).unwrap();
    let theirs = here.path("team/audit").join(format!("{}.jsonl", chain_of(there)));
    forge_log(&theirs, None);
    let sent = courier.out(here, &["--replace"]);
    assert_eq!(sent.code, Some(0), "{sent:?}");
    let taken = courier.typed(there, &shown_words(&sent.out), &["--accept", "audit"]);
    assert_eq!(taken.code, Some(12), "{taken:?}");
    assert!(taken.err.contains("only this machine writes"), "{taken:?}");
    assert_eq!(ours, bytes_of(&there.path("team")), "nothing was changed");
    let sat = go_until(there, there.resume(&[], Some(&run)), "Take medium A out");
    assert_eq!(sat.status.code(), Some(9), "{sat:#?}");
}

#[test]
fn a_copy_that_nobody_handed_over_does_not_go_on() {
    let courier = Courier::new();
    let Courier { here, there, .. } = &courier;
    let run = begin_until(here, ROOT, "Make the primary key");
    courier.carry(here, there, &[], &[]);
    let chain = chain_of(here);
    refused(there, &run, &[&chain, "--hand-over", "keyrite carry recall"]);
    let handed = courier.out(there, &["--hand-over", &run]);
    assert_eq!(handed.code, Some(1), "{handed:?}");
    assert!(handed.err.contains(&chain), "{handed:?}");
    // Handed over it goes on there, also if somebody else took it in; and a copy
    // that comes back is no more than a copy.
    let sent = courier.out(here, &["--hand-over", &run]);
    let stick = courier.stick().to_str().unwrap();
    let line = ["carry", "in", stick, "--as", "witness", "--keep", "--in", "team"];
    let child = there.spawn(&[], &line);
    let words = shown_words(&sent.out);
    let taken = compare(child, &words, "", &mut || {});
    assert_eq!(taken.code, Some(0), "{taken:?}");
    let sat = go_until(there, there.resume(&[], Some(&run)), "Take medium A out");
    assert_eq!(sat.status.code(), Some(9), "{sat:#?}");
    courier.carry(there, here, &[], &[]);
    refused(here, &run, &["held by another machine, whose audit chain is witness-"]);
    // What has ended may be looked at by everybody.
    let words = ["ceremony", "abandon", &run, "--reason", "TEST", "--in", "team"];
    assert_eq!(there.run(&words).code, Some(0));
    courier.carry(there, here, &[], &[]);
    assert_eq!(state_of(here, &run), "abandoned");
}

#[test]
fn a_recalled_run_goes_on_and_who_held_it_is_asked() {
    let courier = Courier::new();
    let Courier { here, there, .. } = &courier;
    let run = begin_until(here, ROOT, "Make the primary key");
    courier.carry(here, there, &[], &[]);
    recall(there, &run);
    let sat = go_until(there, there.resume(&[], Some(&run)), "Take medium A out");
    assert_eq!(sat.status.code(), Some(9), "{sat:#?}");
    let journal = fs::read_to_string(there.folder_of(&run).join("journal.jsonl")).unwrap();
    assert_eq!(journal.matches("\"type\":\"recalled\"").count(), 1, "{journal}");
    // The machine that was thought lost gives it up only if somebody says so.
    let sent = courier.out(there, &[]);
    let words = shown_words(&sent.out);
    let kept = courier.typed(here, &words, &[]);
    assert_eq!(kept.code, Some(12), "{kept:?}");
    let path = format!("runs/{run}/journal.jsonl");
    assert!(kept.err.contains(&format!("--accept {path}")), "{kept:?}");
    let taken = courier.typed(here, &words, &["--accept", &path]);
    assert_eq!(taken.code, Some(0), "{taken:?}");
    refused(here, &run, &[&chain_of(there)]);
}

#[test]
fn a_machine_that_has_lost_its_memory_recalls_its_runs() {
    let hall = Hall::new();
    let run = begin_until(&hall, ROOT, "Make the primary key");
    fs::remove_dir_all(hall.path(".local/state/keyrite")).unwrap();
    refused(&hall, &run, &["keyrite carry recall"]);
    recall(&hall, &run);
    let sat = hall.pilot(hall.resume(&[], Some(&run)));
    assert!(sat.status.success(), "{sat:#?}");
    let verified = hall.run(&["audit", "verify", "--in", "team"]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
}

#[test]
fn what_came_while_somebody_decided_is_not_undone() {
    let courier = Courier::new();
    let Courier { here, there, .. } = &courier;
    courier.carry(here, there, &[], &[]);
    let path = |hall: &Hall| hall.path("team/keyrite.toml");
    let text = fs::read_to_string(path(here)).unwrap();
    fs::write(path(here), format!("{text}# TEST carried\n")).unwrap();
    let sent = courier.out(here, &[]);
    let stick = courier.stick().to_str().unwrap();
    let child = there.spawn(&[], &["carry", "in", stick, "--as", "driver", "--in", "team"]);
    let meanwhile = format!("{text}# TEST meanwhile\n");
    let mut before = Vec::new();
    let words = shown_words(&sent.out);
    let refused = compare(child, &words, "yes\n", &mut || {
        // The list is read; the question is asked or will be.
        fs::write(path(there), &meanwhile).unwrap();
        before = bytes_of(&there.path("team"));
    });
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.err.contains("keyrite.toml has changed since"), "{refused:?}");
    let after: Vec<_> = bytes_of(&there.path("team"));
    assert_eq!(before, after, "nothing of it was done");
    let taken = courier.answered(there, &words, "yes\n");
    assert_eq!(taken.code, Some(0), "{taken:?}");
    assert!(fs::read_to_string(path(there)).unwrap().contains("TEST carried"));
}
