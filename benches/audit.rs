//! How long an audit log of a hundred thousand lines takes to verify, by
//! itself and against the journals that it derives from.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures and prints"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

use keyrite::adapters::audit_log::{Wanted, survey};
use keyrite::domain::timestamp::Timestamp;
use keyrite::engine::audit::{Entry, Record, Rows, RunLine, Verdict, Writer};
use keyrite::engine::chain::Digest;
use serde_json::{Map, json};

const LINES: u64 = 100_000;

/// A log as ceremonies write it: lines of runs of forty.
fn log() -> (String, BTreeMap<String, String>) {
    let writer = Writer::parse("alice-0a1b2c3d").unwrap();
    let (mut text, mut prev) = (String::new(), Digest::ZERO);
    let mut journals: BTreeMap<String, String> = BTreeMap::new();
    for seq in 1..=LINES {
        let digest = Digest::of(&seq.to_be_bytes()).to_string();
        let (kind, body, run) = if seq == 1 {
            let body = json!({"log": "0".repeat(32), "policy": digest, "roster": digest});
            ("began", body, None)
        } else {
            let id = format!("20261120T140200Z-{:08}", seq / 40);
            let journal = journals.entry(id.clone()).or_default();
            let line = format!("{{\"digest\":\"{digest}\"}}");
            writeln!(journal, "{line}").unwrap();
            let place = u64::try_from(journal.lines().count()).unwrap();
            let hash = Digest::of_kind("keyrite.journal/1", line.as_bytes());
            let body = json!({"digest": digest, "step": "export", "effect": seq, "result": "done"});
            ("effect-completed", body, Some(RunLine { id, seq: place, hash }))
        };
        let body: Map<_, _> = body.as_object().unwrap().clone();
        let record = Record { actor: "alice".to_owned(), kind: kind.to_owned(), body, run };
        let at = Timestamp::from_unix(1_795_183_320 + i64::try_from(seq).unwrap());
        let heads = BTreeMap::new();
        let entry = Entry { writer: writer.clone(), seq, at, prev, heads, record };
        let line = entry.line();
        prev = Entry::hash(line.as_bytes());
        writeln!(text, "{line}").unwrap();
    }
    (text, journals)
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let (text, journals) = log();
    std::fs::create_dir(folder.path().join("audit")).unwrap();
    std::fs::write(folder.path().join("audit/alice-0a1b2c3d.jsonl"), &text).unwrap();
    for (run, journal) in &journals {
        let folder = folder.path().join("runs").join(run);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("journal.jsonl"), journal).unwrap();
    }
    let now = Timestamp::from_unix(1_795_300_000);
    let wanted =
        Wanted { workspace: folder.path(), states: None, checkpoint: None, head: None, now };
    let measure = |what: &str, goal: &str, keep: bool| {
        let times = (0..11)
            .map(|_| {
                let begun = Instant::now();
                let mut rows = Rows::default();
                let report = survey(&wanted, &mut |entry, hash| {
                    if keep {
                        rows.take(entry, hash);
                    }
                });
                assert_eq!(report.verdict(), Verdict::Sound);
                black_box(rows.with(report));
                begun.elapsed().as_secs_f64() * 1_000.0
            })
            .collect();
        println!("{what}   {:.0} ms{goal}", median(times));
    };
    measure("verify 100 000 lines, 2 501 runs", "  (under 1000)", false);
    measure("the same, kept for the screen   ", "", true);
}
