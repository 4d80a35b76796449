//! What all signatures that are made here have in common, and what is looked
//! at before any of them leaves.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sequoia_openpgp::armor;
use sequoia_openpgp::cert::Cert;
use sequoia_openpgp::cert::amalgamation::ValidAmalgamation as _;
use sequoia_openpgp::packet::Packet;
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::policy::StandardPolicy;
use sequoia_openpgp::serialize::Serialize as _;
use sequoia_openpgp::types::{HashAlgorithm, RevocationStatus, SignatureType};

use super::facts;
use super::inspect::armored;
use super::key_error::KeyError;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;

/// The instant as OpenPGP writes it: 32 bits of seconds.
pub(super) fn time(at: Timestamp) -> Result<SystemTime, KeyError> {
    let seconds = u32::try_from(at.unix()).map_err(|_| KeyError::Unwritable(at))?;
    Ok(UNIX_EPOCH + Duration::from_secs(seconds.into()))
}

/// Begins a signature that is made at `at` about keys that exist since
/// `since`: with SHA-512, and never before them.
pub(super) fn begin(
    kind: SignatureType,
    at: Timestamp,
    since: Timestamp,
) -> Result<SignatureBuilder, KeyError> {
    if at < since {
        return Err(KeyError::BeforeItsKey { at, since });
    }
    let builder = SignatureBuilder::new(kind).set_hash_algo(HashAlgorithm::SHA512);
    Ok(builder.set_signature_creation_time(time(at)?)?)
}

/// How long a key of `created` lasts; absent where it never ends.
pub(super) fn validity(
    created: Timestamp,
    expires: Option<Timestamp>,
) -> Result<Option<Duration>, KeyError> {
    let Some(expires) = expires else { return Ok(None) };
    let seconds = u32::try_from(expires.unix().saturating_sub(created.unix()));
    match seconds {
        Ok(seconds @ 1..) => Ok(Some(Duration::from_secs(seconds.into()))),
        _ => Err(KeyError::UnwritableEnd { created, expires }),
    }
}

/// The packets as bytes.
pub(super) fn serialized<'a>(
    packets: impl IntoIterator<Item = &'a Packet>,
) -> Result<Vec<u8>, KeyError> {
    let mut bytes = Vec::new();
    for packet in packets {
        packet.serialize(&mut bytes)?;
    }
    Ok(bytes)
}

/// The bytes in armor of that kind, without any header.
pub(super) fn in_armor(kind: armor::Kind, bytes: &[u8]) -> Result<Vec<u8>, KeyError> {
    Ok(armored(kind, bytes)?.into_bytes())
}

/// What a key has to be good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Certify,
    Sign,
}

/// Whether verifiers accept signatures that the key `of` of `cert` makes at
/// `at`, judged by the certificate alone.
pub(super) fn usable(
    cert: &Cert,
    of: &Fingerprint,
    at: Timestamp,
    purpose: Purpose,
) -> Result<(), KeyError> {
    let instant = time(at)?;
    let policy = StandardPolicy::at(instant);
    let refused = |reason: &str| Err(KeyError::NotUsable(VisibleText::from_text(reason)));
    let cause = |error: sequoia_openpgp::anyhow::Error| {
        KeyError::NotUsable(VisibleText::from_text(&error.root_cause().to_string()))
    };
    let valid = cert.with_policy(&policy, instant).map_err(cause)?;
    valid.alive().map_err(cause)?;
    if matches!(valid.revocation_status(), RevocationStatus::Revoked(_)) {
        return refused("the certificate is revoked");
    }
    let key = valid.keys().find(|key| facts::fingerprint(&key.key().fingerprint()) == Ok(*of));
    let Some(key) = key else {
        return refused("the key is not bound to the certificate");
    };
    key.alive().map_err(cause)?;
    if matches!(key.revocation_status(), RevocationStatus::Revoked(_)) {
        return refused("the key is revoked");
    }
    match purpose {
        Purpose::Certify if !key.for_certification() => refused("the key may not certify"),
        Purpose::Sign if !key.for_signing() => refused("the key may not sign"),
        Purpose::Certify | Purpose::Sign => Ok(()),
    }
}
