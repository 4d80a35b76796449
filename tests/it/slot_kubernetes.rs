//! Secrets of a Kubernetes cluster as slots, against a cluster of our own that
//! kubectl uses, too.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use keyrite::adapters::slots::{self, Access, ClusterAccess};
use keyrite::domain::custody::Stage;
use keyrite::domain::timestamp::Timestamp;
use keyrite::domain::workspace::{Content, Setting, Slot as Declared, SlotKind};
use keyrite::engine::place::PlaceError;
use keyrite::engine::secret::Secret;
use keyrite::engine::slot::{
    Abilities, Found, Observation, Promotion, Put, Signed, Slot, SlotValue,
};

use crate::slot_directory::declared;
use crate::support::cluster::{Cluster, UID, USER};
use crate::support::slots as contract;
use crate::support::slots::{NAMES, key, promote, put, stage};

pub(crate) const NAME: &str = "spack-signing-key";
pub(crate) const ENTRY: &str = "signing_key";

/// A slot whose one value is an entry of the Secret.
pub(crate) struct OneEntry(pub(crate) Box<dyn Slot>);

fn named(value: &SlotValue) -> SlotValue {
    SlotValue(value.0.iter().map(|(_, bytes)| (ENTRY.to_owned(), bytes.clone())).collect())
}

impl Slot for OneEntry {
    fn abilities(&self) -> Abilities {
        self.0.abilities()
    }

    fn limit(&self) -> usize {
        self.0.limit()
    }

    fn observe(&self) -> Result<Observation, PlaceError> {
        self.0.observe()
    }

    fn put_pending(&self, put: &Put<'_>) -> Result<String, PlaceError> {
        let Put { name, subkey, value, guard } = *put;
        self.0.put_pending(&Put { name, subkey, value: &named(value), guard })
    }

    fn find(&self, name: &str) -> Result<Found, PlaceError> {
        self.0.find(name)
    }

    fn read_back(&self, version: &str) -> Result<SlotValue, PlaceError> {
        let SlotValue(mut found) = self.0.read_back(version)?;
        assert_eq!((found.len(), found[0].0.as_str()), (1, ENTRY));
        found[0].0.clear();
        Ok(SlotValue(found))
    }

    fn promote(&self, promotion: &Promotion<'_>) -> Result<String, PlaceError> {
        let Promotion { name, subkey, version, value, guard } = *promotion;
        let value = value.map(named);
        self.0.promote(&Promotion { name, subkey, version, value: value.as_ref(), guard })
    }

    fn delivered(&self) -> Result<Option<SlotValue>, PlaceError> {
        Ok(self.0.delivered()?.map(|mut found| {
            found.0[0].0.clear();
            found
        }))
    }

    fn freeze(&self, is_frozen: bool) -> Result<(), PlaceError> {
        self.0.freeze(is_frozen)
    }

    fn retire(&self, version: &str) -> Result<(), PlaceError> {
        self.0.retire(version)
    }

    fn ask_for_signature(&self, nonce: &str, version: &str, passphrase: Option<&Secret>) -> Signed {
        self.0.ask_for_signature(nonce, version, passphrase)
    }
}

pub(crate) fn slot(place: &str, settings: &[(&str, &str)]) -> Declared {
    let mut slot = declared(SlotKind::Kubernetes, place);
    slot.contents = [(ENTRY.to_owned(), Content::Key)].into();
    let text = |(name, text): &(&str, &str)| (name.to_string(), Setting::Text(text.to_string()));
    slot.settings = settings.iter().map(text).collect();
    assert_eq!(slot.problems(), Vec::<String>::new());
    slot
}

pub(crate) fn access(cluster: &Cluster, folder: &Path, answer: u64) -> Access {
    let cluster = ClusterAccess {
        kubeconfig: Some(cluster.kubeconfig(folder)),
        answer: Duration::from_millis(answer),
        pause: Duration::from_millis(2),
    };
    Access { cluster, ..Access::default() }
}

/// A cluster, and a folder for its kubeconfig.
pub(crate) struct House {
    pub(crate) cluster: Cluster,
    pub(crate) folder: tempfile::TempDir,
}

impl House {
    pub(crate) fn new() -> Self {
        Self { cluster: Cluster::start(), folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn open(&self, form: &str) -> Box<dyn Slot> {
        let place = format!("{UID}/pipeline/{NAME}");
        let slot = slot(&place, &[("ca", &self.cluster.ca()), ("immutable", form)]);
        let access = access(&self.cluster, self.folder.path(), 1000);
        Box::new(OneEntry(slots::open(&slot, &access, Timestamp::from_unix(1)).unwrap()))
    }

    pub(crate) fn kubectl(&self, words: &[&str]) -> Result<String, String> {
        let path = self.cluster.kubeconfig(self.folder.path());
        let ran = Command::new("kubectl")
            .args(["--kubeconfig", path.to_str().unwrap()])
            .args(["--cache-dir", self.folder.path().to_str().unwrap()])
            .args(words)
            .env("HOME", self.folder.path())
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        if ran.status.success() { Ok(text(ran.stdout)) } else { Err(text(ran.stderr)) }
    }

    /// An entry of a Secret, as kubectl has it.
    pub(crate) fn entry(&self, secret: &str, entry: &str) -> Result<String, String> {
        let template = format!("go-template={{{{index .data \"{entry}\" | base64decode}}}}");
        self.kubectl(&["get", "secret", secret, "-o", &template])
    }
}

pub(crate) fn own(digit: char) -> String {
    format!("{NAME}-{}", key(digit).hex().to_lowercase())
}

#[test]
fn a_cluster_keeps_what_every_slot_promises() {
    for form in ["false", "true"] {
        for test in
            [contract::pending, contract::read_back, contract::promotion, contract::retirement]
        {
            let house = House::new();
            test(&|| house.open(form));
            let is_frozen = house.open(form).freeze(true);
            assert!(matches!(is_frozen, Err(PlaceError::Unable { .. })));
        }
    }
}

#[test]
fn its_user_finds_the_current_one_by_its_name_as_kubectl_shows() {
    let house = House::new();
    let open = &|| house.open("false");
    let one = put(open, NAMES[0], 'A', "one").unwrap();
    assert_eq!(house.entry(&own('A'), ENTRY).unwrap(), "one");
    assert!(house.entry(NAME, ENTRY).unwrap_err().contains("not found"));
    promote(open, NAMES[1], 'A', &one, "one").unwrap();
    assert_eq!(house.entry(NAME, ENTRY).unwrap(), "one");
    let two = put(open, NAMES[2], 'B', "two").unwrap();
    assert_eq!(house.entry(NAME, ENTRY).unwrap(), "one");
    promote(open, NAMES[1], 'B', &two, "two").unwrap();
    assert_eq!(house.entry(NAME, ENTRY).unwrap(), "two");
    let uid = ["get", "secret", &own('B'), "-o", "jsonpath={.metadata.uid} {.immutable}"];
    assert_eq!(house.kubectl(&uid).unwrap(), format!("{two} true"));
    let managed = ["get", "secrets", "-o", "name", "-l", "app.kubernetes.io/managed-by=keyrite"];
    assert_eq!(house.kubectl(&managed).unwrap().lines().count(), 3);
    open().retire(&one).unwrap();
    assert!(house.entry(&own('A'), ENTRY).unwrap_err().contains("not found"));
}

#[test]
fn a_pointer_names_the_secret_that_cannot_be_changed() {
    let house = House::new();
    let open = &|| house.open("true");
    let one = put(open, NAMES[0], 'A', "one").unwrap();
    promote(open, NAMES[1], 'A', &one, "one").unwrap();
    let named = ["get", "configmap", NAME, "-o", "jsonpath={.data.secret} {.data.subkey}"];
    let wanted = format!("{} {}", own('A'), key('A').hex());
    assert_eq!(house.kubectl(&named).unwrap(), wanted);
    assert_eq!(house.entry(&own('A'), ENTRY).unwrap(), "one");
    let change = ["patch", "secret", &own('A'), "--type=merge", "-p"];
    let change = [&change[..], &["{\"data\":{\"signing_key\":\"WA==\"}}"]].concat();
    let refused = house.kubectl(&change).unwrap_err();
    assert!(refused.contains("immutable"), "{refused}");
    assert!(house.entry(NAME, ENTRY).unwrap_err().contains("not found"));
}

#[test]
fn only_metadata_is_fetched_to_look_and_nothing_secret_comes_back_from_a_write() {
    let house = House::new();
    let open = &|| house.open("false");
    let one = put(open, NAMES[0], 'A', "one").unwrap();
    promote(open, NAMES[1], 'A', &one, "one").unwrap();
    house.cluster.with(|state| state.page = 1);
    let seen = open().observe().unwrap();
    assert_eq!(seen.versions.len(), 1);
    assert!(seen.facts.contains(&format!("as {USER}")), "{:?}", seen.facts);
    assert!(seen.facts.contains(&format!("at {}/", house.cluster.url)), "{:?}", seen.facts);
    house.cluster.with(|state| {
        let secrets = state.log.iter().filter(|one| one.contains("secrets"));
        assert!(secrets.clone().count() > 5);
        // What is made with nothing in it is answered with nothing in it.
        for one in secrets.filter(|one| !one.starts_with("POST")) {
            assert!(one.contains(" metadata "), "{one}");
        }
        state.log.clear();
    });
    open().read_back(&one).unwrap();
    let plain = format!("GET /api/v1/namespaces/pipeline/secrets/{}", own('A'));
    house.cluster.with(|state| assert!(state.log.contains(&plain), "{:?}", state.log));
}

#[test]
fn what_others_keep_beside_stays_and_what_they_change_is_seen() {
    let house = House::new();
    let open = &|| house.open("false");
    let literal = format!("--from-literal={ENTRY}=by hand");
    let create = ["create", "secret", "generic", NAME, &literal, "--from-literal=e4s.gpg=theirs"];
    house.kubectl(&create).unwrap();
    let seen = open().observe().unwrap();
    let theirs = seen.at(Stage::Current).unwrap();
    assert_eq!((theirs.subkey, seen.versions.len()), (None, 1));
    assert!(seen.facts.iter().any(|fact| fact.contains("keeps no copy")), "{:?}", seen.facts);
    let one = put(open, NAMES[0], 'A', "one").unwrap();
    promote(open, NAMES[1], 'A', &one, "one").unwrap();
    assert_eq!(house.entry(NAME, ENTRY).unwrap(), "one");
    assert_eq!(house.entry(NAME, "e4s.gpg").unwrap(), "theirs");
    assert_eq!(stage(open, &one), Some(Stage::Current));
    // The entries of others are theirs.
    let patch = |data: &str| {
        let patch = format!("{{\"data\":{{{data}}}}}");
        house.kubectl(&["patch", "secret", NAME, "--type=merge", "-p", &patch]).unwrap();
    };
    patch("\"e4s.gpg\":\"WA==\"");
    assert_eq!(stage(open, &one), Some(Stage::Current));
    patch("\"signing_key\":\"WA==\"");
    let seen = open().observe().unwrap();
    // It may still be that subkey: it is not one that can be taken away.
    let changed = seen.at(Stage::Current).unwrap();
    assert_eq!((changed.subkey, changed.version == one), (Some(key('A')), false));
    // What it was is known, and can be made so again.
    promote(open, NAMES[1], 'A', &one, "one").unwrap();
    assert_eq!(house.entry(NAME, ENTRY).unwrap(), "one");
}
