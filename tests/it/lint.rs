//! Each rule refuses a certificate that breaks it and accepts one that does
//! not.

use std::collections::{BTreeMap, BTreeSet};

use keyrite::adapters::profiles;
use keyrite::domain::finding::FindingId;
use openssl::bn::BigNum;
use sequoia_openpgp::serialize::SerializeInto as _;
use sequoia_openpgp::types::{HashAlgorithm, ReasonForRevocation};
use sequoia_openpgp::{Cert, Packet};
use serde_json::Value;

use crate::support::defects::{
    extended, next_prime, prime, revocation, roca_prime, with_rsa, with_version_3,
};
use crate::support::forge::{KeySpec, Suite, certificate, certify};
use crate::support::program::Program;

const NOW: &str = "2026-01-01";

/// What `lint` finds: each id with its severity.
fn findings(cert: &Cert, profile: &str) -> BTreeSet<(String, String)> {
    findings_of(&[public(cert)], profile)
}

fn public(cert: &Cert) -> Vec<u8> {
    cert.clone().strip_secret_key_material().to_vec().unwrap()
}

/// The same for several files.
fn findings_of(files: &[Vec<u8>], profile: &str) -> BTreeSet<(String, String)> {
    let program = Program::new();
    for (index, file) in files.iter().enumerate() {
        program.file(&format!("in/{index}.pgp"), file);
    }
    let arguments = ["lint", "in", "--profile", profile, "--at", NOW, "--json"];
    let document: Value = program.run(&arguments).json();
    assert_eq!(document["schema"], "keyrite.lint/1");
    let list = document["findings"].as_array().unwrap();
    let word = |finding: &Value, field: &str| finding[field].as_str().unwrap().to_owned();
    list.iter().map(|finding| (word(finding, "id"), word(finding, "severity"))).collect()
}

fn primary() -> KeySpec {
    KeySpec::new("C", "2025-06-01", Some("2027-06-01"))
}

fn signer() -> KeySpec {
    KeySpec::new("S", "2025-10-01", Some("2026-12-01"))
}

fn good() -> Cert {
    certificate(&["Release TEST <release@example.org>"], &primary(), &[signer()])
}

#[track_caller]
fn refuses(id: FindingId, severity: &str, profile: &str, cert: &Cert) {
    let found = findings(cert, profile);
    let wanted = (id.word().to_owned(), severity.to_owned());
    assert!(found.contains(&wanted), "{id} {severity}: {found:?}");
}

#[track_caller]
fn accepts(id: FindingId, profile: &str, cert: &Cert) {
    let found = findings(cert, profile);
    assert!(!found.iter().any(|(word, _)| word == id.word()), "{id}: {found:?}");
}

#[test]
fn a_good_certificate_has_nothing_but_a_note() {
    let found = findings(&good(), "small-team");
    assert_eq!(found, BTreeSet::from([("ALG-007".to_owned(), "note".to_owned())]));
}

#[test]
fn sizes_and_algorithms() {
    let ids = ["Release TEST <release@example.org>"];
    let rsa = |bits| certificate(&ids, &primary(), &[signer().suite(Suite::Rsa(bits))]);
    refuses(FindingId::Alg001, "error", "small-team", &rsa(2048));
    accepts(FindingId::Alg001, "small-team", &rsa(3072));
    accepts(FindingId::Alg007, "small-team", &rsa(3072));
    refuses(FindingId::Alg007, "note", "small-team", &good());
    refuses(FindingId::Alg003, "warning", "apx", &good());
    let p256 = certificate(&ids, &primary().suite(Suite::P256), &[signer().suite(Suite::P256)]);
    accepts(FindingId::Alg003, "apx", &p256);
    let weak = certificate(&ids, &primary().hash(HashAlgorithm::SHA1), &[signer()]);
    refuses(FindingId::Alg004, "error", "small-team", &weak);
    accepts(FindingId::Alg004, "small-team", &good());
}

#[test]
fn capabilities() {
    let ids = ["Release TEST <release@example.org>"];
    let with = |flags, subkeys: &[KeySpec]| {
        let primary = KeySpec::new(flags, "2025-06-01", Some("2027-06-01"));
        certificate(&ids, &primary, subkeys)
    };
    refuses(FindingId::Cap001, "warning", "small-team", &with("CS", &[signer()]));
    accepts(FindingId::Cap001, "apx", &with("CS", &[signer()]));
    accepts(FindingId::Cap001, "small-team", &good());
    let dead = KeySpec::new("S", "2025-06-01", Some("2025-12-01"));
    refuses(FindingId::Cap002, "error", "small-team", &with("C", &[dead]));
    accepts(FindingId::Cap002, "small-team", &good());
    let encrypts = KeySpec::new("A", "2025-10-01", Some("2026-12-01"));
    refuses(FindingId::Cap003, "warning", "small-team", &with("C", &[signer(), encrypts]));
    accepts(FindingId::Cap003, "small-team", &good());
    let adopted = signer().without_back_signature();
    refuses(FindingId::Cap004, "error", "small-team", &with("C", &[signer(), adopted]));
    accepts(FindingId::Cap004, "small-team", &good());
    refuses(
        FindingId::Cap006,
        "warning",
        "small-team",
        &with("C", &[signer(), signer(), signer()]),
    );
    accepts(FindingId::Cap006, "small-team", &with("C", &[signer(), signer()]));
}

#[test]
fn ends() {
    let ids = ["Release TEST <release@example.org>"];
    let endless = KeySpec::new("C", "2025-06-01", None);
    refuses(FindingId::Exp001, "warning", "small-team", &certificate(&ids, &endless, &[signer()]));
    accepts(FindingId::Exp001, "spack-reputational", &certificate(&ids, &endless, &[signer()]));
    accepts(FindingId::Exp001, "small-team", &good());
    let long = KeySpec::new("S", "2025-10-01", Some("2027-04-01"));
    refuses(
        FindingId::Exp002,
        "error",
        "small-team",
        &certificate(&ids, &primary(), std::slice::from_ref(&long)),
    );
    accepts(FindingId::Exp002, "slurm-factory", &certificate(&ids, &primary(), &[long]));
    accepts(FindingId::Exp002, "small-team", &good());
    let close = KeySpec::new("S", "2025-10-01", Some("2027-05-20"));
    refuses(FindingId::Exp003, "error", "slurm-factory", &certificate(&ids, &primary(), &[close]));
    accepts(FindingId::Exp003, "slurm-factory", &good());
    let soon = KeySpec::new("S", "2025-01-01", Some("2026-02-20"));
    refuses(FindingId::Exp005, "warning", "small-team", &{
        let primary = KeySpec::new("C", "2024-06-01", Some("2027-06-01"));
        certificate(&ids, &primary, &[soon])
    });
    let now = KeySpec::new("S", "2025-01-01", Some("2026-01-20"));
    let old = KeySpec::new("C", "2024-06-01", Some("2027-06-01"));
    refuses(
        FindingId::Exp005,
        "error",
        "small-team",
        &certificate(&ids, &old, std::slice::from_ref(&now)),
    );
    accepts(FindingId::Exp005, "small-team", &certificate(&ids, &old, &[now, signer()]));
}

#[test]
fn times_of_creation() {
    let ids = ["Release TEST <release@example.org>"];
    let ahead = KeySpec::new("S", "2026-03-01", Some("2026-12-01"));
    refuses(
        FindingId::Exp006,
        "error",
        "small-team",
        &certificate(&ids, &primary(), &[signer(), ahead]),
    );
    let before = KeySpec::new("S", "2025-01-01", Some("2026-12-01"));
    refuses(FindingId::Exp006, "error", "small-team", &certificate(&ids, &primary(), &[before]));
    accepts(FindingId::Exp006, "small-team", &good());
}

#[test]
fn extensions_and_age() {
    let ids = ["Release TEST <release@example.org>"];
    let two = "Second TEST <second@example.org>";
    let cycle = KeySpec::new("C", "2025-06-01", Some("2026-01-15"));
    let cert = certificate(&ids, &cycle, &[signer()]);
    let once = extended(&cert, "2026-03-01", "2025-09-01");
    let twice = extended(&once, "2026-05-01", "2025-10-01");
    accepts(FindingId::Exp008, "openstack-cycle", &once);
    refuses(FindingId::Exp008, "warning", "openstack-cycle", &twice);
    accepts(FindingId::Exp008, "strict", &twice);
    // An extension that is to come has not happened yet, and a shorter end is
    // none.
    accepts(FindingId::Exp008, "openstack-cycle", &extended(&once, "2026-05-01", "2026-02-01"));
    accepts(FindingId::Exp008, "openstack-cycle", &extended(&once, "2026-02-01", "2025-10-01"));
    // All user IDs at once are one extension.
    let cert = certificate(&[ids[0], two], &cycle, &[signer()]);
    accepts(FindingId::Exp008, "openstack-cycle", &cert);
    let old = |created, end| certificate(&ids, &KeySpec::new("C", created, end), &[signer()]);
    refuses(FindingId::Exp008, "warning", "small-team", &old("2015-01-01", Some("2027-01-01")));
    refuses(FindingId::Exp008, "warning", "small-team", &old("2015-01-01", None));
    accepts(FindingId::Exp008, "small-team", &old("2017-06-01", Some("2027-01-01")));
    accepts(FindingId::Exp008, "small-team", &old("2017-06-01", None));
    accepts(FindingId::Exp008, "apx", &old("2015-01-01", None));
}

#[test]
fn versions() {
    let bound = with_version_3(&good(), "Second TEST <second@example.org>", "2025-07-01");
    refuses(FindingId::Alg005, "error", "small-team", &bound);
    accepts(FindingId::Alg005, "small-team", &good());
    let v6 = certificate(&["A TEST <a@example.org>"], &primary().suite(Suite::V6), &[]);
    accepts(FindingId::Alg005, "small-team", &v6);
}

#[test]
fn weak_material() {
    let product = |a: &BigNum, b: &BigNum| a * b;
    let one = prime(1024);
    let two = BigNum::from_u32(2).unwrap();
    let small = BigNum::from_u32(997).unwrap();
    let honest = product(&one, &prime(1024));
    let with = |modulus: &BigNum, exponent| with_rsa(&good(), modulus, exponent, "2025-11-01");
    for (name, cert) in [
        ("even", with(&product(&one, &two), 17)),
        ("small factor", with(&product(&one, &small), 17)),
        ("close primes", with(&product(&one, &next_prime(&one)), 17)),
        ("square", with(&product(&one, &one), 17)),
        ("ROCA", with(&product(&roca_prime(), &roca_prime()), 17)),
        ("exponent 1", with(&honest, 1)),
        ("even exponent", with(&honest, 6)),
    ] {
        println!("{name}");
        refuses(FindingId::Alg006, "error", "small-team", &cert);
    }
    accepts(FindingId::Alg006, "small-team", &with(&honest, 17));
    accepts(FindingId::Alg006, "small-team", &good());

    let id = FindingId::Alg006.word().to_owned();
    let beside = |modulus: &BigNum| {
        findings_of(&[public(&with(&honest, 17)), public(&with(modulus, 3))], "small-team")
    };
    assert!(beside(&product(&one, &prime(1024))).contains(&(id.clone(), "error".to_owned())));
    assert!(beside(&honest).contains(&(id.clone(), "warning".to_owned())));
    let apart = beside(&product(&prime(1024), &prime(1024)));
    assert!(!apart.iter().any(|(found, _)| *found == id), "{apart:?}");
}

#[test]
fn revocations_that_are_kept_in_advance() {
    use ReasonForRevocation::{KeyCompromised, KeyRetired, KeySuperseded};
    let good = good();
    let with = |reason, when, is_published| {
        let revocation = Packet::from(revocation(&good, reason, when));
        let lone = revocation.to_vec().unwrap();
        let mut cert = good.clone();
        if is_published {
            cert = cert.insert_packets([revocation]).unwrap().0;
        }
        let found = findings_of(&[public(&cert), lone.clone()], "small-team");
        let alone = findings_of(&[lone], "small-team");
        let is_told = |found: BTreeSet<(String, String)>| {
            found.contains(&("REV-002".to_owned(), "error".to_owned()))
        };
        (is_told(found), is_told(alone))
    };
    assert_eq!(with(KeySuperseded, "2025-07-01", false), (true, true));
    assert_eq!(with(KeyRetired, "2025-07-01", false), (true, true));
    assert_eq!(with(KeyCompromised, "2025-07-01", false), (false, false));
    // Dated for later; published already.
    assert_eq!(with(KeyRetired, "2026-07-01", false), (false, false));
    assert!(!with(KeyRetired, "2025-07-01", true).0);
}

#[test]
fn names_and_certifications() {
    let with = |ids: &[&str]| certificate(ids, &primary(), &[signer()]);
    let commented = with(&["Release (TEST) <release@example.org>"]);
    refuses(FindingId::Uid001, "warning", "strict", &commented);
    accepts(FindingId::Uid001, "small-team", &commented);
    accepts(FindingId::Uid001, "strict", &good());
    refuses(
        FindingId::Uid002,
        "error",
        "small-team",
        &with(&["Release\u{202e} TEST <r@example.org>"]),
    );
    accepts(FindingId::Uid002, "small-team", &good());
    accepts(
        FindingId::Uid003,
        "small-team",
        &with(&["A TEST <a@example.org>", "B TEST <b@example.org>"]),
    );
    refuses(FindingId::Crt001, "error", "spack-intermediate", &good());
    let other = certificate(&["B TEST <b@example.org>"], &primary(), &[]);
    let certified = certify(&other, &good(), "2025-11-01");
    accepts(FindingId::Crt001, "spack-intermediate", &certified);
}

#[test]
fn what_has_ended_is_not_held_against_the_rules() {
    let ids = ["Release TEST <release@example.org>"];
    let revoked = primary().revoked(ReasonForRevocation::KeyCompromised, "2025-12-01", "TEST");
    let cert = certificate(&ids, &revoked.suite(Suite::Rsa(2048)), &[signer()]);
    assert_eq!(findings(&cert, "strict"), BTreeSet::new());
}

#[test]
fn the_exit_code_tells_errors_and_the_text_names_the_rule() {
    let program = Program::new();
    program.file("good.pgp", public(&good()));
    let outcome = program.run(&["lint", "good.pgp", "--at", NOW]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(outcome.out.contains("profile: small-team"));
    let outcome = program.run(&["lint", "good.pgp", "--at", NOW, "--profile", "strict"]);
    assert_eq!(outcome.code, Some(8), "{outcome:?}");
    assert!(outcome.out.contains("error: CRT-001 \"Release TEST <release@example.org>\": 0 "));
    assert!(outcome.out.contains("what to do: Ask the others"));
    let outcome = program.run(&["lint", "good.pgp", "--profile", "stricter"]);
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.err.contains("no profile is called 'stricter'"), "{}", outcome.err);
    assert_eq!(program.run(&["lint", "missing.pgp"]).code, Some(7));
}

#[test]
fn every_profile_is_in_the_help() {
    let help = Program::new().run(&["lint", "--help"]).out;
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    for name in profiles::names() {
        assert!(help.contains(name), "{name}");
    }
}

/// What `lint` finds in a file: for each id the certificates that have it.
fn findings_in(program: &Program, path: &str) -> (usize, BTreeMap<String, BTreeSet<String>>) {
    let all =
        program.run(&["keys", path, "--json"]).json()["certificates"].as_array().unwrap().len();
    let document = program.run(&["lint", path, "--profile", "strict", "--json"]).json();
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for finding in document["findings"].as_array().unwrap() {
        let id = finding["id"].as_str().unwrap().to_owned();
        let certificate = finding["fingerprint"].as_str().unwrap_or_default().to_owned();
        found.entry(id).or_default().insert(certificate);
    }
    (all, found)
}

#[test]
fn rules_that_are_hard_to_break_on_purpose_are_broken_by_real_keys_and_kept_by_others() {
    let program = Program::new();
    let (all, found) = findings_in(&program, "/usr/share/keyrings/debian-keyring.gpg");
    let broken = [
        FindingId::Alg002,
        FindingId::Alg006,
        FindingId::Exp007,
        FindingId::Exp008,
        FindingId::Uid003,
    ];
    for id in broken {
        // A finding about all of them together has no fingerprint.
        let certificates = found.get(id.word()).into_iter().flatten();
        let broken = certificates.filter(|fingerprint| !fingerprint.is_empty()).count();
        assert!(0 < broken && broken < all, "{id}: {broken} of {all}");
    }
}

#[test]
fn a_flooded_certificate_is_told() {
    let program = Program::new();
    let other = certificate(&["B TEST <b@example.org>"], &primary(), &[]);
    let certified = certify(&other, &good(), "2025-11-01");
    let user_id = certified.userids().next().unwrap();
    let certification = user_id.certifications().next().unwrap().clone();
    let one = sequoia_openpgp::Packet::from(certification).to_vec().unwrap();
    // They are counted before anything is verified, so copies will do. The
    // primary key, its user ID and its self-signature come first.
    let start: Vec<u8> = good()
        .strip_secret_key_material()
        .into_packets()
        .take(3)
        .flat_map(|packet| packet.to_vec().unwrap())
        .collect();
    let after = |count: usize| [start.clone(), one.repeat(count)].concat();
    for (count, is_told) in [(10, false), (1_001, true)] {
        program.file("flood.pgp", after(count));
        let (_, found) = findings_in(&program, "flood.pgp");
        assert_eq!(found.contains_key("UID-004"), is_told, "{count}: {found:?}");
    }
}
