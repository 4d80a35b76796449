//! The PGP word list: bytes as words for reading aloud.
//!
//! Bytes at even places use the words of two syllables, bytes at odd places
//! those of three, so that a swapped, missing or doubled word is noticed.
//! Source: P. Juola and P. Zimmermann, "Whole-Word Phonetic Distances and the
//! `PGPfone` Alphabet" (1996); the table was checked against two publications.

const TABLE: &str = include_str!("../../assets/words/pgp.txt");

/// Why a spoken fingerprint cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WordsError {
    /// The word stands in neither list.
    #[error("word {place} is not in the PGP word list")]
    Unknown {
        /// Which word, counted from 1.
        place: usize,
    },
    /// The word belongs to the other list: one was left out, doubled or
    /// swapped before it.
    #[error(
        "word {place} stands at the wrong place: a word before it is missing, doubled or swapped"
    )]
    WrongPlace {
        /// Which word, counted from 1.
        place: usize,
    },
}

/// The word of `byte` at that place, counted from 0.
#[must_use]
pub fn word(byte: u8, place: usize) -> &'static str {
    let row = rows().nth(usize::from(byte));
    row.map_or("", |(even, odd)| if place.is_multiple_of(2) { even } else { odd })
}

/// The words of `bytes`, in order.
pub fn spell(bytes: &[u8]) -> impl Iterator<Item = &'static str> {
    let table: Vec<_> = rows().collect();
    let words: Vec<_> = bytes
        .iter()
        .enumerate()
        .filter_map(|(place, byte)| {
            let (even, odd) = table.get(usize::from(*byte))?;
            Some(if place % 2 == 0 { *even } else { *odd })
        })
        .collect();
    words.into_iter()
}

/// The bytes of `words`; case does not matter.
pub fn read<'a>(words: impl Iterator<Item = &'a str>) -> Result<Vec<u8>, WordsError> {
    words
        .enumerate()
        .map(|(index, word)| {
            let place = index + 1;
            let (byte, even) = (0u8..=255)
                .zip(rows())
                .find_map(|(byte, (even, odd))| {
                    if even.eq_ignore_ascii_case(word) {
                        Some((byte, true))
                    } else {
                        odd.eq_ignore_ascii_case(word).then_some((byte, false))
                    }
                })
                .ok_or(WordsError::Unknown { place })?;
            if even == (index % 2 == 0) { Ok(byte) } else { Err(WordsError::WrongPlace { place }) }
        })
        .collect()
}

fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLE.lines().filter_map(|line| line.split_once(' '))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_table_has_two_lists_of_256_different_words() {
        assert_eq!(rows().count(), 256);
        let all: BTreeSet<_> = rows().flat_map(|(e, o)| [e, o]).collect();
        assert_eq!(all.len(), 512);
    }

    #[test]
    fn every_byte_survives_at_both_places() {
        let bytes: Vec<u8> = (0..=255).flat_map(|b| [b, b]).collect();
        assert_eq!(read(spell(&bytes)).unwrap(), bytes);
    }

    #[test]
    fn the_published_example_is_spelled_as_published() {
        let words: Vec<_> = spell(&[0xe5, 0x82, 0x94, 0xf2, 0xe9, 0xa2]).collect();
        assert_eq!(words, ["topmost", "istanbul", "pluto", "vagabond", "treadmill", "pacific"]);
    }

    #[test]
    fn a_missing_or_unknown_word_is_named_by_its_place() {
        assert_eq!(
            read(["topmost", "pluto"].into_iter()),
            Err(WordsError::WrongPlace { place: 2 })
        );
        assert_eq!(read(["topmost", "plato"].into_iter()), Err(WordsError::Unknown { place: 2 }));
        assert_eq!(read(["TOPMOST"].into_iter()), Ok(vec![0xe5]));
    }
}
