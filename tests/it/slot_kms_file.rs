//! Files that a key of the KMS opens, against moto and `aws-encryption-cli`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use keyrite::adapters::slots::{self, Access};
use keyrite::domain::custody::Stage;
use keyrite::domain::timestamp::Timestamp;
use keyrite::domain::workspace::{Setting, Slot as Declared, SlotKind};
use keyrite::engine::place::PlaceError;
use keyrite::engine::slot::{Found, Promotion, Put, Slot, SlotValue};
use tempfile::TempDir;
use zeroize::Zeroizing;

use crate::slot_directory::declared;
use crate::support::gpg::Gpg;
use crate::support::moto::{ACCOUNT, Moto, REGION};
use crate::support::program::{Outcome, finish};
use crate::support::{peers, slots as contract, vault};

/// A server with a key, and a folder.
struct Bench {
    moto: Moto,
    key: String,
    folder: TempDir,
}

impl Bench {
    fn new() -> Self {
        let moto = Moto::start();
        let key = new_key(&moto);
        Self { moto, key, folder: tempfile::tempdir().unwrap() }
    }

    fn declared(name: &str, key: &str, context: &[(&str, &str)]) -> Declared {
        let mut slot = declared(SlotKind::KmsFile, name);
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        slot.settings = BTreeMap::from([
            ("kms_key".to_owned(), Setting::Text(key.to_owned())),
            ("context".to_owned(), Setting::Map(context.iter().map(owned).collect())),
        ]);
        slot
    }

    fn try_open(&self, slot: &Declared) -> Result<Box<dyn Slot>, PlaceError> {
        let workspace = self.folder.path().to_owned();
        let access = Access { workspace, aws: Some(self.moto.config()), ..Access::default() };
        slots::open(slot, &access, Timestamp::from_unix(1))
    }

    fn open(&self, name: &str) -> Box<dyn Slot> {
        self.try_open(&Self::declared(name, &self.key, &[("purpose", "TEST")])).unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `aws-encryption-cli` with these words.
    fn cli(&self, words: &[&str]) -> Outcome {
        let mut command = Command::new(peers::program("aws-encryption-cli"));
        command.args(words).envs(self.moto.variables());
        finish(command, b"", std::time::Duration::from_mins(1)).expect("it hangs")
    }

    /// What it makes of a file; absent where it refuses.
    fn decrypted(&self, how: &str, file: &Path, more: &[&str]) -> Option<Vec<u8>> {
        let to = self.path("decrypted");
        let _ = fs::remove_file(&to);
        let key = format!("key={}", self.key);
        let [file, out] = [file, &to].map(|path| path.to_str().unwrap());
        let words = [how, "-S", "--wrapping-keys", &key, "-i", file, "-o", out];
        let outcome = self.cli(&[&words[..], more].concat());
        // It ends well even where it refuses, and then leaves no file.
        (outcome.code == Some(0)).then(|| fs::read(&to).ok()).flatten()
    }
}

fn new_key(moto: &Moto) -> String {
    moto.aws(&["kms", "create-key", "--query", "KeyMetadata.Arn", "--output", "text"])
}

fn text(length: usize) -> String {
    "zwölf \"quoted\" lines\n".chars().cycle().take(length).collect()
}

#[test]
fn a_file_of_the_kms_keeps_what_every_slot_promises() {
    let stage = Bench::new();
    let tests: [(&str, contract::Promise); 4] = [
        ("pending", contract::pending),
        ("read-back", contract::read_back),
        ("promotion", contract::promotion),
        ("retirement", contract::retirement),
    ];
    for (name, test) in tests {
        test(&|| stage.open(name));
    }
    let error = stage.open("promotion").freeze(true).unwrap_err();
    assert!(matches!(error, PlaceError::Unable { .. }), "{error}");
    assert!(error.to_string().contains("disable the grant"), "{error}");
    assert!(!stage.open("promotion").abilities().freeze);
    // Nothing is left aside.
    let mut names: Vec<_> = fs::read_dir(stage.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["promotion", "promotion.previous", "retirement"]);
}

#[test]
fn aws_encryption_cli_opens_what_is_written_byte_for_byte() {
    let stage = Bench::new();
    let open = || stage.open("key");
    for (name, length) in contract::NAMES.iter().zip([0, 4096, 10_000]) {
        let version = contract::put(&open, name, 'A', &text(length)).unwrap();
        let next = stage.path("key.next");
        for how in ["--decrypt", "--decrypt-unsigned"] {
            let subkey = format!("keyrite-subkey={}", "A".repeat(40));
            let context = ["--encryption-context", "purpose=TEST", &subkey];
            let found = stage.decrypted(how, &next, &context).unwrap();
            assert!(found == text(length).into_bytes(), "{how} {length}");
        }
        let wrong = ["--encryption-context", "purpose=OTHER"];
        assert_eq!(stage.decrypted("--decrypt", &next, &wrong), None);
        contract::promote(&open, name, 'A', &version, "").unwrap();
        assert!(stage.decrypted("--decrypt", &stage.path("key"), &[]).is_some());
    }
    // Seen without the service: whose it is stands in the file.
    let seen = open().observe().unwrap();
    assert_eq!(seen.at(Stage::Current).unwrap().subkey, Some(contract::key('A')));
    assert!(seen.facts[0].contains(&stage.key), "{seen:?}");
}

#[test]
fn what_aws_encryption_cli_writes_is_opened() {
    let stage = Bench::new();
    let plain = stage.path("plain");
    let key = format!("key={}", stage.key);
    for length in [0, 10, 4096, 10_000] {
        fs::write(&plain, text(length)).unwrap();
        let file = stage.path("theirs");
        let _ = fs::remove_file(&file);
        let [from, to] = [&plain, &file].map(|path| path.to_str().unwrap());
        let words = ["--encrypt", "-S", "--wrapping-keys", &key, "-i", from, "-o", to];
        let outcome = stage.cli(&[&words[..], &["--encryption-context", "purpose=TEST"]].concat());
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        // Suite 0x0578, with a signature.
        assert_eq!(fs::read(&file).unwrap()[..3], [2, 0x05, 0x78]);
        let seen = stage.open("theirs").observe().unwrap();
        let current = seen.at(Stage::Current).unwrap();
        assert!(current.version.starts_with("message-") && current.subkey.is_none(), "{seen:?}");
        let found = stage.open("theirs").read_back(&current.version).unwrap();
        assert!(found.is_same(&contract::value(&text(length))), "{length}");
        let other = Bench::declared("theirs", &stage.key, &[("purpose", "OTHER")]);
        let error = stage.try_open(&other).unwrap().read_back(&current.version).unwrap_err();
        assert!(matches!(error, PlaceError::OtherPlace { .. }), "{error}");
    }
    // The signature is checked: nothing of it is given away.
    let mut bytes = fs::read(stage.path("theirs")).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(stage.path("theirs"), bytes).unwrap();
    let seen = stage.open("theirs").observe().unwrap();
    let version = seen.at(Stage::Current).unwrap().version.clone();
    let error = stage.open("theirs").read_back(&version).unwrap_err();
    assert!(error.to_string().contains("changed or damaged"), "{error}");
}

#[test]
fn a_changed_file_and_another_key_are_told_and_give_nothing_away() {
    let stage = Bench::new();
    let open = || stage.open("key");
    let version = contract::put(&open, contract::NAMES[0], 'A', &text(5000)).unwrap();
    let whole = fs::read(stage.path("key.next")).unwrap();
    let before = contract::guard(&open);
    for at in (0..whole.len()).step_by(97).chain([40, 60, whole.len() - 1]) {
        let mut changed = whole.clone();
        changed[at] ^= 0x10;
        fs::write(stage.path("key.next"), &changed).unwrap();
        match open().observe() {
            Ok(seen) => {
                assert_ne!(seen.guard, before, "{at}");
                let version = seen.versions[0].version.clone();
                let error = open().read_back(&version).unwrap_err();
                // moto does not let us where it does not know the key of a
                // data key.
                let is_told =
                    matches!(error, PlaceError::OtherPlace { .. } | PlaceError::Refused { .. });
                assert!(is_told, "{at}: {error}");
            }
            Err(error) => assert!(matches!(error, PlaceError::OtherPlace { .. }), "{at}: {error}"),
        }
    }
    fs::write(stage.path("key.next"), &whole).unwrap();
    let other = new_key(&stage.moto);
    let other = Bench::declared("key", &other, &[]);
    let error = stage.try_open(&other).unwrap().read_back(&version).unwrap_err();
    assert!(error.to_string().contains(&format!("encrypted with {}", stage.key)), "{error}");
    // moto opens with a disabled key, too; AWS does not.
    for (code, is_refused) in [
        ("DisabledException", true),
        ("KMSInvalidStateException", true),
        ("AccessDeniedException", true),
        ("InvalidCiphertextException", false),
    ] {
        let url = answering(code);
        let workspace = stage.folder.path().to_owned();
        let access = Access { workspace, aws: Some(Moto::config_at(&url)), ..Access::default() };
        let slot = Bench::declared("key", &stage.key, &[("purpose", "TEST")]);
        let open = || slots::open(&slot, &access, Timestamp::from_unix(1)).unwrap();
        let put = contract::put(&open, contract::NAMES[1], 'B', "x").unwrap_err();
        for error in [open().read_back(&version).unwrap_err(), put] {
            assert_eq!(matches!(error, PlaceError::Refused { .. }), is_refused, "{error:?}");
            assert!(error.to_string().contains(code), "{error}");
        }
    }
    assert_eq!(fs::read(stage.path("key.next")).unwrap(), whole);
}

/// A server that knows who asks, and answers all else with that error.
fn answering(code: &'static str) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            answer(stream, code);
        }
    });
    url
}

fn answer(mut stream: std::net::TcpStream, code: &str) {
    use std::io::{Read as _, Write as _};
    let mut asked = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&asked).to_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.split("content-length: ").nth(1);
            let length = length.and_then(|rest| rest.lines().next()?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                break;
            }
        }
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => return,
            Ok(read) => asked.extend(&chunk[..read]),
        }
    }
    let is_who = String::from_utf8_lossy(&asked).contains("GetCallerIdentity");
    let (status, body) = if is_who {
        let who = format!(
            "<GetCallerIdentityResponse><GetCallerIdentityResult>\
             <Arn>arn:aws:iam::{ACCOUNT}:user/test</Arn><Account>{ACCOUNT}</Account>\
             </GetCallerIdentityResult></GetCallerIdentityResponse>"
        );
        ("200 OK", who)
    } else {
        ("400 Bad Request", format!("{{\"__type\":\"{code}\",\"message\":\"no\"}}"))
    };
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close");
    let _ = stream.write_all(format!("{head}\r\n\r\n{body}").as_bytes());
}

#[test]
fn a_promotion_that_is_cut_off_anywhere_is_done_once_more() {
    let stage = Bench::new();
    let [first, second, third] = contract::NAMES;
    let prepared = |name: &str| {
        let open = || stage.open(name);
        let one = contract::put(&open, first, 'A', "one").unwrap();
        contract::promote(&open, first, 'A', &one, "").unwrap();
        contract::put(&open, second, 'B', "two").unwrap();
        contract::guard(&open)
    };
    // What there is after each step: the copy, the change, the name.
    let beside = |path: &Path, ending: &str| PathBuf::from(format!("{}{ending}", path.display()));
    let cuts: [fn(&Path); 4] = [
        |_| (),
        |path| {
            fs::copy(path, format!("{}.leaving", path.display())).unwrap();
        },
        |path| {
            fs::copy(path, format!("{}.leaving", path.display())).unwrap();
            fs::copy(format!("{}.next", path.display()), path).unwrap();
        },
        |path| {
            fs::copy(path, format!("{}.previous", path.display())).unwrap();
            fs::copy(format!("{}.next", path.display()), path).unwrap();
        },
    ];
    for (number, cut) in cuts.into_iter().enumerate() {
        let name = format!("key{number}");
        let guard = prepared(&name);
        let path = stage.path(&name);
        cut(&path);
        assert_eq!(stage.open(&name).find(second), Ok(Found::There(second.to_owned())));
        let promotion = Promotion {
            name: third,
            subkey: contract::key('B'),
            version: second,
            value: None,
            guard: &guard,
        };
        for _ in 0..2 {
            assert_eq!(stage.open(&name).promote(&promotion), Ok(second.to_owned()));
        }
        let open = || stage.open(&name);
        assert_eq!(contract::stage(&open, second), Some(Stage::Current));
        assert_eq!(contract::stage(&open, first), Some(Stage::Previous));
        assert!(open().read_back(first).unwrap().is_same(&contract::value("one")));
        assert!(open().read_back(second).unwrap().is_same(&contract::value("two")));
        assert!(!beside(&path, ".leaving").exists() && !beside(&path, ".next").exists());
    }
}

#[test]
fn nothing_is_sent_to_another_account_or_with_a_name_that_is_no_key() {
    let stage = Bench::new();
    let elsewhere = stage.key.replace(ACCOUNT, "210987654321");
    let slot = stage.try_open(&Bench::declared("key", &elsewhere, &[])).unwrap();
    let value = contract::value("SECRET");
    let guard = slot.observe().unwrap().guard;
    let subkey = contract::key('A');
    let put = Put { name: contract::NAMES[0], subkey, value: &value, guard: &guard };
    let error = slot.put_pending(&put).unwrap_err();
    assert!(matches!(error, PlaceError::OtherPlace { .. }), "{error}");
    assert!(!stage.path("key.next").exists());
    let alias = format!("arn:aws:kms:{REGION}:{ACCOUNT}:alias/key");
    for (key, context) in [
        (alias.as_str(), ("a", "b")),
        ("", ("a", "b")),
        (stage.key.as_str(), ("aws-crypto-public-key", "b")),
        (stage.key.as_str(), ("keyrite-subkey", "b")),
    ] {
        let Err(error) = stage.try_open(&Bench::declared("key", key, &[context])) else {
            panic!("{key} {context:?}")
        };
        assert!(matches!(error, PlaceError::Unfit { .. }), "{error}");
    }
    fs::write(stage.path("key"), "-----BEGIN PGP PRIVATE KEY BLOCK-----").unwrap();
    let error = stage.open("key").observe().unwrap_err();
    assert!(error.to_string().contains("no message of the AWS Encryption SDK"), "{error}");
}

#[test]
fn a_consumer_imports_the_file_as_the_page_says() {
    let stage = Bench::new();
    let issued = &vault::SHARED.1;
    let export = SlotValue::of(Zeroizing::new(issued.export.clone()));
    let context = [("purpose", "release-signing")];
    let declared = Bench::declared("signing-key.encrypted", &stage.key, &context);
    let open = || stage.try_open(&declared).unwrap();
    let guard = contract::guard(&open);
    let (name, subkey) = (contract::NAMES[0], issued.fingerprint);
    open().put_pending(&Put { name, subkey, value: &export, guard: &guard }).unwrap();
    contract::promote(&open, contract::NAMES[1], 'A', name, "").unwrap();
    let page = fs::read_to_string("docs/slots/kms-file.md").unwrap();
    let scripts: Vec<_> =
        page.split("```sh\n").skip(1).filter_map(|one| one.split("```").next()).collect();
    let script = scripts.concat();
    let gpg = Gpg::new();
    let folder = stage.folder.path();
    fs::write(folder.join("release.tar.gz"), "TEST").unwrap();
    fs::write(folder.join("passphrase"), vault::SUBKEY_PASSPHRASE).unwrap();
    let tools = peers::program("aws-encryption-cli").parent().unwrap().to_owned();
    let mut command = Command::new("bash");
    command
        .args(["-euo", "pipefail", "-c", &script])
        .current_dir(folder)
        .env("GNUPGHOME", gpg.home())
        .env("KMS_KEY", &stage.key)
        .env("SUBKEY", issued.fingerprint.hex())
        .env("PASSPHRASE_PIPE", folder.join("passphrase"))
        .env("PATH", format!("{}:/usr/bin:/bin", tools.display()))
        .envs(stage.moto.variables());
    let outcome = finish(command, b"", std::time::Duration::from_mins(1)).expect("it hangs");
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let listed = gpg.lines(&["--list-secret-keys", "--with-colons"]);
    assert!(listed.iter().any(|line| line.contains(&issued.fingerprint.hex())), "{listed:?}");
    assert!(listed.iter().any(|line| line.starts_with("sec") && line.contains('#')), "{listed:?}");
    assert!(folder.join("release.tar.gz.asc").exists());
}
