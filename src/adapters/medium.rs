//! A medium: a removable device, or a folder that stands for one, under a
//! random name. Sets of files are written to it whole or not at all, with
//! their digests; and it is read with suspicion.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use serde_json::{Map, Value as Json, json};

use super::durable;
use super::sources::read_file;
use crate::domain::text::VisibleText;
use crate::engine::chain::{self, Digest};
use crate::engine::effect::{Value, Values, json_of};

mod manifest;
mod renewal;
mod trouble;

pub(super) use manifest::Manifest;
pub(super) use trouble::MediumError;

/// The one folder of ours on a medium.
pub(super) const FOLDER: &str = "keyrite";
/// The name of a medium.
const NAME: &str = "medium.json";
/// What a file of ours may hold, in bytes.
const MAX_BYTES: u64 = 4 * 1024 * 1024;
/// What file systems and desktops leave behind.
const HARMLESS: [&str; 4] =
    ["lost+found", "System Volume Information", ".fseventsd", ".Spotlight-V100"];
/// Entries that are looked at in one folder.
const MAX_ENTRIES: usize = 1_000;

/// A medium that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Medium {
    path: PathBuf,
    /// Its random name: 32 hexadecimal digits.
    pub(super) id: String,
    /// What it is for.
    pub(super) holds: String,
    /// The device that it is on, as the system numbers it.
    pub(super) device: String,
}

impl Medium {
    /// The medium at `path`, under the name it has, if it has one.
    pub(super) fn at(path: &Path) -> Result<Option<Self>, MediumError> {
        let device = device(path)?;
        let name = path.join(FOLDER).join(NAME);
        let Some(bytes) = read(&name)? else { return Ok(None) };
        let wrong = || MediumError::Odd(visible(&name), "it is no name of a medium");
        let object =
            chain::read(bytes.strip_suffix(b"\n").unwrap_or(&bytes)).map_err(|_| wrong())?;
        let text = |key: &str| object.get(key).and_then(Json::as_str).map(str::to_owned);
        let id =
            text("id").filter(|id| id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()));
        Ok(Some(Self {
            path: path.to_owned(),
            id: id.ok_or_else(wrong)?,
            holds: text("holds").ok_or_else(wrong)?,
            device,
        }))
    }

    /// The medium of that name, at `path`.
    pub(super) fn open(path: &Path, id: &str) -> Result<Self, MediumError> {
        match Self::at(path)? {
            Some(medium) if medium.id == id => Ok(medium),
            Some(_) => Err(MediumError::Other(visible(path))),
            None => Err(MediumError::Unnamed(visible(path))),
        }
    }

    /// Gives a medium its name.
    pub(super) fn name(path: &Path, id: &str, holds: &str) -> Result<Self, MediumError> {
        let folder = path.join(FOLDER);
        durable::make_folder(&folder).map_err(|e| MediumError::io(&folder, &e))?;
        let name = json!({ "holds": holds, "id": id, "schema": "keyrite.medium-name/1" });
        let name = name.as_object().map(chain::canonical).unwrap_or_default() + "\n";
        let path_of_name = folder.join(NAME);
        durable::write_new(&path_of_name, name.as_bytes())
            .map_err(|error| MediumError::io(&path_of_name, &error))?;
        Self::open(path, id)
    }

    /// Whether a set of files is there.
    pub(super) fn has(&self, set: &str) -> bool {
        std::fs::symlink_metadata(self.folder(set)).is_ok()
    }

    /// The digests of a set of files; absent where it is not there.
    pub(super) fn manifest(&self, set: &str) -> Result<Option<Manifest>, MediumError> {
        Manifest::read(&self.folder(set))
    }

    /// A file of a set, held against its digest.
    pub(super) fn file(&self, set: &str, name: &str) -> Result<Vec<u8>, MediumError> {
        let path = self.folder(set).join(name);
        let manifest = self.manifest(set)?;
        if let Some(bytes) = self.renewed(set, manifest.as_ref(), name)? {
            return Ok(bytes);
        }
        let wanted = manifest.as_ref().and_then(|manifest| manifest.digest(name));
        let bytes = read(&path)?.ok_or_else(|| MediumError::Missing(visible(&path)))?;
        match wanted {
            Some(digest) if digest == Digest::of(&bytes) => Ok(bytes),
            Some(_) => Err(MediumError::Changed(visible(&path))),
            None => Err(MediumError::Odd(visible(&path), "its digest was never written down")),
        }
    }

    /// Writes files of a set, with their digests and the receipt of the effect
    /// that made them. A set that is new appears whole; one that is there is
    /// renewed whole.
    pub(super) fn put(
        &self,
        set: &str,
        files: &[(&str, &[u8])],
        effect: &str,
        receipt: &Values,
    ) -> Result<(), MediumError> {
        let folder = self.folder(set);
        self.finish(set)?;
        let before = self.manifest(set)?.unwrap_or_default();
        let mut manifest = before.clone();
        for (name, bytes) in files {
            manifest.add(name, bytes);
        }
        manifest.record(effect, receipt);
        let making = self.making(effect);
        durable::make_folder(&making).map_err(|error| MediumError::io(&making, &error))?;
        for (name, bytes) in files {
            put_file(&making.join(name), bytes)?;
        }
        if self.has(set) {
            before.with_renewal(effect, manifest).write(&folder)?;
            return self.finish(set);
        }
        manifest.write(&making)?;
        durable::move_folder(&making, &folder).map_err(|error| MediumError::io(&folder, &error))
    }

    /// The receipt of an effect that was done to a set.
    pub(super) fn receipt(&self, set: &str, effect: &str) -> Result<Option<Values>, MediumError> {
        Ok(self.manifest(set)?.and_then(|manifest| manifest.receipt(effect)))
    }

    /// Removes what an effect left behind that was cut off.
    pub(super) fn clear(&self, effect: &str) -> Result<(), MediumError> {
        let making = self.making(effect);
        durable::remove_folder(&making).map_err(|error| MediumError::io(&making, &error))
    }

    /// The sets whose receipts name that effect.
    pub(super) fn sets(&self) -> Result<Vec<String>, MediumError> {
        let entries = entries(&self.path.join(FOLDER))?;
        let is_set = |name: &String| !name.starts_with('.') && name != NAME;
        Ok(entries.into_iter().filter(is_set).collect())
    }

    /// Compares every file of a set with its digest; returns their names.
    pub(super) fn read_back(&self, set: &str) -> Result<Vec<String>, MediumError> {
        let folder = self.folder(set);
        let manifest = self.manifest(set)?.ok_or_else(|| MediumError::Missing(visible(&folder)))?;
        let renewal = manifest.renewal().map(|(_, to_come)| to_come);
        let is_renewed = renewal.is_some();
        let manifest = renewal.unwrap_or(&manifest);
        let mut names: Vec<_> = manifest.names().map(str::to_owned).collect();
        for name in &names {
            self.file(set, name)?;
        }
        for name in entries(&folder)? {
            let is_half = is_renewed && names.iter().any(|n| name == format!(".{n}.new"));
            let is_list = name == manifest::FILE || name == manifest::FILE_BESIDE;
            if !is_list && !is_half && !names.contains(&name) {
                let path = folder.join(name);
                return Err(MediumError::Odd(visible(&path), "nobody wrote down that it is there"));
            }
        }
        names.sort();
        Ok(names)
    }

    /// The folder of a set.
    pub(super) fn folder(&self, set: &str) -> PathBuf {
        self.path.join(FOLDER).join(set)
    }

    fn making(&self, effect: &str) -> PathBuf {
        self.path.join(FOLDER).join(format!(".making-{effect}"))
    }
}

/// What lies on a medium beside what belongs there.
pub(super) fn strangers(path: &Path) -> Result<Vec<VisibleText>, MediumError> {
    let is_strange = |name: &String| {
        name != FOLDER && !HARMLESS.contains(&name.as_str()) && !name.starts_with(".Trash-")
    };
    let names = entries(path)?;
    Ok(names.iter().filter(|n| is_strange(n)).map(|n| VisibleText::from_text(n)).collect())
}

/// Looks through our folder for anything that is no plain file or folder.
pub(super) fn inspect(path: &Path) -> Result<(), MediumError> {
    let ours = path.join(FOLDER);
    if std::fs::symlink_metadata(&ours).is_err() {
        return Ok(());
    }
    is_folder(&ours)?;
    for name in entries(&ours)? {
        let entry = ours.join(&name);
        let kind = std::fs::symlink_metadata(&entry).map_err(|e| MediumError::io(&entry, &e))?;
        if kind.is_file() {
            continue;
        }
        is_folder(&entry)?;
        for name in entries(&entry)? {
            let file = entry.join(name);
            let kind = std::fs::symlink_metadata(&file).map_err(|e| MediumError::io(&file, &e))?;
            if !kind.is_file() || kind.nlink() != 1 {
                return Err(MediumError::Odd(visible(&file), "it is no plain file"));
            }
        }
    }
    Ok(())
}

/// Whether something is mounted there: it is on another device than the
/// folder that it is in.
pub(super) fn is_mounted(path: &Path) -> bool {
    let device = |path: &Path| std::fs::symlink_metadata(path).ok().map(|meta| meta.dev());
    let parent = path.parent().and_then(device);
    parent.is_some() && device(path) != parent
}

/// Where a medium with a primary key is mounted, if one is.
pub(super) fn mounted_root() -> Option<VisibleText> {
    let mounts = crate::adapters::sources::read_file(Path::new("/proc/self/mounts")).ok()?;
    let mounts = String::from_utf8_lossy(&mounts).into_owned();
    let places = mounts.lines().filter_map(|line| line.split(' ').nth(1));
    // Blanks and the like are written in octal there.
    let plain = |place: &str| place.replace("\\040", " ").replace("\\011", "\t");
    let holds_root = |place: &String| {
        Medium::at(Path::new(place)).ok().flatten().is_some_and(|medium| medium.holds == "root")
    };
    places.map(plain).find(holds_root).map(|place| VisibleText::from_text(&place))
}

/// Whether there is room for what a ceremony writes: some files of a few KiB,
/// and as much again while they are renewed.
pub(super) fn has_room(path: &Path) -> bool {
    const ROOM: u64 = 1024 * 1024;
    rustix::fs::statvfs(path)
        .is_ok_and(|there| there.f_bavail.saturating_mul(there.f_frsize) >= ROOM)
}

/// The device of a folder.
fn device(path: &Path) -> Result<String, MediumError> {
    is_folder(path)?;
    let there = std::fs::symlink_metadata(path).map_err(|error| MediumError::io(path, &error))?;
    let device = there.dev();
    let number = format!("{}:{}", rustix::fs::major(device), rustix::fs::minor(device));
    Ok(disk_of(&number).unwrap_or(number))
}

/// The disk that a partition is on: two partitions of one stick are one device.
fn disk_of(number: &str) -> Option<String> {
    let partition = std::fs::canonicalize(Path::new("/sys/dev/block").join(number)).ok()?;
    if !partition.join("partition").exists() {
        return None;
    }
    let disk = read_file(&partition.parent()?.join("dev")).ok()?;
    Some(String::from_utf8(disk).ok()?.trim().to_owned())
}

fn is_folder(path: &Path) -> Result<(), MediumError> {
    match std::fs::symlink_metadata(path) {
        Ok(there) if there.is_dir() => Ok(()),
        Ok(_) => Err(MediumError::Odd(visible(path), "it is no folder")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(MediumError::Missing(visible(path)))
        }
        Err(error) => Err(MediumError::io(path, &error)),
    }
}

fn put_file(path: &Path, bytes: &[u8]) -> Result<(), MediumError> {
    durable::write(path, bytes).map_err(|error| MediumError::io(path, &error))
}

/// A file of ours; absent where it is not there. Links, other things than
/// files, second names and files that are too large are refused.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, MediumError> {
    let flags =
        OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::NOFOLLOW;
    let file = match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(file) => File::from(file),
        Err(rustix::io::Errno::NOENT) => return Ok(None),
        Err(rustix::io::Errno::LOOP) => {
            return Err(MediumError::Odd(visible(path), "it is a link"));
        }
        Err(error) => return Err(MediumError::io(path, &error.into())),
    };
    let there = file.metadata().map_err(|error| MediumError::io(path, &error))?;
    if !there.is_file() || there.nlink() != 1 {
        return Err(MediumError::Odd(visible(path), "it is no plain file"));
    }
    read_whole(file, there.len(), path).map(Some)
}

/// A file that was said to have that length; never more than a file may hold.
fn read_whole(file: impl Read, said: u64, path: &Path) -> Result<Vec<u8>, MediumError> {
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| MediumError::io(path, &error))?;
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let odd = |what| Err(MediumError::Odd(visible(path), what));
    match () {
        () if length > MAX_BYTES => odd("it is larger than 4 MiB, and no file of keyrite's is"),
        () if length != said => odd("it grows or shrinks while it is read"),
        () => Ok(bytes),
    }
}

fn entries(folder: &Path) -> Result<Vec<String>, MediumError> {
    let error = |error: std::io::Error| MediumError::io(folder, &error);
    let mut names = Vec::new();
    #[expect(clippy::disallowed_methods, reason = "media are looked through here only")]
    for entry in std::fs::read_dir(folder).map_err(error)? {
        if names.len() == MAX_ENTRIES {
            return Err(MediumError::Odd(
                visible(folder),
                "there are more than a thousand entries",
            ));
        }
        let name = entry.map_err(error)?.file_name();
        let path = folder.join(&name);
        let name = name
            .into_string()
            .map_err(|_| MediumError::Odd(visible(&path), "its name is no text"))?;
        names.push(name);
    }
    names.sort();
    Ok(names)
}

fn visible(path: &Path) -> VisibleText {
    VisibleText::from_bytes(path.as_os_str().as_encoded_bytes())
}

/// Values of a receipt as they stand in a manifest.
fn receipt_of(json: &Map<String, Json>) -> Option<Values> {
    let values = json.iter().map(|(name, value)| Some((name.clone(), Value::of_json(value)?)));
    values.collect()
}

fn receipt_json(receipt: &Values) -> Json {
    Json::Object(json_of(receipt))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_changes_while_it_is_read_is_refused_and_the_reading_ends() {
        let path = Path::new("/media/TEST/keyrite/x/root.pgp");
        let said = |file: &mut dyn Read, length: u64| {
            read_whole(file, length, path).map_err(|error| error.to_string())
        };
        assert_eq!(said(&mut &b"TEST"[..], 4), Ok(b"TEST".to_vec()));
        // It grew, it shrank, and it grows for as long as somebody reads.
        for length in [3, 5] {
            let why = said(&mut &b"TEST"[..], length).unwrap_err();
            assert!(why.contains("root.pgp: it grows or shrinks while it is read"), "{why}");
        }
        let why = said(&mut std::io::repeat(7), 4).unwrap_err();
        assert!(why.contains("larger than 4 MiB"), "{why}");
    }
}
