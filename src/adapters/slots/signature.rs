//! What a signature proves of a place that shows its secrets to nobody.

use crate::adapters::openpgp::verify_detached;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::timestamp::Timestamp;

/// Seconds after it was asked for within which it is made, with what two
/// clocks may differ.
const WITHIN: i64 = 60 * 60;

/// Sees that exactly this subkey has signed the nonce; else tells in words
/// what was found. `asked` is when it was asked for.
pub fn is_signed_by(
    subkey: &Fingerprint,
    nonce: &str,
    signature: &[u8],
    certificate: &[u8],
    asked: Timestamp,
) -> Result<(), String> {
    match verify_detached(certificate, signature, nonce.as_bytes(), asked.plus(WITHIN)) {
        Ok(signed) if signed.key == *subkey => Ok(()),
        Ok(signed) => Err(format!("{} has signed", signed.key.hex())),
        Err(refusal) => Err(refusal.to_string()),
    }
}
