//! The credential store as a slot: gnome-keyring, on a session bus of its own.

use std::fs;
use std::process::Command;
use std::time::Duration;

use keyrite::adapters::slots::{self, Access};
use keyrite::domain::custody::Stage;
use keyrite::domain::timestamp::Timestamp;
use keyrite::domain::workspace::SlotKind;
use keyrite::engine::place::PlaceError;
use keyrite::engine::slot::{Promotion, Put, Slot};

use crate::credentials::{LOCKED, UNLOCKED, in_a_session};
use crate::slot_directory::declared;
use crate::support::gpg::Gpg;
use crate::support::program::finish;
use crate::support::{slots as contract, vault};

fn open(place: &str) -> Box<dyn Slot> {
    let slot = declared(SlotKind::CredentialStore, place);
    slots::open(&slot, &Access::default(), Timestamp::from_unix(1)).unwrap()
}

fn secret_tool(words: &[&str], input: &[u8]) -> String {
    let mut command = Command::new("secret-tool");
    command.args(words);
    let outcome = finish(command, input, Duration::from_secs(20)).expect("it hangs");
    outcome.out
}

fn lookup(service: &str, user: &str) -> String {
    secret_tool(&["lookup", "service", service, "username", user], b"")
}

fn store(user: &str, value: &str) {
    let words = ["store", "--label=TEST", "service", "keyrite", "username", user];
    secret_tool(&words, value.as_bytes());
}

#[test]
fn the_credential_store_keeps_what_every_slot_promises() {
    in_a_session(UNLOCKED, "slot_credential_store::promises");
}

#[test]
#[ignore = "run by another test, in a session of its own"]
fn promises() {
    let tests: [(&str, contract::Promise); 4] = [
        ("keyrite/pending", contract::pending),
        ("keyrite/read-back", contract::read_back),
        ("keyrite/promotion", contract::promotion),
        ("keyrite/retirement", contract::retirement),
    ];
    for (place, test) in tests {
        test(&|| open(place));
    }
    // What other programs get.
    assert_eq!(lookup("keyrite", "promotion"), "one");
    assert_eq!(lookup("keyrite", "promotion.previous"), "two");
    assert_eq!(lookup("keyrite", "promotion.next"), "");
    assert!(!lookup("keyrite", "promotion.about").contains("one"));
    assert_eq!(lookup("keyrite", "retirement.next"), "");
    let error = open("keyrite/promotion").freeze(true).unwrap_err();
    assert!(matches!(error, PlaceError::Unable { .. }), "{error}");
}

#[test]
fn a_promotion_in_the_credential_store_that_is_cut_off_is_done_once_more() {
    in_a_session(UNLOCKED, "slot_credential_store::cut_off");
}

#[test]
#[ignore = "run by another test, in a session of its own"]
fn cut_off() {
    let [first, second, third] = contract::NAMES;
    let about = |user: &str| lookup("keyrite", &format!("{user}.about"));
    // What the entry beside it says after each step is taken from a store in
    // which all of them were done.
    let open_it = || open("keyrite/whole");
    let one = contract::put(&open_it, first, 'A', "one").unwrap();
    contract::promote(&open_it, first, 'A', &one, "").unwrap();
    contract::put(&open_it, second, 'B', "two").unwrap();
    let before: serde_json::Value = serde_json::from_str(&about("whole")).unwrap();
    let guard = contract::guard(&open_it);
    let mut begun = before.clone();
    begun["promoting"] = second.into();
    let mut copied = begun.clone();
    copied["previous"] = begun["current"].clone();
    for (number, (about, entries)) in [
        (&begun, [("", "one"), (".next", "two"), (".previous", "")]),
        (&begun, [("", "one"), (".next", "two"), (".previous", "one")]),
        (&copied, [("", "one"), (".next", "two"), (".previous", "one")]),
        (&copied, [("", "two"), (".next", "two"), (".previous", "one")]),
    ]
    .into_iter()
    .enumerate()
    {
        let user = format!("cut{number}");
        store(&format!("{user}.about"), &about.to_string());
        for (ending, value) in entries.iter().filter(|(_, value)| !value.is_empty()) {
            store(&format!("{user}{ending}"), value);
        }
        let place = format!("keyrite/{user}");
        let seen = open(&place).observe().unwrap();
        assert!(seen.facts[0].contains("cut off"), "{seen:?}");
        let value = contract::value("three");
        let subkey = contract::key('C');
        let put = Put { name: third, subkey, value: &value, guard: &seen.guard };
        assert!(matches!(open(&place).put_pending(&put), Err(PlaceError::Unfit { .. })));
        let promotion = Promotion {
            name: third,
            subkey: contract::key('B'),
            version: second,
            value: None,
            guard: &guard,
        };
        for _ in 0..2 {
            assert_eq!(open(&place).promote(&promotion), Ok(second.to_owned()));
        }
        let found = ["", ".next", ".previous"].map(|ending| {
            let user = format!("{user}{ending}");
            lookup("keyrite", &user)
        });
        assert_eq!(found, ["two", "", "one"], "{number}");
        assert_eq!(open(&place).observe().unwrap().at(Stage::Previous).unwrap().version, first);
    }
    // A put that was cut off before its value was there is done once more.
    let mut half = before;
    half["pending"]["is_whole"] = false.into();
    store("half.about", &half.to_string());
    store("half", "one");
    let open_it = || open("keyrite/half");
    assert_eq!(open_it().find(second), Ok(keyrite::engine::slot::Found::Nothing));
    let value = contract::value("two");
    let put = Put { name: second, subkey: contract::key('B'), value: &value, guard: "old" };
    assert_eq!(open_it().put_pending(&put), Ok(second.to_owned()));
    assert_eq!(lookup("keyrite", "half.next"), "two");
    // What was there before keyrite is kept as the previous one.
    store("theirs", "something");
    let open_it = || open("keyrite/theirs");
    let one = contract::put(&open_it, first, 'A', "one").unwrap();
    contract::promote(&open_it, second, 'A', &one, "").unwrap();
    assert_eq!(lookup("keyrite", "theirs.previous"), "something");
}

#[test]
fn a_consumer_takes_the_entry_as_the_page_says() {
    in_a_session(UNLOCKED, "slot_credential_store::consumer");
}

#[test]
#[ignore = "run by another test, in a session of its own"]
fn consumer() {
    let issued = &vault::SHARED.1;
    let export = String::from_utf8(issued.export.clone()).unwrap();
    for (user, value) in [("key", export.as_str()), ("passphrase", vault::SUBKEY_PASSPHRASE)] {
        let place = format!("release-signing/{user}");
        let open_it = || open(&place);
        let one = contract::put(&open_it, contract::NAMES[0], 'A', value).unwrap();
        contract::promote(&open_it, contract::NAMES[1], 'A', &one, "").unwrap();
    }
    let page = fs::read_to_string("docs/slots/credential-store.md").unwrap();
    let script = page.split("```sh\n").nth(1).unwrap().split("```").next().unwrap();
    let gpg = Gpg::new();
    let mut command = Command::new("bash");
    fs::write(gpg.home().join("release.tar"), "TEST").unwrap();
    command
        .args(["-euo", "pipefail", "-c", script])
        .current_dir(gpg.home())
        .env("GNUPGHOME", gpg.home())
        .env("SUBKEY", issued.fingerprint.hex());
    let outcome = finish(command, b"", Duration::from_secs(40)).expect("it hangs");
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let verified = Command::new("gpg")
        .env("GNUPGHOME", gpg.home())
        .args(["--status-fd", "1", "--verify", "release.tar.sig", "release.tar"])
        .current_dir(gpg.home())
        .output()
        .unwrap();
    let verified = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert!(verified.contains(&format!("VALIDSIG {}", issued.fingerprint.hex())), "{verified}");
}

#[test]
fn a_locked_credential_store_is_told_from_none() {
    in_a_session(LOCKED, "slot_credential_store::locked");
    // A bus would start a store by itself.
    let no_bus = "unset DBUS_SESSION_BUS_ADDRESS XDG_RUNTIME_DIR && ";
    in_a_session(no_bus, "slot_credential_store::absent");
}

fn refused() -> [PlaceError; 2] {
    let value = contract::value("TEST secret");
    let subkey = contract::key('A');
    let put = Put { name: contract::NAMES[0], subkey, value: &value, guard: "" };
    let slot = open("keyrite/slot");
    [slot.observe().map(|_| ()).unwrap_err(), slot.put_pending(&put).unwrap_err()]
}

#[test]
#[ignore = "run by another test, in a session of its own"]
fn locked() {
    // Whether something is there, it does not say; so nothing is, until
    // something is to be written.
    let value = contract::value("TEST secret");
    let slot = open("keyrite/slot");
    let guard = slot.observe().map(|seen| seen.guard).unwrap_or_default();
    let subkey = contract::key('A');
    let put = Put { name: contract::NAMES[0], subkey, value: &value, guard: &guard };
    let error = slot.put_pending(&put).unwrap_err();
    assert!(matches!(error, PlaceError::Refused { .. }), "{error:?}");
    assert!(error.to_string().contains("unlock it"), "{error}");
    assert!(!error.to_string().contains("TEST secret"), "{error}");
}

#[test]
#[ignore = "run by another test, in a session of its own"]
fn absent() {
    for error in refused() {
        assert!(matches!(error, PlaceError::Unreachable { .. }), "{error:?}");
        assert!(error.to_string().contains("use another slot"), "{error}");
    }
}
