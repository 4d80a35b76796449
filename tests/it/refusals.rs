//! What stops a ceremony, one rule after the other, and what goes on after it
//! was mended.

use std::fs;
use std::os::unix::fs::symlink;

use keyrite::domain::finding::FindingId;
use keyrite::engine::catalog::find;
use keyrite::engine::event::{Remark, Weight};
use keyrite::engine::runner::{Prompt, Refused, Reply, Runner};
use sequoia_openpgp::serialize::SerializeInto as _;

use crate::support::forge::{KeySpec, certificate};
use crate::support::pilot::{Stage, plainly, stopped, typed, until};

fn begin(stage: &Stage, id: &str) -> Runner {
    stage.begin(find(id).unwrap(), &plainly).unwrap()
}

#[track_caller]
fn is(remarks: &[Remark], id: FindingId, weight: Weight) {
    assert!(remarks.iter().any(|one| one.id == id && one.weight == weight), "{remarks:?}");
    assert!(remarks.iter().all(|one| !one.remedy.is_empty()));
}

#[test]
fn med_001_stops_at_what_does_not_belong_on_a_medium_and_goes_on_when_it_is_gone() {
    let stage = Stage::new();
    fs::write(stage.medium("root-a").join("holiday.jpg"), "TEST").unwrap();
    let mut runner = begin(&stage, "root-generation");
    is(&stopped(&stage, &mut runner), FindingId::Med001, Weight::Stops);
    fs::remove_file(stage.medium("root-a").join("holiday.jpg")).unwrap();
    runner.reply(Reply::Go).unwrap();
    stage.land(&mut runner).unwrap();
}

#[test]
fn med_001_can_be_taken_on_oneself_by_the_witness_only_and_stands_on_page_one() {
    let stage = Stage::new();
    fs::write(stage.medium("root-a").join("holiday.jpg"), "TEST").unwrap();
    let mut runner = begin(&stage, "root-generation");
    stopped(&stage, &mut runner);
    let except = |by: &str, text: &str| Reply::Exception { text: text.into(), by: by.into() };
    assert!(matches!(runner.reply(except("driver", "mine")), Err(Refused::NotNow(_))));
    assert!(matches!(runner.reply(except("witness", "  ")), Err(Refused::NotNow(_))));
    runner.reply(except("witness", "an old picture")).unwrap();
    stage.land(&mut runner).unwrap();
    let id = runner.journal().run().to_owned();
    let page = stage.app.run_file(&stage.folder, &id, "transcript.md").unwrap();
    let page = String::from_utf8(page).unwrap();
    let (first, _) = page.split_once("\n## ").unwrap();
    assert!(first.contains("Exceptions: 1\n  enroll-a by witness: an old picture"), "{first}");
}

#[test]
fn med_001_forbids_links_on_a_medium() {
    let stage = Stage::new();
    fs::create_dir(stage.medium("root-a").join("keyrite")).unwrap();
    symlink("/etc/passwd", stage.medium("root-a").join("keyrite/medium.json")).unwrap();
    let mut runner = begin(&stage, "root-generation");
    is(&stopped(&stage, &mut runner), FindingId::Med001, Weight::Forbids);
    let except = Reply::Exception { text: "why not".into(), by: "witness".into() };
    assert!(matches!(runner.reply(except), Err(Refused::NotNow(_))));
}

#[test]
fn med_002_forbids_another_medium_at_the_place_of_the_first() {
    let stage = Stage::new();
    let mut runner = begin(&stage, "root-generation");
    until(&stage, &mut runner, "read-a");
    let [a, b, away] = ["root-a", "root-b", "away"].map(|name| stage.medium(name));
    fs::rename(&a, &away).unwrap();
    fs::rename(&b, &a).unwrap();
    is(&stopped(&stage, &mut runner), FindingId::Med002, Weight::Forbids);
    fs::rename(&a, &b).unwrap();
    fs::rename(&away, &a).unwrap();
    runner.reply(Reply::Go).unwrap();
    stage.land(&mut runner).unwrap();
}

#[test]
fn med_003_forbids_a_medium_on_which_a_byte_has_changed() {
    for name in ["root.pgp", "cert.asc", "manifest.json"] {
        let stage = Stage::new();
        let mut runner = begin(&stage, "root-generation");
        until(&stage, &mut runner, "read-a");
        let set = fs::read_dir(stage.medium("root-a").join("keyrite")).unwrap();
        let set = set.map(|entry| entry.unwrap().path()).find(|path| path.is_dir()).unwrap();
        let mut bytes = fs::read(set.join(name)).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(set.join(name), bytes).unwrap();
        let remarks = stopped(&stage, &mut runner);
        let is_told = |one: &Remark| matches!(one.id, FindingId::Med003 | FindingId::Med001);
        assert!(remarks.iter().all(|one| is_told(one) && one.weight == Weight::Forbids));
    }
}

#[test]
fn rev_005_forbids_a_revocation_on_a_medium_of_the_root() {
    let stage = Stage::new();
    stage.hold("root-generation");
    let holder = stage.medium("holder-driver");
    fs::remove_dir_all(&holder).unwrap();
    fs::rename(stage.medium("root-b"), &holder).unwrap();
    let mut runner = begin(&stage, "revocation-set");
    is(&stopped(&stage, &mut runner), FindingId::Rev005, Weight::Forbids);
}

#[test]
fn rev_003_forbids_a_kept_revocation_of_another_key() {
    let stage = Stage::new();
    stage.hold("root-generation");
    let other = Stage::new();
    other.hold("root-generation");
    let file = |stage: &Stage| {
        let set = stage.medium("holder-witness").join("keyrite").join(stage.certificate());
        set.join("revocation-witness.txt")
    };
    let kept = fs::read(file(&stage)).unwrap();
    fs::copy(file(&other), file(&stage)).unwrap();
    let mut runner = begin(&stage, "certificate-revocation");
    is(&stopped(&stage, &mut runner), FindingId::Rev003, Weight::Forbids);
    fs::write(file(&stage), kept).unwrap();
    runner.reply(Reply::Go).unwrap();
    stage.land(&mut runner).unwrap();
}

#[test]
fn cer_005_stops_at_a_subkey_that_no_ceremony_has_made() {
    let stage = Stage::new();
    stage.hold("root-generation");
    // Somebody with the primary key has issued a subkey elsewhere.
    let elsewhere = stage.twin();
    elsewhere.hold("subkey-issuance");
    let name = format!("certs/{}.asc", stage.certificate());
    fs::copy(elsewhere.folder.join(&name), stage.folder.join(&name)).unwrap();
    let mut runner = begin(&stage, "subkey-issuance");
    let remarks = stopped(&stage, &mut runner);
    is(&remarks, FindingId::Cer005, Weight::Stops);
    assert!(remarks.iter().any(|one| one.message.contains("the subkey")), "{remarks:?}");
    // That it was seen once accounts for nothing: neither for a second look,
    // nor for the next run.
    runner.reply(Reply::Go).unwrap();
    is(&stopped(&stage, &mut runner), FindingId::Cer005, Weight::Stops);
    runner.reply(Reply::Abandon { reason: "TEST nobody knows it".into() }).unwrap();
    drop(runner);
    let mut runner = begin(&stage, "subkey-issuance");
    is(&stopped(&stage, &mut runner), FindingId::Cer005, Weight::Stops);
}

#[test]
fn cer_006_and_cer_007_are_what_proofs_and_walks_of_packets_are_reported_as() {
    // What they find is tried where it is found: in `exports` and `keymaking`.
    for id in [FindingId::Cer006, FindingId::Cer007] {
        assert!(!id.rule().is_empty());
    }
    let stage = Stage::new();
    stage.hold("root-generation");
    let mut runner = begin(&stage, "subkey-issuance");
    until(&stage, &mut runner, "check-parcel");
    // The parcel is opened and put back, with everything written down.
    let set = fs::read_dir(stage.medium("parcel").join("keyrite")).unwrap();
    let set = set.map(|entry| entry.unwrap().path()).find(|path| path.is_dir()).unwrap();
    let key = fs::read_dir(&set).unwrap().map(|entry| entry.unwrap().path());
    let key = key.into_iter().find(|path| path.to_str().unwrap().ends_with(".key.pgp")).unwrap();
    let open = certificate(&["TEST open"], &KeySpec::new("C", "2026-01-01", None), &[]);
    let open = String::from_utf8(open.armored().to_vec().unwrap()).unwrap();
    let manifest = fs::read_to_string(set.join("manifest.json")).unwrap();
    let digest = |bytes: &[u8]| keyrite::engine::chain::Digest::of(bytes).hex();
    let sealed = fs::read(&key).unwrap();
    // Whoever can do this can work out the digest of the list, too.
    let manifest = manifest
        .replace(&digest(&sealed), &digest(open.as_bytes()))
        .replace(&format!("\"size\":{}", sealed.len()), &format!("\"size\":{}", open.len()));
    fs::write(&key, open).unwrap();
    let mut list: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&manifest).unwrap();
    let content: serde_json::Map<_, _> = ["effects", "files"]
        .into_iter()
        .map(|name| (name.to_owned(), list[name].clone()))
        .collect();
    let text = keyrite::engine::chain::canonical(&content);
    let own = keyrite::engine::chain::Digest::of_kind("keyrite.medium/1", text.as_bytes());
    list.insert("digest".to_owned(), own.to_string().into());
    let manifest = keyrite::engine::chain::canonical(&list) + "\n";
    fs::write(set.join("manifest.json"), manifest).unwrap();
    is(&stopped(&stage, &mut runner), FindingId::Cer007, Weight::Forbids);
}

#[test]
fn a_mistyped_confirmation_does_nothing_and_names_what_was_wanted() {
    let stage = Stage::new();
    let mut runner = begin(&stage, "root-generation");
    until(&stage, &mut runner, "agree");
    let Prompt::Confirm(confirmation) = runner.prompt() else { panic!() };
    let lines = runner.journal().entries().len();
    let right = typed(&confirmation);
    for wrong in [vec![String::new()], vec!["0".repeat(8)], vec![], vec![right[0][1..].to_owned()]]
    {
        let Err(Refused::Typing(label)) = runner.reply(Reply::Typed(wrong)) else { panic!() };
        assert!(!label.contains(&right[0]), "it says what should be read from elsewhere");
    }
    assert!(runner.reply(Reply::Go).is_err(), "Enter confirms nothing");
    assert_eq!(runner.journal().entries().len(), lines);
    let spaced = right[0].to_uppercase().replace("", " ");
    runner.reply(Reply::Typed(vec![spaced])).unwrap();
}

#[test]
fn a_wrong_passphrase_is_told_in_one_way_and_the_third_pauses() {
    let stage = Stage::new();
    stage.hold("root-generation");
    let mut runner = begin(&stage, "revocation-set");
    until(&stage, &mut runner, "keep-revocation@driver");
    for wrong in ["TEST wrong", "x", "TEST correct horse battery stapl"] {
        assert!(matches!(runner.prompt(), Prompt::Secret { .. }));
        let secret = keyrite::engine::secret::Secret::take(&mut wrong.as_bytes().to_vec());
        runner.reply(Reply::Secret { secret: secret.unwrap(), again: None }).unwrap();
        runner.reply(Reply::Go).unwrap();
        let why = "the passphrase does not open it; nothing was changed";
        assert_eq!(runner.run().failure(), Some(why));
    }
    assert!(matches!(runner.prompt(), Prompt::Paused));
    let id = runner.journal().run().to_owned();
    drop(runner);
    let mut runner = stage.resume(find("revocation-set").unwrap(), &id, &plainly).unwrap();
    stage.land(&mut runner).unwrap();
}

#[test]
fn answers_can_be_taken_back_until_the_plan_is_sealed() {
    let stage = Stage::new();
    let mut runner = begin(&stage, "root-generation");
    assert!(runner.reply(Reply::Back).is_err());
    until(&stage, &mut runner, "media");
    runner.reply(Reply::Back).unwrap();
    assert_eq!(runner.step().unwrap().1.as_str(), "spec");
    until(&stage, &mut runner, "agree");
    assert!(matches!(runner.reply(Reply::Back), Err(Refused::NotNow(_))));
    stage.land(&mut runner).unwrap();
}

#[test]
fn answers_are_held_against_the_rules() {
    let stage = Stage::new();
    let mut runner = begin(&stage, "root-generation");
    until(&stage, &mut runner, "spec");
    let answer = |field: &str, value: &str| {
        let right = [
            ("algorithm", "ed25519"),
            ("user_ids", "TEST <t@test.example>"),
            ("ends", "2y"),
            ("protection", "iterated"),
        ];
        let value = |name: &str, right: &str| if name == field { value } else { right }.to_owned();
        let all = right.map(|(name, right)| (name.to_owned(), value(name, right).into()));
        Reply::Answers(all.into_iter().collect())
    };
    for (field, value, why) in [
        ("algorithm", "rsa1024", "is not among"),
        ("user_ids", "", "needs a user ID"),
        ("user_ids", "TEST \u{202e}gpj", "cannot be seen"),
        ("user_ids", "TEST; TEST", "twice"),
        ("ends", "50y", "too late"),
        ("ends", "2020-01-01", "is over"),
        ("ends", "soon", "neither a period"),
        ("protection", "none", "is not among"),
    ] {
        let Err(Refused::Answers(wrong)) = runner.reply(answer(field, value)) else {
            panic!("{field}: {value}")
        };
        assert_eq!((wrong.len(), wrong[0].field), (1, field));
        assert!(wrong[0].message.contains(why), "{wrong:?}");
    }
    runner.reply(answer("", "")).unwrap();
}

#[test]
fn words_for_the_record_hold_no_part_of_a_passphrase() {
    let stage = Stage::new();
    let mut runner = begin(&stage, "root-generation");
    until(&stage, &mut runner, "make-root");
    runner.reply(Reply::Offer).unwrap();
    let offered = runner.offered().unwrap().expose().to_vec();
    let offered = String::from_utf8(offered).unwrap();
    // Without its first letters, which were taken for keys, and without its last word.
    let part = &offered[3..offered.len() - 8];
    let before = runner.journal().entries().len();
    for reply in [
        Reply::Note { text: part.to_owned() },
        Reply::Note { text: format!("it is {offered}, I think") },
        Reply::Abandon { reason: part.to_owned() },
    ] {
        let refused = runner.reply(reply);
        assert!(matches!(refused, Err(Refused::NotNow(_))), "{refused:?}");
    }
    assert_eq!(runner.journal().entries().len(), before, "nothing was written");
    runner.reply(Reply::Note { text: "the printer is out".to_owned() }).unwrap();
}

#[test]
fn what_was_taken_back_is_offered_again() {
    let stage = Stage::new();
    let mut runner = begin(&stage, "root-generation");
    until(&stage, &mut runner, "media");
    let offers = |runner: &Runner| -> Vec<String> {
        let Prompt::Ask(asked) = runner.prompt() else { panic!("{:?}", runner.prompt()) };
        asked.into_iter().map(|one| one.offer).collect()
    };
    assert_eq!(offers(&runner), ["", ""]);
    runner.reply(Reply::Back).unwrap();
    let [algorithm, user_ids, ends, _] = &offers(&runner)[..] else { panic!() };
    assert_eq!(
        (algorithm.as_str(), user_ids.as_str()),
        ("ed25519", "TEST Releases <release@test.example>")
    );
    assert_eq!(ends.len(), "2028-11-21".len());
    // As it is offered it is taken.
    let answers = offers(&runner).into_iter().zip(["algorithm", "user_ids", "ends", "protection"]);
    let answers = answers.map(|(said, field)| (field.to_owned(), said.as_str().into()));
    runner.reply(Reply::Answers(answers.collect())).unwrap();
    assert_eq!(runner.step().unwrap().1.as_str(), "media");
}
