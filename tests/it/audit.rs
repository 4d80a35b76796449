//! The audit log: what is damaged is told with its line, by both verifiers.

use std::fs;

use keyrite::engine::audit::Verdict;

use crate::support::log::{Log, NOW, RUN, of_run, record};

const ALICE: &str = "audit/alice-a1a1a1a1.jsonl";
const BOB: &str = "audit/bob-b2b2b2b2.jsonl";

#[test]
fn a_log_as_it_was_written_is_sound() {
    let log = Log::with_two_chains();
    let report = log.verify_here();
    assert_eq!(report.verdict(), Verdict::Sound, "{:?}", report.problems);
    let lines: Vec<_> = report.chains.iter().map(|chain| chain.head.seq).collect();
    assert_eq!(lines, [10, 3]);
    assert_eq!(log.agree(&[], "sound"), (0, vec![]));
    let head = log.program.run(&["audit", "head", "--json"]).json();
    assert_eq!(head["chains"][0]["words"].as_array().unwrap().len(), 32);
    let hash = head["chains"][0]["hash"].as_str().unwrap();
    for head in [hash, hash.strip_prefix("sha256:").unwrap(), &hash[7..].to_uppercase()] {
        assert_eq!(log.agree(&["--expect-head", head], "its head"), (0, vec![]));
    }
    let text = log.program.run(&["audit", "head"]).out;
    assert!(text.contains(&hash[7..11]), "{text}");
    let other = "0".repeat(64);
    let truncated = (11, vec!["truncated: audit".to_owned()]);
    assert_eq!(log.agree(&["--expect-head", &other], "another head"), truncated);
}

#[test]
fn no_log_is_no_good_log() {
    let log = Log::new();
    let nothing = (20, vec!["unreadable: audit".to_owned()]);
    assert_eq!(log.agree(&[], "no folder"), nothing);
    fs::create_dir(log.folder().join("audit")).unwrap();
    assert_eq!(log.agree(&[], "an empty folder"), nothing);
    fs::remove_dir(log.folder().join("audit")).unwrap();
    std::os::unix::fs::symlink("/", log.folder().join("audit")).unwrap();
    assert_eq!(log.keyrite(&[]).0, 20);
    assert_eq!(log.python(&[]).0, 20);
}

/// What damage the file of alice takes, and what must be said of it.
type Damage = (&'static str, fn(&mut Vec<String>), i32, &'static str);

const DAMAGES: &[Damage] = &[
    ("a changed fact", |lines| lines[4] = lines[4].replace("number", "numbex"), 10, "broken: {}:5"),
    (
        "a changed fact in the last line but one",
        |lines| lines[8] = lines[8].replace("number", "numbex"),
        10,
        "broken: {}:10",
    ),
    ("a deleted line", |lines| drop(lines.remove(4)), 10, "broken: {}:5"),
    ("a line twice", |lines| lines.insert(4, lines[4].clone()), 10, "broken: {}:6"),
    ("swapped lines", |lines| lines.swap(4, 5), 10, "broken: {}:5"),
    ("no first line", |lines| drop(lines.remove(0)), 10, "broken: {}:1"),
    ("an empty line", |lines| lines.insert(4, "\n".to_owned()), 10, "broken: {}:5"),
    ("a blank", |lines| lines[4] = lines[4].replace(":{", ": {"), 10, "broken: {}:5"),
    ("a fraction", |lines| lines[4] = lines[4].replace("\"v\":1", "\"v\":1.0"), 10, "broken: {}:5"),
    (
        "an exponent",
        |lines| lines[4] = lines[4].replace("\"v\":1", "\"v\":1e0"),
        10,
        "broken: {}:5",
    ),
    (
        "true for one",
        |lines| lines[4] = lines[4].replace("\"v\":1", "\"v\":true"),
        10,
        "broken: {}:5",
    ),
    (
        "another version",
        |lines| lines[4] = lines[4].replace("\"v\":1", "\"v\":2"),
        10,
        "broken: {}:5",
    ),
    (
        "a key twice",
        |lines| lines[4] = lines[4].replace("\"v\":1", "\"v\":1,\"v\":1"),
        10,
        "broken: {}:5",
    ),
    (
        "keys out of order",
        |lines| {
            lines[4] =
                lines[4].replace("\"v\":1,", "").replacen("{\"actor\"", "{\"v\":1,\"actor\"", 1);
        },
        10,
        "broken: {}:5",
    ),
    (
        "a field more",
        |lines| lines[4] = lines[4].replace("\"v\":1", "\"u\":1,\"v\":1"),
        10,
        "broken: {}:5",
    ),
    (
        "another writer",
        |lines| lines[4] = lines[4].replace("a1a1a1a1", "a1a1a1a2"),
        10,
        "broken: {}:5",
    ),
    (
        "another spelling of a letter",
        |lines| lines[4] = lines[4].replace('é', "\\u00e9"),
        10,
        "broken: {}:5",
    ),
    ("half a letter", |lines| lines[4] = lines[4].replace('é', "\\ud800"), 10, "broken: {}:5"),
    (
        "numbers beyond what is exact",
        |lines| lines[4] = lines[4].replace("\"number\":5", "\"number\":9007199254740993"),
        10,
        "broken: {}:5",
    ),
    (
        "nesting",
        |lines| {
            let nest = format!("{}1{}", "[".repeat(40), "]".repeat(40));
            lines[4] = lines[4].replace("\"number\":5", &format!("\"number\":{nest}"));
        },
        10,
        "broken: {}:5",
    ),
    (
        "a line that is too long",
        |lines| lines[4] = lines[4].replace("quoted", &"x".repeat(70_000)),
        10,
        "broken: {}:5",
    ),
    (
        "a line feed and a return",
        |lines| lines[4] = lines[4].replace('\n', "\r\n"),
        10,
        "broken: {}:5",
    ),
    ("no end", |lines| drop(lines.drain(1..)), 11, "truncated: {}:2"),
    ("nothing", Vec::clear, 11, "truncated: {}:1"),
    ("half a last line", |lines| lines[9].truncate(100), 14, "torn tail: {}:10"),
    (
        "a last line without its end",
        |lines| lines[9] = lines[9].trim_end().to_owned(),
        14,
        "torn tail: {}:10",
    ),
    ("zeros at the end", |lines| lines.push("\0".repeat(512)), 14, "torn tail: {}:11"),
    ("zeros and a line feed", |lines| lines.push("\0\n".to_owned()), 14, "torn tail: {}:11"),
    (
        "too much without a line feed",
        |lines| lines.push("x".repeat(200_000)),
        14,
        "torn tail: {}:11",
    ),
    (
        "a foreign last line",
        |lines| lines[9] = lines[9].replace("\"prev\":\"sha256:", "\"prev\":\"sha256:0"),
        10,
        "broken: {}:10",
    ),
];

#[test]
fn each_damage_is_told_with_its_line_by_both_verifiers() {
    let log = Log::with_two_chains();
    // Bob's last line names alice's chain up to its end; without it the end
    // of hers is hers alone.
    let good = fs::read_to_string(log.file("alice")).unwrap();
    let bob = fs::read_to_string(log.file("bob")).unwrap();
    let (before, _) = bob.trim_end().rsplit_once('\n').unwrap();
    fs::write(log.file("bob"), format!("{before}\n")).unwrap();
    assert_eq!(log.agree(&[], "the good log"), (0, vec![]));
    for (what, damage, code, place) in DAMAGES {
        let mut lines: Vec<_> = good.split_inclusive('\n').map(str::to_owned).collect();
        damage(&mut lines);
        let text = lines.concat();
        assert_ne!(text, good, "{what}");
        fs::write(log.file("alice"), text).unwrap();
        let (found, places) = log.agree(&[], what);
        assert_eq!(found, *code, "{what}: {places:?}");
        let place = place.replace("{}", ALICE);
        assert!(places.contains(&place), "{what}: {place} is not in {places:?}");
    }
}

#[test]
fn another_history_is_a_fork() {
    let log = Log::with_two_chains();
    let good = fs::read_to_string(log.file("alice")).unwrap();
    // The same machine, from an old copy with its memory, goes on otherwise.
    let old: String = good.split_inclusive('\n').take(7).collect();
    fs::write(log.file("alice"), &old).unwrap();
    let head = keyrite::engine::audit::Entry::hash(old.lines().last().unwrap().as_bytes());
    fs::remove_dir_all(&log.states).unwrap();
    fs::create_dir(log.folder().join("elsewhere")).unwrap();
    let other = Log { states: log.folder().join("elsewhere"), ..log };
    let state = serde_json::json!({"hash": head.to_string(), "left": false, "seq": 7, "v": 1,
        "writer": "alice-a1a1a1a1"});
    let folder = keyrite::engine::chain::Digest::of(
        fs::canonicalize(other.folder()).unwrap().as_os_str().as_encoded_bytes(),
    );
    let folder = other.states.join(folder.hex());
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("alice-a1a1a1a1.json"), format!("{state}\n")).unwrap();
    let mut alice = other.open("alice", 0xa1).unwrap();
    for number in 20..26 {
        alice.append(record(number), NOW.plus(100)).unwrap();
    }
    let (code, places) = other.agree(&[], "a fork");
    assert_eq!((code, places), (12, vec![format!("forked: {ALICE}:10")]));
}

#[test]
fn two_lines_for_one_place_of_a_journal_are_a_fork() {
    let log = Log::new();
    log.journal("one\n");
    log.open("alice", 0xa1).unwrap().append(of_run(1, b"one"), NOW).unwrap();
    let mut bob = log.open("bob", 0xb2).unwrap();
    bob.append(of_run(1, b"one"), NOW).unwrap();
    assert_eq!(log.agree(&[], "the same line"), (0, vec![]));
    bob.append(of_run(1, b"two"), NOW).unwrap();
    let places = vec![format!("broken: {BOB}:3"), format!("forked: {BOB}:3")];
    assert_eq!(log.agree(&[], "another line"), (12, places));
}

#[test]
fn lines_are_held_against_the_journal_of_their_run() {
    let log = Log::new();
    let mut alice = log.open("alice", 0xa1).unwrap();
    alice.append(of_run(1, b"one"), NOW).unwrap();
    alice.append(of_run(2, b"two"), NOW).unwrap();
    let name = format!("runs/{RUN}/journal.jsonl");
    assert_eq!(log.agree(&[], "no journal here"), (11, vec![format!("truncated: {name}")]));
    log.journal("one\ntwo\n");
    assert_eq!(log.agree(&[], "as it was"), (0, vec![]));
    // The program may have ended before the log had the last line.
    log.journal("one\ntwo\nthree\n");
    assert_eq!(log.agree(&[], "one more"), (14, vec![format!("torn tail: {name}:3")]));
    log.journal("one\ntwo\nthree\nfour\n");
    assert_eq!(log.agree(&[], "two more"), (11, vec![format!("truncated: {name}:3")]));
    log.program.file(&name, "one\ntwx\n");
    assert_eq!(log.agree(&[], "changed"), (10, vec![format!("broken: {ALICE}:3")]));
    log.program.file(&name, "one\ntwo");
    assert_eq!(log.agree(&[], "cut off"), (11, vec![format!("truncated: {ALICE}:3")]));
    fs::remove_file(log.folder().join(&name)).unwrap();
    std::os::unix::fs::symlink("/dev/zero", log.folder().join(&name)).unwrap();
    assert_eq!(log.agree(&[], "a link"), (20, vec![format!("unreadable: {name}")]));
}

#[test]
fn what_is_no_file_of_the_log_is_told() {
    let log = Log::with_two_chains();
    for name in [
        "alice-a1a1a1a1.jsonl.bak",
        "alice.jsonl",
        "ALICE-A1A1A1A1.jsonl",
        "alice-a1a1a1a1.torn-x",
        "checkpoints/note",
        "checkpoints/alice-a1a1a1a1-3.txt",
        "checkpoints/alice-a1a1a1a1-3.txt.0123456789012345678901234567890123456789.asc",
    ] {
        let path = log.program.file(&format!("audit/{name}"), "x");
        let (code, places) = log.agree(&[], name);
        assert_eq!((code, places), (20, vec![format!("unreadable: audit/{name}")]));
        fs::remove_file(path).unwrap();
    }
    log.program.file("audit/.alice-a1a1a1a1.jsonl.new", "x");
    assert_eq!(log.agree(&[], "left of a write"), (0, vec![]));
    // Links are not followed, also not those that lead to the right place.
    let alice = log.file("alice");
    fs::rename(&alice, log.folder().join("alice")).unwrap();
    std::os::unix::fs::symlink(log.folder().join("alice"), alice).unwrap();
    let (code, places) = log.agree(&[], "a link");
    // Bob names lines of it.
    assert_eq!((code, places.len()), (11, 2));
    assert!(places.contains(&format!("unreadable: {ALICE}")), "{places:?}");
}

#[test]
fn a_clock_that_goes_backwards_is_told_beyond_two_minutes() {
    let log = Log::new();
    let mut alice = log.open("alice", 0xa1).unwrap();
    alice.append(record(1), NOW.plus(1000)).unwrap();
    alice.append(record(2), NOW.plus(880)).unwrap();
    assert_eq!(log.agree(&[], "two minutes"), (0, vec![]));
    alice.append(record(3), NOW.plus(879)).unwrap();
    alice.append(record(4), NOW.plus(10)).unwrap();
    let (code, places) = log.agree(&[], "more");
    assert_eq!((code, places), (15, vec![format!("time goes backwards: {ALICE}:4")]));
}
