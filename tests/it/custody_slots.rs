//! A subkey's secret on its way into slots, current there, and out again; and
//! what stops it.

use std::fs;
use std::path::{Path, PathBuf};

use keyrite::adapters::openpgp::{open_parcel, seal_with, without_passphrase};
use keyrite::adapters::runs;
use keyrite::domain::custody::Stage as At;
use keyrite::domain::finding::FindingId;
use keyrite::domain::lint::lint_slots;
use keyrite::domain::period::Period;
use keyrite::domain::timestamp::Timestamp;
use keyrite::domain::workspace::{Content, Environment, SlotReader};
use keyrite::engine::catalog::find;
use keyrite::engine::chain::{Digest, canonical};
use keyrite::engine::event::{Remark, Weight};
use keyrite::engine::runner::{Prompt, Reply, Runner};
use serde_json::{Map, Value};

use crate::support::pilot::{Stage, passphrase, plainly, stopped, until};

pub(crate) fn begin(stage: &Stage, id: &str) -> Runner {
    stage.begin(find(id).unwrap(), &plainly).unwrap()
}

/// A workspace with a subkey whose parcel lies ready.
pub(crate) fn issued() -> Stage {
    Stage::after(&["root-generation", "subkey-issuance"])
}

#[track_caller]
pub(crate) fn is(remarks: &[Remark], id: FindingId, weight: Weight) {
    assert!(remarks.iter().any(|one| one.id == id && one.weight == weight), "{remarks:?}");
    assert!(remarks.iter().all(|one| !one.remedy.is_empty()));
}

fn placed(stage: &Stage, slot: &str) -> Vec<(String, At, bool)> {
    let register = runs::register(&stage.folder);
    register
        .in_place(&format!("media/{slot}"))
        .map(|one| (one.subkey.hex(), one.stage, one.is_proved))
        .collect()
}

fn slot(stage: &Stage, path: &str) -> PathBuf {
    stage.folder.join("media").join(path)
}

#[test]
fn a_secret_is_put_into_its_slots_made_current_and_taken_away() {
    let stage = issued();
    let subkey = stage.subkey();
    stage.hold("custody-upload");
    for name in ["slot-key", "slot-passphrase"] {
        assert_eq!(placed(&stage, name), [(subkey.clone(), At::Pending, true)]);
        assert!(!slot(&stage, name).join("current").exists());
        // The audit log names the version.
        let versions = fs::read_dir(slot(&stage, name).join("versions")).unwrap();
        let version = versions.map(|one| one.unwrap().file_name().into_string().unwrap()).next();
        let logs = fs::read_dir(stage.folder.join("audit")).unwrap();
        let logs = logs.map(|one| fs::read_to_string(one.unwrap().path()).unwrap_or_default());
        let named = format!("\"version\":\"{}\"", version.unwrap());
        assert!(logs.collect::<String>().contains(&named), "{named}");
    }
    stage.hold("custody-promote");
    for name in ["slot-key", "slot-passphrase"] {
        assert_eq!(placed(&stage, name), [(subkey.clone(), At::Current, true)]);
    }
    // What the consumer reads is what the parcel had.
    let folder = stage.medium("parcel").join(format!("keyrite/parcel-{subkey}"));
    for (part, name) in [("key", "slot-key"), ("pass", "slot-passphrase")] {
        let sealed = fs::read(folder.join(format!("{subkey}.{part}.pgp"))).unwrap();
        let wanted = open_parcel(&sealed, &passphrase()).unwrap();
        assert_eq!(*wanted, fs::read(slot(&stage, name).join("current/value")).unwrap());
    }
    // The one that is current stays.
    let mut runner = begin(&stage, "custody-retire");
    is(&stopped(&stage, &mut runner), FindingId::Cus013, Weight::Forbids);
    let said = Reply::Abandon { reason: "TEST".to_owned() };
    runner.reply(said).unwrap();
    assert_eq!(placed(&stage, "slot-key").len(), 1);
}

#[test]
fn a_pending_secret_can_be_taken_away_and_the_record_knows() {
    let stage = issued();
    stage.hold("custody-upload");
    stage.hold("custody-retire");
    assert_eq!(placed(&stage, "slot-key"), []);
    assert_eq!(fs::read_dir(slot(&stage, "slot-key/versions")).unwrap().count(), 0);
}

#[test]
fn what_was_written_stays_on_record_when_the_run_is_given_up() {
    let stage = issued();
    let mut runner = begin(&stage, "custody-upload");
    until(&stage, &mut runner, "put@slot-passphrase");
    runner.reply(Reply::Abandon { reason: "TEST".to_owned() }).unwrap();
    // All are written before they are proved.
    assert_eq!(placed(&stage, "slot-key"), [(stage.subkey(), At::Pending, false)]);
    assert_eq!(placed(&stage, "slot-passphrase"), []);
}

/// The parcel of the subkey, changed by somebody who knows its form.
pub(crate) fn forge(stage: &Stage, part: &str, change: &dyn Fn(&[u8]) -> Vec<u8>) {
    let subkey = stage.subkey();
    let folder = stage.medium("parcel").join(format!("keyrite/parcel-{subkey}"));
    let name = format!("{subkey}.{part}.pgp");
    let file = folder.join(&name);
    let open = open_parcel(&fs::read(&file).unwrap(), &passphrase()).unwrap();
    fs::write(&file, seal_with(&change(&open), &passphrase()).unwrap()).unwrap();
    digests(&folder, &name);
}

/// Writes the digest of a file anew into the list of its set.
pub(crate) fn digests(folder: &Path, name: &str) {
    let path = folder.join("manifest.json");
    let text = fs::read_to_string(&path).unwrap();
    let mut manifest: Map<String, Value> = serde_json::from_str(&text).unwrap();
    let bytes = fs::read(folder.join(name)).unwrap();
    manifest["files"][name] =
        serde_json::json!({ "sha256": Digest::of(&bytes).hex(), "size": bytes.len() });
    let (_, _) = (manifest.remove("digest"), manifest.remove("schema"));
    let own = Digest::of_kind("keyrite.medium/1", canonical(&manifest).as_bytes()).to_string();
    manifest.insert("digest".to_owned(), own.into());
    manifest.insert("schema".to_owned(), "keyrite.medium/1".into());
    fs::write(&path, canonical(&manifest) + "\n").unwrap();
}

/// Which part of a parcel is changed, and how.
type Forgery = fn(&Stage) -> (&'static str, Box<dyn Fn(&[u8]) -> Vec<u8>>);

#[test]
fn cus_004_nothing_but_one_secret_subkey_leaves_a_parcel() {
    let all: [Forgery; 5] = [
        |_| ("key", Box::new(<[u8]>::to_vec)),
        |stage| {
            let root = fs::read(
                stage.medium("root-a").join(format!("keyrite/{}/root.pgp", stage.certificate())),
            );
            let root = root.unwrap();
            ("key", Box::new(move |_| root.clone()))
        },
        |_| ("key", Box::new(|_| b"no key".to_vec())),
        |_| ("key", Box::new(|key| [key, b"and more\n"].concat())),
        |_| ("pass", Box::new(|_| b"another passphrase".to_vec())),
    ];
    for (index, make) in all.into_iter().enumerate() {
        let stage = issued();
        let (part, change) = make(&stage);
        forge(&stage, part, &change);
        if index == 0 {
            // The forger's way is no hindrance by itself.
            stage.hold("custody-upload");
            continue;
        }
        let mut runner = begin(&stage, "custody-upload");
        is(&stopped(&stage, &mut runner), FindingId::Cus004, Weight::Forbids);
        for name in ["slot-key", "slot-passphrase"] {
            assert_eq!(fs::read_dir(slot(&stage, name)).unwrap().count(), 0, "{index}");
        }
    }
    // And not without its passphrase.
    let stage = issued();
    let pass = fs::read(stage.parcel(&stage.subkey()).replace(".key.", ".pass.")).unwrap();
    let pass = open_parcel(&pass, &passphrase()).unwrap();
    let pass = keyrite::engine::secret::Secret::take(&mut pass.to_vec()).unwrap();
    forge(&stage, "key", &move |key| without_passphrase(key, &pass).unwrap().to_vec());
    let mut runner = begin(&stage, "custody-upload");
    is(&stopped(&stage, &mut runner), FindingId::Cus004, Weight::Forbids);
}

#[test]
fn a_parcel_does_not_open_with_a_wrong_passphrase_and_nothing_is_lost() {
    let stage = issued();
    let mut runner = begin(&stage, "custody-upload");
    until(&stage, &mut runner, "open");
    while !matches!(runner.prompt(), Prompt::Secret { .. }) {
        stage.fly(&mut runner).unwrap();
    }
    let wrong = keyrite::engine::secret::Secret::take(&mut b"not the one, TEST".to_vec()).unwrap();
    runner.reply(Reply::Secret { secret: wrong, again: None }).unwrap();
    let said = runner.reply(Reply::Go);
    assert!(said.is_err() || runner.run().failure().is_some(), "it opened");
    // It is asked for again.
    until(&stage, &mut runner, "look@slot-key");
    stage.land(&mut runner).unwrap();
    assert_eq!(placed(&stage, "slot-key").len(), 1);
}

#[test]
fn cus_011_and_cus_012_stop_at_another_place_and_at_a_change_by_somebody_else() {
    let stage = issued();
    let path = slot(&stage, "slot-key");
    fs::remove_dir(&path).unwrap();
    fs::write(&path, "TEST").unwrap();
    let mut runner = begin(&stage, "custody-upload");
    is(&stopped(&stage, &mut runner), FindingId::Cus011, Weight::Forbids);
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    runner.reply(Reply::Go).unwrap();
    until(&stage, &mut runner, "put@slot-key");
    // Between the plan and what follows from it.
    let theirs = path.join("versions/00000000-0000-4000-8000-000000000000");
    fs::create_dir_all(&theirs).unwrap();
    is(&stopped(&stage, &mut runner), FindingId::Cus012, Weight::Forbids);
    assert_eq!(fs::read_dir(path.join("versions")).unwrap().count(), 1);
    // Put back to what people agreed to, it goes on.
    fs::remove_dir(&theirs).unwrap();
    runner.reply(Reply::Go).unwrap();
    stage.land(&mut runner).unwrap();
}

#[test]
fn cus_014_stops_at_what_is_not_what_was_put_there() {
    let stage = issued();
    let mut runner = begin(&stage, "custody-upload");
    until(&stage, &mut runner, "prove@slot-passphrase");
    let versions = slot(&stage, "slot-passphrase/versions");
    let version = fs::read_dir(&versions).unwrap().next().unwrap().unwrap().path();
    let right = fs::read(version.join("value")).unwrap();
    fs::write(version.join("value"), [&right[..], b"\n"].concat()).unwrap();
    is(&stopped(&stage, &mut runner), FindingId::Cus014, Weight::Forbids);
    fs::write(version.join("value"), right).unwrap();
    runner.reply(Reply::Go).unwrap();
    stage.land(&mut runner).unwrap();
    assert!(placed(&stage, "slot-passphrase")[0].2);
}

#[test]
fn cus_005_stops_a_joint_slot_unless_somebody_takes_it_or_waives_it() {
    let stage = issued();
    let file = stage.folder.join("keyrite.toml");
    let text = fs::read_to_string(&file).unwrap();
    let joint = text.replacen("\ncontent = \"key\"", "\ncontent = \"joint-private-key\"", 1);
    fs::write(&file, &joint).unwrap();
    let mut runner = begin(&stage, "custody-upload");
    is(&stopped(&stage, &mut runner), FindingId::Cus005, Weight::Stops);
    runner
        .reply(Reply::Exception { text: "TEST one place only".into(), by: "witness".into() })
        .unwrap();
    stage.land(&mut runner).unwrap();
    let versions = slot(&stage, "slot-key/versions");
    let version = fs::read_dir(&versions).unwrap().next().unwrap().unwrap().path();
    let value: Value = serde_json::from_slice(&fs::read(version.join("value")).unwrap()).unwrap();
    assert_eq!(value["key_id"], format!("{}!", stage.subkey()));
    assert!(value["private_key"].as_str().unwrap().starts_with("-----BEGIN PGP PRIVATE KEY"));
    assert_eq!(value.as_object().unwrap().len(), 3);
    drop(runner);
    let day = stage.app.now().after(Period::Months(3)).date();
    let waiver = format!(
        "\n[[waivers]]\nfinding = \"CUS-005\"\nof = \"slot-key\"\nreason = \"TEST\"\n\
         by = \"driver\"\nuntil = \"{day}\"\n"
    );
    fs::write(&file, joint + &waiver).unwrap();
    stage.hold("custody-retire");
    stage.hold("custody-upload");
}

#[test]
fn a_slot_that_is_frozen_is_not_written_to_unseen() {
    let stage = issued();
    fs::create_dir_all(slot(&stage, "slot-key/versions/v1")).unwrap();
    std::os::unix::fs::symlink("versions/v1", slot(&stage, "slot-key/frozen")).unwrap();
    let mut runner = begin(&stage, "custody-upload");
    is(&stopped(&stage, &mut runner), FindingId::Cus012, Weight::Stops);
}

#[test]
fn cus_004_005_006_and_009_are_told_of_slots_that_count() {
    let stage = issued();
    stage.hold("custody-upload");
    let world = stage.app.world(&stage.folder).unwrap();
    let mut workspace = world.team.workspace.clone();
    let now = world.now;
    let told = |workspace: &_, register: &_| {
        let found = lint_slots(workspace, register, now);
        found.iter().map(|one| (one.id, one.subject.as_str().to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(told(&workspace, &world.register), [], "those of a rehearsal");
    workspace.environment = Environment::Production;
    let reader = |reviewed: Option<Timestamp>| SlotReader { who: "TEST role".to_owned(), reviewed };
    for slot in &mut workspace.slots {
        slot.readers = vec![reader(Some(now))];
    }
    let key = "slot-key".to_owned();
    // It is pending only.
    assert_eq!(told(&workspace, &world.register), [(FindingId::Cus004, key.clone())]);
    stage.hold("custody-promote");
    let register = runs::register(&stage.folder);
    assert_eq!(told(&workspace, &register), []);
    workspace.slots[0].contents = [(String::new(), Content::JointKeyFile)].into();
    assert_eq!(told(&workspace, &register), [(FindingId::Cus005, key.clone())]);
    workspace.slots[0].contents = [(String::new(), Content::OpenKey)].into();
    assert_eq!(told(&workspace, &register), [(FindingId::Cus009, key.clone())]);
    workspace.slots[0].contents = [(String::new(), Content::Key)].into();
    let year = Timestamp::from_unix(now.unix() - 366 * 86_400);
    for readers in [Vec::new(), vec![reader(None)], vec![reader(Some(year))]] {
        workspace.slots[0].readers = readers;
        assert_eq!(told(&workspace, &register), [(FindingId::Cus006, key.clone())]);
    }
}

#[test]
fn cus_012_what_people_agreed_to_is_what_is_written() {
    let stage = issued();
    let mut runner = begin(&stage, "custody-upload");
    until(&stage, &mut runner, "put@slot-key");
    let id = runner.journal().run().to_owned();
    drop(runner);
    let again = || stage.resume(find("custody-upload").unwrap(), &id, &plainly).unwrap();
    let file = stage.folder.join("keyrite.toml");
    let text = fs::read_to_string(&file).unwrap();
    for other in [
        text.replacen("\ncontent = \"key\"", "\ncontent = \"key-base64\"", 1),
        text.replacen("media/slot-key", "media/root-c", 1),
    ] {
        fs::write(&file, other).unwrap();
        let mut runner = again();
        if matches!(runner.prompt(), Prompt::Halted { .. }) {
            runner.reply(Reply::Go).unwrap();
        }
        is(&stopped(&stage, &mut runner), FindingId::Cus012, Weight::Forbids);
    }
    assert_eq!(fs::read_dir(slot(&stage, "slot-key")).unwrap().count(), 0);
    assert_eq!(fs::read_dir(stage.medium("root-c")).unwrap().count(), 0);
    fs::write(&file, &text).unwrap();
    let mut runner = again();
    runner.reply(Reply::Go).unwrap();
    stage.land(&mut runner).unwrap();
    drop(runner);
    // Two slots are never one place.
    fs::write(&file, text.replace("media/slot-passphrase", "media/slot-key")).unwrap();
    let error = stage.app.workspace(&stage.folder).unwrap_err();
    assert!(format!("{error:?}").contains("place of a slot"), "{error:?}");
}

#[test]
fn cus_014_what_somebody_else_has_put_there_is_not_promoted_unseen() {
    let stage = issued();
    stage.hold("custody-upload");
    let versions = slot(&stage, "slot-key/versions");
    let ours = fs::read_dir(&versions).unwrap().next().unwrap().unwrap().path();
    // It calls itself by the same subkey, and comes first by its name.
    let theirs = versions.join("0");
    fs::create_dir(&theirs).unwrap();
    fs::copy(ours.join("about.json"), theirs.join("about.json")).unwrap();
    fs::write(theirs.join("value"), "GARBAGE").unwrap();
    stage.hold("custody-promote");
    let current = fs::read(slot(&stage, "slot-key/current/value")).unwrap();
    assert_eq!(current, fs::read(ours.join("value")).unwrap());
    assert_eq!(placed(&stage, "slot-key"), [(stage.subkey(), At::Current, true)]);

    // Nothing but theirs is there.
    let stage = issued();
    for name in ["slot-key", "slot-passphrase"] {
        let theirs = slot(&stage, name).join("versions/0");
        fs::create_dir_all(&theirs).unwrap();
        let about = format!("{{\"subkey\":\"{}\",\"was_current\":false}}", stage.subkey());
        fs::write(theirs.join("about.json"), about).unwrap();
    }
    let mut runner = begin(&stage, "custody-upload");
    until(&stage, &mut runner, "written");
    runner.reply(Reply::Abandon { reason: "TEST".to_owned() }).unwrap();
    drop(runner);
    let mut runner = begin(&stage, "custody-promote");
    is(&stopped(&stage, &mut runner), FindingId::Cus014, Weight::Stops);
}

#[test]
fn cus_011_a_link_that_leads_elsewhere_hides_no_secret_that_is_used() {
    let stage = issued();
    stage.hold("custody-upload");
    stage.hold("custody-promote");
    let link = slot(&stage, "slot-key/current");
    let to = fs::read_link(&link).unwrap();
    fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink(Path::new("./").join(&to), &link).unwrap();
    let mut runner = begin(&stage, "custody-retire");
    is(&stopped(&stage, &mut runner), FindingId::Cus011, Weight::Forbids);
    assert!(link.join("value").exists(), "its user still has it");
}
