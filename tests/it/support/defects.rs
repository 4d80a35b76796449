//! Makes what no program would make: weak keys and signatures of old.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use openssl::bn::{BigNum, BigNumContext};
use sequoia_openpgp::crypto::{KeyPair, Signer as _};
use sequoia_openpgp::packet::key::{Key4, PrimaryRole, PublicParts, SecretParts, SubordinateRole};
use sequoia_openpgp::packet::signature::{Signature3, SignatureBuilder};
use sequoia_openpgp::packet::{Key, Packet, Signature, UserID};
use sequoia_openpgp::serialize::Serialize as _;
use sequoia_openpgp::types::{
    HashAlgorithm, KeyFlags, ReasonForRevocation, SignatureType, Timestamp,
};
use sequoia_openpgp::{Cert, Result};

use super::forge::at;

fn time(when: &str) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(u64::try_from(at(when)).unwrap())
}

fn pair(cert: &Cert) -> KeyPair {
    let key = cert.primary_key().key().clone().parts_into_secret().unwrap();
    key.into_keypair().unwrap()
}

/// `cert` with a subkey for encryption that has this modulus and exponent.
pub(crate) fn with_rsa(cert: &Cert, modulus: &BigNum, exponent: u8, when: &str) -> Cert {
    let build = || -> Result<Cert> {
        let material = Key4::import_public_rsa(&[exponent], &modulus.to_vec(), time(when))?;
        let subkey: Key<PublicParts, SubordinateRole> = material.into();
        let binding = SignatureBuilder::new(SignatureType::SubkeyBinding)
            .set_hash_algo(HashAlgorithm::SHA512)
            .set_signature_creation_time(time(when))?
            .set_key_flags(KeyFlags::empty().set_storage_encryption())?
            .sign_subkey_binding(&mut pair(cert), cert.primary_key().key(), &subkey)?;
        Ok(cert.clone().insert_packets([Packet::PublicSubkey(subkey), binding.into()])?.0)
    };
    build().unwrap()
}

/// A random prime.
pub(crate) fn prime(bits: i32) -> BigNum {
    let mut prime = BigNum::new().unwrap();
    prime.generate_prime(bits, false, None, None).unwrap();
    prime
}

fn is_prime(number: &BigNum) -> bool {
    number.is_prime(20, &mut BigNumContext::new().unwrap()).unwrap()
}

/// The prime that follows one.
pub(crate) fn next_prime(prime: &BigNum) -> BigNum {
    let mut next = BigNum::from_slice(&prime.to_vec()).unwrap();
    loop {
        next.add_word(2).unwrap();
        if is_prime(&next) {
            return next;
        }
    }
}

/// A prime that is a power of 65537 modulo the product of all small primes.
pub(crate) fn roca_prime() -> BigNum {
    let product = (2..=167u32).filter(|n| (2..*n).all(|d| n % d != 0)).fold(
        BigNum::from_u32(1).unwrap(),
        |mut product, prime| {
            product.mul_word(prime).unwrap();
            product
        },
    );
    let mut power = BigNum::from_u32(65_537).unwrap();
    loop {
        let factor = prime(80);
        let candidate = &(&product * &factor) + &power;
        if is_prime(&candidate) {
            return candidate;
        }
        power.mul_word(65_537).unwrap();
        power = &power % &product;
    }
}

/// `cert` with another user ID that a version 3 signature binds.
pub(crate) fn with_version_3(cert: &Cert, user_id: &str, when: &str) -> Cert {
    let build = || -> Result<Cert> {
        let mut signer = pair(cert);
        let user_id = UserID::from(user_id);
        let algorithm = HashAlgorithm::SHA512;
        let draft = |prefix, mpis| -> Signature {
            Signature3::new(
                SignatureType::PositiveCertification,
                Timestamp::try_from(time(when)).unwrap(),
                cert.keyid(),
                cert.primary_key().key().pk_algo(),
                algorithm,
                prefix,
                mpis,
            )
            .into()
        };
        let empty = signer.sign(algorithm, &[0; 64])?;
        let mut hash = algorithm.context()?.for_signature(3);
        let key = cert.primary_key().key();
        draft([0; 2], empty).hash_userid_binding(&mut hash, key, &user_id)?;
        let digest = hash.into_digest()?;
        let signature = draft([digest[0], digest[1]], signer.sign(algorithm, &digest)?);
        Ok(cert.clone().insert_packets([Packet::from(user_id), signature.into()])?.0)
    };
    build().unwrap()
}

/// A revocation of `cert`, not in it.
pub(crate) fn revocation(cert: &Cert, reason: ReasonForRevocation, when: &str) -> Signature {
    SignatureBuilder::new(SignatureType::KeyRevocation)
        .set_hash_algo(HashAlgorithm::SHA512)
        .set_signature_creation_time(time(when))
        .unwrap()
        .set_reason_for_revocation(reason, b"TEST")
        .unwrap()
        .sign_direct_key(&mut pair(cert), cert.primary_key().key())
        .unwrap()
}

/// `cert` with the end of its primary key put off to that day.
pub(crate) fn extended(cert: &Cert, end: &str, when: &str) -> Cert {
    let build = || -> Result<Cert> {
        let user_id = cert.userids().next().unwrap();
        let made = cert.primary_key().key().creation_time();
        let signature = SignatureBuilder::from(user_id.self_signatures().next().unwrap().clone())
            .set_signature_creation_time(time(when))?
            .set_key_validity_period(time(end).duration_since(made)?)?
            .sign_userid_binding(&mut pair(cert), cert.primary_key().key(), user_id.userid())?;
        Ok(cert.clone().insert_packets([Packet::from(signature)])?.0)
    };
    build().unwrap()
}

/// The file of a primary key whose primes follow each other, with a secret that
/// no passphrase protects; and its fingerprint.
pub(crate) fn weak_root() -> (String, Vec<u8>) {
    let build = || -> Result<(String, Vec<u8>)> {
        let (one, exponent) = (BigNum::from_u32(1)?, BigNum::from_u32(65_537)?);
        let p = prime(1536);
        let q = next_prime(&p);
        let order = &(&p - &one) * &(&q - &one);
        let mut d = BigNum::new()?;
        d.mod_inverse(&exponent, &order, &mut *BigNumContext::new()?)?;
        let made = time("2025-11-01");
        let key = Key4::import_secret_rsa(&d.to_vec(), &p.to_vec(), &q.to_vec(), made)?;
        let key: Key<SecretParts, PrimaryRole> = key.into();
        let user_id = UserID::from("TEST weak <weak@test.example>");
        let bound = SignatureBuilder::new(SignatureType::PositiveCertification)
            .set_hash_algo(HashAlgorithm::SHA512)
            .set_key_flags(KeyFlags::empty().set_certification().set_signing())?
            .sign_userid_binding(
                &mut key.clone().into_keypair()?,
                key.parts_as_public(),
                &user_id,
            )?;
        let fingerprint = key.fingerprint().to_hex();
        let packets = [Packet::SecretKey(key), user_id.into(), bound.into()];
        let mut file = Vec::new();
        for packet in packets {
            packet.serialize(&mut file)?;
        }
        Ok((fingerprint, file))
    };
    build().unwrap()
}
