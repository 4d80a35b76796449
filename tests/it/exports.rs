//! Nothing but the one secret gets past the walk along an export, and none
//! past the walk along what is public.

use keyrite::adapters::openpgp::{
    ExportFault, ExportForm, SubkeySpec, difference, issue, public_certificate, walk_export,
    walk_public, with_public_primary,
};
use keyrite::domain::keyspec::KeyAlgorithm;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use sequoia_openpgp::packet::{Packet, UserAttribute};
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::serialize::SerializeInto as _;
use sequoia_openpgp::{Cert, PacketPile, armor};

use crate::support::vault::{
    ROOT_PASSPHRASE, SHARED, SUBKEY_PASSPHRASE, day, opened, quick, secret, subkey,
};

fn packets(bytes: &[u8]) -> Vec<Packet> {
    PacketPile::from_bytes(bytes).unwrap().into_children().collect()
}

fn bytes(packets: &[Packet]) -> Vec<u8> {
    packets.iter().flat_map(|packet| packet.to_vec().unwrap()).collect()
}

fn armored(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut writer = armor::Writer::new(Vec::new(), armor::Kind::SecretKey).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finalize().unwrap()
}

fn walked(bytes: &[u8]) -> Result<ExportForm, ExportFault> {
    let (root, issued) = &*SHARED;
    walk_export(bytes, &root.fingerprint, &issued.fingerprint).map(|facts| facts.form)
}

/// Whatever stands at the head of the secret of a key that is not protected.
fn unprotected(export: &[u8]) -> Vec<Packet> {
    let mut packets = packets(export);
    for packet in &mut packets {
        if let Packet::SecretSubkey(key) = packet {
            *key = key.clone().decrypt_secret(&SUBKEY_PASSPHRASE.into()).unwrap();
        }
    }
    packets
}

#[test]
fn an_export_is_walked_along_in_all_its_forms() {
    let export = &SHARED.1.export;
    assert_eq!(walked(export), Ok(ExportForm::Stub));
    assert_eq!(walked(&bytes(&packets(export))), Ok(ExportForm::Stub));
    let public = with_public_primary(export).unwrap();
    assert_eq!(walked(&public), Ok(ExportForm::PublicPrimary));
    let (stubbed, public) = (packets(export), packets(&public));
    assert!(matches!(public[0], Packet::PublicKey(_)));
    assert_eq!(stubbed[1..], public[1..]);
    assert_eq!(with_public_primary(&bytes(&public)).unwrap(), armored(&bytes(&public)));
}

#[test]
fn each_fault_of_an_export_has_its_name() {
    let (root, issued) = &*SHARED;
    let export = packets(&issued.export);
    let of_root = packets(&root.secret);
    let secret_at = export.iter().position(|p| matches!(p, Packet::SecretSubkey(_))).unwrap();
    let with = |place: usize, packet: Packet| {
        let mut packets = export.clone();
        packets[place] = packet;
        walked(&bytes(&packets))
    };
    assert_eq!(with(0, of_root[0].clone()), Err(ExportFault::PrimarySecret));
    assert_eq!(walked(&bytes(&unprotected(&issued.export))), Err(ExportFault::Unprotected));
    let Packet::SecretSubkey(subkey) = export[secret_at].clone() else { unreachable!() };
    let public = Packet::PublicSubkey(subkey.parts_as_public().clone());
    let refused = with(secret_at, public);
    assert!(matches!(refused, Err(ExportFault::Unexpected { tag: 14, .. })), "{refused:?}");
    let attribute = UserAttribute::from(vec![2, 1, 0]);
    let refused = with(secret_at, attribute.into());
    assert!(matches!(refused, Err(ExportFault::Unexpected { tag: 17, .. })), "{refused:?}");
    assert_eq!(walked(&bytes(&export[..secret_at])), Err(ExportFault::NoSecret));
    assert_eq!(walked(&bytes(&export[1..])), Err(ExportFault::NotAKey));
    assert_eq!(walked(b""), Err(ExportFault::NotAKey));
    assert_eq!(walked(&root.certificate), Err(ExportFault::NotAKey));
    assert_eq!(walked(&root.secret), Err(ExportFault::PrimarySecret));
    // Without the signature that binds it, and with one that is not its own.
    let refused = walked(&bytes(&export[..=secret_at]));
    assert!(matches!(refused, Err(ExportFault::NotBound(_))), "{refused:?}");
    let refused = with(1, export[secret_at + 1].clone());
    assert!(matches!(refused, Err(ExportFault::NotBound(_))), "{refused:?}");
    let twice = bytes(&[export.clone(), export[secret_at..].to_vec()].concat());
    assert_eq!(walked(&twice), Err(ExportFault::SeveralSecrets(2)));
    let cut = bytes(&export);
    assert!(matches!(walked(&cut[..cut.len() - 1]), Err(ExportFault::Damaged(_))));
}

#[test]
fn an_export_of_another_key_is_refused() {
    let (root, issued) = &*SHARED;
    let second = subkey(root, &issued.certificate, KeyAlgorithm::Ed25519);
    let refused = walked(&second.export);
    let (wanted, found) = (issued.fingerprint, second.fingerprint);
    assert_eq!(refused, Err(ExportFault::OtherSubkey { wanted, found }));
    // Another root with the same user IDs.
    let other = crate::support::vault::root(KeyAlgorithm::Ed25519);
    let foreign = subkey(&other, &other.certificate, KeyAlgorithm::Ed25519);
    let (wanted, found) = (root.fingerprint, other.fingerprint);
    assert_eq!(walked(&foreign.export), Err(ExportFault::OtherPrimary { wanted, found }));
    // Its primary key around our subkey: the signatures do not fit.
    let mut mixed = packets(&issued.export);
    mixed[0] = packets(&foreign.export)[0].clone();
    let refused = walk_export(&bytes(&mixed), &other.fingerprint, &issued.fingerprint);
    assert!(matches!(refused, Err(ExportFault::NotBound(_))), "{refused:?}");
}

#[test]
fn a_subkey_that_has_not_agreed_is_refused() {
    // As the export has it, but without its own signature inside the other.
    let (root, issued) = &*SHARED;
    let mut unlocked = sequoia_primary(&root.secret);
    let mut export = packets(&issued.export);
    let place = export.iter().position(|p| matches!(p, Packet::SecretSubkey(_))).unwrap();
    let Packet::SecretSubkey(subkey) = &export[place] else { unreachable!() };
    let flags = sequoia_openpgp::types::KeyFlags::empty().set_signing();
    let binding = sequoia_openpgp::packet::signature::SignatureBuilder::new(
        sequoia_openpgp::types::SignatureType::SubkeyBinding,
    )
    .set_key_flags(flags)
    .unwrap()
    .sign_subkey_binding(&mut unlocked, None, &subkey.clone())
    .unwrap();
    export[place + 1] = binding.into();
    let refused = walked(&bytes(&export));
    assert!(matches!(refused, Err(ExportFault::NotBound(_))), "{refused:?}");
}

fn sequoia_primary(secret: &[u8]) -> sequoia_openpgp::crypto::KeyPair {
    let cert = Cert::from_bytes(secret).unwrap();
    let key = cert.primary_key().key().clone().parts_into_secret().unwrap();
    key.decrypt_secret(&ROOT_PASSPHRASE.into()).unwrap().into_keypair().unwrap()
}

#[test]
fn nothing_hides_in_the_armor_or_behind_it() {
    let text = String::from_utf8(SHARED.1.export.clone()).unwrap();
    let (begin, rest) = text.split_once('\n').unwrap();
    let trailing = format!("{text}{text}");
    for hidden in [
        format!("{text}more"),
        format!("{text}\n\n{}", SHARED.0.certificate.escape_ascii()),
        format!("more\n{text}"),
        trailing,
        format!("{begin}\nComment: dGhlIHNlY3JldA\n{rest}"),
        text.replace("PRIVATE", "PUBLIC"),
        text.replace('\n', " \n"),
    ] {
        let refused = walked(hidden.as_bytes());
        let is_refused = matches!(refused, Err(ExportFault::MoreThanTheKey | ExportFault::NotAKey));
        assert!(is_refused, "{refused:?} {hidden}");
    }
}

#[test]
fn no_packet_gets_into_an_export_unseen() {
    let (root, issued) = &*SHARED;
    let export = packets(&issued.export);
    let second = subkey(root, &issued.certificate, KeyAlgorithm::Ed25519);
    let other = crate::support::vault::root(KeyAlgorithm::P256);
    let mut intruders: Vec<Packet> =
        [&root.secret, &other.secret, &second.export, &root.certificate]
            .iter()
            .flat_map(|file| packets(file))
            .filter(|packet| !matches!(packet, Packet::Signature(_) | Packet::UserID(_)))
            .collect();
    intruders.extend(
        unprotected(&issued.export)
            .into_iter()
            .filter(|packet| matches!(packet, Packet::SecretSubkey(_))),
    );
    intruders.push(UserAttribute::from(vec![2, 1, 0]).into());
    let intruders: Vec<Vec<u8>> = intruders
        .iter()
        .map(|packet| packet.to_vec().unwrap())
        // Of a type that does not exist yet, and without a stated end.
        .chain([vec![0xff, 3, 4, 5, 6], vec![0xca, 3, b'P', b'G', b'P'], vec![0xa3, 0, 0]])
        .collect();
    assert!(intruders.len() > 8);
    for intruder in &intruders {
        for place in 0..=export.len() {
            let (before, behind) = export.split_at(place);
            let mixed = [bytes(before), intruder.clone(), bytes(behind)].concat();
            let refused = walked(&mixed);
            assert!(refused.is_err(), "{place} {intruder:02x?}");
            assert!(walked(&armored(&mixed)).is_err(), "{place}");
        }
    }
}

#[test]
fn damage_never_makes_another_export() {
    let export = bytes(&packets(&SHARED.1.export));
    let config = Config {
        cases: 300 * std::env::var("KEYRITE_CASES").map_or(1, |n| n.parse().unwrap()),
        failure_persistence: None,
        ..Config::default()
    };
    let change = (0..export.len(), any::<u8>(), 0..3);
    TestRunner::new(config)
        .run(&change, |(place, byte, how)| {
            let mut changed = export.clone();
            match how {
                0 => changed[place] = byte,
                1 => changed.insert(place, byte),
                _ => {
                    changed.remove(place);
                }
            }
            // Where the walk is content, it is with the same keys.
            if let Ok(form) = walked(&changed) {
                prop_assert_eq!(form, ExportForm::Stub);
                prop_assert_eq!(changed.len(), export.len());
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn what_is_public_holds_no_secret_in_any_disguise() {
    let (root, issued) = &*SHARED;
    let all = [&root.certificate[..], &issued.certificate, &issued.revocation].concat();
    let facts = walk_public(&all).unwrap();
    assert_eq!(facts.certificates, [root.fingerprint; 2]);
    assert_eq!(facts.signatures, 1);
    let secret_text = String::from_utf8(issued.export.clone()).unwrap();
    for hidden in [
        issued.export.clone(),
        bytes(&packets(&issued.export)),
        [&root.certificate[..], &bytes(&packets(&issued.export))].concat(),
        [bytes(&packets(&root.certificate)), bytes(&packets(&root.secret)[..1])].concat(),
        [&root.certificate[..], &issued.export].concat(),
        secret_text.replace("PRIVATE", "PUBLIC").into_bytes(),
        format!(":{secret_text}").into_bytes(),
        format!("# {}", secret_text.replace('\n', "\n# ")).into_bytes(),
        bytes(&packets(&with_public_primary(&issued.export).unwrap())),
        // A secret behind the end of a public key packet.
        disguised(&root.secret),
    ] {
        let refused = walk_public(&hidden);
        assert!(refused.is_err(), "{refused:?} {}", hidden.escape_ascii());
    }
    walk_public(b"a letter").unwrap_err();
    walk_public(b"").unwrap_err();
}

/// The secret key packet with the type of a public one.
fn disguised(file: &[u8]) -> Vec<u8> {
    let mut bytes = bytes(&packets(file));
    assert_eq!(bytes[0], 0xc5);
    bytes[0] = 0xc6;
    bytes
}

#[test]
fn a_certificate_in_which_the_subkey_is_revoked_gets_a_new_one() {
    let (root, issued) = &*SHARED;
    let revoked =
        keyrite::adapters::openpgp::apply(&issued.certificate, &issued.revocation).unwrap();
    let passphrase = secret(SUBKEY_PASSPHRASE);
    let spec =
        SubkeySpec { algorithm: KeyAlgorithm::Ed25519, created: day(20), expires: Some(day(100)) };
    let again = issue(&mut opened(root), &revoked, &spec, &quick(&passphrase), "TEST").unwrap();
    walk_export(&again.export, &root.fingerprint, &again.fingerprint).unwrap();
}

#[test]
fn the_certificate_of_a_medium_is_told_without_its_secret() {
    let (root, issued) = &*SHARED;
    for (file, known) in [(&root.secret, &root.certificate), (&issued.export, &issued.certificate)]
    {
        let public = public_certificate(file).unwrap();
        assert_eq!(walk_public(&public).unwrap().certificates, [root.fingerprint]);
        let found = difference(known, &public).unwrap();
        assert!(found.only_known.is_empty() && found.only_newest.is_empty(), "{found:?}");
    }
    let two = [&root.secret[..], &root.secret].concat();
    for none in [&b""[..], b"TEST", &two, &issued.revocation] {
        public_certificate(none).unwrap_err();
    }
}
