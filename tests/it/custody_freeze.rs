//! A consumer is kept from its key for a while, and let again.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use keyrite::adapters::runs;
use keyrite::domain::custody::SlotRow;
use keyrite::domain::finding::FindingId;
use keyrite::engine::catalog::find;
use keyrite::engine::event::Weight;
use keyrite::engine::run::Ending;
use keyrite::engine::runner::{Prompt, Refused, Reply, Runner};

use crate::custody_slots::{begin, is, issued};
use crate::support::pilot::{Stage, plainly, stopped, until};

/// A workspace whose consumer has its key.
fn signing() -> Stage {
    let stage = issued();
    stage.hold("custody-upload");
    stage.hold("custody-promote");
    stage
}

fn current(stage: &Stage, slot: &str) -> PathBuf {
    stage.medium(slot).join("current/value")
}

/// The run that has frozen a slot, and why.
fn frozen(stage: &Stage, slot: &str) -> Option<(String, String)> {
    let register = runs::register(&stage.folder);
    let frozen = register.frozen(&format!("media/{slot}"))?;
    Some((frozen.run.clone(), frozen.why.as_str().to_owned()))
}

fn id(runner: &Runner) -> String {
    runner.journal().run().to_owned()
}

fn fact(runner: &Runner, name: &str, item: &str) -> String {
    runner.run().fact(name, Some(item)).unwrap().text()
}

#[test]
fn a_consumer_does_not_find_its_key_until_it_is_let_again() {
    let mut stage = signing();
    let before = fs::read(current(&stage, "slot-key")).unwrap();
    let runner = stage.hold("custody-freeze");
    for slot in ["slot-key", "slot-passphrase"] {
        assert!(!current(&stage, slot).exists());
        assert_eq!(frozen(&stage, slot), Some((id(&runner), "TEST a suspicion".to_owned())));
        assert_eq!(fact(&runner, "prove.proof", slot), "frozen, as the place tells it");
    }
    let first = id(&runner);
    drop(runner);
    // By the record, and by the places.
    for is_asked in [false, true] {
        let rows = stage.app.slots(&stage.folder, is_asked).unwrap().rows;
        assert!(rows.iter().all(|row| row.is_frozen && row.is_seen == is_asked));
        assert!(rows.iter().all(|row| row.frozen.as_ref().is_some_and(|one| one.run == first)));
    }
    // Once more changes nothing, and says who did it.
    let runner = stage.hold("custody-freeze");
    let told = fact(&runner, "look.state", "slot-key");
    assert!(told.contains(&first) && told.contains("TEST a suspicion"), "{told}");
    drop(runner);
    stage.otherwise.insert("wish.what", "let-again".to_owned());
    stage.hold("custody-freeze");
    assert_eq!(fs::read(current(&stage, "slot-key")).unwrap(), before);
    assert_eq!(frozen(&stage, "slot-key"), None);
    let rows = stage.app.slots(&stage.folder, true).unwrap().rows;
    assert!(rows.iter().all(|row| !row.is_frozen && row.frozen.is_none()));
    // Nothing is frozen by the record: nothing is offered.
    let mut runner = begin(&stage, "custody-freeze");
    until(&stage, &mut runner, "where");
    let Prompt::Ask(asked) = runner.prompt() else { panic!() };
    assert_eq!((asked[0].offer.as_str(), asked[0].choices.len()), ("", 2));
}

#[test]
fn cus_012_what_stops_at_a_frozen_slot_names_the_run_that_froze_it() {
    let stage = signing();
    let first = id(&stage.hold("custody-freeze"));
    // Another key is there than the one that is to be written.
    let folder = stage.medium("slot-key");
    fs::remove_dir_all(folder.join("versions")).unwrap();
    fs::create_dir_all(folder.join("versions/v1")).unwrap();
    fs::remove_file(folder.join("frozen")).unwrap();
    symlink("versions/v1", folder.join("frozen")).unwrap();
    let mut runner = begin(&stage, "custody-upload");
    let remarks = stopped(&stage, &mut runner);
    is(&remarks, FindingId::Cus012, Weight::Stops);
    let told = &remarks[0].message;
    assert!(told.contains(&first) && told.contains("TEST a suspicion"), "{told}");
}

#[test]
fn one_is_enough_to_freeze_and_letting_again_takes_as_many_as_the_rules_want() {
    let stage = signing();
    let file = stage.folder.join("keyrite.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{text}\n[policy.people]\nquorum = 2\n")).unwrap();
    let say = |runner: &mut Runner, all: &[(&str, &str)]| {
        let said = all.iter().map(|(name, said)| ((*name).to_owned(), (*said).into()));
        runner.reply(Reply::Answers(said.collect()))
    };
    for (what, is_enough) in [("freeze", true), ("let-again", false)] {
        let mut runner = begin(&stage, "custody-freeze");
        say(&mut runner, &[("what", what), ("why", "TEST a suspicion")]).unwrap();
        let said = say(&mut runner, &[("witness", "")]);
        assert_eq!(said.is_ok(), is_enough, "{said:?}");
        if let Err(Refused::Answers(wrong)) = said {
            assert!(wrong[0].message.contains("CER-001"), "{wrong:?}");
            say(&mut runner, &[("witness", "witness")]).unwrap();
        }
        stage.land(&mut runner).unwrap();
        assert_eq!(frozen(&stage, "slot-key").is_some(), is_enough);
    }
    // Without a reason nothing begins.
    let mut runner = begin(&stage, "custody-freeze");
    assert!(say(&mut runner, &[("what", "freeze"), ("why", " ")]).is_err());
}

#[test]
fn a_slot_that_cannot_freeze_is_told_with_what_to_do_by_hand() {
    let mut stage = signing();
    let file = stage.folder.join("keyrite.toml");
    let text = fs::read_to_string(&file).unwrap();
    let home = "\n[[slots]]\nid = \"ci-home\"\nkind = \"gnupg-home\"\n\
                place = \"/nowhere/TEST\"\ncontent = \"key\"\n";
    fs::write(&file, text + home).unwrap();
    // The consumer stands for its slots; naming one of them twice is no harm.
    stage.otherwise.insert("where.slots", "ci-home, slot-key, ci-test".to_owned());
    let runner = stage.hold("custody-freeze");
    assert_eq!(fact(&runner, "look.able", "ci-home"), "by hand");
    assert!(fact(&runner, "look.by_hand", "ci-home").contains("chown root"));
    let done: Vec<_> =
        runner.run().shown().iter().map(|one| one.place.as_str().to_owned()).collect();
    for place in ["freeze@slot-key", "freeze@slot-passphrase", "look@ci-home", "by-hand"] {
        assert!(done.iter().any(|one| one == place), "{done:?}");
    }
    assert!(!done.iter().any(|one| one == "freeze@ci-home"), "{done:?}");
    assert_eq!(runs::register(&stage.folder).frozen("/nowhere/TEST"), None);
    // Where nothing is current there is nothing to be kept from.
    let mut stage = issued();
    stage.otherwise.insert("where.slots", "slot-key".to_owned());
    let runner = stage.hold("custody-freeze");
    assert_eq!(fact(&runner, "look.able", "slot-key"), "nothing is current");
}

#[test]
fn a_place_that_does_not_do_it_keeps_no_other_waiting() {
    let stage = signing();
    let mut runner = begin(&stage, "custody-freeze");
    until(&stage, &mut runner, "freeze@slot-key");
    let link = stage.medium("slot-key").join("current");
    let to = fs::read_link(&link).unwrap();
    fs::remove_file(&link).unwrap();
    is(&stopped(&stage, &mut runner), FindingId::Cus013, Weight::Stops);
    let text = "TEST its machine is switched off".to_owned();
    let by = runner.view(None).owner().to_owned();
    runner.reply(Reply::Exception { text, by }).unwrap();
    stage.land(&mut runner).unwrap();
    assert!(fact(&runner, "prove.proof", "slot-key").contains("none"));
    assert_eq!(frozen(&stage, "slot-key"), None);
    assert!(frozen(&stage, "slot-passphrase").is_some());
    drop(runner);
    // Mended, it is done when it is looked at again.
    symlink(to, link).unwrap();
    let mut stage = stage;
    stage.otherwise.insert("where.slots", "slot-key".to_owned());
    stage.hold("custody-freeze");
    assert!(frozen(&stage, "slot-key").is_some());
}

#[test]
fn what_was_frozen_stays_on_record_when_the_run_is_given_up() {
    let stage = signing();
    let mut runner = begin(&stage, "custody-freeze");
    until(&stage, &mut runner, "freeze@slot-key");
    assert!(runner.run().given_up().contains("Nothing was made"), "{}", runner.run().given_up());
    until(&stage, &mut runner, "freeze@slot-passphrase");
    runner.reply(Reply::Abandon { reason: "TEST".to_owned() }).unwrap();
    assert!(matches!(runner.prompt(), Prompt::Ended(Ending::Abandoned)));
    assert!(frozen(&stage, "slot-key").is_some());
    assert_eq!(frozen(&stage, "slot-passphrase"), None);
}

#[test]
fn cus_014_a_place_that_somebody_has_let_again_meanwhile_stops_the_proof_and_is_told() {
    let stage = signing();
    let mut runner = begin(&stage, "custody-freeze");
    until(&stage, &mut runner, "prove@slot-key");
    let folder = stage.medium("slot-key");
    fs::rename(folder.join("frozen"), folder.join("current")).unwrap();
    is(&stopped(&stage, &mut runner), FindingId::Cus014, Weight::Forbids);
    let rows = stage.app.slots(&stage.folder, true).unwrap().rows;
    let told: Vec<_> = rows.iter().map(SlotRow::is_let_again_unseen).collect();
    assert_eq!(told, [true, false]);
    fs::rename(folder.join("current"), folder.join("frozen")).unwrap();
    runner.reply(Reply::Go).unwrap();
    stage.land(&mut runner).unwrap();
    // An effect that was cut off is found out by looking.
    let twin = stage.twin();
    let id = id(&runner);
    drop(runner);
    let runner = twin.resume(find("custody-freeze").unwrap(), &id, &plainly).unwrap();
    assert!(matches!(runner.prompt(), Prompt::Ended(Ending::Closed)));
}
