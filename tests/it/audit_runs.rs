//! The log against the folders of the runs that it speaks of.

use std::fs;
use std::path::Path;

use crate::support::hall::{Hall, names};
use crate::support::log::{python, told};

/// Both verifiers must say the same of the workspace.
#[track_caller]
fn agree(hall: &Hall, what: &str) -> (i32, Vec<String>) {
    let ours = told(&hall.run(&["audit", "verify", "--in", "team"]));
    assert_eq!(ours, python(&hall.path("team"), &[]), "{what}");
    ours
}

/// What both say once `path` is away, and once it has another byte.
fn without(hall: &Hall, path: &Path) -> [(i32, Vec<String>); 2] {
    let aside = hall.path("aside");
    fs::rename(path, &aside).unwrap();
    let gone = agree(hall, "it is gone");
    if aside.is_dir() {
        fs::rename(&aside, path).unwrap();
        return [gone, (0, Vec::new())];
    }
    let mut bytes = fs::read(&aside).unwrap();
    bytes[10] ^= 1;
    fs::write(path, bytes).unwrap();
    let changed = agree(hall, "it was changed");
    fs::rename(&aside, path).unwrap();
    [gone, changed]
}

#[test]
fn what_is_taken_out_of_a_run_or_changed_in_it_is_told_by_both_verifiers() {
    let hall = Hall::after("root-generation");
    assert_eq!(agree(&hall, "all is there"), (0, vec![]));
    let run = hall.run_of("root-generation");
    let folder = hall.folder_of(&run);
    let file = |name: &str| format!("runs/{run}/{name}");
    let (journal, transcript) = (file("journal.jsonl"), file("transcript.json"));
    // The journal, or more, was taken away whole.
    let missing = |file: &str| format!("truncated: {file}");
    assert_eq!(without(&hall, &folder.join("journal.jsonl"))[0], (11, vec![missing(&journal)]));
    let both = (11, vec![missing(&journal), missing(&transcript)]);
    assert_eq!(without(&hall, &folder)[0], both);
    assert_eq!(without(&hall, &hall.path("team/runs"))[0], both);
    let artifacts = names(&folder.join("artifacts"));
    assert_eq!(artifacts.len(), 1, "{artifacts:?}");
    for name in ["transcript.json".to_owned(), format!("artifacts/{}", artifacts[0])] {
        let [gone, changed] = without(&hall, &folder.join(&name));
        assert_eq!(gone, (11, vec![missing(&file(&name))]));
        assert_eq!(changed, (10, vec![format!("broken: {}", file(&name))]));
    }
    let listed = hall.run(&["lint", "--in", "team"]).out;
    assert!(!listed.contains("LOG-001") && !listed.contains("LOG-002"), "{listed}");
    fs::remove_file(folder.join("transcript.json")).unwrap();
    let listed = hall.run(&["lint", "--in", "team"]).out;
    assert!(listed.contains("LOG-002"), "{listed}");
    // What a link leads to is none of the run's.
    fs::write(hall.path("away"), "x").unwrap();
    std::os::unix::fs::symlink(hall.path("away"), folder.join("transcript.json")).unwrap();
    assert_eq!(agree(&hall, "a link"), (20, vec![format!("unreadable: {transcript}")]));
}
