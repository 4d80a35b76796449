//! A key that exists becomes an offline root: from homes made by gpg, from
//! exports, and not at all.

use std::fs;
use std::path::Path;

use keyrite::adapters::openpgp::open;
use keyrite::domain::finding::FindingId;
use keyrite::domain::fingerprint::Fingerprint;
use keyrite::domain::lint::lint;
use keyrite::engine::catalog::find;
use keyrite::engine::event::{Event, Remark, Weight};
use keyrite::engine::run::Ending;
use keyrite::engine::runner::{Prompt, Refused, Reply, Runner};
use keyrite::engine::secret::Secret;

use crate::support::old_home::OldHome;
use crate::support::pilot::{PASSPHRASE, Stage, passphrase, plainly, stopped, typed, until};

const OLD: &str = "TEST what it was before";

/// A stage with a home, which is the source; the key is there only.
fn staged(algorithm: &str, ends: &str, passphrase: &str) -> (Stage, OldHome) {
    let mut stage = Stage::new();
    let home = OldHome::make(&stage.home().join("gnupg"), algorithm, ends, passphrase);
    say(&mut stage, "source.path", &home.path);
    stage.otherwise.insert("source.places", String::new());
    stage.otherwise.insert("source.fingerprint", home.fingerprint.clone());
    (stage, home)
}

fn say(stage: &mut Stage, question: &'static str, path: &Path) {
    stage.otherwise.insert(question, path.to_str().unwrap().to_owned());
}

fn begin(stage: &Stage) -> Runner {
    stage.begin(find("root-adoption").unwrap(), &plainly).unwrap()
}

/// Goes on to the end, with the passphrase that the key had.
fn land(stage: &Stage, runner: &mut Runner, old: &str) {
    for _ in 0..300 {
        match runner.prompt() {
            Prompt::Ended(ending) => {
                assert_eq!(ending, Ending::Closed);
                return;
            }
            Prompt::Secret { secret, .. } if secret.name == "source" => {
                runner.reply(Reply::Secret { secret: typed_secret(old), again: None }).unwrap();
            }
            _ => stage.fly(runner).unwrap(),
        }
        let last = runner.journal().entries().last().map(|entry| &entry.event);
        assert!(!matches!(last, Some(Event::Failed { .. })), "{last:?}");
    }
    panic!("it does not end: {:?}", runner.prompt());
}

fn typed_secret(text: &str) -> Secret {
    Secret::take(&mut text.as_bytes().to_vec()).unwrap()
}

/// The key is on both media under the new passphrase.
fn is_on_both(stage: &Stage, hex: &str) {
    let fingerprint = Fingerprint::from_hex(hex).unwrap();
    for medium in ["root-a", "root-b"] {
        let set = stage.medium(medium).join("keyrite").join(hex);
        open(&fs::read(set.join("root.pgp")).unwrap(), &fingerprint, &passphrase()).unwrap();
    }
}

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
    say(&mut stage, "source.places", &old);
    assert!(home.signs_with(&home.fingerprint));
    let mut runner = begin(&stage);
    land(&stage, &mut runner, OLD);
    is_on_both(&stage, &home.fingerprint);
    // The home has a stub, and the secrets of the subkeys that signed before.
    assert_eq!(home.secret("sec").as_deref(), Some("#"));
    assert!(!home.signs_with(&home.fingerprint));
    assert!(signers.iter().all(|signer| home.signs_with(signer)));
    let copies = runner.run().fact("look.copies", None).unwrap().items();
    assert_eq!(copies.len(), 5, "key file, backup, revocation, two exports: {copies:?}");
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
    until(&stage, &mut runner, "take-root");
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
fn a_key_below_the_rules_stops_until_somebody_takes_it_on_themselves() {
    let (stage, _) = staged("rsa2048", "2y", OLD);
    let mut runner = begin(&stage);
    let found = stopped(&stage, &mut runner);
    let is_small = |one: &Remark| one.id == FindingId::Alg001 && one.weight == Weight::Stops;
    assert!(found.iter().any(is_small), "{found:?}");
    let text = "replaced next year".to_owned();
    runner.reply(Reply::Exception { text, by: "witness".into() }).unwrap();
    until(&stage, &mut runner, "take-root");
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
    for _ in 0..300 {
        match runner.prompt() {
            Prompt::Halted { .. } => break,
            Prompt::Secret { secret, .. } if secret.name == "source" => {
                runner.reply(Reply::Secret { secret: typed_secret(OLD), again: None }).unwrap();
            }
            _ => stage.fly(&mut runner).unwrap(),
        }
    }
    let Prompt::Halted { remarks, can_except: false } = runner.prompt() else { panic!() };
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
    assert!(!PASSPHRASE.is_empty() && !stage.export().exists());
}
