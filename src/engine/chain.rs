//! Lines of canonical JSON in which each names the one before it.
//!
//! A line is RFC 8785 JSON with ASCII keys and integers only. Its hash is
//! SHA-256 over the name of its kind of chain, a NUL and the stored bytes
//! without the line feed; the next line carries it in `prev`.

use std::fmt::{self, Write as _};

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
    /// fractions or keys beyond ASCII.
    #[error("it is not in the canonical form")]
    NotCanonical,
}

/// Reads a line, without its line feed.
pub fn read(line: &[u8]) -> Result<Map<String, Value>, BadLine> {
    let object: Map<String, Value> =
        serde_json::from_slice(line).map_err(|_| BadLine::NotAnObject)?;
    let is_plain = object.iter().all(|(key, value)| key.is_ascii() && is_plain(value));
    if !is_plain || canonical(&object).as_bytes() != line {
        return Err(BadLine::NotCanonical);
    }
    Ok(object)
}

fn is_plain(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => true,
        Value::Number(number) => number.is_i64(),
        Value::Array(values) => values.iter().all(is_plain),
        Value::Object(object) => {
            object.iter().all(|(key, value)| key.is_ascii() && is_plain(value))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            ("", BadLine::NotAnObject),
        ] {
            assert_eq!(read(line.as_bytes()), Err(why), "{line}");
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
