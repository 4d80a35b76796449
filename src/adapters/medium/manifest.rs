//! The digests of a set of files, and the receipts of the effects that made
//! them.

use std::path::Path;

use serde_json::{Map, Value as Json, json};

use super::{MediumError, put_file, read, receipt_json, receipt_of, visible};
use crate::engine::chain::{self, Digest};
use crate::engine::effect::Values;

/// Its name in the folder of the set.
pub(super) const FILE: &str = "manifest.json";

/// The same, before it has its place.
pub(super) const FILE_BESIDE: &str = ".manifest.json.new";

/// What stands in `manifest.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::adapters) struct Manifest {
    files: Map<String, Json>,
    effects: Map<String, Json>,
    /// What it will be once the effect of that name has renewed its files.
    renewal: Option<(String, Box<Self>)>,
}

impl Manifest {
    pub(super) fn read(folder: &Path) -> Result<Option<Self>, MediumError> {
        let path = folder.join(FILE);
        // Not every file system takes the old one away and puts the new one
        // into its place at once.
        let there = read(&path)?;
        let Some(bytes) = there.map_or_else(|| read(&folder.join(FILE_BESIDE)), |b| Ok(Some(b)))?
        else {
            return Ok(None);
        };
        let wrong = || MediumError::Odd(visible(&path), "it is no list of digests");
        let object =
            chain::read(bytes.strip_suffix(b"\n").unwrap_or(&bytes)).map_err(|_| wrong())?;
        let manifest = Self::of(&object).ok_or_else(wrong)?;
        // Media change bytes, and here nothing else would tell.
        let digest = object.get("digest").and_then(Json::as_str).and_then(Digest::parse);
        if digest != Some(manifest.own_digest()) {
            return Err(MediumError::Changed(visible(&path)));
        }
        Ok(Some(manifest))
    }

    fn of(object: &Map<String, Json>) -> Option<Self> {
        let part = |name: &str| object.get(name).and_then(Json::as_object);
        let renewal = match part("renewal") {
            Some(renewal) => {
                let effect = renewal.get("effect")?.as_str()?.to_owned();
                Some((effect, Box::new(Self::of(renewal)?)))
            }
            None => None,
        };
        Some(Self { files: part("files")?.clone(), effects: part("effects")?.clone(), renewal })
    }

    fn json(&self) -> Map<String, Json> {
        let mut object = Map::new();
        object.insert("effects".to_owned(), self.effects.clone().into());
        object.insert("files".to_owned(), self.files.clone().into());
        if let Some((effect, to_come)) = &self.renewal {
            let mut renewal = to_come.json();
            renewal.insert("effect".to_owned(), effect.as_str().into());
            object.insert("renewal".to_owned(), renewal.into());
        }
        object
    }

    pub(super) fn write(&self, folder: &Path) -> Result<(), MediumError> {
        let mut document = self.json();
        document.insert("digest".to_owned(), self.own_digest().to_string().into());
        document.insert("schema".to_owned(), "keyrite.medium/1".into());
        let text = chain::canonical(&document) + "\n";
        put_file(&folder.join(FILE), text.as_bytes())
    }

    /// Of everything in it but itself.
    fn own_digest(&self) -> Digest {
        Digest::of_kind("keyrite.medium/1", chain::canonical(&self.json()).as_bytes())
    }

    pub(super) fn add(&mut self, name: &str, bytes: &[u8]) {
        let entry = json!({ "sha256": Digest::of(bytes).hex(), "size": bytes.len() });
        self.files.insert(name.to_owned(), entry);
    }

    pub(super) fn record(&mut self, effect: &str, receipt: &Values) {
        self.effects.insert(effect.to_owned(), receipt_json(receipt));
    }

    /// The same list, and what it will be after that effect.
    pub(super) fn with_renewal(self, effect: &str, to_come: Self) -> Self {
        Self { renewal: Some((effect.to_owned(), Box::new(to_come))), ..self }
    }

    /// A renewal that was begun: its effect, and what the list will be.
    pub(super) fn renewal(&self) -> Option<(&str, &Self)> {
        self.renewal.as_ref().map(|(effect, to_come)| (effect.as_str(), &**to_come))
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
