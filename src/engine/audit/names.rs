//! Names that are also those of files.

use std::fmt;

/// A writer: a person at one machine in one workspace, such as
/// `alice-0a1b2c3d`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Writer(Box<str>);

/// Hexadecimal digits behind the person.
const DIGITS: usize = 8;
/// Characters of a person's id at the most.
const MAX_PERSON: usize = 64;

impl Writer {
    /// The writer of that person with that number; absent where the person's
    /// id can be in no file name.
    #[must_use]
    pub fn new(person: &str, number: u32) -> Option<Self> {
        Self::parse(&format!("{person}-{number:08x}"))
    }

    /// Reads `<person>-<8 hex>`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (person, digits) = text.rsplit_once('-')?;
        let is_digit = |c: char| matches!(c, '0'..='9' | 'a'..='f');
        let is_number = digits.len() == DIGITS && digits.chars().all(is_digit);
        (is_number && is_person(person)).then(|| Self(text.into()))
    }

    /// Whose it is.
    #[must_use]
    pub fn person(&self) -> &str {
        self.0.rsplit_once('-').map_or("", |(person, _)| person)
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a person's id can be part of a file name: letters and digits of
/// ASCII, then also `-`, `_` and `.`.
#[must_use]
pub fn is_person(id: &str) -> bool {
    id.len() <= MAX_PERSON
        && id.starts_with(|c: char| c.is_ascii_alphanumeric())
        && id.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

/// Whether it is the id of a run: `YYYYMMDDTHHMMSSZ-` and eight letters or
/// digits, also the name of its folder.
#[must_use]
pub fn is_run(id: &str) -> bool {
    id.len() == 25
        && id.bytes().enumerate().all(|(place, byte)| match place {
            8 => byte == b'T',
            15 => byte == b'Z',
            16 => byte == b'-',
            0..=14 => byte.is_ascii_digit(),
            _ => byte.is_ascii_alphanumeric(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_never_a_path() {
        assert_eq!(Writer::new("al-ice.b_1", 0xa1).unwrap().as_str(), "al-ice.b_1-000000a1");
        assert_eq!(Writer::parse("a-b-0a1b2c3d").unwrap().person(), "a-b");
        let long = format!("{}-0a1b2c3d", "a".repeat(65));
        for text in [
            "",
            "-0a1b2c3d",
            "alice",
            "alice-0A1B2C3D",
            "alice-0a1b2c3",
            "../x-0a1b2c3d",
            ".a-0a1b2c3d",
            "a/b-0a1b2c3d",
            "a\u{301}-0a1b2c3d",
            "a b-0a1b2c3d",
            &long,
        ] {
            assert_eq!(Writer::parse(text), None, "{text}");
        }
        assert!(is_run("20261120T140200Z-ABCDEFGH"));
        for id in [
            "",
            "20261120T140200Z-ABCDEFG",
            "20261120T140200Z-../../..",
            "2026112éT140200Z-ABCDEFG",
        ] {
            assert!(!is_run(id), "{id}");
        }
    }
}
