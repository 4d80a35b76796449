//! keys.openpgp.org as a target: a server of the tests that behaves as it was
//! seen to.

use std::time::{Duration, UNIX_EPOCH};

use keyrite::adapters::openpgp::components_of;
use keyrite::adapters::targets::{self, Reach};
use keyrite::domain::publication::{CertificateForm, ComponentKind, Components, Verdict};
use keyrite::domain::workspace::TargetKind;
use keyrite::engine::place::PlaceError;
use keyrite::engine::target::{Found, Target};
use sequoia_openpgp::Cert;
use sequoia_openpgp::packet::Packet;
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::policy::StandardPolicy;
use sequoia_openpgp::serialize::SerializeInto as _;
use sequoia_openpgp::types::ReasonForRevocation;

use crate::support::forge::{at, certify};
use crate::support::targets::{Made, cert, is_right, judged_first, promises, target, verdict};
use crate::support::vks::Vks;

fn open(vks: &Vks) -> Box<dyn Target> {
    let reach = Reach::of(std::path::PathBuf::new());
    targets::open(&target(TargetKind::Vks, &vks.url, &[]), &reach).unwrap()
}

fn signer(cert: &Cert) -> sequoia_openpgp::crypto::KeyPair {
    cert.primary_key().key().clone().parts_into_secret().unwrap().into_keypair().unwrap()
}

/// With a revocation of all of it.
fn revoked(cert: &Cert) -> Cert {
    let mut signer = signer(cert);
    let reason = ReasonForRevocation::KeyCompromised;
    let signature = cert.revoke(&mut signer, reason, b"TEST").unwrap();
    cert.clone().insert_packets(Packet::from(signature)).unwrap().0
}

/// With the approval of all certifications by others.
fn approved(cert: &Cert) -> Cert {
    let mut signer = signer(cert);
    let id = cert.userids().next().unwrap();
    let at = UNIX_EPOCH + Duration::from_secs(at("2026-03-02").try_into().unwrap());
    let others: Vec<_> = id.certifications().cloned().collect();
    let made = id.approve_of_certifications(&StandardPolicy::new(), at, &mut signer, others);
    let made: Vec<_> = made.unwrap().into_iter().map(Packet::from).collect();
    cert.clone().insert_packets(made).unwrap().0
}

#[test]
fn every_promise_holds_once_the_mails_are_answered() {
    let vks = Vks::start();
    promises(&|| open(&vks), &|| vks.open_mails());
}

#[test]
fn without_the_mail_it_is_not_published_and_says_what_is_waited_for() {
    let vks = Vks::start();
    let made = Made::of(&cert("release", &[]));
    let written = made.publish(open(&vks).as_ref()).unwrap();
    assert_eq!(written[1], "a mail was sent to release@example.org");
    let mails = vks.with(|state| state.mails.clone());
    assert_eq!(mails.len(), 1);
    assert!(mails[0].1.contains("/verify/"));
    let seen = made.look(open(&vks).as_ref());
    assert!(matches!(seen.doors[0].found, Found::Packets { .. }), "{seen:?}");
    assert_eq!(seen.doors[1].found, Found::Nothing);
    assert!(seen.awaits.as_ref().unwrap().contains("release@example.org"), "{seen:?}");
    // A copy without a user ID is less than should be there.
    assert_eq!(verdict(open(&vks).as_ref(), &made, &Components::default()), Verdict::Missing);
    let of_fingerprint = judged_first(open(&vks).as_ref(), &made);
    assert_eq!(of_fingerprint.verdict, Verdict::Stale);
    // A repetition sends no second mail.
    assert_eq!(made.publish(open(&vks).as_ref()), Ok(Vec::new()));
    assert_eq!(vks.with(|state| state.mails.len()), 1);
    vks.open_mails();
    is_right(open(&vks).as_ref(), &made);
    assert_eq!(made.look(open(&vks).as_ref()).awaits, None);
    let uploads = vks.with(|state| state.uploads);
    assert_eq!(made.publish(open(&vks).as_ref()), Ok(Vec::new()));
    assert_eq!(vks.with(|state| state.uploads), uploads, "nothing is sent that is there");
}

#[test]
fn an_answer_that_is_an_array_is_understood_and_foreign_addresses_are_not_asked_for() {
    let vks = Vks::start();
    vks.with(|state| state.says_arrays = true);
    let mut made = Made::of(&cert("release", &[]));
    made.addresses.push("stranger@example.com".to_owned());
    assert_eq!(made.publish(open(&vks).as_ref()).unwrap(), [made.fingerprint.hex()]);
    assert!(vks.with(|state| state.mails.is_empty()));
    assert!(made.look(open(&vks).as_ref()).awaits.is_some());
    // What the array did not tell is told by the next upload.
    vks.with(|state| state.says_arrays = false);
    made.publish(open(&vks).as_ref()).unwrap();
    let to: Vec<_> = vks.with(|state| state.mails.iter().map(|(to, _)| to.clone()).collect());
    assert_eq!(to, ["release@example.org"]);
}

#[test]
fn certifications_by_others_are_there_only_where_they_are_approved() {
    let vks = Vks::start();
    let plain = certify(&cert("friend", &[]), &cert("release", &[]), "2026-03-01");
    let sent = Made::in_form(&plain, CertificateForm::Attested);
    sent.publish(open(&vks).as_ref()).unwrap();
    vks.open_mails();
    let has = |made: &Made| {
        let seen = made.look(open(&vks).as_ref());
        let Found::Packets { bytes, .. } = &seen.doors[0].found else { panic!("{seen:?}") };
        Cert::from_bytes(bytes).unwrap().userids().next().unwrap().certifications().count()
    };
    assert_eq!(has(&sent), 0);
    // It is no drift.
    is_right(open(&vks).as_ref(), &sent);
    let made = Made::in_form(&approved(&plain), CertificateForm::Attested);
    made.publish(open(&vks).as_ref()).unwrap();
    is_right(open(&vks).as_ref(), &made);
    assert_eq!(has(&made), 1);
}

#[test]
fn a_revocation_is_live_at_once_and_nobody_waits_for_a_mail() {
    let vks = Vks::start();
    let old = cert("release", &[]);
    Made::of(&old).publish(open(&vks).as_ref()).unwrap();
    vks.open_mails();
    let gone = Made::of(&revoked(&old));
    gone.publish(open(&vks).as_ref()).unwrap();
    let seen = gone.look(open(&vks).as_ref());
    let Found::Packets { bytes, .. } = &seen.doors[0].found else { panic!("{seen:?}") };
    let served = components_of(bytes).unwrap();
    assert!(served.0.values().any(|one| one.kind == ComponentKind::Revocation));
    assert_eq!(seen.doors[1].found, Found::Nothing);
    assert_eq!(seen.awaits, None);
    assert!(seen.facts[0].contains("it is revoked"), "{seen:?}");
    assert_eq!(vks.with(|state| state.mails.len()), 1);
}

#[test]
fn what_the_server_says_of_an_error_is_told() {
    let vks = Vks::start();
    let good = cert("release", &[]);
    let mut made = Made::of(&good);
    made.armored = good.as_tsk().armored().to_vec().unwrap();
    let error = made.publish(open(&vks).as_ref()).unwrap_err().to_string();
    assert!(error.contains("HTTP 400: Whoops, please don't upload secret keys!"), "{error}");
    made.armored = b"garbage".to_vec();
    let error = made.publish(open(&vks).as_ref()).unwrap_err();
    assert!(matches!(&error, PlaceError::Unfit { .. }), "{error}");
    assert!(error.to_string().contains("Parsing of key data failed."), "{error}");
    let made = Made::of(&good);
    for (status, words) in [(503, "maintenance"), (429, "slow down")] {
        vks.with(|state| state.trouble = Some((status, words)));
        let error = made.publish(open(&vks).as_ref()).unwrap_err();
        assert!(matches!(&error, PlaceError::Unreachable { .. }), "{error}");
        assert!(error.to_string().contains(&format!("HTTP {status}")), "{error}");
        let verdict = verdict(open(&vks).as_ref(), &made, &Components::default());
        assert_eq!(verdict, Verdict::Unreachable);
    }
}
