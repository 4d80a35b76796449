//! Keys that are not adopted, copies that are not removed, and what is said of
//! them.

use std::fs;

use keyrite::domain::finding::FindingId;
use keyrite::engine::event::{Remark, Weight};
use keyrite::engine::run::Ending;
use keyrite::engine::runner::{Prompt, Refused, Reply};
use keyrite::engine::transcript::{Signed, Transcript};

use crate::support::adopting::{OLD, begin, halted, land, say, staged, typed_secret};
use crate::support::defects::weak_root;
use crate::support::hall::{Answer, Hall};
use crate::support::old_home::{OldHome, as_card};
use crate::support::pilot::{Stage, stopped, until};

#[track_caller]
fn is_forbidden(stage: &Stage, id: FindingId, words: &[&str]) {
    let mut runner = begin(stage);
    let found = stopped(stage, &mut runner);
    assert_eq!(runner.step().unwrap().1.as_str(), "look");
    let one = found.iter().find(|one| one.id == id && one.weight == Weight::Forbids);
    let one = one.unwrap_or_else(|| panic!("{found:?}"));
    for word in words {
        assert!(one.message.contains(word) || one.remedy.contains(word), "{word}: {one:?}");
    }
    let except = Reply::Exception { text: "why not".into(), by: "witness".into() };
    assert!(matches!(runner.reply(except), Err(Refused::NotNow(_))));
    runner.reply(Reply::Abandon { reason: "TEST".into() }).unwrap();
    assert!(matches!(runner.prompt(), Prompt::Ended(Ending::Abandoned)));
}

#[test]
fn a_key_that_was_in_ci_or_elsewhere_leads_to_the_compromise_decision() {
    let (mut stage, home) = staged("ed25519", "2y", OLD);
    for (answer, word) in
        [("ci", "in CI"), ("image", "image"), ("shared", "others"), ("unknown", "nobody knows")]
    {
        stage.otherwise.insert("source.exposed", answer.to_owned());
        let ways = ["certificate-revocation", "compromised", "root-generation", word];
        is_forbidden(&stage, FindingId::Cer008, &ways);
    }
    assert!(home.signs_with(&home.fingerprint), "nothing was changed");
    assert!(!stage.medium("root-a").join("keyrite").exists());
}

#[test]
fn stubs_and_keys_that_have_ended_are_refused_with_what_to_do() {
    let (stage, home) = staged("ed25519", "2y", OLD);
    home.gpg(&["--delete-secret-keys", &format!("{}!", home.fingerprint)], b"");
    is_forbidden(&stage, FindingId::Cer008, &["stub (sec#)", "the whole key is"]);

    // The stub of an export without the primary key.
    let (mut stage, home) = staged("ed25519", "2y", OLD);
    home.add_signer();
    let told = home.gpg(&["--export-secret-subkeys", &home.fingerprint], b"");
    let file = stage.home().join("subkeys.gpg");
    fs::write(&file, told.output).unwrap();
    say(&mut stage, "source.path", &file);
    is_forbidden(&stage, FindingId::Cer008, &["stub (sec#)", "the whole key is"]);

    let mut stage = Stage::new();
    let path = stage.home().join("gnupg");
    let home = OldHome::make_when(&path, "ed25519", "2y", OLD, "20200101T000000!");
    say(&mut stage, "source.path", &path);
    stage.otherwise.insert("source.places", String::new());
    stage.otherwise.insert("source.fingerprint", home.fingerprint.clone());
    is_forbidden(&stage, FindingId::Cer008, &["has expired", "--quick-set-expire"]);

    let (stage, home) = staged("ed25519", "2y", OLD);
    let revocation = home.path.join("openpgp-revocs.d").join(format!("{}.rev", home.fingerprint));
    let mended = fs::read_to_string(&revocation).unwrap().replace(":-----BEGIN", "-----BEGIN");
    home.gpg(&["--import"], mended.as_bytes());
    is_forbidden(&stage, FindingId::Cer008, &["is revoked", "root-generation"]);
}

#[test]
fn a_primary_key_on_a_card_is_left_there() {
    let (stage, home) = staged("ed25519", "2y", OLD);
    let mut files = fs::read_dir(home.path.join("private-keys-v1.d")).unwrap();
    let file = files.next().unwrap().unwrap().path();
    assert!(files.next().is_none());
    fs::write(&file, as_card(&fs::read(&file).unwrap())).unwrap();
    assert!(home.secret("sec").unwrap().starts_with("D276"), "gpg knows it as a card");
    is_forbidden(&stage, FindingId::Cer008, &["is on a card", "leave it there"]);
    assert!(file.is_file(), "nothing was changed");
}

#[test]
fn a_key_below_the_rules_stops_until_somebody_takes_it_on_themselves() {
    let (stage, _) = staged("rsa2048", "2y", OLD);
    let mut runner = begin(&stage);
    let found = stopped(&stage, &mut runner);
    let is_small = |one: &Remark| one.id == FindingId::Alg001 && one.weight == Weight::Stops;
    assert!(found.iter().any(is_small), "{found:?}");
    let text = "replaced next year".to_owned();
    runner.reply(Reply::Exception { text, by: "witness".into() }).unwrap();
    until(&stage, &mut runner, "make-root");
}

#[test]
fn a_file_with_the_keys_of_others_is_left_alone_until_they_are_out_of_it() {
    let (mut stage, home) = staged("ed25519", "2y", OLD);
    let other = OldHome::make(&stage.home().join("other"), "ed25519", "2y", OLD);
    let file = stage.home().join("all.gpg");
    home.export(&file, false);
    let ours = fs::read(&file).unwrap();
    other.export(&file, false);
    let theirs = fs::read(&file).unwrap();
    fs::write(&file, [ours.clone(), theirs].concat()).unwrap();
    say(&mut stage, "source.places", &file);
    let mut runner = begin(&stage);
    let place = format!("remove@{}", file.display());
    let remarks = halted(&stage, &mut runner);
    assert_eq!(remarks[0].id, FindingId::Cer009);
    assert!(remarks[0].message.contains("other keys"), "{remarks:?}");
    assert_eq!(runner.step().unwrap().1.as_str(), place);
    fs::write(&file, ours).unwrap();
    runner.reply(Reply::Go).unwrap();
    land(&stage, &mut runner, OLD);
    assert!(!file.exists());
}

#[test]
fn a_copy_that_appears_again_stops_the_proof() {
    let (mut stage, home) = staged("ed25519", "2y", OLD);
    let folder = stage.home().join("old");
    fs::create_dir(&folder).unwrap();
    let copy = folder.join("again.asc");
    home.export(&copy, true);
    let kept = fs::read(&copy).unwrap();
    say(&mut stage, "source.places", &folder);
    let mut runner = begin(&stage);
    while runner.step().is_none_or(|(step, _)| step.id != "prove-gone") {
        match runner.prompt() {
            Prompt::Secret { secret, .. } if secret.name == "source" => {
                runner.reply(Reply::Secret { secret: typed_secret(OLD), again: None }).unwrap();
            }
            _ => stage.fly(&mut runner).unwrap(),
        }
    }
    fs::write(&copy, kept).unwrap();
    runner.reply(Reply::Go).unwrap();
    let Prompt::Halted { remarks, can_except: false } = runner.prompt() else { panic!() };
    assert!(remarks[0].message.contains("again.asc"), "{remarks:?}");
    fs::remove_file(&copy).unwrap();
    runner.reply(Reply::Go).unwrap();
    land(&stage, &mut runner, OLD);
}

#[test]
fn a_copy_with_a_second_name_is_left_alone_and_a_link_leads_to_the_copy() {
    let (mut stage, home) = staged("ed25519", "2y", OLD);
    let folder = stage.home().join("old");
    fs::create_dir(&folder).unwrap();
    let (copy, link) = (folder.join("key.asc"), stage.home().join("link.asc"));
    home.export(&copy, true);
    let second = folder.join("second.asc");
    fs::hard_link(&copy, &second).unwrap();
    std::os::unix::fs::symlink(&copy, &link).unwrap();
    say(&mut stage, "source.places", &link);
    let mut runner = begin(&stage);
    let remarks = halted(&stage, &mut runner);
    assert!(remarks[0].message.contains("has a second name"), "{remarks:?}");
    assert!(remarks[0].message.contains("key.asc"), "{remarks:?}");
    fs::remove_file(&second).unwrap();
    runner.reply(Reply::Go).unwrap();
    land(&stage, &mut runner, OLD);
    assert!(!copy.exists());
}

#[test]
fn a_key_whose_secret_can_be_worked_out_is_refused_with_the_rule() {
    let mut stage = Stage::new();
    let (fingerprint, file) = weak_root();
    let path = stage.home().join("weak.gpg");
    fs::write(&path, file).unwrap();
    say(&mut stage, "source.path", &path);
    stage.otherwise.insert("source.places", String::new());
    stage.otherwise.insert("source.fingerprint", fingerprint);
    is_forbidden(&stage, FindingId::Alg006, &["close"]);
}

#[test]
fn what_is_no_such_key_is_said_and_can_be_taken_back() {
    let (mut stage, home) = staged("ed25519", "2y", OLD);
    for (path, words) in
        [(stage.home().join("nothing"), "there is no such file"), (stage.folder.clone(), "folder")]
    {
        say(&mut stage, "source.path", &path);
        let mut runner = begin(&stage);
        until(&stage, &mut runner, "look");
        runner.reply(Reply::Go).unwrap();
        let failure = runner.run().failure().unwrap().to_owned();
        assert!(failure.contains(words), "{failure}");
        runner.reply(Reply::Back).unwrap();
        assert_eq!(runner.step().unwrap().1.as_str(), "source");
    }
    say(&mut stage, "source.path", &home.path);
    stage.otherwise.insert("source.fingerprint", "A".repeat(40));
    let mut runner = begin(&stage);
    until(&stage, &mut runner, "look");
    runner.reply(Reply::Go).unwrap();
    assert!(runner.run().failure().unwrap().contains("holds no certificate AAAA"));
    drop(runner);
    // A key ID is no fingerprint.
    stage.otherwise.insert("source.fingerprint", home.fingerprint[24..].to_owned());
    let mut runner = begin(&stage);
    until(&stage, &mut runner, "source");
    assert!(matches!(stage.fly(&mut runner), Err(Refused::Answers(_))));
}

#[test]
fn an_answer_that_is_taken_back_after_it_has_stopped_the_run_stands_on_page_one() {
    let (mut stage, _) = staged("ed25519", "2y", OLD);
    stage.otherwise.insert("source.exposed", "ci".to_owned());
    let mut runner = begin(&stage);
    stopped(&stage, &mut runner);
    runner.reply(Reply::Back).unwrap();
    stage.otherwise.insert("source.exposed", "never".to_owned());
    until(&stage, &mut runner, "machine");
    let text = Transcript::of(runner.run(), runner.journal()).text(Signed::NOBODY);
    let page: Vec<_> = text.lines().skip_while(|line| !line.starts_with("Stopped")).collect();
    assert_eq!(page[0], "Stopped, and then answered otherwise: 1");
    assert!(page[1].contains("CER-008: the secret was in CI"), "{page:?}");
}

#[test]
fn line_by_line_a_key_that_was_in_ci_ends_at_the_decision() {
    let hall = Hall::new();
    let home = hall.old_home();
    let sat = hall.pilot_with(hall.start(&[], "root-adoption"), &mut |prompt| match prompt
        .label
        .split(' ')
        .next()
        .unwrap()
    {
        "exposed" => Answer::Say("ci".to_owned()),
        "mend" => Answer::Say(":abandon compromised".to_owned()),
        _ => Answer::Usual,
    });
    for word in ["CER-008", "compromised", "certificate-revocation", "root-generation"] {
        assert!(sat.out.contains(word), "{word}: {sat:#?}");
    }
    let folder = hall.folder_of(&hall.run_of("root-adoption"));
    let transcript = fs::read_to_string(folder.join("transcript.md")).unwrap();
    assert!(transcript.contains("CER-008"), "{transcript}");
    assert!(hall.certificates().is_empty());
    assert!(home.signs_with(&home.fingerprint), "nothing was changed");
}
