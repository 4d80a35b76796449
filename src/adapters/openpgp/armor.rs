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
}

/// Whether an armor header starts at `at`, which must be its first dash.
pub(super) fn starts_at(data: &[u8], at: usize) -> bool {
    data.get(at..).is_some_and(|rest| rest.starts_with(BEGIN)) && is_line_start(data, at)
}

/// Mails and key lists indent or quote armor.
fn is_line_start(data: &[u8], at: usize) -> bool {
    data.get(..at)
        .unwrap_or_default()
        .iter()
        .rev()
        .take(80)
        .find(|byte| !matches!(byte, b' ' | b'\t' | b'>' | b'|'))
        .is_none_or(|byte| matches!(byte, b'\n' | b'\r') || *byte >= 0x80)
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
    if label == Label::SignedText {
        return Block { range: at..at + line_length(rest), label, complete: true };
    }
    // The block ends with its end line, or where another one begins.
    let mut length = line_length(rest);
    loop {
        let line = rest.get(length..).unwrap_or_default();
        if line.is_empty() {
            return Block { range: at..at + length, label, complete: false };
        }
        let text = trimmed(line.get(..line_length(line)).unwrap_or_default());
        if text.starts_with(BEGIN) {
            return Block { range: at..at + length, label, complete: false };
        }
        length += line_length(line);
        if text.starts_with(END) {
            return Block { range: at..at + length, label, complete: true };
        }
    }
}

fn line_length(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |newline| newline + 1)
}

fn trimmed(line: &[u8]) -> &[u8] {
    let start = line.iter().position(|b| !matches!(b, b' ' | b'\t' | b'>' | b'|'));
    start.and_then(|start| line.get(start..)).unwrap_or_default().trim_ascii_end()
}

/// The bytes that `block` encodes, and whether lines of it had to be left out.
///
/// The bytes may hold secret key packets, so they are wiped when dropped.
pub(super) fn decode(data: &[u8], block: &Block) -> (Zeroizing<Vec<u8>>, bool) {
    let text = data.get(block.range.clone()).unwrap_or_default();
    if block.complete
        && let (bytes, true) = read(text)
    {
        return (bytes, false);
    }
    // Damaged lines are dropped; the packets around the hole are found again.
    let mut salvaged = Zeroizing::new(Vec::with_capacity(text.len() + 64));
    let mut in_body = false;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let content = trimmed(line);
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
