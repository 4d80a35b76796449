//! What goes wrong with Secrets of a cluster: another cluster, no rights, lost
//! answers, changes by others, what is too large.

use keyrite::adapters::slots;
use keyrite::domain::custody::Stage;
use keyrite::domain::timestamp::Timestamp;
use keyrite::domain::workspace::Setting;
use keyrite::engine::place::PlaceError;
use keyrite::engine::slot::{Found, Put, Slot};

use crate::slot_kubernetes::{ENTRY, House, NAME, OneEntry, access, own, slot};
use crate::support::cluster::{TOKEN, UID};
use crate::support::github::Fault;
use crate::support::slots::{NAMES, guard, key, promote, put, stage, value};

#[test]
fn nothing_is_sent_to_a_cluster_that_is_not_the_declared_one() {
    let house = House::new();
    let other = House::new();
    let ca = house.cluster.ca();
    let secret = value("SECRET");
    let put = Put { name: NAMES[0], subkey: key('A'), value: &secret, guard: "" };
    let told = |uid: &str, ca: &[(&str, &str)]| {
        let slot = slot(&format!("{uid}/pipeline/{NAME}"), ca);
        let access = access(&house.cluster, house.folder.path(), 1000);
        let slot = slots::open(&slot, &access, Timestamp::from_unix(1)).unwrap();
        let error = OneEntry(slot).put_pending(&put).unwrap_err();
        (matches!(error, PlaceError::OtherPlace { .. }), error.to_string())
    };
    let (is_other, error) = told(UID, &[("ca", &other.cluster.ca())]);
    assert!(is_other && error.contains(&format!("certificate authority is {ca}")), "{error}");
    let (is_other, error) = told(UID, &[]);
    assert!(!is_other && error.contains(&format!("write ca = \"{ca}\"")), "{error}");
    // Not even who asks was told.
    assert!(house.cluster.with(|state| state.log.is_empty()));
    let stranger = "0b9a1c3e-5f0d-4a6e-9d0a-2f1c7b7f9a11";
    let (is_other, error) = told(stranger, &[("ca", &ca)]);
    assert!(is_other && error.contains(UID), "{error}");
    assert_eq!(house.cluster.writes(), Vec::<String>::new());
    assert_eq!(house.cluster.with(|state| state.log.len()), 1);

    // A server that another authority has certified gets no token.
    let path = house.cluster.kubeconfig(house.folder.path());
    let text = std::fs::read_to_string(&path).unwrap();
    let text = text.replace(&house.cluster.url, &other.cluster.url);
    for (text, words) in [
        (text.clone(), "cannot be reached"),
        (text.replace("    server:", "    insecure-skip-tls-verify: true\n    server:"), "no TLS"),
        (text.replace("https://", "http://"), "no TLS"),
        ("kind: Config\n".to_owned(), "it has no current context"),
        (format!("{text}  - {TOKEN}: [\n"), "it cannot be understood"),
    ] {
        let file = other.folder.path().join("kubeconfig");
        std::fs::write(&file, &text).unwrap();
        let mut access = access(&other.cluster, other.folder.path(), 1000);
        std::fs::write(&file, &text).unwrap();
        access.cluster.kubeconfig = Some(file);
        let slot = slot(&format!("{UID}/pipeline/{NAME}"), &[("ca", &ca)]);
        let slot = slots::open(&slot, &access, Timestamp::from_unix(1)).unwrap();
        let error = OneEntry(slot).put_pending(&put).unwrap_err().to_string();
        assert!(error.contains(words) && !error.contains(TOKEN), "{error}");
    }
    assert!(other.cluster.with(|state| state.log.is_empty() && state.sent.is_empty()));
}

#[test]
fn what_is_not_allowed_is_told_in_the_words_of_the_cluster() {
    let house = House::new();
    let open = &|| house.open("false");
    for (denied, words) in [
        ("get namespaces", "kube-system"),
        ("list secrets", "cannot list resource \"secrets\""),
        ("patch secrets", "cannot patch resource \"secrets\""),
    ] {
        let (secret, guard) = (value("one"), guard(open));
        let put = Put { name: NAMES[0], subkey: key('A'), value: &secret, guard: &guard };
        house.cluster.with(|state| state.denied = vec![denied]);
        let error = open().put_pending(&put).unwrap_err();
        assert!(matches!(error, PlaceError::Refused { .. }), "{error}");
        assert!(error.to_string().contains(words), "{error}");
        house.cluster.with(|state| state.denied.clear());
    }
    house.cluster.with(|state| {
        "another".clone_into(&mut state.token);
    });
    let error = open().observe().unwrap_err();
    assert!(matches!(error, PlaceError::Refused { .. }), "{error}");
    assert!(error.to_string().contains("wrong or have ended"), "{error}");
    assert!(house.cluster.with(|state| state.objects.is_empty()));
}

#[test]
fn what_passes_is_asked_again_at_most_four_times() {
    let house = House::new();
    let open = &|| house.open("false");
    for fault in
        [Fault::Status(500, None), Fault::Status(503, None), Fault::Status(429, None), Fault::Reset]
    {
        house.cluster.with(|state| state.faults = vec![("GET", "secrets", fault, 3)]);
        open().observe().unwrap();
        house.cluster.with(|state| assert_eq!(state.faults[0].3, 0));
        house.cluster.with(|state| state.faults = vec![("GET", "secrets", fault, 5)]);
        let error = open().observe().unwrap_err();
        assert!(matches!(error, PlaceError::Unreachable { .. }), "{error}");
        house.cluster.with(|state| assert_eq!(state.faults[0].3, 1));
    }
}

#[test]
fn a_lost_answer_leaves_one_pending_and_one_current_version_or_a_doubt() {
    for form in ["false", "true"] {
        let house = House::new();
        let open = &|| house.open(form);
        let set = |faults| house.cluster.with(|state| state.faults = faults);
        let chosen = if form == "true" { "configmaps" } else { "secrets" };
        // It was done: that is seen.
        set(vec![("PATCH", "secrets", Fault::Lost, 1)]);
        let one = put(open, NAMES[0], 'A', "one").unwrap();
        assert_eq!(stage(open, &one), Some(Stage::Pending));
        set(vec![("PATCH", chosen, Fault::Lost, 1)]);
        assert_eq!(promote(open, NAMES[1], 'A', &one, "one"), Ok(one.clone()));
        assert_eq!(stage(open, &one), Some(Stage::Current));
        // It was not, and that is seen later.
        for fault in [Fault::Reset, Fault::Hang, Fault::Status(500, None)] {
            set(vec![("PATCH", "secrets", fault, 1)]);
            let error = put(open, NAMES[1], 'B', "two").unwrap_err();
            assert!(matches!(error, PlaceError::InDoubt { .. }), "{error}");
            assert_eq!(open().find(NAMES[1]), Ok(Found::Nothing));
        }
        // Too often is not at all.
        set(vec![("PATCH", "secrets", Fault::Status(429, None), 1)]);
        let error = put(open, NAMES[1], 'B', "two").unwrap_err();
        assert!(matches!(error, PlaceError::Unreachable { .. }), "{error}");
        let two = put(open, NAMES[1], 'B', "two").unwrap();
        set(vec![("PATCH", chosen, Fault::Reset, 1)]);
        let error = promote(open, NAMES[2], 'B', &two, "two").unwrap_err();
        assert!(matches!(error, PlaceError::InDoubt { .. }), "{error}");
        assert_eq!(stage(open, &one), Some(Stage::Current));
        set(vec![("DELETE", "secrets", Fault::Lost, 1)]);
        let error = open().retire(&two).unwrap_err();
        assert!(matches!(error, PlaceError::InDoubt { .. }), "{error}");
        open().retire(&two).unwrap();
        assert_eq!(stage(open, &two), None);
        assert_eq!(open().observe().unwrap().versions.len(), 1);
    }
}

#[test]
fn what_somebody_else_changes_after_the_plan_is_not_written_over() {
    for form in ["false", "true"] {
        let house = House::new();
        let open = &|| house.open(form);
        let one = put(open, NAMES[0], 'A', "one").unwrap();
        let planned = guard(open);
        house.kubectl(&["label", "secret", &own('A'), "seen=yes"]).unwrap();
        let secret = value("two");
        let stale = Put { name: NAMES[1], subkey: key('B'), value: &secret, guard: &planned };
        assert!(matches!(open().put_pending(&stale), Err(PlaceError::Changed { .. })));
        // One that was taken away and made anew under the same name is another.
        house.kubectl(&["delete", "secret", &own('A')]).unwrap();
        let literal = format!("--from-literal={ENTRY}=evil");
        house.kubectl(&["create", "secret", "generic", &own('A'), &literal]).unwrap();
        let error = promote(open, NAMES[1], 'A', &one, "one").unwrap_err();
        assert!(error.to_string().contains("no version"), "{error}");
        let error = put(open, NAMES[2], 'A', "one").unwrap_err();
        assert!(error.to_string().contains("is there already"), "{error}");
        assert_eq!(house.cluster.entry(&own('A'), ENTRY).unwrap(), "evil");
    }
}

#[test]
fn a_secret_that_something_else_makes_is_not_fought_over() {
    let house = House::new();
    let open = &|| house.open("false");
    let literal = format!("--from-literal={ENTRY}=sealed");
    house.kubectl(&["create", "secret", "generic", NAME, &literal]).unwrap();
    let owner = "{\"metadata\":{\"ownerReferences\":[{\"apiVersion\":\"bitnami.com/v1alpha1\",\
                 \"kind\":\"SealedSecret\",\"name\":\"spack\",\"uid\":\"1\"}]}}";
    house.kubectl(&["patch", "secret", NAME, "--type=merge", "-p", owner]).unwrap();
    let one = put(open, NAMES[0], 'A', "one").unwrap();
    let error = promote(open, NAMES[1], 'A', &one, "one").unwrap_err();
    assert!(error.to_string().contains("SealedSecret spack makes"), "{error}");
    assert_eq!(house.cluster.entry(NAME, ENTRY).unwrap(), "sealed");
}

#[test]
fn what_is_too_large_or_cannot_be_an_entry_is_refused() {
    let house = House::new();
    let open = &|| house.open("false");
    let limit = open().limit();
    let large = "x".repeat(limit);
    let version = put(open, NAMES[0], 'A', &large).unwrap();
    assert_eq!(house.cluster.entry(&own('A'), ENTRY).unwrap().len(), limit);
    open().retire(&version).unwrap();
    let error = put(open, NAMES[0], 'A', &"x".repeat(limit + 1)).unwrap_err();
    assert!(matches!(error, PlaceError::Unfit { .. }), "{error}");
    assert!(error.to_string().contains("Too long"), "{error}");
    let mut bad = slot(&format!("{UID}/pipeline/{NAME}"), &[]);
    let content = bad.contents[ENTRY];
    for (entry, is_one) in [("a-b_c.d", true), ("", false), ("a/b", false), ("a b", false)] {
        bad.contents = [(entry.to_owned(), content)].into();
        assert_eq!(bad.problems().is_empty(), is_one, "{entry}: {:?}", bad.problems());
    }
}

#[test]
fn a_namespace_without_an_end_and_a_name_that_somebody_takes_meanwhile_are_told() {
    let house = House::new();
    let open = &|| house.open("false");
    for number in 0..25 {
        house.kubectl(&["create", "secret", "generic", &format!("of-others-{number}")]).unwrap();
    }
    house.cluster.with(|state| state.page = 1);
    let error = open().observe().unwrap_err();
    assert!(error.to_string().contains("give signing keys one of their own"), "{error}");
    house.cluster.with(|state| state.page = 500);
    let one = put(open, NAMES[0], 'A', "one").unwrap();
    // What is made under the name meanwhile is not written over.
    let literal = format!("--from-literal={ENTRY}=the only copy");
    let guard = guard(open);
    house.kubectl(&["create", "secret", "generic", NAME, &literal]).unwrap();
    house.cluster.with(|state| state.hidden = Some(NAME));
    let value = value("one");
    let promotion = keyrite::engine::slot::Promotion {
        name: NAMES[1],
        subkey: key('A'),
        version: &one,
        value: Some(&value),
        guard: &guard,
    };
    let error = open().promote(&promotion).unwrap_err();
    assert!(matches!(error, PlaceError::Changed { .. }), "{error}");
    assert_eq!(house.cluster.entry(NAME, ENTRY).unwrap(), "the only copy");
}

#[test]
fn a_promotion_that_is_cut_off_after_its_object_was_made_is_done_once_more() {
    for (form, kind) in [("false", "secrets"), ("true", "configmaps")] {
        let house = House::new();
        let open = &|| house.open(form);
        let one = put(open, NAMES[0], 'A', "one").unwrap();
        let planned = guard(open);
        let value = value("one");
        let promotion = keyrite::engine::slot::Promotion {
            name: NAMES[1],
            subkey: key('A'),
            version: &one,
            value: Some(&value),
            guard: &planned,
        };
        house.cluster.with(|state| state.faults = vec![("PATCH", kind, Fault::Reset, 1)]);
        let error = open().promote(&promotion).unwrap_err();
        assert!(matches!(error, PlaceError::InDoubt { .. }), "{error}");
        // What was made has nothing in it, and nobody takes it for something.
        assert_eq!((stage(open, &one), guard(open)), (Some(Stage::Pending), planned.clone()));
        assert_eq!(open().promote(&promotion), Ok(one.clone()));
        assert_eq!(stage(open, &one), Some(Stage::Current));
        assert_eq!(house.cluster.writes().iter().filter(|one| one.starts_with("POST")).count(), 1);
    }
}

/// The slot with other entries and labels.
fn other(house: &House, entry: &str, labels: &[(&str, &str)]) -> Box<dyn Slot> {
    let mut slot = slot(&format!("{UID}/pipeline/{NAME}"), &[("ca", &house.cluster.ca())]);
    let content = slot.contents[ENTRY];
    slot.contents = [(entry.to_owned(), content)].into();
    let labels = labels.iter().map(|(name, value)| (name.to_string(), value.to_string()));
    slot.settings.insert("labels".to_owned(), Setting::Map(labels.collect()));
    let access = access(&house.cluster, house.folder.path(), 1000);
    slots::open(&slot, &access, Timestamp::from_unix(1)).unwrap()
}

#[test]
fn labels_that_others_keep_stay_theirs() {
    let house = House::new();
    let open = &|| house.open("false");
    let with = |label: &'static str| {
        let slot = |label: &str| OneEntry(other(&house, ENTRY, &[("team", label)]));
        let slot = move || -> Box<dyn Slot> { Box::new(slot(label)) };
        let one = open().observe().unwrap().versions[0].version.clone();
        promote(&slot, NAMES[2], 'A', &one, "one")
    };
    put(open, NAMES[0], 'A', "one").unwrap();
    let literal = format!("--from-literal={ENTRY}=theirs");
    house.kubectl(&["create", "secret", "generic", NAME, &literal]).unwrap();
    let managed = "app.kubernetes.io/managed-by=Helm";
    house.kubectl(&["label", "secret", NAME, "team=theirs", managed]).unwrap();
    let error = with("release").unwrap_err();
    assert!(matches!(error, PlaceError::Unfit { .. }), "{error:?}");
    let told = error.to_string();
    assert!(told.contains("keeps the label 'team' of spack-signing-key as 'theirs'"), "{told}");
    assert_eq!(house.cluster.entry(NAME, ENTRY).unwrap(), "theirs");
    with("theirs").unwrap();
    assert_eq!(house.cluster.entry(NAME, ENTRY).unwrap(), "one");
    let labels = house.kubectl(&["get", "secret", NAME, "-o", "jsonpath={.metadata}"]).unwrap();
    let metadata: serde_json::Value = serde_json::from_str(&labels).unwrap();
    assert_eq!(metadata["labels"]["app.kubernetes.io/managed-by"], "Helm");
    let fields = metadata["managedFields"].to_string();
    assert!(fields.is_empty() || !fields.contains("\"keyrite\",\"f:labels\""), "{fields}");
}

#[test]
fn an_entry_that_is_not_declared_any_more_does_not_vanish() {
    let house = House::new();
    let open = &|| house.open("false");
    let one = put(open, NAMES[0], 'A', "one").unwrap();
    promote(open, NAMES[1], 'A', &one, "one").unwrap();
    let renamed = || other(&house, "renamed", &[]);
    let value = keyrite::engine::slot::SlotValue(vec![(
        "renamed".to_owned(),
        zeroize::Zeroizing::new(b"two".to_vec()),
    )]);
    let guard = || renamed().observe().unwrap().guard;
    let subkey = key('B');
    let two = Put { name: NAMES[2], subkey, value: &value, guard: &guard() };
    let two = renamed().put_pending(&two).unwrap();
    let promote = || {
        let guard = guard();
        let (name, value) = (NAMES[1], Some(&value));
        let promotion =
            keyrite::engine::slot::Promotion { name, subkey, version: &two, value, guard: &guard };
        renamed().promote(&promotion)
    };
    let error = promote().unwrap_err();
    assert!(error.to_string().contains("has the entry 'signing_key', which is not"), "{error}");
    let seen = renamed().observe().unwrap();
    assert!(
        seen.facts.iter().any(|fact| fact.contains("'signing_key' is not declared")),
        "{seen:?}"
    );
    assert_eq!(house.cluster.entry(NAME, ENTRY).unwrap(), "one");
    let gone = format!("{{\"data\":{{\"{ENTRY}\":null}}}}");
    house.kubectl(&["patch", "secret", NAME, "--type=merge", "-p", &gone]).unwrap();
    promote().unwrap();
    assert_eq!(house.cluster.entry(NAME, "renamed").unwrap(), "two");
}

#[test]
fn what_the_user_of_a_fixed_name_gets_is_read_and_told() {
    let house = House::new();
    let open = &|| house.open("false");
    let one = put(open, NAMES[0], 'A', "one").unwrap();
    promote(open, NAMES[1], 'A', &one, "one").unwrap();
    let got = || open().delivered().unwrap().unwrap();
    assert!(got().is_same(&open().read_back(&one).unwrap()));
    // By somebody who changes what is stored and not who has written it.
    house.cluster.falsify(NAME, ENTRY, "other");
    assert_eq!(stage(open, &one), Some(Stage::Current));
    assert!(!got().is_same(&open().read_back(&one).unwrap()));
    assert!(house.open("true").delivered().unwrap().is_none());
}
