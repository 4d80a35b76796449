//! A key that exists becomes an offline root: from homes made by gpg, and from
//! exports.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use keyrite::domain::finding::FindingId;
use keyrite::domain::lint::lint;
use keyrite::engine::catalog::find;
use keyrite::engine::event::{Event, Remark, Weight};
use keyrite::engine::runner::{Prompt, Refused, Reply, Runner};

use crate::support::adopting::{OLD, begin, is_on_both, land, say, staged, typed_secret};
use crate::support::old_home::OldHome;
use crate::support::pilot::{Stage, plainly, typed, until};
use crate::support::tree::copy;

/// All that was remarked on the way.
fn remarks(runner: &Runner) -> Vec<Remark> {
    let entries = runner.journal().entries().iter();
    entries
        .filter_map(|entry| match &entry.event {
            Event::Observed { remarks, .. } => Some(remarks.clone()),
            _ => None,
        })
        .flatten()
        .collect()
}

#[test]
fn an_rsa_home_becomes_an_offline_root_with_a_new_subkey_and_nothing_is_left_there() {
    let (mut stage, home) = staged("rsa3072", "2y", OLD);
    home.add_signer();
    home.add_signer();
    let signers = home.signers();
    let key_file = fs::read_dir(home.path.join("private-keys-v1.d")).unwrap();
    let largest =
        key_file.map(|one| one.unwrap().path()).max_by_key(|p| p.metadata().unwrap().len());
    let backup = format!("{}~", largest.unwrap().display());
    fs::copy(backup.trim_end_matches('~'), &backup).unwrap();
    let old = stage.home().join("old");
    fs::create_dir(&old).unwrap();
    home.export(&old.join("armored.asc"), true);
    home.export(&old.join("binary.gpg"), false);
    fs::write(old.join("letter.txt"), "TEST: no key").unwrap();
    // A backup of the folder with the secrets, without the certificate.
    let secrets = stage.home().join("secrets");
    fs::create_dir(&secrets).unwrap();
    copy(&home.path.join("private-keys-v1.d"), &secrets);
    let before = fs::read_dir(&secrets).unwrap().count();
    let both = format!("{}; {}", old.display(), secrets.display());
    stage.otherwise.insert("source.places", both);
    assert!(home.signs_with(&home.fingerprint));
    let mut runner = begin(&stage);
    land(&stage, &mut runner, OLD);
    is_on_both(&stage, &home.fingerprint);
    // The home has a stub, and the secrets of the subkeys that signed before.
    assert_eq!(home.secret("sec").as_deref(), Some("#"));
    assert!(!home.signs_with(&home.fingerprint));
    assert!(signers.iter().all(|signer| home.signs_with(signer)));
    let copies = runner.run().fact("look.copies", None).unwrap().items();
    assert_eq!(copies.len(), 7, "key file and backup, twice, revocation, two exports: {copies:?}");
    assert_eq!(fs::read_dir(&secrets).unwrap().count(), before - 2, "those of subkeys stay");
    assert!(copies.iter().all(|copy| !Path::new(copy).exists()));
    assert!(old.join("letter.txt").exists());
    // Each of them is asked about, and the workspace has them and the new one.
    let mut asked = runner.run().fact("look.signers", None).unwrap().items();
    asked.sort();
    let mut wanted = signers.clone();
    wanted.sort();
    assert_eq!(asked, wanted);
    assert!(signers.iter().all(|one| runner.run().fact("signer.fate", Some(one)).is_some()));
    let world = stage.app.world(&stage.folder).unwrap();
    assert_eq!(world.certificates[0].certificate.subkeys.len(), 3);
    // What goes with a file is told before.
    let told = remarks(&runner);
    let goes = |one: &&Remark| one.message.contains("the secrets of 2 subkeys in it");
    assert_eq!(told.iter().filter(goes).count(), 2, "{told:?}");
    // What is left to do is told.
    let told = lint(&world.certificates[0], &world.team.policy);
    assert!(told.iter().any(|one| one.id == FindingId::Cap001), "{told:?}");
}

#[test]
fn a_key_without_a_passphrase_is_told_of_and_gets_one() {
    let (stage, home) = staged("ed25519", "2y", "");
    let mut runner = begin(&stage);
    stage.land(&mut runner).unwrap();
    let told = remarks(&runner);
    assert!(told.iter().any(|one| one.id == FindingId::Cer008 && one.weight == Weight::Told));
    is_on_both(&stage, &home.fingerprint);
    assert!(!home.signs_with(&home.fingerprint));
}

#[test]
fn a_wrong_passphrase_is_answered_the_same_way_three_times_and_then_the_run_pauses() {
    let (stage, home) = staged("ed25519", "2y", OLD);
    let mut runner = begin(&stage);
    until(&stage, &mut runner, "make-root");
    let mut said = Vec::new();
    for wrong in ["TEST wrong", "TEST what it was befor", ""] {
        let secret = typed_secret(if wrong.is_empty() { " " } else { wrong });
        runner.reply(Reply::Secret { secret, again: None }).unwrap();
        if matches!(runner.prompt(), Prompt::Secret { .. }) {
            stage.fly(&mut runner).unwrap();
        }
        runner.reply(Reply::Go).unwrap();
        said.push(runner.run().failure().map(str::to_owned));
    }
    assert!(
        said.iter().all(|one| one.as_deref() == said[0].as_deref() && one.is_some()),
        "{said:?}"
    );
    assert!(matches!(runner.prompt(), Prompt::Paused));
    let id = runner.journal().run().to_owned();
    drop(runner);
    assert!(home.signs_with(&home.fingerprint), "nothing was changed");
    let ceremony = find("root-adoption").unwrap();
    let mut runner = stage.resume(ceremony, &id, &plainly).unwrap();
    land(&stage, &mut runner, OLD);
    is_on_both(&stage, &home.fingerprint);
}

#[test]
fn what_is_typed_to_remove_a_copy_is_the_whole_fingerprint() {
    let stage = Stage::new();
    let home = stage.old_home();
    let mut runner = begin(&stage);
    let is_asked = |runner: &Runner| runner.step().is_some_and(|(s, _)| s.id == "confirm-removal");
    while !is_asked(&runner) {
        stage.fly(&mut runner).unwrap();
    }
    let Prompt::Confirm(confirmation) = runner.prompt() else { panic!() };
    assert_eq!(confirmation.subject, home.fingerprint);
    let wrong = vec!["DEAD".to_owned(); 2];
    assert!(matches!(runner.reply(Reply::Typed(wrong)), Err(Refused::Typing(_))));
    assert!(stage.export().exists() && home.signs_with(&home.fingerprint));
    runner.reply(Reply::Typed(typed(&confirmation))).unwrap();
    stage.land(&mut runner).unwrap();
    assert!(!stage.export().exists());
}

#[test]
fn a_home_of_old_gnupg_is_a_source_and_a_copy_like_any_other() {
    let mut stage = Stage::new();
    let new = OldHome::make(&stage.home().join("new"), "rsa3072", "2y", OLD);
    let old = stage.home().join("gnupg");
    fs::create_dir(&old).unwrap();
    fs::set_permissions(&old, fs::Permissions::from_mode(0o700)).unwrap();
    new.export(&old.join("secring.gpg"), false);
    fs::copy(old.join("secring.gpg"), old.join("secring.gpg~")).unwrap();
    fs::write(old.join("pubring.gpg"), new.gpg(&["--export"], b"").output).unwrap();
    say(&mut stage, "source.path", &old);
    say(&mut stage, "source.places", &new.path);
    stage.otherwise.insert("source.fingerprint", new.fingerprint.clone());
    let mut runner = begin(&stage);
    land(&stage, &mut runner, OLD);
    is_on_both(&stage, &new.fingerprint);
    let copies = runner.run().fact("look.copies", None).unwrap().items();
    for name in ["secring.gpg", "secring.gpg~"] {
        assert!(copies.iter().any(|copy| copy.ends_with(name)), "{copies:?}");
        assert!(!old.join(name).exists());
    }
    assert!(!new.signs_with(&new.fingerprint));
}

#[test]
fn a_binary_backup_without_a_home_is_adopted_and_removed() {
    let (mut stage, home) = staged("ed25519", "2y", OLD);
    let backup = stage.home().join("backup.gpg");
    home.export(&backup, false);
    fs::remove_dir_all(&home.path).unwrap();
    say(&mut stage, "source.path", &backup);
    let mut runner = begin(&stage);
    land(&stage, &mut runner, OLD);
    is_on_both(&stage, &home.fingerprint);
    assert!(!backup.exists());
}
