//! Certificates of several owners in one value, and nothing else.

use super::carve::{What, carve};
use super::inspect::armored;
use super::secret;
use super::union::PacketSet;
use crate::domain::fingerprint::Fingerprint;

/// The value with this certificate instead of its older copy, or behind all
/// others, which stay as they are. Says why where something else is in it: what
/// is not a certificate is not ours to drop.
pub fn joined_with_others(
    value: &[u8],
    certificate: &Fingerprint,
    binary: &[u8],
) -> Result<Vec<u8>, String> {
    if has_other_text(value) {
        return Err("it has text in it that is no certificate".to_owned());
    }
    let value = value.trim_ascii_start();
    if value.is_empty() {
        return Ok(binary.to_vec());
    }
    let (mut joined, mut is_in) = (Vec::new(), false);
    for one in carve(value) {
        if one.holds_secret {
            return Err("it holds a secret key".to_owned());
        }
        let What::Certificate(bytes) = one.what else {
            return Err("it has something in it that is no certificate".to_owned());
        };
        if !secret::part(&bytes).secrets.is_empty() {
            return Err("it holds a secret key".to_owned());
        }
        let set = PacketSet::of(&bytes).map_err(|error| error.to_string())?;
        if set.fingerprint() != *certificate {
            joined.extend_from_slice(&bytes);
        } else if !is_in {
            joined.extend_from_slice(binary);
            is_in = true;
        }
    }
    if joined.is_empty() {
        return Err("it has no certificate in it".to_owned());
    }
    if !is_in {
        joined.extend_from_slice(binary);
    }
    Ok(joined)
}

/// Certificates in one armor.
pub fn armor_of(certificates: &[u8]) -> std::io::Result<String> {
    armored(sequoia_openpgp::armor::Kind::PublicKey, certificates)
}

/// Whether there is text outside of armor.
fn has_other_text(value: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(value) else { return false };
    let mut is_inside = false;
    for line in text.lines().map(str::trim) {
        if line.starts_with("-----BEGIN PGP ") {
            is_inside = true;
        } else if line.starts_with("-----END PGP ") {
            is_inside = false;
        } else if !is_inside && !line.is_empty() {
            return true;
        }
    }
    false
}
