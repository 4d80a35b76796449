//! What the libraries that ask servers log at their loudest: that they ask,
//! and nothing of a secret.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, Once};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keyrite::adapters::slots::{self, Access};
use keyrite::domain::timestamp::Timestamp;
use keyrite::domain::workspace::{Setting, Slot as Declared, SlotKind};
use keyrite::engine::slot::ReadBack;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::slot_directory::declared;
use crate::slot_github::{REPOSITORY, access, slot};
use crate::slot_kubernetes::House;
use crate::support::cluster;
use crate::support::github::{Github, TOKEN};
use crate::support::moto::{ACCOUNT, Moto, REGION};
use crate::support::slots as contract;
use crate::support::vault::{SHARED, SUBKEY_PASSPHRASE};

thread_local! {
    /// What was logged on this thread, while that is kept.
    static LOGGED: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// Keeps what is logged on a thread that wants it; other tests run beside.
struct OfThread;

impl log::Log for OfThread {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        LOGGED.with_borrow_mut(|kept| {
            if let Some(kept) = kept {
                kept.extend(format!("{}: {}\n", record.target(), record.args()).into_bytes());
            }
        });
    }

    fn flush(&self) {}
}

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// All that is logged and traced on this thread meanwhile.
fn logged(work: impl FnOnce()) -> String {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        log::set_boxed_logger(Box::new(OfThread)).unwrap();
        log::set_max_level(log::LevelFilter::Trace);
    });
    let kept = Kept::default();
    let writer = kept.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    LOGGED.set(Some(Vec::new()));
    {
        let _guard = subscriber.set_default();
        work();
    }
    let mut all = LOGGED.take().unwrap();
    all.extend_from_slice(&kept.0.lock().unwrap());
    String::from_utf8_lossy(&all).into_owned()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

/// The parts of a secret in each form in which something logs bytes.
fn parts(secret: &[u8]) -> Vec<String> {
    let mut parts = Vec::new();
    let text = String::from_utf8_lossy(secret).into_owned();
    parts.extend(text.lines().filter(|line| line.len() >= 12).map(str::to_owned));
    let mut pieces = |encoded: &str| {
        let all = encoded.as_bytes().chunks_exact(24);
        parts.extend(all.map(|piece| String::from_utf8(piece.to_vec()).unwrap()));
    };
    for shift in 0..3 {
        pieces(&STANDARD.encode(&secret[shift..]));
    }
    let hex = hex(secret);
    pieces(&hex);
    pieces(&hex.to_uppercase());
    let numbers = |piece: &[u8]| piece.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
    parts.extend(secret.chunks_exact(12).map(numbers));
    parts
}

#[track_caller]
fn tells_nothing(logs: &str, secrets: &[&str]) {
    for secret in secrets {
        for part in parts(secret.as_bytes()) {
            assert!(!logs.contains(&part), "'{part}' is in the logs");
        }
    }
}

fn secrets() -> [String; 2] {
    let export = String::from_utf8(SHARED.1.export.clone()).unwrap();
    [export, SUBKEY_PASSPHRASE.to_owned()]
}

/// Puts it there, reads it back, makes it current, and takes away what was
/// there before.
fn whole_life(declared: &Declared, access: &Access, secrets: &[String]) {
    live(&|| slots::open(declared, access, Timestamp::from_unix(1)).unwrap(), secrets);
}

fn live(open: contract::Open<'_>, secrets: &[String]) {
    for (index, secret) in secrets.iter().enumerate() {
        let (name, digit) = (contract::NAMES[index], ['A', 'B'][index]);
        let version = contract::put(open, name, digit, secret).unwrap();
        if open().abilities().read_back == ReadBack::Bytes {
            assert!(open().read_back(&version).unwrap().is_same(&contract::value(secret)));
        }
        contract::promote(open, contract::NAMES[2], digit, &version, secret).unwrap();
    }
    let seen = open().observe().unwrap();
    for one in seen.versions {
        if one.stage != keyrite::domain::custody::Stage::Current {
            open().retire(&one.version).unwrap();
        }
    }
}

#[test]
fn requests_are_logged_without_a_part_of_a_secret() {
    let secrets = secrets();
    let all = [secrets[0].as_str(), secrets[1].as_str()];
    let moto = Moto::start();
    let folder = tempfile::tempdir().unwrap();
    let workspace = folder.path().to_owned();
    let access = Access { workspace, aws: Some(moto.config()), ..Access::default() };

    let place = format!("aws:{ACCOUNT}/{REGION}/log-canary");
    let slot = declared(SlotKind::AwsSecretsManager, &place);
    let logs = logged(|| whole_life(&slot, &access, &secrets));
    assert!(logs.contains("PutSecretValue") && logs.contains("GetSecretValue"), "{}", logs.len());
    tells_nothing(&logs, &all);

    let key = moto.aws(&["kms", "create-key", "--query", "KeyMetadata.Arn", "--output", "text"]);
    let mut slot = declared(SlotKind::KmsFile, "log-canary");
    slot.settings = BTreeMap::from([("kms_key".to_owned(), Setting::Text(key))]);
    let logs = logged(|| whole_life(&slot, &access, &secrets));
    assert!(logs.contains("GenerateDataKey") && logs.contains("Decrypt"), "{}", logs.len());
    tells_nothing(&logs, &all);
    // Nor is the key that the file is encrypted with.
    assert!(!logs.contains("Plaintext\\\":"), "an answer of the KMS is in the logs");
}

#[test]
fn requests_to_github_are_logged_without_a_part_of_a_secret_or_of_the_token() {
    let secrets = secrets();
    for more in [&[("variable", "GPG_SUBKEY")][..], &[]] {
        let github = Github::start();
        let slot = slot(&github, REPOSITORY, more);
        let logs = logged(|| whole_life(&slot, &access(10_000, 1000), &secrets));
        assert!(logs.contains("127.0.0.1"), "{logs}");
        tells_nothing(&logs, &[&secrets[0], &secrets[1], TOKEN]);
    }
}

#[test]
fn requests_to_a_cluster_are_logged_without_a_part_of_a_secret_or_of_the_token() {
    let secrets = secrets();
    for form in ["false", "true"] {
        let house = House::new();
        let logs = logged(|| live(&|| house.open(form), &secrets));
        assert!(logs.contains("spack-signing-key"), "{logs}");
        tells_nothing(&logs, &[&secrets[0], &secrets[1], cluster::TOKEN]);
    }
}

#[test]
fn a_part_of_a_secret_in_the_logs_is_found() {
    let [export, _] = secrets();
    let line = export.lines().nth(5).unwrap();
    let encoded = STANDARD.encode(&export.as_bytes()[200..300]);
    let hex = hex(&export.as_bytes()[200..300]);
    let bytes = format!("{:?}", export.as_bytes());
    for text in [line, &encoded, &hex, &bytes] {
        let logs = logged(|| log::trace!("sent {text}"));
        assert!(parts(export.as_bytes()).iter().any(|part| logs.contains(part)), "{text}");
    }
}
