//! Packet headers (RFC 9580, 4.2), read without touching what is inside.

/// A packet's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// The packet type.
    pub(super) tag: u8,
    /// Bytes of the header.
    pub(super) length: usize,
    /// Bytes of the body; absent where it comes in parts or has no stated
    /// end, which no packet of a certificate may.
    pub(super) body: Option<usize>,
}

impl Header {
    /// Reads the header at the start of `bytes`.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let first = *bytes.first()?;
        if first & 0x80 == 0 {
            return None;
        }
        if first & 0x40 == 0 {
            Self::read_legacy(first, bytes)
        } else {
            Self::read_openpgp(first, bytes)
        }
    }

    fn read_legacy(first: u8, bytes: &[u8]) -> Option<Self> {
        let tag = (first >> 2) & 0x0f;
        let (length, body) = match first & 0x03 {
            0 => (2, Some(big_endian(bytes.get(1..2)?))),
            1 => (3, Some(big_endian(bytes.get(1..3)?))),
            2 => (5, Some(big_endian(bytes.get(1..5)?))),
            _ => (1, None),
        };
        (tag != 0).then_some(Self { tag, length, body })
    }

    fn read_openpgp(first: u8, bytes: &[u8]) -> Option<Self> {
        let tag = first & 0x3f;
        let (length, body) = match *bytes.get(1)? {
            short @ 0..=191 => (2, Some(usize::from(short))),
            high @ 192..=223 => {
                let low = usize::from(*bytes.get(2)?);
                (3, Some(((usize::from(high) - 192) << 8) + low + 192))
            }
            255 => (6, Some(big_endian(bytes.get(2..6)?))),
            _ => (2, None),
        };
        (tag != 0).then_some(Self { tag, length, body })
    }

    /// Bytes of header and body.
    pub(super) fn total(self) -> Option<usize> {
        self.body.map(|body| self.length.saturating_add(body))
    }
}

/// The number that up to eight bytes spell.
pub(super) fn big_endian(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(tag: u8, length: usize, body: Option<usize>) -> Header {
        Header { tag, length, body }
    }

    #[test]
    fn both_formats_are_read() {
        assert_eq!(Header::read(&[0x98, 0x33]), Some(header(6, 2, Some(0x33))));
        assert_eq!(Header::read(&[0x99, 0x01, 0x0d]), Some(header(6, 3, Some(0x010d))));
        assert_eq!(Header::read(&[0x9a, 0, 1, 0, 0]), Some(header(6, 5, Some(0x10000))));
        assert_eq!(Header::read(&[0xc6, 0x33]), Some(header(6, 2, Some(0x33))));
        assert_eq!(Header::read(&[0xc2, 0xc0, 0x05]), Some(header(2, 3, Some(197))));
        assert_eq!(Header::read(&[0xc2, 0xff, 0, 0, 1, 0]), Some(header(2, 6, Some(256))));
    }

    #[test]
    fn partial_and_indeterminate_lengths_have_no_stated_end() {
        assert_eq!(Header::read(&[0xcb, 0xe1]), Some(header(11, 2, None)));
        assert_eq!(Header::read(&[0xa3]), Some(header(8, 1, None)));
    }

    #[test]
    fn what_is_no_header_is_none() {
        for bytes in [&[][..], &[0x7f], &[0x80], &[0xc0, 0], &[0x99, 0x01], &[0xc6]] {
            assert_eq!(Header::read(bytes), None, "{bytes:02x?}");
        }
    }
}
