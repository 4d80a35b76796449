//! A folder, or a medium, that holds a subkey's secret for a consumer on the
//! same machine.
//!
//! Each version has a folder of its own under `versions/`; `current` and
//! `previous` are links to one of them, so that what the consumer reads
//! changes in one step.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::files::{is_name, trouble};
use crate::adapters::durable;
use crate::adapters::medium;
use crate::domain::custody::Stage;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;
use crate::engine::chain::Digest;
use crate::engine::place::PlaceError;
use crate::engine::slot::{
    Abilities, Found, Observation, Promote, Promotion, Put, ReadBack, Seen, Slot, SlotValue,
};

const VERSIONS: &str = "versions";
const CURRENT: &str = "current";
const PREVIOUS: &str = "previous";
/// What `current` is called while nobody may read it.
const FROZEN: &str = "frozen";
/// What stands beside the value.
const ABOUT: &str = "about.json";
/// The name of a value without one.
const VALUE: &str = "value";
/// More than any subkey with its certificate.
const LIMIT: usize = 1024 * 1024;

/// What is said of a version.
#[derive(Default, Deserialize, Serialize)]
struct About {
    subkey: String,
    written: Option<i64>,
    was_current: bool,
    /// Random, and nowhere else: the record of what was proved here says
    /// nothing about a passphrase to who cannot read it here.
    #[serde(default)]
    salt: String,
}

/// A folder.
pub(super) struct DirectorySlot {
    path: PathBuf,
    place: String,
    now: Timestamp,
}

impl DirectorySlot {
    /// The folder at `path`, which must be there.
    pub(super) fn new(path: PathBuf, place: &str, now: Timestamp) -> Self {
        Self { path, place: place.to_owned(), now }
    }

    fn trouble(&self, error: &std::io::Error) -> PlaceError {
        trouble(&self.place, error)
    }

    fn folder(&self) -> Result<(), PlaceError> {
        let found = std::fs::symlink_metadata(&self.path).map_err(|error| self.trouble(&error))?;
        if found.is_dir() {
            return Ok(());
        }
        let found = VisibleText::from_text("it is no folder");
        Err(PlaceError::OtherPlace { place: self.place.clone(), found })
    }

    fn versions(&self) -> PathBuf {
        self.path.join(VERSIONS)
    }

    /// The version that a link leads to. One that leads elsewhere is not ours,
    /// and what its user gets then is not known.
    fn link(&self, name: &str) -> Result<Option<String>, PlaceError> {
        let path = self.path.join(name);
        if std::fs::symlink_metadata(&path).is_err() {
            return Ok(None);
        }
        let to = std::fs::read_link(&path).ok();
        let version = to.as_ref().and_then(|to| to.strip_prefix(VERSIONS).ok()?.to_str());
        let is_plain = |version: &&str| {
            is_name(version)
                && to.as_ref().is_some_and(|to| to == &Path::new(VERSIONS).join(version))
        };
        let version = version.filter(is_plain).map(str::to_owned);
        version.map(Some).ok_or_else(|| PlaceError::OtherPlace {
            place: self.place.clone(),
            found: VisibleText::from_text(&format!("'{name}' is no link to one of its versions")),
        })
    }

    /// Lets a link lead to a version, in one step.
    fn point(&self, name: &str, version: &str) -> Result<(), PlaceError> {
        let making = self.path.join(format!(".{name}-{version}"));
        let link = || {
            durable::remove_file(&making)?;
            std::os::unix::fs::symlink(Path::new(VERSIONS).join(version), &making)?;
            durable::move_file(&making, &self.path.join(name))
        };
        link().map_err(|error| self.trouble(&error))
    }

    fn names(&self) -> Result<Vec<String>, PlaceError> {
        let kind = std::fs::symlink_metadata(self.versions()).map(|found| found.is_dir());
        if matches!(kind, Ok(false)) {
            let found = VisibleText::from_text("'versions' is no folder");
            return Err(PlaceError::OtherPlace { place: self.place.clone(), found });
        }
        #[expect(clippy::disallowed_methods, reason = "the versions of one slot, by their names")]
        let entries = match std::fs::read_dir(self.versions()) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(|error| self.trouble(&error))?,
        };
        let name = |entry: std::fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        let mut names: Vec<_> = entries.flatten().map(name).collect();
        names.sort();
        Ok(names)
    }

    /// What can be a version, by its name.
    fn versions_named(&self) -> Result<Vec<String>, PlaceError> {
        Ok(self.names()?.into_iter().filter(|name| is_name(name)).collect())
    }

    fn read(&self, version: &str, name: &str) -> Result<Option<Vec<u8>>, PlaceError> {
        let path = self.versions().join(version).join(name);
        medium::read(&path).map_err(|error| PlaceError::Unreachable {
            place: self.place.clone(),
            why: VisibleText::from_text(&error.to_string()),
        })
    }

    /// What is said of a version, or why that cannot be told.
    fn about(&self, version: &str) -> Result<About, String> {
        let path = self.versions().join(version);
        if !std::fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir()) {
            return Err("is no folder".to_owned());
        }
        let about = medium::read(&path.join(ABOUT));
        let about = about.map_err(|error| format!("has no {ABOUT} that can be read: {error}"))?;
        let about = about.ok_or_else(|| format!("has no {ABOUT}"))?;
        serde_json::from_slice(&about)
            .map_err(|_| format!("has an {ABOUT} that nobody understands"))
    }

    /// A version as it is seen, and what is odd about it.
    fn seen(&self, version: String, is_current: bool, is_previous: bool) -> (Seen, Option<String>) {
        let about = self.about(&version);
        let body = about.as_ref().ok().and_then(|about| self.body(&version, &about.salt));
        let (about, odd) = match about {
            Ok(about) => (about, None),
            // It may have been current: nothing is pending that nobody knows.
            Err(why) => (About { was_current: true, ..About::default() }, Some(why)),
        };
        let stage = match (is_current, is_previous) {
            (true, _) => Stage::Current,
            (false, true) => Stage::Previous,
            (false, false) if about.was_current => Stage::Left,
            (false, false) => Stage::Pending,
        };
        let subkey = Fingerprint::from_hex(&about.subkey);
        let written = about.written.map(Timestamp::from_unix);
        let odd = odd.map(|why| {
            VisibleText::from_text(&format!("{VERSIONS}/{version} {why}")).into_string()
        });
        (Seen { version, stage, subkey, written, body }, odd)
    }

    /// A digest of all that a version holds.
    fn body(&self, version: &str, salt: &str) -> Option<String> {
        let value = self.read_back(version).ok().filter(|_| !salt.is_empty())?;
        let mut parts: Vec<_> = value.0.iter().map(|(name, bytes)| (name, bytes)).collect();
        parts.sort_unstable_by_key(|(name, _)| *name);
        let mut all = Zeroizing::new(Vec::with_capacity(2 * LIMIT));
        all.extend_from_slice(salt.as_bytes());
        for (name, bytes) in parts {
            for part in [name.as_bytes(), bytes] {
                all.extend_from_slice(&part.len().to_be_bytes());
                all.extend_from_slice(part);
            }
        }
        Some(Digest::of(&all).to_string())
    }

    fn unknown(&self, version: &str) -> PlaceError {
        PlaceError::Unfit {
            place: self.place.clone(),
            why: format!("it has no version '{}'", VisibleText::from_text(version)),
        }
    }
}

impl Slot for DirectorySlot {
    fn abilities(&self) -> Abilities {
        Abilities {
            observe: true,
            pending: true,
            read_back: ReadBack::Bytes,
            promote: Promote::AtOnce,
            freeze: true,
            retire: true,
        }
    }

    fn limit(&self) -> usize {
        LIMIT
    }

    fn observe(&self) -> Result<Observation, PlaceError> {
        self.folder()?;
        let (frozen, current) = (self.link(FROZEN)?, self.link(CURRENT)?);
        if frozen.is_some() && current.is_some() {
            let found = VisibleText::from_text("it is frozen, and has a current version as well");
            return Err(PlaceError::OtherPlace { place: self.place.clone(), found });
        }
        let (current, previous) = (current.or_else(|| frozen.clone()), self.link(PREVIOUS)?);
        let (mut versions, mut facts) = (Vec::new(), Vec::new());
        for name in self.names()? {
            if !is_name(&name) {
                let name = VisibleText::from_text(&name);
                facts.push(format!("{VERSIONS}/{name} is no version"));
                continue;
            }
            let is_current = current.as_ref() == Some(&name);
            let is_previous = previous.as_ref() == Some(&name);
            let (seen, odd) = self.seen(name, is_current, is_previous);
            versions.push(seen);
            facts.extend(odd);
        }
        let guard = guard(&versions);
        Ok(Observation { versions, facts, guard, is_frozen: frozen.is_some() })
    }

    fn put_pending(&self, put: &Put<'_>) -> Result<String, PlaceError> {
        let seen = self.observe()?;
        if seen.version(put.name).is_some() {
            return Ok(put.name.to_owned());
        }
        if seen.guard != put.guard || seen.is_frozen {
            return Err(PlaceError::Changed { place: self.place.clone() });
        }
        if !is_name(put.name) {
            return Err(self.unknown(put.name));
        }
        let mut salt = [0; 16];
        openssl::rand::rand_bytes(&mut salt)
            .map_err(|error| self.trouble(&std::io::Error::other(error)))?;
        let salt = Digest::of(&salt).hex();
        let making = self.path.join(format!(".making-{}", put.name));
        let write = || {
            durable::make_folder(&self.versions())?;
            durable::remove_folder(&making)?;
            durable::make_folder(&making)?;
            for (name, bytes) in &put.value.0 {
                let name = if name.is_empty() { VALUE } else { name };
                durable::write_new(&making.join(name), bytes)?;
            }
            let about = about(Some(put.subkey), self.now, false, salt.clone());
            durable::write_new(&making.join(ABOUT), about.as_bytes())?;
            durable::move_folder(&making, &self.versions().join(put.name))
        };
        write().map_err(|error| {
            let _ = durable::remove_folder(&making);
            self.trouble(&error)
        })?;
        Ok(put.name.to_owned())
    }

    fn find(&self, name: &str) -> Result<Found, PlaceError> {
        self.folder()?;
        let is_there = self.versions_named()?.iter().any(|version| version == name);
        let making = self.path.join(format!(".making-{name}"));
        durable::remove_folder(&making).map_err(|error| self.trouble(&error))?;
        Ok(if is_there { Found::There(name.to_owned()) } else { Found::Nothing })
    }

    fn read_back(&self, version: &str) -> Result<SlotValue, PlaceError> {
        if !self.versions_named()?.iter().any(|name| name == version) {
            return Err(self.unknown(version));
        }
        #[expect(clippy::disallowed_methods, reason = "the entries of one version, by their names")]
        let entries = std::fs::read_dir(self.versions().join(version));
        let entries = entries.map_err(|error| self.trouble(&error))?;
        let mut value = SlotValue::default();
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name == ABOUT {
                continue;
            }
            let bytes = Zeroizing::new(self.read(version, &name)?.unwrap_or_default());
            let name = if name == VALUE { String::new() } else { name };
            value.0.push((name, bytes));
        }
        Ok(value)
    }

    fn promote(&self, promotion: &Promotion<'_>) -> Result<String, PlaceError> {
        let seen = self.observe()?;
        let version = promotion.version;
        let Some(found) = seen.version(version) else { return Err(self.unknown(version)) };
        if found.stage == Stage::Current {
            return Ok(version.to_owned());
        }
        let previous = self.link(PREVIOUS)?;
        let is_cut = previous.is_some() && previous == self.link(CURRENT)?;
        let is_ours = seen.guard == promotion.guard
            || (is_cut && before_cut(&seen.versions).any(|guard| guard == promotion.guard));
        if seen.is_frozen || !is_ours {
            return Err(PlaceError::Changed { place: self.place.clone() });
        }
        if let Some(current) = seen.at(Stage::Current) {
            // So that it is known afterwards that it is not a pending one.
            let salt = self.about(&current.version).unwrap_or_default().salt;
            let about = about(current.subkey, current.written.unwrap_or(self.now), true, salt);
            let path = self.versions().join(&current.version).join(ABOUT);
            durable::put(&path, about.as_bytes()).map_err(|error| self.trouble(&error))?;
            self.point(PREVIOUS, &current.version)?;
        }
        self.point(CURRENT, version)?;
        Ok(version.to_owned())
    }

    fn freeze(&self, is_frozen: bool) -> Result<(), PlaceError> {
        let (from, to) = if is_frozen { (CURRENT, FROZEN) } else { (FROZEN, CURRENT) };
        if self.link(from)?.is_none() && self.link(to)?.is_some() {
            return Ok(());
        }
        let moved = durable::move_file(&self.path.join(from), &self.path.join(to));
        moved.map_err(|error| self.trouble(&error))
    }

    fn retire(&self, version: &str) -> Result<(), PlaceError> {
        let seen = self.observe()?;
        let Some(found) = seen.version(version) else { return Ok(()) };
        if found.stage == Stage::Current {
            return Err(PlaceError::Unfit {
                place: self.place.clone(),
                why: "this version is current: its user would have none".to_owned(),
            });
        }
        let remove = || {
            if found.stage == Stage::Previous {
                durable::remove_file(&self.path.join(PREVIOUS))?;
            }
            durable::remove_folder(&self.versions().join(version))
        };
        remove().map_err(|error| self.trouble(&error))
    }
}

/// Another one whenever somebody else changes a version or a link.
fn guard(versions: &[Seen]) -> String {
    let told = |seen: &Seen| format!("{}={:?} {:?}", seen.version, seen.stage, seen.body);
    let told: Vec<_> = versions.iter().map(told).collect();
    Digest::of(told.join(",").as_bytes()).to_string()
}

/// What the guards can have been before a promotion was cut off between its
/// two links, so that both lead to what is current: there was no previous
/// version, or it was one of those that are left.
fn before_cut(versions: &[Seen]) -> impl Iterator<Item = String> {
    let left = versions.iter().enumerate().filter(|(_, seen)| seen.stage == Stage::Left);
    let left = left.map(|(index, _)| Some(index)).chain([None]);
    left.map(|previous| {
        let mut versions = versions.to_vec();
        if let Some(seen) = previous.and_then(|index| versions.get_mut(index)) {
            seen.stage = Stage::Previous;
        }
        guard(&versions)
    })
}

fn about(
    subkey: Option<Fingerprint>,
    written: Timestamp,
    was_current: bool,
    salt: String,
) -> String {
    let subkey = subkey.map(|subkey| subkey.hex()).unwrap_or_default();
    let about = About { subkey, written: Some(written.unix()), was_current, salt };
    serde_json::to_string(&about).unwrap_or_default()
}
