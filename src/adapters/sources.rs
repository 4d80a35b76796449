//! What a person can point at: files, folders, a shared certificate
//! directory, a `GnuPG` home, standard input.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};

use crate::domain::text::VisibleText;

/// More than any keyring that people keep; a bound on memory.
const MAX_BYTES: u64 = 256 * 1024 * 1024;
/// Files of one folder that are read.
const MAX_FILES: usize = 20_000;
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
    /// Whether it may be something else than `OpenPGP` without a word.
    lenient: bool,
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
    #[error(
        "no file in this folder looks like OpenPGP (named .asc, .gpg, .pgp, .pub, .key, .kbx or without an ending)"
    )]
    EmptyFolder,
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
    fn file(path: PathBuf) -> Self {
        Self { name: visible(&path), place: Input::Path(path), lenient: false }
    }

    /// Whether content that is not `OpenPGP` at all is passed over silently:
    /// a README between keys is no defect of the folder.
    #[must_use]
    pub fn is_lenient(&self) -> bool {
        self.lenient
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

fn read_bounded(stream: impl std::io::Read, expected: u64) -> Result<Vec<u8>, SourceError> {
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or(0) + 1);
    stream.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(SourceError::of)?;
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

/// The sources behind `input`, and what of it cannot be one.
#[must_use]
pub fn resolve(input: &Input) -> (Vec<Source>, Vec<(VisibleText, SourceError)>) {
    match input {
        Input::Stdin => {
            let name = VisibleText::from_text("standard input");
            (vec![Source { name, place: Input::Stdin, lenient: false }], Vec::new())
        }
        Input::Embedded { name, .. } => {
            let name = VisibleText::from_text(name);
            (vec![Source { name, place: input.clone(), lenient: false }], Vec::new())
        }
        Input::Path(path) => {
            let mut found = Found::default();
            if let Err(error) = found.path(path) {
                found.errors.push((visible(path), error));
            }
            (found.sources, found.errors)
        }
    }
}

#[derive(Default)]
struct Found {
    sources: Vec<Source>,
    errors: Vec<(VisibleText, SourceError)>,
}

impl Found {
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
            return Err(SourceError::EmptyFolder);
        }
        Ok(())
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
            let path = entry.path();
            let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
            // A link to a file is followed, a link to a folder is not: no loops.
            let kind = entry.file_type().map_err(SourceError::of)?;
            let is_file = kind.is_file() || (kind.is_symlink() && path.is_file());
            if kind.is_dir() && !hidden && depth < MAX_DEPTH {
                if let Err(error) = self.files_below(&path, depth + 1) {
                    self.errors.push((visible(&path), error));
                }
            } else if is_file && !hidden && looks_like_keys(&path) {
                if self.sources.len() >= MAX_FILES {
                    return Err(SourceError::TooManyFiles);
                }
                self.sources.push(Source { lenient: true, ..Source::file(path) });
            }
        }
        Ok(())
    }
}

fn looks_like_keys(path: &Path) -> bool {
    const ENDINGS: [&str; 9] =
        ["asc", "gpg", "pgp", "pub", "key", "kbx", "cert", "keys", "openpgp"];
    match path.extension().and_then(OsStr::to_str) {
        Some(ending) => ENDINGS.contains(&ending.to_ascii_lowercase().as_str()),
        None => path.extension().is_none(),
    }
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
