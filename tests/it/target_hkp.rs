//! A keyserver as a target, with gpg as one who reads there.

use keyrite::adapters::targets::{self, Reach};
use keyrite::domain::workspace::TargetKind;
use keyrite::engine::target::Found;
use sequoia_openpgp::serialize::SerializeInto as _;

use crate::support::gpg::Gpg;
use crate::support::sks::Sks;
use crate::support::targets::{Made, cert, promises, target};

#[test]
fn what_was_sent_to_a_keyserver_is_received_by_gpg() {
    let other = cert("other", &[]).strip_secret_key_material().to_vec().unwrap();
    let sks = Sks::start(&other);
    let made = Made::of(&cert("release", &[]));
    let folder = tempfile::tempdir().unwrap();
    let reach = Reach::of(folder.path().to_owned());
    let place = targets::open(&target(TargetKind::Hkp, &sks.place(), &[]), &reach).unwrap();
    let server = target(TargetKind::Hkp, &sks.place(), &[]);
    promises(&|| targets::open(&server, &reach).unwrap(), &|| ());
    let before = place.look(&made.fingerprint, &[]).unwrap();
    assert!(before.doors.iter().all(|door| door.found == Found::Nothing), "{before:?}");
    made.publish(place.as_ref()).unwrap();
    made.publish(place.as_ref()).unwrap();
    let after = place.look(&made.fingerprint, &[]).unwrap();
    assert!(matches!(after.doors[0].found, Found::Packets { .. }), "{after:?}");
    assert_eq!(after.doors[1].found, Found::Right);
    assert!(after.facts[0].contains("not encrypted"), "{after:?}");
    let gpg = Gpg::new();
    let hex = made.fingerprint.hex();
    gpg.run(&["--batch", "--keyserver", &sks.place(), "--recv-keys", &hex]);
    let listed = gpg.lines(&["--with-colons", "--list-keys", &hex]);
    assert!(listed.iter().any(|line| line.contains("release TEST")), "{listed:?}");
}
