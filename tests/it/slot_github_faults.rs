//! What goes wrong with secrets of GitHub Actions: another place, no token,
//! lost answers.

use std::io::Write as _;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keyrite::adapters::slots::{self, Access};
use keyrite::domain::custody::Stage;
use keyrite::domain::timestamp::Timestamp;
use keyrite::domain::workspace::Slot as Declared;
use keyrite::engine::place::PlaceError;
use keyrite::engine::slot::{Found, Put, SlotValue};

use crate::slot_github::{REPOSITORY, SECRETS, access, open, own, slot, text};
use crate::support::github::{Fault, Github, TOKEN};
use crate::support::peers;
use crate::support::slots::{NAMES, guard, key, promote, put, stage, value};

#[test]
fn nothing_is_sent_to_a_place_that_is_not_the_declared_one() {
    let github = Github::start();
    let subkey = key('A');
    let secret = value("SECRET");
    let put = Put { name: NAMES[0], subkey, value: &secret, guard: "" };
    let told = |place: &str, more: &[(&str, &str)]| {
        let error = open(&github, place, more).put_pending(&put).unwrap_err();
        (matches!(error, PlaceError::OtherPlace { .. }), error.to_string())
    };
    for (place, more, is_other, words) in [
        ("halyard/old:KEY", ("variable", ""), true, "it was renamed or transferred"),
        (REPOSITORY, ("repository_id", "1"), true, "its number is 4711, and not 1"),
        (REPOSITORY, ("repository_id", ""), false, "write repository_id = \"4711\""),
        (REPOSITORY, ("visibility", "public"), true, "it is private, and not public"),
        (REPOSITORY, ("visibility", ""), false, "write visibility = \"private\""),
        ("halyard/gone:KEY", ("variable", ""), false, "404 Not Found"),
        ("halyard/halyard/none:KEY", ("variable", ""), false, "404 Not Found"),
        ("halyard:KEY", ("organisation_id", "1"), true, "its number is 815"),
        ("halyard:KEY", ("organisation_id", ""), false, "write organisation_id = \"815\""),
    ] {
        let (found, error) = told(place, &[more]);
        assert!(found == is_other && error.contains(words), "{place}: {error}");
    }
    github.with(|state| state.full_name = "halyard/rigging".to_owned());
    let (is_other, error) = told(REPOSITORY, &[]);
    assert!(is_other && error.contains("called halyard/rigging now"), "{error}");
    assert_eq!(github.writes(), Vec::<String>::new());
    assert!(github.with(|state| state.things.is_empty() && state.sealed.is_empty()));
    let far = slot(&github, REPOSITORY, &[("api", "http://api.example.org")]);
    assert!(slots::open(&far, &access(1, 1), Timestamp::from_unix(1)).is_err());
}

#[test]
fn a_token_that_ends_and_one_that_is_missing_are_told() {
    let github = Github::start();
    let open = &|| open(&github, REPOSITORY, &[("variable", "GPG_SUBKEY")]);
    let version = put(open, NAMES[0], 'A', "one").unwrap();
    github.with(|state| state.faults = vec![("PUT", "secrets", Fault::Status(401, None), 1)]);
    let error = put(open, NAMES[1], 'B', "two").unwrap_err();
    assert!(matches!(error, PlaceError::Refused { .. }), "{error}");
    assert!(error.to_string().contains("wrong or has ended"), "{error}");
    github.with(|state| state.token = "another".to_owned());
    let error = open().observe().unwrap_err();
    assert!(error.to_string().contains("401 Bad credentials"), "{error}");
    assert!(!error.to_string().contains(TOKEN) && !format!("{:?}", access(1, 1)).contains(TOKEN));
    assert_eq!(text(&github, &version).unwrap(), "one");
    let told = |declared: &Declared| {
        let slot = slots::open(declared, &Access::default(), Timestamp::from_unix(1)).unwrap();
        slot.observe().unwrap_err().to_string()
    };
    let error = told(&slot(&github, REPOSITORY, &[]));
    assert!(error.contains("has to name a token for 127.0.0.1"), "{error}");
    // An entry that is for something else is not sent to whoever is asked.
    let error = told(&slot(&github, REPOSITORY, &[("token", "keyrite/ci-passphrase")]));
    assert!(error.contains("has to name a token for 127.0.0.1"), "{error}");
}

#[test]
fn what_passes_is_asked_again_at_most_four_times() {
    let github = Github::start();
    let open = &|| open(&github, REPOSITORY, &[("variable", "GPG_SUBKEY")]);
    for fault in [
        Fault::Status(500, None),
        Fault::Status(502, None),
        Fault::Status(503, None),
        Fault::Status(429, Some(0)),
        Fault::Status(403, Some(0)),
        Fault::Reset,
    ] {
        for (method, part) in [("GET", "halyard"), ("GET", "public-key"), ("PUT", "secrets")] {
            if (method, fault) == ("PUT", Fault::Reset) {
                continue;
            }
            github.with(|state| state.faults = vec![(method, part, fault, 3)]);
            let version = put(open, NAMES[0], 'A', "one").unwrap();
            assert_eq!(text(&github, &version).unwrap(), "one", "{method} {fault:?}");
            github.with(|state| assert_eq!(state.faults[0].3, 0));
        }
        github.with(|state| state.faults = vec![("GET", "halyard", fault, 5)]);
        let error = open().observe().unwrap_err();
        assert!(matches!(error, PlaceError::Unreachable { .. }), "{error}");
        assert!(error.to_string().contains("4 times"), "{error}");
        github.with(|state| assert_eq!(state.faults[0].3, 1));
    }
    // Who asks for a long wait is not made to wait by us.
    github.with(|state| state.faults = vec![("GET", "halyard", Fault::Status(429, Some(3600)), 5)]);
    let error = open().observe().unwrap_err().to_string();
    assert!(error.contains("1 times; it wants 3600 seconds in between"), "{error}");
    // No more after the fourth server error of something that changes: unknown.
    github.with(|state| state.faults = vec![("PUT", "secrets", Fault::Status(500, None), 4)]);
    let error = put(open, NAMES[0], 'B', "two").unwrap_err();
    assert!(matches!(error, PlaceError::InDoubt { .. }), "{error}");
}

#[test]
fn a_lost_answer_leaves_one_pending_and_one_current_version_or_a_doubt() {
    for more in [&[("variable", "GPG_SUBKEY")][..], &[]] {
        let github = Github::start();
        let open = &|| open(&github, REPOSITORY, more);
        let set = |faults| github.with(|state| state.faults = faults);
        // It was done: that is seen.
        set(vec![("PUT", "secrets", Fault::Lost, 1)]);
        let one = put(open, NAMES[0], 'A', "one").unwrap();
        assert_eq!(stage(open, &one), Some(Stage::Pending));
        let (method, part) =
            if more.is_empty() { ("PUT", "secrets") } else { ("POST", "variables") };
        set(vec![(method, part, Fault::Lost, 1)]);
        let one = promote(open, NAMES[1], 'A', &one, "one").unwrap();
        assert_eq!(stage(open, &one), Some(Stage::Current));
        // It was not done, or nobody can tell: the same is done again then.
        for fault in [Fault::Reset, Fault::Hang] {
            let old = guard(open);
            let two = value("two");
            let two = Put { name: NAMES[0], subkey: key('B'), value: &two, guard: &old };
            set(vec![("PUT", "secrets", fault, 1)]);
            let error = open().put_pending(&two).unwrap_err();
            assert!(matches!(error, PlaceError::InDoubt { .. }), "{error}");
            assert_eq!(open().observe().unwrap().versions.len(), 1);
            // This time it is done, and then nothing answers any more.
            set(vec![("PUT", "secrets", Fault::Lost, 1), ("GET", "secrets/GPG", Fault::Reset, 9)]);
            let error = open().put_pending(&two).unwrap_err();
            assert!(matches!(error, PlaceError::InDoubt { .. }), "{error}");
            set(Vec::new());
            assert_eq!(open().find(NAMES[0]), Ok(Found::Again));
            let version = open().put_pending(&two).unwrap();
            let seen = open().observe().unwrap();
            assert_eq!(seen.versions.len(), 2);
            assert_eq!(seen.at(Stage::Pending).unwrap().version, version);
            assert_eq!(seen.at(Stage::Current).unwrap().version, one);
            open().retire(&version).unwrap();
        }
    }
}

#[test]
fn a_public_key_that_has_changed_is_fetched_again_once() {
    let github = Github::start();
    let open = &|| open(&github, REPOSITORY, &[]);
    github.with(|state| state.new_key = true);
    put(open, NAMES[0], 'A', "one").unwrap();
    assert_eq!(text(&github, "GPG_PRIVATE_KEY_NEXT").unwrap(), "one");
    let puts = github.writes();
    assert_eq!(puts.len(), 2, "{puts:?}");
    // Another reason for the same status is no reason to go on.
    github.with(|state| state.faults = vec![("PUT", "secrets", Fault::Status(422, None), 9)]);
    let error = put(open, NAMES[0], 'B', "two").unwrap_err();
    assert!(matches!(error, PlaceError::Unfit { .. }), "{error}");
    assert_eq!(github.writes().len(), 3);
}

#[test]
fn what_is_too_long_or_has_several_entries_is_not_sent() {
    let github = Github::start();
    let open = &|| open(&github, REPOSITORY, &[]);
    assert_eq!(open().limit(), 49_152);
    put(open, NAMES[0], 'A', &"x".repeat(49_152)).unwrap();
    let before = github.writes().len();
    let error = put(open, NAMES[0], 'A', &"x".repeat(49_153)).unwrap_err();
    assert!(matches!(error, PlaceError::Unfit { .. }), "{error}");
    let two = SlotValue(vec![(String::new(), Vec::new().into()), ("a".into(), Vec::new().into())]);
    let guard = guard(open);
    let put = Put { name: NAMES[0], subkey: key('A'), value: &two, guard: &guard };
    assert!(matches!(open().put_pending(&put), Err(PlaceError::Unfit { .. })));
    assert_eq!(github.writes().len(), before);
}

#[test]
fn all_pages_of_names_are_read() {
    let github = Github::start();
    let open = &|| open(&github, REPOSITORY, &[("variable", "GPG_SUBKEY")]);
    github.with(|state| {
        for number in 0..250 {
            let name = format!("{SECRETS}/GPG_{number:03}");
            state.keep(name, String::new(), &serde_json::json!({}));
        }
    });
    let old = guard(open);
    // It comes behind all of those.
    put(open, NAMES[0], 'A', "one").unwrap();
    assert_eq!(open().observe().unwrap().versions.len(), 1);
    // What others do with theirs is nothing to this slot.
    open().retire(&own('A')).unwrap();
    github.with(|state| state.things.remove(&format!("{SECRETS}/GPG_001")));
    assert_eq!(guard(open), old);
}

#[test]
fn another_implementation_opens_what_was_sealed() {
    let github = Github::start();
    let open = &|| open(&github, REPOSITORY, &[]);
    let secret = "-----BEGIN TEST-----\nzwölf\n";
    put(open, NAMES[0], 'A', secret).unwrap();
    let (sealed, key) = github.with(|state| state.sealed.pop_front()).unwrap();
    assert_eq!(sealed.len(), secret.len() + 48);
    let program = "import sys, base64; from nacl.public import PrivateKey, SealedBox\n\
                   key, text = sys.stdin.read().split()\n\
                   box = SealedBox(PrivateKey(base64.b64decode(key)))\n\
                   sys.stdout.buffer.write(box.decrypt(base64.b64decode(text)))";
    let mut child = Command::new(peers::program("python"))
        .args(["-c", program])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let input = format!("{} {}", STANDARD.encode(key), STANDARD.encode(sealed));
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), secret);
}
