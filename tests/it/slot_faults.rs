//! What a network and a service do to the writing of a secret: in the end there
//! is one pending version, or it is said what is not known.

use std::sync::atomic::Ordering;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use keyrite::adapters::slots::{self, Access};
use keyrite::domain::custody::Stage;
use keyrite::domain::timestamp::Timestamp;
use keyrite::domain::workspace::SlotKind;
use keyrite::engine::place::PlaceError;
use keyrite::engine::slot::{Found, Slot};

use crate::slot_directory::declared;
use crate::support::moto::{ACCOUNT, Moto, REGION};
use crate::support::proxy::{Mishap, Proxy};
use crate::support::slots as contract;

const PUT: &str = "secretsmanager.PutSecretValue";

fn open(config: SdkConfig) -> Box<dyn Slot> {
    let place = format!("aws:{ACCOUNT}/{REGION}/key");
    let access = Access { aws: Some(config), ..Access::default() };
    let slot = declared(SlotKind::AwsSecretsManager, &place);
    slots::open(&slot, &access, Timestamp::from_unix(1)).unwrap()
}

/// By way of the proxy, with short waits.
pub(crate) fn config(proxy: &Proxy) -> SdkConfig {
    let quick = Duration::from_millis(5);
    let retries = RetryConfig::standard().with_max_attempts(4).with_initial_backoff(quick);
    let timeouts = TimeoutConfig::builder().operation_attempt_timeout(Duration::from_secs(2));
    Moto::config_at(&proxy.url)
        .into_builder()
        .retry_config(retries)
        .timeout_config(timeouts.build())
        .build()
}

fn put(moto: &Moto, mishap: Mishap, times: usize) -> (Proxy, Result<String, PlaceError>) {
    let proxy = Proxy::before(&moto.url, PUT, mishap, times);
    let config = config(&proxy);
    let result = contract::put(&|| open(config.clone()), contract::NAMES[0], 'A', "SECRET");
    (proxy, result)
}

#[test]
fn who_does_not_answer_is_told_in_a_line() {
    let config = Moto::config_at("http://127.0.0.1:1").into_builder();
    let config = config.retry_config(RetryConfig::disabled()).build();
    let error = open(config).observe().unwrap_err();
    assert!(matches!(error, PlaceError::Unreachable { .. }), "{error:?}");
    let told = error.to_string();
    assert!(told.ends_with("cannot be reached: connection refused at 127.0.0.1:1"), "{told}");
    assert!(error.helps().contains("ask again"));
}

#[test]
fn a_disturbance_that_passes_leaves_one_pending_version() {
    for mishap in [Mishap::Throttled, Mishap::Broken, Mishap::Reset, Mishap::LostAnswer] {
        let moto = Moto::start();
        let (proxy, result) = put(&moto, mishap, 2);
        let version = result.unwrap_or_else(|error| panic!("{mishap:?}: {error}"));
        assert_eq!(proxy.met.load(Ordering::SeqCst), 3, "{mishap:?}");
        let seen = open(moto.config()).observe().unwrap();
        assert_eq!(seen.versions.len(), 1, "{mishap:?}");
        assert_eq!(seen.version(&version).unwrap().stage, Stage::Pending, "{mishap:?}");
    }
}

#[test]
fn one_that_does_not_pass_is_bounded_and_says_what_is_known() {
    let moto = Moto::start();
    for (mishap, is_done) in [
        (Mishap::Throttled, Some(false)),
        (Mishap::Expired, Some(false)),
        (Mishap::Broken, None),
        (Mishap::Reset, None),
        (Mishap::Hangs, None),
    ] {
        let (proxy, result) = put(&moto, mishap, 99);
        assert!(proxy.met.load(Ordering::SeqCst) <= 4, "{mishap:?}");
        let error = result.unwrap_err();
        let is_doubt = matches!(error, PlaceError::InDoubt { .. });
        assert_eq!(is_doubt, is_done.is_none(), "{mishap:?}: {error}");
        assert!(!error.to_string().contains("SECRET"), "{error}");
        // The world is asked.
        let found = open(moto.config()).find(contract::NAMES[0]);
        assert_eq!(found, Ok(Found::Nothing), "{mishap:?}");
    }
    let (_, result) = put(&moto, Mishap::LostAnswer, 99);
    assert!(matches!(result, Err(PlaceError::InDoubt { .. })), "{result:?}");
    let there = Found::There(contract::NAMES[0].to_owned());
    assert_eq!(open(moto.config()).find(contract::NAMES[0]), Ok(there));
    assert_eq!(open(moto.config()).observe().unwrap().versions.len(), 1);
}

// moto has no limits; so the proxy answers here, as AWS does where it has one.
#[test]
fn a_quota_of_versions_is_told_as_the_service_says_it() {
    let moto = Moto::start();
    let straight = || open(moto.config());
    let first = contract::put(&straight, contract::NAMES[1], 'B', "first").unwrap();
    let said = "You have reached the quota of 100 versions for this secret.";
    let (proxy, result) = put(&moto, Mishap::Says("LimitExceededException", said), 99);
    // The library takes it for a throttle, and asks again a few times.
    assert!(proxy.met.load(Ordering::SeqCst) <= 4);
    let error = result.unwrap_err();
    assert!(matches!(error, PlaceError::Refused { .. }), "{error:?}");
    let told = error.to_string();
    for words in ["LimitExceededException", said, "older than a day"] {
        assert!(told.contains(words), "{told}");
    }
    // All is as before.
    assert_eq!(straight().find(contract::NAMES[0]), Ok(Found::Nothing));
    let seen = straight().observe().unwrap();
    assert_eq!(seen.versions.len(), 1);
    assert_eq!(seen.version(&first).unwrap().stage, Stage::Pending);
}

#[test]
fn more_than_64_kib_are_refused_before_a_byte_leaves() {
    let moto = Moto::start();
    let proxy = Proxy::before(&moto.url, "nothing", Mishap::Reset, 0);
    let slot = open(config(&proxy));
    assert_eq!(slot.limit(), 65_536);
    let put = |length: usize| {
        let value = contract::value(&"x".repeat(length));
        let (name, subkey) = (contract::NAMES[0], contract::key('A'));
        slot.put_pending(&keyrite::engine::slot::Put {
            name,
            subkey,
            value: &value,
            guard: "absent",
        })
    };
    let error = put(65_537).unwrap_err();
    assert!(matches!(error, PlaceError::Unfit { .. }), "{error:?}");
    assert!(error.to_string().contains("65537 bytes, and it takes 65536"), "{error}");
    assert!(proxy.sent.lock().unwrap().is_empty(), "somebody was asked");
    put(65_536).unwrap();
}

// moto takes any length; so the proxy answers here, as AWS does.
#[test]
fn what_the_service_finds_too_long_is_told_without_the_secret() {
    let moto = Moto::start();
    let constraint = "failed to satisfy constraint: Member must have length less than or equal to \
                      65536";
    let said = "1 validation error detected: Value at 'secretString' failed to satisfy \
                constraint: Member must have length less than or equal to 65536";
    let echo = "1 validation error detected: Value 'SECRET' at 'secretString' is too long";
    for (said, shown) in [(said, constraint), (echo, "has a part of the secret in it")] {
        let (proxy, result) = put(&moto, Mishap::Says("ValidationException", said), 99);
        assert_eq!(proxy.met.load(Ordering::SeqCst), 1);
        let error = result.unwrap_err();
        assert!(matches!(error, PlaceError::Unfit { .. }), "{error:?}");
        let told = error.to_string();
        assert!(told.contains(shown) && !told.contains("SECRET"), "{told}");
        assert_eq!(open(moto.config()).find(contract::NAMES[0]), Ok(Found::Nothing));
    }
}

#[test]
fn a_promotion_whose_answer_is_lost_is_done_once() {
    let moto = Moto::start();
    let straight = || open(moto.config());
    let version = contract::put(&straight, contract::NAMES[0], 'A', "one").unwrap();
    let proxy =
        Proxy::before(&moto.url, "secretsmanager.UpdateSecretVersionStage", Mishap::LostAnswer, 99);
    let config = config(&proxy);
    let lossy = || open(config.clone());
    let result = contract::promote(&lossy, contract::NAMES[1], 'A', &version, "one");
    assert!(result.is_err(), "{result:?}");
    let result = contract::promote(&straight, contract::NAMES[1], 'A', &version, "one");
    assert_eq!(result, Ok(version.clone()));
    let seen = straight().observe().unwrap();
    assert_eq!(seen.at(Stage::Current).unwrap().version, version);
    assert!(seen.at(Stage::Pending).is_none());
}

#[test]
fn nothing_leaves_for_another_account_not_even_to_somebody_between() {
    let moto = Moto::start();
    let proxy = Proxy::before(&moto.url, "nothing", Mishap::Reset, 0);
    let access = Access { aws: Some(config(&proxy)), ..Access::default() };
    let place = format!("aws:210987654321/{REGION}/key");
    let slot = declared(SlotKind::AwsSecretsManager, &place);
    let slot = slots::open(&slot, &access, Timestamp::from_unix(1)).unwrap();
    let value = contract::value("SECRET");
    let subkey = contract::key('A');
    let name = contract::NAMES[0];
    let put = keyrite::engine::slot::Put { name, subkey, value: &value, guard: "absent" };
    assert!(matches!(slot.put_pending(&put), Err(PlaceError::OtherPlace { .. })));
    let sent = proxy.sent.lock().unwrap().clone();
    assert!(sent.windows(16).any(|part| part == b"GetCallerIdentit"), "nobody was asked");
    assert!(!sent.windows(6).any(|part| part == b"SECRET"));
}

#[test]
fn the_permissions_of_the_page_are_enough_and_fewer_are_told() {
    let moto = Moto::start();
    // moto holds names of secrets against no pattern; AWS does.
    let policy = crate::custody_story::block("secrets-manager.md", "json");
    let resource = policy.lines().find(|line| line.contains("\"Resource\"")).unwrap();
    let policy = policy.replace(resource, "\"Resource\": \"*\"");
    let users = [
        ("holder", policy.clone()),
        ("reader", policy.replace("\"secretsmanager:PutSecretValue\",", "")),
    ];
    let keys = users.map(|(user, policy)| {
        moto.aws(&["iam", "create-user", "--user-name", user]);
        let words = ["iam", "put-user-policy", "--user-name", user, "--policy-name", "p"];
        moto.aws(&[&words[..], &["--policy-document", &policy]].concat());
        let made = moto.aws(&["iam", "create-access-key", "--user-name", user]);
        let made: serde_json::Value = serde_json::from_str(&made).unwrap();
        let text = |name: &str| made["AccessKey"][name].as_str().unwrap().to_owned();
        (text("AccessKeyId"), text("SecretAccessKey"))
    });
    moto.demand_permissions();
    let [holder, reader] = keys.map(|(id, secret)| moto.config_of(&id, &secret));
    let place = format!("aws:{ACCOUNT}/{REGION}/slurm-factory/key");
    let open = |config: &SdkConfig| {
        let access = Access { aws: Some(config.clone()), ..Access::default() };
        let slot = declared(SlotKind::AwsSecretsManager, &place);
        slots::open(&slot, &access, Timestamp::from_unix(1)).unwrap()
    };
    let refused = contract::put(&|| open(&reader), contract::NAMES[0], 'A', "SECRET");
    assert!(matches!(refused, Err(PlaceError::Refused { .. })), "{refused:?}");
    contract::retirement(&|| open(&holder));
}
