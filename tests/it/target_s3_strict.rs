//! A bucket of a service that is stricter than what the other tests ask, and
//! that is reached by an address of its own.

use keyrite::adapters::slots::Access;
use keyrite::adapters::targets::{self, Reach};
use keyrite::domain::workspace::{Setting, TargetKind};
use keyrite::engine::place::PlaceError;
use keyrite::engine::target::Target;

use crate::support::moto::{ACCOUNT, Moto, REGION};
use crate::support::strict_s3::StrictS3;
use crate::support::targets::{Made, cert, is_right, promises, target};

fn open(server: &StrictS3, change: &[(&str, &str)]) -> Box<dyn Target> {
    let settings = [("account", ACCOUNT), ("region", REGION), ("endpoint", server.url.as_str())];
    let mut declared = target(TargetKind::S3, "s3://halyard/keys", &settings);
    for (name, value) in change {
        if *name == "place" {
            declared.place = String::from(*value);
        } else {
            declared.settings.insert((*name).to_owned(), Setting::Text((*value).to_owned()));
        }
    }
    let access = Access { aws: Some(Moto::config_at("http://127.0.0.1:1")), ..Access::default() };
    let reach = Reach { access, ..Reach::of(std::path::PathBuf::new()) };
    targets::open(&declared, &reach).unwrap()
}

#[test]
fn every_promise_holds_where_checksums_and_conditions_are_checked() {
    let server = StrictS3::start();
    promises(&|| open(&server, &[]), &|| ());
    let fixed = server.with(|state| state.objects.keys().filter(|key| key.len() > 110).count());
    assert_eq!(fixed, 3, "each version that was published keeps its own object");
}

#[test]
fn bytes_that_are_damaged_on_the_way_are_refused_and_told() {
    let server = StrictS3::start();
    server.with(|state| state.damages = true);
    let made = Made::of(&cert("release", &[]));
    let error = made.publish(open(&server, &[]).as_ref()).unwrap_err();
    assert!(matches!(&error, PlaceError::Refused { .. }), "{error}");
    let words = error.to_string();
    assert!(words.contains("BadDigest") && words.contains("nothing was written"), "{words}");
    assert!(server.with(|state| state.objects.is_empty()));
    server.with(|state| state.damages = false);
    made.publish(open(&server, &[]).as_ref()).unwrap();
    is_right(open(&server, &[]).as_ref(), &made);
}

#[test]
fn who_writes_at_the_same_time_is_noticed() {
    let server = StrictS3::start();
    let made = Made::of(&cert("release", &[]));
    let hex = made.fingerprint.hex();
    // 409: another write of the same is under way.
    server.with(|state| state.conflicts = 1);
    let error = made.publish(open(&server, &[]).as_ref()).unwrap_err();
    assert!(matches!(error, PlaceError::Changed { .. }), "{error}");
    // What was written before the one that failed is gone on with.
    made.publish(open(&server, &[]).as_ref()).unwrap();
    // A stranger changes one file while another is as it is to be already.
    let guard = made.look(open(&server, &[]).as_ref()).guard;
    let path = format!("/halyard/keys/{hex}.asc");
    server.with(|state| state.objects.insert(path.clone(), b"changed".to_vec()));
    let error = made.publish_seen(open(&server, &[]).as_ref(), &guard).unwrap_err();
    assert!(matches!(error, PlaceError::Changed { .. }), "{error}");
    assert_eq!(server.with(|state| state.objects[&path].clone()), b"changed");
    // And what others have put there is not written over even when it was seen.
    let error = made.publish(open(&server, &[]).as_ref()).unwrap_err();
    assert!(matches!(error, PlaceError::Unfit { .. }), "{error}");
    assert!(error.to_string().contains("not written over"), "{error}");
    assert_eq!(server.with(|state| state.objects[&path].clone()), b"changed");
}

#[test]
fn another_owner_region_or_bucket_is_told_apart() {
    let server = StrictS3::start();
    let made = Made::of(&cert("release", &[]));
    let look =
        |change: &[(&str, &str)]| open(&server, change).look(&made.fingerprint, &[]).unwrap_err();
    let error = look(&[("account", "210987654321")]);
    assert!(matches!(&error, PlaceError::Refused { .. }), "{error}");
    assert!(error.to_string().contains("another account than 210987654321"), "{error}");
    let error = look(&[("place", "s3://nobody/keys")]);
    assert!(error.to_string().contains("no such bucket"), "{error}");
    server.with(|state| state.region = Some("eu-west-9"));
    let error = look(&[]);
    assert!(matches!(&error, PlaceError::OtherPlace { .. }), "{error}");
    assert!(error.to_string().contains("the region of the bucket is eu-west-9"), "{error}");
    assert!(server.with(|state| state.log.iter().all(|line| line.starts_with("GET"))));
}
