//! Tells git which files of a workspace keyrite merges, and how to call it.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::durable::{replace, write_new};
use super::git::{self, GitError};
use super::sources::{SourceError, read_file};

/// The file that says it to everybody who has the repository.
const ATTRIBUTES: &str = ".gitattributes";

/// Which files; their bytes are hashed or signed, so git changes no line ends.
const PATTERNS: [&str; 4] =
    ["certs/*.asc", "people/*.asc", "audit/*.jsonl", "runs/*/journal.jsonl"];

/// The attributes of these files.
const MERGED: &str = "merge=keyrite";

/// What git is told in one clone; it never takes a program from others.
const NAME: (&str, &str) =
    ("merge.keyrite.name", "keyrite: certificates by their packets, logs by growth");
/// Where git is told the command.
const DRIVER: &str = "merge.keyrite.driver";

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Installed {
    /// The folder is in no work tree of git.
    NoGit,
    /// This clone now calls keyrite.
    Here {
        /// How many lines `.gitattributes` lacked.
        lines: usize,
    },
}

/// Why it could not be done.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// git refused.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The file is a link.
    #[error("{ATTRIBUTES} is a link; it was left alone: put a file there")]
    Link,
    /// The file cannot be read.
    #[error("{ATTRIBUTES}: {0}")]
    Unreadable(SourceError),
    /// The file cannot be written.
    #[error("{ATTRIBUTES} cannot be written: {0}")]
    Unwritable(std::io::Error),
}

/// Lets git call keyrite for the files of the workspace in `folder`. What
/// `.gitattributes` says already is kept.
///
/// `program` is how git starts this program.
pub fn install(folder: &Path, program: &OsStr) -> Result<Installed, InstallError> {
    if !git::is_in_work_tree(folder)? {
        return Ok(Installed::NoGit);
    }
    let path = folder.join(ATTRIBUTES);
    // git does not follow a link there, and what it points to is not ours.
    if path.is_symlink() {
        return Err(InstallError::Link);
    }
    let known = match read_file(&path) {
        Ok(bytes) => Some(bytes),
        Err(SourceError::Missing) => None,
        Err(error) => return Err(InstallError::Unreadable(error)),
    };
    let missing = missing(known.as_deref().unwrap_or_default());
    if !missing.is_empty() {
        let write = if known.is_some() { replace } else { write_new };
        let mut bytes = known.unwrap_or_default();
        if !bytes.is_empty() && !bytes.ends_with(b"\n") {
            bytes.push(b'\n');
        }
        for pattern in &missing {
            bytes.extend_from_slice(format!("{pattern} -text {MERGED}\n").as_bytes());
        }
        write(&path, &bytes).map_err(InstallError::Unwritable)?;
    }
    git::set_config(folder, NAME.0, NAME.1.as_ref())?;
    let mut driver = one_word(program);
    driver.push(" merge -- %O %A %B %P");
    git::set_config(folder, DRIVER, &driver)?;
    Ok(Installed::Here { lines: missing.len() })
}

/// One word of the shell by which git starts a driver.
fn one_word(program: &OsStr) -> OsString {
    let text = program.to_string_lossy();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    if text.chars().all(is_plain) {
        return program.to_owned();
    }
    // git puts file names in the place of a percent sign and a letter.
    let text = text.replace('%', "%%").replace('\'', "'\\''");
    format!("'{text}'").into()
}

/// The patterns that are not merged by keyrite according to `attributes`.
fn missing(attributes: &[u8]) -> Vec<&'static str> {
    let text = String::from_utf8_lossy(attributes);
    let is_there = |pattern: &str| {
        text.lines().any(|line| {
            let mut words = line.split_ascii_whitespace();
            words.next() == Some(pattern) && words.any(|word| word == MERGED)
        })
    };
    PATTERNS.into_iter().filter(|pattern| !is_there(pattern)).collect()
}
