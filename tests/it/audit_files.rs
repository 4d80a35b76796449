//! The file of a writer: opened only as it was left, written by one at a time,
//! and never more believed than the disk allows.

use std::fs;
use std::io::{BufRead as _, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use keyrite::adapters::audit_log::{AuditError, AuditLog, Beginning, Site};
use keyrite::engine::audit::{Head, Verdict};
use keyrite::engine::chain::Digest;

use crate::support::log::{Log, NOW, RUN, of_run, open, record};
use crate::support::tree::files;

const ALICE: &str = "audit/alice-a1a1a1a1.jsonl";

/// A log with five lines of alice.
fn five() -> Log {
    let log = Log::new();
    let mut alice = log.open("alice", 0xa1).unwrap();
    for number in 2..6 {
        alice.append(record(number), NOW.plus(number)).unwrap();
    }
    drop(alice);
    log
}

fn lines(log: &Log) -> Vec<String> {
    let text = fs::read_to_string(log.file("alice")).unwrap();
    text.split_inclusive('\n').map(str::to_owned).collect()
}

/// What this machine remembers of alice.
fn state(log: &Log) -> PathBuf {
    let mut all = files(&log.states);
    all.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    assert_eq!(all.len(), 1);
    all.remove(0)
}

fn begin_anew(log: &Log, random: u8) -> Result<AuditLog, AuditError> {
    let site = Site { workspace: log.folder(), states: &log.states, person: "alice" };
    let (policy, roster) = (Digest::of(b"policy"), Digest::of(b"roster"));
    AuditLog::begin_anew(&site, &Beginning { policy, roster, random: [random; 20] }, NOW)
}

#[test]
fn a_chain_goes_on_where_it_was_left() {
    let log = five();
    let before = lines(&log);
    log.journal("one\n");
    let mut alice = log.open("alice", 0xee).unwrap();
    assert_eq!((alice.writer().as_str(), alice.head().seq), ("alice-a1a1a1a1", 5));
    assert_eq!(lines(&log), before, "nothing is owed");
    alice.append(of_run(1, b"one"), NOW).unwrap();
    assert_eq!(alice.head().seq, 6);
    assert_eq!(alice.recorded(RUN).unwrap().len(), 1);
    drop(alice);
    assert_eq!(log.open("alice", 0xee).unwrap().recorded(RUN).unwrap().len(), 1);
    assert_eq!(log.open("bob", 0xb2).unwrap().recorded(RUN).unwrap().len(), 1);
    assert_eq!(log.verify_here().verdict(), Verdict::Sound);
}

#[test]
fn a_line_that_was_missing_is_marked_as_recovered() {
    let log = five();
    log.journal("one\n");
    let mut alice = log.open("alice", 0xa1).unwrap();
    alice.append(of_run(1, b"one").recovered(), NOW).unwrap();
    assert!(lines(&log)[5].contains("\"recovered\":true"), "{:?}", lines(&log));
    assert_eq!(log.agree(&[], "recovered").0, 0);
}

#[test]
fn a_chain_names_others_when_they_went_on_and_not_otherwise() {
    let log = five();
    let mut bob = log.open("bob", 0xb2).unwrap();
    let mut alice = log.open("alice", 0xa1).unwrap();
    for _ in 0..2 {
        alice.append(record(1), NOW).unwrap();
    }
    let named = |line: &str| line.contains("bob-b2b2b2b2");
    assert_eq!(lines(&log).iter().map(|line| named(line)).collect::<Vec<_>>()[5..], [true, false]);
    bob.append(record(1), NOW).unwrap();
    alice.append(record(1), NOW).unwrap();
    assert!(named(&lines(&log)[7]));
    let text = fs::read_to_string(log.file("bob")).unwrap();
    let heads: Vec<_> = text.lines().map(|line| line.contains("\"seq\":5}")).collect();
    assert_eq!(heads, [true, false]);
}

#[test]
fn a_file_that_ends_too_soon_is_not_gone_on_with() {
    let log = five();
    let all = lines(&log);
    for left in [4, 1, 0] {
        fs::write(log.file("alice"), all[..left].concat()).unwrap();
        let error = log.open("alice", 0xa1).unwrap_err().to_string();
        assert!(error.contains(&format!("has {left} lines, and this machine wrote 5")), "{error}");
        assert!(error.contains("safe") && error.contains("git"), "{error}");
        assert_eq!(log.verify_here().verdict(), Verdict::Truncated);
    }
    let file = log.file("alice");
    fs::remove_file(&file).unwrap();
    assert!(matches!(log.open("alice", 0xa1), Err(AuditError::Truncated { has: 0, .. })));
    assert!(!file.exists(), "nothing is made in its place");
    assert_eq!(log.verify_here().verdict(), Verdict::Truncated);
    // What helps: the file comes back.
    fs::write(&file, all.concat()).unwrap();
    assert_eq!(log.open("alice", 0xa1).unwrap().head().seq, 5);
}

#[test]
fn a_new_chain_is_begun_on_purpose_only_and_the_loss_stays_on_record() {
    let log = five();
    let file = log.file("alice");
    let short = lines(&log)[..3].concat();
    fs::write(&file, &short).unwrap();
    assert!(log.open("alice", 0xc3).is_err());
    let alice = begin_anew(&log, 0xc3).unwrap();
    assert_eq!((alice.writer().as_str(), alice.head().seq), ("alice-c3c3c3c3", 2));
    drop(alice);
    assert_eq!(fs::read_to_string(&file).unwrap(), short, "what was there is as it was");
    let new = fs::read_to_string(log.folder().join("audit/alice-c3c3c3c3.jsonl")).unwrap();
    assert!(new.contains("left-writer") && new.contains("alice-a1a1a1a1"), "{new}");
    assert_eq!(log.open("alice", 0xd4).unwrap().writer().as_str(), "alice-c3c3c3c3");
    let problems = log.verify_here().problems;
    assert_eq!(problems.len(), 1);
    assert!(problems[0].to_string().starts_with(&format!("truncated: {ALICE}:4")), "{problems:?}");
}

#[test]
fn another_history_is_not_gone_on_with() {
    let log = five();
    let mine = lines(&log);
    let other = Log::new();
    let mut alice = other.open("alice", 0xa1).unwrap();
    for number in 2..8 {
        alice.append(record(number * 10), NOW.plus(number)).unwrap();
    }
    fs::copy(other.file("alice"), log.file("alice")).unwrap();
    let error = log.open("alice", 0xa1).unwrap_err();
    assert!(matches!(error, AuditError::Forked { line: 5, .. }), "{error}");
    assert_eq!(log.verify_here().verdict(), Verdict::Forked);
    let mut broken = mine.clone();
    broken[2] = broken[2].replace("number", "numbex");
    fs::write(log.file("alice"), broken.concat()).unwrap();
    let error = log.open("alice", 0xa1).unwrap_err();
    assert!(matches!(error, AuditError::Broken { line: 3, .. }), "{error}");
}

#[test]
fn a_line_that_the_machine_did_not_get_to_remember_is_taken() {
    let log = five();
    let old = fs::read(state(&log)).unwrap();
    log.open("alice", 0xa1).unwrap().append(record(6), NOW).unwrap();
    fs::write(state(&log), old).unwrap();
    assert_eq!(log.open("alice", 0xa1).unwrap().head().seq, 6);
    assert!(fs::read_to_string(state(&log)).unwrap().contains("\"seq\":6"));
}

#[test]
fn lines_that_others_add_to_a_chain_are_not_gone_on_with() {
    let log = five();
    let old = fs::read(state(&log)).unwrap();
    for number in [6, 7] {
        log.open("alice", 0xa1).unwrap().append(record(number), NOW).unwrap();
    }
    fs::write(state(&log), &old).unwrap();
    let before = lines(&log);
    let error = log.open("alice", 0xa1).unwrap_err();
    assert!(matches!(error, AuditError::Longer { line: 6, .. }), "{error}");
    assert_eq!((lines(&log), fs::read(state(&log)).unwrap()), (before, old), "nothing is written");
}

#[test]
fn a_torn_tail_is_set_aside_and_recorded() {
    let log = five();
    let five = (fs::read(state(&log)).unwrap(), lines(&log).concat());
    log.open("alice", 0xa1).unwrap().append(record(6), NOW).unwrap();
    let all = lines(&log).concat();
    for cut in [five.1.len() + 1, five.1.len() + 100, all.len() - 1] {
        let audit = log.folder().join("audit");
        fs::remove_dir_all(&audit).unwrap();
        fs::create_dir(&audit).unwrap();
        let file = audit.join("alice-a1a1a1a1.jsonl");
        fs::write(&file, &all[..cut]).unwrap();
        fs::write(state(&log), &five.0).unwrap();
        let place = format!("torn tail: {ALICE}:6");
        assert_eq!(log.agree(&[], "torn"), (14, vec![place]));
        let alice = log.open("alice", 0xa1).unwrap();
        assert_eq!(alice.head().seq, 6);
        drop(alice);
        let torn = audit.join("alice-a1a1a1a1.torn-6");
        let tail = fs::read(&torn).unwrap();
        assert_eq!(tail, all.as_bytes()[five.1.len()..cut]);
        let digest = Digest::of(&tail).to_string();
        assert!(lines(&log)[5].contains("recovered-tail") && lines(&log)[5].contains(&digest));
        assert_eq!(log.agree(&[], "recovered"), (0, vec![]));
        assert_eq!(log.verify_here().verdict(), Verdict::Sound);
        // The record is owed until it is written, and the tail is kept.
        fs::write(&torn, "other").unwrap();
        let places = vec![format!("torn tail: {ALICE}"), format!("torn tail: {ALICE}:6")];
        assert_eq!(log.agree(&[], "another tail"), (14, places));
        fs::remove_file(&torn).unwrap();
        assert_eq!(log.agree(&[], "no tail"), (14, vec![format!("torn tail: {ALICE}:6")]));
        fs::write(&torn, &tail).unwrap();
        let mut without = lines(&log);
        without.truncate(5);
        fs::write(&file, without.concat()).unwrap();
        fs::write(state(&log), &five.0).unwrap();
        assert_eq!(log.agree(&[], "not recorded"), (14, vec![format!("torn tail: {ALICE}")]));
        assert_eq!(log.open("alice", 0xa1).unwrap().head().seq, 6, "it is recorded then");
        assert_eq!(log.verify().verdict(), Verdict::Sound);
    }
}

#[test]
fn a_line_that_was_safe_is_no_torn_tail() {
    let log = five();
    let mut all = lines(&log);
    all[4].truncate(50);
    fs::write(log.file("alice"), all.concat()).unwrap();
    let error = log.open("alice", 0xa1).unwrap_err();
    assert!(matches!(error, AuditError::Truncated { has: 4, wrote: 5, .. }), "{error}");
    assert_eq!(lines(&log), all, "nothing is set aside");
}

#[test]
fn a_first_line_that_was_cut_short_is_begun_again() {
    let log = Log::new();
    drop(log.open("alice", 0xa1).unwrap());
    let whole = lines(&log);
    let none = serde_json::json!({"hash": Digest::ZERO.to_string(), "left": false, "seq": 0,
        "v": 1, "writer": "alice-a1a1a1a1"});
    for left in ["", &whole[0][..80]] {
        fs::write(log.file("alice"), left).unwrap();
        fs::write(state(&log), format!("{none}\n")).unwrap();
        assert_eq!(log.agree(&[], "cut short").0, 14);
        let alice = log.open("alice", 0xa1).unwrap();
        assert_eq!(alice.writer().as_str(), "alice-a1a1a1a1");
        drop(alice);
        assert_eq!(lines(&log)[0], whole[0]);
        assert_eq!(log.agree(&[], "begun again"), (0, vec![]));
    }
}

#[test]
fn one_writer_at_a_time() {
    let log = five();
    let alice = log.open("alice", 0xa1).unwrap();
    let error = log.open("alice", 0xa1).unwrap_err().to_string();
    assert!(error.contains("another keyrite is at work here"), "{error}");
    assert!(matches!(begin_anew(&log, 0xc3), Err(AuditError::Busy(_))));
    // Also where the other one believes to be another machine.
    let copy = log.folder().join("copy");
    fs::create_dir_all(copy.join(state(&log).parent().unwrap().file_name().unwrap())).unwrap();
    let there = copy.join(state(&log).strip_prefix(&log.states).unwrap());
    fs::copy(state(&log), there).unwrap();
    assert!(matches!(open(log.folder(), &copy, "alice", 0xa1), Err(AuditError::Busy(_))));
    // Another person is another writer.
    drop(log.open("bob", 0xb2).unwrap());
    drop(alice);
    assert_eq!(log.open("alice", 0xa1).unwrap().head().seq, 5);
}

#[test]
fn the_lock_of_a_killed_process_is_free() {
    let log = five();
    let locks = files(&log.states);
    let lock = locks.iter().find(|path| path.ends_with("alice.lock"));
    let lock = lock.unwrap_or_else(|| panic!("{locks:?}"));
    let hold = "import fcntl,sys; f = open(sys.argv[1], 'r+'); fcntl.flock(f, fcntl.LOCK_EX); \
                print('held', flush=True); sys.stdin.read()";
    let mut holder = Command::new("/usr/bin/python3")
        .args(["-c", hold])
        .arg(lock)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    std::io::BufReader::new(holder.stdout.take().unwrap()).read_line(&mut said).unwrap();
    assert_eq!(said, "held\n");
    assert!(matches!(log.open("alice", 0xa1), Err(AuditError::Busy(_))));
    holder.kill().unwrap();
    holder.wait().unwrap();
    assert_eq!(log.open("alice", 0xa1).unwrap().head().seq, 5);
}

#[test]
fn a_file_that_somebody_else_changes_meanwhile_is_not_written_any_more() {
    let log = five();
    let mut alice = log.open("alice", 0xa1).unwrap();
    let before = lines(&log);
    let mut file = fs::OpenOptions::new().append(true).open(log.file("alice")).unwrap();
    file.write_all(b"x").unwrap();
    assert!(matches!(alice.append(record(6), NOW), Err(AuditError::Changed(_))));
    file.set_len(u64::try_from(before.concat().len()).unwrap()).unwrap();
    alice.append(record(6), NOW).unwrap();
    // As git does it: another file of the same name.
    fs::copy(log.file("alice"), log.folder().join("copy")).unwrap();
    fs::rename(log.folder().join("copy"), log.file("alice")).unwrap();
    assert!(matches!(alice.append(record(7), NOW), Err(AuditError::Changed(_))));
    assert_eq!(lines(&log).len(), 6);
}

#[test]
fn links_and_odd_names_are_refused() {
    let log = five();
    let (file, away) = (log.file("alice"), log.folder().join("away"));
    fs::rename(&file, &away).unwrap();
    std::os::unix::fs::symlink(&away, &file).unwrap();
    assert!(matches!(log.open("alice", 0xa1), Err(AuditError::NotAFile(_))));
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    assert!(matches!(log.open("alice", 0xa1), Err(AuditError::NotAFile(_))));
    for person in ["", "../alice", "a/b", "al\u{1b}ice", "-a", ".a"] {
        assert!(matches!(log.open(person, 0xa1), Err(AuditError::Person(_))), "{person:?}");
    }
    fs::remove_dir_all(log.folder().join("audit")).unwrap();
    std::os::unix::fs::symlink("/", log.folder().join("audit")).unwrap();
    assert!(matches!(log.open("bob", 0xb2), Err(AuditError::Io { .. })));
}

#[test]
fn what_would_not_be_read_again_is_not_written() {
    let log = five();
    let mut alice = log.open("alice", 0xa1).unwrap();
    let before = lines(&log);
    let mut long = record(6);
    long.body.insert("long".to_owned(), "x".repeat(70_000).into());
    let mut fraction = record(6);
    fraction.body.insert("half".to_owned(), 0.5.into());
    let mut first = record(6);
    first.kind = "began".to_owned();
    let mut shouted = record(6);
    shouted.kind = "NOTED".to_owned();
    for wrong in [long, fraction, first, shouted] {
        assert!(matches!(alice.append(wrong, NOW), Err(AuditError::Unfit(_))));
    }
    assert_eq!(lines(&log), before);
    alice.append(record(6), NOW).unwrap();
    assert_eq!(log.agree(&[], "only what is fit"), (0, vec![]));
}

#[test]
fn a_full_disk_leaves_a_torn_tail_and_a_message() {
    let log = five();
    drop(log.open("bob", 0xb2).unwrap());
    let home = Log { states: log.folder().join(".local/state/keyrite"), ..log };
    // Files of this process end at 512 bytes, as if the disk were full; a
    // first line has less, and another one behind it has no room.
    let run = |limit: &str| {
        let mut command = Command::new("sh");
        let binary = crate::support::program::BINARY;
        command.args(["-c", &format!("{limit} exec '{binary}' audit begin --as bob")]);
        command.current_dir(home.folder()).env_clear().env("HOME", home.folder());
        command.env("LANG", "C.UTF-8");
        crate::support::program::finish(command, b"", std::time::Duration::from_secs(10)).unwrap()
    };
    let first = run("");
    assert_eq!(first.code, Some(0), "{first:?}");
    let full = run("ulimit -f 1;");
    assert_eq!(full.code, Some(1), "{full:?}");
    assert!(
        full.err.contains("is the disk full?") && full.err.contains("counts as not written"),
        "{full:?}"
    );
    let (code, places) = home.agree(&[], "a full disk");
    assert_eq!(code, 14, "{places:?}");
    // With room again the same machine goes on where the last good line is.
    let bob = home.open("bob", 0xee).unwrap();
    assert!(bob.head().seq >= 2);
    assert_ne!(bob.writer().as_str(), "bob-eeeeeeee");
    drop(bob);
    assert_eq!(home.agree(&[], "room again"), (0, vec![]));
}

#[test]
fn two_writers_at_once_make_one_sound_log() {
    let log = Log::new();
    std::thread::scope(|scope| {
        for (person, random) in [("alice", 0xa1), ("bob", 0xb2)] {
            let log = &log;
            scope.spawn(move || {
                let mut own = log.open(person, random).unwrap();
                for number in 0..40 {
                    own.append(record(number), NOW.plus(number)).unwrap();
                }
            });
        }
    });
    let report = log.verify_here();
    assert_eq!(report.verdict(), Verdict::Sound, "{:?}", report.problems);
    assert!(report.chains.iter().all(|chain| chain.head.seq == 41));
    assert_eq!(log.agree(&[], "two writers"), (0, vec![]));
    assert_ne!(log.open("alice", 0xa1).unwrap().head(), Head::NONE);
}
