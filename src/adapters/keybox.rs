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
    /// Blobs that make no sense.
    Damaged {
        /// Where they start.
        at: usize,
        /// Whether nothing that makes sense follows.
        is_last: bool,
    },
}

/// Whether `data` is a keybox.
#[must_use]
pub fn is_keybox(data: &[u8]) -> bool {
    data.get(4) == Some(&TYPE_HEADER) && data.get(8..12) == Some(MAGIC)
}

/// The parts of a keybox, in order. Behind damage, the next blob that is
/// plainly one is looked for.
pub fn parts(data: &[u8]) -> impl Iterator<Item = Part> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = data.get(at..).filter(|rest| !rest.is_empty())?;
            let start = at;
            match Blob::read(rest) {
                Some(Blob { length, kind: Kind::Skipped }) => at += length,
                Some(Blob { length, kind: Kind::X509 }) => {
                    at += length;
                    return Some(Part::X509);
                }
                Some(Blob { length, kind: Kind::OpenPgp(keyblock) }) => {
                    at += length;
                    return Some(Part::Certificate(start + keyblock.start..start + keyblock.end));
                }
                None => {
                    at = next_plain_blob(data, start + 1);
                    let is_last = at == data.len();
                    return Some(Part::Damaged { at: start, is_last });
                }
            }
        }
    })
}

/// The next place where a blob with a certificate in it plainly starts.
fn next_plain_blob(data: &[u8], from: usize) -> usize {
    (from..data.len())
        .find(|at| {
            let rest = data.get(*at..).unwrap_or_default();
            // Type and version are cheap to look at.
            if rest.get(4..6) != Some(&[TYPE_OPENPGP, 1]) {
                return false;
            }
            match Blob::read(rest) {
                Some(Blob { kind: Kind::OpenPgp(keyblock), .. }) => {
                    matches!(rest.get(keyblock.start), Some(0x98..=0x9a | 0xc6))
                }
                _ => false,
            }
        })
        .unwrap_or(data.len())
}

struct Blob {
    length: usize,
    kind: Kind,
}

enum Kind {
    /// The header, or a blob that was deleted.
    Skipped,
    X509,
    /// Place of the packets, counted from the start of the blob.
    OpenPgp(Range<usize>),
}

impl Blob {
    fn read(bytes: &[u8]) -> Option<Self> {
        let length = number(bytes, 0)?;
        let kind = *bytes.get(4)?;
        let smallest = if kind == TYPE_EMPTY { 5 } else { 20 };
        if length < smallest || length > bytes.len() {
            return None;
        }
        let kind = match kind {
            TYPE_EMPTY | TYPE_HEADER => Kind::Skipped,
            TYPE_X509 => Kind::X509,
            TYPE_OPENPGP => {
                let (offset, size) = (number(bytes, 8)?, number(bytes, 12)?);
                let end = offset.checked_add(size)?;
                if offset < 20 || size == 0 || end > length {
                    return None;
                }
                Kind::OpenPgp(offset..end)
            }
            _ => return None,
        };
        Some(Self { length, kind })
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
            .map(|part| match part.clone() {
                Part::Certificate(range) => data[range].to_vec(),
                Part::X509 | Part::Damaged { .. } => panic!("{part:?}"),
            })
            .collect();
        assert_eq!(found, [b"one".to_vec(), b"three".to_vec()]);
    }

    #[test]
    fn damage_is_told_and_reading_goes_on_behind_it() {
        let key = b"\x98\x33key";
        let mut data = [header(), openpgp(key), openpgp(key), openpgp(key)].concat();
        data[32 + 45] = 0xff; // the length of the second certificate's blob
        let found: Vec<_> = parts(&data).collect();
        assert_eq!(
            found,
            [
                Part::Certificate(52..57),
                Part::Damaged { at: 77, is_last: false },
                Part::Certificate(142..147)
            ]
        );
    }

    #[test]
    fn a_keyblock_outside_of_its_blob_is_damage() {
        let mut data = [header(), openpgp(b"one")].concat();
        data[32 + 15] = 200;
        assert_eq!(parts(&data).collect::<Vec<_>>(), [Part::Damaged { at: 32, is_last: true }]);
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
