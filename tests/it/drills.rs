//! Drills: the lot, the proof, and a medium that is bad.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use keyrite::adapters::openpgp::{Proof, verify_proof};
use keyrite::domain::finding::FindingId;
use keyrite::engine::catalog::find;
use keyrite::engine::chain::Digest;
use keyrite::engine::effect::Value;
use keyrite::engine::event::{Event, Weight};
use keyrite::engine::runner::{Prompt, Refused, Reply, Runner};

use crate::support::pilot::{Stage, plainly, stopped, until};

fn begin(stage: &Stage) -> Runner {
    stage.begin(find("recovery-drill").unwrap(), &plainly).unwrap()
}

fn fact(runner: &Runner, name: &str) -> String {
    runner.run().fact(name, None).unwrap().text()
}

fn id_of(medium: &Path) -> String {
    let text = fs::read_to_string(medium.join("keyrite/medium.json")).unwrap();
    let name: serde_json::Value = serde_json::from_str(&text).unwrap();
    name["id"].as_str().unwrap().to_owned()
}

#[test]
fn the_lot_draws_every_medium_and_anybody_can_draw_it_again() {
    let stage = Stage::new();
    stage.hold("root-generation");
    let mut ids = ["root-a", "root-b"].map(|name| id_of(&stage.medium(name)));
    ids.sort();
    let mut drawn = BTreeSet::new();
    while drawn.len() < 2 {
        let mut runner = begin(&stage);
        until(&stage, &mut runner, "machine");
        let id = fact(&runner, "draw.id");
        let known = runner.run().fact("draw.known", None).unwrap().items();
        assert_eq!(known, ids, "no medium of a holder is drawn");
        // The random name of the effect is in the journal, before its receipt.
        let mut names = runner.journal().entries().iter().filter_map(|entry| match &entry.event {
            Event::Intended { at, effect, .. } if at.as_str() == "draw" => Some(effect.clone()),
            _ => None,
        });
        let name = names.next_back().unwrap();
        let digest = Digest::of(name.as_bytes()).to_string();
        let number = usize::from_str_radix(&digest["sha256:".len()..][..15], 16).unwrap();
        assert_eq!(id, ids[number % 2]);
        assert!(fact(&runner, "draw.kept").contains("in the bag 0042"));
        drawn.insert(id);
    }
}

#[test]
fn the_medium_that_is_at_hand_is_refused_where_another_was_drawn() {
    let stage = Stage::new();
    stage.hold("root-generation");
    let mut runner = begin(&stage);
    until(&stage, &mut runner, "fetch");
    let drawn = stage.medium_of(&fact(&runner, "draw.id"));
    let other = if drawn.ends_with("root-a") { "root-b" } else { "root-a" };
    let other = stage.medium(other);
    let answers = |root: &str| {
        let values = [("root", root), ("seal", "intact"), ("machine", "TEST")];
        Reply::Answers(values.map(|(name, said)| (name.to_owned(), Value::from(said))).into())
    };
    runner.reply(answers(other.to_str().unwrap())).unwrap();
    let remarks = stopped(&stage, &mut runner);
    assert!(remarks[0].id == FindingId::Med002 && remarks[0].weight == Weight::Forbids);
    // A blank one does not become it.
    let blank = stage.medium("transfer");
    runner.reply(Reply::Back).unwrap();
    runner.reply(answers(blank.to_str().unwrap())).unwrap();
    assert_eq!(stopped(&stage, &mut runner)[0].id, FindingId::Med002);
    assert!(!blank.join("keyrite").exists());
}

#[test]
fn the_proof_verifies_with_the_workspaces_certificate_and_has_the_agreed_letters() {
    let stage = Stage::new();
    stage.hold("root-generation");
    let runner = stage.hold("recovery-drill");
    assert_eq!(fact(&runner, "drill.nonce"), "TEST");
    let proof = Digest::parse(&fact(&runner, "drill.proof")).unwrap();
    let run = stage.folder.join("runs").join(runner.journal().run());
    let artifacts = fs::read_dir(run.join("artifacts")).unwrap();
    let thrown_away = artifacts
        .map(|entry| fs::read(entry.unwrap().path()).unwrap())
        .find(|bytes| Digest::of(bytes) == proof)
        .unwrap();
    let shown = String::from_utf8_lossy(&thrown_away).into_owned();
    assert!(shown.contains("TEST TEST: made to try a key"), "{shown}");
    let certificate = format!("certs/{}.asc", stage.certificate());
    let certificate = fs::read(stage.folder.join(certificate)).unwrap();
    let signer =
        verify_proof(&certificate, &Proof::Certification { thrown_away }, stage.app.now()).unwrap();
    assert_eq!(signer.hex(), stage.certificate());
    // What a fold over journals reads: which medium, where it is, until when.
    assert_eq!(fact(&runner, "enroll-root.id"), fact(&runner, "draw.id"));
    assert_eq!(fact(&runner, "sealed.number"), "0042");
    assert!(!fact(&runner, "sealed.location").is_empty());
    assert_eq!(fact(&runner, "try-revocation.reason"), "compromised");
    assert!(fact(&runner, "drill.minutes").parse::<i64>().unwrap() < 60);
}

#[test]
fn a_kept_revocation_that_was_tried_is_kept_nowhere() {
    let stage = Stage::new();
    stage.hold("root-generation");
    let before = stage.app.world(&stage.folder).unwrap().certificates[0].certificate.clone();
    let runner = stage.hold("recovery-drill");
    let run = stage.folder.join("runs").join(runner.journal().run());
    for entry in fs::read_dir(run.join("artifacts")).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("PUBLIC KEY BLOCK"));
    }
    let after = stage.app.world(&stage.folder).unwrap().certificates[0].certificate.clone();
    assert_eq!(before, after);
}

#[test]
fn a_medium_that_is_bad_is_told_and_nothing_goes_on_with_it() {
    let stage = Stage::new();
    stage.hold("root-generation");
    let mut runner = begin(&stage);
    until(&stage, &mut runner, "read-root");
    let drawn = stage.medium_of(&fact(&runner, "draw.id"));
    let file = Path::new(&drawn).join("keyrite").join(stage.certificate()).join("root.pgp");
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, bytes).unwrap();
    let remarks = stopped(&stage, &mut runner);
    assert!(remarks[0].id == FindingId::Med003 && remarks[0].weight == Weight::Forbids);
    assert!(runner.run().ceremony.given_up.contains("lost-medium"));
}

#[test]
fn the_next_drill_is_within_a_year() {
    let stage = Stage::new();
    stage.hold("root-generation");
    let mut runner = begin(&stage);
    until(&stage, &mut runner, "sealed");
    let answers = |next: &str| {
        let values = [("number", "0043"), ("location", "VAULT-9"), ("next", next)];
        Reply::Answers(values.map(|(name, said)| (name.to_owned(), Value::from(said))).into())
    };
    let late = runner.reply(answers("13m"));
    assert!(matches!(late, Err(Refused::Answers(_))), "{late:?}");
    runner.reply(answers("12m")).unwrap();
    assert!(matches!(runner.prompt(), Prompt::Close));
}

#[test]
fn a_drill_after_a_drill_knows_the_new_bag() {
    let stage = Stage::new();
    stage.hold("root-generation");
    let mut runner = begin(&stage);
    until(&stage, &mut runner, "sealed");
    let drawn = fact(&runner, "draw.id");
    let values = [("number", "0043"), ("location", "VAULT-9"), ("next", "12m")];
    let values = values.map(|(name, said)| (name.to_owned(), Value::from(said)));
    runner.reply(Reply::Answers(values.into())).unwrap();
    stage.land(&mut runner).unwrap();
    drop(runner);
    loop {
        let runner = stage.hold("recovery-drill");
        if fact(&runner, "draw.id") == drawn {
            assert_eq!(fact(&runner, "draw.kept"), "at VAULT-9, in the bag 0043");
            return;
        }
    }
}
