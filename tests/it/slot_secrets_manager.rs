//! AWS Secrets Manager as a slot, against moto.

use std::collections::BTreeMap;

use keyrite::adapters::slots::{self, Access};
use keyrite::domain::custody::Stage;
use keyrite::domain::timestamp::Timestamp;
use keyrite::domain::workspace::{Setting, SlotKind};
use keyrite::engine::place::PlaceError;
use keyrite::engine::slot::{Put, Slot};

use crate::slot_directory::declared;
use crate::support::moto::{ACCOUNT, Moto, REGION};
use crate::support::slots as contract;

fn place(name: &str) -> String {
    format!("aws:{ACCOUNT}/{REGION}/{name}")
}

fn open_at(moto: &Moto, place: &str) -> Box<dyn Slot> {
    let access = Access { aws: Some(moto.config()), ..Access::default() };
    let slot = declared(SlotKind::AwsSecretsManager, place);
    slots::open(&slot, &access, Timestamp::from_unix(1)).unwrap()
}

#[test]
fn secrets_manager_keeps_what_every_slot_promises() {
    let moto = Moto::start();
    let tests: [(&str, contract::Promise); 5] = [
        ("pending", contract::pending),
        ("team/read-back", contract::read_back),
        ("promotion", contract::promotion),
        ("retirement", contract::retirement),
        ("freezing", contract::freezing),
    ];
    for (name, test) in tests {
        test(&|| open_at(&moto, &place(name)));
    }
    // What other programs get. (moto answers without a stage with what was
    // current before; AWS does not.)
    let read = |stage: &str| {
        let words = ["secretsmanager", "get-secret-value", "--secret-id", "promotion"];
        let more = ["--version-stage", stage, "--query", "SecretString", "--output", "text"];
        moto.aws(&[&words[..], &more].concat())
    };
    assert_eq!((read("AWSCURRENT"), read("AWSPREVIOUS")), ("one".to_owned(), "two".to_owned()));
}

#[test]
fn the_first_key_of_a_secret_is_pending_too() {
    let moto = Moto::start();
    let open = || open_at(&moto, &place("first"));
    let version = contract::put(&open, contract::NAMES[0], 'A', "one").unwrap();
    assert_eq!(contract::stage(&open, &version), Some(Stage::Pending));
    let words = ["secretsmanager", "get-secret-value", "--secret-id", "first"];
    let text = moto.aws(&[&words[..], &["--query", "SecretString", "--output", "text"]].concat());
    assert_eq!(text, "nothing is current here yet");
}

#[test]
fn nothing_is_sent_to_another_account_or_region() {
    let moto = Moto::start();
    let other = format!("aws:210987654321/{REGION}/key");
    let error = open_at(&moto, &other).observe().unwrap_err();
    assert!(error.to_string().contains("the credentials are of aws:123456789012"), "{error}");
    let value = contract::value("SECRET");
    let subkey = contract::key('A');
    let put = Put { name: contract::NAMES[0], subkey, value: &value, guard: "absent" };
    for place in
        [&other, &format!("aws:{ACCOUNT}/us-east-1/key"), &format!("aws-cn:{ACCOUNT}/{REGION}/key")]
    {
        let error = open_at(&moto, place).put_pending(&put).unwrap_err();
        assert!(matches!(error, PlaceError::OtherPlace { .. }), "{error}");
    }
    assert_eq!(moto.aws(&["secretsmanager", "list-secrets", "--query", "SecretList"]), "[]");
}

#[test]
fn a_secret_that_is_not_fit_is_told_before_anything_is_written() {
    let moto = Moto::start();
    let aws = |words: &[&str]| moto.aws(&[&["secretsmanager"], words].concat());
    aws(&["create-secret", "--name", "gone", "--secret-string", "x"]);
    aws(&["delete-secret", "--secret-id", "gone"]);
    let error = open_at(&moto, &place("gone")).observe().unwrap_err();
    assert!(error.to_string().contains("restore-secret"), "{error}");
    aws(&[
        "create-secret",
        "--name",
        "keyed",
        "--secret-string",
        "x",
        "--kms-key-id",
        "alias/other",
    ]);
    let error = open_at(&moto, &place("keyed")).observe().unwrap_err();
    assert!(matches!(error, PlaceError::OtherPlace { .. }), "{error}");
    // With the key that is declared it is the right one.
    let access = Access { aws: Some(moto.config()), ..Access::default() };
    let mut slot = declared(SlotKind::AwsSecretsManager, &place("keyed"));
    let key = Setting::Text("alias/other".to_owned());
    slot.settings = BTreeMap::from([("kms_key".to_owned(), key)]);
    let slot = slots::open(&slot, &access, Timestamp::from_unix(1)).unwrap();
    assert_eq!(slot.observe().unwrap().versions.len(), 1);
}

#[test]
fn a_secret_made_by_somebody_else_is_seen_and_kept() {
    let moto = Moto::start();
    let words = ["secretsmanager", "create-secret", "--name", "old", "--secret-string", "theirs"];
    moto.aws(&words);
    let open = || open_at(&moto, &place("old"));
    let seen = open().observe().unwrap();
    let theirs = seen.at(Stage::Current).unwrap().version.clone();
    assert_eq!(seen.versions[0].subkey, None);
    let ours = contract::put(&open, contract::NAMES[0], 'A', "ours").unwrap();
    assert_eq!(contract::stage(&open, &theirs), Some(Stage::Current));
    // Between the plan and what follows somebody writes.
    let stale = contract::guard(&open);
    moto.aws(&["secretsmanager", "put-secret-value", "--secret-id", "old", "--secret-string", "x"]);
    let promotion = keyrite::engine::slot::Promotion {
        name: contract::NAMES[1],
        subkey: contract::key('A'),
        version: &ours,
        value: None,
        guard: &stale,
    };
    assert!(matches!(open().promote(&promotion), Err(PlaceError::Changed { .. })));
    contract::promote(&open, contract::NAMES[1], 'A', &ours, "ours").unwrap();
    assert_eq!(contract::stage(&open, &ours), Some(Stage::Current));
}

/// With these permissions.
fn open_with(moto: &Moto, user: &str, actions: &[&str]) -> Box<dyn Slot> {
    let policy = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": actions, "Resource": "*" }],
    });
    moto.aws(&["iam", "create-user", "--user-name", user]);
    let words = ["iam", "put-user-policy", "--user-name", user, "--policy-name", "p"];
    moto.aws(&[&words[..], &["--policy-document", &policy.to_string()]].concat());
    let made = moto.aws(&["iam", "create-access-key", "--user-name", user]);
    let made: serde_json::Value = serde_json::from_str(&made).unwrap();
    let text = |name: &str| made["AccessKey"][name].as_str().unwrap().to_owned();
    let config = moto.config_of(&text("AccessKeyId"), &text("SecretAccessKey"));
    moto.demand_permissions();
    let access = Access { aws: Some(config), ..Access::default() };
    let slot = declared(SlotKind::AwsSecretsManager, &place("key"));
    slots::open(&slot, &access, Timestamp::from_unix(1)).unwrap()
}

#[test]
fn a_version_with_a_stage_of_somebody_else_is_not_taken_away() {
    let moto = Moto::start();
    let open = || open_at(&moto, &place("key"));
    let version = contract::put(&open, contract::NAMES[0], 'A', "one").unwrap();
    let stage = |words: [&str; 2]| {
        let all = ["secretsmanager", "update-secret-version-stage", "--secret-id", "key"];
        moto.aws(&[&all[..], &["--version-stage", "THEIRS"], &words].concat());
    };
    stage(["--move-to-version-id", &version]);
    let error = open().retire(&version).unwrap_err();
    assert!(matches!(error, PlaceError::Unfit { .. }), "{error}");
    assert!(error.to_string().contains("the stage 'THEIRS'"), "{error}");
    assert_eq!(contract::stage(&open, &version), Some(Stage::Pending));
    stage(["--remove-from-version-id", &version]);
    open().retire(&version).unwrap();
    assert_eq!(contract::stage(&open, &version), None);
}

#[test]
fn no_tag_hides_a_version_with_a_secret() {
    let moto = Moto::start();
    let open = || open_at(&moto, &place("key"));
    let version = contract::put(&open, contract::NAMES[0], 'A', "one").unwrap();
    let seen = open().observe().unwrap();
    assert_eq!(seen.versions.len(), 1, "{seen:?}");
    assert!(seen.facts.iter().any(|fact| fact.contains("stands for none")), "{seen:?}");
    for value in [version.as_str(), "x"] {
        // AWS writes over a tag; moto keeps both.
        let words = ["untag-resource", "--secret-id", "key", "--tag-keys", "keyrite-nothing"];
        moto.aws(&[&["secretsmanager"], &words[..]].concat());
        let tag = format!("Key=keyrite-nothing,Value={value}");
        moto.aws(&["secretsmanager", "tag-resource", "--secret-id", "key", "--tags", &tag]);
        let seen = open().observe().unwrap();
        assert!(seen.version(&version).is_some(), "{seen:?}");
        // Without its tag, what stands for none is something nobody knows.
        let is_shown = seen.at(Stage::Current).is_some_and(|one| one.subkey.is_none());
        assert_eq!(is_shown, value == "x", "{seen:?}");
    }
}

#[test]
fn a_policy_that_cannot_be_read_is_told() {
    let moto = Moto::start();
    contract::put(&|| open_at(&moto, &place("key")), contract::NAMES[0], 'A', "one").unwrap();
    let slot = open_with(&moto, "reader", &["secretsmanager:DescribeSecret", "sts:*"]);
    let seen = slot.observe().unwrap();
    let told = "whether it is frozen could not be read";
    assert!(seen.facts.iter().any(|fact| fact.contains(told)), "{seen:?}");
    // It is not written over.
    assert!(matches!(slot.freeze(true), Err(PlaceError::Refused { .. })));
}

#[test]
fn all_that_decides_where_bytes_go_is_shown() {
    let moto = Moto::start();
    let access = Access { aws: Some(moto.config()), ..Access::default() };
    let mut slot = declared(SlotKind::AwsSecretsManager, &place("none"));
    let text = |text: &str| Setting::Text(text.to_owned());
    slot.settings = BTreeMap::from([
        ("kms_key".to_owned(), text("alias/own")),
        ("profile".to_owned(), text("release")),
    ]);
    let seen = slots::open(&slot, &access, Timestamp::from_unix(1)).unwrap().observe().unwrap();
    let address = format!("{} is asked instead of AWS", moto.url);
    for fact in ["it will be encrypted with alias/own", "with the profile release", &address] {
        assert!(seen.facts.iter().any(|one| one == fact), "{fact}: {seen:?}");
    }
}
