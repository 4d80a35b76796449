//! Folders as slots.

use std::fs;
use std::path::Path;

use keyrite::adapters::slots::{self, Access};
use keyrite::domain::timestamp::Timestamp;
use keyrite::domain::workspace::{Content, Slot as Declared, SlotKind};
use keyrite::engine::place::PlaceError;
use keyrite::engine::slot::Slot;

use crate::support::slots as contract;

pub(crate) fn declared(kind: SlotKind, place: &str) -> Declared {
    Declared {
        id: "ci".to_owned(),
        kind,
        place: place.to_owned(),
        contents: [(String::new(), Content::Key)].into(),
        environment: None,
        selector: None,
        readers: Vec::new(),
        reason: None,
        settings: std::collections::BTreeMap::new(),
        line: 1,
    }
}

fn open(workspace: &Path) -> Result<Box<dyn Slot>, PlaceError> {
    let access = Access { workspace: workspace.to_owned(), ..Access::default() };
    slots::open(&declared(SlotKind::Directory, "slot"), &access, Timestamp::from_unix(1))
}

fn with(test: &dyn Fn(contract::Open<'_>)) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("slot")).unwrap();
    test(&|| open(folder.path()).unwrap());
}

#[test]
fn a_folder_keeps_what_every_slot_promises() {
    for test in [
        contract::pending,
        contract::read_back,
        contract::promotion,
        contract::retirement,
        contract::freezing,
    ] {
        with(&test);
    }
}

#[test]
fn a_consumer_reads_the_current_version_under_one_name() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("slot")).unwrap();
    contract::promotion(&|| open(folder.path()).unwrap());
    let read = |name: &str| fs::read_to_string(folder.path().join("slot").join(name)).unwrap();
    assert_eq!(read("current/value"), "one");
    assert_eq!(read("previous/value"), "two");
    open(folder.path()).unwrap().freeze(true).unwrap();
    assert!(!folder.path().join("slot/current").exists());
}

#[test]
fn a_folder_that_is_not_there_is_no_slot() {
    let folder = tempfile::tempdir().unwrap();
    let error = open(folder.path()).unwrap().observe().unwrap_err();
    // It is no matter of the network.
    assert!(matches!(error, PlaceError::Absent { .. }), "{error:?}");
    assert!(error.helps().starts_with("mount or make it"), "{}", error.helps());
    fs::write(folder.path().join("slot"), "").unwrap();
    let error = open(folder.path()).unwrap().observe().unwrap_err();
    assert!(matches!(error, PlaceError::OtherPlace { .. }), "{error:?}");
}

#[test]
fn a_consumer_imports_from_the_folder_as_the_page_says() {
    use crate::support::gpg::Gpg;
    use crate::support::program::finish;
    use crate::support::vault::{SHARED, SUBKEY_PASSPHRASE};
    let issued = &SHARED.1;
    let folder = tempfile::tempdir().unwrap();
    let slot = folder.path().join("slot");
    fs::create_dir(&slot).unwrap();
    let open = || open(folder.path()).unwrap();
    let export = String::from_utf8(issued.export.clone()).unwrap();
    let name = contract::put(&open, contract::NAMES[0], 'A', &export).unwrap();
    contract::promote(&open, contract::NAMES[1], 'A', &name, "").unwrap();
    fs::write(slot.join("release.tar"), "TEST").unwrap();
    let page = fs::read_to_string("docs/slots/directory.md").unwrap();
    let script = page.split("```sh\n").nth(1).unwrap().split("```").next().unwrap();
    let gpg = Gpg::new();
    let mut command = std::process::Command::new("bash");
    command
        .args(["-euo", "pipefail", "-c", script])
        .current_dir(&slot)
        .env("GNUPGHOME", gpg.home())
        .env("SUBKEY", issued.fingerprint.hex());
    let limit = std::time::Duration::from_secs(20);
    let outcome = finish(command, SUBKEY_PASSPHRASE.as_bytes(), limit).expect("it hangs");
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let [data, proof] =
        ["release.tar", "release.tar.sig"].map(|name| slot.join(name).to_str().unwrap().to_owned());
    let said = gpg.lines(&["--status-fd", "1", "--verify", &proof, &data]);
    let valid = format!("VALIDSIG {}", issued.fingerprint.hex());
    assert!(said.iter().any(|line| line.contains(&valid)), "{said:?}");
}

#[test]
fn a_promotion_that_was_cut_off_between_its_links_is_repeated() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("slot")).unwrap();
    let open = || open(folder.path()).unwrap();
    // One is current, another one was so before.
    contract::promotion(&open);
    let [one, _, third] = contract::NAMES;
    let pending = contract::put(&open, third, 'C', "three").unwrap();
    let guard = contract::guard(&open);
    let link = folder.path().join("slot/previous");
    fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink(Path::new("versions").join(one), &link).unwrap();
    let subkey = contract::key('C');
    let (name, version) = (third, pending.as_str());
    let promotion =
        keyrite::engine::slot::Promotion { name, subkey, version, value: None, guard: &guard };
    // Only what this promotion has done itself is gone on with.
    let theirs = folder.path().join("slot/versions/0000");
    fs::create_dir(&theirs).unwrap();
    assert!(matches!(open().promote(&promotion), Err(PlaceError::Changed { .. })));
    fs::remove_dir(&theirs).unwrap();
    assert_eq!(open().promote(&promotion), Ok(pending.clone()));
    assert_eq!(contract::stage(&open, one), Some(keyrite::domain::custody::Stage::Previous));
}

#[test]
fn what_nobody_understands_there_is_told_and_stops_nothing() {
    use keyrite::domain::custody::Stage;
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("slot")).unwrap();
    let open = || open(folder.path()).unwrap();
    contract::promotion(&open);
    let versions = folder.path().join("slot/versions");
    let [current, previous, third] = contract::NAMES;
    fs::write(versions.join(current).join("about.json"), "{").unwrap();
    fs::remove_file(versions.join(previous).join("about.json")).unwrap();
    fs::create_dir(versions.join(previous).join("about.json")).unwrap();
    fs::write(versions.join("0000"), "TEST").unwrap();
    fs::write(versions.join("odd\u{1b}name"), "TEST").unwrap();
    let seen = open().observe().unwrap();
    let of = |version: &str| seen.version(version).map(|one| (one.stage, one.subkey));
    assert_eq!(of(current), Some((Stage::Current, None)));
    assert_eq!(of(previous), Some((Stage::Previous, None)));
    assert_eq!(of("0000"), Some((Stage::Left, None)));
    for words in
        ["versions/0000 is no folder", "that nobody understands", "can be read", "is no version"]
    {
        assert!(seen.facts.iter().any(|fact| fact.contains(words)), "{words}: {seen:?}");
    }
    assert!(!seen.facts.concat().contains('\u{1b}'));
    let version = contract::put(&open, third, 'C', "three").unwrap();
    contract::promote(&open, third, 'C', &version, "three").unwrap();
    assert_eq!(contract::stage(&open, &version), Some(Stage::Current));
    assert_eq!(contract::stage(&open, current), Some(Stage::Previous));
}
