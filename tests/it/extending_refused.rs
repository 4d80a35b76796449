//! Ends that are not put off, and those of keys that other programs have made.

use std::fs;

use keyrite::domain::period::Period;
use keyrite::domain::timestamp::Timestamp;
use keyrite::engine::catalog::find;
use keyrite::engine::effect::Value;
use keyrite::engine::runner::{Prompt, Refused, Reply, Runner};
use pgp::composed::{Deserializable as _, SignedPublicKey};
use pgp::types::KeyDetails as _;

use crate::support::adopting::{OLD, begin, land, staged};
use crate::support::gpg::Gpg;
use crate::support::pilot::{Stage, plainly, until};

/// A run that is at its question.
fn asked(stage: &Stage) -> Runner {
    let mut runner = stage.begin(find("expiry-extension").unwrap(), &plainly).unwrap();
    until(stage, &mut runner, "spec");
    runner
}

fn spec(ends: &str, subkeys: &str) -> Reply {
    let values = [("ends", ends), ("subkeys", subkeys), ("signers", "")];
    Reply::Answers(values.map(|(name, said)| (name.to_owned(), Value::from(said))).into())
}

fn rules(stage: &Stage, more: &str) {
    let path = stage.folder.join("keyrite.toml");
    let text = fs::read_to_string(&path).unwrap();
    let text = text.split("\n[policy").next().unwrap();
    fs::write(&path, format!("{text}\n{more}\n")).unwrap();
}

#[track_caller]
fn refuses(runner: &mut Runner, reply: Reply, words: &[&str]) {
    let Err(Refused::Answers(wrong)) = runner.reply(reply) else { panic!("it was taken") };
    for word in words {
        assert!(wrong[0].message.contains(word), "{word}: {wrong:?}");
    }
}

#[test]
fn a_key_below_the_rules_or_too_old_or_put_off_too_often_ends_when_it_ends() {
    let stage = Stage::new();
    stage.hold("root-generation");
    let by_rule = [
        ("[policy.algorithms]\ncurves = [\"p384\"]", "is weaker than the rules want"),
        ("[policy.primary]\nmax_age = \"26m\"", "the rules let it live until"),
        ("[policy.primary]\nextensions = 0", "put off 0 times already, and the rules allow 0"),
    ];
    for (rule, words) in by_rule {
        rules(&stage, rule);
        let mut runner = asked(&stage);
        refuses(&mut runner, spec("30m", ""), &[words]);
        runner.reply(Reply::Abandon { reason: "TEST".into() }).unwrap();
    }
    rules(&stage, "[policy.primary]\nextensions = 1");
    let mut runner = asked(&stage);
    runner.reply(spec("30m", "")).unwrap();
    stage.land(&mut runner).unwrap();
    drop(runner);
    let mut runner = asked(&stage);
    refuses(&mut runner, spec("34m", ""), &["put off 1 time already", "allow 1", "make a new key"]);
    // Nothing stands in the way of giving it up.
    runner.reply(Reply::Abandon { reason: "TEST".into() }).unwrap();
}

/// The fields of the lines of that kind, as gpg lists a certificate.
fn listed(certificate: &[u8], kind: &str) -> Vec<Vec<String>> {
    let gpg = Gpg::new();
    let file = gpg.file("copy.asc", certificate);
    gpg.run(&["--import", &file]);
    let lines = gpg.lines(&["--with-colons", "--list-keys"]);
    let lines = lines.iter().filter(|line| line.split(':').next() == Some(kind));
    lines.map(|line| line.split(':').map(str::to_owned).collect()).collect()
}

fn published(stage: &Stage) -> Vec<u8> {
    fs::read(stage.folder.join("certs").join(format!("{}.asc", stage.certificate()))).unwrap()
}

/// An adopted key with a subkey that encrypts and one that authenticates, all
/// until then.
fn adopted(ends: &str, of_subkeys: &str) -> (Stage, Vec<String>) {
    let (stage, home) = staged("ed25519", ends, OLD);
    for (algorithm, usage) in [("cv25519", "encr"), ("ed25519", "auth")] {
        let words = ["--quick-add-key", &home.fingerprint, algorithm, usage, of_subkeys];
        let told = home.gpg(&words, b"");
        assert!(told.status.contains("KEY_CREATED S"), "{}", told.status);
    }
    let subkeys = home.signers();
    assert_eq!(subkeys.len(), 2);
    let mut runner = begin(&stage);
    land(&stage, &mut runner, OLD);
    (stage, subkeys)
}

#[test]
fn subkeys_that_encrypt_and_authenticate_keep_their_flags_and_get_the_new_end() {
    let (stage, subkeys) = adopted("2y", "60d");
    let mut runner = asked(&stage);
    let now = stage.app.world(&stage.folder).unwrap().now;
    runner.reply(spec("30m", &subkeys.join(", "))).unwrap();
    // The end of each is held against its own.
    let one = |ends: &str| Reply::Answers([("ends".to_owned(), Value::from(ends))].into());
    refuses(&mut runner, one("30d"), &["is not later than", "never brought forward"]);
    refuses(&mut runner, one("30m"), &["is too late"]);
    stage.land(&mut runner).unwrap();
    let certificate = published(&stage);

    let day = |seconds: &str| Timestamp::from_unix(seconds.parse().unwrap()).date();
    let wanted = now.after(Period::Days(90)).date();
    let mut subs = listed(&certificate, "sub");
    // The adoption has made one that signs.
    subs.retain(|sub| sub[11] != "s");
    let said: Vec<_> = subs.iter().map(|sub| (sub[11].as_str(), day(&sub[6]))).collect();
    assert_eq!(said, [("e", wanted.clone()), ("a", wanted.clone())]);
    let primary = listed(&certificate, "pub");
    assert_eq!(day(&primary[0][6]), now.after(Period::Months(30)).date());

    let theirs = SignedPublicKey::from_armor_single(&certificate[..]).unwrap().0;
    theirs.verify_bindings().unwrap();
    let newest = |at: usize| {
        let signatures = theirs.public_subkeys[at].signatures.iter();
        signatures.max_by_key(|one| one.created().map(pgp::types::Timestamp::as_secs)).unwrap()
    };
    for (at, subkey) in theirs.public_subkeys.iter().take(2).enumerate() {
        let flags = newest(at).key_flags();
        let encrypts = flags.encrypt_comms() || flags.encrypt_storage();
        assert_eq!((encrypts, flags.authentication(), flags.sign()), (at == 0, at == 1, false));
        let made = i64::from(subkey.key.created_at().as_secs());
        let lives = i64::from(newest(at).key_expiration_time().unwrap().as_secs());
        assert_eq!(Timestamp::from_unix(made + lives).date(), wanted);
    }
}

#[test]
fn a_primary_key_that_never_ends_gets_an_end_and_its_subkeys_need_none() {
    let (stage, subkeys) = adopted("never", "never");
    assert_eq!(listed(&published(&stage), "pub")[0][6], "");
    let mut runner = asked(&stage);
    refuses(&mut runner, spec("4y", ""), &["the rules let it live until"]);
    runner.reply(spec("2y", &subkeys[0])).unwrap();
    let one = Reply::Answers([("ends".to_owned(), Value::from("1y"))].into());
    refuses(&mut runner, one, &["no end of its own", "leave it out"]);
    runner.reply(Reply::Back).unwrap();
    let Prompt::Ask(_) = runner.prompt() else { panic!("{:?}", runner.prompt()) };
    let now = stage.app.world(&stage.folder).unwrap().now;
    runner.reply(spec("2y", "")).unwrap();
    stage.land(&mut runner).unwrap();
    let certificate = published(&stage);
    let end = |line: &[String]| line[6].parse().map(|end| Timestamp::from_unix(end).date());
    assert_eq!(end(&listed(&certificate, "pub")[0]), Ok(now.after(Period::Months(24)).date()));
    let world = stage.app.world(&stage.folder).unwrap();
    let policy = &world.team.policy;
    let said = keyrite::domain::lint::lint(&world.certificates[0], policy);
    assert!(!said.iter().any(|one| one.id.word() == "EXP-001"), "{said:?}");
}
