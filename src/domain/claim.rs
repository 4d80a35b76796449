//! Reading a fingerprint in any form in which people exchange it.
//!
//! Lookalikes are refused, never corrected; key IDs are no fingerprints.

use super::fingerprint::Fingerprint;
use super::words::{self, WordsError};

/// In which form a fingerprint was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Hexadecimal digits, with or without separators, `0x` or a URI.
    Digits,
    /// PGP words.
    Words,
    /// Groups as decimal numbers of five digits.
    Numbers,
}

/// A fingerprint as somebody else said it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The value.
    pub fingerprint: Fingerprint,
    /// The form it was said in.
    pub form: Form,
}

/// Why a text is not yet, or not at all, a fingerprint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimError {
    /// Nothing was entered.
    #[error("nothing entered yet")]
    Empty,
    /// A character that no form uses.
    #[error("character {place} is '{character}': only 0-9 and A-F are digits{hint}", hint = lookalike(*character))]
    Character {
        /// Which character, counted from 1, spaces included.
        place: usize,
        /// The character, spelled out where it is not plainly visible.
        character: char,
    },
    /// A short or long key ID.
    #[error(
        "{digits} digits are a key ID: many keys can share it, so it proves nothing; ask for the full fingerprint"
    )]
    KeyId {
        /// Digits entered.
        digits: usize,
    },
    /// A version 3 fingerprint, or a version 4 one that is not finished.
    #[error(
        "32 digits are a version 3 fingerprint (MD5), which can be forged, or 8 digits of a version 4 one are missing"
    )]
    Legacy,
    /// Neither 40 nor 64 digits.
    #[error("{digits} digits entered; a fingerprint has 40, or 64 for a version 6 key")]
    Length {
        /// Digits entered.
        digits: usize,
    },
    /// A group that is not a number between 00000 and 65535.
    #[error("number {place} is not between 00000 and 65535")]
    Number {
        /// Which number, counted from 1.
        place: usize,
    },
    /// Words that the list does not have, or at the wrong place.
    #[error(transparent)]
    Words(#[from] WordsError),
}

fn lookalike(character: char) -> &'static str {
    match character {
        'o' | 'O' => " (is it the digit zero?)",
        'i' | 'I' | 'l' | 'L' | '|' => " (is it the digit one?)",
        's' | 'S' => " (is it the digit five?)",
        'z' | 'Z' => " (is it the digit two?)",
        'g' | 'G' => " (is it the digit six or nine?)",
        _ => "",
    }
}

/// Reads a fingerprint in any of its forms.
///
/// Lookalikes are refused, never corrected.
pub fn read_claim(text: &str) -> Result<Claim, ClaimError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(ClaimError::Empty);
    }
    let is_separator = |c: char| c.is_whitespace() || matches!(c, ':' | '-' | ',' | '.');
    let parts: Vec<&str> = text.split(is_separator).filter(|part| !part.is_empty()).collect();

    let numbers = parts.len() >= 10
        && parts.iter().all(|part| part.len() == 5 && part.bytes().all(|b| b.is_ascii_digit()));
    if numbers {
        return read_numbers(&parts);
    }
    let wordy = |part: &&str| part.len() > 4 && part.bytes().all(|b| b.is_ascii_alphabetic());
    let hexish = |part: &&str| part.bytes().all(|b| b.is_ascii_hexdigit());
    if parts.iter().any(|part| wordy(part) && !hexish(part)) && !has_uri_prefix(text) {
        let bytes = words::read(parts.into_iter())?;
        let digits = 2 * bytes.len();
        let fingerprint =
            Fingerprint::from_bytes(&bytes).map_err(|_| ClaimError::Length { digits })?;
        return Ok(Claim { fingerprint, form: Form::Words });
    }
    read_digits(text, is_separator)
}

fn has_uri_prefix(text: &str) -> bool {
    text.get(..URI.len()).is_some_and(|start| start.eq_ignore_ascii_case(URI))
}

const URI: &str = "OPENPGP4FPR:";

fn read_numbers(parts: &[&str]) -> Result<Claim, ClaimError> {
    let mut bytes = Vec::with_capacity(32);
    for (index, part) in parts.iter().enumerate() {
        let value: u16 = part.parse().map_err(|_| ClaimError::Number { place: index + 1 })?;
        bytes.extend_from_slice(&value.to_be_bytes());
    }
    let digits = 2 * bytes.len();
    let fingerprint = Fingerprint::from_bytes(&bytes).map_err(|_| ClaimError::Length { digits })?;
    Ok(Claim { fingerprint, form: Form::Numbers })
}

fn read_digits(text: &str, is_separator: impl Fn(char) -> bool) -> Result<Claim, ClaimError> {
    let mut skip = 0;
    if has_uri_prefix(text) {
        skip = URI.len();
    } else if text.starts_with("0x") || text.starts_with("0X") {
        skip = 2;
    }
    let mut nibbles = Vec::with_capacity(64);
    for (index, character) in text.chars().enumerate().skip(skip) {
        if is_separator(character) {
            continue;
        }
        let digit = character
            .to_digit(16)
            .filter(|_| character.is_ascii())
            .and_then(|digit| u8::try_from(digit).ok())
            .ok_or(ClaimError::Character { place: index + 1, character: printable(character) })?;
        nibbles.push(digit);
    }
    match nibbles.len() {
        40 | 64 => {
            let bytes: Vec<u8> = nibbles
                .chunks(2)
                .map(|pair| pair.iter().fold(0, |sum, n| (sum << 4) | n))
                .collect();
            Fingerprint::from_bytes(&bytes)
                .map(|fingerprint| Claim { fingerprint, form: Form::Digits })
                .map_err(|_| ClaimError::Length { digits: nibbles.len() })
        }
        digits @ (8 | 16) => Err(ClaimError::KeyId { digits }),
        32 => Err(ClaimError::Legacy),
        digits => Err(ClaimError::Length { digits }),
    }
}

fn printable(character: char) -> char {
    if character.is_control() || unicode_width::UnicodeWidthChar::width(character) == Some(0) {
        char::REPLACEMENT_CHARACTER
    } else {
        character
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HEX: &str = "7E6A3F1942C80B5DD19E54A7A3C1F08E6B2D9A47";

    fn ours() -> Fingerprint {
        read_claim(HEX).unwrap().fingerprint
    }

    #[test]
    fn every_form_of_one_fingerprint_is_read() {
        let fpr = ours();
        for (text, form) in [
            (fpr.hex(), Form::Digits),
            (fpr.hex().to_lowercase(), Form::Digits),
            (fpr.grouped(), Form::Digits),
            (format!("0x{HEX}"), Form::Digits),
            (fpr.uri(), Form::Digits),
            (fpr.uri().to_lowercase(), Form::Digits),
            (fpr.groups().join(":"), Form::Digits),
            (format!("  {}\n", fpr.groups().join("-")), Form::Digits),
            (fpr.words().join(" "), Form::Words),
            (fpr.words().join("  ").to_uppercase(), Form::Words),
            (fpr.numbers().join(" "), Form::Numbers),
        ] {
            assert_eq!(read_claim(&text), Ok(Claim { fingerprint: fpr, form }), "{text}");
        }
    }

    #[test]
    fn key_ids_and_legacy_fingerprints_are_refused_with_the_reason() {
        assert_eq!(read_claim(&HEX[32..]), Err(ClaimError::KeyId { digits: 8 }));
        assert_eq!(read_claim(&HEX[24..]), Err(ClaimError::KeyId { digits: 16 }));
        assert_eq!(read_claim(&HEX[8..]), Err(ClaimError::Legacy));
        assert_eq!(read_claim(&HEX[1..]), Err(ClaimError::Length { digits: 39 }));
        assert_eq!(read_claim(""), Err(ClaimError::Empty));
    }

    #[test]
    fn lookalikes_are_named_and_not_corrected() {
        let error = read_claim(&HEX.replace('0', "O")).unwrap_err();
        assert_eq!(error, ClaimError::Character { place: 13, character: 'O' });
        assert!(error.to_string().contains("zero"));
        assert!(read_claim(&HEX.replace('1', "l")).unwrap_err().to_string().contains("one"));
    }

    #[test]
    fn hostile_characters_do_not_reach_the_message() {
        let error = read_claim("7E6A\u{1b}[2J").unwrap_err().to_string();
        assert!(!error.contains('\u{1b}'), "{error}");
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in any::<String>()) {
            let _ = read_claim(&text);
        }
    }
}
