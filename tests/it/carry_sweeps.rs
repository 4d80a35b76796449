//! Carrying, killed at its calls to the system one at a time, and done again.

use std::fs;
use std::path::Path;

use crate::support::courier::{Courier, begin_until, compare, shown_words};
use crate::support::hall::{Hall, names};
use crate::support::program::Outcome;
use crate::support::tree::copy;

const CALLS: &str = "write,fsync,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,ftruncate";
/// Points at which each is killed, at the most; times `KEYRITE_CASES`.
const POINTS: usize = 24;

/// The numbers of a few calls of each kind, spread over all of them.
fn points(trace: &Path) -> Vec<(String, usize)> {
    let text = fs::read_to_string(trace).unwrap();
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    let mut all = Vec::new();
    for line in text.lines() {
        let Some((call, rest)) = line.split_once('(') else { continue };
        let count = counts.entry(call.to_owned()).or_default();
        *count += 1;
        if !["<pipe:", "anon_inode", "</dev/null>"].iter().any(|other| rest.contains(other)) {
            all.push((call.to_owned(), *count));
        }
    }
    assert!(all.len() > 30, "{text}");
    let times = std::env::var("KEYRITE_CASES").ok().and_then(|times| times.parse().ok());
    let most = POINTS * times.unwrap_or(1usize);
    let step = all.len().div_ceil(most);
    all.into_iter().step_by(step).collect()
}

fn behind(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

fn watched(trace: &Path) -> Vec<String> {
    let trace = trace.to_str().unwrap();
    ["strace", "-f", "-y", "-s", "0", "-o", trace, "-e", &format!("trace={CALLS}")]
        .map(str::to_owned)
        .to_vec()
}

fn killed(call: &str, number: usize) -> Vec<String> {
    let inject = format!("inject={call}:signal=KILL:when={number}");
    ["strace", "-f", "-qq", "-o", "/dev/null", "-e", &inject].map(str::to_owned).to_vec()
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
    for (call, number) in points(&trace) {
        let point = format!("{call} {number}");
        scene.reset();
        let prefix = killed(&call, number);
        let cut = scene.out(&behind(&prefix));
        assert_ne!(cut.code, Some(0), "{point} was not met: {cut:?}");
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
        for (call, number) in points(&trace) {
            let point = format!("{call} {number}, {is_there}");
            scene.reset();
            let prefix = killed(&call, number);
            let cut = scene.take(&behind(&prefix), &digits);
            assert_ne!(cut.code, Some(0), "{point} was not met: {cut:?}");
            let taken = scene.take(&[], &digits);
            assert_eq!(taken.code, Some(0), "{point}: {taken:?}");
            scene.holds(&point);
        }
    }
}
