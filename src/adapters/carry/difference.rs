//! What a person decides on: files of the carry that are otherwise here.

use super::error::CarryError;
use super::{FILES, FOLDER};
use crate::adapters::openpgp::{Bearer, PacketSet, Part, difference as compare};
use crate::domain::text::VisibleText;
use crate::engine::carry::Place;
use crate::engine::chain::Digest;

/// Lines of a text that are shown at the most.
const MAX_LINES: usize = 40;

/// A file that is otherwise in the carry than here.
#[derive(Debug)]
pub struct Difference {
    /// Which one.
    pub path: String,
    /// In what it differs, line by line.
    pub told: Vec<VisibleText>,
    /// What it will be if somebody accepts it.
    pub bytes: Vec<u8>,
    /// What it was when it was looked at; absent where it was not here.
    pub(super) before: Option<Digest>,
}

/// A file that is not here, and is not just taken.
pub(super) fn new(path: &str, theirs: &[u8]) -> Difference {
    let told = vec![VisibleText::from_text("a certificate that is not here")];
    Difference { path: path.to_owned(), told, bytes: theirs.to_vec(), before: None }
}

/// How a file differs; nothing where ours has all that is in theirs.
pub(super) fn of(
    path: &str,
    place: &Place,
    ours: &[u8],
    theirs: &[u8],
) -> Result<Option<Difference>, CarryError> {
    if matches!(place, Place::Certificate(_)) {
        return certificate(path, ours, theirs);
    }
    Ok(Some(Difference {
        path: path.to_owned(),
        told: lines(path, ours, theirs),
        bytes: theirs.to_vec(),
        before: Some(Digest::of(ours)),
    }))
}

/// The packets that only theirs has; both together are what it will be.
fn certificate(path: &str, ours: &[u8], theirs: &[u8]) -> Result<Option<Difference>, CarryError> {
    let shown = || VisibleText::from_text(path);
    let read =
        |bytes| PacketSet::read(bytes).map_err(|error| CarryError::Certificate(shown(), error));
    let known = read(ours)?;
    if known.clone().union(read(theirs)?) == known {
        return Ok(None);
    }
    let found = compare(ours, theirs).map_err(|error| CarryError::Io {
        path: shown(),
        error: VisibleText::from_text(&error.to_string()),
    })?;
    let mut told: Vec<_> = found.only_newest.iter().map(tell).collect();
    if told.is_empty() {
        told.push(VisibleText::from_text("adds certifications by others"));
    }
    let before = Some(Digest::of(ours));
    Ok(Some(Difference { path: path.to_owned(), told, bytes: found.merged, before }))
}

fn tell(part: &Part) -> VisibleText {
    VisibleText::from_text(&match part {
        Part::Subkey(fingerprint) => format!("adds the subkey {}", fingerprint.hex()),
        Part::UserId(text) => format!("adds the user ID {text}"),
        Part::UserAttribute => "adds a user attribute".to_owned(),
        Part::SelfSignature { on, revokes, created } => {
            let what = if *revokes { "REVOKES" } else { "signs anew" };
            let on = match on {
                Bearer::Key(fingerprint) => format!("the key {}", fingerprint.hex()),
                Bearer::UserId(text) => format!("the user ID {text}"),
            };
            let at = created.map(|at| format!(", made {}", at.iso())).unwrap_or_default();
            format!("{what} {on}{at}")
        }
        Part::Unverified => "adds something that cannot be verified".to_owned(),
    })
}

/// The lines between what both texts begin and end with.
fn lines(path: &str, ours: &[u8], theirs: &[u8]) -> Vec<VisibleText> {
    let split = |bytes: &[u8]| -> Vec<Vec<u8>> {
        bytes.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
    };
    let (ours, theirs) = (split(ours), split(theirs));
    let same = |pairs: &mut dyn Iterator<Item = bool>| pairs.take_while(|same| *same).count();
    let before = same(&mut ours.iter().zip(&theirs).map(|(one, other)| one == other));
    let shorter = ours.len().min(theirs.len()) - before;
    let pairs = ours.iter().rev().zip(theirs.iter().rev()).take(shorter);
    let behind = same(&mut pairs.map(|(one, other)| one == other));
    let part = |lines: &[Vec<u8>], sign: char| -> Vec<VisibleText> {
        let lines = lines.get(before..lines.len() - behind).unwrap_or_default();
        let mut told: Vec<_> = lines
            .iter()
            .take(MAX_LINES)
            .map(|line| {
                let line = String::from_utf8_lossy(line);
                VisibleText::from_text(&format!("{sign} {line}"))
            })
            .collect();
        if lines.len() > MAX_LINES {
            let more = format!(
                "{sign} and {} more lines that are not shown: read all of it first, in \
                 {FOLDER}/{FILES}/{path} on the medium",
                lines.len() - MAX_LINES
            );
            told.push(VisibleText::from_text(&more));
        }
        told
    };
    let place = format!("from line {} on: - is here, + is in the carry", before + 1);
    let head = vec![VisibleText::from_text(&place)];
    [head, part(&ours, '-'), part(&theirs, '+')].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(ours: &str, theirs: &str) -> Vec<String> {
        let told = lines("keyrite.toml", ours.as_bytes(), theirs.as_bytes());
        told.into_iter().map(VisibleText::into_string).collect()
    }

    #[test]
    fn only_the_lines_that_differ_are_shown() {
        assert_eq!(
            told("a\nb\nc\n", "a\nB\nx\nc\n"),
            ["from line 2 on: - is here, + is in the carry", "- b", "+ B", "+ x"]
        );
        assert_eq!(told("a\n", "a\na\n"), ["from line 2 on: - is here, + is in the carry", "+ a"]);
        assert!(!told("a\n", "\u{1b}[2J\n").concat().contains('\u{1b}'));
        let long = "x\n".repeat(100);
        assert_eq!(
            told("a\n", &long).last().unwrap(),
            "+ and 60 more lines that are not shown: read all of it first, in \
             keyrite-carry/files/keyrite.toml on the medium"
        );
    }
}
