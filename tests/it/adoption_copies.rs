//! Copies of an adopted key: what is out of reach is not gone, what belongs to
//! somebody else is left alone, and media are no copies.

use std::fs;
use std::os::unix::fs::symlink;

use keyrite::domain::finding::FindingId;
use keyrite::engine::event::{Remark, Weight};
use keyrite::engine::runner::{Prompt, Reply, Runner};

use crate::support::adopting::{OLD, begin, halted, is_on_both, land, say, staged, typed_secret};
use crate::support::old_home::OldHome;
use crate::support::pilot::{Stage, until};

/// Goes on to the step of that name, with the passphrase that the key had.
fn go_to(stage: &Stage, runner: &mut Runner, step: &str) {
    while runner.step().is_none_or(|(_, at)| at.step() != step) {
        match runner.prompt() {
            Prompt::Secret { secret, .. } if secret.name == "source" => {
                runner.reply(Reply::Secret { secret: typed_secret(OLD), again: None }).unwrap();
            }
            _ => stage.fly(runner).unwrap(),
        }
    }
}

/// What stops the run at its next step, which somebody can take on themselves.
#[track_caller]
fn stops(stage: &Stage, runner: &mut Runner, word: &str) -> Vec<Remark> {
    for _ in 0..6 {
        if let Prompt::Halted { remarks, can_except } = runner.prompt() {
            assert!(can_except && remarks[0].id == FindingId::Cer009, "{remarks:?}");
            assert!(remarks[0].message.contains(word), "{remarks:?}");
            return remarks;
        }
        stage.fly(runner).unwrap();
    }
    panic!("nothing has stopped it");
}

#[test]
fn a_copy_whose_medium_is_out_is_not_gone() {
    let (mut stage, home) = staged("ed25519", "2y", OLD);
    let stick = stage.home().join("stick");
    fs::create_dir(&stick).unwrap();
    let copy = stick.join("backup.asc");
    home.export(&copy, true);
    say(&mut stage, "source.places", &copy);
    let mut runner = begin(&stage);
    go_to(&stage, &mut runner, "confirm-removal");
    let away = stage.home().join("stick.away");
    fs::rename(&stick, &away).unwrap();
    while !runner.step().unwrap().1.as_str().ends_with("backup.asc") {
        stage.fly(&mut runner).unwrap();
    }
    stops(&stage, &mut runner, "backup.asc is not there");
    // Looking again changes nothing, until the medium is back.
    runner.reply(Reply::Go).unwrap();
    stops(&stage, &mut runner, "backup.asc is not there");
    fs::rename(&away, &stick).unwrap();
    runner.reply(Reply::Go).unwrap();
    assert!(!copy.exists());
    land(&stage, &mut runner, OLD);
    assert_eq!(fs::read_dir(&stick).unwrap().count(), 0, "no mark stays behind");
    let private = fs::read_dir(home.path.join("private-keys-v1.d")).unwrap();
    assert_eq!(private.count(), 0, "nor in the home");
}

#[test]
fn a_copy_that_somebody_has_removed_by_hand_is_taken_on_by_the_witness() {
    let (mut stage, home) = staged("ed25519", "2y", OLD);
    let copy = stage.home().join("backup.asc");
    home.export(&copy, true);
    say(&mut stage, "source.places", &copy);
    let mut runner = begin(&stage);
    go_to(&stage, &mut runner, "confirm-removal");
    fs::remove_file(&copy).unwrap();
    while !runner.step().unwrap().1.as_str().ends_with("backup.asc") {
        stage.fly(&mut runner).unwrap();
    }
    stops(&stage, &mut runner, "nobody has removed it in this run");
    let text = "TEST shredded by driver, witness saw it".to_owned();
    runner.reply(Reply::Exception { text, by: "witness".into() }).unwrap();
    land(&stage, &mut runner, OLD);
    assert_eq!(runner.run().exceptions.len(), 1);
}

#[test]
fn a_place_that_cannot_be_reached_is_not_counted_as_searched() {
    let (mut stage, _) = staged("ed25519", "2y", OLD);
    let folder = stage.home().join("old");
    fs::create_dir(&folder).unwrap();
    say(&mut stage, "source.places", &folder);
    let mut runner = begin(&stage);
    go_to(&stage, &mut runner, "prove-gone");
    let away = stage.home().join("old.away");
    fs::rename(&folder, &away).unwrap();
    stops(&stage, &mut runner, "nobody could look");
    fs::rename(&away, &folder).unwrap();
    runner.reply(Reply::Go).unwrap();
    land(&stage, &mut runner, OLD);
    let proof = runner.run().fact("prove-gone.proof", None).unwrap().text();
    assert_eq!(proof, "no copy in 2 places; GnuPG cannot sign with it");
}

#[test]
fn a_place_that_is_misspelt_is_told_at_the_look() {
    let (mut stage, _) = staged("ed25519", "2y", OLD);
    let folder = stage.home().join("bakups");
    say(&mut stage, "source.places", &folder);
    let mut runner = begin(&stage);
    until(&stage, &mut runner, "look");
    runner.reply(Reply::Go).unwrap();
    let failure = runner.run().failure().unwrap().to_owned();
    assert!(failure.contains("bakups: there is no such file or folder"), "{failure}");
    runner.reply(Reply::Back).unwrap();
    // What is in folders below is told, too.
    fs::create_dir_all(folder.join("below")).unwrap();
    stage.fly(&mut runner).unwrap();
    runner.reply(Reply::Go).unwrap();
    let told = format!("{:?}", runner.journal().entries());
    assert!(told.contains("1 entry was not looked into"), "{told}");
}

#[test]
fn a_medium_of_a_root_is_neither_a_source_nor_a_copy() {
    let mut stage = Stage::new();
    stage.hold("root-generation");
    let hex = stage.certificate();
    let root = |name: &str| stage.medium(name).join("keyrite").join(&hex).join("root.pgp");
    let (first, second) = (root("root-a"), root("root-b"));
    let home = OldHome::make(&stage.home().join("gnupg"), "ed25519", "2y", OLD);
    for (source, place) in [(&first, &second), (&home.path, &second)] {
        say(&mut stage, "source.path", source);
        say(&mut stage, "source.places", place);
        stage.otherwise.insert("source.fingerprint", hex.clone());
        let mut runner = begin(&stage);
        let remarks = halted(&stage, &mut runner);
        assert_eq!((remarks[0].id, remarks[0].weight), (FindingId::Cer008, Weight::Forbids));
        assert!(remarks[0].remedy.contains("lost-medium"), "{remarks:?}");
        runner.reply(Reply::Abandon { reason: "TEST".into() }).unwrap();
    }
    assert!(first.is_file() && second.is_file());
}

#[test]
fn links_to_the_keys_of_others_are_left_alone() {
    let (stage, home) = staged("ed25519", "2y", OLD);
    let bob = OldHome::make(&stage.home().join("bob"), "ed25519", "2y", OLD);
    let key_of = |home: &OldHome| {
        let private = fs::read_dir(home.path.join("private-keys-v1.d")).unwrap();
        private.map(|entry| entry.unwrap().path()).next().unwrap()
    };
    let (ours, theirs) = (key_of(&home), key_of(&bob));
    symlink(&theirs, format!("{}.old", ours.display())).unwrap();
    let revocations = home.path.join("openpgp-revocs.d");
    let rev = bob.path.join("openpgp-revocs.d").join(format!("{}.rev", bob.fingerprint));
    symlink(&rev, revocations.join(format!("{}-2.rev", home.fingerprint))).unwrap();
    let mut runner = begin(&stage);
    land(&stage, &mut runner, OLD);
    assert!(theirs.is_file() && rev.is_file());
    assert!(bob.signs_with(&bob.fingerprint), "what is somebody else's is untouched");
    assert!(!home.signs_with(&home.fingerprint));
    is_on_both(&stage, &home.fingerprint);
}

#[test]
fn a_key_file_of_gnupg_is_found_whatever_it_is_called() {
    let (mut stage, home) = staged("ed25519", "2y", OLD);
    let folder = stage.home().join("old");
    fs::create_dir(&folder).unwrap();
    let private = fs::read_dir(home.path.join("private-keys-v1.d")).unwrap();
    let key = private.map(|entry| entry.unwrap().path()).next().unwrap();
    let copy = folder.join("master-backup.key");
    fs::copy(&key, &copy).unwrap();
    say(&mut stage, "source.places", &folder);
    let mut runner = begin(&stage);
    land(&stage, &mut runner, OLD);
    assert!(!copy.exists());
}

#[test]
fn the_only_secrets_of_subkeys_do_not_go_with_a_file_in_silence() {
    let (mut stage, home) = staged("ed25519", "2y", OLD);
    home.add_signer();
    let file = stage.home().join("only.asc");
    home.export(&file, true);
    say(&mut stage, "source.path", &file);
    let mut runner = begin(&stage);
    until(&stage, &mut runner, "look");
    let remarks = stops(&stage, &mut runner, "go the secrets of 1 subkey");
    assert!(remarks[0].remedy.contains("nothing brings them back"), "{remarks:?}");
    drop(runner);
    // A home that has them keeps them.
    say(&mut stage, "source.places", &home.path);
    let mut runner = begin(&stage);
    until(&stage, &mut runner, "look");
    runner.reply(Reply::Go).unwrap();
    assert!(runner.run().halt().is_none());
}

#[test]
fn a_home_with_much_to_complain_about_does_not_make_it_hang() {
    let (stage, home) = staged("ed25519", "2y", OLD);
    // Each packet of an unknown kind is one more line of complaint.
    let mut ring = fs::read(home.path.join("pubring.kbx")).unwrap();
    let told = home.gpg(&["--export"], b"");
    ring.clear();
    ring.extend(told.output);
    for _ in 0..8_000 {
        ring.extend([0xc0 | 6, 4, 9, 9, 9, 9]);
    }
    fs::remove_file(home.path.join("pubring.kbx")).unwrap();
    fs::write(home.path.join("pubring.gpg"), ring).unwrap();
    let mut runner = begin(&stage);
    until(&stage, &mut runner, "look");
    // It comes back, whatever gpg makes of it.
    runner.reply(Reply::Go).unwrap();
}
