//! Who claims to have made a signature, read from its bytes alone.
//!
//! Most signatures on a well-known certificate are certifications by others.
//! They decide nothing about it, so they are set aside, and counted, before
//! the library hashes and sorts them: a flood of them costs next to nothing.

use sequoia_openpgp::{Fingerprint, KeyHandle, KeyID};

use super::framing::big_endian;

/// Whether `body`, of a signature packet, is a certification that names only
/// other keys than `primary` as its issuer.
///
/// When in doubt it is not, and the library decides.
pub(super) fn is_foreign_certification(body: &[u8], primary: &KeyHandle) -> bool {
    if !matches!(kind(body), Some(0x10..=0x13)) {
        return false;
    }
    let issuers = read_issuers(body).unwrap_or_default();
    !issuers.is_empty() && !issuers.iter().any(|issuer| issuer.aliases(primary))
}

/// Whether `body`, of a signature packet, wants to revoke something.
pub(super) fn is_revocation(body: &[u8]) -> bool {
    matches!(kind(body), Some(0x20 | 0x28 | 0x30))
}

/// Whether `body` wants to revoke a whole certificate or a subkey, and names
/// only other keys than `primary` as its issuer.
pub(super) fn is_foreign_revocation(body: &[u8], primary: &KeyHandle) -> bool {
    if !matches!(kind(body), Some(0x20 | 0x28)) {
        return false;
    }
    let issuers = issuers(body);
    !issuers.is_empty() && !issuers.iter().any(|issuer| issuer.aliases(primary))
}

/// Whom the signature in `body` names as its issuer, each once; empty where
/// nobody is named, or where it cannot be read.
pub(super) fn issuers(body: &[u8]) -> Vec<KeyHandle> {
    let all = read_issuers(body).unwrap_or_default();
    let mut issuers: Vec<KeyHandle> = Vec::new();
    // Fingerprints first: a key ID says less.
    let is_fingerprint = |issuer: &&KeyHandle| matches!(issuer, KeyHandle::Fingerprint(_));
    let (fingerprints, key_ids): (Vec<_>, Vec<_>) = all.iter().partition(is_fingerprint);
    for issuer in fingerprints.into_iter().chain(key_ids) {
        if !issuers.iter().any(|known| known.aliases(issuer)) {
            issuers.push(issuer.clone());
        }
    }
    issuers
}

/// The type that the signature states.
fn kind(body: &[u8]) -> Option<u8> {
    body.get(if *body.first()? == 3 { 2 } else { 1 }).copied()
}

fn read_issuers(body: &[u8]) -> Option<Vec<KeyHandle>> {
    match *body.first()? {
        3 => Some(vec![KeyID::from_bytes(body.get(7..15)?).into()]),
        version @ (4 | 6) => {
            let width = if version == 4 { 2 } else { 4 };
            let (hashed, rest) = area(body.get(4..)?, width)?;
            let (unhashed, _) = area(rest, width)?;
            let mut issuers = Vec::new();
            for area in [hashed, unhashed] {
                collect_issuers(area, &mut issuers)?;
            }
            Some(issuers)
        }
        _ => None,
    }
}

/// A subpacket area behind its length of `width` bytes, and what follows it.
fn area(bytes: &[u8], width: usize) -> Option<(&[u8], &[u8])> {
    let length = big_endian(bytes.get(..width)?);
    bytes.get(width..)?.split_at_checked(length)
}

fn collect_issuers(mut area: &[u8], issuers: &mut Vec<KeyHandle>) -> Option<()> {
    while let Some(first) = area.first() {
        let (header, length) = match *first {
            short @ 0..=191 => (1, usize::from(short)),
            high @ 192..=254 => {
                (2, ((usize::from(high) - 192) << 8) + usize::from(*area.get(1)?) + 192)
            }
            255 => (5, big_endian(area.get(1..5)?)),
        };
        let (subpacket, rest) = area.get(header..)?.split_at_checked(length)?;
        let (tag, value) = subpacket.split_first()?;
        match tag & 0x7f {
            16 => issuers.push(KeyID::from_bytes(value.get(..8)?).into()),
            33 => {
                let (version, fingerprint) = value.split_first()?;
                issuers.push(Fingerprint::from_bytes(*version, fingerprint).ok()?.into());
            }
            _ => {}
        }
        area = rest;
    }
    Some(())
}
