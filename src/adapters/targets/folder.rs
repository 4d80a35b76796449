//! A folder that is published by something else: a web server, a sync.

use std::path::{Path, PathBuf};

use super::store::{Store, Stored, Task};
use crate::adapters::durable;
use crate::adapters::sources::{SourceError, read_file};
use crate::domain::text::VisibleText;
use crate::engine::chain::Digest;
use crate::engine::place::PlaceError;

/// A folder.
pub(super) struct Folder {
    place: String,
    path: PathBuf,
}

impl Folder {
    pub(super) fn new(place: &str, path: PathBuf) -> Self {
        Self { place: place.to_owned(), path }
    }

    fn trouble(&self, path: &Path, error: &dyn std::fmt::Display) -> PlaceError {
        let why = VisibleText::from_text(&format!("{}: {error}", path.display()));
        PlaceError::Unreachable { place: self.place.clone(), why }
    }

    fn make_folders(&self, file: &Path) -> Result<(), PlaceError> {
        let folders: Vec<_> =
            file.ancestors().skip(1).take_while(|one| *one != self.path).collect();
        for folder in folders.into_iter().rev() {
            match std::fs::symlink_metadata(folder) {
                Ok(there) if there.is_dir() => {}
                Ok(_) => return Err(self.trouble(folder, &"it is a link or no folder")),
                Err(_) => durable::make_public_folder(folder)
                    .map_err(|error| self.trouble(folder, &error))?,
            }
        }
        Ok(())
    }
}

impl Store for Folder {
    fn is_guarded(&self) -> bool {
        false
    }

    fn get(&self, path: &str) -> Result<Option<Stored>, PlaceError> {
        if !self.path.is_dir() {
            return Err(self.trouble(&self.path, &"there is no such folder"));
        }
        let path = self.path.join(path);
        match read_file(&path) {
            Ok(bytes) => {
                let tag = Digest::of(&bytes).hex();
                Ok(Some(Stored { bytes, tag }))
            }
            Err(SourceError::Missing) => Ok(None),
            Err(error) => Err(self.trouble(&path, &error)),
        }
    }

    fn write(&self, task: &Task<'_>) -> Result<Vec<String>, PlaceError> {
        let mut written = Vec::new();
        for change in &task.changes {
            let path = self.path.join(&change.file.path);
            self.make_folders(&path)?;
            let bytes = &change.file.bytes;
            // What users read keeps its permissions, and is written over only
            // as it was looked at.
            let is_written = match &change.old {
                None => durable::write_new(&path, bytes).map(|()| true),
                Some(old) => durable::replace_if(&path, bytes, || {
                    Ok(read_file(&path).is_ok_and(|there| there == old.bytes))
                }),
            };
            match is_written {
                Ok(true) => written.push(change.file.path.clone()),
                Ok(false) => return Err(PlaceError::Changed { place: self.place.clone() }),
                Err(error) => return Err(self.trouble(&path, &error)),
            }
        }
        Ok(written)
    }
}
