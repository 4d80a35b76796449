//! Lines of canonical JSON in which each names the one before it.
//!
//! A line is RFC 8785 JSON with ASCII keys and integers only. Its hash is
//! SHA-256 over the name of its kind of chain, a NUL and the stored bytes
//! without the line feed; the next line carries it in `prev`.

use std::fmt::{self, Write as _};
use std::io;

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// What the first line of a chain names as the one before it.
    pub const ZERO: Self = Self([0; 32]);

    /// The digest of bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest of parts, one behind the other.
    pub fn of_parts<E>(mut next: impl FnMut() -> Result<Option<Vec<u8>>, E>) -> Result<Self, E> {
        let mut hash = Sha256::new();
        while let Some(part) = next()? {
            hash.update(part);
        }
        Ok(Self(hash.finalize().into()))
    }

    /// The digest of bytes of that kind.
    #[must_use]
    pub fn of_kind(kind: &str, bytes: &[u8]) -> Self {
        let mut hash = Sha256::new();
        hash.update(kind);
        hash.update([0]);
        hash.update(bytes);
        Self(hash.finalize().into())
    }

    /// Reads `sha256:` and 64 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.strip_prefix("sha256:").unwrap_or(text);
        if hex.len() != 64 || !hex.is_ascii() {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// 64 hexadecimal digits.
    #[must_use]
    pub fn hex(&self) -> String {
        self.0.iter().fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.hex())
    }
}

/// The canonical spelling of a JSON object (RFC 8785).
#[must_use]
pub fn canonical(object: &Map<String, Value>) -> String {
    // It fails for numbers that are no numbers only, which JSON has none of.
    serde_json_canonicalizer::to_string(object).unwrap_or_default()
}

/// Why a line is none of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadLine {
    /// It is no JSON object.
    #[error("it is no JSON object")]
    NotAnObject,
    /// It is spelled otherwise than RFC 8785 says, or has numbers with
    /// fractions or beyond 2^53, keys beyond ASCII, or too much nesting.
    #[error("it is not in the canonical form")]
    NotCanonical,
}

/// Reads a line, without its line feed.
pub fn read(line: &[u8]) -> Result<Map<String, Value>, BadLine> {
    let object: Map<String, Value> =
        serde_json::from_slice(line).map_err(|_| BadLine::NotAnObject)?;
    // Of plain values in their order the plain spelling is the canonical one,
    // and it is worked out ten times as fast.
    let mut rest = Rest(line);
    let is_canonical = is_plain_object(&object, NESTING)
        && serde_json::to_writer(&mut rest, &object).is_ok()
        && rest.0.is_empty();
    if is_canonical { Ok(object) } else { Err(BadLine::NotCanonical) }
}

/// What is left of a line; only what it goes on with can be written to it.
struct Rest<'a>(&'a [u8]);

impl io::Write for Rest<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.strip_prefix(bytes).ok_or(io::ErrorKind::InvalidData)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// How deep a line's objects and lists may be nested.
const NESTING: usize = 16;

/// Beyond this, numbers of JSON are not exact (RFC 8785, appendix D).
const EXACT: u64 = 1 << 53;

fn is_plain_object(object: &Map<String, Value>, depth: usize) -> bool {
    depth > 0
        && object.keys().is_sorted()
        && object.iter().all(|(key, value)| key.is_ascii() && is_plain(value, depth - 1))
}

fn is_plain(value: &Value, depth: usize) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => true,
        Value::Number(number) => number.as_i64().is_some_and(|n| n.unsigned_abs() < EXACT),
        Value::Array(values) => depth > 0 && values.iter().all(|value| is_plain(value, depth - 1)),
        Value::Object(object) => is_plain_object(object, depth),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_line_has_one_spelling() {
        let line = r#"{"a":1,"b":["é","\u001b"],"c":{"d":null}}"#;
        assert_eq!(canonical(&read(line.as_bytes()).unwrap()), line);
        for (line, why) in [
            (r#"{"b":1,"a":2}"#, BadLine::NotCanonical),
            (r#"{"a": 1}"#, BadLine::NotCanonical),
            (r#"{"a":1.5}"#, BadLine::NotCanonical),
            (r#"{"a":1,"a":1}"#, BadLine::NotCanonical),
            (r#"{"é":1}"#, BadLine::NotCanonical),
            (r#"{"a":"\u00e9"}"#, BadLine::NotCanonical),
            ("[1]", BadLine::NotAnObject),
            (r#"{"a":-0}"#, BadLine::NotCanonical),
            (r#"{"a":9007199254740992}"#, BadLine::NotCanonical),
            (r#"{"a":[[[[[[[[[[[[[[[[0]]]]]]]]]]]]]]]]}"#, BadLine::NotCanonical),
            ("", BadLine::NotAnObject),
        ] {
            assert_eq!(read(line.as_bytes()), Err(why), "{line}");
        }
    }

    #[test]
    fn what_is_read_is_spelled_as_the_standard_says() {
        let controls: String = (0..=0x7f).map(char::from).collect();
        for value in
            [json!(controls), json!([1, -1, 9_007_199_254_740_991_i64]), json!("é\u{10ffff}")]
        {
            let object = Map::from_iter([("b".to_owned(), json!({ "z": null, "A": value }))]);
            let line = canonical(&object);
            assert_eq!(read(line.as_bytes()), Ok(object), "{line}");
        }
    }

    #[test]
    fn a_digest_is_spelled_in_one_way_and_read_again() {
        let digest = Digest::of_kind("keyrite.audit/1", b"{}");
        assert_eq!(Digest::parse(&digest.to_string()), Some(digest));
        assert_eq!(Digest::parse(&digest.hex()), Some(digest));
        assert_ne!(digest, Digest::of_kind("keyrite.journal/1", b"{}"));
        assert_eq!(digest, Digest::of(b"keyrite.audit/1\0{}"));
        for text in ["", "sha256:", "sha256:00", &"g".repeat(64), &"é".repeat(32)] {
            assert_eq!(Digest::parse(text), None, "{text}");
        }
    }
}
