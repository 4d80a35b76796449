//! Apache's `KEYS` file: the certificates of all who ever signed a release,
//! one after the other. It only grows.

use crate::adapters::openpgp::{components_of, served};
use crate::domain::publication::Served;
use crate::engine::target::Publication;

/// The file with the certificate at its end, under the lines by which people
/// find it; as it was where nothing of the certificate is missing in it.
pub(super) fn appended(old: &[u8], ours: &Publication<'_>) -> Result<Vec<u8>, String> {
    let new = components_of(ours.armored).map_err(|error| error.to_string())?;
    match served(old, &ours.certificate, true) {
        Served::Certificate(there) if new.lacking_in(&there).next().is_none() => {
            return Ok(old.to_vec());
        }
        Served::Unreadable(why) => return Err(why.into_string()),
        Served::Certificate(_) | Served::Nothing | Served::Other(_) | Served::Unreachable(_) => {}
    }
    let mut bytes = old.to_vec();
    if !bytes.is_empty() {
        bytes.extend_from_slice(if bytes.ends_with(b"\n") { b"\n" } else { b"\n\n" });
    }
    let head = format!("pub   {}\n", ours.certificate.grouped());
    bytes.extend_from_slice(head.as_bytes());
    for id in ours.user_ids {
        bytes.extend_from_slice(format!("uid   {id}\n").as_bytes());
    }
    bytes.extend_from_slice(b"\n");
    bytes.extend_from_slice(ours.armored);
    Ok(bytes)
}
