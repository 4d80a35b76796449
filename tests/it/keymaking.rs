//! Roots, subkeys and what guards them, as this program itself sees them.

use keyrite::adapters::openpgp::{
    Bearer, KeyError, Lock, Part, RootSpec, Secrets, StretchCost, SubkeySpec, apply, difference,
    issue, make_root, newest_signature, open, part, prove_root, prove_subkey, read, walk_export,
    walk_public,
};
use keyrite::domain::certificate::{Certificate, SecretMaterial};
use keyrite::domain::keyspec::{KeyAlgorithm, Protection};
use keyrite::domain::timestamp::Timestamp;
use keyrite::domain::worded::Worded as _;
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::serialize::SerializeInto as _;

use crate::support::vault::{
    ROOT_PASSPHRASE, SHARED, SUBKEY_PASSPHRASE, birth, day, opened, quick, root, secret, subkey,
    user_ids,
};

/// The packets in armor.
fn binary(armored: &[u8]) -> Vec<u8> {
    sequoia_openpgp::Cert::from_bytes(armored).unwrap().as_tsk().to_vec().unwrap()
}

fn facts(armored: &[u8]) -> Certificate {
    read(&[part(&binary(armored)).public], &Secrets::new()).unwrap()
}

const SHA512: u8 = 10;

#[test]
fn a_root_only_certifies_whatever_its_algorithm() {
    for algorithm in KeyAlgorithm::ALL {
        let root = root(*algorithm);
        let facts = facts(&root.certificate);
        assert_eq!(facts.fingerprint(), root.fingerprint);
        assert_eq!(facts.primary.algorithm, algorithm.algorithm());
        assert_eq!(facts.primary.created, birth());
        assert_eq!(facts.user_ids.len(), 2);
        assert!(facts.subkeys.is_empty() && facts.bad_signatures.is_empty());
        let of_user_ids = facts.user_ids.iter().flat_map(|id| &id.self_signatures);
        let bindings: Vec<_> = facts.primary.self_signatures.iter().chain(of_user_ids).collect();
        assert_eq!(bindings.len(), 3);
        for binding in bindings {
            assert_eq!((binding.frame.version, binding.frame.hash.0), (4, SHA512));
            assert_eq!(binding.frame.created, birth());
            assert_eq!(binding.flags.unwrap().letters(), "C");
            assert_eq!(binding.key_validity, Some(730 * 86_400));
        }
        let first = facts.user_ids.iter().position(|id| id.self_signatures[0].primary_user_id);
        assert_eq!(facts.user_ids[first.unwrap()].text.as_str(), user_ids()[0]);
        let primaries = facts.user_ids.iter().filter(|id| id.self_signatures[0].primary_user_id);
        assert_eq!(primaries.count(), 1);

        let secrets = part(&binary(&root.secret)).secrets;
        assert_eq!(secrets.len(), 1);
        assert_eq!(secrets[0].material, SecretMaterial::Protected);
        assert!(walk_public(&root.secret).is_err());
        assert_eq!(walk_public(&root.certificate).unwrap().certificates, [root.fingerprint]);
        prove_root(&mut opened(&root), &root.certificate, "nonce", day(1)).unwrap();
    }
}

#[test]
fn the_passphrase_is_stretched_as_the_lock_says() {
    let user_ids = user_ids();
    let passphrase = secret(ROOT_PASSPHRASE);
    let spec = RootSpec {
        algorithm: KeyAlgorithm::Ed25519,
        user_ids: &user_ids,
        created: birth(),
        expires: None,
    };
    // Usage, cipher, (AEAD,) specifier, (hash,) salt, and its parameters.
    for (protection, cost, head, tail) in [
        (Protection::Iterated, StretchCost::Full, &[254, 9, 3, 8][..], &[0xff][..]),
        (Protection::Iterated, StretchCost::Rehearsal, &[254, 9, 3, 8], &[0x00]),
        (Protection::Argon2, StretchCost::Full, &[253, 9, 2, 4], &[3, 4, 16]),
        (Protection::Argon2, StretchCost::Rehearsal, &[253, 9, 2, 4], &[1, 1, 6]),
    ] {
        let lock = Lock { passphrase: &passphrase, protection, cost };
        let root = make_root(&spec, &lock).unwrap();
        let packets = binary(&root.secret);
        let public = binary(&root.certificate);
        // Both begin with a header of two bytes and the public part.
        let secret_part = &packets[usize::from(public[1]) + 2..];
        assert_eq!(&secret_part[..4], head, "{protection:?}");
        let salt = if protection == Protection::Iterated { 8 } else { 16 };
        assert_eq!(&secret_part[4 + salt..][..tail.len()], tail, "{protection:?} {cost:?}");
        open(&root.secret, &root.fingerprint, &passphrase).unwrap();
        let wrong = open(&root.secret, &root.fingerprint, &secret("wrong"));
        assert!(matches!(wrong, Err(KeyError::WrongPassphrase)));
    }
}

#[test]
fn whatever_goes_wrong_in_opening_is_one_answer() {
    let (root, issued) = &*SHARED;
    for (file, wanted, right) in [
        (&root.secret, root.fingerprint, ROOT_PASSPHRASE),
        (&issued.export, issued.fingerprint, SUBKEY_PASSPHRASE),
    ] {
        open(file, &wanted, &secret(right)).unwrap();
        for wrong in ["", "TEST", &right.to_lowercase(), &format!("{right} ")] {
            let refused = open(file, &wanted, &secret(wrong)).unwrap_err();
            assert!(matches!(refused, KeyError::WrongPassphrase), "{refused}");
            assert!(!refused.to_string().contains(right));
        }
    }
    // The last byte of the secret part is that of its checksum.
    let mut packets = binary(&root.secret);
    let end = usize::from(packets[1]) + 1;
    packets[end] ^= 1;
    let refused = open(&packets, &root.fingerprint, &secret(ROOT_PASSPHRASE)).unwrap_err();
    assert!(matches!(refused, KeyError::WrongPassphrase), "{refused}");
    // A stub is no secret, and of a foreign key there is none.
    let stub = open(&issued.export, &root.fingerprint, &secret(SUBKEY_PASSPHRASE)).unwrap_err();
    assert!(matches!(stub, KeyError::NoSecret(of) if of == root.fingerprint));
    let none = open(&root.certificate, &root.fingerprint, &secret("")).unwrap_err();
    assert!(matches!(none, KeyError::NoSecret(_)));
    let other = open(&root.secret, &issued.fingerprint, &secret(ROOT_PASSPHRASE)).unwrap_err();
    assert!(matches!(other, KeyError::NoSuchKey(of) if of == issued.fingerprint));
}

#[test]
fn nothing_that_is_open_says_what_it_is() {
    let (root, _) = &*SHARED;
    let text = format!("{:?} {:?}", opened(root), quick(&secret("TEST canary")));
    assert!(!text.contains("canary") && text.len() < 300, "{text}");
}

#[test]
fn a_secret_is_never_written_without_protection_nor_a_root_without_a_name() {
    let user_ids = user_ids();
    let spec = RootSpec {
        algorithm: KeyAlgorithm::Ed25519,
        user_ids: &user_ids,
        created: birth(),
        expires: None,
    };
    let (empty, good) = (secret(""), secret(ROOT_PASSPHRASE));
    let refused = make_root(&spec, &quick(&empty)).unwrap_err();
    assert!(matches!(refused, KeyError::EmptyPassphrase));
    let nameless = RootSpec { user_ids: &[], ..spec };
    assert!(matches!(make_root(&nameless, &quick(&good)).unwrap_err(), KeyError::NoUserId));
}

#[test]
fn no_key_ends_before_it_begins_and_no_signature_is_older_than_its_key() {
    let user_ids = user_ids();
    let good = secret(ROOT_PASSPHRASE);
    let spec = |created, expires| RootSpec {
        algorithm: KeyAlgorithm::Ed25519,
        user_ids: &user_ids,
        created,
        expires,
    };
    let u32_max = Timestamp::from_unix(u32::MAX.into());
    let made = |created, expires| make_root(&spec(created, expires), &quick(&good));
    assert!(matches!(made(birth(), Some(birth())), Err(KeyError::UnwritableEnd { .. })));
    assert!(matches!(made(birth(), Some(day(-1))), Err(KeyError::UnwritableEnd { .. })));
    let too_long = Some(birth().plus(i64::from(u32::MAX) + 1));
    assert!(matches!(made(birth(), too_long), Err(KeyError::UnwritableEnd { .. })));
    assert!(matches!(made(u32_max.plus(1), None), Err(KeyError::Unwritable(_))));
    assert!(matches!(made(Timestamp::from_unix(-1), None), Err(KeyError::Unwritable(_))));
    // The end may well be beyond 2106: it is counted from the beginning.
    made(birth(), Some(u32_max.plus(1))).unwrap();

    let (root, _) = &*SHARED;
    let mut unlocked = opened(root);
    let early = birth().plus(-1);
    let subkey = SubkeySpec { algorithm: KeyAlgorithm::Ed25519, created: early, expires: None };
    let issued = issue(&mut unlocked, &root.certificate, &subkey, &quick(&good), "");
    assert!(matches!(issued, Err(KeyError::BeforeItsKey { .. })));
    assert!(unlocked.sign_detached(b"", early).is_err());
    assert!(prove_root(&mut unlocked, &root.certificate, "nonce", early).is_err());
}

#[test]
fn a_subkey_signs_and_its_export_holds_nothing_else() {
    for algorithm in KeyAlgorithm::ALL {
        let root = &SHARED.0;
        let issued = subkey(root, &root.certificate, *algorithm);
        let certificate = facts(&issued.certificate);
        assert_eq!(certificate.fingerprint(), root.fingerprint);
        let key = certificate.key(&issued.fingerprint).unwrap();
        assert_eq!((key.algorithm, key.created), (algorithm.algorithm(), day(10)));
        let [binding] = &key.self_signatures[..] else { panic!("{key:?}") };
        assert_eq!(binding.flags.unwrap().letters(), "S");
        assert_eq!(binding.key_validity, Some(365 * 86_400));
        let [back] = &binding.back_signatures[..] else { panic!("{binding:?}") };
        for frame in [back, &binding.frame] {
            assert_eq!((frame.hash.0, frame.created), (SHA512, day(10)));
        }
        assert_eq!(walk_public(&issued.certificate).unwrap().certificates, [root.fingerprint]);
        let walked = walk_export(&issued.export, &root.fingerprint, &issued.fingerprint).unwrap();
        assert_eq!((walked.user_ids.len(), walked.signatures), (2, 4));
        let passphrase = secret(SUBKEY_PASSPHRASE);
        let prove = |export: &[u8], certificate: &[u8], at| {
            prove_subkey(export, &issued.fingerprint, &passphrase, certificate, b"TEST", at)
        };
        prove(&issued.export, &issued.certificate, day(11)).unwrap();
        // Only the certificate that has it says whose it is, and only in time.
        prove(&issued.export, &root.certificate, day(11)).unwrap_err();
        prove(&issued.export, &issued.certificate, day(376)).unwrap_err();
    }
}

#[test]
fn the_second_export_holds_the_second_subkey_only() {
    let (root, first) = &*SHARED;
    let second = subkey(root, &first.certificate, KeyAlgorithm::Ed25519);
    assert_eq!(facts(&second.certificate).subkeys.len(), 2);
    walk_export(&second.export, &root.fingerprint, &second.fingerprint).unwrap();
    walk_export(&second.export, &root.fingerprint, &first.fingerprint).unwrap_err();
    assert!(binary(&second.export).len() < binary(&first.export).len() + 8);
}

#[test]
fn a_subkey_is_issued_for_the_right_certificate_while_it_is_good() {
    let (root, issued) = &*SHARED;
    let other = crate::support::vault::root(KeyAlgorithm::Ed25519);
    let passphrase = secret(SUBKEY_PASSPHRASE);
    let attempt = |newest: &[u8], created, expires| {
        let spec = SubkeySpec { algorithm: KeyAlgorithm::Ed25519, created, expires };
        issue(&mut opened(root), newest, &spec, &quick(&passphrase), "")
    };
    // The same user IDs, but another key.
    let refused = attempt(&other.certificate, day(20), None).unwrap_err();
    assert!(
        matches!(refused, KeyError::OtherCertificate { found, .. } if found == other.fingerprint)
    );
    // A secret has no place in a workspace.
    assert!(matches!(attempt(&root.secret, day(20), None), Err(KeyError::Certificate(_))));
    let revocation = opened(root)
        .revoke_certificate(keyrite::domain::keyspec::Reason::Retired, "TEST", day(20))
        .unwrap();
    let revoked = apply(&issued.certificate, &revocation).unwrap();
    assert!(matches!(attempt(&revoked, day(21), None), Err(KeyError::NotUsable(_))));
    assert!(matches!(attempt(&issued.certificate, day(731), None), Err(KeyError::NotUsable(_))));
    attempt(&issued.certificate, day(20), None).unwrap();
}

#[test]
fn the_newest_instant_is_that_of_the_certificates_own_signatures() {
    let (root, issued) = &*SHARED;
    assert_eq!(newest_signature(&root.certificate).unwrap(), birth());
    assert_eq!(newest_signature(&issued.certificate).unwrap(), day(10));
    // What a stranger signs in the future stops nobody.
    let cert = sequoia_openpgp::Cert::from_bytes(&issued.certificate).unwrap();
    let stranger = crate::support::forge::certificate(
        &["TEST stranger"],
        &crate::support::forge::KeySpec::new("C", "2026-01-01", None),
        &[],
    );
    let certified = crate::support::forge::certify(&stranger, &cert, "2040-01-01");
    assert_eq!(newest_signature(&certified.to_vec().unwrap()).unwrap(), day(10));
}

#[test]
fn what_either_copy_lacks_is_told_and_nothing_of_it_is_lost() {
    let (root, issued) = &*SHARED;
    let same = difference(&root.certificate, &root.certificate).unwrap();
    assert!(same.only_known.is_empty() && same.only_newest.is_empty());
    let newer = difference(&root.certificate, &issued.certificate).unwrap();
    assert!(newer.only_known.is_empty());
    assert_eq!(newer.only_newest.len(), 2, "{:?}", newer.only_newest);
    let older = difference(&issued.certificate, &root.certificate).unwrap();
    assert_eq!((older.only_known, older.only_newest.len()), (newer.only_newest, 0));
    assert_eq!(facts(&older.merged), facts(&issued.certificate));
    assert_eq!(older.merged, newer.merged);
    let other = crate::support::vault::root(KeyAlgorithm::Ed25519);
    difference(&root.certificate, &other.certificate).unwrap_err();
}

#[test]
fn whoever_used_the_primary_key_in_the_meantime_is_noticed() {
    use sequoia_openpgp::packet::signature::subpacket::{Subpacket, SubpacketValue};
    use sequoia_openpgp::{Cert, Packet};
    let issued = &SHARED.1;
    let known = &issued.certificate;
    let newer = |bytes: &[u8]| {
        let found = difference(known, bytes).unwrap();
        assert!(found.only_known.is_empty(), "{:?}", found.only_known);
        found.only_newest
    };
    let revoked = apply(known, &issued.revocation).unwrap();
    let on = Bearer::Key(issued.fingerprint);
    let revocation = Part::SelfSignature { on, revokes: true, created: Some(day(10)) };
    assert_eq!(newer(&revoked), [revocation]);
    // The first signature: changed, of a version that the library does not know, or with a hint that
    // nobody has signed.
    let packets: Vec<Packet> = Cert::from_bytes(known).unwrap().into_packets().collect();
    let place = packets.iter().position(|packet| matches!(packet, Packet::Signature(_))).unwrap();
    let with = |first: Vec<u8>| {
        let bytes = |packets: &[Packet]| -> Vec<u8> {
            packets.iter().flat_map(|packet| packet.to_vec().unwrap()).collect()
        };
        [bytes(&packets[..=place]), first, bytes(&packets[place + 1..])].concat()
    };
    let whole = packets[place].to_vec().unwrap();
    let mut changed = whole.clone();
    *changed.last_mut().unwrap() ^= 1;
    assert_eq!(newer(&with(changed)), [Part::Unverified]);
    let mut of_the_future = whole.clone();
    assert_eq!((whole[0], whole[3]), (0xc2, 4), "a header of three bytes, then the version");
    of_the_future[3] = 5;
    assert_eq!(newer(&with(of_the_future)), [Part::Unverified]);
    let Packet::Signature(mut hinted) = packets[place].clone() else { panic!() };
    let hint = SubpacketValue::ExportableCertification(true);
    hinted.unhashed_area_mut().add(Subpacket::new(hint, false).unwrap()).unwrap();
    assert_eq!(newer(&with(Packet::from(hinted).to_vec().unwrap())), []);
    // What others have signed says nothing about the primary key.
    let stranger = crate::support::forge::certificate(
        &["TEST stranger"],
        &crate::support::forge::KeySpec::new("C", "2026-01-01", None),
        &[],
    );
    let cert = Cert::from_bytes(known).unwrap();
    let certified = crate::support::forge::certify(&stranger, &cert, "2026-04-01");
    assert_eq!(newer(&certified.to_vec().unwrap()), []);
}
