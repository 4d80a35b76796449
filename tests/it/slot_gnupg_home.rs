//! A home of `GnuPG` as a slot.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;
use std::time::Duration;

use keyrite::adapters::slots::{self, Access};
use keyrite::domain::custody::Stage;
use keyrite::domain::keyspec::KeyAlgorithm;
use keyrite::domain::timestamp::Timestamp;
use keyrite::domain::workspace::{Content, SlotKind};
use keyrite::engine::place::PlaceError;
use keyrite::engine::slot::{Found, Promotion, Put, Slot, SlotValue};
use zeroize::Zeroizing;

use crate::slot_directory::declared;
use crate::support::gpg::Gpg;
use crate::support::program::finish;
use crate::support::slots as contract;
use crate::support::vault::{SHARED, SUBKEY_PASSPHRASE, secret, subkey};

fn open(gpg: &Gpg) -> Box<dyn Slot> {
    try_open(gpg, Content::Key).unwrap()
}

fn try_open(gpg: &Gpg, content: Content) -> Result<Box<dyn Slot>, PlaceError> {
    let mut slot = declared(SlotKind::GnupgHome, gpg.home().to_str().unwrap());
    slot.contents = [(String::new(), content)].into();
    slots::open(&slot, &Access::default(), Timestamp::from_unix(1))
}

fn value(export: &[u8]) -> SlotValue {
    SlotValue::of(Zeroizing::new(export.to_vec()))
}

fn config(gpg: &Gpg) -> String {
    fs::read_to_string(gpg.home().join("gpg.conf")).unwrap_or_default()
}

#[test]
fn a_home_of_gnupg_holds_subkeys_and_uses_one() {
    let (root, one) = &*SHARED;
    let two = subkey(root, &one.certificate, KeyAlgorithm::Ed25519);
    let [first, second, third] = contract::NAMES;
    let gpg = Gpg::new();
    let own = "no-greeting\n";
    fs::write(gpg.home().join("gpg.conf"), own).unwrap();
    let open_it = || open(&gpg);
    let empty = open_it().observe().unwrap();
    assert!(empty.versions.is_empty() && empty.facts.is_empty(), "{empty:?}");
    let put = |name, issued: &keyrite::adapters::openpgp::Issued, guard: &str| {
        let value = value(&issued.export);
        open_it().put_pending(&Put { name, subkey: issued.fingerprint, value: &value, guard })
    };
    assert_eq!(open_it().find(first), Ok(Found::Nothing));
    assert_eq!(put(first, one, &empty.guard), Ok(first.to_owned()));
    // After a lost answer, with what was seen before.
    assert_eq!(put(first, one, &empty.guard), Ok(first.to_owned()));
    assert_eq!(open_it().find(first), Ok(Found::There(first.to_owned())));
    assert_eq!(contract::stage(&open_it, first), Some(Stage::Pending));
    assert!(!config(&gpg).contains("default-key"), "{}", config(&gpg));
    assert!(matches!(put(second, &two, &empty.guard), Err(PlaceError::Changed { .. })));
    assert_eq!(open_it().find(second), Ok(Found::Nothing));
    // The other is imported, and that is cut off before it is on record.
    let before = contract::guard(&open_it);
    let path = gpg.home().join("two.asc");
    fs::write(&path, &two.export).unwrap();
    gpg.run(&["--import", path.to_str().unwrap()]);
    assert_eq!(contract::stage(&open_it, &two.fingerprint.hex()), Some(Stage::Left));
    assert_eq!(put(second, &two, &before), Ok(second.to_owned()));
    assert_eq!(contract::stage(&open_it, second), Some(Stage::Pending));
    // Of two that were imported one is pending; the other can be used, too.
    assert_eq!(contract::stage(&open_it, &one.fingerprint.hex()), Some(Stage::Left));
    let promote = |version: &str, guard: &str| {
        open_it().promote(&Promotion {
            name: third,
            subkey: one.fingerprint,
            version,
            value: None,
            guard,
        })
    };
    let stale = contract::guard(&open_it);
    let old = one.fingerprint.hex();
    assert_eq!(promote(&old, &stale), Ok(old.clone()));
    assert_eq!(promote(&old, &stale), Ok(old.clone()));
    assert!(matches!(promote(second, &stale), Err(PlaceError::Changed { .. })));
    assert!(config(&gpg).contains(&format!("\ndefault-key {old}!\n")), "{}", config(&gpg));
    assert_eq!(promote(second, &contract::guard(&open_it)), Ok(second.to_owned()));
    assert_eq!(contract::stage(&open_it, second), Some(Stage::Current));
    assert_eq!(contract::stage(&open_it, &old), Some(Stage::Previous));
    let text = config(&gpg);
    assert!(text.starts_with(own) && text.matches("default-key").count() == 1, "{text}");
    assert!(text.contains(&format!("\ndefault-key {}!\n", two.fingerprint.hex())), "{text}");
    assert!(promote("no-such-version", &contract::guard(&open_it)).is_err());
    // What is used stays; the other is taken away, and nothing else.
    assert!(matches!(open_it().retire(second), Err(PlaceError::Unfit { .. })));
    for _ in 0..2 {
        open_it().retire(&old).unwrap();
    }
    let seen = open_it().observe().unwrap();
    assert_eq!(seen.versions.len(), 1, "{seen:?}");
    assert_eq!(seen.at(Stage::Current).unwrap().subkey, Some(two.fingerprint));
    let listed = gpg.lines(&["--list-secret-keys", "--with-colons"]);
    assert!(listed.iter().any(|line| line.starts_with("sec") && line.contains('#')), "{listed:?}");
    assert!(matches!(open_it().read_back(second), Err(PlaceError::Unable { .. })));
    assert!(matches!(open_it().freeze(true), Err(PlaceError::Unable { .. })));
}

#[test]
fn a_home_proves_what_it_holds_by_a_signature() {
    let issued = &SHARED.1;
    let gpg = Gpg::new();
    let open_it = || open(&gpg);
    let (name, guard) = (contract::NAMES[0], contract::guard(&open_it));
    let value = value(&issued.export);
    let put = Put { name, subkey: issued.fingerprint, value: &value, guard: &guard };
    open_it().put_pending(&put).unwrap();
    let ask = |passphrase: Option<&str>| {
        let passphrase = passphrase.map(secret);
        open_it().ask_for_signature("TEST nonce", name, passphrase.as_ref())
    };
    let signature = ask(Some(SUBKEY_PASSPHRASE)).unwrap().unwrap();
    let [data, proof] = ["data", "data.sig"].map(|name| gpg.home().join(name));
    fs::write(&data, "TEST nonce").unwrap();
    fs::write(&proof, signature).unwrap();
    let [data, proof] = [&data, &proof].map(|path| path.to_str().unwrap().to_owned());
    let said = gpg.lines(&["--status-fd", "1", "--verify", &proof, &data]);
    let valid = format!("VALIDSIG {}", issued.fingerprint.hex());
    assert!(said.iter().any(|line| line.contains(&valid)), "{said:?}");
    for wrong in [Some("TEST wrong"), None] {
        let error = ask(wrong).unwrap_err();
        assert!(matches!(error, PlaceError::Refused { .. }), "{error:?}");
        assert!(!error.to_string().contains("TEST wrong"), "{error}");
    }
    // No agent stays that remembers the passphrase.
    assert!(ask(None).is_err());
}

#[test]
fn what_is_no_key_or_no_home_is_refused() {
    let gpg = Gpg::new();
    for content in [Content::Passphrase, Content::JointKeyFile, Content::OpenKey] {
        assert!(matches!(try_open(&gpg, content), Err(PlaceError::Unfit { .. })), "{content:?}");
    }
    let open_it = || open(&gpg);
    let error = contract::put(&open_it, contract::NAMES[0], 'A', "no key").unwrap_err();
    assert!(matches!(error, PlaceError::Refused { .. }), "{error:?}");
    assert!(error.to_string().contains("import"), "{error}");
    assert_eq!(config(&gpg), "");
    fs::set_permissions(gpg.home(), fs::Permissions::from_mode(0o755)).unwrap();
    let error = open_it().observe().unwrap_err();
    assert!(error.to_string().contains("chmod 700"), "{error}");
    fs::set_permissions(gpg.home(), fs::Permissions::from_mode(0o700)).unwrap();
    // A primary key that lies there, too, is told.
    gpg.run(&["--quick-gen-key", "TEST <test@example.org>", "default", "default", "never"]);
    let seen = open_it().observe().unwrap();
    assert!(seen.facts[0].contains("CUS-001"), "{seen:?}");
}

#[test]
fn a_home_with_the_secret_of_the_primary_key_takes_and_proves_nothing() {
    let [gpg, other] = [Gpg::new(), Gpg::new()];
    gpg.run(&["--quick-gen-key", "TEST <test@example.org>", "ed25519", "cert", "never"]);
    let listed = || gpg.lines(&["--with-colons", "--list-keys"]);
    let fingerprints = || {
        let of =
            |line: &String| Some(line.strip_prefix("fpr:::::::::")?.trim_matches(':').to_owned());
        listed().iter().filter_map(of).collect::<Vec<_>>()
    };
    let primary = fingerprints().remove(0);
    gpg.run(&["--quick-add-key", &primary, "ed25519", "sign", "never"]);
    let subkey = fingerprints().remove(1);
    let export = gpg.run(&["--armor", "--export-secret-subkeys", &format!("{subkey}!")]);
    let value = value(&export);
    let subkey = keyrite::domain::fingerprint::Fingerprint::from_hex(&subkey).unwrap();
    let name = contract::NAMES[0];
    let put = |gpg: &Gpg| {
        let guard = contract::guard(&|| open(gpg));
        open(gpg).put_pending(&Put { name, subkey, value: &value, guard: &guard })
    };
    let is_refused = |error: PlaceError| {
        assert!(matches!(error, PlaceError::Unfit { .. }), "{error:?}");
        assert!(error.to_string().contains(&format!("the primary key {primary} lies")), "{error}");
    };
    is_refused(put(&gpg).unwrap_err());
    assert_eq!(config(&gpg), "");
    // Where it comes later, nothing is proved or used.
    assert_eq!(put(&other), Ok(name.to_owned()));
    let all = gpg.file("all", &gpg.run(&["--export-secret-keys", &primary]));
    other.run(&["--import", &all]);
    is_refused(open(&other).ask_for_signature("TEST nonce", name, None).unwrap_err());
    is_refused(contract::promote(&|| open(&other), name, 'A', name, "").unwrap_err());
    // What was put there can be taken away.
    open(&other).retire(name).unwrap();
}

#[test]
fn a_consumer_signs_in_the_home_as_the_page_says() {
    let issued = &SHARED.1;
    let gpg = Gpg::new();
    let open_it = || open(&gpg);
    let (name, guard) = (contract::NAMES[0], contract::guard(&open_it));
    let value = value(&issued.export);
    let put = Put { name, subkey: issued.fingerprint, value: &value, guard: &guard };
    open_it().put_pending(&put).unwrap();
    contract::promote(&open_it, name, 'A', name, "").unwrap();
    let page = fs::read_to_string("docs/slots/gnupg-home.md").unwrap();
    let script = page.split("```sh\n").nth(1).unwrap().split("```").next().unwrap();
    fs::write(gpg.home().join("release.tar"), "TEST").unwrap();
    let mut command = Command::new("bash");
    command
        .args(["-euo", "pipefail", "-c", script])
        .current_dir(gpg.home())
        .env("GNUPGHOME", gpg.home());
    let outcome =
        finish(command, SUBKEY_PASSPHRASE.as_bytes(), Duration::from_secs(20)).expect("it hangs");
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let [data, proof] = ["release.tar", "release.tar.sig"]
        .map(|name| gpg.home().join(name).to_str().unwrap().to_owned());
    let said = gpg.lines(&["--status-fd", "1", "--verify", &proof, &data]);
    let valid = format!("VALIDSIG {}", issued.fingerprint.hex());
    assert!(said.iter().any(|line| line.contains(&valid)), "{said:?}");
}
