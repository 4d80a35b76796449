//! A closer look at one certificate, on request.

use std::collections::HashMap;
use std::io::Write as _;

use sequoia_openpgp as openpgp;
use sequoia_openpgp::armor;
use sequoia_openpgp::cert::raw::RawCert;
use sequoia_openpgp::packet::{Packet, Signature, Tag};
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::serialize::SerializeInto as _;
use sequoia_openpgp::{Cert, KeyHandle};

use super::error::ReadError;
use super::facts;
use super::merge::Merged;
use crate::domain::inspection::{Certification, Check, Inspection, PacketLine};
use crate::domain::text::VisibleText;

/// Lines beyond which a flooded certificate is cut.
const MAX_LINES: usize = 2_000;

/// Looks up the copies of certificates whose fingerprint ends with, or is,
/// the given bytes.
pub(super) type Lookup<'a> = dyn Fn(&[u8]) -> Vec<Vec<u8>> + 'a;

/// Takes a closer look at the merged copies of one certificate.
pub fn inspect<B: AsRef<[u8]>>(copies: &[B], lookup: &Lookup<'_>) -> Result<Inspection, ReadError> {
    let merged = Merged::of(copies, MAX_LINES)?;
    let cert = merged.cert()?;
    let bytes = cert.to_vec()?;
    let (packets, more_packets) = packets(&bytes)?;
    let (certifications, mut more_certifications) = certifications(&cert, lookup);
    more_certifications += merged.set_aside.values().sum::<usize>();
    Ok(Inspection {
        packets,
        more_packets,
        certifications,
        more_certifications,
        armored: armored(armor::Kind::PublicKey, &bytes).unwrap_or_default(),
    })
}

/// All copies of a certificate, merged, with all certifications, in ASCII
/// armor.
pub fn armor<B: AsRef<[u8]>>(copies: &[B]) -> Result<String, ReadError> {
    let cert = Merged::of(copies, usize::MAX)?.cert()?;
    Ok(armored(armor::Kind::PublicKey, &cert.to_vec()?).unwrap_or_default())
}

/// The bytes in armor of that kind.
pub(super) fn armored(kind: armor::Kind, bytes: &[u8]) -> std::io::Result<String> {
    // Without the library's comments: user IDs have no place in armor headers.
    let mut writer = armor::Writer::new(Vec::new(), kind)?;
    writer.write_all(bytes)?;
    let text = writer.finalize()?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn packets(bytes: &[u8]) -> Result<(Vec<PacketLine>, usize), ReadError> {
    let raw = RawCert::from_bytes(bytes)?;
    let mut offset = 0;
    let mut lines = Vec::new();
    let mut more = 0;
    for packet in raw.packets() {
        let length = packet.as_bytes().len();
        if lines.len() < MAX_LINES {
            let kind = kind(packet.tag());
            lines.push(PacketLine { offset, length, kind, detail: detail(packet.as_bytes()) });
        } else {
            more += 1;
        }
        offset += length;
    }
    Ok((lines, more))
}

fn kind(tag: Tag) -> &'static str {
    match tag {
        Tag::PublicKey => "Public Key",
        Tag::PublicSubkey => "Public Subkey",
        Tag::UserID => "User ID",
        Tag::UserAttribute => "User Attribute",
        Tag::Signature => "Signature",
        Tag::Trust => "Trust",
        Tag::Padding => "Padding",
        _ => "Unknown",
    }
}

fn detail(bytes: &[u8]) -> String {
    match Packet::from_bytes(bytes) {
        Ok(Packet::PublicKey(key)) => {
            format!("version {}, {}, {}", key.version(), facts::algorithm(&key), key.fingerprint())
        }
        Ok(Packet::PublicSubkey(key)) => {
            format!("version {}, {}, {}", key.version(), facts::algorithm(&key), key.fingerprint())
        }
        Ok(Packet::UserID(id)) => VisibleText::from_bytes(id.value()).into_string(),
        Ok(Packet::Signature(signature)) => describe(&signature),
        Ok(Packet::Unknown(unknown)) => {
            VisibleText::from_text(&format!("not understood: {}", unknown.error().root_cause()))
                .into_string()
        }
        Ok(_) => String::new(),
        Err(error) => VisibleText::from_text(&error.root_cause().to_string()).into_string(),
    }
}

fn describe(signature: &Signature) -> String {
    use openpgp::types::SignatureType as T;
    let what = match signature.typ() {
        T::GenericCertification => "certification 0x10",
        T::PersonaCertification => "certification 0x11 (persona)",
        T::CasualCertification => "certification 0x12 (casual)",
        T::PositiveCertification => "certification 0x13 (positive)",
        T::SubkeyBinding => "subkey binding",
        T::PrimaryKeyBinding => "primary key binding",
        T::DirectKey => "direct-key signature",
        T::KeyRevocation => "revocation of the primary key",
        T::SubkeyRevocation => "revocation of the subkey",
        T::CertificationRevocation => "revocation of the certification",
        _ => "signature",
    };
    let issuer = signature.get_issuers().first().map_or("unknown".to_owned(), KeyHandle::to_string);
    let created = signature
        .signature_creation_time()
        .map_or("no date".to_owned(), |time| facts::timestamp(time).date());
    let hash = crate::domain::algorithm::Hash(u8::from(signature.hash_algo()));
    format!("{what}, {hash}, {created}, by {issuer}")
}

fn certifications(cert: &Cert, lookup: &Lookup<'_>) -> (Vec<Certification>, usize) {
    let mut issuers: HashMap<Vec<u8>, Vec<Cert>> = HashMap::new();
    let mut lines = Vec::new();
    let mut more = 0;
    for user_id in cert.userids() {
        for signature in user_id.certifications() {
            if lines.len() >= MAX_LINES {
                more += 1;
                continue;
            }
            let handles = signature.get_issuers();
            let handle = handles
                .iter()
                .find(|handle| matches!(handle, KeyHandle::Fingerprint(_)))
                .or(handles.first());
            let bytes = handle.map(|handle| handle.as_bytes().to_vec()).unwrap_or_default();
            let known = issuers.entry(bytes.clone()).or_insert_with(|| {
                lookup(&bytes).iter().filter_map(|copy| Cert::from_bytes(copy).ok()).collect()
            });
            let good = known.iter().find(|issuer| {
                let key = issuer.primary_key();
                signature
                    .verify_userid_binding(key.key(), cert.primary_key().key(), user_id.userid())
                    .is_ok()
            });
            let check = match good {
                Some(_) => Check::Good,
                None if known.is_empty() => Check::UnknownIssuer,
                None => Check::Bad,
            };
            // Anybody can add a user ID; only one that its owner signed names him.
            let name = good.or(known.first()).and_then(|issuer| {
                issuer.userids().find(|id| id.self_signatures().next().is_some())
            });
            lines.push(Certification {
                user_id: VisibleText::from_bytes(user_id.userid().value()),
                issuer: handle.map_or_else(|| "unknown".to_owned(), KeyHandle::to_string),
                issuer_name: name.map(|id| VisibleText::from_bytes(id.userid().value())),
                frame: facts::frame(signature),
                made_by: good.and_then(|issuer| facts::fingerprint(&issuer.fingerprint()).ok()),
                check,
            });
        }
    }
    (lines, more)
}
