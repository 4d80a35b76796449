//! Merges the two sides of a file of a workspace that git cannot merge: a
//! certificate by its packets, a file that only grows by its longer side.

use std::fmt;
use std::path::Path;

use zeroize::Zeroizing;

use super::durable;
use super::git::{self, GitError};
use super::openpgp::{PacketSet, UnionError};
use super::sources::{SourceError, read_file};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;

/// What kind of file of a workspace is merged; its place says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `certs/*.asc`, `people/*.asc`.
    Certificate,
    /// `audit/*.jsonl`: the chain of one writer.
    Audit,
    /// `runs/*/journal.jsonl`: the journal of one run.
    Journal,
    /// `observed/<writer>/<target>.json`: what one writer saw last.
    Observation,
    /// Anything else.
    Text,
}

impl Kind {
    /// The kind of the file at `path`, in a workspace that may itself be
    /// anywhere in the repository.
    #[must_use]
    pub fn of(path: &Path) -> Self {
        let names: Vec<_> = path.iter().rev().take(3).map(|name| name.to_string_lossy()).collect();
        let name = |index: usize| names.get(index).map_or("", AsRef::as_ref);
        let ends_with = |ending| path.extension().is_some_and(|extension| extension == ending);
        match (name(0), name(1), name(2)) {
            ("journal.jsonl", _, "runs") => Self::Journal,
            (_, "certs" | "people", _) if ends_with("asc") => Self::Certificate,
            (_, "audit", _) if ends_with("jsonl") => Self::Audit,
            (_, _, "observed") if ends_with("json") => Self::Observation,
            _ => Self::Text,
        }
    }
}

/// One of the two files that are merged, by git's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The one that is written over.
    Ours,
    /// The other.
    Theirs,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ours => "ours",
            Self::Theirs => "theirs",
        })
    }
}

/// Why a file is left for a person.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// One of the three files cannot be read.
    #[error("{0}: {1}")]
    Unreadable(VisibleText, SourceError),
    /// One side is not one public certificate.
    #[error("{0} is not one public certificate: {1}")]
    Certificate(Side, UnionError),
    /// The sides are different certificates.
    #[error("two different certificates: ours is {}, theirs is {}", .0.hex(), .1.hex())]
    Different(Fingerprint, Fingerprint),
    /// The merged certificate cannot be used.
    #[error("the packets of both sides together cannot be used: {0}")]
    Union(UnionError),
    /// A line of the common ancestor is not there any more.
    #[error(
        "line {1} of what both began with is missing or changed in {0}, and this file only grows"
    )]
    Changed(Side, usize),
    /// The same, and only the line ends differ.
    #[error("{0} has other line ends than what both began with, and the bytes of this file count")]
    LineEnds(Side),
    /// The last line of the longer side is cut off.
    #[error("the last line of {0} has no end: it was cut off")]
    CutOff(Side),
    /// Both sides go on after the same beginning.
    #[error("{what}: from line {line} on, ours and theirs go on differently")]
    Forked {
        /// What that is called.
        what: &'static str,
        /// The first line that differs.
        line: usize,
    },
    /// Both sides saw something.
    #[error("two observations of one writer: no mixture of them was ever seen")]
    Observations,
    /// The texts contradict each other; the marks are in the file.
    #[error("ours and theirs contradict each other; git's marks are in the file")]
    Conflict,
    /// git could not do it.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The result cannot be written.
    #[error("the result cannot be written: {0}")]
    Unwritable(std::io::Error),
}

/// The files that git gives to a merge driver.
#[derive(Clone, Copy, Debug)]
pub struct Sides<'a> {
    /// The common ancestor; empty where there is none.
    pub base: &'a Path,
    /// Our side; the result is written over it.
    pub ours: &'a Path,
    /// Their side.
    pub theirs: &'a Path,
}

/// Merges the sides of the file that git has at `path`.
///
/// On an error, ours is as it was; only [`MergeError::Conflict`] leaves the
/// marks of git in it.
pub fn merge(sides: Sides<'_>, path: &Path) -> Result<(), MergeError> {
    let read = |path: &Path| {
        let shown = || VisibleText::from_bytes(path.as_os_str().as_encoded_bytes());
        // Somebody may have put a secret there.
        read_file(path).map(Zeroizing::new).map_err(|e| MergeError::Unreadable(shown(), e))
    };
    let base = read(sides.base)?;
    let ours = read(sides.ours)?;
    let theirs = read(sides.theirs)?;
    let written = |bytes: &[u8]| {
        if bytes == ours.as_slice() {
            return Ok(());
        }
        durable::replace(sides.ours, bytes).map_err(MergeError::Unwritable)
    };
    match Kind::of(path) {
        Kind::Certificate => written(certificate(&ours, &theirs)?.as_bytes()),
        Kind::Audit => written(longer(&base, &ours, &theirs, "a forked chain")?),
        Kind::Journal => written(longer(&base, &ours, &theirs, "a forked run")?),
        kind @ (Kind::Observation | Kind::Text) => {
            let text = git::merge_text(sides.ours, sides.base, sides.theirs)?;
            if text.has_conflicts {
                written(&text.bytes)?;
                return Err(MergeError::Conflict);
            }
            if kind == Kind::Observation {
                return Err(MergeError::Observations);
            }
            written(&text.bytes)
        }
    }
}

/// The packets of both sides. What both began with says nothing: a packet
/// that one side has left out is evidence that the other still has.
fn certificate(ours: &[u8], theirs: &[u8]) -> Result<String, MergeError> {
    let read = |side, data| PacketSet::read(data).map_err(|e| MergeError::Certificate(side, e));
    let (ours, theirs) = (read(Side::Ours, ours)?, read(Side::Theirs, theirs)?);
    if ours.fingerprint() != theirs.fingerprint() {
        return Err(MergeError::Different(ours.fingerprint(), theirs.fingerprint()));
    }
    ours.union(theirs).armored().map_err(MergeError::Union)
}

/// The side of a file that only grows which holds the other one and the
/// common ancestor.
fn longer<'a>(
    base: &[u8],
    ours: &'a [u8],
    theirs: &'a [u8],
    what: &'static str,
) -> Result<&'a [u8], MergeError> {
    for (side, bytes) in [(Side::Ours, ours), (Side::Theirs, theirs)] {
        extends(base, bytes).map_err(|difference| match difference {
            Difference { line_ends_only: true, .. } => MergeError::LineEnds(side),
            Difference { line, .. } => MergeError::Changed(side, line),
        })?;
    }
    let (side, bytes) = match (extends(ours, theirs), extends(theirs, ours)) {
        (Ok(()), _) => (Side::Theirs, theirs),
        (_, Ok(())) => (Side::Ours, ours),
        (Err(one), Err(other)) => {
            return Err(MergeError::Forked { what, line: one.line.min(other.line) });
        }
    };
    if bytes.is_empty() || bytes.ends_with(b"\n") {
        Ok(bytes)
    } else {
        Err(MergeError::CutOff(side))
    }
}

/// The first line in which a file differs from one that should be its
/// beginning.
struct Difference {
    line: usize,
    line_ends_only: bool,
}

/// Whether `long` has all lines of `short`, and perhaps more.
fn extends(short: &[u8], long: &[u8]) -> Result<(), Difference> {
    let mut lines = long.split_inclusive(|byte| *byte == b'\n');
    for (index, line) in short.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let found = lines.next().unwrap_or_default();
        // The end of the last line may have been written later.
        if found == line || found.strip_suffix(b"\n") == Some(line) {
            continue;
        }
        let content = |line: &'_ [u8]| line.trim_ascii_end().to_vec();
        let line_ends_only = !found.is_empty() && content(found) == content(line);
        return Err(Difference { line: index + 1, line_ends_only });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_file_says_its_kind() {
        for (path, kind) in [
            ("certs/AB.asc", Kind::Certificate),
            ("team/keys/people/alice.asc", Kind::Certificate),
            ("certs/AB.txt", Kind::Text),
            ("certs/old/AB.asc", Kind::Text),
            ("AB.asc", Kind::Text),
            ("audit/alice-01234567.jsonl", Kind::Audit),
            ("runs/20261120T000000Z-ABCDEFGH/journal.jsonl", Kind::Journal),
            ("runs/journal.jsonl", Kind::Text),
            ("runs/certs/journal.jsonl", Kind::Journal),
            ("observed/alice-01234567/wkd.json", Kind::Observation),
            ("keyrite.toml", Kind::Text),
            ("", Kind::Text),
        ] {
            assert_eq!(Kind::of(Path::new(path)), kind, "{path}");
        }
    }

    fn grown(base: &str, ours: &str, theirs: &str) -> Result<String, String> {
        longer(base.as_bytes(), ours.as_bytes(), theirs.as_bytes(), "a forked chain")
            .map(|bytes| String::from_utf8(bytes.to_vec()).unwrap())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_longer_side_is_taken_if_it_holds_the_other() {
        assert_eq!(grown("a\n", "a\nb\n", "a\n"), Ok("a\nb\n".into()));
        assert_eq!(grown("a\n", "a\nb\n", "a\nb\nc\n"), Ok("a\nb\nc\n".into()));
        assert_eq!(grown("", "", "a\n"), Ok("a\n".into()));
        assert_eq!(grown("", "a\nb\n", "a\n"), Ok("a\nb\n".into()));
        assert_eq!(grown("", "", ""), Ok(String::new()));
    }

    #[test]
    fn what_is_not_grown_is_refused_with_its_line() {
        for (base, ours, theirs, wanted) in [
            ("a\n", "a\nb\n", "a\nc\n", "a forked chain: from line 2 on"),
            ("", "a\n", "b\n", "a forked chain: from line 1 on"),
            ("a\nb\n", "a\n", "a\nb\nc\n", "line 2 of what both began with is missing"),
            ("a\nb\n", "a\nb\n", "a\nB\nc\n", "missing or changed in theirs"),
            ("a\nb\n", "", "a\nb\n", "line 1 of what both began with"),
            ("a\nb\n", "a\r\nb\r\n", "a\nb\nc\n", "ours has other line ends"),
            ("a\n", "a\nb\n", "a\r\nb\r\n", "theirs has other line ends"),
        ] {
            let error = grown(base, ours, theirs).unwrap_err();
            assert!(error.contains(wanted), "{wanted}: {error}");
        }
    }

    #[test]
    fn a_line_without_its_end_is_taken_only_from_the_side_that_ends_it() {
        assert_eq!(grown("a", "a", "a\nb\n"), Ok("a\nb\n".into()));
        assert_eq!(grown("a\n", "a\nb\n", "a\nb"), Ok("a\nb\n".into()));
        assert_eq!(grown("a\n", "a\nb", "a\nb\n"), Ok("a\nb\n".into()));
        assert!(grown("a\n", "a\nb", "a\nbc\n").unwrap_err().contains("a forked chain"));
        assert!(grown("a\n", "a\n", "a\nb").unwrap_err().contains("theirs has no end"));
        assert!(grown("a\n", "a", "a\nb\n").is_err());
    }
}
