//! Workflows of GitHub Actions that sign: the one that proves a slot, and those
//! of consumers.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keyrite::adapters::openpgp::{verify_detached, without_passphrase};
use keyrite::adapters::slots;
use keyrite::domain::fingerprint::Fingerprint;
use keyrite::domain::timestamp::Timestamp;
use keyrite::domain::workspace::{Setting, SlotKind};
use keyrite::engine::secret::Secret;
use keyrite::engine::slot::Put;

use crate::slot_directory::declared;
use crate::slot_github::{REPOSITORY, access, slot};
use crate::support::github::{Fault, Github};
use crate::support::gpg::Gpg;
use crate::support::slots::{NAMES, guard, value};
use crate::support::tree::root;
use crate::support::workflow::Context;

/// A certificate with two signing subkeys, and the export of the first one.
struct Signer {
    gpg: Gpg,
    certificate: Vec<u8>,
    export: String,
    subkey: Fingerprint,
    other: Fingerprint,
}

const PASSPHRASE: &str = "TEST pass \"phrase\" $1";

fn signer() -> Signer {
    let gpg = Gpg::new();
    let with = |arguments: &[&str]| gpg.run(&[&["--passphrase", PASSPHRASE], arguments].concat());
    with(&["--quick-gen-key", "TEST <test@example.org>", "ed25519", "cert", "never"]);
    let fingerprints = || {
        let lines = gpg.lines(&["--with-colons", "--list-keys"]);
        let of =
            |line: &String| Some(line.strip_prefix("fpr:::::::::")?.trim_matches(':').to_owned());
        lines.iter().filter_map(of).collect::<Vec<_>>()
    };
    let primary = fingerprints().remove(0);
    for _ in 0..2 {
        with(&["--quick-add-key", &primary, "ed25519", "sign", "never"]);
    }
    let subkey = fingerprints().remove(1);
    let other = fingerprints().remove(2);
    let export = with(&["--armor", "--export-secret-subkeys", &format!("{subkey}!")]);
    Signer {
        certificate: gpg.run(&["--export", &primary]),
        export: String::from_utf8(export).unwrap(),
        subkey: Fingerprint::from_hex(&subkey).unwrap(),
        other: Fingerprint::from_hex(&other).unwrap(),
        gpg,
    }
}

#[test]
fn only_this_subkey_proves_it_with_this_nonce_and_now() {
    let signer = signer();
    let file = signer.gpg.file("nonce", b"TEST nonce");
    let sign = |key: &Fingerprint| {
        let user = format!("{}!", key.hex());
        let arguments = ["--passphrase", PASSPHRASE, "--local-user", &user, "--output", "-"];
        signer.gpg.run(&[&arguments[..], &["--detach-sign", &file]].concat())
    };
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now = Timestamp::from_unix(i64::try_from(now.as_secs()).unwrap());
    let told = |signature: &[u8], nonce: &str, asked: Timestamp| {
        let (subkey, certificate) = (&signer.subkey, &signer.certificate);
        slots::is_signed_by(subkey, nonce, signature, certificate, asked)
    };
    let signature = sign(&signer.subkey);
    assert_eq!(told(&signature, "TEST nonce", now), Ok(()));
    assert_eq!(told(&signature, "TEST nonce", now.plus(-3000)), Ok(()));
    let error = told(&signature, "TEST nonce", now.plus(-7200)).unwrap_err();
    assert!(error.contains("which is not yet"), "{error}");
    assert!(told(&signature, "TEST other", now).is_err());
    assert!(told(b"", "TEST nonce", now).is_err());
    let error = told(&sign(&signer.other), "TEST nonce", now).unwrap_err();
    assert_eq!(error, format!("{} has signed", signer.other.hex()));
}

/// A time at which what was signed just now is not from the future.
fn far() -> Timestamp {
    Timestamp::parse("2090-01-01").unwrap()
}

fn workflow() -> String {
    std::fs::read_to_string(root().join("assets/templates/keyrite-prove.yml")).unwrap()
}

#[test]
fn the_workflow_signs_with_exactly_what_was_put_there() {
    let signer = signer();
    let github = Github::start();
    github.with(|state| state.workflow = Some(workflow()));
    let more = [("variable", "GPG_SUBKEY"), ("workflow", "keyrite-prove.yml")];
    let patient = |place: &str, more: &[(&str, &str)]| {
        let slot = slot(&github, place, more);
        slots::open(&slot, &access(60_000, 300_000), Timestamp::from_unix(1)).unwrap()
    };
    let names = ["GPG_PRIVATE_KEY", "GPG_PASSPHRASE", "GPG_KEY_ID"];
    for (form, more) in [&more[..], &more[1..]].into_iter().enumerate() {
        let put = |name: &str, text: &str| {
            let open = &|| patient(&format!("halyard/halyard:{name}"), more);
            let (guard, value) = (guard(open), value(text));
            let subkey = signer.subkey;
            open().put_pending(&Put { name: NAMES[0], subkey, value: &value, guard: &guard })
        };
        let slot = patient(REPOSITORY, more);
        let key = [signer.export.clone(), STANDARD.encode(&signer.export)][form].clone();
        let version = put(names[0], &key).unwrap();
        // The passphrase is not there yet: that is told, with where to look.
        let nonce = format!("TEST 3f2b8c1e-0d47-4c55-9a3e-6f0e2d9b7a1{form}");
        let error = slot.ask_for_signature(&nonce, &version, None).unwrap_err();
        assert!(error.to_string().contains("ended as failure: see https://"), "{error}");
        put(names[1], PASSPHRASE).unwrap();
        put(names[2], &format!("{}!", signer.subkey.hex())).unwrap();
        // Somebody's lost answer is no second run.
        github.with(|state| state.faults = vec![("POST", "dispatches", Fault::Lost, 1)]);
        let before = github.writes().len();
        let signature = slot.ask_for_signature(&nonce, &version, None).unwrap().unwrap();
        assert_eq!(slot.ask_for_signature(&nonce, &version, None), Ok(Some(signature.clone())));
        assert_eq!(github.writes().len(), before + 1);
        let verify =
            |data: &str| verify_detached(&signer.certificate, &signature, data.as_bytes(), far());
        assert_eq!(verify(&nonce).unwrap().key, signer.subkey);
        assert!(verify("TEST other").is_err());
        github.with(|state| state.things.clear());
    }
    assert_eq!(patient(REPOSITORY, &[]).ask_for_signature("TEST", "X", None), Ok(None));
}

/// The blocks of that language on the page of this kind of slot.
fn blocks(language: &str) -> Vec<String> {
    let page = std::fs::read_to_string(root().join("docs/slots/github-actions.md")).unwrap();
    let fence = format!("```{language}\n");
    let blocks = page.split(&fence).skip(1);
    blocks.map(|block| block.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn consumers_sign_as_the_page_says() {
    let signer = signer();
    let hex = signer.subkey.hex();
    let key_id = format!("{hex}!");
    let values = [
        ("GPG_PRIVATE_KEY", STANDARD.encode(&signer.export)),
        ("GPG_PASSPHRASE", PASSPHRASE.to_owned()),
        ("GPG_KEY_ID", key_id.clone()),
    ];
    let blocks = blocks("yaml");
    assert_eq!(blocks.len(), 3);
    // The last one is the job of the EIC.
    for (yaml, suffix) in blocks.iter().zip([format!("_{hex}"), String::new()]) {
        let secret = |(name, text): &(&str, String)| (format!("{name}{suffix}"), text.clone());
        let context = Context {
            secrets: values.iter().map(secret).collect(),
            vars: BTreeMap::from([("GPG_SUBKEY".to_owned(), hex.clone())]),
            ..Context::default()
        };
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("release.tar"), "TEST release").unwrap();
        let ended = context.run(yaml, folder.path());
        assert!(ended.is_success, "{}", ended.log);
        for secret in context.secrets.values() {
            assert!(!ended.log.contains(secret.as_str()), "{}", ended.log);
        }
        let signature = std::fs::read(folder.path().join("release.tar.asc")).unwrap();
        let signed = verify_detached(&signer.certificate, &signature, b"TEST release", far());
        assert_eq!(signed.unwrap().key, signer.subkey);
        assert!(!folder.path().join("gnupg").exists(), "the home is left");
    }
}

#[test]
fn a_job_with_the_one_key_of_the_eic_signs_as_the_page_says() {
    let signer = signer();
    let passphrase = Secret::take(&mut PASSPHRASE.as_bytes().to_vec()).unwrap();
    let open = without_passphrase(signer.export.as_bytes(), &passphrase).unwrap();
    let open = String::from_utf8(open.to_vec()).unwrap();
    let secrets = BTreeMap::from([("SPACK_SIGNING_KEY".to_owned(), open.clone())]);
    let context = Context { secrets, ..Context::default() };
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("release.tar"), "TEST release").unwrap();
    let ended = context.run(&blocks("yaml")[2], folder.path());
    assert!(ended.is_success, "{}", ended.log);
    assert!(!open.lines().any(|line| line.len() > 40 && ended.log.contains(line)));
    let signature = std::fs::read(folder.path().join("release.tar.asc")).unwrap();
    let signed = verify_detached(&signer.certificate, &signature, b"TEST release", far());
    assert_eq!(signed.unwrap().key, signer.subkey);
    assert!(!folder.path().join("gnupg").exists(), "the home is left");
}

#[test]
fn the_page_has_the_workflow_and_declarations_that_are_read() {
    let page = std::fs::read_to_string(root().join("docs/slots/github-actions.md")).unwrap();
    assert!(page.contains("assets/templates/keyrite-prove.yml"), "it does not name the workflow");
    for block in blocks("toml") {
        let file: toml::Value = toml::from_str(&block).unwrap();
        for slot in file["slots"].as_array().unwrap() {
            let mut read = declared(SlotKind::GithubActions, slot["place"].as_str().unwrap());
            let known = SlotKind::GithubActions.settings();
            let settings = slot["settings"].as_table().unwrap().iter();
            read.settings = settings
                .inspect(|(name, _)| assert!(known.iter().any(|one| one.name == *name), "{name}"))
                .map(|(name, text)| (name.clone(), Setting::Text(text.as_str().unwrap().into())))
                .collect();
            assert!(read.settings.len() >= 3, "{read:?}");
            assert_eq!(read.problems(), Vec::<String>::new());
        }
    }
}
