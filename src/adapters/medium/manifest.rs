//! The digests of a set of files, and the receipts of the effects that made
//! them.

use std::path::Path;

use serde_json::{Map, Value as Json, json};

use super::{MediumError, put_file, read, receipt_json, receipt_of, visible};
use crate::engine::chain::{self, Digest};
use crate::engine::effect::Values;

/// Its name in the folder of the set.
pub(super) const FILE: &str = "manifest.json";

/// What stands in `manifest.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::adapters) struct Manifest {
    files: Map<String, Json>,
    effects: Map<String, Json>,
}

impl Manifest {
    pub(super) fn read(folder: &Path) -> Result<Option<Self>, MediumError> {
        let path = folder.join(FILE);
        let Some(bytes) = read(&path)? else { return Ok(None) };
        let wrong = || MediumError::Odd(visible(&path), "it is no list of digests");
        let object =
            chain::read(bytes.strip_suffix(b"\n").unwrap_or(&bytes)).map_err(|_| wrong())?;
        let part = |name: &str| object.get(name).and_then(Json::as_object).cloned();
        let manifest = Self {
            files: part("files").ok_or_else(wrong)?,
            effects: part("effects").ok_or_else(wrong)?,
        };
        // Media change bytes, and here nothing else would tell.
        let digest = object.get("digest").and_then(Json::as_str).and_then(Digest::parse);
        if digest != Some(manifest.own_digest()) {
            return Err(MediumError::Changed(visible(&path)));
        }
        Ok(Some(manifest))
    }

    pub(super) fn write(&self, folder: &Path) -> Result<(), MediumError> {
        let document = json!({
            "digest": self.own_digest().to_string(), "effects": self.effects,
            "files": self.files, "schema": "keyrite.medium/1",
        });
        let text = document.as_object().map(chain::canonical).unwrap_or_default() + "\n";
        put_file(&folder.join(FILE), text.as_bytes())
    }

    /// Of everything in it but itself.
    fn own_digest(&self) -> Digest {
        let content = json!({ "effects": self.effects, "files": self.files });
        let text = content.as_object().map(chain::canonical).unwrap_or_default();
        Digest::of_kind("keyrite.medium/1", text.as_bytes())
    }

    pub(super) fn add(&mut self, name: &str, bytes: &[u8]) {
        let entry = json!({ "sha256": Digest::of(bytes).hex(), "size": bytes.len() });
        self.files.insert(name.to_owned(), entry);
    }

    pub(super) fn record(&mut self, effect: &str, receipt: &Values) {
        self.effects.insert(effect.to_owned(), receipt_json(receipt));
    }

    /// The names of its files.
    pub(in crate::adapters) fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The digest of a file.
    pub(in crate::adapters) fn digest(&self, name: &str) -> Option<Digest> {
        Digest::parse(self.files.get(name)?.get("sha256")?.as_str()?)
    }

    pub(super) fn receipt(&self, effect: &str) -> Option<Values> {
        receipt_of(self.effects.get(effect)?.as_object()?)
    }
}
