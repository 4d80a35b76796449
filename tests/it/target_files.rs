//! Files as targets: folders, `KEYS`, Spack's two layouts.

use std::fs;
use std::path::Path;

use keyrite::adapters::targets::{self, Reach};
use keyrite::domain::workspace::{Target as Declared, TargetKind};
use keyrite::engine::chain::Digest;
use keyrite::engine::place::PlaceError;
use keyrite::engine::target::{Found, Target};

use crate::support::targets::promises;
pub(crate) use crate::support::targets::{Made, cert, target};

fn forms(folder: &Path) -> Vec<(Declared, Box<dyn Target>)> {
    let reach = Reach::of(folder.to_owned());
    let kinds = [
        (TargetKind::Directory, "files", None),
        (TargetKind::ApacheKeys, "dist/KEYS", None),
        (TargetKind::SpackMirror, "old", Some("v2")),
        (TargetKind::SpackMirror, "new", Some("v3")),
    ];
    let open = |(kind, place, layout): (TargetKind, &str, Option<&str>)| {
        let settings: Vec<_> = layout.iter().map(|layout| ("layout", *layout)).collect();
        let declared = target(kind, place, &settings);
        let home = if kind == TargetKind::ApacheKeys { "dist" } else { place };
        fs::create_dir_all(folder.join(home)).unwrap();
        let place = targets::open(&declared, &reach).unwrap();
        (declared, place)
    };
    kinds.into_iter().map(open).collect()
}

#[test]
fn every_promise_holds_in_a_folder() {
    for place in 0..4 {
        let folder = tempfile::tempdir().unwrap();
        promises(&|| forms(folder.path()).remove(place).1, &|| ());
    }
}

#[test]
fn each_layout_serves_what_was_published_and_publishing_again_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let made = Made::of(&cert("release", &[]));
    for (declared, place) in forms(folder.path()) {
        let kind = declared.kind;
        let before = place.look(&made.fingerprint, &[]).unwrap();
        assert!(before.doors.iter().all(|door| door.found == Found::Nothing), "{before:?}");
        assert!(!made.publish(place.as_ref()).unwrap().is_empty(), "{kind:?}");
        let after = place.look(&made.fingerprint, &[]).unwrap();
        assert_ne!(after.guard, before.guard);
        for door in &after.doors {
            let is_good = match &door.found {
                Found::Packets { bytes, .. } => {
                    String::from_utf8_lossy(bytes).contains("BEGIN PGP") || *bytes == made.binary
                }
                found => matches!(found, Found::Index { .. } | Found::Right),
            };
            assert!(is_good, "{kind:?}: {door:?}");
        }
        // After a lost answer the same is done once more, with what was seen
        // before.
        let again = made.publish_seen(place.as_ref(), &before.guard).unwrap();
        assert_eq!(again, Vec::<String>::new(), "{kind:?}");
        // Another one that was planned before is not written over it.
        let other = Made::of(&cert("release", &[]));
        if kind != TargetKind::Directory {
            let stale = other.publish_seen(place.as_ref(), &before.guard);
            assert!(matches!(stale, Err(PlaceError::Changed { .. })), "{kind:?}: {stale:?}");
        }
    }
}

#[test]
fn a_mirror_of_spack_is_written_byte_for_byte_as_spack_does_and_keeps_the_keys_of_others() {
    let folder = tempfile::tempdir().unwrap();
    let [one, two] = ["release", "institution"].map(|name| Made::of(&cert(name, &[])));
    let read = |path: &str| fs::read_to_string(folder.path().join(path)).unwrap();
    for (_, place) in forms(folder.path()).into_iter().skip(2) {
        one.publish(place.as_ref()).unwrap();
        two.publish(place.as_ref()).unwrap();
    }
    let mut keys = [one.fingerprint.hex(), two.fingerprint.hex()];
    keys.sort();
    let index = format!("{{\"keys\":{{\"{}\":{{}},\"{}\":{{}}}}}}", keys[0], keys[1]);
    assert_eq!(read("old/build_cache/_pgp/index.json"), index);
    let key = read(&format!("old/build_cache/_pgp/{}.pub", two.fingerprint.hex()));
    assert_eq!(key.as_bytes(), two.armored);

    let manifest = |length: usize, media: &str, digest: &str| {
        format!(
            "{{\n\"version\":3,\n\"data\":[\n{{\n\"contentLength\":{length},\n\"mediaType\":\"{media}\",\n\
             \"compression\":\"none\",\n\"checksumAlgorithm\":\"sha256\",\n\"checksum\":\"{digest}\"\n}}\n]\n}}"
        )
    };
    let digest = Digest::of(&one.armored).hex();
    let path = format!("new/v3/manifests/key/{}.key.manifest.json", one.fingerprint.hex());
    assert_eq!(read(&path), manifest(one.armored.len(), "application/pgp-keys", &digest));
    let blob = read(&format!("new/blobs/sha256/{}/{digest}", &digest[..2]));
    assert_eq!(blob.as_bytes(), one.armored);
    let digest = Digest::of(index.as_bytes()).hex();
    let media = "application/vnd.spack.keyindex.v1+json";
    let found = read("new/v3/manifests/key/keys.manifest.json");
    assert_eq!(found, manifest(index.len(), media, &digest));
    assert_eq!(read(&format!("new/blobs/sha256/{}/{digest}", &digest[..2])), index);
    assert_eq!(read("new/v3/layout.json"), "{\"signing\": \"gpg\"}");
}

#[test]
fn an_index_that_lost_a_key_or_names_another_blob_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let one = Made::of(&cert("release", &[]));
    for (_, place) in forms(folder.path()).into_iter().skip(2) {
        one.publish(place.as_ref()).unwrap();
    }
    let write = |path: &str, text: &str| fs::write(folder.path().join(path), text).unwrap();
    write("old/build_cache/_pgp/index.json", "{\"keys\":{}}");
    write("new/v3/layout.json", "{}");
    let digest = Digest::of(&one.armored).hex();
    write(&format!("new/blobs/sha256/{}/{digest}", &digest[..2]), "changed");
    let told: Vec<_> = forms(folder.path())
        .into_iter()
        .skip(2)
        .flat_map(|(_, place)| place.look(&one.fingerprint, &[]).unwrap().doors)
        .map(|door| format!("{:?}", door.found))
        .filter(|found| found.contains("Wrong") || found.contains("Unreachable"))
        .collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[0].contains("does not name the key"), "{told:?}");
    assert!(told[1].contains("another digest"), "{told:?}");
    write("old/build_cache/_pgp/index.json", "no json");
    let (_, place) = forms(folder.path()).remove(2);
    let error = one.publish(place.as_ref()).unwrap_err();
    assert!(error.to_string().contains("cannot be read"), "{error}");
}

#[test]
fn keys_of_all_who_ever_signed_stay_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let history = "This file has the keys of TEST\n\npub   rsa4096 2001-01-01\n      ABCD\n";
    fs::create_dir(folder.path().join("dist")).unwrap();
    fs::write(folder.path().join("dist/KEYS"), history).unwrap();
    let old = cert("release", &[]);
    let (_, place) = forms(folder.path()).remove(1);
    Made::of(&old).publish(place.as_ref()).unwrap();
    let first = fs::read_to_string(folder.path().join("dist/KEYS")).unwrap();
    assert!(first.starts_with(history) && first.contains("release TEST"), "{first}");
    let other = Made::of(&cert("other", &[]));
    other.publish(place.as_ref()).unwrap();
    let second = fs::read_to_string(folder.path().join("dist/KEYS")).unwrap();
    assert!(second.starts_with(&first), "{second}");
    assert_eq!(second.matches("BEGIN PGP PUBLIC KEY BLOCK").count(), 2);
    other.publish(place.as_ref()).unwrap();
    assert_eq!(fs::read_to_string(folder.path().join("dist/KEYS")).unwrap(), second);
}
