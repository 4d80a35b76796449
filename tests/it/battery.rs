//! The battery: every ceremony of the catalog, cut after each line and taken
//! up again, each effect done twice, failed, unknown. The end is always that
//! of the run that nothing happened to.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use keyrite::engine::audit::Verdict;
use keyrite::engine::catalog::CATALOG;
use keyrite::engine::definition::Ceremony;
use keyrite::engine::event::Event;
use keyrite::engine::ports::{Hands, Record};
use keyrite::engine::run::Ending;
use keyrite::engine::runner::{Prompt, Refused, Runner};

use crate::support::faults::{Counts, Fault, FaultyHands, FaultyRecord};
use crate::support::pilot::{Shared, Stage};

/// A stage on which everything was done that comes before that ceremony.
fn before(ceremony: &Ceremony) -> Stage {
    let stage = Stage::new();
    if ceremony.id == "root-adoption" {
        // The first of its workspace, like root-generation.
        stage.old_home();
        return stage;
    }
    // Of these each needs the first only.
    if matches!(ceremony.id, "custody-promote" | "custody-retire") {
        for id in ["root-generation", "subkey-issuance", "custody-upload"] {
            stage.hold(id);
        }
        return stage;
    }
    if ceremony.id == "publication" {
        for id in ["root-generation", "subkey-issuance"] {
            stage.hold(id);
        }
        return stage;
    }
    if ceremony.id == "custody-freeze" {
        // What is current is kept from its consumer.
        for id in ["root-generation", "subkey-issuance", "custody-upload", "custody-promote"] {
            stage.hold(id);
        }
        return stage;
    }
    for one in CATALOG {
        if one.id == ceremony.id {
            break;
        }
        // Of these each stands for itself.
        let alone = [
            "publication",
            "custody-upload",
            "custody-promote",
            "custody-retire",
            "custody-freeze",
            "expiry-extension",
            "recovery-drill",
            "lost-medium",
            "subkey-revocation",
            "root-adoption",
        ];
        if !alone.contains(&one.id) {
            stage.hold(one.id);
        }
    }
    stage
}

fn held(stage: &Stage, ceremony: &'static Ceremony, fault: Fault, counts: &Shared<Counts>) -> Held {
    let wrap = |record: Box<dyn Record>, hands: Box<dyn Hands>| {
        let record: Box<dyn Record> =
            Box::new(FaultyRecord { inner: record, fault, counts: counts.clone() });
        let hands: Box<dyn Hands> =
            Box::new(FaultyHands { inner: hands, fault, counts: counts.clone() });
        (record, hands)
    };
    match stage.begin(ceremony, &wrap) {
        Ok(mut runner) => {
            let result = fly(stage, &mut runner);
            Held { id: Some(runner.journal().run().to_owned()), result }
        }
        Err(error) => Held { id: None, result: Err(error) },
    }
}

struct Held {
    id: Option<String>,
    result: Result<(), Refused>,
}

/// Goes on until it ends or the machine is lost.
fn fly(stage: &Stage, runner: &mut Runner) -> Result<(), Refused> {
    for _ in 0..300 {
        if matches!(runner.prompt(), Prompt::Ended(_)) {
            return Ok(());
        }
        stage.fly(runner)?;
    }
    panic!("it does not end: {:?}", runner.prompt());
}

/// What is left of a run: the same whatever happened on the way.
#[derive(Debug, PartialEq, Eq)]
struct End {
    ending: Ending,
    files: BTreeMap<String, usize>,
    keys: Vec<(String, String)>,
    done: Vec<String>,
}

fn end(stage: &Stage, ceremony: &'static Ceremony, fault: Fault) -> Result<End, String> {
    let counts = Shared::new(Mutex::new(Counts::default()));
    let before = runs(stage);
    let held = held(stage, ceremony, fault, &counts);
    let new = runs(stage).into_iter().find(|id| !before.contains(id)).ok_or("there is no run")?;
    let is_lost = counts.lock().unwrap().lost;
    if held.result.is_err() != is_lost && !matches!(held.result, Err(Refused::Record(_))) {
        return Err(format!("{:?} while the machine is lost: {is_lost}", held.result));
    }
    if is_lost {
        let counts = Arc::new(Mutex::new(Counts::default()));
        // The same hands, after the restart: a mutant stays a mutant.
        let fault = match fault {
            Fault::NoReconcile(_) => Fault::NoReconcile(usize::MAX),
            _ => Fault::None,
        };
        let wrap = |record: Box<dyn Record>, hands: Box<dyn Hands>| {
            let hands: Box<dyn Hands> =
                Box::new(FaultyHands { inner: hands, fault, counts: counts.clone() });
            (record, hands)
        };
        let mut runner = stage.resume(ceremony, &new, &wrap).map_err(|error| error.to_string())?;
        fly(stage, &mut runner).map_err(|error| error.to_string())?;
    }
    finished(stage, ceremony, &new)
}

fn runs(stage: &Stage) -> Vec<String> {
    stage.app.runs(&stage.folder).unwrap().into_iter().map(|run| run.id).collect()
}

/// Looks at what is there in the end.
fn finished(stage: &Stage, ceremony: &'static Ceremony, id: &str) -> Result<End, String> {
    let report = stage.app.audit_verify(&stage.folder, None, None);
    if report.verdict() != Verdict::Sound {
        return Err(format!("the audit log: {:?}", report.problems));
    }
    let runner =
        stage.resume(ceremony, id, &crate::support::pilot::plainly).map_err(|e| e.to_string())?;
    let Prompt::Ended(ending) = runner.prompt() else {
        return Err(format!("it has not ended: {:?}", runner.prompt()));
    };
    let world = stage.app.world(&stage.folder).unwrap();
    let keys = world
        .certificates
        .iter()
        .flat_map(keyrite::domain::assessment::Assessment::keys)
        .map(|(key, verdict)| (key.algorithm.to_string(), verdict.state.word().to_owned()))
        .collect();
    let mut done: Vec<_> = runner
        .journal()
        .entries()
        .iter()
        .filter(|entry| matches!(entry.event, Event::Completed { .. }))
        .filter_map(|entry| entry.event.place())
        .map(|at| at.as_str().replace(stage.home().to_str().unwrap(), ""))
        .collect();
    let all = done.len();
    done.dedup();
    if all != done.len() {
        return Err(format!("done more than once: {done:?}"));
    }
    let mut files = BTreeMap::new();
    count(&stage.folder.join("media"), Path::new(""), &mut files);
    Ok(End { ending, files, keys, done })
}

/// The files on media, with names in which fingerprints and the random names
/// of effects stand for themselves.
fn count(folder: &Path, shown: &Path, files: &mut BTreeMap<String, usize>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let is_hex = |c: char| c.is_ascii_digit() || ('A'..='F').contains(&c);
        let name: String = name.split(|c| !is_hex(c)).fold(name.clone(), |name, part| {
            if part.len() == 40 { name.replace(part, "FPR") } else { name }
        });
        let is_random = name.len() == 36 && name.split('-').count() == 5;
        let path = shown.join(if is_random { "UUID".to_owned() } else { name });
        if entry.file_type().unwrap().is_dir() {
            count(&entry.path(), &path, files);
        } else {
            *files.entry(path.to_str().unwrap().to_owned()).or_default() += 1;
        }
    }
}

/// How many lines and effects it takes when nothing happens.
fn straight(stage: &Stage, ceremony: &'static Ceremony) -> (End, usize, usize) {
    let stage = stage.twin();
    let counts = Shared::new(Mutex::new(Counts::default()));
    let held = held(&stage, ceremony, Fault::None, &counts);
    held.result.unwrap();
    let end = finished(&stage, ceremony, &held.id.unwrap()).unwrap();
    let counts = counts.lock().unwrap();
    (end, counts.lines, counts.effects)
}

fn battery(ceremony: &'static Ceremony) {
    let stage = before(ceremony);
    let (straight, lines, effects) = straight(&stage, ceremony);
    assert_eq!(straight.ending, Ending::Closed);
    let mut faults = vec![Fault::Twice];
    faults.extend((1..lines).map(Fault::LostAfterLine));
    // The audit log follows each line in the same way: a sample will do, unless
    // more is asked for.
    let every = if std::env::var_os("KEYRITE_CASES").is_some() { 1 } else { 5 };
    faults.extend((1..lines).step_by(every).map(Fault::LostBeforeAudit));
    faults.extend((1..=effects).flat_map(|n| {
        [
            Fault::LostBeforeEffect(n),
            Fault::Fails(n),
            Fault::UnknownNotDone(n),
            Fault::UnknownDone(n),
        ]
    }));
    for fault in faults {
        let twin = stage.twin();
        match end(&twin, ceremony, fault) {
            Ok(end) => assert_eq!(end, straight, "{} with {fault:?}", ceremony.id),
            Err(why) => panic!("{} with {fault:?}: {why}", ceremony.id),
        }
    }
}

fn ceremony(id: &str) -> &'static Ceremony {
    keyrite::engine::catalog::find(id).unwrap()
}

#[test]
fn root_generation_ends_the_same_whatever_happens_on_the_way() {
    battery(ceremony("root-generation"));
}

#[test]
fn root_adoption_ends_the_same_whatever_happens_on_the_way() {
    battery(ceremony("root-adoption"));
}

#[test]
fn revocation_set_ends_the_same_whatever_happens_on_the_way() {
    battery(ceremony("revocation-set"));
}

#[test]
fn subkey_issuance_ends_the_same_whatever_happens_on_the_way() {
    battery(ceremony("subkey-issuance"));
}

#[test]
fn publication_ends_the_same_whatever_happens_on_the_way() {
    battery(ceremony("publication"));
}

#[test]
fn custody_upload_ends_the_same_whatever_happens_on_the_way() {
    battery(ceremony("custody-upload"));
}

#[test]
fn custody_promote_ends_the_same_whatever_happens_on_the_way() {
    battery(ceremony("custody-promote"));
}

#[test]
fn custody_retire_ends_the_same_whatever_happens_on_the_way() {
    battery(ceremony("custody-retire"));
}

#[test]
fn custody_freeze_ends_the_same_whatever_happens_on_the_way() {
    let freeze = ceremony("custody-freeze");
    let (straight, ..) = straight(&before(freeze), freeze);
    assert!(straight.done.iter().any(|at| at == "freeze@slot-key"), "{straight:?}");
    battery(ceremony("custody-freeze"));
}

#[test]
fn expiry_extension_ends_the_same_whatever_happens_on_the_way() {
    battery(ceremony("expiry-extension"));
}

#[test]
fn recovery_drill_ends_the_same_whatever_happens_on_the_way() {
    battery(ceremony("recovery-drill"));
}

#[test]
fn lost_medium_ends_the_same_whatever_happens_on_the_way() {
    battery(ceremony("lost-medium"));
}

#[test]
fn subkey_revocation_ends_the_same_whatever_happens_on_the_way() {
    battery(ceremony("subkey-revocation"));
}

#[test]
fn certificate_revocation_ends_the_same_whatever_happens_on_the_way() {
    battery(ceremony("certificate-revocation"));
}

#[test]
fn the_battery_holds_every_ceremony_of_the_catalog() {
    let tests = include_str!("battery.rs");
    for ceremony in CATALOG {
        assert!(tests.contains(&format!("battery(ceremony(\"{}\"))", ceremony.id)));
    }
}

/// The engine as it would be with a mistake in it does not pass.
#[test]
fn the_battery_finds_deliberate_mutants() {
    let root = ceremony("root-generation");
    let stage = before(root);
    let (straight, lines, effects) = straight(&stage, root);
    let is_found = |fault| {
        let end = end(&stage.twin(), root, fault);
        end.map_or(true, |end| end != straight)
    };
    assert!((1..=effects).any(|n| is_found(Fault::IntentLate(n))), "effect before intent");
    assert!((2..lines).any(|n| is_found(Fault::NeverSynced(n))), "missing fsync");
    assert!((1..=effects).any(|n| is_found(Fault::NoReconcile(n))), "skipped reconcile");
}
