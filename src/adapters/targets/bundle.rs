//! One value with the certificates of several owners, as workers read it that
//! verify.

use crate::adapters::openpgp::{armor_of, joined_with_others};
use crate::engine::target::Publication;

/// The value with the certificate in the place of the one that was there.
pub(super) fn joined(old: &[u8], ours: &Publication<'_>) -> Result<Vec<u8>, String> {
    let all = joined_with_others(old, &ours.certificate, ours.binary)
        .map_err(|why| format!("{why}; it is not written over"))?;
    let text = armor_of(&all).map_err(|error| error.to_string())?;
    Ok(text.into_bytes())
}
