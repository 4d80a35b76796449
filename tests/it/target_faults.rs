//! What networks, services and strangers do to the doors of targets, and the
//! word for it each time.

use std::sync::atomic::Ordering;
use std::time::Duration;

use keyrite::adapters::openpgp::components_of;
use keyrite::adapters::targets::{self, Reach};
use keyrite::domain::publication::{Components, Verdict};
use keyrite::domain::workspace::TargetKind;
use keyrite::engine::place::PlaceError;
use keyrite::engine::target::Target;
use sequoia_openpgp::Cert;
use sequoia_openpgp::packet::Packet;
use sequoia_openpgp::serialize::SerializeInto as _;

use crate::support::forge::{KeySpec, add_subkey};
use crate::support::program::Program;
use crate::support::targets::{Made, cert, judged, target, verdict};
use crate::support::web::{Answer, Request, Web};

/// Targets that are read over the web at that address.
fn doors(url: &str, folder: &std::path::Path) -> Vec<(TargetKind, Box<dyn Target>)> {
    let reach = Reach { patience: Duration::from_millis(700), ..Reach::of(folder.to_owned()) };
    let open = |kind, place: &str, settings: &[(&str, &str)]| {
        (kind, targets::open(&target(kind, place, settings), &reach).unwrap())
    };
    vec![
        open(TargetKind::Hkp, url, &[]),
        open(TargetKind::Vks, url, &[]),
        open(TargetKind::Directory, ".", &[("read", url)]),
    ]
}

/// The verdict at each kind of door where everything is answered so.
#[track_caller]
fn is(
    answer: impl Fn(&Request) -> Answer + Send + Sync + 'static,
    made: &Made,
    before: &Components,
    wanted: Verdict,
    words: &str,
) {
    let hex = made.fingerprint.hex();
    let web = Web::start(move |request| {
        // The list of a search is not what is disturbed.
        let is_list = request.path.contains("op=index");
        match answer(request) {
            Answer::Of(200, _, body) if is_list && !body.starts_with(b"<") => {
                Answer::new(200, "text/plain", format!("info:1:1\npub:{hex}:22:256:::\n"))
            }
            answer => answer,
        }
    });
    let folder = tempfile::tempdir().unwrap();
    for (kind, place) in doors(&web.url, folder.path()) {
        let place = place.as_ref();
        assert_eq!(verdict(place, made, before), wanted, "{kind:?} {words}");
        let seen = made.look(place);
        let told: Vec<_> = seen.doors.iter().map(|one| judged(place, made, one, before)).collect();
        assert!(format!("{told:?}").contains(words), "{kind:?} {words}: {told:?}");
    }
}

fn served(cert: &Cert) -> impl Fn(&Request) -> Answer + Send + Sync + 'static {
    let bytes = cert.clone().strip_secret_key_material().armored().to_vec().unwrap();
    move |_| Answer::new(200, "application/pgp-keys", bytes.clone())
}

/// Without the packets that are meant.
fn without(cert: &Cert, is_meant: impl Fn(&Packet) -> bool + Send + Sync) -> Cert {
    let packets = cert.clone().strip_secret_key_material().into_packets();
    Cert::from_packets(packets.filter(|packet| !is_meant(packet))).unwrap()
}

const GONE: Components = Components(std::collections::BTreeMap::new());

#[test]
fn each_certificate_that_is_not_as_it_should_be_has_its_word() {
    let spec = KeySpec::new("S", "2026-01-01", Some("2026-12-31"));
    let revoked = spec.revoked(
        sequoia_openpgp::types::ReasonForRevocation::KeyCompromised,
        "2026-02-01",
        "TEST",
    );
    let base = cert("release", &[]);
    let full = add_subkey(&base, &revoked);
    let made = Made::of(&full);
    let seen = components_of(&made.armored).unwrap();
    is(served(&full), &made, &seen, Verdict::Match, "");
    is(served(&cert("another", &[])), &made, &seen, Verdict::Foreign, "another certificate");
    let extra = add_subkey(&full, &KeySpec::new("S", "2026-03-01", Some("2026-12-31")));
    is(served(&extra), &made, &seen, Verdict::Foreign, "Subkey");
    let is_revocation = |packet: &Packet| match packet {
        Packet::Signature(one) => {
            one.typ() == sequoia_openpgp::types::SignatureType::SubkeyRevocation
        }
        _ => false,
    };
    let stripped = without(&full, is_revocation);
    is(served(&stripped), &made, &seen, Verdict::Rollback, "Revocation");
    is(served(&stripped), &made, &GONE, Verdict::Stale, "Revocation");
    let nameless = without(&full, |packet| {
        let is_of_id = matches!(packet, Packet::Signature(one)
            if one.typ() == sequoia_openpgp::types::SignatureType::PositiveCertification
                || one.typ() == sequoia_openpgp::types::SignatureType::GenericCertification);
        matches!(packet, Packet::UserID(_)) || is_of_id
    });
    is(served(&nameless), &made, &GONE, Verdict::Stale, "UserId");
    // A cache that has the old copy for a while, as it was seen before.
    let old = components_of(&Made::of(&base).armored).unwrap();
    is(served(&base), &made, &old, Verdict::Stale, "Revocation");
    is(
        |_| Answer::new(200, "text/plain", "no key"),
        &made,
        &GONE,
        Verdict::Foreign,
        "no certificate",
    );
    let secret = full.as_tsk().armored().to_vec().unwrap();
    let serve = move |_: &Request| Answer::new(200, "application/pgp-keys", secret.clone());
    is(serve, &made, &GONE, Verdict::Foreign, "a secret key is there");
}

#[test]
fn who_does_not_answer_properly_is_unreachable_and_nothing_worse() {
    let made = Made::of(&cert("release", &[]));
    let seen = components_of(&made.armored).unwrap();
    let html = "<!DOCTYPE html><html>sign in first";
    let nobody = Verdict::Unreachable;
    is(move |_| Answer::new(200, "text/html", html), &made, &seen, nobody, "a web page");
    is(move |_| Answer::new(200, "text/plain", html), &made, &seen, nobody, "a web page");
    is(|_| Answer::new(429, "text/plain", "slow down"), &made, &seen, nobody, "HTTP 429");
    is(|_| Answer::new(503, "text/plain", "later"), &made, &seen, nobody, "HTTP 503");
    is(move |_| Answer::new(500, "text/html", html), &made, &seen, nobody, "HTTP 500");
    is(|_| Answer::Reset, &made, &seen, nobody, "connection closed");
    is(|_| Answer::Hangs, &made, &seen, nobody, "operation timed out");
    let elsewhere = |request: &Request| Answer::to(302, &format!("{}x", request.path));
    is(elsewhere, &made, &seen, nobody, "from one address to the next");
}

#[test]
fn an_answer_without_an_end_is_not_read_to_it() {
    let made = Made::of(&cert("release", &[]));
    let web = Web::start(|_| Answer::Long(100 * 1024 * 1024));
    let folder = tempfile::tempdir().unwrap();
    for (kind, place) in doors(&web.url, folder.path()) {
        let before = web.taken.load(Ordering::SeqCst);
        let seen = made.look(place.as_ref());
        let told = format!("{seen:?}");
        assert!(told.contains("more than 8388608 bytes"), "{kind:?}: {told}");
        let each = (web.taken.load(Ordering::SeqCst) - before) / seen.doors.len() as u64;
        assert!(each < 30 * 1024 * 1024, "{kind:?}: {each} bytes were taken");
    }
}

#[test]
fn what_was_sent_into_the_dark_is_in_doubt_and_what_was_refused_is_not() {
    let made = Made::of(&cert("release", &[]));
    let folder = tempfile::tempdir().unwrap();
    let error = |answer: fn(&Request) -> Answer| {
        let web = Web::start(move |request| match request.method.as_str() {
            "GET" => Answer::new(404, "text/plain", "none"),
            _ => answer(request),
        });
        let places = doors(&web.url, folder.path()).into_iter().take(2);
        places.map(|(_, place)| made.publish(place.as_ref()).unwrap_err()).collect::<Vec<_>>()
    };
    for told in [error(|_| Answer::Reset), error(|_| Answer::Hangs)] {
        assert!(told.iter().all(|one| matches!(one, PlaceError::InDoubt { .. })), "{told:?}");
    }
    for told in [error(|_| Answer::new(429, "", "")), error(|_| Answer::new(503, "", ""))] {
        assert!(told.iter().all(|one| matches!(one, PlaceError::Unreachable { .. })), "{told:?}");
    }
    let told = error(|_| Answer::new(403, "", ""));
    assert!(told.iter().all(|one| matches!(one, PlaceError::Refused { .. })), "{told:?}");
    let told = error(|_| Answer::new(413, "", ""));
    assert!(told.iter().all(|one| matches!(one, PlaceError::Unfit { .. })), "{told:?}");
    for (_, place) in doors("http://127.0.0.1:1", folder.path()).into_iter().take(2) {
        let error = made.publish(place.as_ref()).unwrap_err();
        assert!(matches!(error, PlaceError::Unreachable { .. }), "{error}");
    }
}

#[test]
fn a_door_with_tls_is_trusted_by_its_certificate_and_never_left_for_one_without() {
    let release = cert("release", &[]);
    let public = release.clone().strip_secret_key_material().armored().to_vec().unwrap();
    let plain = Web::start(served(&release));
    let target = plain.url.clone();
    let web = Web::encrypted(move |request| {
        if request.path.starts_with("/down") {
            return Answer::to(302, &format!("{target}{}", request.path));
        }
        served(&release)(request)
    });
    let program = Program::new();
    let ca = program.file("ca.pem", web.ca.as_ref().unwrap());
    let run = |path: &str, trusts: bool| {
        let text = format!(
            "schema = 1\nname = \"TEST\"\nenvironment = \"rehearsal\"\nprofile = \"small-team\"\n\n\
             [[people]]\nid = \"anna\"\nname = \"TEST Anna\"\nroles = [\"administrator\"]\n\n\
             [[targets]]\nid = \"web\"\nkind = \"directory\"\nplace = \".\"\nsettings = {{ read = \
             \"{}{path}\" }}\n",
            web.url
        );
        program.file("team/keyrite.toml", text);
        program.file("team/certs/release.asc", &public);
        let mut command = program.command(&["drift", "--in", "team"]);
        if trusts {
            command.env("SSL_CERT_FILE", &ca);
        }
        let output = command.output().unwrap();
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8_lossy(&output.stderr)
    };
    let told = run("", true);
    assert!(told.starts_with("match "), "{told}");
    let told = run("", false);
    assert!(told.starts_with("unreachable ") && told.contains("certificate"), "{told}");
    let told = run("/down", true);
    assert!(told.starts_with("unreachable ") && told.contains("without encryption"), "{told}");
}
