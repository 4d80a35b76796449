//! A folder that is published by something else: a web server, a sync.

use std::path::{Path, PathBuf};

use super::store::{Store, Stored, Task};
use crate::adapters::durable;
use crate::adapters::sources::{SourceError, read_file_within};
use crate::adapters::web::LONGEST;
use crate::domain::text::VisibleText;
use crate::engine::chain::Digest;
use crate::engine::place::PlaceError;

/// The largest file, in bytes, that is read.
const LIMIT: u64 = LONGEST as u64;

/// A folder.
pub(super) struct Folder {
    /// As it is declared.
    place: String,
    path: PathBuf,
}

impl Folder {
    pub(super) fn new(place: &str, path: PathBuf) -> Self {
        Self { place: place.to_owned(), path }
    }

    /// Of a file or folder within it.
    fn trouble(&self, path: &Path, error: &dyn std::fmt::Display) -> PlaceError {
        let within = path.strip_prefix(&self.path).unwrap_or(path).display();
        let why = VisibleText::from_text(&format!("{within}: {error}"));
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
            let why = VisibleText::from_text("there is no such folder");
            return Err(PlaceError::Absent { place: self.place.clone(), why });
        }
        let path = self.path.join(path);
        match read_file_within(&path, LIMIT) {
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
                    Ok(read_file_within(&path, LIMIT).is_ok_and(|there| there == old.bytes))
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
