//! Runs that somebody put into a workspace: no chain of the log names their
//! lines, and they count for nothing.

use std::fs;
use std::path::Path;

use keyrite::adapters::runs::register;
use keyrite::domain::custody::Held;
use keyrite::engine::journal::Journal;

use crate::support::courier::{Courier, begin_until, compare, shown_words};
use crate::support::hall::{Hall, names};
use crate::support::log::{python, told};
use crate::support::tree::copy;

const ROOT: &str = "root-generation";
const FORGED: &str = "20271101T000000Z-aaaaaaaa";

/// A second run like the first, some days later.
fn forge_run(team: &Path, from: &str) {
    let (of, to) = (team.join("runs").join(from), team.join("runs").join(FORGED));
    fs::create_dir(&to).unwrap();
    copy(&of, &to);
    let journal =
        Journal::read(from, &fs::read(of.join("journal.jsonl")).unwrap()).unwrap().journal;
    let (mut forged, mut lines) = (Journal::begin(FORGED), String::new());
    for entry in journal.entries() {
        let mut moment = entry.moment.clone();
        moment.at = moment.at.plus(340 * 86_400);
        let (line, entry) = forged.line(moment, entry.event.clone());
        forged.push(entry);
        lines.extend([line.as_str(), "\n"]);
    }
    fs::write(to.join("journal.jsonl"), lines).unwrap();
}

#[test]
fn a_run_that_no_chain_names_is_told_and_counts_for_nothing() {
    let hall = Hall::after(ROOT);
    let (team, run) = (hall.path("team"), hall.run_of(ROOT));
    let before = register(&team);
    assert_eq!(before.copies().filter(|copy| copy.held == Held::Root).count(), 2);
    forge_run(&team, &run);
    assert_eq!(register(&team), before, "it says nothing of media");
    let verified = hall.run(&["audit", "verify", "--in", "team"]);
    assert_eq!(verified.code, Some(11), "{verified:?}");
    let line = format!("truncated: runs/{FORGED}/journal.jsonl:1: no chain names this line");
    assert!(verified.out.contains(&line), "{verified:?}");
    assert_eq!(told(&verified), python(&team, &[]));
    let lint = hall.run(&["lint", "--in", "team"]);
    assert!(lint.out.contains("LOG-002") && lint.out.contains(FORGED), "{lint:?}");
    let runs = hall.runs();
    let listed = runs.iter().find(|one| one["id"] == FORGED).unwrap();
    assert_eq!(listed["state"], "unreadable", "{listed}");
    // It is not taken up either, which would write it into the log.
    let sat = hall.pilot(hall.resume(&[], Some(FORGED)));
    assert_eq!(sat.status.code(), Some(2), "{sat:#?}");
    assert!(sat.err.contains("is in no audit chain"), "{sat:#?}");
    assert_eq!(hall.run(&["audit", "verify", "--in", "team"]).code, Some(11));
}

#[test]
fn a_run_that_no_chain_names_accounts_for_no_subkey() {
    let hall = Hall::after(ROOT);
    let team = hall.path("team");
    let media = ["root-a", "root-b"].map(|name| hall.medium(name));
    let kept = tempfile::tempdir().unwrap();
    for medium in &media {
        fs::create_dir(kept.path().join(medium.file_name().unwrap())).unwrap();
        copy(medium, &kept.path().join(medium.file_name().unwrap()));
    }
    hall.hold("subkey-issuance");
    // The media of the root have never seen the subkey.
    for medium in &media {
        fs::remove_dir_all(medium).unwrap();
        fs::create_dir(medium).unwrap();
        copy(&kept.path().join(medium.file_name().unwrap()), medium);
    }
    let run = hall.run_of("subkey-issuance");
    // The subkey is there, and only a run that somebody put there speaks of it.
    forge_run(&team, &run);
    fs::remove_dir_all(team.join("runs").join(&run)).unwrap();
    let sat = hall.pilot(hall.start(&[], "expiry-extension"));
    assert_eq!(sat.status.code(), Some(9), "{sat:#?}");
    let said = sat.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("and no ceremony has made"), "{said}");
}

#[test]
fn a_last_line_that_the_log_lacks_is_what_a_kill_leaves() {
    let hall = Hall::new();
    let run = begin_until(&hall, ROOT, "Make the primary key");
    let chains = names(&hall.path("team/audit"));
    let writer = chains.iter().find_map(|name| name.strip_suffix(".jsonl")).unwrap();
    let chain = hall.path("team/audit").join(format!("{writer}.jsonl"));
    let text = fs::read_to_string(&chain).unwrap();
    let end = text.trim_end().rfind('\n').unwrap() + 1;
    fs::write(&chain, &text[..end]).unwrap();
    let states = hall.path(".local/state/keyrite");
    let folder = states.join(&names(&states)[0]);
    let head: Vec<_> = text[..end].lines().collect();
    let hash = keyrite::engine::audit::Entry::hash(head.last().unwrap().as_bytes());
    let told_state = format!(
        "{{\"hash\":\"{hash}\",\"left\":false,\"seq\":{},\"v\":1,\"writer\":\"{writer}\"}}\n",
        head.len()
    );
    fs::write(folder.join(format!("{writer}.json")), told_state).unwrap();
    let verified = hall.run(&["audit", "verify", "--in", "team"]);
    assert_eq!(verified.code, Some(14), "{verified:?}");
    assert!(verified.out.contains("keyrite ended before the log had this line"), "{verified:?}");
    assert_eq!(told(&verified), python(&hall.path("team"), &[]));
    let sat = hall.pilot(hall.resume(&[], Some(&run)));
    assert!(sat.status.success(), "{sat:#?}");
    assert_eq!(hall.run(&["audit", "verify", "--in", "team"]).code, Some(0));
}

#[test]
fn a_carry_tells_the_runs_that_it_brings() {
    let courier = Courier::new();
    let Courier { here, there, .. } = &courier;
    courier.carry(here, there, &[], &[]);
    let run = begin_until(here, ROOT, "Make the primary key");
    let sent = courier.out(here, &[]);
    // Before it is confirmed.
    let told = courier.typed(there, "aardvark", &[]);
    assert_eq!(told.code, Some(5), "{told:?}");
    let words = format!("a run that is not here yet: {run}, {ROOT}, begun ");
    assert!(told.out.contains(&words) && told.out.contains("by driver, open"), "{told:?}");
    assert_eq!(courier.typed(there, &shown_words(&sent.out), &[]).code, Some(0));
    // One that nobody vouches for is not taken.
    forge_run(&here.path("team"), &run);
    let sent = courier.out(here, &[]);
    assert!(sent.out.contains("the log that goes with it is not in order: truncated"), "{sent:?}");
    let refused = courier.typed(there, &shown_words(&sent.out), &[]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.err.contains("no chain names this line"), "{refused:?}");
}

#[test]
fn who_carries_is_asked_first_and_no_empty_folder_is_made() {
    let courier = Courier::new();
    let Courier { here, there, .. } = &courier;
    let sent = courier.out(here, &[]);
    let stick = courier.stick().to_str().unwrap();
    let unnamed = there.run(&["carry", "in", stick, "--in", "team"]);
    assert_eq!(unnamed.code, Some(2), "{unnamed:?}");
    assert!(unnamed.err.contains("say who carries, with --as"), "{unnamed:?}");
    assert!(!unnamed.out.contains("the words "), "{unnamed:?}");
    // Three at once: one makes it, and none spoils it.
    let line = ["carry", "in", stick, "--as", "driver", "--keep", "--in", "team"];
    let words = shown_words(&sent.out);
    let taken: Vec<_> = std::thread::scope(|scope| {
        let one = || {
            let child = there.spawn(&[], &line);
            compare(child, &words, "", &mut || {})
        };
        let all: Vec<_> = (0..3).map(|_| scope.spawn(one)).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(taken.iter().any(|one| one.code == Some(0)), "{taken:?}");
    assert!(names(&there.path("")).iter().all(|name| !name.contains("carried")), "{taken:?}");
    assert!(!there.path("team/people").exists());
    let checked = there.run(&["check", "--in", "team"]);
    assert!(!format!("{}{}", checked.out, checked.err).contains("people"), "{checked:?}");
    assert_eq!(there.run(&["audit", "verify", "--in", "team"]).code, Some(0));
}
