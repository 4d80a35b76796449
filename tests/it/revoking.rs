//! Revocations do what they are kept for, proofs prove, and signatures by
//! people are accepted for what they are.

use keyrite::adapters::openpgp::{
    Proof, Refusal, RevocationFault, apply, break_armor, holds, mend_armor, open, open_parcel,
    prove_root, prove_subkey, read_revocation, seal_to, seal_with, verify_detached, verify_proof,
};
use keyrite::domain::keyspec::{KeyAlgorithm, Reason};
use keyrite::domain::timestamp::Timestamp;
use keyrite::domain::worded::Worded as _;
use sequoia_openpgp::serialize::SerializeInto as _;

use crate::support::forge::{KeySpec, Suite, certificate, sign};
use crate::support::vault::{SHARED, SUBKEY_PASSPHRASE, birth, day, opened, root, secret, subkey};

fn proof_of_subkey(at: Timestamp) -> Proof {
    let issued = &SHARED.1;
    let passphrase = secret(SUBKEY_PASSPHRASE);
    let (export, certificate) = (&issued.export, &issued.certificate);
    prove_subkey(export, &issued.fingerprint, &passphrase, certificate, b"TEST", at).unwrap()
}

#[test]
fn each_revocation_holds_with_its_reason_on_what_it_is_about() {
    let (root, issued) = &*SHARED;
    for reason in Reason::ALL {
        let mut unlocked = opened(root);
        let whole = unlocked.revoke_certificate(*reason, "TEST: why", day(15)).unwrap();
        let part = unlocked
            .revoke_subkey(&issued.certificate, &issued.fingerprint, *reason, "TEST", day(15))
            .unwrap();
        let of_root = prove_root(&mut unlocked, &issued.certificate, "nonce", day(16)).unwrap();
        let of_subkey = proof_of_subkey(day(16));
        for (revocation, of, other, proof) in [
            (&whole, root.fingerprint, issued.fingerprint, &of_root),
            (&whole, root.fingerprint, issued.fingerprint, &of_subkey),
            (&part, issued.fingerprint, root.fingerprint, &of_subkey),
        ] {
            let holds = |certificate: &[u8], of, reason, proof, at| {
                holds(certificate, revocation, of, reason, proof, at)
            };
            let newest = &issued.certificate;
            let statement = holds(newest, &of, *reason, Some(proof), day(16)).unwrap();
            assert_eq!((statement.of, statement.created), (of, day(15)));
            assert_eq!(read_revocation(newest, revocation).unwrap(), statement);
            let refused = holds(newest, &other, *reason, None, day(16));
            assert!(matches!(refused, Err(RevocationFault::OtherKey { .. })), "{refused:?}");
            for wrong in Reason::ALL.iter().filter(|wrong| *wrong != reason) {
                let refused = holds(newest, &of, *wrong, None, day(16));
                assert!(matches!(refused, Err(RevocationFault::OtherReason { .. })));
            }
            let refused = holds(newest, &of, *reason, None, day(14));
            assert!(matches!(refused, Err(RevocationFault::FromTheFuture(_))), "{refused:?}");
            // What was never good is no proof of anything.
            let revoked = apply(newest, revocation).unwrap();
            let refused = holds(&revoked, &of, *reason, Some(proof), day(16));
            assert!(matches!(refused, Err(RevocationFault::NoProofBefore(_))), "{refused:?}");
            assert_eq!(apply(&revoked, revocation).unwrap(), revoked);
        }
        // A signature made before a soft revocation stays good.
        let early = proof_of_subkey(day(12));
        let certificate = &issued.certificate;
        let held = holds(certificate, &part, &issued.fingerprint, *reason, Some(&early), day(16));
        match held {
            Ok(_) => assert!(reason.is_hard()),
            Err(RevocationFault::StillAccepted) => assert!(!reason.is_hard()),
            Err(other) => panic!("{other}"),
        }
    }
}

#[test]
fn the_revocation_that_comes_with_a_subkey_holds() {
    let issued = &SHARED.1;
    let (certificate, revocation) = (&issued.certificate, &issued.revocation);
    let proof = proof_of_subkey(day(16));
    let of = &issued.fingerprint;
    holds(certificate, revocation, of, Reason::Compromised, Some(&proof), day(16)).unwrap();
}

#[test]
fn what_is_no_revocation_of_this_certificate_is_refused() {
    let (ours, issued) = &*SHARED;
    let other = root(KeyAlgorithm::Ed25519);
    let revoke = |root| opened(root).revoke_certificate(Reason::Retired, "TEST", day(1)).unwrap();
    let foreign = apply(&ours.certificate, &revoke(&other));
    assert!(matches!(foreign, Err(RevocationFault::Foreign(_))), "{foreign:?}");
    // A subkey that the certificate does not have yet.
    let missing = apply(&ours.certificate, &issued.revocation);
    assert!(matches!(missing, Err(RevocationFault::Foreign(_))), "{missing:?}");
    let signature = opened(ours).sign_detached(b"TEST", day(1)).unwrap();
    for none in [&b""[..], b"TEST", &signature, &ours.certificate, &issued.certificate] {
        let refused = apply(&ours.certificate, none);
        assert!(matches!(refused, Err(RevocationFault::NotARevocation)), "{refused:?}");
    }
    let mut damaged = sequoia_openpgp::PacketPile::from(packet(&revoke(ours))).to_vec().unwrap();
    let last = damaged.len() - 1;
    damaged[last] ^= 1;
    let refused = apply(&ours.certificate, &damaged);
    assert!(matches!(refused, Err(RevocationFault::Foreign(_))), "{refused:?}");
    // A subkey revokes nothing, and nothing before it was made.
    let mut subkey = open(&issued.export, &issued.fingerprint, &secret(SUBKEY_PASSPHRASE)).unwrap();
    subkey.revoke_certificate(Reason::Compromised, "", day(20)).unwrap_err();
    let early = opened(ours).revoke_subkey(
        &issued.certificate,
        &issued.fingerprint,
        Reason::Compromised,
        "",
        day(9),
    );
    early.unwrap_err();
    opened(ours).revoke_certificate(Reason::Compromised, "", birth().plus(-1)).unwrap_err();
}

fn packet(armored: &[u8]) -> sequoia_openpgp::Packet {
    use sequoia_openpgp::parse::Parse as _;
    let pile = sequoia_openpgp::PacketPile::from_bytes(armored).unwrap();
    pile.into_children().next().unwrap()
}

#[test]
fn broken_armor_is_mended_to_the_byte_and_nothing_else_is() {
    let revocation = &SHARED.1.revocation;
    let broken = break_armor(revocation, "To be used when the key is lost.\n").unwrap();
    assert!(broken.contains("lost.\n\n:-----BEGIN PGP PUBLIC KEY BLOCK-----\n"), "{broken}");
    assert_eq!(mend_armor(broken.as_bytes()).unwrap(), *revocation);
    assert_eq!(apply(&SHARED.1.certificate, broken.as_bytes()).ok(), None);
    assert_eq!(mend_armor(revocation), None);
    assert_eq!(mend_armor(format!("{broken}{broken}").as_bytes()), None);
    assert_eq!(mend_armor(&[0xff]), None);
    assert_eq!(break_armor(broken.as_bytes(), ""), None);
    assert_eq!(break_armor(revocation, "-----BEGIN PGP PUBLIC KEY BLOCK-----"), None);
}

#[test]
fn a_proof_is_good_with_its_certificate_only() {
    let (ours, issued) = &*SHARED;
    let other = root(KeyAlgorithm::Ed25519);
    let proof = prove_root(&mut opened(ours), &ours.certificate, "nonce", day(1)).unwrap();
    let Proof::Certification { thrown_away } = &proof else { panic!() };
    let text = String::from_utf8_lossy(thrown_away);
    assert!(text.contains("TEST nonce"), "{text}");
    assert_eq!(verify_proof(&issued.certificate, &proof, day(1)).unwrap(), ours.fingerprint);
    verify_proof(&other.certificate, &proof, day(1)).unwrap_err();
    verify_proof(&ours.certificate, &proof, birth()).unwrap_err();
    prove_root(&mut opened(ours), &other.certificate, "nonce", day(1)).unwrap_err();
    // After its end nothing of the root is accepted.
    prove_root(&mut opened(ours), &ours.certificate, "nonce", day(731)).unwrap_err();
    let signed = proof_of_subkey(day(16));
    assert_eq!(verify_proof(&issued.certificate, &signed, day(16)).unwrap(), issued.fingerprint);
    // A second subkey of the same root cannot stand for the first.
    let second = subkey(ours, &issued.certificate, KeyAlgorithm::Ed25519);
    let passphrase = secret(SUBKEY_PASSPHRASE);
    prove_subkey(
        &second.export,
        &issued.fingerprint,
        &passphrase,
        &second.certificate,
        b"",
        day(16),
    )
    .unwrap_err();
}

#[test]
fn a_signature_of_a_person_is_judged_by_the_certificate_of_that_person() {
    let primary = KeySpec::new("C", "2025-01-01", Some("2027-01-01"));
    let signing = KeySpec::new("S", "2025-01-01", Some("2026-06-01"));
    let person = certificate(&["TEST person"], &primary, std::slice::from_ref(&signing));
    let public = person.clone().strip_secret_key_material().to_vec().unwrap();
    let data = b"TEST transcript";
    let signature = sign(&person, 1, data, day(1).unix());
    let verify = |signature: &[u8], data: &[u8], at| verify_detached(&public, signature, data, at);
    let signed = verify(&signature, data, day(2)).unwrap();
    assert_eq!(signed.signer.as_bytes(), person.fingerprint().as_bytes());
    assert_eq!(signed.created, day(1));
    // A signature stays good when the key has ended since.
    verify(&signature, data, Timestamp::parse("2026-12-01").unwrap()).unwrap();
    let refused = verify(&signature, b"TEST other", day(2));
    assert!(matches!(refused, Err(Refusal::Bad(_))), "{refused:?}");
    let refused = verify(&signature, data, birth());
    assert!(matches!(refused, Err(Refusal::FromTheFuture(_))), "{refused:?}");
    let late = sign(&person, 1, data, Timestamp::parse("2026-07-01").unwrap().unix());
    let refused = verify(&late, data, Timestamp::parse("2026-07-02").unwrap());
    assert!(matches!(refused, Err(Refusal::UnusableKey(_))), "{refused:?}");
    let by_primary = sign(&person, 0, data, day(1).unix());
    let refused = verify(&by_primary, data, day(2));
    assert!(matches!(refused, Err(Refusal::UnusableKey(_))), "{refused:?}");
    let stranger = certificate(&["TEST person"], &primary, std::slice::from_ref(&signing));
    let refused = verify(&sign(&stranger, 1, data, day(1).unix()), data, day(2));
    assert!(matches!(refused, Err(Refusal::OtherSigner(_))), "{refused:?}");
    let refused = verify(&[signature.clone(), signature.clone()].concat(), data, day(2));
    assert!(matches!(refused, Err(Refusal::NotOne(2))), "{refused:?}");
    for none in [&b""[..], b"TEST", &public, &person.to_vec().unwrap()] {
        verify(none, data, day(2)).unwrap_err();
    }
    let revocation = opened(&SHARED.0).revoke_certificate(Reason::Retired, "", day(1)).unwrap();
    let refused = verify(&revocation, data, day(2));
    assert!(matches!(refused, Err(Refusal::NotOverBytes)), "{refused:?}");
    // A certificate with a secret in it is nobody's to have here.
    verify_detached(&person.as_tsk().to_vec().unwrap(), &signature, data, day(2)).unwrap_err();
    // Without its own agreement the subkey belongs to nobody.
    let alone = signing.without_back_signature();
    let person = certificate(&["TEST person"], &primary, &[alone]);
    let signature = sign(&person, 1, data, day(1).unix());
    let public = person.strip_secret_key_material().to_vec().unwrap();
    let refused = verify_detached(&public, &signature, data, day(2));
    refused.unwrap_err();
}

#[test]
fn a_signature_that_names_another_maker_is_refused() {
    // As good as a collision of key IDs: the key that is named is not the one
    // that has signed.
    use sequoia_openpgp::packet::signature::SignatureBuilder;
    use sequoia_openpgp::types::SignatureType;
    let issued = &SHARED.1;
    let id = issued.fingerprint.key_id();
    let spec = KeySpec::new("CS", "2025-01-01", None);
    let stranger = certificate(&["TEST stranger"], &spec, &[]);
    let key = stranger.primary_key().key().clone().parts_into_secret().unwrap();
    let signature = SignatureBuilder::new(SignatureType::Binary)
        .set_signature_creation_time(
            std::time::UNIX_EPOCH + std::time::Duration::from_secs(day(12).unix().unsigned_abs()),
        )
        .unwrap()
        .set_issuer(sequoia_openpgp::KeyID::from_bytes(&id))
        .unwrap()
        .sign_message(&mut key.into_keypair().unwrap(), b"TEST")
        .unwrap();
    let bytes = sequoia_openpgp::Packet::from(signature).to_vec().unwrap();
    let refused = verify_detached(&issued.certificate, &bytes, b"TEST", day(13));
    assert!(matches!(refused, Err(Refusal::Bad(_))), "{refused:?}");
}

#[test]
fn a_parcel_is_opened_by_its_passphrase_and_by_nothing_else() {
    let data = b"TEST parcel".repeat(5000);
    let sealed = seal_with(&data, &secret("TEST")).unwrap();
    assert!(sealed.starts_with(b"-----BEGIN PGP MESSAGE-----\n\n"));
    assert_eq!(*open_parcel(&sealed, &secret("TEST")).unwrap(), data);
    for wrong in ["", "test"] {
        open_parcel(&sealed, &secret(wrong)).unwrap_err();
    }
    seal_with(&data, &secret("")).unwrap_err();
    let binary = bytes_of(&sealed);
    for place in [0, 20, binary.len() / 2, binary.len() - 1] {
        let mut damaged = binary.clone();
        damaged[place] ^= 1;
        open_parcel(&damaged, &secret("TEST")).unwrap_err();
    }
    open_parcel(&binary[..binary.len() - 30], &secret("TEST")).unwrap_err();
}

fn bytes_of(armored: &[u8]) -> Vec<u8> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    sequoia_openpgp::armor::Reader::from_bytes(armored, None).read_to_end(&mut bytes).unwrap();
    bytes
}

#[test]
fn a_parcel_goes_to_nobody_who_cannot_open_it() {
    let sealed_to = |spec: KeySpec, at| {
        let primary = KeySpec::new("C", "2025-01-01", Some("2027-01-01"));
        let person = certificate(&["TEST holder"], &primary, &[spec.suite(Suite::Rsa(2048))]);
        let public = person.strip_secret_key_material().to_vec().unwrap();
        seal_to(b"TEST", &[public], at)
    };
    let spec = || KeySpec::new("E", "2025-01-01", Some("2026-06-01"));
    sealed_to(spec(), day(1)).unwrap();
    sealed_to(spec(), Timestamp::parse("2026-06-02").unwrap()).unwrap_err();
    sealed_to(spec(), Timestamp::parse("2027-06-02").unwrap()).unwrap_err();
    sealed_to(KeySpec::new("S", "2025-01-01", None), day(1)).unwrap_err();
    let retired = sequoia_openpgp::types::ReasonForRevocation::KeyRetired;
    sealed_to(spec().revoked(retired, "2026-01-01", "TEST"), day(1)).unwrap_err();
    seal_to(b"TEST", &[&SHARED.0.certificate], day(1)).unwrap_err();
    assert!(seal_to::<&[u8]>(b"TEST", &[], day(1)).is_err());
}
