//! What verifiers refuse: each rule with a case on either side, and the real
//! programs where they are at hand.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Arc;

use keyrite::adapters::openpgp::{Secrets, read};
use keyrite::domain::assessment::Assessment;
use keyrite::domain::cutoff::Cutoffs;
use keyrite::domain::timestamp::Timestamp;
use keyrite::domain::verifier::{Accepted, Opinion, RULES, Rule, Verifier, opinions};
use sequoia_openpgp::Cert;
use sequoia_openpgp::serialize::SerializeInto as _;
use sequoia_openpgp::types::{HashAlgorithm, ReasonForRevocation};

use crate::support::forge::{KeySpec, Suite, at, certificate, certify, sign};
use crate::support::gpg::Gpg;
use crate::support::program::Program;

const IDS: [&str; 1] = ["Release TEST <release@example.org>"];
const RSA: Suite = Suite::Rsa(3072);

fn primary() -> KeySpec {
    KeySpec::new("C", "2023-06-01", Some("2025-06-01")).suite(RSA)
}

fn signer() -> KeySpec {
    KeySpec::new("S", "2023-07-01", Some("2024-12-01")).suite(RSA)
}

fn alone() -> KeySpec {
    KeySpec::new("CS", "2023-06-01", Some("2024-12-01")).suite(RSA)
}

fn public(cert: &Cert) -> Vec<u8> {
    cert.clone().strip_secret_key_material().to_vec().unwrap()
}

fn opinion(verifier: Verifier, cert: &Cert, now: &str) -> Opinion {
    let facts = read(&[public(cert)], &Secrets::new()).unwrap();
    let now = Timestamp::parse(now).unwrap();
    let assessment = Assessment::of(Arc::new(facts), now, Cutoffs::as_of(now));
    opinions(&assessment).into_iter().find(|opinion| opinion.verifier == verifier).unwrap()
}

/// A name, and a certificate with that in it which a rule may refuse.
fn cases() -> Vec<(&'static str, Cert)> {
    let sha1 = HashAlgorithm::SHA1;
    let old = |spec: KeySpec| spec.hash(sha1);
    let with = |suite| certificate(&IDS, &alone().suite(suite), &[]);
    let other = certificate(&["B TEST <b@example.org>"], &primary(), &[]);
    let revoked = alone().revoked(ReasonForRevocation::KeyRetired, "2024-03-01", "TEST");
    let v6 = KeySpec { expires: None, ..alone() }.suite(Suite::V6);
    vec![
        ("primary signs", certificate(&IDS, &alone(), &[])),
        ("subkey signs", certificate(&IDS, &primary(), &[signer()])),
        ("revoked", certificate(&IDS, &revoked, &[])),
        ("SHA-1", certificate(&IDS, &old(alone()), &[])),
        ("SHA-1 binding", certificate(&IDS, &primary(), &[old(signer())])),
        ("MD5", certificate(&IDS, &alone().hash(HashAlgorithm::MD5), &[])),
        ("RSA-1024", with(Suite::Rsa(1024))),
        ("RSA-2048", with(Suite::Rsa(2048))),
        ("brainpool", with(Suite::Brainpool)),
        ("P-256", with(Suite::P256)),
        ("EdDSA", with(Suite::Ed25519)),
        ("Ed25519 of RFC 9580", with(Suite::NewEd25519)),
        ("version 6", certificate(&IDS, &v6, &[])),
        ("no flags", certificate(&IDS, &alone().without_flags(), &[])),
        ("no user ID", certificate(&[], &alone(), &[])),
        ("certified", certify(&other, &certificate(&IDS, &alone(), &[]), "2023-08-01")),
        ("no back signature", certificate(&IDS, &primary(), &[signer().without_back_signature()])),
    ]
}

/// Which of the cases a rule refuses in the middle of 2024; whatever ends ends
/// later.
fn refused_by(verifier: Verifier, rule: Rule) -> BTreeSet<&'static str> {
    let names: &[_] = match (verifier, rule) {
        (_, Rule::Ended | Rule::Revocation) => &["revoked"],
        (_, Rule::Version6) => &["version 6"],
        (_, Rule::NewCurve) => &["Ed25519 of RFC 9580", "version 6"],
        (_, Rule::EdDsa) => &["EdDSA"],
        (_, Rule::EcDsa) => &["P-256", "brainpool"],
        (_, Rule::Key) => &["RSA-1024"],
        (Verifier::AptSqv | Verifier::Gpg22 | Verifier::Spack, Rule::Hash) => &["MD5"],
        (_, Rule::Hash) => &["MD5", "SHA-1", "SHA-1 binding"],
        (_, Rule::Subkey) => &["subkey signs", "SHA-1 binding"],
        (_, Rule::Flags) => &["no flags"],
        (_, Rule::UserId) => &["no user ID"],
        (_, Rule::Certifications) => &["certified"],
    };
    names.iter().copied().collect()
}

#[test]
fn every_rule_refuses_and_accepts() {
    let cases = cases();
    for entry in RULES {
        let now = Timestamp::parse("2024-06-01").unwrap();
        let refuses = |cert: &Cert| {
            let opinion = opinion(entry.verifier, cert, "2024-06-01");
            let mut refusals = opinion.keys.iter().flat_map(|key| &key.refusals);
            refusals.any(|refusal| refusal.rule == entry.rule && !refusal.accepted.at(now))
        };
        let refused: BTreeSet<_> =
            cases.iter().filter(|(_, cert)| refuses(cert)).map(|(name, _)| *name).collect();
        let name = entry.verifier.name();
        assert_eq!(refused, refused_by(entry.verifier, entry.rule), "{name} {:?}", entry.rule);
    }
}

#[test]
fn what_has_a_date_is_accepted_until_then() {
    let cert = |spec: KeySpec| certificate(&IDS, &KeySpec { expires: None, ..spec }, &[]);
    let until = |date: &str| Accepted::Until(Timestamp::parse(date).unwrap());
    let sha1 = cert(alone().hash(HashAlgorithm::SHA1));
    let long = format!("Release TEST {} <release@example.org>", "x".repeat(96));
    let long = certificate(&[&long], &alone().hash(HashAlgorithm::SHA1), &[]);
    let soft = alone().revoked(ReasonForRevocation::KeyRetired, "2024-03-01", "TEST");
    let hard = alone().revoked(ReasonForRevocation::KeyCompromised, "2024-03-01", "TEST");
    for (verifier, cert, accepted) in [
        (Verifier::AptSqv, &sha1, until("2026-02-01")),
        (Verifier::AptSqv, &long, until("2013-02-01")),
        (Verifier::RpmEl10, &sha1, Accepted::Never),
        (Verifier::Gpg22, &sha1, Accepted::Always),
        (Verifier::AptSqv, &cert(alone().suite(Suite::Rsa(2048))), until("2030-02-01")),
        (Verifier::RpmEl10, &cert(alone().suite(Suite::Rsa(2048))), Accepted::Always),
        (Verifier::AptSqv, &cert(alone().suite(Suite::Brainpool)), until("2028-02-01")),
        (Verifier::Gpg22, &certificate(&IDS, &primary(), &[signer()]), until("2024-12-01")),
        (Verifier::RpmEl10, &certificate(&IDS, &soft, &[]), until("2024-03-01")),
        (Verifier::RpmEl10, &certificate(&IDS, &hard, &[]), Accepted::Never),
        // They do not look.
        (Verifier::RpmEl9, &certificate(&IDS, &alone(), &[]), Accepted::Always),
        (Verifier::Maven, &certificate(&IDS, &alone(), &[]), Accepted::Always),
    ] {
        assert_eq!(opinion(verifier, cert, "2024-06-01").accepted(), accepted, "{verifier:?}");
    }
}

#[test]
fn the_key_that_is_accepted_longest_counts_and_the_others_are_told() {
    let successor = KeySpec::new("S", "2023-08-01", Some("2025-01-01")).suite(RSA);
    let curve = signer().suite(Suite::Ed25519);
    let cert = certificate(&IDS, &primary(), &[signer(), curve, successor]);
    let now = Timestamp::parse("2024-06-01").unwrap();
    let words = |verifier| opinion(verifier, &cert, "2024-06-01").words(now).to_string();
    assert!(words(Verifier::AptSqv).starts_with("apt/sqv: accepts until 2025-01-01, because of "));
    let text = words(Verifier::RpmEl9);
    let start = "rpm EL9: accepts, and does not look at its end; refuses signing subkey ";
    assert!(text.starts_with(start), "{text}");
    assert!(text.ends_with(": it cannot use Ed25519"), "{text}");
    let text = words(Verifier::RpmEl7);
    assert!(text.starts_with("rpm EL7: refuses, because of signing subkey "), "{text}");
    let program = Program::new();
    program.file("a.pgp", public(&cert));
    let text = program.run(&["lint", "a.pgp", "--at", "2024-06-01"]).out;
    assert!(text.contains("verifiers of \"Release TEST <release@example.org>\":\n  apt/sqv: acc"));
    let document = program.run(&["lint", "a.pgp", "--at", "2024-06-01", "--json"]).json();
    let list = document["verifiers"].as_array().unwrap();
    assert_eq!(list.len(), Verifier::ALL.len());
    assert_eq!(list[0]["verifier"], "apt/sqv");
    assert_eq!(list[0]["until"], "2025-01-01T00:00:00Z");
    assert_eq!(list[2]["accepts"], false);
    assert_eq!(list[2]["keys"][0]["refusals"][0]["rule"], "subkey");
    let none = certificate(&IDS, &primary(), &[]);
    let words = opinion(Verifier::Spack, &none, "2024-06-01").words(now).to_string();
    assert_eq!(words, "Spack: no key of it is for signing");
}

/// The keys of a case that sign, by their places.
fn signing(cert: &Cert) -> usize {
    cert.keys().count() - 1
}

const DATA: &[u8] = b"TEST release";

#[test]
fn gpg_agrees() {
    for (name, cert) in cases() {
        for day in ["2024-02-15", "2024-06-01", "2024-12-02", "2026-06-01"] {
            let now = at(day);
            let gpg = Gpg::new();
            let path = |name: &str| gpg.home().join(name).to_str().unwrap().to_owned();
            std::fs::write(path("cert"), public(&cert)).unwrap();
            std::fs::write(path("data"), DATA).unwrap();
            std::fs::write(path("sig"), sign(&cert, signing(&cert), DATA, now - 60)).unwrap();
            let clock = format!("{now}!");
            gpg.run(&["--faked-system-time", &clock, "--import", &path("cert")]);
            let status = gpg.lines(&[
                "--faked-system-time",
                &clock,
                "--status-fd",
                "1",
                "--verify",
                &path("sig"),
                &path("data"),
            ]);
            let theirs = status.iter().any(|line| line.starts_with("[GNUPG:] GOODSIG "));
            let ours = opinion(Verifier::Gpg22, &cert, day);
            let ours = ours.accepted().at(Timestamp::from_unix(now));
            assert_eq!(ours, theirs, "{name} on {day}: {status:#?}");
        }
    }
}

#[test]
fn sqv_agrees() {
    // The sqv of Debian 12 knows neither version 6 nor, with its backend,
    // brainpool; it applies the cut-offs of the library to signatures of any
    // age: for the hash we ask about a later day.
    let unknown = ["version 6", "Ed25519 of RFC 9580", "brainpool"];
    for (name, cert) in cases().into_iter().filter(|(name, _)| !unknown.contains(name)) {
        for day in ["2024-02-15", "2024-06-01", "2024-12-02"] {
            let folder = tempfile::tempdir().unwrap();
            let path = |name: &str| folder.path().join(name);
            std::fs::write(path("cert"), public(&cert)).unwrap();
            std::fs::write(path("data"), DATA).unwrap();
            std::fs::write(path("sig"), sign(&cert, signing(&cert), DATA, at(day) - 60)).unwrap();
            let output = Command::new("sqv")
                .arg("--keyring")
                .args([path("cert"), path("sig"), path("data")])
                .output()
                .expect("sqv is missing; apt-get install sqv");
            let ours = opinion(Verifier::AptSqv, &cert, day);
            let sha1_is_over = Timestamp::parse("2026-02-01").unwrap();
            let by_hash =
                ours.keys.iter().flat_map(|key| &key.refusals).any(|refusal| {
                    refusal.rule == Rule::Hash && !refusal.accepted.at(sha1_is_over)
                });
            let ours = ours.accepted().at(Timestamp::parse(day).unwrap()) && !by_hash;
            assert_eq!(ours, output.status.success(), "{name} on {day}: {output:?}");
        }
    }
}
