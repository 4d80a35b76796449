//! `GnuPG`'s keybox files (`pubring.kbx`), read without `GnuPG`.
//!
//! Even `gpg --list-keys` writes into a home, so the file is read directly. A
//! keybox is a sequence of blobs; those of type 2 hold a certificate at a
//! stated place. The layout is that of `GnuPG`'s kbx/keybox-blob.c.

use std::ops::Range;

/// Bytes 8 to 11 of the first blob.
const MAGIC: &[u8] = b"KBXf";

const TYPE_EMPTY: u8 = 0;
const TYPE_HEADER: u8 = 1;
const TYPE_OPENPGP: u8 = 2;
const TYPE_X509: u8 = 3;

/// A part of a keybox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Where the packets of one certificate stand.
    Certificate(Range<usize>),
    /// An X.509 certificate, which is no business of ours.
    X509,
    /// From here on the blobs make no sense.
    Damaged {
        /// Where.
        at: usize,
    },
}

/// Whether `data` is a keybox.
#[must_use]
pub fn is_keybox(data: &[u8]) -> bool {
    data.get(4) == Some(&TYPE_HEADER) && data.get(8..12) == Some(MAGIC)
}

/// The parts of a keybox, in order; after damage there are no more.
pub fn parts(data: &[u8]) -> impl Iterator<Item = Part> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = data.get(at..).filter(|rest| !rest.is_empty())?;
            let start = at;
            let Some(blob) = Blob::read(rest) else {
                at = data.len();
                return Some(Part::Damaged { at: start });
            };
            at += blob.length;
            match blob.kind {
                TYPE_EMPTY | TYPE_HEADER => {}
                TYPE_X509 => return Some(Part::X509),
                TYPE_OPENPGP => {
                    return Some(if let Some(range) = blob.keyblock {
                        Part::Certificate(start + range.start..start + range.end)
                    } else {
                        at = data.len();
                        Part::Damaged { at: start }
                    });
                }
                _ => {
                    at = data.len();
                    return Some(Part::Damaged { at: start });
                }
            }
        }
    })
}

struct Blob {
    length: usize,
    kind: u8,
    /// Place of the packets, counted from the start of the blob.
    keyblock: Option<Range<usize>>,
}

impl Blob {
    fn read(bytes: &[u8]) -> Option<Self> {
        let length = number(bytes, 0)?;
        let kind = *bytes.get(4)?;
        let smallest = if kind == TYPE_EMPTY { 5 } else { 20 };
        if length < smallest || length > bytes.len() {
            return None;
        }
        let keyblock = number(bytes, 8).zip(number(bytes, 12)).and_then(|(offset, size)| {
            let end = offset.checked_add(size)?;
            (offset >= 20 && size > 0 && end <= length).then_some(offset..end)
        });
        Some(Self { length, kind, keyblock })
    }
}

/// The big-endian number of four bytes at `at`.
fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
    usize::try_from(u32::from_be_bytes(bytes)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Vec<u8> {
        let mut blob = vec![0, 0, 0, 32, TYPE_HEADER, 1, 0, 2];
        blob.extend_from_slice(MAGIC);
        blob.resize(32, 0);
        blob
    }

    fn openpgp(packets: &[u8]) -> Vec<u8> {
        let length = u32::try_from(40 + packets.len()).unwrap();
        let mut blob = length.to_be_bytes().to_vec();
        blob.extend([TYPE_OPENPGP, 1, 0, 0, 0, 0, 0, 20]);
        blob.extend(u32::try_from(packets.len()).unwrap().to_be_bytes());
        blob.extend([0; 4]);
        blob.extend(packets);
        blob.extend([0; 20]);
        blob
    }

    #[test]
    fn certificates_are_found_at_their_places() {
        let data = [header(), openpgp(b"one"), vec![0, 0, 0, 6, 0, 9], openpgp(b"three")].concat();
        assert!(is_keybox(&data));
        let found: Vec<_> = parts(&data)
            .map(|part| match part {
                Part::Certificate(range) => data[range].to_vec(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(found, [b"one".to_vec(), b"three".to_vec()]);
    }

    #[test]
    fn damage_is_told_and_ends_the_reading() {
        let mut data = [header(), openpgp(b"one"), openpgp(b"two")].concat();
        data[32 + 43] = 0xff; // the second certificate's length
        let found: Vec<_> = parts(&data).collect();
        assert_eq!(found.len(), 2);
        assert_eq!(found[1], Part::Damaged { at: 32 + 43 });
    }

    #[test]
    fn a_keyblock_outside_of_its_blob_is_damage() {
        let mut data = [header(), openpgp(b"one")].concat();
        data[32 + 15] = 200;
        assert_eq!(parts(&data).collect::<Vec<_>>(), [Part::Damaged { at: 32 }]);
    }

    #[test]
    fn other_files_are_no_keybox() {
        for data in [&b""[..], b"KBXf", &[0x99; 64]] {
            assert!(!is_keybox(data));
        }
    }

    proptest::proptest! {
        #[test]
        fn reading_never_panics_and_ends(mut data in proptest::collection::vec(0u8.., 0..300)) {
            data.splice(0..0, header());
            proptest::prop_assert!(parts(&data).count() <= data.len());
        }
    }
}
