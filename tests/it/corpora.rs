//! Every file of the foreign corpora, in the real binary: no panic, no hang,
//! bounded memory, a reason in words.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use rayon::prelude::*;

use crate::support::corpus;
use crate::support::program::{BINARY, Outcome, Program, finish};

/// Seconds of computing that one file may take, whatever is in it.
const SECONDS: u64 = 2;

/// What counts as a hang, on a machine that does other things, too.
const LIMIT: Duration = Duration::from_secs(30);

/// Data segment beyond the file's own size: what the program needs for an
/// empty file, and 64 MiB.
const MEMORY_KIB: u64 = (64 + 24) * 1024;

/// Runs `keys --json` on a file under both limits.
fn bounded(program: &Program, path: &Path) -> Option<Outcome> {
    let size = path.metadata().unwrap().len().div_ceil(1024);
    let mut command = Command::new("/bin/sh");
    command
        .arg("-c")
        .arg("ulimit -d \"$1\"; ulimit -t \"$4\"; exec \"$2\" keys --json \"$3\"")
        .arg("sh")
        .arg((MEMORY_KIB + size).to_string())
        .arg(BINARY)
        .arg(path)
        .arg(SECONDS.to_string())
        .current_dir(program.folder())
        .env_clear()
        .env("HOME", program.folder())
        // Two arenas at the most: what is measured is what is used.
        .env("MALLOC_ARENA_MAX", "2");
    finish(command, b"", LIMIT)
}

#[test]
fn every_foreign_file_is_read_or_rejected_in_words() {
    let program = Program::new();
    let results: Vec<(String, Result<String, String>)> = corpus::foreign_files()
        .par_iter()
        .map(|path| {
            let name = path.display().to_string();
            let Some(outcome) = bounded(&program, path) else {
                return (name, Err("hangs".to_owned()));
            };
            if !matches!(outcome.code, Some(0 | 6 | 7))
                || !outcome.err.is_empty() && outcome.code == Some(0)
            {
                return (name, Err(format!("{outcome:?}")));
            }
            let document = outcome.json();
            let rejected = document["rejected"].as_array().unwrap();
            if document["certificates"].as_array().unwrap().is_empty() && rejected.is_empty() {
                return (name, Err("nothing was said of it".to_owned()));
            }
            for rejected in rejected {
                let reason = rejected["reason"].as_str().unwrap();
                let readable = reason.len() > 4 && reason.chars().all(|c| !c.is_control());
                if !readable || reason.contains("library failed") {
                    return (name, Err(reason.to_owned()));
                }
            }
            let verdict = match outcome.code {
                Some(0) => "read",
                Some(6) => "partly read",
                _ => "rejected",
            };
            (name, Ok(verdict.to_owned()))
        })
        .collect();
    let mut verdicts: BTreeMap<String, usize> = BTreeMap::new();
    let mut failures = Vec::new();
    for (name, result) in results {
        match result {
            Ok(verdict) => *verdicts.entry(verdict).or_default() += 1,
            Err(failure) => failures.push(format!("{name}: {failure}")),
        }
    }
    println!("{verdicts:?}");
    assert!(failures.is_empty(), "{}: {failures:#?}", failures.len());
}

#[test]
fn the_memory_bound_can_fail() {
    let program = Program::new();
    let path = program.file("zeros", vec![0u8; 8 << 20]);
    assert!(bounded(&program, &path).unwrap().code == Some(7));
    let mut command = Command::new("/bin/sh");
    command
        .arg("-c")
        .arg(format!("ulimit -d 4000; exec '{BINARY}' keys --json '{}'", path.display()));
    command.env_clear();
    let outcome = finish(command, b"", LIMIT).unwrap();
    assert!(!matches!(outcome.code, Some(0 | 6 | 7)), "{outcome:?}");
}
