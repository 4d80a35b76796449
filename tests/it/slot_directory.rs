//! Folders as slots.

use std::fs;
use std::path::Path;

use keyrite::adapters::slots::{self, Access};
use keyrite::domain::timestamp::Timestamp;
use keyrite::domain::workspace::{Content, Slot as Declared, SlotKind};
use keyrite::engine::slot::{Slot, SlotError};

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

fn open(workspace: &Path) -> Result<Box<dyn Slot>, SlotError> {
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
    assert!(matches!(error, SlotError::Unreachable { .. }), "{error:?}");
    fs::write(folder.path().join("slot"), "").unwrap();
    let error = open(folder.path()).unwrap().observe().unwrap_err();
    assert!(matches!(error, SlotError::OtherPlace { .. }), "{error:?}");
}
