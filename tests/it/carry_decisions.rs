//! What people decide: differences, old carries, other versions, lost runs and
//! media without room.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::courier::{Courier, begin_until, bytes_of, list_again, shown_words};
use crate::support::hall::{Hall, names};
use crate::support::tree::copy;

const ROOT: &str = "root-generation";

#[test]
fn where_trust_is_at_stake_a_folder_is_no_medium() {
    let courier = Courier::new();
    let path = courier.here.path("team/keyrite.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("\"rehearsal\"", "\"production\"")).unwrap();
    let refused = courier.out(&courier.here, &[]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.err.contains("a folder is no medium"), "{refused:?}");
    assert_eq!(names(courier.stick()), Vec::<String>::new());
}

#[test]
fn differences_are_accepted_one_by_one_and_old_carries_are_told() {
    let courier = Courier::new();
    let Courier { here, there, .. } = &courier;
    courier.carry(here, there, &[], &[]);
    let file = |hall: &Hall| fs::read_to_string(hall.path("team/keyrite.toml")).unwrap();
    let edited = format!("{}\n# TEST \u{202e}edited\n", file(here));
    fs::write(here.path("team/keyrite.toml"), &edited).unwrap();
    // Nobody accepts it: it stays.
    let kept = courier.carry(here, there, &[], &[]);
    assert!(kept.out.contains("keyrite.toml differs:"), "{kept:?}");
    assert!(kept.out.contains("it stays as it is here") && !kept.out.contains('\u{202e}'));
    assert_ne!(file(there), edited);
    // What is no difference cannot be accepted.
    let digits = shown_words(&kept.out);
    let refused = courier.typed(there, &digits, &["--accept", "certs/none.asc"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    // Asked, somebody says yes.
    let unanswered = courier.answered(there, &digits, "");
    assert_eq!(unanswered.code, Some(2), "{unanswered:?}");
    let taken = courier.answered(there, &digits, "perhaps\nyes\n");
    assert_eq!(taken.code, Some(0), "{taken:?}");
    assert_eq!(file(there), edited);
    // A carry of there, then a later one: the older brings nothing.
    let first = courier.out(there, &[]);
    let old = tempfile::tempdir().unwrap();
    copy(&courier.stick().join("keyrite-carry"), old.path());
    assert_eq!(courier.typed(here, &shown_words(&first.out), &[]).code, Some(0));
    courier.carry(there, here, &[], &[]);
    fs::remove_dir_all(courier.stick().join("keyrite-carry")).unwrap();
    fs::create_dir(courier.stick().join("keyrite-carry")).unwrap();
    copy(old.path(), &courier.stick().join("keyrite-carry"));
    let digits = shown_words(&first.out);
    let again = courier.typed(here, &digits, &[]);
    assert_eq!(again.code, Some(0), "{again:?}");
    assert!(again.out.contains("it was taken in before; nothing was written"), "{again:?}");
    // Where it would bring something, it has lost lines meanwhile.
    fs::write(here.path("team/keyrite.toml"), format!("{edited}# TEST more\n")).unwrap();
    let shrunk = courier.typed(here, &digits, &[]);
    assert_eq!(shrunk.code, Some(1), "{shrunk:?}");
    assert!(shrunk.err.contains("fewer lines in the carry than here"), "{shrunk:?}");
}

#[test]
fn another_version_is_told_on_both_sides() {
    let courier = Courier::new();
    let Courier { here, there, .. } = &courier;
    courier.carry(here, there, &[], &[]);
    assert_eq!(courier.out(there, &[]).code, Some(0));
    let carry = courier.stick().join("keyrite-carry");
    let digits = list_again(&carry, &|list| {
        list.keyrite = "99.0.0".to_owned();
        list.ceremonies.insert(ROOT.to_owned(), 99);
    });
    let taken = courier.typed(here, &digits, &[]);
    assert_eq!(taken.code, Some(0), "{taken:?}");
    let sent = courier.out(here, &[]);
    for told in [&taken, &sent] {
        assert!(told.out.contains("keyrite is 99.0.0 there"), "{told:?}");
        assert!(told.out.contains("root-generation is version 99 there"), "{told:?}");
        assert!(told.out.contains("bring both machines to one version"), "{told:?}");
    }
}

#[test]
fn a_lost_run_is_recalled_and_its_other_history_is_refused() {
    let courier = Courier::new();
    let Courier { here, there, .. } = &courier;
    let run = begin_until(here, ROOT, "Make the primary key");
    let sent = courier.out(here, &["--hand-over", &run]);
    assert_eq!(sent.code, Some(0), "{sent:?}");
    // The medium is lost; it is recalled, by typing.
    let words =
        ["carry", "recall", &run, "--reason", "TEST lost", "--as", "driver", "--in", "team"];
    let refused = here.run_with(&words, "wrong\n");
    assert_eq!(refused.code, Some(5), "{refused:?}");
    assert!(!refused.err.contains("other machine"), "no carry is compared: {refused:?}");
    let recalled = here.run_with(&words, &format!("{}\n", &run[run.len() - 8..]));
    assert_eq!(recalled.code, Some(0), "{recalled:?}");
    let again = here.run_with(&words, "");
    assert!(again.err.contains("nothing to recall"), "{again:?}");
    // Both go on with it.
    assert_eq!(courier.typed(there, &shown_words(&sent.out), &[]).code, Some(0));
    let abandoned = ["ceremony", "abandon", &run, "--reason", "TEST", "--in", "team"];
    for hall in [here, there] {
        assert_eq!(hall.run(&abandoned).code, Some(0));
    }
    let told = here.run(&["ceremony", "transcript", &run, "--in", "team"]);
    assert!(told.out.contains("RECALLED by driver"), "{told:?}");
    assert!(told.out.contains("TEST lost"), "{told:?}");
    // The other history is refused, and kept where somebody wants that.
    let sent = courier.out(there, &[]);
    let digits = shown_words(&sent.out);
    let before = bytes_of(&here.path("team"));
    let refused = courier.typed(here, &digits, &[]);
    assert_eq!(refused.code, Some(12), "{refused:?}");
    assert!(refused.err.contains("two machines went on with that run"), "{refused:?}");
    assert_eq!(before, bytes_of(&here.path("team")));
    let taken = courier.typed(here, &digits, &["--set-aside", &run]);
    assert_eq!(taken.code, Some(0), "{taken:?}");
    let theirs = fs::read(there.folder_of(&run).join("journal.jsonl")).unwrap();
    let aside = names(&here.folder_of(&run)).into_iter().find(|name| name.contains("forked"));
    assert_eq!(fs::read(here.folder_of(&run).join(aside.unwrap())).unwrap(), theirs);
    let verified = here.run(&["audit", "verify", "--in", "team"]);
    assert_eq!(verified.code, Some(12), "{verified:?}");
    assert!(verified.out.contains(&run), "{verified:?}");
    // Taken once, it is here.
    let again = courier.typed(here, &digits, &["--set-aside", &run]);
    assert_eq!(again.code, Some(0), "{again:?}");
    assert!(again.out.contains("taken in before"), "{again:?}");
}

/// A file system of its own, mounted at that place for as long as this lives.
struct Mounted<'a>(&'a Path);

impl<'a> Mounted<'a> {
    /// None where we may not mount.
    fn memory(at: &'a Path, options: &str) -> Option<Self> {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(at);
        let is_mounted = mount.output().is_ok_and(|output| output.status.success());
        is_mounted.then_some(Self(at))
    }
}

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).output();
    }
}

#[test]
fn a_medium_without_room_keeps_the_run_here_and_a_real_one_is_taken() {
    let courier = Courier::new();
    let Courier { here, there, .. } = &courier;
    let run = begin_until(here, ROOT, "Make the primary key");
    for (options, words) in [("size=16k", "has no room"), ("ro", "Read-only file system")] {
        let Some(_mounted) = Mounted::memory(courier.stick(), options) else {
            eprintln!("not tried: only root may mount a file system");
            return;
        };
        let before = bytes_of(&here.path("team"));
        let refused = courier.out(here, &["--hand-over", &run]);
        assert_eq!(refused.code, Some(1), "{refused:?}");
        assert!(refused.err.contains(words), "{refused:?}");
        assert_eq!(before, bytes_of(&here.path("team")), "nothing was handed over");
        assert_eq!(names(courier.stick()), Vec::<String>::new());
    }
    let _mounted = Mounted::memory(courier.stick(), "size=8m").unwrap();
    let path = here.path("team/keyrite.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("\"rehearsal\"", "\"production\"")).unwrap();
    let sent = courier.out(here, &[]);
    assert_eq!(sent.code, Some(0), "{sent:?}");
    // People compare it at a terminal, or not at all.
    let refused = courier.typed(there, &shown_words(&sent.out), &[]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.err.contains("on a terminal only"), "{refused:?}");
    assert!(!there.path("team").exists());
}
