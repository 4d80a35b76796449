//! A medium with the primary key is lost: each way, and what the record and
//! the rules say afterwards.

use std::fs;
use std::path::Path;

use keyrite::adapters::openpgp::{open, protection};
use keyrite::adapters::runs;
use keyrite::domain::assessment::Assessment;
use keyrite::domain::custody::{Held, Register};
use keyrite::domain::finding::{FindingId, Severity};
use keyrite::domain::fingerprint::Fingerprint;
use keyrite::domain::keyspec::Protection;
use keyrite::domain::lint::lint_custody;
use keyrite::domain::period::Period;
use keyrite::domain::schedule::{ActionKind, Due, drills};
use keyrite::domain::timestamp::Timestamp;
use keyrite::engine::catalog::find;
use keyrite::engine::effect::Value;
use keyrite::engine::event::Weight;
use keyrite::engine::run::{Ending, Next};
use keyrite::engine::runner::{Prompt, Refused, Reply, Runner};
use keyrite::engine::secret::Secret;

use crate::support::pilot::{PASSPHRASE, Stage, passphrase, plainly, stopped, until};

const NEW: &str = "TEST another horse, another staple";

fn begin(stage: &Stage) -> Runner {
    stage.begin(find("lost-medium").unwrap(), &plainly).unwrap()
}

/// A stage with a root, on which that is said of the loss.
fn after(said: &[(&'static str, &str)]) -> Stage {
    let mut stage = Stage::new();
    stage.hold("root-generation");
    stage.otherwise.extend(said.iter().map(|(field, value)| (*field, (*value).to_owned())));
    stage
}

fn fact(runner: &Runner, name: &str) -> String {
    runner.run().fact(name, None).unwrap().text()
}

fn key(stage: &Stage) -> Fingerprint {
    Fingerprint::from_hex(&stage.certificate()).unwrap()
}

fn root(stage: &Stage, medium: &str) -> Vec<u8> {
    let set = stage.medium(medium).join("keyrite").join(stage.certificate());
    fs::read(set.join("root.pgp")).unwrap()
}

/// The media that the register knows, by the names of their folders.
fn known(stage: &Stage, register: &Register) -> Vec<&'static str> {
    let copies: Vec<_> = register.of(Held::Root, &key(stage)).collect();
    let names = ["root-a", "root-b", "root-c"].into_iter();
    let is_named = |name: &&str| stage.medium(name).join("keyrite").exists();
    let is_known = |name: &&str| copies.iter().any(|c| c.medium.as_str() == stage.id_of(name));
    names.filter(is_named).filter(is_known).collect()
}

fn told(stage: &Stage, now: Timestamp) -> Vec<(FindingId, Severity, String)> {
    let certificates = stage.app.world(&stage.folder).unwrap().certificates;
    let all: Vec<&Assessment> = certificates.iter().collect();
    let found = lint_custody(&runs::register(&stage.folder), &all, now);
    found.into_iter().map(|one| (one.id, one.severity, one.message)).collect()
}

fn give(runner: &mut Runner, text: &str) {
    let Prompt::Secret { secret, .. } = runner.prompt() else { panic!("{:?}", runner.prompt()) };
    let made = || Secret::take(&mut text.as_bytes().to_vec()).unwrap();
    let again = secret.is_new.then(made);
    runner.reply(Reply::Secret { secret: made(), again }).unwrap();
}

#[test]
fn a_damaged_medium_is_replaced_byte_for_byte_and_leaves_the_register() {
    let stage = after(&[]);
    let before = root(&stage, "root-a");
    fs::write(
        stage.medium("root-a").join("keyrite").join(stage.certificate()).join("root.pgp"),
        "x",
    )
    .unwrap();
    let runner = stage.hold("lost-medium");
    assert_eq!(fact(&runner, "judge.way"), "restore");
    assert_eq!(root(&stage, "root-b"), before);
    assert_eq!(root(&stage, "root-c"), before);
    let register = runs::register(&stage.folder);
    assert_eq!(known(&stage, &register), ["root-b", "root-c"]);
    assert_eq!(register.exposed_since(&key(&stage)), None);
    assert_eq!(told(&stage, stage.app.now()), []);
}

#[test]
fn a_missing_medium_costs_a_new_passphrase_and_in_ninety_days_the_key() {
    let stage = after(&[("lost.how", "missing")]);
    let mut runner = begin(&stage);
    until(&stage, &mut runner, "restore");
    give(&mut runner, PASSPHRASE);
    give(&mut runner, NEW);
    while !matches!(runner.prompt(), Prompt::Ended(_)) {
        match runner.prompt() {
            Prompt::Secret { .. } => give(&mut runner, NEW),
            _ => stage.fly(&mut runner).unwrap(),
        }
    }
    let fingerprint = key(&stage);
    let new = Secret::take(&mut NEW.as_bytes().to_vec()).unwrap();
    for medium in ["root-b", "root-c"] {
        let file = root(&stage, medium);
        open(&file, &fingerprint, &new).unwrap();
        assert!(open(&file, &fingerprint, &passphrase()).is_err(), "{medium}");
        assert_eq!(protection(&file, &fingerprint).unwrap(), Protection::Iterated);
    }
    let register = runs::register(&stage.folder);
    assert_eq!(known(&stage, &register), ["root-b", "root-c"]);
    let since = register.exposed_since(&fingerprint).unwrap();
    let now = stage.app.now();
    let said = told(&stage, now);
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!((said[0].0, said[0].1), (FindingId::Cer010, Severity::Warning));
    let later = told(&stage, now.after(Period::Days(91)));
    assert!(later.iter().any(|one| (one.0, one.1) == (FindingId::Cer010, Severity::Error)));
    // It stands in the schedule until the key is replaced.
    let name = (fingerprint, "TEST".to_owned());
    let actions = drills(now, &register, std::slice::from_ref(&name));
    let action = actions.iter().find(|one| one.kind == ActionKind::ReplacePrimary).unwrap();
    assert_eq!(action.due, Due::Now);
    assert_eq!(action.latest_safe.date(), since.after(Period::Days(90)).date());
    let actions = drills(now.after(Period::Days(91)), &register, &[name]);
    assert!(actions.iter().any(|one| one.due == Due::Overdue), "{actions:?}");
}

#[test]
fn the_old_passphrase_is_asked_for_again_when_it_does_not_open() {
    let stage = after(&[("lost.how", "missing")]);
    let mut runner = begin(&stage);
    until(&stage, &mut runner, "restore");
    let before = root(&stage, "root-b");
    give(&mut runner, "TEST it was something like this");
    give(&mut runner, NEW);
    runner.reply(Reply::Go).unwrap();
    let Prompt::Secret { secret, .. } = runner.prompt() else { panic!("{:?}", runner.prompt()) };
    assert_eq!(secret.name, "source");
    assert_eq!(root(&stage, "root-b"), before);
    assert!(!stage.medium("root-c").join("keyrite").join(stage.certificate()).exists());
    give(&mut runner, PASSPHRASE);
    runner.reply(Reply::Go).unwrap();
    assert!(stage.medium("root-c").join("keyrite").join(stage.certificate()).exists());
}

#[test]
fn what_somebody_else_may_open_ends_at_the_decision() {
    let stage = after(&[("lost.how", "missing"), ("lost.passphrase", "maybe")]);
    let runner = stage.hold("lost-medium");
    assert_eq!(runner.run().next(), Next::Ended(Ending::Closed));
    assert_eq!(fact(&runner, "judge.way"), "compromised");
    assert!(runner.run().fact("compromised.decision", None).is_some());
    assert!(!stage.medium("root-c").join("keyrite").exists(), "no new medium is made");
    assert_eq!(known(&stage, &runs::register(&stage.folder)), ["root-b"]);
    assert!(told(&stage, stage.app.now()).iter().any(|one| one.0 == FindingId::Cer010));
}

#[test]
fn where_nothing_is_left_it_says_so_and_the_record_counts_on_nothing() {
    for how in ["damaged", "passphrase"] {
        let mut stage = after(&[("lost.how", how), ("lost.left", "no")]);
        if how == "passphrase" {
            stage.otherwise.insert("lost.medium", "-".to_owned());
        }
        stage.hold("subkey-issuance");
        let runner = stage.hold("lost-medium");
        assert_eq!(fact(&runner, "judge.way"), "nothing-left");
        assert!(fact(&runner, "judge.signers").starts_with(&stage.subkey()));
        assert_eq!(known(&stage, &runs::register(&stage.folder)), Vec::<&str>::new());
        let said = told(&stage, stage.app.now());
        assert!(said.iter().any(|one| one.0 == FindingId::Cus002 && one.2.contains("no copy")));
        let register = runs::register(&stage.folder);
        let actions = drills(stage.app.now(), &register, &[(key(&stage), "TEST".to_owned())]);
        assert!(actions.iter().all(|one| one.kind != ActionKind::Drill), "nothing to drill");
    }
}

#[test]
fn a_loss_is_on_record_also_when_nobody_had_a_new_medium_at_hand() {
    let stage = after(&[]);
    let mut runner = begin(&stage);
    until(&stage, &mut runner, "media");
    runner.reply(Reply::Abandon { reason: "TEST no stick".to_owned() }).unwrap();
    assert_eq!(known(&stage, &runs::register(&stage.folder)), ["root-b"]);
    assert_eq!(told(&stage, stage.app.now())[0].0, FindingId::Cus002);
}

#[test]
fn a_question_that_was_taken_back_loses_nothing() {
    let stage = after(&[]);
    let mut runner = begin(&stage);
    until(&stage, &mut runner, "media");
    runner.reply(Reply::Back).unwrap();
    assert_eq!(known(&stage, &runs::register(&stage.folder)), ["root-a", "root-b"]);
}

#[test]
fn nothing_that_is_lost_is_no_loss() {
    let stage = after(&[("lost.medium", "-")]);
    let mut runner = begin(&stage);
    until(&stage, &mut runner, "judge");
    let remarks = stopped(&stage, &mut runner);
    assert!(remarks[0].id == FindingId::Cer010 && remarks[0].weight == Weight::Forbids);
}

#[test]
fn a_medium_is_named_by_its_bag_or_the_beginning_of_its_name() {
    let stage = after(&[]);
    let id = stage.id_of("root-a");
    let mut runner = begin(&stage);
    until(&stage, &mut runner, "lost");
    let answers = |medium: &str| {
        let values =
            [("medium", medium), ("how", "damaged"), ("passphrase", "no"), ("left", "yes")];
        Reply::Answers(values.map(|(name, said)| (name.to_owned(), Value::from(said))).into())
    };
    // Both have the same number in this rehearsal, and nobody has that one.
    for wrong in ["0042", "0043", &id[..3], "anything"] {
        let refused = runner.reply(answers(wrong));
        assert!(matches!(refused, Err(Refused::Answers(_))), "{wrong}: {refused:?}");
    }
    runner.reply(answers(&id[..8])).unwrap();
    assert_eq!(fact(&runner, "lost.medium"), id);
}

#[test]
fn the_lost_medium_is_not_taken_for_the_one_that_is_left() {
    let mut stage = after(&[]);
    let lost = stage.medium("root-a").to_str().unwrap().to_owned();
    stage.otherwise.insert("media.left", lost);
    let mut runner = begin(&stage);
    until(&stage, &mut runner, "enroll-left");
    assert_eq!(stopped(&stage, &mut runner)[0].id, FindingId::Med002);
    assert!(!Path::new(&stage.medium("root-c")).join("keyrite").exists());
}

#[test]
fn a_third_copy_under_the_old_passphrase_counts_no_more() {
    let mut stage = after(&[]);
    stage.hold("lost-medium");
    // Runs have an order by the second in which they began.
    let now = stage.app.now();
    while stage.app.now() <= now {
        std::thread::yield_now();
    }
    let register = runs::register(&stage.folder);
    assert_eq!(known(&stage, &register), ["root-b", "root-c"]);
    // Now root-b goes missing, and root-c is renewed onto a fourth.
    stage.otherwise.insert("lost.medium", stage.id_of("root-b"));
    stage.otherwise.insert("lost.how", "missing".to_owned());
    let path = |name: &str| stage.medium(name).to_str().unwrap().to_owned();
    let (left, new) = (path("root-c"), path("transfer"));
    stage.otherwise.insert("media.left", left);
    stage.otherwise.insert("media.new", new);
    stage.hold("lost-medium");
    let register = runs::register(&stage.folder);
    let ids: Vec<_> = register.of(Held::Root, &key(&stage)).map(|c| c.medium.clone()).collect();
    assert_eq!(ids.len(), 2);
    for name in ["root-c", "transfer"] {
        assert!(ids.iter().any(|id| id.as_str() == stage.id_of(name)), "{name}");
    }
}
