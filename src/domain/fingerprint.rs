//! Fingerprints, in the forms in which people and machines exchange them.

use std::fmt;

use super::words;

/// The fingerprint of a primary key or subkey (RFC 9580, 5.5.4).
///
/// Version 3 fingerprints (MD5) and key IDs are not representable: neither
/// identifies a key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fingerprint {
    /// Version 4: SHA-1, 160 bit.
    V4([u8; 20]),
    /// Version 6: SHA-256, 256 bit.
    V6([u8; 32]),
}

/// Bytes of a length that no fingerprint has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} bytes are not a version 4 or version 6 fingerprint")]
pub struct NotAFingerprint(pub usize);

impl Fingerprint {
    /// A fingerprint from its 20 or 32 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NotAFingerprint> {
        if let Ok(v4) = bytes.try_into() {
            return Ok(Self::V4(v4));
        }
        bytes.try_into().map(Self::V6).map_err(|_| NotAFingerprint(bytes.len()))
    }

    /// Reads hexadecimal digits with nothing between them.
    #[must_use]
    pub fn from_hex(hex: &str) -> Option<Self> {
        if !hex.is_ascii() || !hex.len().is_multiple_of(2) {
            return None;
        }
        let byte = |at| hex.get(at..at + 2).and_then(|two| u8::from_str_radix(two, 16).ok());
        let bytes: Option<Vec<_>> = (0..hex.len()).step_by(2).map(byte).collect();
        Self::from_bytes(&bytes?).ok()
    }

    /// The raw bytes, 20 or 32.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::V4(bytes) => bytes,
            Self::V6(bytes) => bytes,
        }
    }

    /// The version of the key that has this fingerprint.
    #[must_use]
    pub fn version(&self) -> u8 {
        match self {
            Self::V4(_) => 4,
            Self::V6(_) => 6,
        }
    }

    /// The key ID (RFC 9580, 5.5.4): the last eight bytes in version 4, the
    /// first eight in version 6.
    #[must_use]
    pub fn key_id(&self) -> [u8; 8] {
        let bytes = match self {
            Self::V4(bytes) => bytes.last_chunk(),
            Self::V6(bytes) => bytes.first_chunk(),
        };
        bytes.copied().unwrap_or_default()
    }

    /// Whether `text` holds eight or more of its digits in a row, however they
    /// are grouped.
    #[must_use]
    pub fn is_shown_in(&self, text: &str) -> bool {
        let digits: String = text.chars().filter(char::is_ascii_hexdigit).collect();
        let (digits, ours) = (digits.to_uppercase(), self.hex());
        let mut places = 0..ours.len().saturating_sub(7);
        places.any(|place| ours.get(place..place + 8).is_some_and(|part| digits.contains(part)))
    }

    /// Upper-case hexadecimal digits without separators, as machines want it.
    #[must_use]
    pub fn hex(&self) -> String {
        use fmt::Write as _;
        let mut hex = String::with_capacity(64);
        for byte in self.as_bytes() {
            let _ = write!(hex, "{byte:02X}");
        }
        hex
    }

    /// The last eight digits: enough to tell a key from the others in a list,
    /// and nothing to compare it by.
    #[must_use]
    pub fn last_digits(&self) -> String {
        let mut hex = self.hex();
        hex.split_off(hex.len() - 8)
    }

    /// Groups of four digits: ten for version 4, sixteen for version 6.
    #[must_use]
    pub fn groups(&self) -> Vec<String> {
        self.as_bytes().chunks(2).map(|pair| format!("{:04X}", number(pair))).collect()
    }

    /// The groups in two halves, as people compare them.
    #[must_use]
    pub fn halves(&self) -> (String, String) {
        let groups = self.groups();
        let (left, right) = groups.split_at(groups.len() / 2);
        (left.join(" "), right.join(" "))
    }

    /// All groups, with a wider gap in the middle.
    #[must_use]
    pub fn grouped(&self) -> String {
        let (left, right) = self.halves();
        format!("{left}  {right}")
    }

    /// PGP words, for reading aloud.
    #[must_use]
    pub fn words(&self) -> Vec<&'static str> {
        words::spell(self.as_bytes()).collect()
    }

    /// Groups as decimal numbers of five digits, for people who share no
    /// language: each is one group of four hexadecimal digits.
    #[must_use]
    pub fn numbers(&self) -> Vec<String> {
        self.as_bytes().chunks(2).map(|pair| format!("{:05}", number(pair))).collect()
    }

    /// The URI that key scanners read from a QR code.
    #[must_use]
    pub fn uri(&self) -> String {
        format!("OPENPGP4FPR:{}", self.hex())
    }
}

/// The number that two bytes spell.
fn number(pair: &[u8]) -> u16 {
    pair.iter().fold(0, |sum, byte| (sum << 8) | u16::from(*byte))
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hex())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({})", self.hex())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Fingerprint {
        let mut bytes = [0u8; 20];
        for (place, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::try_from(place * 13).unwrap();
        }
        Fingerprint::from_bytes(&bytes).unwrap()
    }

    #[test]
    fn both_lengths_are_fingerprints_and_no_other_is() {
        assert_eq!(Fingerprint::from_bytes(&[0; 20]).unwrap().version(), 4);
        assert_eq!(Fingerprint::from_bytes(&[0; 32]).unwrap().version(), 6);
        for length in [0, 4, 8, 16, 19, 31, 33] {
            assert_eq!(Fingerprint::from_bytes(&vec![0; length]), Err(NotAFingerprint(length)));
        }
    }

    #[test]
    fn groups_of_four_with_a_gap_in_the_middle() {
        assert_eq!(example().grouped(), "000D 1A27 3441 4E5B 6875  828F 9CA9 B6C3 D0DD EAF7");
    }

    #[test]
    fn numbers_are_the_groups_in_decimal() {
        let numbers = example().numbers();
        assert_eq!(numbers.len(), 10);
        assert_eq!(numbers[0], "00013");
        assert_eq!(numbers[9], format!("{:05}", 0xEAF7));
    }

    #[test]
    fn the_uri_holds_the_whole_fingerprint() {
        assert_eq!(example().uri(), format!("OPENPGP4FPR:{}", example().hex()));
    }
}
