//! A carry on a medium, read strictly: exactly the listed files, each as it
//! was listed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::error::{CarryError, visible};
use super::files::{check, entries, kind, read};
use super::{FILES, FOLDER, MANIFEST, OLD};
use crate::domain::text::VisibleText;
use crate::engine::carry::{MAX_FILES, Manifest, Place};
use crate::engine::chain::Digest;

/// Bytes of a list at the most.
const MAX_MANIFEST: u64 = 8 * 1024 * 1024;
/// How deep the folders of a workspace are nested.
const DEPTH: usize = 4;

/// A carry that is as it was made.
#[derive(Debug)]
pub struct Carry {
    /// What it lists.
    pub manifest: Manifest,
    /// Its files by their paths.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Carry {
    /// The carry on a medium.
    pub fn on(medium: &Path) -> Result<Self, CarryError> {
        let folder = medium.join(FOLDER);
        match std::fs::symlink_metadata(&folder) {
            Ok(_) => Self::read(&folder),
            Err(_) if std::fs::symlink_metadata(medium.join(OLD)).is_ok() => {
                Err(CarryError::CutOff(visible(medium)))
            }
            Err(_) => Err(CarryError::None(visible(medium))),
        }
    }

    /// The same, in that very folder.
    pub(super) fn read(folder: &Path) -> Result<Self, CarryError> {
        for name in entries(folder)? {
            if !matches!(name.as_deref(), Ok(MANIFEST | FILES)) {
                let name = name.unwrap_or_else(VisibleText::into_string);
                return Err(CarryError::Extra(visible(&folder.join(name))));
            }
        }
        let manifest = Self::list(folder)?;
        let root = folder.join(FILES);
        let mut there = BTreeSet::new();
        names(&root, "", DEPTH, &mut there)?;
        if let Some(extra) = there.iter().find(|path| !manifest.files.contains_key(*path)) {
            return Err(CarryError::Extra(VisibleText::from_text(extra)));
        }
        let mut files = BTreeMap::new();
        for (path, listed) in &manifest.files {
            let shown = || VisibleText::from_text(path);
            let bytes = match read(&root.join(path), listed.size.max(1)) {
                // There is more of it than there was.
                Err(CarryError::TooMuch(_)) => return Err(CarryError::Changed(shown())),
                bytes => bytes?,
            };
            let bytes = bytes.ok_or_else(|| CarryError::Missing(shown()))?;
            if Digest::of(&bytes) != listed.digest {
                return Err(CarryError::Changed(shown()));
            }
            let place = Place::of(path).ok_or_else(|| CarryError::Extra(shown()))?;
            check(path, &place, &bytes)?;
            files.insert(path.clone(), bytes.to_vec());
        }
        Ok(Self { manifest, files })
    }

    /// The list alone.
    fn list(folder: &Path) -> Result<Manifest, CarryError> {
        let path = folder.join(MANIFEST);
        let bytes = read(&path, MAX_MANIFEST)?;
        let bytes = bytes.ok_or_else(|| CarryError::Missing(visible(&path)))?;
        Manifest::parse(&bytes).map_err(|error| CarryError::Manifest(visible(&path), error))
    }
}

/// All files below a folder, which may hold nothing but plain files and
/// folders.
fn names(
    folder: &Path,
    before: &str,
    depth: usize,
    found: &mut BTreeSet<String>,
) -> Result<(), CarryError> {
    for name in entries(folder)? {
        let name = match name {
            Ok(name) => name,
            Err(shown) => return Err(CarryError::Odd(shown, "its name is no text")),
        };
        let (path, at) = (format!("{before}{name}"), folder.join(&name));
        let kind = kind(&at)?;
        if kind.is_dir() && depth > 0 {
            names(&at, &format!("{path}/"), depth - 1, found)?;
        } else if kind.is_file() {
            found.insert(path);
        } else {
            return Err(CarryError::Odd(visible(&at), "it is no plain file"));
        }
        if found.len() > MAX_FILES {
            return Err(CarryError::TooMuch(visible(folder)));
        }
    }
    Ok(())
}
