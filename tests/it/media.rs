//! Media whose files were renewed, were cut off, or grow.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use keyrite::domain::finding::FindingId;
use keyrite::engine::catalog::find;
use keyrite::engine::event::{Event, Weight};
use keyrite::engine::ports::{Hands, Record};
use keyrite::engine::runner::{Prompt, Refused, Reply, Runner};

use crate::support::faults::{Counts, Fault, FaultyHands};
use crate::support::pilot::{Stage, plainly, stopped, until};

fn begin(stage: &Stage, id: &str) -> Runner {
    stage.begin(find(id).unwrap(), &plainly).unwrap()
}

/// The only set on a medium.
fn set(stage: &Stage, medium: &str) -> PathBuf {
    let sets = fs::read_dir(stage.medium(medium).join("keyrite")).unwrap();
    let mut sets = sets.map(|entry| entry.unwrap().path());
    let is_set = |path: &PathBuf| {
        path.is_dir() && !path.file_name().unwrap().to_str().unwrap().starts_with('.')
    };
    sets.find(is_set).unwrap()
}

#[test]
fn two_holders_never_share_a_medium() {
    for ceremony in ["root-generation", "revocation-set"] {
        let stage = Stage::new();
        if ceremony == "revocation-set" {
            stage.hold("root-generation");
        }
        let mut runner = begin(&stage, ceremony);
        until(&stage, &mut runner, "enroll-holder@witness");
        // The driver's medium stands where the witness's should be.
        let [driver, witness, away] =
            ["holder-driver", "holder-witness", "away"].map(|name| stage.medium(name));
        fs::rename(&witness, &away).unwrap();
        fs::rename(&driver, &witness).unwrap();
        let remarks = stopped(&stage, &mut runner);
        assert_eq!((remarks[0].id, remarks[0].weight), (FindingId::Med002, Weight::Forbids));
        assert!(remarks[0].message.contains("another holder"), "{remarks:?}");
        fs::rename(&witness, &driver).unwrap();
        fs::rename(&away, &witness).unwrap();
        runner.reply(Reply::Go).unwrap();
        stage.land(&mut runner).unwrap();
        for holder in ["driver", "witness"] {
            let set = set(&stage, &format!("holder-{holder}"));
            assert!(set.join(format!("revocation-{holder}.txt")).is_file());
        }
    }
}

#[test]
fn a_medium_of_another_holder_from_an_earlier_run_is_refused() {
    let stage = Stage::new();
    stage.hold("root-generation");
    let [driver, witness, away] =
        ["holder-driver", "holder-witness", "away"].map(|name| stage.medium(name));
    fs::rename(&witness, &away).unwrap();
    fs::rename(&driver, &witness).unwrap();
    fs::rename(&away, &driver).unwrap();
    let kept = fs::read(set(&stage, "holder-witness").join("revocation-driver.txt")).unwrap();
    let mut runner = begin(&stage, "revocation-set");
    let remarks = stopped(&stage, &mut runner);
    assert_eq!((remarks[0].id, remarks[0].weight), (FindingId::Rev005, Weight::Forbids));
    assert!(remarks[0].message.contains("another holder"), "{remarks:?}");
    let now = fs::read(set(&stage, "holder-witness").join("revocation-driver.txt")).unwrap();
    assert_eq!(kept, now);
}

#[test]
fn both_media_of_a_root_are_not_kept_in_one_place() {
    let stage = Stage::new();
    let mut runner = begin(&stage, "root-generation");
    until(&stage, &mut runner, "kept");
    let places = |a: &str, b: &str| {
        let values = [("a_number", "1"), ("a_location", a), ("b_number", "2"), ("b_location", b)];
        let values = values.map(|(name, value)| (name.to_owned(), value.into()));
        Reply::Answers(values.into_iter().collect())
    };
    for (a, b) in [("VAULT-7", "VAULT-7"), ("VAULT-7", " vault-7 ")] {
        let Err(Refused::Answers(wrong)) = runner.reply(places(a, b)) else { panic!("{b}") };
        assert_eq!((wrong.len(), wrong[0].field), (1, "b_location"), "{wrong:?}");
        assert!(wrong[0].message.contains("another place"), "{wrong:?}");
    }
    runner.reply(places("VAULT-7", "VAULT-8")).unwrap();
    stage.land(&mut runner).unwrap();
}

/// A run whose machine was lost right after the effect of that step.
fn lost_after(stage: &Stage, ceremony: &str, step: &str) -> String {
    let ceremony = find(ceremony).unwrap();
    let mut runner = stage.begin(ceremony, &plainly).unwrap();
    until(stage, &mut runner, step);
    let id = runner.journal().run().to_owned();
    drop(runner);
    let counts = Arc::new(Mutex::new(Counts::default()));
    let wrap = |record: Box<dyn Record>, hands: Box<dyn Hands>| {
        let fault = Fault::UnknownDone(1);
        let hands: Box<dyn Hands> =
            Box::new(FaultyHands { inner: hands, fault, counts: counts.clone() });
        (record, hands)
    };
    let mut runner = stage.resume(ceremony, &id, &wrap).unwrap();
    while runner.run().pending().is_none() {
        stage.fly(&mut runner).unwrap();
    }
    id
}

#[test]
fn a_damaged_set_leaves_it_unknown_whether_a_root_was_made_and_none_is_made_again() {
    let stage = Stage::new();
    let id = lost_after(&stage, "root-generation", "make-root");
    let manifest = set(&stage, "root-a").join("manifest.json");
    let whole = fs::read(&manifest).unwrap();
    let mut damaged = whole.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    fs::write(&manifest, damaged).unwrap();
    let root = fs::read(set(&stage, "root-a").join("root.pgp")).unwrap();
    let ceremony = find("root-generation").unwrap();
    let mut runner = stage.resume(ceremony, &id, &plainly).unwrap();
    for _ in 0..3 {
        runner.reply(Reply::Go).unwrap();
        let Prompt::Doubt(why) = runner.prompt() else { panic!("{:?}", runner.prompt()) };
        assert!(why.contains("manifest.json"), "{why}");
    }
    assert_eq!(fs::read_dir(stage.medium("root-a").join("keyrite")).unwrap().count(), 2);
    assert_eq!(fs::read(set(&stage, "root-a").join("root.pgp")).unwrap(), root);
    fs::write(&manifest, whole).unwrap();
    runner.reply(Reply::Go).unwrap();
    let last = &runner.journal().entries().last().unwrap().event;
    assert!(matches!(last, Event::Completed { recovered: true, .. }), "{last:?}");
    stage.land(&mut runner).unwrap();
    assert_eq!(fs::read(set(&stage, "root-a").join("root.pgp")).unwrap(), root);
}

#[test]
fn a_medium_with_more_than_a_thousand_entries_is_refused_and_one_with_a_thousand_is_counted() {
    let stage = Stage::new();
    for number in 0..1_001 {
        fs::write(stage.medium("root-a").join(format!("{number}")), "").unwrap();
    }
    let mut runner = begin(&stage, "root-generation");
    let remarks = stopped(&stage, &mut runner);
    assert_eq!((remarks[0].id, remarks[0].weight), (FindingId::Med001, Weight::Forbids));
    assert!(remarks[0].message.contains("more than a thousand entries"), "{remarks:?}");
    for number in ["7", "8"] {
        fs::remove_file(stage.medium("root-a").join(number)).unwrap();
    }
    runner.reply(Reply::Go).unwrap();
    let remarks = stopped(&stage, &mut runner);
    assert_eq!((remarks[0].id, remarks[0].weight), (FindingId::Med001, Weight::Stops));
    let words = "entries beside what belongs there: 999, among them 0, 1, 10, 100, 1000";
    assert!(remarks[0].message.contains(words), "{remarks:?}");
    // The same below our own folder.
    let ours = stage.medium("root-b").join("keyrite");
    fs::create_dir(&ours).unwrap();
    for number in 0..1_001 {
        fs::write(ours.join(format!("{number}")), "").unwrap();
    }
    for number in 0..1_001 {
        let _ = fs::remove_file(stage.medium("root-a").join(format!("{number}")));
    }
    runner.reply(Reply::Go).unwrap();
    let remarks = stopped(&stage, &mut runner);
    assert_eq!((remarks[0].id, remarks[0].weight), (FindingId::Med001, Weight::Forbids));
}

#[test]
fn a_file_that_grows_between_two_looks_is_refused_and_never_read_without_end() {
    for (size, words) in [(1, "is not what was written"), (5 << 20, "larger than 4 MiB")] {
        let stage = Stage::new();
        let mut runner = begin(&stage, "root-generation");
        until(&stage, &mut runner, "read-a");
        let path = set(&stage, "root-a").join("root.pgp");
        let whole = fs::read(&path).unwrap();
        fs::write(&path, [&whole[..], &vec![0; size]].concat()).unwrap();
        let remarks = stopped(&stage, &mut runner);
        assert!(remarks[0].message.contains(words), "{remarks:?}");
        assert_eq!(remarks[0].weight, Weight::Forbids);
        fs::write(&path, whole).unwrap();
        runner.reply(Reply::Go).unwrap();
        stage.land(&mut runner).unwrap();
    }
}
