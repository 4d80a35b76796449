//! Writing a carry: under another name first, read back from the medium, and
//! only then in the place of an older one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::error::{CarryError, visible};
use super::reading::Carry;
use super::{FILES, FOLDER, MANIFEST, OLD};
use crate::adapters::{durable, medium};
use crate::domain::workspace::Environment;
use crate::engine::carry::Manifest;

/// A carry that is being written.
const NEW: &str = ".keyrite-carry.new";

/// Refuses what is no medium for a carry: where trust is at stake, a folder;
/// and always one that keeps keys.
pub fn refuse_medium(path: &Path, environment: Environment) -> Result<(), CarryError> {
    let there = std::fs::symlink_metadata(path).map_err(|error| CarryError::io(path, &error))?;
    let shown = visible(path);
    let refused = |why| Err(CarryError::Medium(shown.clone(), why));
    if !there.is_dir() {
        return refused("it is a link or no folder: name the place where the medium is mounted");
    }
    let path = std::path::absolute(path).map_err(|error| CarryError::io(path, &error))?;
    let is_real = matches!(environment, Environment::Production | Environment::Staging);
    if is_real && !medium::is_mounted(&path) {
        return refused(
            "nothing is mounted there, and a folder is no medium: mount it, and name that place",
        );
    }
    if std::fs::symlink_metadata(path.join(medium::FOLDER)).is_ok() {
        return refused(
            "this medium keeps keys, and never travels between machines: take another for the \
             workspace",
        );
    }
    Ok(())
}

/// A carry that was written and read back, and is not in its place yet.
#[derive(Debug)]
pub struct Making {
    medium: PathBuf,
}

/// Makes sure, before runs are handed over, that the medium can be written and
/// has room.
pub fn make_room(medium: &Path, files: &BTreeMap<String, Vec<u8>>) -> Result<(), CarryError> {
    /// A file takes whole blocks, and its place in a folder.
    const MORE: u64 = 8 * 1024;
    let root = medium.join(NEW);
    let io = |error: std::io::Error| CarryError::io(&root, &error);
    durable::remove_folder(&root).map_err(io)?;
    durable::make_folder(&root).map_err(io)?;
    durable::remove_folder(&root).map_err(io)?;
    let space = rustix::fs::statvfs(medium).map_err(|error| io(error.into()))?;
    let size = |bytes: &Vec<u8>| u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let wanted = files
        .values()
        .fold(MORE, |all, bytes| all.saturating_add(size(bytes)).saturating_add(MORE));
    if space.f_bavail.saturating_mul(space.f_frsize) < wanted {
        return Err(CarryError::Full(visible(medium), wanted.div_ceil(1024)));
    }
    Ok(())
}

/// Writes a carry beside an older one, and reads all of it back.
pub fn prepare(
    medium: &Path,
    manifest: &Manifest,
    files: &BTreeMap<String, Vec<u8>>,
) -> Result<Making, CarryError> {
    let making = Making { medium: medium.to_owned() };
    let root = making.folder();
    let io = |path: &Path, error: &std::io::Error| CarryError::io(path, error);
    durable::remove_folder(&root).map_err(|error| io(&root, &error))?;
    durable::make_folder(&root).map_err(|error| io(&root, &error))?;
    let result = making.write(manifest, files);
    if result.is_err() {
        // A full medium is left as it was.
        let _ = durable::remove_folder(&root);
    }
    result.map(|()| making)
}

impl Making {
    /// Where it is.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.medium.join(NEW)
    }

    fn write(
        &self,
        manifest: &Manifest,
        files: &BTreeMap<String, Vec<u8>>,
    ) -> Result<(), CarryError> {
        let root = self.folder();
        make(&root.join(FILES))?;
        for (path, bytes) in files {
            put(&make_folders(&root.join(FILES), path)?, bytes)?;
        }
        let list = root.join(MANIFEST);
        put(&list, (manifest.text() + "\n").as_bytes())?;
        let back = Carry::read(&root)?;
        if back.manifest == *manifest { Ok(()) } else { Err(CarryError::Changed(visible(&list))) }
    }

    /// Removes it again.
    pub fn drop_it(self) -> Result<(), CarryError> {
        let root = self.folder();
        durable::remove_folder(&root).map_err(|error| CarryError::io(&root, &error))
    }

    /// Puts it in the place of an older one. Where that cannot be done, the
    /// older one comes back.
    pub fn place(self) -> Result<(), CarryError> {
        let [new, old, place] = [NEW, OLD, FOLDER].map(|name| self.medium.join(name));
        let io = |path: &Path, error: std::io::Error| CarryError::io(path, &error);
        let is_there = || std::fs::symlink_metadata(&place).is_ok();
        if is_there() {
            durable::remove_folder(&old).map_err(|error| io(&old, error))?;
        }
        let swap = || {
            if is_there() {
                durable::move_folder(&place, &old)?;
            }
            durable::move_folder(&new, &place)
        };
        if let Err(error) = swap() {
            if !is_there() {
                let _ = durable::move_folder(&old, &place);
            }
            return Err(io(&place, error));
        }
        durable::remove_folder(&old).map_err(|error| io(&old, error))
    }
}

/// Writes files that are not there below a folder, which is made where it is
/// not there.
pub(super) fn put_all<'a>(
    root: &Path,
    files: impl Iterator<Item = (&'a str, &'a [u8])>,
) -> Result<(), CarryError> {
    make(root)?;
    for (path, bytes) in files {
        put_new(root, path, bytes)?;
    }
    Ok(())
}

/// Writes one; the same bytes may be there already.
pub(super) fn put_new(root: &Path, path: &str, bytes: &[u8]) -> Result<(), CarryError> {
    let at = make_folders(root, path)?;
    match durable::write_new(&at, bytes) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let there = super::files::read(&at, crate::engine::carry::MAX_FILE)?;
            if there.is_some_and(|there| **there == *bytes) {
                return Ok(());
            }
            Err(CarryError::Moved(visible(&at)))
        }
        result => result.map_err(|error| CarryError::io(&at, &error)),
    }
}

/// Makes the folders that a file is in; returns where it is.
fn make_folders(root: &Path, path: &str) -> Result<PathBuf, CarryError> {
    let mut folder = root.to_owned();
    for name in Path::new(path).parent().into_iter().flat_map(Path::iter) {
        folder.push(name);
        make(&folder)?;
    }
    Ok(root.join(path))
}

/// Writes a file on a medium; not every file system of sticks can refuse to
/// replace one, and nobody else writes here.
fn put(path: &Path, bytes: &[u8]) -> Result<(), CarryError> {
    durable::put(path, bytes).map_err(|error| CarryError::io(path, &error))
}

fn make(folder: &Path) -> Result<(), CarryError> {
    durable::make_folder(folder).map_err(|error| CarryError::io(folder, &error))?;
    let is_folder = std::fs::symlink_metadata(folder).is_ok_and(|there| there.is_dir());
    if is_folder { Ok(()) } else { Err(CarryError::Odd(visible(folder), "it is no folder")) }
}
