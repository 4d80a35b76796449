//! The real binary, ended or refused at its calls to the system, one at a time.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::hall::{Answer, Hall, Sat};
use crate::support::invariants::{hold_at_any_time, hold_at_the_end};
use crate::support::tree::copy;

/// What changes files.
const CALLS: &str = "write,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,mkdir,\
                     mkdirat,ftruncate,link,linkat";

/// A call: which one, and the how many-th of its kind.
#[derive(Clone, Debug)]
struct Point {
    call: String,
    number: usize,
    /// As it stands in the trace of a run that nothing disturbs.
    shown: String,
}

impl Point {
    /// Whether it is about a file, and not about what is shown.
    fn is_of_a_file(&self) -> bool {
        ["<pipe:", "anon_inode", "</dev/null>"].iter().all(|other| !self.shown.contains(other))
    }
}

/// Where sweeps of a ceremony begin.
struct Arena {
    hall: Hall,
    ceremony: &'static str,
    start: tempfile::TempDir,
}

impl Arena {
    fn new(ceremony: &'static str) -> Self {
        let hall = match ceremony {
            "root-generation" => Hall::new(),
            "root-adoption" => {
                let hall = Hall::new();
                hall.old_home();
                hall
            }
            _ => Hall::after("root-generation"),
        };
        let needs_subkey = ["expiry-extension", "custody-upload", "custody-freeze", "publication"];
        if needs_subkey.contains(&ceremony) {
            hall.hold("subkey-issuance");
        }
        if ceremony == "custody-freeze" {
            hall.hold("custody-upload");
            hall.hold("custody-promote");
        }
        let start = tempfile::tempdir().unwrap();
        copy(&hall.path(""), start.path());
        Self { hall, ceremony, start }
    }

    /// Everything as it was before the ceremony.
    fn reset(&self) {
        self.hall.dismiss_agents();
        for entry in fs::read_dir(self.hall.path("")).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
        }
        copy(self.start.path(), &self.hall.path(""));
    }

    /// All calls of a run that nothing disturbs.
    fn points(&self) -> Vec<Point> {
        let trace = self.hall.path("trace");
        let calls = format!("trace={CALLS}");
        let prefix = [
            "strace",
            "-y",
            "-s",
            "0",
            "-o",
            trace.to_str().unwrap(),
            "-e",
            &calls,
            "-e",
            "signal=none",
        ];
        let sat = self.hall.pilot(self.hall.start(&prefix, self.ceremony));
        assert!(sat.status.success(), "{sat:#?}");
        let text = fs::read_to_string(trace).unwrap();
        let mut points: Vec<Point> = Vec::new();
        for line in text.lines() {
            let Some((call, _)) = line.split_once('(') else { continue };
            let number = points.iter().filter(|one| one.call == call).count() + 1;
            points.push(Point { call: call.to_owned(), number, shown: line.to_owned() });
        }
        self.reset();
        points
    }

    /// Holds the ceremony with one call disturbed, and goes on to its end.
    fn disturb(&self, point: &Point, how: &str) -> Sat {
        let inject = format!("inject={}:{how}:when={}", point.call, point.number);
        let trace = format!("trace={}", point.call);
        let prefix = ["strace", "-o", "/dev/null", "-e", &trace, "-e", &inject];
        let sat = self.hall.pilot(self.hall.start(&prefix, self.ceremony));
        hold_at_any_time(&self.hall);
        let end = self.hall.go_on(self.ceremony);
        assert!(end.status.success(), "{point:?}\n{sat:#?}\n{end:#?}");
        hold_at_the_end(&self.hall, self.ceremony);
        self.reset();
        sat
    }
}

/// How many times longer than usual to try.
fn cases() -> usize {
    std::env::var("KEYRITE_CASES").map_or(1, |n| n.parse().unwrap())
}

/// Some of them, the same ones every time; with more time, all.
fn sample(points: Vec<Point>, usual: usize, seed: u64) -> Vec<Point> {
    let wanted = usual * cases();
    let (mut files, rest): (Vec<_>, Vec<_>) = points.into_iter().partition(Point::is_of_a_file);
    let mut state = seed;
    let mut pick = |from: &mut Vec<Point>, count: usize| {
        while from.len() > count {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let at = usize::try_from(state >> 33).unwrap() % from.len();
            from.remove(at);
        }
    };
    let mut rest = rest;
    pick(&mut files, wanted);
    pick(&mut rest, wanted / 8);
    files.extend(rest);
    files
}

/// Disturbs each of the points, and says at the end which were not survived.
fn sweep(arena: &Arena, points: &[Point], how: &str, judge: impl Fn(&Point, &Sat)) {
    let mut failures = Vec::new();
    for point in points {
        let survived = catch_unwind(AssertUnwindSafe(|| judge(point, &arena.disturb(point, how))));
        if survived.is_err() {
            failures.push(point.clone());
            arena.reset();
        }
    }
    assert!(failures.is_empty(), "{how}: {} of {}: {failures:#?}", failures.len(), points.len());
}

fn kill_sweep(ceremony: &'static str, usual: usize) {
    let arena = Arena::new(ceremony);
    let points = arena.points();
    assert!(points.iter().filter(|point| point.is_of_a_file()).count() > 100, "{}", points.len());
    sweep(&arena, &sample(points, usual, 4), "signal=KILL", |_, sat| {
        assert_eq!(sat.status.signal(), Some(9), "{sat:#?}");
    });
}

/// Refuses single writes and syncs; the program says what happened, what is
/// safe, and how to go on.
fn error_sweep(ceremony: &'static str, usual: usize) {
    let arena = Arena::new(ceremony);
    let mut points = arena.points();
    points.retain(|one| one.is_of_a_file() && matches!(one.call.as_str(), "write" | "fsync"));
    for (error, words, seed) in
        [("ENOSPC", "No space left on device", 1), ("EIO", "Input/output error", 2)]
    {
        let chosen = sample(points.clone(), usual, seed);
        sweep(&arena, &chosen, &format!("error={error}"), |_, sat| {
            // Lines break between words.
            let said = format!("{} {}", sat.out, sat.err);
            let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(said.contains(words), "what happened is not said: {said}");
            let safe =
                ["what is written is safe", "in part is removed", "nothing is lost", "safe: "];
            assert!(
                safe.iter().any(|words| said.contains(words)),
                "what is safe is not said: {said}"
            );
            // Either it goes on by itself, or it says how.
            let goes_on = ["keyrite ceremony resume", "keyrite ceremony runs", "hint: "];
            let how = sat.status.success() || goes_on.iter().any(|words| said.contains(words));
            assert!(how, "how to go on is not said: {said}");
        });
    }
}

#[test]
fn a_root_generation_that_is_killed_anywhere_is_gone_on_with_to_its_end() {
    kill_sweep("root-generation", 32);
}

#[test]
fn an_issuance_that_is_killed_anywhere_is_gone_on_with_to_its_end() {
    kill_sweep("subkey-issuance", 12);
}

#[test]
fn an_adoption_that_is_killed_anywhere_is_gone_on_with_to_its_end() {
    kill_sweep("root-adoption", 8);
}

#[test]
fn an_adoption_whose_disk_refuses_says_so_and_is_gone_on_with() {
    error_sweep("root-adoption", 4);
}

#[test]
fn an_upload_that_is_killed_anywhere_is_gone_on_with_to_its_end() {
    kill_sweep("custody-upload", 8);
}

#[test]
fn an_upload_whose_disk_refuses_says_so_and_is_gone_on_with() {
    error_sweep("custody-upload", 4);
}

#[test]
fn a_freeze_that_is_killed_anywhere_is_gone_on_with_to_its_end() {
    kill_sweep("custody-freeze", 8);
}

#[test]
fn a_freeze_whose_disk_refuses_says_so_and_is_gone_on_with() {
    error_sweep("custody-freeze", 4);
}

#[test]
fn a_publication_that_is_killed_anywhere_is_gone_on_with_to_its_end() {
    kill_sweep("publication", 8);
}

#[test]
fn a_publication_whose_disk_refuses_says_so_and_is_gone_on_with() {
    error_sweep("publication", 4);
}

#[test]
fn an_extension_that_is_killed_anywhere_is_gone_on_with_to_its_end() {
    kill_sweep("expiry-extension", 8);
}

#[test]
fn an_extension_whose_disk_refuses_says_so_and_is_gone_on_with() {
    error_sweep("expiry-extension", 4);
}

#[test]
fn a_drill_that_is_killed_anywhere_is_gone_on_with_to_its_end() {
    kill_sweep("recovery-drill", 4);
}

#[test]
fn a_restoring_that_is_killed_anywhere_is_gone_on_with_to_its_end() {
    kill_sweep("lost-medium", 8);
}

#[test]
fn a_restoring_whose_disk_refuses_says_so_and_is_gone_on_with() {
    error_sweep("lost-medium", 4);
}

#[test]
fn a_drill_whose_disk_refuses_says_so_and_is_gone_on_with() {
    error_sweep("recovery-drill", 3);
}

#[test]
fn a_root_generation_whose_disk_refuses_says_so_and_is_gone_on_with() {
    error_sweep("root-generation", 12);
}

#[test]
fn an_issuance_whose_disk_refuses_says_so_and_is_gone_on_with() {
    error_sweep("subkey-issuance", 6);
}

#[test]
fn a_renewal_that_is_killed_and_given_up_leaves_a_medium_that_others_can_read() {
    let arena = Arena::new("subkey-issuance");
    let mut points = arena.points();
    points.retain(|point| point.shown.contains("root-a/keyrite/"));
    assert!(points.len() >= 20, "{points:#?}");
    let hall = &arena.hall;
    let usual = if cases() == 1 { 2 } else { 1 };
    for (index, point) in points.iter().enumerate().filter(|(index, _)| index % usual == 0) {
        let inject = format!("inject={}:signal=KILL:when={}", point.call, point.number);
        let trace = format!("trace={}", point.call);
        let prefix = ["strace", "-o", "/dev/null", "-e", &trace, "-e", &inject];
        let sat = hall.pilot(hall.start(&prefix, arena.ceremony));
        assert_eq!(sat.status.signal(), Some(9), "{sat:#?}");
        // With the medium out of reach nobody can tell what became of it.
        let (medium, away) = (hall.medium("root-a"), hall.path("away"));
        let is_away = index / usual % 2 == 1;
        if is_away {
            fs::rename(&medium, &away).unwrap();
        }
        let run = hall.run_of(arena.ceremony);
        let words = ["ceremony", "abandon", &run, "--reason", "TEST", "--in", "team"];
        let given_up = hall.run(&words);
        assert_eq!(given_up.code, Some(0), "{given_up:?}");
        if is_away {
            fs::rename(&away, &medium).unwrap();
        }
        let sat = hall.hold(arena.ceremony);
        assert!(!sat.out.contains("STOPPED"), "{point:?}\n{sat:#?}");
        hold_at_any_time(hall);
        arena.reset();
    }
}

/// A small file system in memory over a folder, as long as this lives.
struct Small(PathBuf);

impl Small {
    fn mount(at: &Path) -> Option<Self> {
        let made = mount(&["-t", "tmpfs", "-o", "size=24k", "none", at.to_str().unwrap()]);
        made.then(|| Self(at.to_owned()))
    }

    fn grow(&self) {
        assert!(mount(&["-o", "remount,size=4m", self.0.to_str().unwrap()]));
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

fn mount(words: &[&str]) -> bool {
    Command::new("mount").args(words).output().is_ok_and(|output| output.status.success())
}

#[test]
fn a_medium_that_is_full_is_told_and_gone_on_with_once_there_is_room() {
    let hall = Hall::new();
    let media = hall.medium("");
    let Some(small) = Small::mount(&media) else {
        // Where nobody may mount, a limit for files does: it ends the program.
        let limit = ["prlimit", "--fsize=3000"];
        let sat = hall.pilot(hall.start(&limit, "root-generation"));
        assert!(!sat.status.success(), "{sat:#?}");
        assert!(hall.go_on("root-generation").status.success());
        return hold_at_the_end(&hall, "root-generation");
    };
    for name in ["root-a", "root-b", "holder-witness", "parcel", "subkey-holder", "transfer"] {
        fs::create_dir(media.join(name)).unwrap();
    }
    let mut told = String::new();
    let sat = hall.pilot_with(hall.start(&[], "root-generation"), &mut |prompt| {
        if told.is_empty() && prompt.said.contains("No space left on device") {
            told.clone_from(&prompt.said);
            small.grow();
        }
        Answer::Usual
    });
    assert!(told.contains("what was written in part is removed"), "{told}{sat:#?}");
    assert!(sat.status.success(), "{sat:#?}");
    hold_at_the_end(&hall, "root-generation");
}
