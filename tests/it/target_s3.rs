//! A bucket as a target, with aws and plain HTTP as those who read there.

use std::collections::BTreeMap;

use keyrite::adapters::slots::Access;
use keyrite::adapters::targets::{self, Reach};
use keyrite::domain::workspace::{Target as Declared, TargetKind};
use keyrite::engine::place::PlaceError;
use keyrite::engine::target::{Found, Target};

use crate::support::moto::{ACCOUNT, Moto, REGION};
use crate::support::targets::{Made, cert, promises, target};

fn reach(moto: &Moto) -> Reach {
    let access = Access { aws: Some(moto.config()), ..Access::default() };
    Reach { access, ..Reach::of(std::path::PathBuf::new()) }
}

fn declared(kind: TargetKind, more: &[(&str, &str)]) -> Declared {
    let pinned = [("account", ACCOUNT), ("region", REGION)];
    target(kind, "s3://halyard/keys", &[&pinned[..], more].concat())
}

fn bucket(moto: &Moto) {
    let place = format!("LocationConstraint={REGION}");
    let make = ["s3api", "create-bucket", "--bucket", "halyard", "--create-bucket-configuration"];
    moto.aws(&[&make[..], &[&place]].concat());
}

/// Lets everybody read.
fn public(moto: &Moto) {
    let policy = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\
                  \"*\",\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::halyard/*\"}]}";
    moto.aws(&["s3api", "put-bucket-policy", "--bucket", "halyard", "--policy", policy]);
}

fn open(moto: &Moto, declared: &Declared) -> Box<dyn Target> {
    targets::open(declared, &reach(moto)).unwrap()
}

#[test]
fn objects_are_written_with_their_headers_and_never_over_what_somebody_changed() {
    let moto = Moto::start();
    bucket(&moto);
    let made = Made::of(&cert("release", &[]));
    let hex = made.fingerprint.hex();
    let url = format!("{}/halyard/keys", moto.url);
    let place = open(&moto, &declared(TargetKind::S3, &[("read", &url)]));
    let before = place.look(&made.fingerprint, &[]).unwrap();
    assert!(before.doors.iter().all(|door| door.found == Found::Nothing), "{before:?}");
    let written = made.publish(place.as_ref()).unwrap();
    assert_eq!(written.len(), 3);
    assert_eq!(made.publish(place.as_ref()).unwrap(), Vec::<String>::new());
    let head = |key: &str| -> BTreeMap<String, serde_json::Value> {
        let words = ["s3api", "head-object", "--bucket", "halyard", "--output", "json", "--key"];
        serde_json::from_str(&moto.aws(&[&words[..], &[key]].concat())).unwrap()
    };
    let moving = head(&format!("keys/{hex}.asc"));
    assert_eq!(moving["ContentType"], "application/pgp-keys");
    assert_eq!(moving["CacheControl"], "public, max-age=300, must-revalidate");
    let fixed = written.iter().find(|path| path.contains(&format!("{hex}/"))).unwrap();
    let fixed = head(fixed.strip_prefix("s3://halyard/").unwrap());
    assert!(fixed["CacheControl"].as_str().unwrap().contains("immutable"));
    // What users get, by their own door.
    public(&moto);
    let seen = place.look(&made.fingerprint, &[]).unwrap();
    assert!(seen.doors.iter().all(|door| matches!(door.found, Found::Packets { .. })), "{seen:?}");
    assert!(seen.doors[1].name.starts_with(&url), "{seen:?}");
}

#[test]
fn every_promise_holds_in_a_bucket_also_for_a_mirror_and_a_directory_of_keys() {
    let moto = Moto::start();
    bucket(&moto);
    promises(&|| open(&moto, &declared(TargetKind::S3, &[])), &|| ());
    for layout in ["v2", "v3"] {
        let mirror = declared(TargetKind::SpackMirror, &[("layout", layout)]);
        promises(&|| open(&moto, &mirror), &|| ());
    }
    public(&moto);
    let url = format!("{}/halyard/www", moto.url);
    let more = [("domain", "example.org"), ("to", "s3://halyard/www"), ("read", url.as_str())];
    let mut wkd = declared(TargetKind::Wkd, &more);
    wkd.place = "https://example.org".to_owned();
    promises(&|| open(&moto, &wkd), &|| ());
}

#[test]
fn caches_are_told_to_forget_what_was_written_over() {
    let moto = Moto::start();
    bucket(&moto);
    let origin = "halyard.s3.amazonaws.com";
    let made = ["cloudfront", "create-distribution", "--origin-domain-name", origin];
    let id = moto.aws(&[&made[..], &["--query", "Distribution.Id", "--output", "text"]].concat());
    let url = format!("{}/halyard/keys", moto.url);
    public(&moto);
    let settings = [("distribution", id.as_str()), ("read", url.as_str())];
    let place = || open(&moto, &declared(TargetKind::S3, &settings));
    let old = cert("release", &[]);
    let made = Made::of(&old);
    let before = made.look(place().as_ref());
    assert_eq!(before.awaits, None);
    let written = made.publish(place().as_ref()).unwrap();
    assert!(written[3].starts_with("invalidation ") && written[3].ends_with(&id), "{written:?}");
    let list = || -> serde_json::Value {
        let words = ["cloudfront", "list-invalidations", "--output", "json", "--distribution-id"];
        serde_json::from_str(&moto.aws(&[&words[..], &[&id]].concat())).unwrap()
    };
    let paths = || {
        let name = list()["InvalidationList"]["Items"][0]["Id"].as_str().unwrap().to_owned();
        let words = ["cloudfront", "get-invalidation", "--output", "json", "--distribution-id"];
        let found = moto.aws(&[&words[..], &[&id, "--id", &name]].concat());
        serde_json::from_str::<serde_json::Value>(&found).unwrap()
    };
    let batch = &paths()["Invalidation"]["InvalidationBatch"];
    let hex = made.fingerprint.hex();
    let items: Vec<_> = batch["Paths"]["Items"].as_array().unwrap().clone();
    assert!(items.contains(&format!("/halyard/keys/{hex}.asc").into()), "{items:?}");
    let reference = batch["CallerReference"].as_str().unwrap().to_owned();
    assert!(reference.starts_with("keyrite-"), "{reference}");
    // Who has looked and finds all as it is to be tells the caches nothing.
    assert_eq!(made.publish(place().as_ref()), Ok(Vec::new()));
    assert_eq!(list()["InvalidationList"]["Items"].as_array().unwrap().len(), 1);
    // After a lost answer the same is asked for, under the same name.
    let again = made.publish_seen(place().as_ref(), &before.guard).unwrap();
    assert_eq!(again.len(), 1, "{again:?}");
    let batch = &paths()["Invalidation"]["InvalidationBatch"];
    assert_eq!(batch["CallerReference"], reference.as_str());
    // A distribution that is not there is told once the files are written.
    let settings = [("distribution", "ENONE"), ("read", url.as_str())];
    let place = open(&moto, &declared(TargetKind::S3, &settings));
    let other = Made::of(&cert("other", &[]));
    let error = other.publish(place.as_ref()).unwrap_err().to_string();
    assert!(error.contains("NoSuchDistribution"), "{error}");
    let without = declared(TargetKind::S3, &[("distribution", "E1")]);
    assert!(targets::open(&without, &reach(&moto)).err().unwrap().to_string().contains("read"));
}

#[test]
fn nothing_is_written_to_a_bucket_of_somebody_else() {
    let moto = Moto::start();
    bucket(&moto);
    let made = Made::of(&cert("release", &[]));
    let mut other = declared(TargetKind::S3, &[]);
    let stranger = keyrite::domain::workspace::Setting::Text("210987654321".to_owned());
    other.settings.insert("account".to_owned(), stranger);
    let error = open(&moto, &other).look(&made.fingerprint, &[]).unwrap_err();
    assert!(matches!(error, PlaceError::OtherPlace { .. }), "{error}");
    let mut without = declared(TargetKind::S3, &[]);
    without.settings.remove("account");
    let error = targets::open(&without, &reach(&moto)).err().unwrap().to_string();
    assert!(error.contains("account = "), "{error}");
    without.place = "halyard/keys".to_owned();
    let error = targets::open(&without, &reach(&moto)).err().unwrap().to_string();
    assert!(error.contains("s3://BUCKET"), "{error}");
    let listed =
        moto.aws(&["s3api", "list-objects-v2", "--bucket", "halyard", "--query", "KeyCount"]);
    assert!(["0", "null"].contains(&listed.trim()), "{listed}");
}

#[test]
fn a_mirror_in_a_bucket_keeps_the_keys_of_others() {
    let moto = Moto::start();
    bucket(&moto);
    for layout in ["v2", "v3"] {
        let place = open(&moto, &declared(TargetKind::SpackMirror, &[("layout", layout)]));
        let [one, two] = ["release", "institution"].map(|name| Made::of(&cert(name, &[])));
        one.publish(place.as_ref()).unwrap();
        two.publish(place.as_ref()).unwrap();
        for made in [one, two] {
            let seen = place.look(&made.fingerprint, &[]).unwrap();
            let is_good = |found: &Found| {
                matches!(found, Found::Packets { .. } | Found::Index { .. } | Found::Right)
            };
            assert!(seen.doors.iter().all(|door| is_good(&door.found)), "{layout}: {seen:?}");
        }
    }
}
