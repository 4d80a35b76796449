//! Reading the files of a workspace or of a carry: plain files of known names
//! and bounded sizes, and nothing secret in any of them.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rustix::fs::{Advice, Mode, OFlags};
use rustix::io::Errno;
use zeroize::Zeroizing;

use super::error::{CarryError, visible};
use super::secrets::holds_secret;
use crate::adapters::openpgp::PacketSet;
use crate::domain::text::VisibleText;
use crate::engine::carry::{MAX_FILE, MAX_FILES, MAX_TOTAL, Place};
use crate::engine::chain::Digest;
use crate::engine::journal::{Journal, JournalError};

/// The folders of a workspace that are looked through. In this order: a line of
/// the audit log names one of a journal that was written before it.
const FOLDERS: [&str; 5] = ["audit", "certs", "people", "observed", "runs"];
/// How deep they are nested.
const DEPTH: usize = 3;

/// What of a workspace is carried.
#[derive(Debug, Default)]
pub struct Collected {
    /// Its files by their paths, with `/` between the names.
    pub files: BTreeMap<String, Vec<u8>>,
    /// What stays behind because keyrite does not know it.
    pub left: Vec<VisibleText>,
    total: u64,
}

/// Reads what is carried of a workspace.
pub fn collect(workspace: &Path) -> Result<Collected, CarryError> {
    let mut collected = Collected::default();
    for name in FOLDERS {
        if std::fs::symlink_metadata(workspace.join(name)).is_ok() {
            collected.folder(workspace, name, DEPTH)?;
        }
    }
    collected.file(workspace, "keyrite.toml".to_owned(), &Place::Declared)?;
    for name in entries(workspace)? {
        let is_known = FOLDERS.iter().any(|folder| name.as_deref() == Ok(folder))
            || name.as_deref() == Ok("keyrite.toml");
        let is_hidden = name.as_deref().is_ok_and(|name| name.starts_with('.'));
        if !is_known && !is_hidden {
            collected.left.push(shown(&name));
        }
    }
    Ok(collected)
}

impl Collected {
    fn folder(&mut self, workspace: &Path, path: &str, depth: usize) -> Result<(), CarryError> {
        let folder = workspace.join(path);
        for name in entries(&folder)? {
            let unknown = VisibleText::from_text(&format!("{path}/{}", shown(&name)));
            let Ok(name) = name else {
                self.left.push(unknown);
                continue;
            };
            let path = format!("{path}/{name}");
            let kind = kind(&workspace.join(&path))?;
            match Place::of(&path) {
                Some(place) => self.file(workspace, path, &place)?,
                None if kind.is_dir() && depth > 0 => self.folder(workspace, &path, depth - 1)?,
                // What a write that was cut off has left.
                None if name.starts_with('.') => {}
                None => self.left.push(unknown),
            }
        }
        Ok(())
    }

    fn file(&mut self, root: &Path, path: String, place: &Place) -> Result<(), CarryError> {
        let at = root.join(&path);
        let mut bytes =
            read(&at, MAX_FILE)?.ok_or_else(|| CarryError::Missing(visible(&at)))?.to_vec();
        if place.only_grows() {
            // Somebody may be writing a line now; it is not there yet.
            let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            bytes.truncate(end);
            if bytes.is_empty() {
                self.left.push(VisibleText::from_text(&path));
                return Ok(());
            }
        }
        check(&path, place, &bytes)?;
        self.total += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.files.insert(path, bytes);
        if self.total > MAX_TOTAL || self.files.len() > MAX_FILES {
            return Err(CarryError::TooMuch(visible(root)));
        }
        Ok(())
    }
}

/// Holds a file against what its place says, on both sides.
pub(super) fn check(path: &str, place: &Place, bytes: &[u8]) -> Result<(), CarryError> {
    let shown = || VisibleText::from_text(path);
    if holds_secret(bytes) {
        return Err(CarryError::Secret(shown()));
    }
    match place {
        Place::Certificate(fingerprint) => {
            let set =
                PacketSet::read(bytes).map_err(|error| CarryError::Certificate(shown(), error))?;
            if set.fingerprint().hex() != *fingerprint {
                return Err(CarryError::OtherCertificate(shown()));
            }
        }
        Place::Artifact(digest) if Digest::of(bytes) != *digest => {
            return Err(CarryError::Changed(shown()));
        }
        Place::Journal(run) => match Journal::read(run, bytes) {
            Ok(found) if found.torn.is_none() => {}
            // A later keyrite has written it, and will read it.
            Err(JournalError::Unknown(_)) => {}
            Ok(_) => return Err(CarryError::Torn(shown())),
            Err(error) => return Err(CarryError::Journal(shown(), error)),
        },
        Place::Chain(_) if !bytes.ends_with(b"\n") => return Err(CarryError::Torn(shown())),
        Place::Declared | Place::Chain(_) | Place::Artifact(_) | Place::Kept | Place::Observed => {}
    }
    Ok(())
}

/// A plain file of bounded size; absent where nothing is there. Links, FIFOs,
/// devices and second names are refused. Secrets may come along, so what is
/// read is wiped.
pub(super) fn read(path: &Path, limit: u64) -> Result<Option<Zeroizing<Vec<u8>>>, CarryError> {
    let flags =
        OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::NOFOLLOW;
    let odd = |why| CarryError::Odd(visible(path), why);
    let io = |error: std::io::Error| CarryError::io(path, &error);
    let file = match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(file) => File::from(file),
        Err(Errno::NOENT) => return Ok(None),
        Err(Errno::LOOP) => return Err(odd("it is a link")),
        Err(Errno::NXIO) => return Err(odd("it is no plain file")),
        Err(error) => return Err(io(error.into())),
    };
    let there = file.metadata().map_err(io)?;
    if !there.is_file() || there.nlink() != 1 {
        return Err(odd("it is no plain file"));
    }
    if there.len() > limit {
        return Err(CarryError::TooMuch(visible(path)));
    }
    // From the medium itself, as far as the system lets us ask for that.
    let _ = rustix::fs::fadvise(&file, 0, None, Advice::DontNeed);
    let size = usize::try_from(there.len()).unwrap_or(0);
    let mut bytes = Zeroizing::new(Vec::with_capacity(size + 1));
    file.take(limit + 1).read_to_end(&mut bytes).map_err(io)?;
    // It may grow while it is read.
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
        return Err(CarryError::TooMuch(visible(path)));
    }
    Ok(Some(bytes))
}

/// What a path is, without following a link.
pub(super) fn kind(path: &Path) -> Result<std::fs::FileType, CarryError> {
    let there = std::fs::symlink_metadata(path).map_err(|error| CarryError::io(path, &error))?;
    Ok(there.file_type())
}

/// The names in a folder, in their order, where they are text, and else what
/// stands for them. A link instead of the folder is refused.
pub(super) fn entries(folder: &Path) -> Result<Vec<Result<String, VisibleText>>, CarryError> {
    if !kind(folder)?.is_dir() {
        return Err(CarryError::Odd(visible(folder), "it is a link or no folder"));
    }
    let io = |error: std::io::Error| CarryError::io(folder, &error);
    let mut names = Vec::new();
    #[expect(clippy::disallowed_methods, reason = "what is carried is looked up here, bounded")]
    for entry in std::fs::read_dir(folder).map_err(io)? {
        if names.len() == MAX_FILES {
            return Err(CarryError::TooMuch(visible(folder)));
        }
        let name = entry.map_err(io)?.file_name();
        names.push(
            name.into_string().map_err(|name| VisibleText::from_bytes(name.as_encoded_bytes())),
        );
    }
    names.sort();
    Ok(names)
}

fn shown(name: &Result<String, VisibleText>) -> VisibleText {
    match name {
        Ok(name) => VisibleText::from_text(name),
        Err(shown) => shown.clone(),
    }
}
