//! Input that somebody made to deceive: nothing is hidden, nobody is believed
//! who has not signed, no secret stays, and no file takes minutes.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use sequoia_openpgp::packet::UserID;
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::serialize::SerializeInto as _;
use sequoia_openpgp::types::{ReasonForRevocation, SignatureType};
use sequoia_openpgp::{Cert, Packet, armor};
use serde_json::Value;

use crate::support::forge::{KeySpec, certificate};
use crate::support::inputs::{self, cert, public};
use crate::support::program::{BINARY, Program, finish};

/// The packet of a good revocation of `cert`.
fn revocation(cert: &Cert, reason: ReasonForRevocation) -> Vec<u8> {
    let key = cert.primary_key().key().clone();
    let mut signer = key.parts_into_secret().unwrap().into_keypair().unwrap();
    Packet::from(cert.revoke(&mut signer, reason, b"TEST").unwrap()).to_vec().unwrap()
}

fn armored(kind: armor::Kind, bytes: &[u8]) -> Vec<u8> {
    let mut writer = armor::Writer::new(Vec::new(), kind).unwrap();
    std::io::Write::write_all(&mut writer, bytes).unwrap();
    writer.finalize().unwrap()
}

fn keys(program: &Program, paths: &[&str]) -> (Option<i32>, Value) {
    inputs::keys(program, &paths.iter().map(Path::new).collect::<Vec<_>>())
}

fn states(document: &Value) -> Vec<&str> {
    let list = document["certificates"].as_array().unwrap();
    list.iter().map(|certificate| certificate["state"].as_str().unwrap()).collect()
}

#[test]
fn a_revocation_finds_its_certificate_wherever_it_stands() {
    let program = Program::new();
    let (a, b) = (cert("a"), cert("b"));
    let revokes = revocation(&a, ReasonForRevocation::KeyCompromised);
    program.file("a.pgp", public(&a));
    program.file("b.pgp", public(&b));
    program.file("revoke.pgp", &revokes);
    // gpg writes revocation certificates with the label of a public key.
    program.file("revoke.asc", armored(armor::Kind::PublicKey, &revokes));
    program.file("revoke.sig", armored(armor::Kind::Signature, &revokes));
    program.file("first.pgp", [revokes.clone(), public(&a), public(&b)].concat());
    program.file("last.pgp", [public(&a), public(&b), revokes].concat());
    for paths in [
        &["a.pgp", "b.pgp", "revoke.pgp"][..],
        &["revoke.asc", "a.pgp", "b.pgp"],
        &["a.pgp", "revoke.sig", "b.pgp"],
        &["first.pgp"],
        &["last.pgp"],
    ] {
        let (code, document) = keys(&program, paths);
        assert_eq!((code, states(&document)), (Some(0), vec!["revoked", "valid"]), "{paths:?}");
    }
    let (_, document) = keys(&program, &["a.pgp", "revoke.asc"]);
    let sources = document["certificates"][0]["sources"].to_string();
    assert_eq!(sources, "[\"a.pgp\",\"revoke.asc\"]");
}

#[test]
fn a_revocation_without_its_certificate_is_told_and_not_passed_over() {
    let program = Program::new();
    let (a, b) = (cert("a"), cert("b"));
    program.file("keys/b.pgp", public(&b));
    program.file(
        "keys/a.rev.asc",
        armored(armor::Kind::Signature, &revocation(&a, ReasonForRevocation::KeyRetired)),
    );
    let (code, document) = keys(&program, &["keys"]);
    assert_eq!((code, states(&document)), (Some(6), vec!["valid"]));
    let reason = document["rejected"][0]["reason"].as_str().unwrap();
    let id = a.fingerprint().to_hex();
    assert!(reason.starts_with(&format!("a revocation by key {id}")), "{reason}");
}

#[test]
fn a_revocation_by_somebody_else_revokes_nothing() {
    let program = Program::new();
    let (a, b) = (cert("a"), cert("b"));
    // b signs, and its signature is renamed to be by a.
    let mut forged = revocation(&b, ReasonForRevocation::KeyCompromised);
    let (ours, theirs) = (a.fingerprint(), b.fingerprint());
    let places: Vec<_> = forged
        .windows(20)
        .enumerate()
        .filter(|(_, window)| *window == theirs.as_bytes())
        .map(|(place, _)| place)
        .collect();
    for place in places {
        forged[place..place + 20].copy_from_slice(ours.as_bytes());
    }
    program.file("a.pgp", public(&a));
    program.file("forged.pgp", &forged);
    let (code, document) = keys(&program, &["a.pgp", "forged.pgp"]);
    assert_eq!((code, states(&document)), (Some(6), vec!["valid"]));
    assert_eq!(document["certificates"][0]["notes"], serde_json::json!([]));
    let reason = document["rejected"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("does not verify: damaged or forged"), "{reason}");
    // Hidden in somebody else's certificate it smears nobody either.
    program.file("b.pgp", [public(&b), forged].concat());
    let (_, document) = keys(&program, &["a.pgp", "b.pgp"]);
    assert_eq!(states(&document), ["valid", "valid"]);
    assert_eq!(document["certificates"][0]["notes"], serde_json::json!([]));
}

#[test]
fn a_revocation_with_a_byte_too_many_still_revokes() {
    let program = Program::new();
    let a = cert("a");
    let mut revokes = revocation(&a, ReasonForRevocation::KeyCompromised);
    let header = if revokes[1] < 192 { 2 } else { 3 };
    let mut body = revokes.split_off(header);
    body.push(0);
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    program.file("a.pgp", public(&a));
    program.file("revoke.pgp", [&[0xc2, 0xff][..], &length, &body].concat());
    let (code, document) = keys(&program, &["a.pgp", "revoke.pgp"]);
    assert_eq!((code, states(&document)), (Some(0), vec!["revoked"]), "{document}");
}

#[test]
fn a_soft_revocation_that_is_not_counted_is_noted() {
    use sequoia_openpgp::types::SignatureType as T;
    let program = Program::new();
    let a = cert("a");
    let mut signer =
        a.primary_key().key().clone().parts_into_secret().unwrap().into_keypair().unwrap();
    let later = std::time::UNIX_EPOCH + Duration::from_secs(4_000_000_000);
    let retired = SignatureBuilder::new(T::KeyRevocation)
        .set_signature_creation_time(later)
        .unwrap()
        .set_reason_for_revocation(ReasonForRevocation::KeyRetired, b"TEST")
        .unwrap()
        .sign_direct_key(&mut signer, a.primary_key().key())
        .unwrap();
    let a = a.insert_packets([retired]).unwrap().0;
    program.file("a.pgp", public(&a));
    let (_, document) = keys(&program, &["a.pgp"]);
    let note = document["certificates"][0]["notes"][0].as_str().unwrap();
    assert!(note.contains("a soft revocation of 2096-10-02 is good but not counted now"), "{note}");
}

#[test]
fn no_kind_of_folder_hides_what_else_is_in_it() {
    let program = Program::new();
    let (a, b, c) = (cert("a"), cert("b"), cert("c"));
    let hex = c.fingerprint().to_hex().to_lowercase();
    let revokes = revocation(&a, ReasonForRevocation::KeyCompromised);
    for (folder, marker) in [
        ("two-digits", "de/README".to_owned()),
        ("cert-d", format!("{}/{}", &hex[..2], &hex[2..])),
        ("home", "pubring.gpg".to_owned()),
    ] {
        program.file(&format!("{folder}/{marker}"), public(&c));
        program.file(&format!("{folder}/gpg.conf"), "");
        if folder != "home" {
            std::fs::remove_file(program.folder().join(folder).join("gpg.conf")).unwrap();
        }
        program.file(&format!("{folder}/a.pgp"), public(&a));
        program.file(&format!("{folder}/rev.asc"), armored(armor::Kind::Signature, &revokes));
        program.file(&format!("{folder}/secring.gpg"), b.as_tsk().to_vec().unwrap());
        let (_, document) = keys(&program, &[folder]);
        let mut found = states(&document);
        found.sort_unstable();
        assert_eq!(found, ["revoked", "valid", "valid"], "{folder}: {document}");
        assert_eq!(document["findings"][0]["id"], "CUS-010", "{folder}");
    }
}

#[test]
fn a_user_id_cannot_speak_for_the_program() {
    let program = Program::new();
    let spec = KeySpec::new("CS", "2025-01-01", None);
    let evil = certificate(&["x (TEST)\"; valid; primary", " "], &spec, &[]);
    program.file("a.pgp", public(&evil));
    let text = program.run(&["keys", "a.pgp"]).out;
    assert!(text.contains("user ID: \"x (TEST)\\\"; valid; primary\"; valid; primary"), "{text}");
    let nameless = certificate(&[""], &spec, &[]);
    program.file("b.pgp", public(&nameless));
    let text = program.run(&["keys", "b.pgp"]).out;
    assert!(text.contains("certificate: \"(empty user ID)\""), "{text}");
}

#[test]
fn a_damaged_revocation_is_never_silent() {
    let program = Program::new();
    let a = cert("a");
    let revokes = revocation(&a, ReasonForRevocation::KeyCompromised);
    let whole = public(&a);
    let primary = usize::from(whole[1]) + 2;
    let build = |revocation: &[u8]| [&whole[..primary], revocation, &whole[primary..]].concat();
    program.file("good.pgp", build(&revokes));
    assert_eq!(states(&keys(&program, &["good.pgp"]).1), ["revoked"]);
    for at in 0..revokes.len() {
        let mut damaged = revokes.clone();
        damaged[at] ^= 0x04;
        program.file("damaged.pgp", build(&damaged));
        let (_, document) = keys(&program, &["damaged.pgp"]);
        let is_told = states(&document) != ["valid"]
            || document["certificates"][0]["notes"].as_array().is_some_and(|n| !n.is_empty())
            || document["rejected"].as_array().is_some_and(|r| !r.is_empty());
        assert!(is_told, "byte {at} of {}: {document}", revokes.len());
    }
}

#[test]
fn a_user_id_that_a_stranger_added_is_no_name() {
    let program = Program::new();
    let a = cert("a");
    let stranger = Packet::from(UserID::from("Release Team (TEST) <release@example.net>"));
    let bytes = [public(&a), stranger.to_vec().unwrap()].concat();
    program.file("a.pgp", &bytes);
    let (_, document) = keys(&program, &["a.pgp"]);
    let certificate = &document["certificates"][0];
    assert_eq!(certificate["user_ids"], serde_json::json!(["a (TEST) <a@example.org>"]));
    let details = certificate["user_id_details"].as_array().unwrap();
    let added = details.iter().find(|id| id["text"].to_string().contains("Release Team")).unwrap();
    assert_eq!(added["state"], "invalid");
    // Alone it does not become the name either.
    let primary = usize::from(bytes[1]) + 2;
    program.file("b.pgp", [&bytes[..primary], &stranger.to_vec().unwrap()].concat());
    let text = program.run(&["keys", "b.pgp"]).out;
    assert!(text.contains("certificate: \"(no user ID that it has signed)\""), "{text}");
}

#[test]
fn a_comparison_stays_blind_and_says_what_a_match_does_not_mean() {
    let program = Program::new();
    let mut a = cert("a");
    let grouped = a.fingerprint().to_spaced_hex();
    let mut signer =
        a.primary_key().key().clone().parts_into_secret().unwrap().into_keypair().unwrap();
    let user_id = UserID::from(format!("Alice {grouped}"));
    let binding = user_id
        .bind(
            &mut signer,
            &a,
            SignatureBuilder::new(SignatureType::PositiveCertification)
                .set_primary_userid(true)
                .unwrap(),
        )
        .unwrap();
    let revokes = a.revoke(&mut signer, ReasonForRevocation::KeyCompromised, b"TEST").unwrap();
    a = a.insert_packets([Packet::from(user_id), binding.into(), revokes.into()]).unwrap().0;
    program.file("a.pgp", public(&a));
    let ours = a.fingerprint().to_hex();
    let arguments = ["compare", &ours, "a.pgp", "--channel", "phone"];
    let outcome = program.run_with(&arguments, format!("{ours}\n").as_bytes());
    assert_eq!(outcome.code, Some(0));
    assert!(!outcome.out.replace(' ', "").contains(&ours[..8]), "{}", outcome.out);
    assert!(outcome.out.contains("The primary key is revoked ("), "{}", outcome.out);
}

#[test]
fn secrets_are_found_in_what_cannot_be_read() {
    let program = Program::new();
    let a = cert("a");
    let secret = a.as_tsk().to_vec().unwrap();
    let mut damaged = secret.clone();
    damaged.splice(150..150, [1, 1]);
    for (name, bytes) in [
        ("cut", secret[..secret.len() - 10].to_vec()),
        ("cut-in-secret", secret[..70].to_vec()),
        ("damaged", damaged),
        ("message", armored(armor::Kind::Message, &secret)),
        ("file", armored(armor::Kind::File, &secret)),
        ("armor", armored(armor::Kind::SecretKey, &secret)[..400].to_vec()),
        ("html", [b"<pre>", &armored(armor::Kind::SecretKey, &secret)[..]].concat()),
        ("letter", [b"x ", &armored(armor::Kind::SecretKey, &secret)[..]].concat()),
        ("dashes", [b"- ", &armored(armor::Kind::SecretKey, &secret)[..]].concat()),
        ("garbage", [b"\x00\x01\x02", &secret[..]].concat()),
        ("subkey", [public(&cert("b")), vec![1, 1], secret[150..].to_vec()].concat()),
        ("literal", [&[0xcb, 0xff, 0, 0, 2, 0][..], &[b'b', 0, 0, 0, 0, 0], &secret].concat()),
    ] {
        program.file(name, bytes);
        let (_, document) = keys(&program, &[name]);
        assert_eq!(document["findings"][0]["id"], "CUS-010", "{name}: {document}");
    }
}

#[test]
fn a_secret_behind_a_public_key_is_no_part_of_what_is_shown() {
    let program = Program::new();
    let a = cert("a");
    // The packet says that it is a public subkey; the secret stands behind it.
    let mut bytes = Vec::new();
    for packet in a.as_tsk().into_packets() {
        let start = bytes.len();
        bytes.extend(packet.to_vec().unwrap());
        if matches!(packet, Packet::SecretSubkey(_)) {
            assert_eq!(bytes[start], 0xc7);
            bytes[start] = 0xce;
        }
    }
    program.file("a.pgp", bytes);
    let (_, document) = keys(&program, &["a.pgp"]);
    let message = document["findings"][0]["message"].as_str().unwrap();
    assert!(message.contains("the secret of 2 keys"), "{document}");
    assert_eq!(document["certificates"][0]["keys"].as_array().unwrap().len(), 1);
}

/// Runs `keys` on `content`, which must not take long.
fn quickly(program: &Program, name: &str, content: &[u8]) -> String {
    program.file(name, content);
    let mut command = Command::new(BINARY);
    command.args(["keys", name]).current_dir(program.folder());
    finish(command, b"", Duration::from_secs(20)).unwrap_or_else(|| panic!("{name} hangs")).out
}

#[test]
fn floods_do_not_hang() {
    let program = Program::new();
    let a = cert("a");
    let primary = Packet::from(a.primary_key().key().clone()).to_vec().unwrap();
    let user_id = |n: usize| {
        let text = format!("TEST {n:06}");
        [&[0xcd, u8::try_from(text.len()).unwrap()][..], text.as_bytes()].concat()
    };
    // The same certificate thousands of times, each with another user ID.
    let copies: Vec<u8> = (0..4_000).flat_map(|n| [primary.clone(), user_id(n)].concat()).collect();
    assert!(quickly(&program, "copies", &copies).contains("certificates: 1"));
    // Thousands of certificates that the library does not take.
    let key = |n: usize| {
        let mut key = primary.clone();
        key[4..7].copy_from_slice(&n.to_be_bytes()[5..]);
        key
    };
    let unusable: Vec<u8> =
        (0..20_000).flat_map(|n| [key(n), vec![0xca, 1, b'x']].concat()).collect();
    assert!(quickly(&program, "unusable", &unusable).contains("certificates: 0"));
    // Signatures that would have to be tried on each of thousands of user IDs.
    let signature = a.userids().next().unwrap().self_signatures().next().unwrap().clone();
    let signature = Packet::from(signature).to_vec().unwrap();
    let mut flood = primary.clone();
    (0..3_000).for_each(|n| flood.extend(user_id(n)));
    for n in 0..3_000_usize {
        let mut other = signature.clone();
        let last = other.len();
        other[last - 4..].copy_from_slice(&n.to_be_bytes()[4..]);
        flood.extend(other);
    }
    assert!(quickly(&program, "signatures", &flood).contains("no honest certificate is like that"));
}
