//! Every byte of a small log, and random damage of random logs.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use keyrite::adapters::audit_log::{Wanted, survey};
use keyrite::engine::audit::{Checkpoint, Report, Writer};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::support::log::{Log, NOW, record};
use crate::support::tree::root;

const ALICE: &str = "audit/alice-a1a1a1a1.jsonl";

/// Puts a checkpoint of alice's chain as it is now beside it.
fn keep_checkpoint(log: &Log) {
    let writer = Writer::parse("alice-a1a1a1a1").unwrap();
    let head = log.verify().chain(&writer).unwrap().head;
    let checkpoint = Checkpoint { writer, head };
    let name = format!("audit/checkpoints/{}", checkpoint.file_name());
    log.program.file(&name, checkpoint.to_string());
}

fn look(folder: &Path) -> Report {
    let (states, checkpoint, head, now) = (None, None, None, NOW);
    survey(&Wanted { workspace: folder, states, checkpoint, head, now }, &mut |_, _| {})
}

/// The problems of a log, one line.
fn told(report: &Report) -> String {
    let mut problems: Vec<_> = report
        .problems
        .iter()
        .map(|one| format!("{}: {}:{}", one.verdict, one.file, one.line.unwrap_or(0)))
        .collect();
    problems.sort();
    problems.dedup();
    problems.join(", ")
}

/// What the verifier in Python says of the same flips.
const FLIPS: &str = "
import sys
sys.path.insert(0, sys.argv[1])
import verify_audit
root, name = sys.argv[2], sys.argv[2] + '/' + sys.argv[3]
good = open(name, 'rb').read()
for at in range(len(good)):
    bad = bytearray(good)
    bad[at] ^= 1 << at % 8
    open(name, 'wb').write(bad)
    found = {'%s: %s:%d' % (v, f, l or 0) for v, f, l, _ in verify_audit.verify(root)[1]}
    print(', '.join(sorted(found)))
open(name, 'wb').write(good)
";

#[test]
fn each_flipped_byte_is_told_with_its_line_by_both_verifiers() {
    let log = Log::new();
    let mut alice = log.open("alice", 0xa1).unwrap();
    for number in 2..6 {
        alice.append(record(number), NOW.plus(number)).unwrap();
    }
    drop(log.open("bob", 0xb2).unwrap());
    keep_checkpoint(&log);
    let good = fs::read(log.file("alice")).unwrap();
    let mut ours = String::new();
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1 << (at % 8);
        fs::write(log.file("alice"), &bad).unwrap();
        let report = look(log.folder());
        let line = good[..at].split(|byte| *byte == b'\n').count();
        let first = &report.problems[0];
        // Of the last two lines either may have been changed.
        let is_exact = first.line == Some(line as u64) || (line, first.line) == (4, Some(5));
        assert!(is_exact && first.file.as_str() == ALICE, "byte {at} of line {line}: {report:?}");
        writeln!(ours, "{}", told(&report)).unwrap();
    }
    fs::write(log.file("alice"), &good).unwrap();
    let output = Command::new("/usr/bin/python3")
        .args(["-B", "-c", FLIPS])
        .args([root().join("docs").as_path(), log.folder(), Path::new(ALICE)])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let theirs = String::from_utf8(output.stdout).unwrap();
    for (at, (ours, theirs)) in ours.lines().zip(theirs.lines()).enumerate() {
        assert_eq!(ours, theirs, "byte {at}");
    }
    assert_eq!(ours.lines().count(), theirs.lines().count());
}

/// What is done to a line of a log.
#[derive(Clone, Copy, Debug)]
enum Damage {
    Flip(usize, u8),
    Delete,
    Swap,
    Cut,
    Repeat,
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        3 => (any::<usize>(), 0..8_u8).prop_map(|(at, bit)| Damage::Flip(at, bit)),
        1 => Just(Damage::Delete),
        1 => Just(Damage::Swap),
        1 => Just(Damage::Cut),
        1 => Just(Damage::Repeat),
    ]
}

fn facts() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-(1_i64 << 53) + 1..1 << 53).prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[ -~]{0,6}", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

#[test]
fn random_damage_of_random_logs_is_told_with_its_line() {
    let cases = 60 * std::env::var("KEYRITE_CASES").map_or(1, |n| n.parse().unwrap());
    let mut runner =
        TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let inputs = (prop::collection::vec(facts(), 2..9), any::<usize>(), damage());
    let run = |(all, place, damage): (Vec<Value>, usize, Damage)| {
        let log = Log::new();
        let mut alice = log.open("alice", 0xa1).unwrap();
        for one in &all {
            let mut entry = record(0);
            entry.body.insert("facts".to_owned(), one.clone());
            alice.append(entry, NOW).unwrap();
        }
        keep_checkpoint(&log);
        prop_assert_eq!(told(&look(log.folder())), "");
        let text = fs::read(log.file("alice")).unwrap();
        let mut lines: Vec<_> =
            text.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        let (count, line) = (lines.len(), place % lines.len());
        let mut exact = line;
        match damage {
            Damage::Flip(at, bit) => {
                let at = at % lines[line].len();
                lines[line][at] ^= 1 << bit;
            }
            Damage::Delete => drop(lines.remove(line)),
            Damage::Swap if line + 1 < count => lines.swap(line, line + 1),
            Damage::Cut | Damage::Swap => lines.truncate(line),
            Damage::Repeat => {
                lines.insert(line, lines[line].clone());
                exact = line + 1;
            }
        }
        fs::write(log.file("alice"), lines.concat()).unwrap();
        let report = look(log.folder());
        let found: Vec<_> = report.problems.iter().filter_map(|one| one.line).collect();
        let wanted = exact as u64 + 1;
        let is_last_but_one = wanted + 1 == count as u64 && found == [wanted + 1];
        prop_assert!(found.contains(&wanted) || is_last_but_one, "line {}: {:?}", wanted, report);
        let (ours, theirs) = (log.keyrite(&[]).0, log.python(&[]).0);
        prop_assert_eq!(ours, theirs);
        Ok(())
    };
    runner.run(&inputs, run).unwrap();
}
