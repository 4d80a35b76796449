//! Making keys: a new root.

use sequoia_openpgp::Cert;
use sequoia_openpgp::armor;
use sequoia_openpgp::packet::key::{Key4, KeyRole, PrimaryRole, SecretParts, UnspecifiedRole};
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::packet::{Key, Packet, UserID};
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::types::{Curve, KeyFlags, SignatureType};

use super::facts;
use super::key_error::KeyError;
use super::protect::Lock;
use super::sign::{Purpose, begin, in_armor, serialized, time, usable, validity};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::keyspec::KeyAlgorithm;
use crate::domain::timestamp::Timestamp;

/// What a new root is to be.
#[derive(Clone, Copy, Debug)]
pub struct RootSpec<'a> {
    /// The algorithm of its primary key.
    pub algorithm: KeyAlgorithm,
    /// Its user IDs; the first is the primary one.
    pub user_ids: &'a [String],
    /// When it is made, by the ceremony's clock.
    pub created: Timestamp,
    /// When it ends; absent where it never does.
    pub expires: Option<Timestamp>,
}

/// A root that has just been made.
#[derive(Debug)]
pub struct NewRoot {
    /// The fingerprint of its primary key.
    pub fingerprint: Fingerprint,
    /// The armored certificate with its encrypted secret: what media keep.
    pub secret: Vec<u8>,
    /// The armored certificate.
    pub certificate: Vec<u8>,
}

/// Makes a version 4 certificate with a primary key that only certifies.
///
/// The secret exists outside this function only as `lock` has closed it.
pub fn make_root(spec: &RootSpec<'_>, lock: &Lock<'_>) -> Result<NewRoot, KeyError> {
    if spec.user_ids.is_empty() {
        return Err(KeyError::NoUserId);
    }
    let key: Key<SecretParts, PrimaryRole> =
        generate(spec.algorithm, spec.created)?.role_into_primary();
    let fingerprint = facts::fingerprint(&key.fingerprint())?;
    let signatures = bind(spec, &key)?;
    let public = Packet::PublicKey(key.parts_as_public().clone());
    let certificate = serialized(std::iter::once(&public).chain(&signatures))?;
    usable(&Cert::from_bytes(&certificate)?, &fingerprint, spec.created, Purpose::Certify)?;
    let locked = Packet::SecretKey(lock.close(key)?);
    let secret = serialized(std::iter::once(&locked).chain(&signatures))?;
    Ok(NewRoot {
        fingerprint,
        secret: in_armor(armor::Kind::SecretKey, &secret)?,
        certificate: in_armor(armor::Kind::PublicKey, &certificate)?,
    })
}

/// The signatures of a new primary key on itself and its user IDs.
fn bind(spec: &RootSpec<'_>, key: &Key<SecretParts, PrimaryRole>) -> Result<Vec<Packet>, KeyError> {
    let mut signer = key.clone().into_keypair()?;
    let public = key.parts_as_public();
    let begin_binding = |kind| -> Result<SignatureBuilder, KeyError> {
        Ok(begin(kind, spec.created, spec.created)?
            .set_key_flags(KeyFlags::empty().set_certification())?
            .set_key_validity_period(validity(spec.created, spec.expires)?)?)
    };
    // It speaks for the key where a key server has dropped the user IDs.
    let direct = begin_binding(SignatureType::DirectKey)?.sign_direct_key(&mut signer, public)?;
    let mut packets = vec![direct.into()];
    for (place, user_id) in spec.user_ids.iter().enumerate() {
        let user_id = UserID::from(user_id.as_str());
        let mut builder = begin_binding(SignatureType::PositiveCertification)?;
        if place == 0 {
            builder = builder.set_primary_userid(true)?;
        }
        let binding = builder.sign_userid_binding(&mut signer, public, &user_id)?;
        packets.push(user_id.into());
        packets.push(binding.into());
    }
    Ok(packets)
}

/// A new key for signatures, its secret not encrypted yet.
pub(super) fn generate(
    algorithm: KeyAlgorithm,
    created: Timestamp,
) -> Result<Key<SecretParts, UnspecifiedRole>, KeyError> {
    let key = match algorithm {
        KeyAlgorithm::Rsa4096 => Key4::generate_rsa(4096),
        KeyAlgorithm::Rsa3072 => Key4::generate_rsa(3072),
        KeyAlgorithm::Ed25519 => Key4::generate_ecc(true, Curve::Ed25519),
        KeyAlgorithm::P256 => Key4::generate_ecc(true, Curve::NistP256),
        KeyAlgorithm::P384 => Key4::generate_ecc(true, Curve::NistP384),
    }?;
    dated(key, created)
}

fn dated<R: KeyRole>(
    mut key: Key4<SecretParts, R>,
    created: Timestamp,
) -> Result<Key<SecretParts, R>, KeyError> {
    key.set_creation_time(time(created)?)?;
    Ok(key.into())
}
