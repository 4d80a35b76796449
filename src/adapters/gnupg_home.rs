//! A home of `GnuPG`, read without `GnuPG`: which primary keys have their
//! secret there.
//!
//! Even `gpg --list-keys` writes into a home and may start an agent, so files
//! are read directly, and nothing is opened. A file of a secret key states the
//! public key, too (agent/keyformat.txt of `GnuPG`): it is told by that, under
//! whatever name it lies there.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::adapters::openpgp;
use crate::adapters::sources::{SourceError, read_file};
use crate::domain::certificate::SecretMaterial;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;
use crate::domain::workspace::OnMachine;

/// The secrets of a home, each in a file that is named by its keygrip.
pub(super) const PRIVATE: &str = "private-keys-v1.d";
/// The secrets of homes of `GnuPG` before 2.1.
pub(super) const SECRING: &str = "secring.gpg";

/// Files that are larger hold no single key.
const LARGEST: u64 = 64 * 1024;
/// Entries of a folder that are looked at.
const MAX_ENTRIES: usize = 10_000;

/// Looks for the secrets of primary keys in a home; of each certificate all
/// public copies are given.
#[must_use]
pub fn secrets_in<B: AsRef<[u8]>>(home: &Path, wanted: &[(Fingerprint, Vec<B>)]) -> OnMachine {
    let mut on = OnMachine::default();
    if wanted.is_empty() {
        return on;
    }
    let numbers: Vec<_> = wanted
        .iter()
        .filter_map(|(key, copies)| Some((key, openpgp::public_number(copies)?)))
        .collect();
    let folder = home.join(PRIVATE);
    let files = files_of(&folder).unwrap_or_else(|error| {
        on.unread.push(told(&folder, error));
        Vec::new()
    });
    for path in files {
        match read_file(&path).map(Zeroizing::new) {
            // It was there a moment ago.
            Err(SourceError::Missing) => {}
            Err(error) => on.unread.push(told(&path, error)),
            Ok(bytes) => {
                let holds = numbers.iter().filter(|(_, number)| is_key_file(&bytes, number));
                holds.for_each(|(key, _)| on.add(key, visible(&path)));
            }
        }
    }
    let secring = home.join(SECRING);
    match read_file(&secring).map(Zeroizing::new) {
        Err(SourceError::Missing) => {}
        Err(error) => on.unread.push(told(&secring, error)),
        Ok(bytes) => {
            let is_copy = |key| openpgp::holding(&bytes, key).is_ok_and(|there| there.is_copy());
            let there = wanted.iter().map(|(key, _)| key).filter(|key| is_copy(key));
            there.for_each(|key| on.add(key, visible(&secring)));
        }
    }
    on
}

/// Whether it is a file of the agent's with the secret of the key that has
/// that number, whatever it is called.
pub(super) fn is_key_file(bytes: &[u8], number: &[u8]) -> bool {
    has(bytes, b"private-key") && material(bytes).is_real() && states(bytes, number)
}

/// What a file of [`PRIVATE`] holds of its secret.
pub(super) fn material(bytes: &[u8]) -> SecretMaterial {
    match () {
        () if has(bytes, b"shadowed-private-key") => SecretMaterial::OnCard,
        () if has(bytes, b"protected-private-key") || has(bytes, b"openpgp-private-key") => {
            SecretMaterial::Protected
        }
        () => SecretMaterial::Unprotected,
    }
}

/// Whether the file of a key states that number: as it is, or as text, over
/// several lines. Text is hexadecimal, or a string where all bytes can stand in
/// one (libgcrypt, `_gcry_sexp_sprint`).
fn states(bytes: &[u8], number: &[u8]) -> bool {
    if has(bytes, number) {
        return true;
    }
    let hex = number.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02X}");
        hex
    });
    let mut text = Zeroizing::new(Vec::with_capacity(bytes.len()));
    text.extend(without_space(bytes.iter().copied()));
    let string = without_space(number.iter().flat_map(|byte| escaped(*byte)));
    let string: Vec<_> = string.collect();
    has(&text, hex.as_bytes()) || has(&text, &string)
}

fn without_space(bytes: impl Iterator<Item = u8>) -> impl Iterator<Item = u8> {
    bytes.filter(|byte| !matches!(byte, b' ' | b'\r' | b'\n'))
}

fn escaped(byte: u8) -> impl Iterator<Item = u8> {
    let letter = match byte {
        0x08 => b'b',
        b'\t' => b't',
        0x0b => b'v',
        b'\n' => b'n',
        0x0c => b'f',
        b'\r' => b'r',
        b'"' | b'\'' | b'\\' => byte,
        plain => return [None, Some(plain)].into_iter().flatten(),
    };
    [Some(b'\\'), Some(letter)].into_iter().flatten()
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// The files in a folder that could be keys; none where it is not there.
fn files_of(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    #[expect(clippy::disallowed_methods, reason = "what is there is only looked at")]
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut files = Vec::new();
    for entry in entries.take(MAX_ENTRIES) {
        let path = entry?.path();
        let about = std::fs::metadata(&path);
        if about.is_ok_and(|about| about.is_file() && (1..=LARGEST).contains(&about.len())) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn told(path: &Path, error: impl std::fmt::Display) -> VisibleText {
    VisibleText::from_text(&format!("{}: {error}", visible(path)))
}

fn visible(path: &Path) -> VisibleText {
    VisibleText::from_bytes(path.as_os_str().as_encoded_bytes())
}
