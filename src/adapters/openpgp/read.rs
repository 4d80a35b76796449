//! Reading one certificate: first quickly for a list, then with all its
//! self-signatures verified.

use std::collections::HashMap;

use sequoia_openpgp as openpgp;
use sequoia_openpgp::Cert;
use sequoia_openpgp::cert::raw::RawCert;
use sequoia_openpgp::packet::{Packet, Tag};
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::serialize::SerializeInto as _;

use super::{facts, issuer, secret};
use crate::domain::algorithm::Algorithm;
use crate::domain::certificate::{Certificate, SecretMaterial};
use crate::domain::fingerprint::{Fingerprint, NotAFingerprint};
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;

/// Why the bytes of a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The library does not accept the packets.
    #[error("not a usable certificate: {0}")]
    Unusable(VisibleText),
    /// Its fingerprint is of no known version.
    #[error(transparent)]
    Fingerprint(#[from] NotAFingerprint),
}

impl From<openpgp::anyhow::Error> for ReadError {
    fn from(error: openpgp::anyhow::Error) -> Self {
        // The chain's last link says what is wrong; the others repeat it.
        Self::Unusable(VisibleText::from_text(&error.root_cause().to_string()))
    }
}

/// What can be told before any signature is checked.
pub struct Listing {
    /// The certificate's fingerprint.
    pub fingerprint: Fingerprint,
    /// Its first user ID.
    pub user_id: Option<VisibleText>,
    /// The primary key's algorithm.
    pub algorithm: Algorithm,
    /// When the primary key was made.
    pub created: Timestamp,
    /// What the bytes hold of the secrets of its keys; empty for a public
    /// certificate.
    pub secrets: Vec<(Fingerprint, SecretMaterial)>,
}

/// Reads what needs no signature to be checked.
pub fn list(bytes: &[u8]) -> Result<Listing, ReadError> {
    let raw = RawCert::from_bytes(bytes)?;
    let primary = raw.primary_key();
    let user_id = raw
        .packets()
        .find(|packet| packet.tag() == Tag::UserID)
        .map(|packet| VisibleText::from_bytes(packet.body()));
    Ok(Listing {
        fingerprint: facts::fingerprint(&raw.fingerprint())?,
        user_id,
        algorithm: facts::algorithm(&primary),
        created: facts::timestamp(primary.creation_time()),
        secrets: secrets(&raw)?,
    })
}

fn secrets(raw: &RawCert<'_>) -> Result<Vec<(Fingerprint, SecretMaterial)>, ReadError> {
    let is_secret = |tag| matches!(tag, Tag::SecretKey | Tag::SecretSubkey);
    if !raw.packets().any(|packet| is_secret(packet.tag())) {
        return Ok(Vec::new());
    }
    let packets = raw.packets().filter(|packet| {
        is_secret(packet.tag()) || matches!(packet.tag(), Tag::PublicKey | Tag::PublicSubkey)
    });
    packets
        .zip(raw.keys())
        .filter(|(packet, _)| is_secret(packet.tag()))
        .map(|(packet, key)| {
            let public = sequoia_openpgp::serialize::MarshalInto::serialized_len(&key);
            let secret_part = packet.body().get(public..).unwrap_or_default();
            Ok((facts::fingerprint(&key.fingerprint())?, secret::classify(secret_part)))
        })
        .collect()
}

/// The certificate's bytes without its secrets.
pub fn public_part(bytes: &[u8]) -> Result<Vec<u8>, ReadError> {
    let raw = RawCert::from_bytes(bytes)?;
    let mut public = Vec::with_capacity(bytes.len());
    let mut keys = raw.keys();
    for packet in raw.packets() {
        match packet.tag() {
            Tag::PublicKey | Tag::PublicSubkey => {
                keys.next();
                public.extend_from_slice(packet.as_bytes());
            }
            Tag::SecretKey => {
                let key = keys.next().map(|key| Packet::PublicKey(key.role_into_primary()));
                public.extend(key.map(|key| key.to_vec()).transpose()?.unwrap_or_default());
            }
            Tag::SecretSubkey => {
                let key = keys.next().map(|key| Packet::PublicSubkey(key.role_into_subordinate()));
                public.extend(key.map(|key| key.to_vec()).transpose()?.unwrap_or_default());
            }
            _ => public.extend_from_slice(packet.as_bytes()),
        }
    }
    Ok(public)
}

/// One or several public copies of a certificate, merged, with each of its
/// self-signatures verified.
pub fn read<B: AsRef<[u8]>>(
    copies: &[B],
    secrets: &[(Fingerprint, SecretMaterial)],
) -> Result<Certificate, ReadError> {
    let mut set_aside = HashMap::new();
    let mut merged: Option<Cert> = None;
    for copy in copies {
        let cert = own_part(copy.as_ref(), &mut set_aside)?;
        merged = Some(match merged {
            Some(other) => other.merge_public(cert)?,
            None => cert,
        });
    }
    let cert = merged.ok_or_else(|| ReadError::Unusable(VisibleText::default()))?;
    Ok(facts::facts(&cert, &set_aside, secrets)?)
}

/// The certificate without the certifications that others made on it. These
/// are counted for each user ID; of several copies the larger count stands.
fn own_part(bytes: &[u8], set_aside: &mut facts::SetAside) -> Result<Cert, ReadError> {
    let raw = RawCert::from_bytes(bytes)?;
    let primary = raw.fingerprint().into();
    let mut own = Vec::with_capacity(bytes.len());
    let mut counts = facts::SetAside::new();
    let packets: Vec<_> = raw.packets().collect();
    let mut certified = Certified::Nothing;
    for packet in &packets {
        match packet.tag() {
            Tag::UserID => certified = Certified::UserId(packet.body()),
            Tag::UserAttribute => certified = Certified::Attribute,
            Tag::Signature if issuer::is_foreign_certification(packet.body(), &primary) => {
                match certified {
                    Certified::UserId(user_id) => {
                        *counts.entry(user_id.to_vec()).or_default() += 1;
                        continue;
                    }
                    Certified::Attribute => continue,
                    Certified::Nothing => {}
                }
            }
            Tag::Signature | Tag::Trust => {}
            _ => certified = Certified::Nothing,
        }
        own.extend_from_slice(packet.as_bytes());
    }
    for (user_id, count) in counts {
        let known = set_aside.entry(user_id).or_default();
        *known = count.max(*known);
    }
    Ok(Cert::from_bytes(&own)?)
}

/// What the certifications that are being read speak of.
enum Certified<'a> {
    UserId(&'a [u8]),
    Attribute,
    Nothing,
}
