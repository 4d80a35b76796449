//! Renewing files of a set that is there. The new files are written beside the
//! set; then its list of digests says both what the set was and what it will
//! be, and from there on it is renewed, whatever happens: whoever reads it
//! finds the new files in one of two places, and whoever writes next puts them
//! where they belong. Until then nothing of the set has changed.

use super::manifest::Manifest;
use super::{Medium, MediumError, put_file, read, visible};
use crate::engine::chain::Digest;

impl Medium {
    /// The effect whose renewal of a set was begun, and did not come to its
    /// end.
    pub(in crate::adapters) fn renewing(&self, set: &str) -> Result<Option<String>, MediumError> {
        let manifest = self.manifest(set)?;
        Ok(manifest.and_then(|manifest| manifest.renewal().map(|(effect, _)| effect.to_owned())))
    }

    /// Brings a renewal to its end, if one was begun.
    pub(in crate::adapters) fn finish(&self, set: &str) -> Result<(), MediumError> {
        let folder = self.folder(set);
        let Some(manifest) = self.manifest(set)? else { return Ok(()) };
        let Some((effect, to_come)) = manifest.renewal() else { return Ok(()) };
        let is_new = |name: &&str| to_come.digest(name) != manifest.digest(name);
        for name in to_come.names().filter(is_new) {
            let path = folder.join(name);
            match self.renewed(set, Some(&manifest), name)? {
                Some(bytes) => put_file(&path, &bytes)?,
                None => return Err(MediumError::Changed(visible(&path))),
            }
        }
        to_come.write(&folder)?;
        self.clear(effect)
    }

    /// A file as a renewal that was begun has it, wherever that is by now.
    pub(super) fn renewed(
        &self,
        set: &str,
        manifest: Option<&Manifest>,
        name: &str,
    ) -> Result<Option<Vec<u8>>, MediumError> {
        let Some(manifest) = manifest else { return Ok(None) };
        let Some((effect, to_come)) = manifest.renewal() else { return Ok(None) };
        let wanted = to_come.digest(name);
        for folder in [self.making(effect), self.folder(set)] {
            let bytes = read(&folder.join(name))?;
            if let Some(bytes) = bytes.filter(|bytes| wanted == Some(Digest::of(bytes))) {
                return Ok(Some(bytes));
            }
        }
        Ok(None)
    }
}
