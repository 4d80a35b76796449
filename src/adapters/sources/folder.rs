//! What is in a folder, and what kind of folder it is.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::{Input, MAX_DEPTH, MAX_FILES, Role, Source, SourceError, describe, visible};
use crate::domain::inventory::PassedOver;
use crate::domain::text::VisibleText;

/// What is behind an input.
#[derive(Default)]
pub struct Resolved {
    /// What is to be read.
    pub sources: Vec<Source>,
    /// What cannot be read.
    pub errors: Vec<(VisibleText, SourceError)>,
    /// What is not read because it is no key material.
    pub passed_over: Vec<PassedOver>,
}

/// Looks what is behind `input`.
#[must_use]
pub fn resolve(input: &Input) -> Resolved {
    let named = |name| Source::new(VisibleText::from_text(name), input.clone());
    let mut resolved = Resolved::default();
    match input {
        Input::Stdin => resolved.sources.push(named("standard input")),
        Input::Embedded { name, .. } => resolved.sources.push(named(name)),
        Input::Path(path) => {
            if let Err(error) = resolved.path(path) {
                resolved.errors.push((visible(path), error));
            }
        }
    }
    resolved
}

impl Resolved {
    fn path(&mut self, path: &Path) -> Result<(), SourceError> {
        let metadata = path.metadata().map_err(SourceError::of)?;
        match metadata.file_type() {
            kind if kind.is_dir() => self.folder(path),
            kind if kind.is_file() => {
                self.sources.push(Source::file(path.to_owned()));
                Ok(())
            }
            kind => Err(SourceError::NotAFile(describe(kind))),
        }
    }

    fn folder(&mut self, path: &Path) -> Result<(), SourceError> {
        if is_gnupg_home(path) {
            return self.gnupg_home(path);
        }
        if is_cert_d(path) {
            return self.cert_d(path);
        }
        self.files_below(path, 0)?;
        if self.sources.is_empty() && self.errors.is_empty() {
            return Err(SourceError::EmptyFolder(self.passed_over.len()));
        }
        Ok(())
    }

    fn pass_over(&mut self, path: &Path, reason: &str) {
        self.passed_over.push(PassedOver { source: visible(path), reason: reason.to_owned() });
    }

    fn gnupg_home(&mut self, path: &Path) -> Result<(), SourceError> {
        let rings: Vec<_> = ["pubring.kbx", "pubring.gpg"]
            .into_iter()
            .map(|name| path.join(name))
            .filter(|ring| ring.is_file())
            .collect();
        if uses_keyboxd(path) {
            self.errors.push((visible(path), SourceError::Keyboxd(visible(path))));
        } else if rings.is_empty() {
            return Err(SourceError::EmptyHome);
        }
        self.sources.extend(rings.iter().cloned().map(Source::file));
        for entry in entries(path)? {
            let (name, path) = (entry.file_name(), entry.path());
            match name.to_str().and_then(part_of_home) {
                _ if rings.contains(&path) => {}
                Some(reason) => self.pass_over(&path, reason),
                None => self.entry(&entry, 0)?,
            }
        }
        Ok(())
    }

    fn cert_d(&mut self, path: &Path) -> Result<(), SourceError> {
        let wrap = |error: openpgp_cert_d::Error| {
            SourceError::CertD(VisibleText::from_text(&error.to_string()))
        };
        let store = openpgp_cert_d::CertD::with_base_dir(path).map_err(wrap)?;
        let mut files = Vec::new();
        for fingerprint in store.fingerprints() {
            match fingerprint.and_then(|name| store.get_path(&name)) {
                Ok(file) => files.push(file),
                Err(error) => self.errors.push((visible(path), wrap(error))),
            }
        }
        files.sort();
        let known: HashSet<_> = files.iter().cloned().collect();
        self.sources.extend(files.into_iter().map(Source::file));
        // What else is there is read like anything in a folder.
        for entry in entries(path)? {
            let inner = match entry.file_type() {
                Ok(kind) if kind.is_dir() && is_two_digits(&entry) => entries(&entry.path())?,
                _ if entry.file_name() == "trust-root" => {
                    self.pass_over(&entry.path(), "the directory's own trust root");
                    continue;
                }
                _ => vec![entry],
            };
            for entry in inner {
                if !known.contains(&entry.path()) {
                    self.entry(&entry, 1)?;
                }
            }
        }
        Ok(())
    }

    fn files_below(&mut self, path: &Path, depth: usize) -> Result<(), SourceError> {
        for entry in entries(path)? {
            self.entry(&entry, depth)?;
        }
        Ok(())
    }

    fn entry(&mut self, entry: &std::fs::DirEntry, depth: usize) -> Result<(), SourceError> {
        let path = entry.path();
        let kind = entry.file_type().map_err(SourceError::of)?;
        // A link to a file is followed, a link to a folder is not: no loops.
        let target = if kind.is_symlink() {
            path.metadata().ok().map(|metadata| metadata.file_type())
        } else {
            Some(kind)
        };
        match target {
            _ if self.sources.len() + self.passed_over.len() >= MAX_FILES => {
                return Err(SourceError::TooManyFiles);
            }
            _ if entry.file_name().as_encoded_bytes().starts_with(b".") => {
                self.pass_over(&path, "hidden");
            }
            None => self.pass_over(&path, "a link to nothing"),
            Some(target) if target.is_dir() && kind.is_symlink() => {
                self.pass_over(&path, "a link to a folder");
            }
            Some(target) if target.is_dir() && depth >= MAX_DEPTH => {
                self.pass_over(&path, "a folder too deep inside");
            }
            Some(target) if target.is_dir() => {
                if let Err(error) = self.files_below(&path, depth + 1) {
                    self.errors.push((visible(&path), error));
                }
            }
            Some(target) if target.is_file() => self.file(path),
            Some(target) => self.pass_over(&path, describe(target)),
        }
        Ok(())
    }

    fn file(&mut self, path: PathBuf) {
        let role = if is_named_like_keys(&path) { Role::KeyFile } else { Role::Candidate };
        let size = path.metadata().ok().map(|metadata| metadata.len());
        let source = Source { role, ..Source::file(path) };
        match source.looks_like_keys() {
            _ if role == Role::KeyFile => self.sources.push(source),
            Ok(true) => self.sources.push(source),
            Ok(false) => self.passed_over.push(PassedOver {
                source: source.name,
                reason: match size {
                    Some(0) => "empty".to_owned(),
                    _ => "no OpenPGP data at its beginning".to_owned(),
                },
            }),
            Err(error) => self.errors.push((source.name, error)),
        }
    }
}

fn is_named_like_keys(path: &Path) -> bool {
    // Other programs have .key and .pub files too; those are looked into.
    const ENDINGS: [&str; 5] = ["asc", "gpg", "pgp", "kbx", "openpgp"];
    let ending = path.extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase);
    ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}

/// What is in a folder, by name.
fn entries(path: &Path) -> Result<Vec<std::fs::DirEntry>, SourceError> {
    #[expect(clippy::disallowed_methods, reason = "this is where folders are read")]
    let mut entries: Vec<_> =
        std::fs::read_dir(path).and_then(Iterator::collect).map_err(SourceError::of)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    Ok(entries)
}

/// Why a part of a `GnuPG` home is not looked into, if it is one.
fn part_of_home(name: &str) -> Option<&'static str> {
    match name {
        "private-keys-v1.d" => Some("secret keys of gpg-agent; not looked into"),
        "trustdb.gpg" => Some("GnuPG's trust database"),
        "pubring.kbx~" | "pubring.gpg~" => Some("GnuPG's backup of the keyring"),
        _ if Path::new(name).extension() == Some(OsStr::new("lock")) => Some("a lock of GnuPG"),
        _ => None,
    }
}

fn is_two_digits(entry: &std::fs::DirEntry) -> bool {
    let name = entry.file_name();
    let name = name.as_encoded_bytes();
    name.len() == 2 && name.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_gnupg_home(path: &Path) -> bool {
    ["pubring.kbx", "pubring.gpg", "trustdb.gpg", "private-keys-v1.d", "public-keys.d", "gpg.conf"]
        .iter()
        .any(|name| path.join(name).exists())
}

fn uses_keyboxd(path: &Path) -> bool {
    if path.join("public-keys.d").join("pubring.db").exists() {
        return true;
    }
    let common = Source::file(path.join("common.conf")).read().unwrap_or_default();
    String::from_utf8_lossy(&common).lines().any(|line| line.trim() == "use-keyboxd")
}

/// Whether it has the layout of a shared certificate directory: certificates
/// under the first two digits of their fingerprint.
fn is_cert_d(path: &Path) -> bool {
    if path.join("trust-root").exists() {
        return true;
    }
    // The rest of a version 4 or 6 fingerprint.
    let is_rest = |entry: &std::fs::DirEntry| {
        let name = entry.file_name();
        let name = name.as_encoded_bytes();
        matches!(name.len(), 38 | 62) && name.iter().all(u8::is_ascii_hexdigit)
    };
    entries(path)
        .unwrap_or_default()
        .iter()
        .filter(|entry| is_two_digits(entry))
        .any(|folder| entries(&folder.path()).unwrap_or_default().iter().any(is_rest))
}
