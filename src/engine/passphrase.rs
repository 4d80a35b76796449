//! Passphrases that nobody has to think of.

use zeroize::Zeroizing;

use super::secret::Secret;
use crate::domain::words;

/// What reads a passphrase decides what it looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PassphraseKind {
    /// For machines: 26 letters and digits of 5 bits each, 130 bits.
    Ci,
    /// For people: 13 words of the PGP word list of 8 bits each, 104 bits.
    /// Words of two and of three syllables alternate, so that a missing,
    /// doubled or swapped one is noticed, and hyphens stand between them.
    Words,
}

/// Digits and capitals without 0 and O, 1 and I, which are taken for each
/// other: 32 of them, so that a byte chooses one without a preference.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

impl PassphraseKind {
    /// Letters or words in a passphrase of this kind.
    const fn parts(self) -> usize {
        match self {
            Self::Ci => 26,
            Self::Words => 13,
        }
    }

    /// Bits of entropy of a passphrase of this kind, if its bytes were random.
    #[must_use]
    pub const fn bits(self) -> usize {
        match self {
            Self::Ci => self.parts() * 5,
            Self::Words => self.parts() * 8,
        }
    }
}

/// A new passphrase. `fill` fills a buffer with random bytes.
#[must_use]
pub fn generate_passphrase(fill: &mut dyn FnMut(&mut [u8]), kind: PassphraseKind) -> Secret {
    let mut bytes = Zeroizing::new([0; 32]);
    let bytes = bytes.get_mut(..kind.parts()).unwrap_or_default();
    fill(bytes);
    let mut passphrase = Secret::empty();
    for (place, byte) in bytes.iter().enumerate() {
        match kind {
            PassphraseKind::Ci => {
                let letter = ALPHABET.get(usize::from(byte % 32));
                passphrase.append(letter.map(std::slice::from_ref).unwrap_or_default());
            }
            PassphraseKind::Words => {
                if place > 0 {
                    passphrase.push('-');
                }
                passphrase.append(words::word(*byte, place).as_bytes());
            }
        }
    }
    passphrase
}

/// A passphrase in lines of at most `room` bytes, as it is shown to be written
/// down: they end behind hyphens, if there are any.
pub fn lines(passphrase: &Secret, room: usize) -> impl Iterator<Item = &str> {
    let mut rest = std::str::from_utf8(passphrase.expose()).unwrap_or_default();
    std::iter::from_fn(move || {
        let (line, behind) = rest.split_at_checked(cut_at(rest, room))?;
        rest = behind;
        (!line.is_empty()).then_some(line)
    })
}

/// Where a line of at most `room` bytes ends: behind a hyphen, if there is one.
fn cut_at(text: &str, room: usize) -> usize {
    let room = room.max(1);
    if text.len() <= room {
        return text.len();
    }
    let boundary = (0..=room).rev().find(|at| text.is_char_boundary(*at) && *at > 0);
    let boundary = boundary.unwrap_or(text.len());
    let head = text.get(..boundary).unwrap_or_default();
    head.rfind('-').map_or(boundary, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn generated(kind: PassphraseKind, mut bytes: impl FnMut(usize) -> u8) -> String {
        let mut fill = |buffer: &mut [u8]| {
            buffer.iter_mut().enumerate().for_each(|(place, byte)| *byte = bytes(place));
        };
        let passphrase = generate_passphrase(&mut fill, kind);
        String::from_utf8(passphrase.expose().to_vec()).unwrap()
    }

    #[test]
    fn words_can_be_read_back_and_every_byte_counts() {
        let bytes: Vec<u8> = (0..13).map(|place| place * 19 + 3).collect();
        let text = generated(PassphraseKind::Words, |place| bytes[place]);
        assert_eq!(words::read(text.split('-')).unwrap(), bytes);
        for changed in 0..13 {
            let other =
                generated(PassphraseKind::Words, |place| bytes[place] ^ u8::from(place == changed));
            assert_ne!(text, other);
        }
    }

    #[test]
    fn letters_cannot_be_taken_for_each_other() {
        let letters: BTreeSet<_> = ALPHABET.iter().collect();
        assert_eq!(letters.len(), 32);
        assert!(!ALPHABET.iter().any(|letter| b"0O1Il".contains(letter)));
        let text = generated(PassphraseKind::Ci, |place| u8::try_from(place * 9).unwrap());
        assert_eq!(text.len(), 26);
        for changed in 0..26 {
            let other = generated(PassphraseKind::Ci, |place| {
                u8::try_from(place * 9).unwrap() ^ u8::from(place == changed)
            });
            assert_ne!(text, other);
        }
    }

    #[test]
    fn no_passphrase_has_less_than_100_bits() {
        assert_eq!(PassphraseKind::Ci.bits(), 130);
        assert_eq!(PassphraseKind::Words.bits(), 104);
    }
}
