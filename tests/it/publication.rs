//! The ceremony `publication`: each target by itself, incidents never written
//! over, revocations everywhere.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use keyrite::domain::finding::FindingId;
use keyrite::domain::publication::Verdict;
use keyrite::engine::catalog::find;
use keyrite::engine::event::{Remark, Weight};
use keyrite::engine::run::Ending;
use keyrite::engine::runner::{Prompt, Refused, Reply, Runner};

use crate::support::pilot::{Stage, plainly, stopped, until};
use crate::target_files::cert;
use sequoia_openpgp::serialize::SerializeInto as _;

/// A team with a key and a subkey, and these folders as targets besides the
/// two that a rehearsal has.
fn team(more: &[(&str, bool)]) -> Stage {
    let stage = Stage::new();
    let file = stage.folder.join("keyrite.toml");
    let mut text = fs::read_to_string(&file).unwrap();
    for (name, blocking) in more {
        let _ = write!(
            text,
            "\n[[targets]]\nid = \"{name}\"\nkind = \"directory\"\nplace = \"{name}\"\n\
             blocking = {blocking}\n"
        );
        fs::create_dir(stage.folder.join(name)).unwrap();
    }
    fs::write(&file, text).unwrap();
    stage.hold("root-generation");
    stage.hold("subkey-issuance");
    stage
}

fn begin(stage: &Stage) -> Runner {
    stage.begin(find("publication").unwrap(), &plainly).unwrap()
}

fn served(stage: &Stage, target: &str) -> PathBuf {
    stage.folder.join(target).join(format!("{}.asc", stage.certificate()))
}

fn is(remarks: &[Remark], id: FindingId, weight: Weight) {
    let found: Vec<_> = remarks.iter().map(|one| (one.id, one.weight)).collect();
    assert!(found.contains(&(id, weight)), "{remarks:?}");
}

fn verdicts(stage: &Stage) -> Vec<(String, Verdict)> {
    let rows = stage.app.drift(&stage.folder).unwrap();
    rows.iter().map(|row| (row.target.id.clone(), row.verdict())).collect()
}

#[test]
fn what_is_published_is_served_observed_and_announced() {
    let stage = team(&[]);
    let all = |verdict| vec![("files".to_owned(), verdict), ("keys-file".to_owned(), verdict)];
    assert_eq!(verdicts(&stage), all(Verdict::Missing));
    let runner = stage.hold("publication");
    assert_eq!(verdicts(&stage), all(Verdict::Match));
    let certificate = stage.certificate();
    let run = stage.folder.join("runs").join(runner.journal().run());
    let mail = fs::read_to_string(run.join("announcement.eml")).unwrap();
    let grouped = keyrite::domain::fingerprint::Fingerprint::from_hex(&certificate).unwrap();
    assert!(mail.contains(&grouped.grouped()) && !mail.contains("published/KEYS"), "{mail}");
    assert!(mail.contains("REHEARSAL: ") && mail.lines().all(|line| line.len() < 78), "{mail}");
    assert!(mail.starts_with("From: \"") && mail.contains("\nDate: "), "{mail}");
    let writers = fs::read_dir(stage.folder.join("observed")).unwrap().count();
    assert_eq!(writers, 1);
    // The bytes that were made once are the ones that are served.
    let made = runner.run().fact("make.minimal", None).unwrap().text();
    let made = fs::read(run.join("artifacts").join(made.trim_start_matches("sha256:"))).unwrap();
    assert_eq!(fs::read(served(&stage, "published")).unwrap(), made);
    drop(runner);
    // Once more changes nothing.
    let keys = fs::read(stage.folder.join("published/KEYS")).unwrap();
    let again = stage.hold("publication");
    for target in ["files", "keys-file"] {
        let state = again.run().fact("publish.state", Some(target)).unwrap().text();
        assert_eq!(state, "was there");
    }
    assert_eq!(fs::read(stage.folder.join("published/KEYS")).unwrap(), keys);
}

#[test]
fn a_key_that_takes_the_place_of_another_says_so_with_both_fingerprints() {
    let stage = team(&[]);
    let (file, new) = (stage.folder.join("keyrite.toml"), stage.certificate());
    let text = fs::read_to_string(&file).unwrap();
    let old = "90F030658B61B491F24ACF6639CCE863A99E811F";
    let declared = format!("certificate = \"{new}\"\n");
    assert!(text.contains(&declared), "{text}");
    fs::write(&file, text.replacen(&declared, &format!("{declared}replaces = \"{old}\"\n"), 1))
        .unwrap();
    let runner = stage.hold("publication");
    let run = stage.folder.join("runs").join(runner.journal().run());
    for name in ["transition-statement.txt", "announcement.eml"] {
        let said = fs::read_to_string(run.join(name)).unwrap();
        for hex in [old, &new] {
            let key = keyrite::domain::fingerprint::Fingerprint::from_hex(hex).unwrap();
            assert!(said.contains(&key.grouped()), "{said}");
        }
    }
}

#[test]
fn a_target_that_fails_in_the_middle_keeps_nobody_waiting() {
    let names = ["t1", "t2", "t3", "t4", "t5", "t6"];
    let stage = team(&names.map(|name| (name, true)));
    let mut runner = begin(&stage);
    until(&stage, &mut runner, "publish@t3");
    let away = stage.folder.join("away");
    fs::rename(stage.folder.join("t3"), &away).unwrap();
    is(&stopped(&stage, &mut runner), FindingId::Pub001, Weight::Stops);
    assert_eq!(runner.step().unwrap().1.as_str(), "again@t3");
    for name in names.iter().filter(|name| **name != "t3") {
        assert!(served(&stage, name).is_file(), "{name}");
    }
    // Another process goes on, and finds it gone still.
    let id = runner.journal().run().to_owned();
    drop(runner);
    let mut runner = stage.resume(find("publication").unwrap(), &id, &plainly).unwrap();
    runner.reply(Reply::Go).unwrap();
    assert!(matches!(runner.prompt(), Prompt::Halted { can_except: true, .. }));
    fs::rename(&away, stage.folder.join("t3")).unwrap();
    runner.reply(Reply::Go).unwrap();
    stage.land(&mut runner).unwrap();
    assert!(matches!(runner.prompt(), Prompt::Ended(Ending::Closed)));
    assert!(verdicts(&stage).iter().all(|(_, verdict)| *verdict == Verdict::Match));
}

#[test]
fn no_run_waits_for_a_target_that_no_rotation_waits_for() {
    let stage = team(&[("extra", false)]);
    fs::remove_dir(stage.folder.join("extra")).unwrap();
    let runner = stage.hold("publication");
    let fact = |name: &str| runner.run().fact(name, Some("extra")).unwrap().text();
    assert_eq!(
        (fact("publish.state"), fact("again.state")),
        ("not done".into(), "not done".into())
    );
    assert_eq!(fact("prove.verdict"), "unreachable");
}

/// Somebody takes on themselves what stops it.
fn except(runner: &mut Runner) {
    let (text, by) = ("TEST looked into".to_owned(), "witness".to_owned());
    runner.reply(Reply::Exception { text, by }).unwrap();
}

#[test]
fn what_the_team_has_not_made_is_never_written_over() {
    let stage = team(&[("t1", true)]);
    let strange = cert("stranger", &[]).strip_secret_key_material().armored().to_vec().unwrap();
    fs::write(served(&stage, "t1"), &strange).unwrap();
    let mut runner = begin(&stage);
    is(&stopped(&stage, &mut runner), FindingId::Pub002, Weight::Stops);
    assert_eq!(runner.step().unwrap().1.as_str(), "look@t1");
    // It keeps the certificate from no other target.
    except(&mut runner);
    stage.land(&mut runner).unwrap();
    assert_eq!(fs::read(served(&stage, "t1")).unwrap(), strange);
    assert!(served(&stage, "published").is_file());
    let fact = |name: &str| runner.run().fact(name, Some("t1")).unwrap().text();
    assert_eq!(
        (fact("publish.state"), fact("prove.verdict")),
        ("left alone".into(), "foreign".into())
    );
    drop(runner);
    // The same where it comes between the look and the write.
    fs::remove_file(served(&stage, "t1")).unwrap();
    let mut runner = begin(&stage);
    until(&stage, &mut runner, "publish@t1");
    fs::write(served(&stage, "t1"), &strange).unwrap();
    is(&stopped(&stage, &mut runner), FindingId::Pub002, Weight::Stops);
    assert_eq!(runner.step().unwrap().1.as_str(), "publish@t1");
    except(&mut runner);
    is(&stopped(&stage, &mut runner), FindingId::Pub002, Weight::Stops);
    assert_eq!(fs::read(served(&stage, "t1")).unwrap(), strange);
}

#[test]
fn what_was_taken_away_is_put_back_when_that_is_on_record() {
    let stage = team(&[("t1", true)]);
    stage.hold("publication");
    fs::remove_file(served(&stage, "t1")).unwrap();
    let mut runner = begin(&stage);
    is(&stopped(&stage, &mut runner), FindingId::Pub002, Weight::Stops);
    assert!(!served(&stage, "t1").exists());
    except(&mut runner);
    stage.land(&mut runner).unwrap();
    assert!(served(&stage, "t1").is_file());
    assert!(verdicts(&stage).iter().all(|(_, verdict)| *verdict == Verdict::Match));
}

#[test]
fn what_changes_after_people_have_agreed_is_not_written_to() {
    let stage = team(&[("t1", true)]);
    let mut runner = begin(&stage);
    until(&stage, &mut runner, "publish@t1");
    // Somebody of the team was faster.
    let file = stage.folder.join("keyrite.toml");
    let text = fs::read_to_string(&file).unwrap();
    let id = runner.journal().run().to_owned();
    drop(runner);
    fs::create_dir(stage.folder.join("t2")).unwrap();
    fs::write(&file, text.replace("place = \"t1\"", "place = \"t2\"")).unwrap();
    let mut runner = stage.resume(find("publication").unwrap(), &id, &plainly).unwrap();
    // The others have had their turn; whoever goes on without it says why.
    is(&stopped(&stage, &mut runner), FindingId::Pub007, Weight::Stops);
    assert_eq!(runner.step().unwrap().1.as_str(), "again@t1");
    assert!(!served(&stage, "t2").exists() && !served(&stage, "t1").exists());
    assert!(served(&stage, "published").is_file());
    // One that is declared no more does not end it, either.
    fs::write(&file, text.replace("id = \"t1\"", "id = \"other\"")).unwrap();
    drop(runner);
    let mut runner = stage.resume(find("publication").unwrap(), &id, &plainly).unwrap();
    if matches!(runner.prompt(), Prompt::Halted { .. }) {
        except(&mut runner);
    }
    stage.land(&mut runner).unwrap();
    let seen = runner.run().fact("prove.there", Some("t1")).unwrap().text();
    assert!(seen.contains("no target 't1' any more"), "{seen}");
}

#[test]
fn a_target_that_cannot_be_looked_at_any_more_is_not_passed_over() {
    let stage = team(&[("t1", true)]);
    let mut runner = begin(&stage);
    until(&stage, &mut runner, "prove@t1");
    let id = runner.journal().run().to_owned();
    drop(runner);
    let file = stage.folder.join("keyrite.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("place = \"t1\"", "place = \"t2\"")).unwrap();
    let mut runner = stage.resume(find("publication").unwrap(), &id, &plainly).unwrap();
    is(&stopped(&stage, &mut runner), FindingId::Pub007, Weight::Stops);
    assert_eq!(runner.step().unwrap().1.as_str(), "prove@t1");
    drop(runner);
    fs::write(&file, text).unwrap();
    let mut runner = stage.resume(find("publication").unwrap(), &id, &plainly).unwrap();
    runner.reply(Reply::Go).unwrap();
    stage.land(&mut runner).unwrap();
    assert_eq!(runner.run().fact("prove.verdict", Some("t1")).unwrap().text(), "match");
}

#[test]
fn a_target_that_refuses_holds_a_revocation_back_from_nobody() {
    let stage = team(&[("t1", true), ("t2", true)]);
    let file = stage.folder.join("keyrite.toml");
    let text = fs::read_to_string(&file).unwrap();
    let (plain, mirror) =
        ("kind = \"directory\"\nplace = \"t1\"", "kind = \"spack-mirror\"\nplace = \"t1\"");
    let settings = "settings = { layout = \"v2\" }\nblocking = true";
    let changed = text.replace(plain, mirror).replacen(
        &format!("{mirror}\nblocking = true"),
        &format!("{mirror}\n{settings}"),
        1,
    );
    assert!(changed.contains("v2"), "{text}");
    fs::write(&file, changed).unwrap();
    stage.hold("publication");
    stage.hold("subkey-revocation");
    let index = stage.folder.join("t1/build_cache/_pgp/index.json");
    let good = fs::read(&index).unwrap();
    fs::write(&index, "{").unwrap();
    let mut runner = begin(&stage);
    let remarks = stopped(&stage, &mut runner);
    is(&remarks, FindingId::Pub007, Weight::Stops);
    assert!(remarks[0].message.contains("cannot be read"), "{remarks:?}");
    assert_eq!(runner.step().unwrap().1.as_str(), "again@t1");
    let revoked = stage.folder.join(format!("t2/{}.asc", stage.certificate()));
    assert_ne!(
        fs::read(&revoked).unwrap(),
        fs::read(
            stage.folder.join("t1/build_cache/_pgp").join(format!("{}.pub", stage.certificate()))
        )
        .unwrap()
    );
    // It is mended, and gets it in the same run.
    fs::write(&index, good).unwrap();
    runner.reply(Reply::Go).unwrap();
    stage.land(&mut runner).unwrap();
    assert!(verdicts(&stage).iter().all(|(_, verdict)| *verdict == Verdict::Match));
}

#[test]
fn a_revocation_goes_to_every_target() {
    let mut stage = team(&[("t1", false)]);
    stage.hold("publication");
    stage.hold("subkey-revocation");
    stage.otherwise.insert("where.targets", "files".to_owned());
    let mut runner = begin(&stage);
    until(&stage, &mut runner, "where");
    let refused = stage.fly(&mut runner).unwrap_err();
    assert!(matches!(&refused, Refused::Answers(_)), "{refused:?}");
    assert!(refused.to_string().contains("goes to all targets"), "{refused}");
    stage.otherwise.clear();
    stage.land(&mut runner).unwrap();
    for target in ["files", "keys-file", "t1"] {
        let there = runner.run().fact("look.there", Some(target)).unwrap().items();
        assert!(there.iter().any(|line| line.contains("lacks: revocation")), "{there:?}");
    }
    let revoked = runner.journal().run().to_owned();
    assert!(verdicts(&stage).iter().all(|(_, verdict)| *verdict == Verdict::Match));
    drop(runner);
    let run = stage.folder.join("runs").join(&revoked);
    let mail = fs::read_to_string(run.join("announcement.eml")).unwrap();
    assert!(mail.contains("REVOKED on ") && mail.contains("a subkey of it is revoked"), "{mail}");
    assert!(mail.contains("Trust nothing that it has signed"), "{mail}");
    // From now on one target is enough.
    stage.otherwise.insert("where.targets", "files".to_owned());
    stage.hold("publication");
}
