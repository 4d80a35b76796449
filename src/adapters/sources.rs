//! What a person can point at: files, folders, a shared certificate
//! directory, a `GnuPG` home, standard input.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use zeroize::{Zeroize as _, Zeroizing};

mod folder;

pub use self::folder::{Resolved, resolve};
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
    #[error("larger than {} MiB, which nothing of its kind is; nothing of it was used", .0 / (1024 * 1024))]
    TooLarge(u64),
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
    pub(super) fn of(error: std::io::Error) -> Self {
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
            Input::Stdin => read_bounded(std::io::stdin().lock(), 0, MAX_BYTES),
            Input::Path(path) => read_file_within(path, MAX_BYTES),
        }
    }
}

/// All of a file, up to the bound.
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>, SourceError> {
    read_file_within(path, MAX_BYTES)
}

/// All of a file that has at most so many bytes.
pub(crate) fn read_file_within(path: &Path, limit: u64) -> Result<Vec<u8>, SourceError> {
    let file = open(path)?;
    let size = file.metadata().map_err(SourceError::of)?.len();
    if size > limit {
        return Err(SourceError::TooLarge(limit));
    }
    read_bounded(file, size, limit)
}

/// Secrets may come along, so no buffer is left behind unwiped.
fn read_bounded(
    stream: impl std::io::Read,
    expected: u64,
    limit: u64,
) -> Result<Vec<u8>, SourceError> {
    let mut stream = stream.take(limit + 1);
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
    if length > limit { Err(SourceError::TooLarge(limit)) } else { Ok(bytes) }
}

/// Opens a regular file; a FIFO does not block and a device is not touched.
pub(super) fn open(path: &Path) -> Result<File, SourceError> {
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

fn visible(path: &Path) -> VisibleText {
    VisibleText::from_bytes(path.as_os_str().as_encoded_bytes())
}
