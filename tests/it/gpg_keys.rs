//! `GnuPG` 2.2 takes what this program makes. Its status lines judge.

use keyrite::adapters::openpgp::{
    Lock, NewRoot, RootSpec, StretchCost, SubkeySpec, apply, break_armor, for_import, holds, issue,
    make_root, mend_armor, open, open_parcel, seal_to, seal_with, verify_detached,
    with_public_primary,
};
use keyrite::domain::keyspec::{KeyAlgorithm, Protection, Reason};
use keyrite::domain::worded::Worded as _;

use crate::support::gpg::{Gpg, Told};
use crate::support::vault::{
    ROOT_PASSPHRASE, SHARED, SUBKEY_PASSPHRASE, birth, day, opened, secret, subkey, user_ids,
};

/// The algorithms that are tried in `GnuPG`.
const ALGORITHMS: [KeyAlgorithm; 3] =
    [KeyAlgorithm::Rsa4096, KeyAlgorithm::Ed25519, KeyAlgorithm::P256];

/// A root as production has it, with that protection.
fn full_root(algorithm: KeyAlgorithm, protection: Protection) -> NewRoot {
    let user_ids = user_ids();
    let (created, expires) = (birth(), Some(day(730)));
    let spec = RootSpec { algorithm, user_ids: &user_ids, created, expires };
    let passphrase = secret(ROOT_PASSPHRASE);
    let lock = Lock { passphrase: &passphrase, protection, cost: StretchCost::Full };
    make_root(&spec, &lock).unwrap()
}

fn import(gpg: &Gpg, passphrase: &str, bytes: &[u8]) -> Told {
    let file = gpg.file("import", bytes);
    gpg.tell(day(11), passphrase, &["--import", &file])
}

/// Of each line of that kind in the listing: the field at that place.
fn fields(gpg: &Gpg, list: &str, kind: &str, place: usize) -> Vec<String> {
    let told = gpg.tell(day(11), "", &["--with-colons", list]);
    let listing = String::from_utf8(told.output).unwrap();
    let lines = listing.lines().map(|line| line.split(':').collect::<Vec<_>>());
    lines.filter(|line| line[0] == kind).map(|line| line[place - 1].to_owned()).collect()
}

#[test]
fn gpg_restores_a_root_from_its_medium() {
    for algorithm in ALGORITHMS {
        let root = full_root(algorithm, Protection::Iterated);
        let gpg = Gpg::new();
        let told = import(&gpg, ROOT_PASSPHRASE, &root.secret);
        let fingerprint = root.fingerprint.hex();
        assert!(told.status.contains(&format!("IMPORT_OK 17 {fingerprint}")), "{told:?}");
        assert_eq!(fields(&gpg, "--list-secret-keys", "sec", 15), ["+"]);
        assert_eq!(fields(&gpg, "--list-keys", "pub", 12), ["cC"]);
        let uids = fields(&gpg, "--list-keys", "uid", 10);
        assert_eq!(uids, user_ids(), "the primary one comes first");
        let make = ["--quick-add-key", &fingerprint, "ed25519", "sign", "1y"];
        let wrong = gpg.tell(day(11), "wrong", &make);
        assert_eq!(wrong.said("KEY_CREATED"), None, "{wrong:?}");
        let right = gpg.tell(day(11), ROOT_PASSPHRASE, &make);
        assert!(right.said("KEY_CREATED").is_some(), "{right:?}");
    }
}

#[test]
fn gpg_signs_with_an_export_and_gpg_with_the_certificate_verifies_it() {
    for algorithm in ALGORITHMS {
        let root = full_root(algorithm, Protection::Iterated);
        let passphrase = secret(SUBKEY_PASSPHRASE);
        let lock = Lock {
            passphrase: &passphrase,
            protection: Protection::Iterated,
            cost: StretchCost::Full,
        };
        let spec = SubkeySpec { algorithm, created: day(10), expires: Some(day(375)) };
        let issued = issue(&mut opened(&root), &root.certificate, &spec, &lock, "TEST").unwrap();
        let (signer, verifier) = (Gpg::new(), Gpg::new());
        import(&signer, SUBKEY_PASSPHRASE, &issued.export);
        assert_eq!(fields(&signer, "--list-secret-keys", "sec", 15), ["#"]);
        assert_eq!(fields(&signer, "--list-secret-keys", "ssb", 15), ["+"]);
        assert_eq!(fields(&signer, "--list-secret-keys", "ssb", 12), ["s"]);
        import(&verifier, "", &issued.certificate);
        assert_eq!(fields(&verifier, "--list-secret-keys", "sec", 15), [""; 0]);

        let message = b"TEST release\n";
        let user = format!("{}!", issued.fingerprint.hex());
        let data = signer.file("data", message);
        let sign = |how: &str| {
            let told = signer.tell(
                day(12),
                SUBKEY_PASSPHRASE,
                &["-u", &user, "--output", "-", how, &data],
            );
            let created = told.said("SIG_CREATED").unwrap();
            assert!(created.ends_with(&issued.fingerprint.hex()), "{told:?}");
            told.output
        };
        let verify = |arguments: &[&str]| {
            let told = verifier.tell(day(13), "", &[&["--verify"], arguments].concat());
            let valid = told.said("VALIDSIG").unwrap_or_else(|| panic!("{told:?}"));
            assert!(valid.starts_with(&format!(" {}", issued.fingerprint.hex())), "{valid}");
            assert!(valid.ends_with(&root.fingerprint.hex()), "{valid}");
            assert!(told.said("GOODSIG").is_some(), "{told:?}");
        };
        let detached = sign("--detach-sign");
        verify(&[&verifier.file("sig", &detached), &data]);
        verify(&[&verifier.file("clear", &sign("--clear-sign"))]);
        // The other way round, too.
        let signed = verify_detached(&issued.certificate, &detached, message, day(13)).unwrap();
        assert_eq!((signed.signer, signed.key), (root.fingerprint, issued.fingerprint));
        assert_eq!(signed.created, day(12));
        let ours = open(&issued.export, &issued.fingerprint, &passphrase)
            .unwrap()
            .sign_detached(message, day(12))
            .unwrap();
        verify(&[&verifier.file("ours", &ours), &data]);
    }
}

#[test]
fn gpg_takes_no_secret_from_the_form_with_a_public_primary_key() {
    let (_, issued) = &*SHARED;
    let gpg = Gpg::new();
    import(&gpg, SUBKEY_PASSPHRASE, &with_public_primary(&issued.export).unwrap());
    assert_eq!(fields(&gpg, "--list-secret-keys", "ssb", 15), [""; 0]);
}

#[test]
fn gpg_refuses_argon2() {
    let root = full_root(KeyAlgorithm::Ed25519, Protection::Argon2);
    let gpg = Gpg::new();
    let told = import(&gpg, ROOT_PASSPHRASE, &root.secret);
    // It takes the certificate at the most.
    assert!(!told.status.contains(&format!("IMPORT_OK 17 {}", root.fingerprint.hex())));
    assert_eq!(fields(&gpg, "--list-secret-keys", "sec", 15), [""; 0], "{told:?}");
    open(&root.secret, &root.fingerprint, &secret(ROOT_PASSPHRASE)).unwrap();
}

#[test]
fn gpg_sees_each_revocation_with_its_reason() {
    let (root, issued) = &*SHARED;
    let data = b"TEST";
    let mut subkey = open(&issued.export, &issued.fingerprint, &secret(SUBKEY_PASSPHRASE)).unwrap();
    let signature = subkey.sign_detached(data, day(11)).unwrap();
    for reason in Reason::ALL {
        let mut unlocked = opened(root);
        let whole = unlocked.revoke_certificate(*reason, "TEST", day(11)).unwrap();
        let of_subkey = unlocked
            .revoke_subkey(&issued.certificate, &issued.fingerprint, *reason, "TEST", day(11))
            .unwrap();
        for (revocation, class, revoked) in [(whole, "20", "pub"), (of_subkey, "28", "sub")] {
            let gpg = Gpg::new();
            import(&gpg, "", &issued.certificate);
            assert_eq!(fields(&gpg, "--list-keys", revoked, 2), ["-"]);
            let applied = apply(&issued.certificate, &revocation).unwrap();
            import(&gpg, "", &applied);
            assert_eq!(fields(&gpg, "--list-keys", revoked, 2), ["r"]);
            let code = format!("{class}x,{:02x}", reason.code());
            assert_eq!(fields(&gpg, "--list-sigs", "rev", 11), [code]);
            let (signature, data) = (gpg.file("sig", &signature), gpg.file("data", data));
            let told = gpg.tell(day(12), "", &["--verify", &signature, &data]);
            assert!(told.said("GOODSIG").is_none(), "{told:?}");
            assert!(told.said("REVKEYSIG").is_some(), "{told:?}");
        }
    }
}

#[test]
fn gpg_imports_a_revocation_only_when_its_armor_is_mended() {
    let root = &SHARED.0;
    let revocation = opened(root).revoke_certificate(Reason::Compromised, "TEST", day(1)).unwrap();
    let broken = break_armor(&revocation, "This revokes the key TEST.\nRemove the colon.").unwrap();
    let gpg = Gpg::new();
    import(&gpg, "", &root.certificate);
    import(&gpg, "", broken.as_bytes());
    assert_eq!(fields(&gpg, "--list-keys", "pub", 2), ["-"]);
    import(&gpg, "", &mend_armor(broken.as_bytes()).unwrap());
    assert_eq!(fields(&gpg, "--list-keys", "pub", 2), ["r"]);
}

#[test]
fn gpg_imports_the_kept_revocation_of_a_subkey_that_is_not_the_last_one() {
    let (root, first) = (&SHARED.0, &SHARED.1);
    let second = subkey(root, &first.certificate, KeyAlgorithm::Ed25519);
    let whole = for_import(&first.certificate, &first.revocation).unwrap();
    let broken = break_armor(&whole, "This revokes the subkey TEST.").unwrap();
    let kept = mend_armor(broken.as_bytes()).unwrap();
    let gpg = Gpg::new();
    import(&gpg, "", &second.certificate);
    // Alone it does nothing.
    import(&gpg, "", &first.revocation);
    import(&gpg, "", broken.as_bytes());
    let states = || fields(&gpg, "--list-keys", "sub", 2);
    assert_eq!(states(), ["-", "-"]);
    import(&gpg, "", &kept);
    let keys = fields(&gpg, "--list-keys", "sub", 5);
    let all: Vec<_> = keys.into_iter().zip(states()).collect();
    for (key, state) in &all {
        let is_first = first.fingerprint.hex().ends_with(key.as_str());
        assert_eq!(state, if is_first { "r" } else { "-" }, "{all:?}");
    }
    // It is read as the same revocation.
    let reason = Reason::Compromised;
    holds(&second.certificate, &kept, &first.fingerprint, reason, None, day(11)).unwrap();
}

#[test]
fn gpg_opens_parcels() {
    let data = SHARED.1.export.as_slice();
    let assert_opened = |told: &Told| {
        assert!(told.said("DECRYPTION_OKAY").is_some(), "{told:?}");
        // With a modification detection code, and AES-256.
        assert!(told.said("DECRYPTION_INFO").unwrap().starts_with(" 2 9"), "{told:?}");
        assert_eq!(told.output, data);
    };
    let gpg = Gpg::new();
    let sealed = seal_with(data, &secret("TEST parcel")).unwrap();
    let sealed = gpg.file("sealed", &sealed);
    let wrong = gpg.tell(day(11), "wrong", &["--decrypt", &sealed]);
    assert!(wrong.said("DECRYPTION_OKAY").is_none() && wrong.output.is_empty());
    assert_opened(&gpg.tell(day(11), "TEST parcel", &["--decrypt", &sealed]));

    let mut certificates = Vec::new();
    let homes: Vec<_> = ["rsa3072", "future-default"]
        .map(|algorithm| {
            let gpg = Gpg::new();
            let make = ["--quick-generate-key", "TEST holder <holder@example.org>", algorithm];
            let told = gpg.tell(day(1), "TEST holder", &make);
            assert!(told.said("KEY_CREATED").is_some(), "{told:?}");
            if algorithm == "rsa3072" {
                let fingerprint = fields(&gpg, "--list-keys", "fpr", 10).remove(0);
                let make = ["--quick-add-key", &fingerprint, "rsa3072", "encrypt"];
                gpg.tell(day(1), "TEST holder", &make);
            }
            certificates.push(gpg.tell(day(1), "", &["--export"]).output);
            gpg
        })
        .into();
    let sealed = seal_to(data, &certificates, day(11)).unwrap();
    for gpg in homes {
        let sealed = gpg.file("sealed", &sealed);
        assert_opened(&gpg.tell(day(11), "TEST holder", &["--decrypt", &sealed]));
    }
}

#[test]
fn what_gpg_has_sealed_is_opened() {
    let gpg = Gpg::new();
    let data = gpg.file("data", b"TEST");
    let seal = ["--output", "-", "--compress-algo", "none", "--symmetric", &data];
    let sealed = gpg.tell(day(11), "TEST parcel", &seal).output;
    assert_eq!(*open_parcel(&sealed, &secret("TEST parcel")).unwrap(), *b"TEST");
    open_parcel(&sealed, &secret("wrong")).unwrap_err();
}
