//! A second implementation, which shares no code with the first, agrees with
//! what is made.

use keyrite::adapters::openpgp::{Lock, RootSpec, StretchCost, apply, make_root, open, seal_with};
use keyrite::domain::keyspec::{KeyAlgorithm, Protection, Reason};
use keyrite::domain::worded::Worded as _;
use pgp::composed::{
    Deserializable as _, DetachedSignature, Message, SignedPublicKey, SignedSecretKey,
};
use pgp::types::{KeyDetails as _, Password};

use crate::support::vault::{
    ROOT_PASSPHRASE, SHARED, SUBKEY_PASSPHRASE, birth, day, opened, root, secret, subkey, user_ids,
};

fn public(armored: &[u8]) -> SignedPublicKey {
    SignedPublicKey::from_armor_single(armored).unwrap().0
}

fn with_secret(armored: &[u8]) -> SignedSecretKey {
    SignedSecretKey::from_armor_single(armored).unwrap().0
}

#[test]
fn it_verifies_every_binding_and_opens_every_secret() {
    for algorithm in KeyAlgorithm::ALL {
        let root = root(*algorithm);
        let issued = subkey(&root, &root.certificate, *algorithm);
        let certificate = public(&issued.certificate);
        certificate.verify_bindings().unwrap();
        assert_eq!(format!("{:X}", certificate.fingerprint()), root.fingerprint.hex());
        assert_eq!(certificate.details.users.len(), 2);
        let [theirs] = &certificate.public_subkeys[..] else { panic!() };
        assert_eq!(format!("{:X}", theirs.fingerprint()), issued.fingerprint.hex());
        assert!(theirs.signatures[0].key_flags().sign());

        let restored = with_secret(&root.secret);
        restored.verify_bindings().unwrap();
        let unlock = |passphrase: &str| {
            restored.primary_key.unlock(&Password::from(passphrase), |_, _| Ok(())).is_ok()
        };
        assert!(unlock(ROOT_PASSPHRASE) && !unlock("wrong"), "{algorithm:?}");

        let export = with_secret(&issued.export);
        export.verify_bindings().unwrap();
        let [of_consumer] = &export.secret_subkeys[..] else { panic!() };
        let unlock = |passphrase: &str| {
            of_consumer.key.unlock(&Password::from(passphrase), |_, _| Ok(())).is_ok()
        };
        assert!(unlock(SUBKEY_PASSPHRASE) && !unlock(ROOT_PASSPHRASE), "{algorithm:?}");

        let mut unlocked =
            open(&issued.export, &issued.fingerprint, &secret(SUBKEY_PASSPHRASE)).unwrap();
        let signature = unlocked.sign_detached(b"TEST", day(11)).unwrap();
        let signature = DetachedSignature::from_armor_single(&signature[..]).unwrap().0;
        signature.verify(&theirs.key, b"TEST").unwrap();
        signature.verify(&theirs.key, b"TEST other").unwrap_err();
    }
}

#[test]
fn it_opens_a_root_as_production_has_it() {
    let user_ids = user_ids();
    let passphrase = secret(ROOT_PASSPHRASE);
    let spec = RootSpec {
        algorithm: KeyAlgorithm::Ed25519,
        user_ids: &user_ids,
        created: birth(),
        expires: None,
    };
    for protection in Protection::ALL {
        let cost = StretchCost::Full;
        let lock = Lock { passphrase: &passphrase, protection: *protection, cost };
        let root = make_root(&spec, &lock).unwrap();
        let restored = with_secret(&root.secret);
        let password = Password::from(ROOT_PASSPHRASE);
        restored.primary_key.unlock(&password, |_, _| Ok(())).unwrap().unwrap();
    }
}

#[test]
fn it_sees_the_revocations() {
    let (root, issued) = &*SHARED;
    for reason in Reason::ALL {
        let mut unlocked = opened(root);
        let whole = unlocked.revoke_certificate(*reason, "TEST", day(15)).unwrap();
        let part = unlocked
            .revoke_subkey(&issued.certificate, &issued.fingerprint, *reason, "TEST", day(15))
            .unwrap();
        let revoked = apply(&apply(&issued.certificate, &whole).unwrap(), &part).unwrap();
        let revoked = public(&revoked);
        let [of_whole] = &revoked.details.revocation_signatures[..] else { panic!() };
        of_whole.verify_key(&revoked.primary_key).unwrap();
        assert_eq!(
            of_whole.revocation_reason_code().map(|code| u8::from(*code)),
            Some(reason.code())
        );
        let of_part = revoked.public_subkeys[0]
            .signatures
            .iter()
            .find(|signature| signature.revocation_reason_code().is_some())
            .unwrap();
        assert_eq!(
            of_part.revocation_reason_code().map(|code| u8::from(*code)),
            Some(reason.code())
        );
    }
}

#[test]
fn it_opens_a_parcel() {
    let data = &SHARED.1.export;
    let sealed = seal_with(data, &secret("TEST parcel")).unwrap();
    let message = || Message::from_armor(&sealed[..]).unwrap().0;
    let opened = message().decrypt_with_password(&Password::from("TEST parcel"));
    assert_eq!(opened.unwrap().as_data_vec().unwrap(), *data);
    assert!(message().decrypt_with_password(&Password::from("wrong")).is_err());
}
