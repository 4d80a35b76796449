//! What a person can point at: files, folders, a shared certificate
//! directory, a `GnuPG` home, standard input.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use zeroize::{Zeroize as _, Zeroizing};

use super::keybox;
use super::openpgp::{self, Rejection};
use crate::domain::inventory::PassedOver;
use crate::domain::text::VisibleText;

/// More than any keyring that people keep; a bound on memory.
const MAX_BYTES: u64 = 256 * 1024 * 1024;
/// Files of one folder that are read.
const MAX_FILES: usize = 20_000;
/// Bytes that are read at once, and at the beginning of a file whose name does
/// not tell what it is.
const CHUNK: usize = 64 * 1024;
/// Folders within folders that are entered.
const MAX_DEPTH: usize = 4;

/// What a person points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A file or folder.
    Path(PathBuf),
    /// Standard input.
    Stdin,
    /// Bytes that are part of the program.
    Embedded {
        /// How it is called.
        name: &'static str,
        /// The bytes.
        bytes: &'static [u8],
    },
}

/// One stream of bytes to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// How it is called on screens and in reports.
    pub name: VisibleText,
    place: Input,
    role: Role,
}

/// Why something is read, which decides what is a defect of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// A person pointed at it.
    Named,
    /// It is in a folder and called as keys are called.
    KeyFile,
    /// It is in a folder and looks as if there were keys in it.
    Candidate,
}

/// Why a source, or a whole input, cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Nothing is there.
    #[error("there is no such file or folder")]
    Missing,
    /// It is a FIFO, socket or device.
    #[error("a {0}, not a file; pipe its content into 'keyrite keys -'")]
    NotAFile(&'static str),
    /// It is too large.
    #[error("larger than {} MiB, which no keyring is; nothing of it was used", MAX_BYTES / (1024 * 1024))]
    TooLarge,
    /// A folder without anything to read.
    #[error("nothing in this folder looks like OpenPGP (passed over: {0})")]
    EmptyFolder(usize),
    /// A folder with too many files.
    #[error("more than {MAX_FILES} files in this folder; the others were not read")]
    TooManyFiles,
    /// A `GnuPG` home without public keys.
    #[error("a GnuPG home without pubring.kbx or pubring.gpg")]
    EmptyHome,
    /// A `GnuPG` home whose keys only `GnuPG` can read.
    #[error(
        "this GnuPG home keeps its keys in the database of keyboxd, which only GnuPG reads; run: gpg --homedir {0} --export | keyrite view -"
    )]
    Keyboxd(VisibleText),
    /// The system does not let us.
    #[error("cannot be read: {0}")]
    Io(std::io::Error),
    /// A shared certificate directory that is not as it should be.
    #[error("not a readable certificate directory: {0}")]
    CertD(VisibleText),
}

impl SourceError {
    fn of(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::NotFound { Self::Missing } else { Self::Io(error) }
    }
}

impl Source {
    fn new(name: VisibleText, place: Input) -> Self {
        Self { name, place, role: Role::Named }
    }

    fn file(path: PathBuf) -> Self {
        Self::new(visible(&path), Input::Path(path))
    }

    /// What is said of content that is no certificate where that is no defect:
    /// a detached signature, or a text, between the keys of a folder.
    #[must_use]
    pub fn passes_over(&self, rejection: &Rejection) -> Option<PassedOver> {
        let passes = match self.role {
            Role::Named => false,
            Role::KeyFile => rejection.is_no_key_material(),
            Role::Candidate => rejection.is_no_key_material() || rejection.is_not_openpgp(),
        };
        passes.then(|| PassedOver { source: self.name.clone(), reason: rejection.to_string() })
    }

    /// Reads all of it, up to the bound.
    pub fn read(&self) -> Result<Vec<u8>, SourceError> {
        match &self.place {
            Input::Embedded { bytes, .. } => Ok(bytes.to_vec()),
            Input::Stdin => read_bounded(std::io::stdin().lock(), 0),
            Input::Path(path) => {
                let file = open(path)?;
                let size = file.metadata().map_err(SourceError::of)?.len();
                if size > MAX_BYTES {
                    return Err(SourceError::TooLarge);
                }
                read_bounded(file, size)
            }
        }
    }
}

/// Secrets may come along, so no buffer is left behind unwiped.
fn read_bounded(stream: impl std::io::Read, expected: u64) -> Result<Vec<u8>, SourceError> {
    let mut stream = stream.take(MAX_BYTES + 1);
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or(0) + 1);
    let mut chunk = Zeroizing::new(vec![0; CHUNK]);
    loop {
        let read = match stream.read(&mut chunk) {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            read => read.map_err(SourceError::of)?,
        };
        if read == 0 {
            break;
        }
        if bytes.capacity() - bytes.len() < read {
            let mut larger = Vec::with_capacity(bytes.capacity() * 2 + CHUNK);
            larger.extend_from_slice(&bytes);
            bytes.zeroize();
            bytes = larger;
        }
        bytes.extend_from_slice(chunk.get(..read).unwrap_or_default());
    }
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if length > MAX_BYTES { Err(SourceError::TooLarge) } else { Ok(bytes) }
}

/// Opens a regular file; a FIFO does not block and a device is not touched.
fn open(path: &Path) -> Result<File, SourceError> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = File::from(
        rustix::fs::open(path, flags, Mode::empty())
            .map_err(std::io::Error::from)
            .map_err(SourceError::of)?,
    );
    match file.metadata().map_err(SourceError::of)?.file_type() {
        kind if kind.is_file() => Ok(file),
        kind => Err(SourceError::NotAFile(describe(kind))),
    }
}

fn describe(kind: std::fs::FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;
    match () {
        () if kind.is_fifo() => "FIFO",
        () if kind.is_socket() => "socket",
        () if kind.is_dir() => "folder",
        () if kind.is_block_device() || kind.is_char_device() => "device",
        () => "special file",
    }
}

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
        self.sources.extend(rings.into_iter().map(Source::file));
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
        self.sources.extend(files.into_iter().map(Source::file));
        Ok(())
    }

    fn files_below(&mut self, path: &Path, depth: usize) -> Result<(), SourceError> {
        #[expect(clippy::disallowed_methods, reason = "this is where folders are read")]
        let mut entries: Vec<_> =
            std::fs::read_dir(path).and_then(Iterator::collect).map_err(SourceError::of)?;
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
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
        let source = Source { role, ..Source::file(path) };
        match source.looks_like_keys() {
            _ if role == Role::KeyFile => self.sources.push(source),
            Ok(true) => self.sources.push(source),
            Ok(false) => self.passed_over.push(PassedOver {
                source: source.name,
                reason: "no OpenPGP data at its beginning".to_owned(),
            }),
            Err(error) => self.errors.push((source.name, error)),
        }
    }
}

impl Source {
    fn looks_like_keys(&self) -> Result<bool, SourceError> {
        let Input::Path(path) = &self.place else {
            return Ok(true);
        };
        let mut start = Zeroizing::new(Vec::with_capacity(CHUNK));
        let limit = u64::try_from(CHUNK).unwrap_or(u64::MAX);
        open(path)?.take(limit).read_to_end(&mut start).map_err(SourceError::of)?;
        Ok(keybox::is_keybox(&start) || openpgp::looks_like_keys(&start))
    }
}

fn is_named_like_keys(path: &Path) -> bool {
    // Other programs have .key and .pub files too; those are looked into.
    const ENDINGS: [&str; 5] = ["asc", "gpg", "pgp", "kbx", "openpgp"];
    let ending = path.extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase);
    ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
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
    #[expect(clippy::disallowed_methods, reason = "this is where folders are read")]
    let Ok(entries) = std::fs::read_dir(path) else {
        return false;
    };
    entries.flatten().any(|entry| {
        let name = entry.file_name();
        let name = name.as_encoded_bytes();
        name.len() == 2
            && name.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
            && entry.file_type().is_ok_and(|kind| kind.is_dir())
    })
}

fn visible(path: &Path) -> VisibleText {
    VisibleText::from_bytes(path.as_os_str().as_encoded_bytes())
}
