//! Whether something that is to be shown has a part of a secret in it: as it
//! is, in base64, in hex or as a list of numbers.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use zeroize::Zeroizing;

#[cfg(feature = "network")]
use crate::domain::text::VisibleText;
#[cfg(feature = "network")]
use crate::engine::place::PlaceError;

/// What is said instead.
pub(super) const HIDDEN: &str = "what it said has a part of the secret in it";
/// A part that tells something, in bytes.
const TELLING: usize = 12;

/// Whether a part of the value is in it.
pub(super) fn tells(said: &[u8], value: &[u8]) -> bool {
    if has_part(said, value) {
        return true;
    }
    // Encoded texts are broken into lines, and hex is written in groups.
    let condensed = |keep: fn(u8) -> Option<u8>| -> Zeroizing<Vec<u8>> {
        Zeroizing::new(said.iter().filter_map(|byte| keep(*byte)).collect())
    };
    let as_base64 = condensed(|byte| match byte {
        b'-' => Some(b'+'),
        b'_' => Some(b'/'),
        byte => (!byte.is_ascii_whitespace()).then_some(byte),
    });
    let as_hex = condensed(|byte| byte.is_ascii_hexdigit().then(|| byte.to_ascii_lowercase()));
    // Whatever stands before it, it begins at one of three places of a group.
    let mut shifted = (0..3).filter_map(|skipped| value.get(skipped..));
    // Of a short one the second and the third would be in every text.
    shifted.any(|rest| {
        let is_long = rest.len() >= TELLING || rest.len() == value.len();
        is_long && has_part(&as_base64, &base64_of(rest))
    }) || has_part(&as_hex, &hex_of(value))
        || [8, 10, 16].into_iter().any(|radix| has_part(&numbers(said, radix), value))
}

/// The error, without the words of somebody who repeats what was sent.
#[cfg(feature = "network")]
pub(super) fn without(error: PlaceError, value: &[u8]) -> PlaceError {
    if !tells(error.to_string().as_bytes(), value) {
        return error;
    }
    let hidden = VisibleText::from_text(HIDDEN);
    match error {
        PlaceError::Unreachable { place, .. } => PlaceError::Unreachable { place, why: hidden },
        PlaceError::Absent { place, .. } => PlaceError::Absent { place, why: hidden },
        PlaceError::Refused { place, .. } => PlaceError::Refused { place, why: hidden },
        PlaceError::OtherPlace { place, .. } => PlaceError::OtherPlace { place, found: hidden },
        PlaceError::Unfit { place, .. } => PlaceError::Unfit { place, why: HIDDEN.to_owned() },
        PlaceError::InDoubt { place, .. } => PlaceError::InDoubt { place, why: hidden },
        PlaceError::Changed { .. } | PlaceError::Unable { .. } => error,
    }
}

/// What a list of numbers stands for, such as `[45, 45]`, `0x2d 0x2d` or what
/// od and hexdump print: bytes, or words of two bytes, the lower one first.
fn numbers(said: &[u8], radix: u32) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(said.len()));
    for word in said.split(|byte| !byte.is_ascii_alphanumeric()) {
        let word = std::str::from_utf8(word).unwrap_or_default();
        let digits = word.strip_prefix("0x").or_else(|| word.strip_prefix('x')).unwrap_or(word);
        match u16::from_str_radix(digits, radix).map(u16::to_le_bytes) {
            Ok([byte, 0]) => bytes.push(byte),
            Ok(both) => bytes.extend(both),
            Err(_) => {}
        }
    }
    bytes
}

/// Whether something of `part` that is long enough is in `said`. Only parts of
/// what was said are kept, which is short.
fn has_part(said: &[u8], part: &[u8]) -> bool {
    let length = TELLING.min(part.len());
    if length == 0 {
        return false;
    }
    let parts: HashSet<&[u8]> = said.windows(length).collect();
    part.windows(length).any(|part| parts.contains(part))
}

/// Without the last group, which what comes behind it could change.
fn base64_of(value: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut encoded = Zeroizing::new(vec![0; value.len().div_ceil(3) * 4]);
    let length = STANDARD_NO_PAD.encode_slice(value, &mut encoded).unwrap_or_default();
    encoded.truncate(if value.len().is_multiple_of(3) { length } else { length.saturating_sub(1) });
    encoded
}

fn hex_of(value: &[u8]) -> Zeroizing<Vec<u8>> {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).map_or(b'0', |digit| digit as u8);
    let mut hex = Zeroizing::new(Vec::with_capacity(value.len() * 2));
    for byte in value {
        hex.extend([digit(byte >> 4), digit(byte & 15)]);
    }
    hex
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};

    use super::*;

    const VALUE: &[u8] = b"\xff\xfe a long secret \xfb\xff of many letters";

    #[test]
    fn it_is_found_however_it_is_written() {
        for before in ["", "x", "xy", "xyz"] {
            let all = [before.as_bytes(), VALUE, b"tail"].concat();
            let hex = hex_of(&all);
            let hex = std::str::from_utf8(&hex).unwrap().to_owned();
            let grouped: Vec<_> = hex.as_bytes().chunks(2).map(<[u8]>::to_vec).collect();
            let base64 = STANDARD.encode(&all);
            let lines: Vec<_> = base64.as_bytes().chunks(9).map(<[u8]>::to_vec).collect();
            for said in [
                all.clone(),
                base64.clone().into_bytes(),
                URL_SAFE.encode(&all).into_bytes(),
                lines.join(&b"\r\n"[..]),
                hex.clone().into_bytes(),
                hex.to_uppercase().into_bytes(),
                grouped.join(&b':'),
            ] {
                assert!(tells(&said, VALUE), "{:?}", String::from_utf8_lossy(&said));
            }
        }
    }

    #[test]
    fn it_is_found_in_lists_of_numbers() {
        let all = [b"x", VALUE, b"tail!"].concat();
        let list = |one: fn(&u8) -> String, between: &str| {
            all.iter().map(one).collect::<Vec<_>>().join(between).into_bytes()
        };
        let words = |one: fn(u16) -> String| {
            let word = |pair: &[u8]| one(u16::from_le_bytes([pair[0], pair[1]]));
            all.chunks_exact(2).map(word).collect::<Vec<_>>().join(" ").into_bytes()
        };
        let lines = |one: fn(&u8) -> String| {
            let line = |(at, line): (usize, &[u8])| {
                format!("{:07o} {}\n", at * 16, line.iter().map(one).collect::<Vec<_>>().join(" "))
            };
            all.chunks(16).enumerate().map(line).collect::<String>().into_bytes()
        };
        for said in [
            format!("{all:?}").into_bytes(),
            list(ToString::to_string, " "),
            list(|byte| format!("{byte:3}"), "\n"),
            list(|byte| format!("0x{byte:02x}"), ", "),
            list(|byte| format!("\\x{byte:02x}"), ""),
            list(|byte| format!("\\{byte:03o}"), ""),
            lines(|byte| format!("{byte:3}")),
            lines(|byte| format!("{byte:03o}")),
            words(|word| format!("{word:04x}")),
            words(|word| format!("{word:06o}")),
        ] {
            assert!(tells(&said, VALUE), "{:?}", String::from_utf8_lossy(&said));
        }
    }

    #[test]
    fn other_words_are_not_taken_for_it() {
        let words = "TEST: permission denied, nothing was written";
        let numbers = "line 45 of 1000, 12 of 34: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]";
        for said in ["no key", words, numbers, "a long", ""] {
            assert!(!tells(said.as_bytes(), VALUE), "{said}");
        }
        assert!(!tells(b"anything", b""));
    }
}
