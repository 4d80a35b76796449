//! Carrying, killed or refused at its calls to the system one at a time, and
//! done again.

use std::fs;
use std::path::Path;

use keyrite::engine::carry::Listed;
use keyrite::engine::chain::Digest;

use crate::support::courier::{Courier, begin_until, bytes_of, compare, list_of, shown_words};
use crate::support::hall::{Hall, names};
use crate::support::program::Outcome;
use crate::support::tree::copy;

const CALLS: &str = "write,fsync,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,ftruncate";
/// Points at which each is killed, at the most; times `KEYRITE_CASES`.
const POINTS: usize = 24;
/// The same of those at which the disk refuses.
const REFUSED: usize = 10;

/// The numbers of a few calls of each kind, spread over all of them.
fn points(trace: &Path, kinds: &[&str], most: usize) -> Vec<(String, usize)> {
    let text = fs::read_to_string(trace).unwrap();
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    let mut all = Vec::new();
    for line in text.lines() {
        let Some((call, rest)) = line.split_once('(') else { continue };
        let count = counts.entry(call.to_owned()).or_default();
        *count += 1;
        let is_of_a_file =
            !["<pipe:", "anon_inode", "</dev/null>"].iter().any(|other| rest.contains(other));
        if is_of_a_file && (kinds.is_empty() || kinds.contains(&call)) {
            all.push((call.to_owned(), *count));
        }
    }
    assert!(all.len() > most, "{text}");
    let times = std::env::var("KEYRITE_CASES").ok().and_then(|times| times.parse().ok());
    let most = most * times.unwrap_or(1usize);
    let step = all.len().div_ceil(most);
    all.into_iter().step_by(step).collect()
}

fn behind(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

fn watched(trace: &Path) -> Vec<String> {
    let trace = trace.to_str().unwrap();
    ["strace", "-y", "-s", "0", "-o", trace, "-e", &format!("trace={CALLS}")]
        .map(str::to_owned)
        .to_vec()
}

fn killed(call: &str, number: usize) -> Vec<String> {
    let inject = format!("inject={call}:signal=KILL:when={number}");
    ["strace", "-qq", "-o", "/dev/null", "-e", &inject].map(str::to_owned).to_vec()
}

/// Writes and syncs that the disk refuses, with the words of the error.
fn refusals(trace: &Path) -> Vec<(String, usize, &'static str, &'static str)> {
    let errors = [("ENOSPC", "No space left on device"), ("EIO", "Input/output error")];
    let all = points(trace, &["write", "fsync"], REFUSED).into_iter();
    let with = |(call, number): (String, usize)| {
        errors.map(|(error, words)| (call.clone(), number, error, words))
    };
    all.flat_map(with).collect()
}

fn refused(call: &str, number: usize, error: &str) -> Vec<String> {
    let inject = format!("inject={call}:error={error}:when={number}");
    ["strace", "-qq", "-o", "/dev/null", "-e", &inject].map(str::to_owned).to_vec()
}

/// What was refused is told, and what is to be done; that nothing was changed
/// is said where it is so.
fn tells(cut: &Outcome, words: &str, point: &str, is_as_before: bool) {
    let said = format!("{}{}", cut.out, cut.err);
    assert!(said.contains(words), "{point}: what happened is not said: {cut:?}");
    let unchanged = said.contains("nothing was changed in the workspace");
    assert!(!unchanged || is_as_before, "{point}: something was changed: {cut:?}");
    assert!(unchanged || said.contains("the same command"), "{point}: what to do? {cut:?}");
}

/// Whether all that a carry lists is in it.
fn is_whole(carry: &Path) -> bool {
    let list = list_of(carry);
    let is_there = |(path, listed): (&String, &Listed)| {
        fs::read(carry.join("files").join(path)).is_ok_and(|b| Digest::of(&b) == listed.digest)
    };
    !list.files.is_empty() && list.files.iter().all(is_there)
}

/// Two machines with a run that is under way, as they were.
struct Scene {
    courier: Courier,
    run: String,
    kept: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        let courier = Courier::new();
        let run = begin_until(&courier.here, "root-generation", "Make the primary key");
        Self { courier, run, kept: tempfile::tempdir().unwrap() }
    }

    /// The same, and the workspace was carried before.
    fn on_the_way() -> Self {
        let courier = Courier::new();
        courier.carry(&courier.here, &courier.there, &[], &[]);
        let run = begin_until(&courier.here, "root-generation", "Make the primary key");
        Self { courier, run, kept: tempfile::tempdir().unwrap() }
    }

    fn keep(&self) {
        for (name, from) in self.places() {
            fs::create_dir(self.kept.path().join(name)).unwrap();
            copy(&from, &self.kept.path().join(name));
        }
    }

    fn reset(&self) {
        for (name, to) in self.places() {
            for entry in names(&to) {
                let path = to.join(entry);
                if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }
                    .unwrap();
            }
            copy(&self.kept.path().join(name), &to);
        }
    }

    /// Whether that machine's workspace is as it was kept.
    fn is_as_before(&self, side: &str) -> bool {
        let now = self.places().into_iter().find(|(name, _)| *name == side).unwrap().1;
        let of = |root: &Path| {
            let all = bytes_of(&root.join("team")).into_iter();
            let all = all.map(|(path, b)| (path.strip_prefix(root).unwrap().to_owned(), b));
            all.collect::<Vec<_>>()
        };
        of(&now) == of(&self.kept.path().join(side))
    }

    fn places(&self) -> [(&'static str, std::path::PathBuf); 3] {
        let Courier { here, there, .. } = &self.courier;
        [
            ("here", here.path("")),
            ("there", there.path("")),
            ("stick", self.courier.stick().to_owned()),
        ]
    }

    fn out(&self, prefix: &[&str]) -> Outcome {
        let stick = self.courier.stick().to_str().unwrap();
        let words = ["carry", "out", stick, "--as", "driver", "--hand-over", &self.run, "--keep"];
        self.courier.here.run_behind(prefix, &[&words[..], &["--in", "team"]].concat(), "")
    }

    fn take(&self, prefix: &[&str], digits: &str) -> Outcome {
        let stick = self.courier.stick().to_str().unwrap();
        let words = ["carry", "in", stick, "--as", "driver", "--keep", "--in", "team"];
        compare(self.courier.there.spawn(prefix, &words), digits, "", &mut || {})
    }

    /// One holder, and two logs in order.
    fn holds(&self, point: &str) {
        let Courier { here, there, .. } = &self.courier;
        let state = |hall: &Hall| {
            let runs = hall.runs();
            runs[0]["state"].as_str().unwrap().to_owned()
        };
        assert_eq!((state(here), state(there)), ("handed over".into(), "paused".into()), "{point}");
        for hall in [here, there] {
            let verified = hall.run(&["audit", "verify", "--in", "team"]);
            assert_eq!(verified.code, Some(0), "{point}: {verified:?}");
        }
    }
}

#[test]
fn carrying_out_that_was_killed_is_done_again() {
    let scene = Scene::new();
    // An older carry is on the stick, and is there until the new one is whole.
    assert_eq!(scene.courier.out(&scene.courier.here, &[]).code, Some(0));
    scene.keep();
    let trace = scene.kept.path().join("trace");
    let prefix = watched(&trace);
    let sent = scene.out(&behind(&prefix));
    assert_eq!(sent.code, Some(0), "{sent:?}");
    for (call, number) in points(&trace, &[], POINTS) {
        let point = format!("{call} {number}");
        scene.reset();
        let prefix = killed(&call, number);
        let cut = scene.out(&behind(&prefix));
        assert_eq!(cut.code, None, "{point} was not met: {cut:?}");
        let sent = scene.out(&[]);
        assert_eq!(sent.code, Some(0), "{point}: {sent:?}");
        assert_eq!(names(scene.courier.stick()), ["keyrite-carry"], "{point}");
        let taken = scene.take(&[], &shown_words(&sent.out));
        assert_eq!(taken.code, Some(0), "{point}: {taken:?}");
        scene.holds(&point);
    }
}

#[test]
fn taking_in_that_was_killed_is_done_again() {
    // Once into nothing, once into a workspace that is there.
    for is_there in [false, true] {
        let scene = if is_there { Scene::on_the_way() } else { Scene::new() };
        let sent = scene.out(&[]);
        assert_eq!(sent.code, Some(0), "{sent:?}");
        scene.keep();
        let digits = shown_words(&sent.out);
        let trace = scene.kept.path().join("trace");
        let prefix = watched(&trace);
        let taken = scene.take(&behind(&prefix), &digits);
        assert_eq!(taken.code, Some(0), "{taken:?}");
        scene.holds("nothing");
        for (call, number) in points(&trace, &[], POINTS) {
            let point = format!("{call} {number}, {is_there}");
            scene.reset();
            let prefix = killed(&call, number);
            let cut = scene.take(&behind(&prefix), &digits);
            assert_eq!(cut.code, None, "{point} was not met: {cut:?}");
            let taken = scene.take(&[], &digits);
            assert_eq!(taken.code, Some(0), "{point}: {taken:?}");
            scene.holds(&point);
        }
    }
}

#[test]
fn carrying_out_to_a_disk_that_refuses_is_told_and_done_again() {
    let scene = Scene::new();
    assert_eq!(scene.courier.out(&scene.courier.here, &[]).code, Some(0));
    scene.keep();
    let trace = scene.kept.path().join("trace");
    let prefix = watched(&trace);
    assert_eq!(scene.out(&behind(&prefix)).code, Some(0));
    for (call, number, error, words) in refusals(&trace) {
        let point = format!("{call} {number} {error}");
        scene.reset();
        let prefix = refused(&call, number, error);
        let cut = scene.out(&behind(&prefix));
        // One carry is there all the time.
        assert!(is_whole(&scene.courier.stick().join("keyrite-carry")), "{point}: {cut:?}");
        let mut sent = cut.clone();
        if cut.code != Some(0) {
            tells(&cut, words, &point, scene.is_as_before("here"));
            sent = scene.out(&[]);
            assert_eq!(sent.code, Some(0), "{point}: {sent:?}");
        }
        assert_eq!(names(scene.courier.stick()), ["keyrite-carry"], "{point}");
        let taken = scene.take(&[], &shown_words(&sent.out));
        assert_eq!(taken.code, Some(0), "{point}: {taken:?}");
        scene.holds(&point);
    }
}

#[test]
fn taking_in_to_a_disk_that_refuses_is_told_and_done_again() {
    for is_there in [false, true] {
        let scene = if is_there { Scene::on_the_way() } else { Scene::new() };
        let sent = scene.out(&[]);
        assert_eq!(sent.code, Some(0), "{sent:?}");
        scene.keep();
        let digits = shown_words(&sent.out);
        let trace = scene.kept.path().join("trace");
        let prefix = watched(&trace);
        assert_eq!(scene.take(&behind(&prefix), &digits).code, Some(0));
        for (call, number, error, words) in refusals(&trace) {
            let point = format!("{call} {number} {error}, {is_there}");
            scene.reset();
            let prefix = refused(&call, number, error);
            let cut = scene.take(&behind(&prefix), &digits);
            // Where it comes from, nothing is lost.
            assert!(is_whole(&scene.courier.stick().join("keyrite-carry")), "{point}: {cut:?}");
            if cut.code != Some(0) {
                tells(&cut, words, &point, scene.is_as_before("there"));
                let taken = scene.take(&[], &digits);
                assert_eq!(taken.code, Some(0), "{point}: {taken:?}");
            }
            scene.holds(&point);
        }
    }
}
