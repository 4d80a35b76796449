//! ASCII armor (RFC 9580, 6.2) inside a larger text.

use std::io::Read as _;
use std::ops::Range;

use sequoia_openpgp::armor::{Reader, ReaderMode};
use zeroize::Zeroizing;

const BEGIN: &[u8] = b"-----BEGIN PGP ";
const END: &[u8] = b"-----END PGP ";

/// What an armor header announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    /// Public or private key block.
    Keys,
    /// Encrypted or signed message.
    Message,
    /// Detached signature.
    Signature,
    /// Text with a signature below it; only its first line is armor.
    SignedText,
    /// Anything else.
    Other,
}

/// One armored block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// From the start of the header line to the end of the last line.
    pub(super) range: Range<usize>,
    /// What the header announces.
    pub(super) label: Label,
    /// Whether the end line is there.
    pub(super) complete: bool,
    /// What stands before it in its first line, and perhaps in the others.
    pub(super) prefix: Vec<u8>,
}

impl Block {
    /// Whether it may be a mere mention in a text.
    pub(super) fn is_inside_text(&self) -> bool {
        self.prefix.iter().any(u8::is_ascii_alphanumeric)
    }
}

/// Whether an armor header starts at `at`, which must be its first dash.
///
/// It may stand anywhere in its line, or a key would hide behind a comment
/// sign. Dash-escaped (RFC 9580, 7.2) and disabled armor do not count, unless
/// a secret could be in it.
pub(super) fn starts_at(data: &[u8], at: usize) -> bool {
    let Some(title) = data.get(at..).and_then(|rest| rest.strip_prefix(BEGIN)) else {
        return false;
    };
    let is_quoted = prefix(data, at).is_none_or(|prefix| prefix == b"- " || prefix == b":");
    !is_quoted || title.starts_with(b"PRIVATE KEY BLOCK")
}

/// What stands before `at` in its line, up to a bound.
fn prefix(data: &[u8], at: usize) -> Option<&[u8]> {
    let before = data.get(at.saturating_sub(MAX_PREFIX)..at)?;
    let start = before.iter().rposition(|byte| matches!(byte, b'\n' | b'\r'));
    // Binary data may end right before armor.
    let start = start.map_or(0, |newline| newline + 1);
    before.get(start..)
}

/// A longer beginning of a line is not looked at.
const MAX_PREFIX: usize = 80;

/// Whether there is armor that a colon disables.
pub(super) fn is_disabled(data: &[u8]) -> bool {
    let mut lines = data.split(|byte| *byte == b'\n');
    lines.any(|line| line.strip_prefix(b":").is_some_and(|rest| rest.starts_with(BEGIN)))
}

/// The block whose header starts at `at`.
pub(super) fn block_at(data: &[u8], at: usize) -> Block {
    let rest = data.get(at..).unwrap_or_default();
    let title = rest.get(BEGIN.len()..).unwrap_or_default();
    let label = match () {
        () if title.starts_with(b"PUBLIC KEY BLOCK") => Label::Keys,
        () if title.starts_with(b"PRIVATE KEY BLOCK") => Label::Keys,
        () if title.starts_with(b"MESSAGE") => Label::Message,
        () if title.starts_with(b"SIGNATURE") => Label::Signature,
        () if title.starts_with(b"SIGNED MESSAGE") => Label::SignedText,
        () => Label::Other,
    };
    let prefix = prefix(data, at).unwrap_or_default().to_vec();
    if label == Label::SignedText {
        return Block { range: at..at + line_length(rest), label, complete: true, prefix };
    }
    // The block ends with its end line, or where another one begins.
    let mut length = line_length(rest);
    loop {
        let line = rest.get(length..).unwrap_or_default();
        if line.is_empty() {
            return Block { range: at..at + length, label, complete: false, prefix };
        }
        let text = trimmed(line.get(..line_length(line)).unwrap_or_default(), &prefix);
        if text.starts_with(BEGIN) {
            return Block { range: at..at + length, label, complete: false, prefix };
        }
        length += line_length(line);
        if text.starts_with(END) {
            return Block { range: at..at + length, label, complete: true, prefix };
        }
    }
}

fn line_length(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |newline| newline + 1)
}

fn trimmed<'a>(line: &'a [u8], prefix: &[u8]) -> &'a [u8] {
    let line = match line.strip_prefix(prefix) {
        Some(rest) => rest,
        // Editors drop blanks at the end of an empty line.
        None if line.trim_ascii_end() == prefix.trim_ascii_end() => b"",
        None => line,
    };
    let start = line.iter().position(|b| !matches!(b, b' ' | b'\t' | b'>' | b'|'));
    start.and_then(|start| line.get(start..)).unwrap_or_default().trim_ascii_end()
}

/// The bytes that `block` encodes, and whether lines of it had to be left out.
///
/// The bytes may hold secret key packets, so they are wiped when dropped.
pub(super) fn decode(data: &[u8], block: &Block) -> (Zeroizing<Vec<u8>>, bool) {
    let text = data.get(block.range.clone()).unwrap_or_default();
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    let mut stripped = Zeroizing::new(Vec::new());
    if !block.prefix.is_empty() {
        stripped.reserve_exact(text.len() + 1);
        for line in lines {
            stripped.extend_from_slice(trimmed(line, &block.prefix));
            stripped.push(b'\n');
        }
    }
    let text = if block.prefix.is_empty() { text } else { stripped.as_slice() };
    if block.complete
        && let (bytes, true) = read(text)
    {
        return (bytes, false);
    }
    // Damaged lines are dropped; the packets around the hole are found again.
    let mut salvaged = Zeroizing::new(Vec::with_capacity(text.len() + 64));
    let mut in_body = false;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let content = trimmed(line, b"");
        let is_frame = content.starts_with(b"-----");
        let is_base64 =
            content.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='));
        if !in_body || is_frame || (is_base64 && content.len().is_multiple_of(4)) {
            in_body |= !is_frame && (content.is_empty() || (is_base64 && content.len() > 24));
            salvaged.extend_from_slice(content);
            salvaged.push(b'\n');
        }
    }
    if !block.complete {
        salvaged.extend_from_slice(b"-----END PGP PUBLIC KEY BLOCK-----\n");
    }
    (read(&salvaged).0, true)
}

fn read(text: &[u8]) -> (Zeroizing<Vec<u8>>, bool) {
    let mut reader = Reader::from_bytes(text, ReaderMode::Tolerant(None));
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let whole = reader.read_to_end(&mut bytes).is_ok();
    (bytes, whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: &str = "-----BEGIN PGP PUBLIC KEY BLOCK-----\nComment: TEST\n\n\
        AAECAwQFBgcICQoLDA0ODw==\n-----END PGP PUBLIC KEY BLOCK-----\n";

    #[test]
    fn a_block_is_found_in_a_larger_text_and_decoded() {
        let text = format!("pub rsa4096\n  uid TEST\n{BLOCK}trailer");
        let at = text.find("-----").unwrap();
        assert!(starts_at(text.as_bytes(), at));
        let block = block_at(text.as_bytes(), at);
        assert_eq!((block.label, block.complete), (Label::Keys, true));
        assert_eq!(&text[block.range.clone()], BLOCK);
        let (bytes, damaged) = decode(text.as_bytes(), &block);
        assert_eq!((bytes.to_vec(), damaged), ((0..16).collect(), false));
    }

    #[test]
    fn quoted_armor_counts_and_dash_escaped_armor_does_not() {
        assert!(starts_at(b"> -----BEGIN PGP PUBLIC KEY BLOCK-----", 2));
        assert!(!starts_at(b"- -----BEGIN PGP PUBLIC KEY BLOCK-----", 2));
        assert!(!starts_at(b"\n:-----BEGIN PGP PUBLIC KEY BLOCK-----", 2));
        assert!(is_disabled(b"\n:-----BEGIN PGP PUBLIC KEY BLOCK-----"));
    }

    #[test]
    fn a_comment_sign_before_each_line_is_taken_away() {
        for prefix in ["# ", "// ", "> ", "<pre>"] {
            let text = format!("{prefix}{}", BLOCK.replace('\n', &format!("\n{prefix}")));
            let block = block_at(text.as_bytes(), prefix.len());
            let (bytes, damaged) = decode(text.as_bytes(), &block);
            assert_eq!((bytes.to_vec(), damaged), ((0..16).collect(), false), "{prefix}");
        }
    }

    #[test]
    fn a_block_without_end_stops_at_the_next_one() {
        let cut = BLOCK.split_once("-----END").unwrap().0;
        let text = format!("{cut}{BLOCK}");
        let block = block_at(text.as_bytes(), 0);
        assert_eq!((block.range.len(), block.complete), (cut.len(), false));
        assert_eq!(decode(text.as_bytes(), &block).0.to_vec(), (0..16).collect::<Vec<u8>>());
    }

    #[test]
    fn a_damaged_line_costs_only_itself() {
        let line = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB";
        let bad = "QUFBQUFB*UFBQUFBQUFBQUFBQUFBQUFB";
        let text = format!(
            "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n{line}\n{bad}\n{line}\n-----END PGP PUBLIC KEY BLOCK-----\n"
        );
        let (bytes, damaged) = decode(text.as_bytes(), &block_at(text.as_bytes(), 0));
        assert_eq!((bytes.len(), damaged), (48, true));
    }
}
