//! From a parsed certificate to the facts of the domain.

use std::collections::HashMap;

use sequoia_openpgp as openpgp;
use sequoia_openpgp::cert::amalgamation::key::PrimaryKey as _;
use sequoia_openpgp::crypto::mpi;
use sequoia_openpgp::packet::signature::subpacket::SubpacketValue;
use sequoia_openpgp::packet::{self, Signature, Tag};
use sequoia_openpgp::types::{PublicKeyAlgorithm, SignatureType};

use crate::domain::algorithm::{Algorithm, Curve, Hash};
use crate::domain::certificate::{
    BadSignature, Certificate, Key, KeyFlags, Revocation, RevocationReason, SecretMaterial,
    SelfSignature, SignatureFrame, UserId,
};
use crate::domain::fingerprint::{Fingerprint, NotAFingerprint};
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;

/// What was met of the secrets of keys that can be read.
pub type Secrets = HashMap<Fingerprint, SecretMaterial>;

/// Bytes of a revocation's message that are kept: a sentence or two.
const MAX_MESSAGE: usize = 300;

/// Certifications by others, per user ID, that were set aside before parsing.
pub(super) type SetAside = HashMap<Vec<u8>, usize>;

/// The facts of `cert`; verifies each of its self-signatures.
pub(super) fn facts(
    cert: &openpgp::Cert,
    set_aside: &SetAside,
    secrets: &Secrets,
    mut bad_signatures: Vec<BadSignature>,
) -> Result<Certificate, NotAFingerprint> {
    let mut primary = None;
    let mut subkeys = Vec::new();
    for component in cert.keys() {
        let key = key(&component, secrets)?;
        if component.primary() {
            primary = Some(key);
        } else {
            subkeys.push(key);
        }
    }
    subkeys.sort_by_key(|key: &Key| (key.created, key.fingerprint));
    let user_ids = cert
        .userids()
        .map(|component| UserId {
            value: component.userid().value().into(),
            text: VisibleText::from_bytes(component.userid().value()),
            self_signatures: self_signatures(component.self_signatures()),
            revocations: revocations(component.self_revocations()),
            certifications: component.certifications().count()
                + set_aside.get(component.userid().value()).copied().unwrap_or(0),
        })
        .collect();
    let mut primary = primary.ok_or(NotAFingerprint(0))?;
    for signature in cert.bad_signatures() {
        let revokes = matches!(
            signature.typ(),
            SignatureType::KeyRevocation
                | SignatureType::SubkeyRevocation
                | SignatureType::CertificationRevocation
        );
        if is_own(signature, cert) {
            let created = signature.signature_creation_time().map(timestamp);
            bad_signatures.push(BadSignature { read: Some((created, hash(signature))), revokes });
        } else if signature.typ() != SignatureType::CertificationRevocation {
            primary.foreign_revocations += usize::from(revokes);
        }
    }
    let is_component = |tag| matches!(tag, Tag::PublicSubkey | Tag::SecretSubkey | Tag::UserID);
    Ok(Certificate {
        primary,
        subkeys,
        user_ids,
        user_attributes: cert.user_attributes().count(),
        bad_signatures,
        unreadable_components: cert.unknowns().filter(|c| is_component(c.unknown().tag())).count(),
    })
}

/// A signature that names no issuer could be the certificate's own.
pub(super) fn is_own(signature: &Signature, cert: &openpgp::Cert) -> bool {
    let issuers = signature.get_issuers();
    issuers.is_empty() || issuers.iter().any(|issuer| issuer.aliases(cert.key_handle()))
}

fn key(
    component: &openpgp::cert::amalgamation::key::ErasedKeyAmalgamation<
        '_,
        packet::key::PublicParts,
    >,
    secrets: &Secrets,
) -> Result<Key, NotAFingerprint> {
    let key = component.key();
    let fingerprint = fingerprint(&key.fingerprint())?;
    Ok(Key {
        fingerprint,
        algorithm: algorithm(key),
        created: timestamp(key.creation_time()),
        secret: secrets.get(&fingerprint).copied().unwrap_or(SecretMaterial::Absent),
        self_signatures: self_signatures(component.self_signatures()),
        revocations: revocations(component.self_revocations()),
        foreign_revocations: component.other_revocations().count(),
    })
}

/// The fingerprint in the domain's form.
pub(super) fn fingerprint(
    fingerprint: &openpgp::Fingerprint,
) -> Result<Fingerprint, NotAFingerprint> {
    Fingerprint::from_bytes(fingerprint.as_bytes())
}

/// The instant in the domain's form.
pub(super) fn timestamp(time: std::time::SystemTime) -> Timestamp {
    let seconds = match time.duration_since(std::time::UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_secs()).unwrap_or(i64::MAX),
    };
    Timestamp::from_unix(seconds)
}

/// The algorithm and size of a key.
pub(super) fn algorithm<P, R>(key: &packet::Key<P, R>) -> Algorithm
where
    P: packet::key::KeyParts,
    R: packet::key::KeyRole,
{
    let bits = || key.mpis().bits().and_then(|bits| u16::try_from(bits).ok()).unwrap_or(0);
    match (key.pk_algo(), key.mpis()) {
        (_, mpi::PublicKey::RSA { .. }) => Algorithm::Rsa { bits: bits() },
        (_, mpi::PublicKey::DSA { .. }) => Algorithm::Dsa { bits: bits() },
        (_, mpi::PublicKey::ElGamal { .. }) => Algorithm::ElGamal { bits: bits() },
        (_, mpi::PublicKey::ECDSA { curve: c, .. }) => Algorithm::EcDsa(curve(c)),
        (_, mpi::PublicKey::EdDSA { curve: c, .. }) => Algorithm::EdDsa(curve(c)),
        (_, mpi::PublicKey::ECDH { curve: c, hash, sym, .. }) => {
            Algorithm::EcDh { curve: curve(c), kdf: Hash(u8::from(*hash)), kek: u8::from(*sym) }
        }
        (PublicKeyAlgorithm::Ed25519, _) => Algorithm::Ed25519,
        (PublicKeyAlgorithm::Ed448, _) => Algorithm::Ed448,
        (PublicKeyAlgorithm::X25519, _) => Algorithm::X25519,
        (PublicKeyAlgorithm::X448, _) => Algorithm::X448,
        (other, _) => Algorithm::Unknown(u8::from(other)),
    }
}

fn curve(curve: &openpgp::types::Curve) -> Curve {
    use openpgp::types::Curve as C;
    match curve {
        C::NistP256 => Curve::NistP256,
        C::NistP384 => Curve::NistP384,
        C::NistP521 => Curve::NistP521,
        C::BrainpoolP256 => Curve::BrainpoolP256,
        C::BrainpoolP384 => Curve::BrainpoolP384,
        C::BrainpoolP512 => Curve::BrainpoolP512,
        C::Ed25519 => Curve::Ed25519,
        C::Cv25519 => Curve::Cv25519,
        _ => Curve::Unknown,
    }
}

fn self_signatures<'a>(signatures: impl Iterator<Item = &'a Signature>) -> Vec<SelfSignature> {
    signatures
        .filter_map(|signature| {
            Some(SelfSignature {
                frame: frame(signature)?,
                key_validity: signature.key_validity_period().map(seconds),
                flags: signature.key_flags().map(|flags| KeyFlags {
                    certify: flags.for_certification(),
                    sign: flags.for_signing(),
                    encrypt: flags.for_transport_encryption() || flags.for_storage_encryption(),
                    authenticate: flags.for_authentication(),
                }),
                primary_user_id: signature.primary_userid().unwrap_or(false),
                back_signatures: signature.embedded_signatures().filter_map(frame).collect(),
            })
        })
        .collect()
}

fn revocations<'a>(signatures: impl Iterator<Item = &'a Signature>) -> Vec<Revocation> {
    signatures
        .map(|signature| {
            let (reason, message) = signature.reason_for_revocation().map_or(
                (RevocationReason::Unspecified, VisibleText::default()),
                |(reason, message)| {
                    let message = message.get(..MAX_MESSAGE).unwrap_or(message);
                    (RevocationReason::from_code(reason.into()), VisibleText::from_bytes(message))
                },
            );
            // A revocation without a time counts for all times.
            let frame = frame(signature).unwrap_or_else(|| undated(signature));
            Revocation { frame, reason, message }
        })
        .collect()
}

/// Absent for a signature without a creation time, which nobody accepts.
pub(super) fn frame(signature: &Signature) -> Option<SignatureFrame> {
    let created = timestamp(signature.signature_creation_time()?);
    Some(SignatureFrame { created, ..undated(signature) })
}

fn undated(signature: &Signature) -> SignatureFrame {
    let critical = || signature.hashed_area().iter().filter(|subpacket| subpacket.critical());
    SignatureFrame {
        version: signature.version(),
        created: Timestamp::from_unix(0),
        validity: signature.signature_validity_period().map(seconds).filter(|s| *s > 0),
        hash: hash(signature),
        critical: critical().map(|subpacket| u8::from(subpacket.tag())).collect(),
        critical_notation: critical().find_map(|subpacket| match subpacket.value() {
            SubpacketValue::NotationData(notation) => Some(VisibleText::from_text(notation.name())),
            _ => None,
        }),
    }
}

fn hash(signature: &Signature) -> Hash {
    Hash(u8::from(signature.hash_algo()))
}

fn seconds(duration: std::time::Duration) -> u32 {
    u32::try_from(duration.as_secs()).unwrap_or(u32::MAX)
}
