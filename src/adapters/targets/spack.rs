//! The keys of a Spack mirror, in the layouts of Spack before 1.0 (v2) and
//! since (v3). Whoever trusts the mirror reads its index, then each key that
//! the index names.

mod v2;
mod v3;

use serde_json::{Map, Value as Json, json};

pub(super) use self::v2::V2;
pub(super) use self::v3::V3;
use crate::domain::fingerprint::Fingerprint;
use crate::engine::target::Found;

/// The index of keys with one more, all others as they are.
fn with_key(old: Option<&[u8]>, key: &Fingerprint) -> Result<Vec<u8>, String> {
    let mut index = match old {
        None => Map::new(),
        Some(old) => serde_json::from_slice::<Map<String, Json>>(old)
            .map_err(|error| format!("its index of keys cannot be read: {error}"))?,
    };
    let keys = index.entry("keys").or_insert_with(|| json!({}));
    let keys = keys.as_object_mut().ok_or("its index of keys names no keys")?;
    keys.entry(key.hex()).or_insert_with(|| json!({}));
    Ok(json!(index).to_string().into_bytes())
}

/// Whether an index names the key, and which others it names: whoever trusts
/// the mirror trusts all of them.
fn names(index: &[u8], key: &Fingerprint) -> Found {
    let index = match serde_json::from_slice::<Json>(index) {
        Ok(index) => index,
        Err(error) => return Found::Wrong(format!("the index cannot be read: {error}")),
    };
    let keys = index.get("keys").and_then(Json::as_object);
    let named = keys.into_iter().flat_map(Map::keys);
    let all = named.filter_map(|name| Fingerprint::from_hex(name));
    let (ours, beside): (Vec<_>, Vec<_>) = all.partition(|one| one == key);
    if ours.is_empty() {
        return Found::Wrong("the index does not name the key: nobody will read it".to_owned());
    }
    Found::Index { beside }
}
