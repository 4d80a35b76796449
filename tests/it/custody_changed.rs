//! What somebody changes between the steps of a ceremony, or behind everybody's
//! back: what was proved is what is promoted, and what keyrite.toml said is
//! what is done.

use std::fs;
use std::path::PathBuf;

use keyrite::adapters::runs;
use keyrite::domain::custody::SlotState;
use keyrite::domain::finding::FindingId;
use keyrite::engine::event::Weight;
use keyrite::engine::runner::{Prompt, Reply};

use crate::custody_slots::{begin, is, issued};
use crate::slot_kubernetes::{House, access};
use crate::support::cluster::UID;
use crate::support::pilot::{Stage, stopped, until};

/// The file with the value of the one version in a slot.
fn value(stage: &Stage, slot: &str) -> PathBuf {
    let versions = fs::read_dir(stage.medium(slot).join("versions")).unwrap();
    let found: Vec<_> = versions.map(|one| one.unwrap().path().join("value")).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found.into_iter().next().unwrap()
}

fn state(stage: &Stage, slot: &str) -> (SlotState, bool) {
    let slots = stage.app.slots(&stage.folder, true).unwrap();
    let row = slots.rows.into_iter().find(|row| row.slot.id == slot).unwrap();
    (row.entries[0].state, row.entries[0].is_proved)
}

#[test]
fn cus_014_other_bytes_than_those_that_were_proved_are_never_promoted() {
    for name in ["slot-key", "slot-passphrase"] {
        let stage = issued();
        stage.hold("custody-upload");
        assert_eq!(state(&stage, name), (SlotState::Pending, true));
        let path = value(&stage, name);
        let before = fs::read(&path).unwrap();
        let mut other = before.clone();
        *other.last_mut().unwrap() ^= 1;
        fs::write(&path, &other).unwrap();
        assert_eq!(state(&stage, name), (SlotState::Unknown, false));
        let mut runner = begin(&stage, "custody-promote");
        let remarks = stopped(&stage, &mut runner);
        is(&remarks, FindingId::Cus014, Weight::Forbids);
        assert!(remarks[0].message.contains("does not hold what was proved"), "{remarks:?}");
        assert!(!stage.medium(name).join("current").exists());
        // As it was, it goes on.
        fs::write(&path, &before).unwrap();
        assert_eq!(state(&stage, name), (SlotState::Pending, true));
        runner.reply(Reply::Go).unwrap();
        stage.land(&mut runner).unwrap();
        assert_eq!(state(&stage, name), (SlotState::Current, true));
        // The record tells nobody anything of a passphrase.
        let register = runs::register(&stage.folder);
        let body = register.in_place(&format!("media/{name}")).next().unwrap().body.clone();
        let plain = keyrite::engine::chain::Digest::of(&before).to_string();
        assert!(body.is_some_and(|body| body.len() > 40 && body != plain));
    }
}

#[test]
fn cus_012_bytes_that_change_after_the_plan_are_not_made_current() {
    let stage = issued();
    stage.hold("custody-upload");
    let mut runner = begin(&stage, "custody-promote");
    until(&stage, &mut runner, "promote@slot-key");
    fs::write(value(&stage, "slot-key"), "other").unwrap();
    is(&stopped(&stage, &mut runner), FindingId::Cus012, Weight::Forbids);
    assert!(!stage.medium("slot-key").join("current").exists());
}

#[test]
fn cus_012_a_declaration_that_changes_in_the_middle_of_a_run_stops_the_next_effect() {
    for (ceremony, step) in [("custody-upload", "put"), ("custody-promote", "promote")] {
        let stage = issued();
        if ceremony == "custody-promote" {
            stage.hold("custody-upload");
        }
        let mut runner = begin(&stage, ceremony);
        until(&stage, &mut runner, &format!("{step}@slot-key"));
        let file = stage.folder.join("keyrite.toml");
        let text = fs::read_to_string(&file).unwrap();
        let other = text.replacen("media/slot-key", "media/root-c", 1);
        assert_ne!(other, text);
        fs::write(&file, other).unwrap();
        is(&stopped(&stage, &mut runner), FindingId::Cus012, Weight::Forbids);
        assert_eq!(fs::read_dir(stage.medium("root-c")).unwrap().count(), 0);
        assert!(!stage.medium("slot-key").join("current").exists());
        // A file that nobody understands does not stop it silently.
        fs::write(&file, "[[[").unwrap();
        runner.reply(Reply::Go).unwrap();
        assert!(!stage.medium("slot-key").join("current").exists());
        fs::write(&file, &text).unwrap();
        if matches!(runner.prompt(), Prompt::Halted { .. }) {
            runner.reply(Reply::Go).unwrap();
        }
        stage.land(&mut runner).unwrap();
    }
}

#[test]
fn cus_014_what_the_user_of_a_fixed_name_gets_is_what_was_promoted() {
    let house = House::new();
    let mut stage = Stage::new();
    stage.access.cluster = access(&house.cluster, house.folder.path(), 2000).cluster;
    let file = stage.folder.join("keyrite.toml");
    let text = fs::read_to_string(&file).unwrap();
    let ca = house.cluster.ca();
    let slot = |id: &str, entry: &str| {
        format!(
            "[[slots]]\nid = \"{id}\"\nkind = \"kubernetes\"\nplace = \"{UID}/pipeline/{id}\"\n\
             entries = {{ entry = \"{entry}\" }}\n\n[slots.settings]\nca = \"{ca}\"\n\n"
        )
    };
    let (before, _) = text.split_once("[[slots]]\nid = \"slot-key\"").unwrap();
    let slots = [slot("slot-key", "key"), slot("slot-passphrase", "passphrase")].concat();
    fs::write(&file, format!("{before}{slots}")).unwrap();
    for ceremony in ["root-generation", "subkey-issuance", "custody-upload"] {
        stage.hold(ceremony);
    }
    let mut runner = begin(&stage, "custody-promote");
    until(&stage, &mut runner, "check@slot-passphrase");
    house.cluster.falsify("slot-passphrase", "entry", "other");
    let remarks = stopped(&stage, &mut runner);
    is(&remarks, FindingId::Cus014, Weight::Forbids);
    assert!(remarks[0].message.contains("gets something else than"), "{remarks:?}");
}

#[test]
fn what_was_found_out_about_a_place_stands_where_it_is_agreed_to() {
    let stage = issued();
    let mut runner = begin(&stage, "custody-upload");
    until(&stage, &mut runner, "agree@slot-key");
    let Prompt::Confirm(confirmation) = runner.prompt() else { panic!("{:?}", runner.prompt()) };
    assert_eq!(confirmation.facts, ["nothing"]);
}

#[test]
fn since_when_it_is_published_is_offered_as_the_looks_know_it() {
    let stage = issued();
    let offered = || {
        let mut runner = begin(&stage, "custody-promote");
        until(&stage, &mut runner, "published");
        let Prompt::Ask(asked) = runner.prompt() else { panic!("{:?}", runner.prompt()) };
        let today = runner.world().now.date();
        (asked[0].offer.clone(), today)
    };
    stage.hold("custody-upload");
    // Nobody has seen it at a target.
    assert_eq!(offered().0, "");
    stage.hold("publication");
    let (offer, today) = offered();
    assert_eq!(offer, today);
    // What a target does not serve is not published, whatever others do.
    let file = stage.folder.join("keyrite.toml");
    let text = fs::read_to_string(&file).unwrap();
    let more =
        "\n[[targets]]\nid = \"more\"\nkind = \"directory\"\nplace = \"more\"\nblocking = true\n";
    fs::write(&file, format!("{text}{more}")).unwrap();
    assert_eq!(offered().0, "");
}
