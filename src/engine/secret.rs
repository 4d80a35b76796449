//! Bytes that nobody may see.

use std::fmt;

use zeroize::Zeroize as _;

/// Longest secret, in bytes; also the size of the page that it has to itself.
const PAGE: usize = 4096;

/// A secret in a page of its own: locked in memory where the system allows
/// it, zeroed when dropped, never cloned, printed or written.
///
/// The page is as large as it will ever be, so that no copy stays behind
/// where a buffer grew.
pub struct Secret {
    /// In front of the memory: what is dropped first is unlocked while it is
    /// still there.
    lock: Option<region::LockGuard>,
    /// Two pages and a bit, one of which is whole and aligned.
    memory: Vec<u8>,
    start: usize,
    length: usize,
}

impl Secret {
    /// An empty one, to be typed into.
    #[must_use]
    pub fn empty() -> Self {
        let memory = vec![0; PAGE * 2];
        let start = memory.as_ptr().align_offset(PAGE).min(PAGE);
        let lock = memory.get(start..).and_then(|page| region::lock(page.as_ptr(), PAGE).ok());
        Self { lock, memory, start, length: 0 }
    }

    /// Takes bytes over and zeroes where they were. Absent where they are more
    /// than a page.
    #[must_use]
    pub fn take(bytes: &mut [u8]) -> Option<Self> {
        let mut secret = Self::empty();
        let is_taken = secret.append(bytes);
        bytes.zeroize();
        is_taken.then_some(secret)
    }

    /// Appends bytes; `false`, and nothing is appended, where there is no
    /// room.
    pub fn append(&mut self, bytes: &[u8]) -> bool {
        let from = self.start + self.length;
        if self.length + bytes.len() > PAGE {
            return false;
        }
        let Some(room) = self.memory.get_mut(from..from + bytes.len()) else { return false };
        room.copy_from_slice(bytes);
        self.length += bytes.len();
        true
    }

    /// Appends a character.
    pub fn push(&mut self, character: char) -> bool {
        let mut buffer = [0; 4];
        let is_pushed = self.append(character.encode_utf8(&mut buffer).as_bytes());
        buffer.zeroize();
        is_pushed
    }

    /// Removes the last character.
    pub fn pop(&mut self) {
        let kept = std::str::from_utf8(self.expose())
            .ok()
            .and_then(|text| text.char_indices().next_back())
            .map_or(self.length.saturating_sub(1), |(at, _)| at);
        let (from, until) = (self.start + kept, self.start + self.length);
        self.memory.get_mut(from..until).unwrap_or_default().zeroize();
        self.length = kept;
    }

    /// Removes everything.
    pub fn clear(&mut self) {
        self.memory.zeroize();
        self.memory.resize(PAGE * 2, 0);
        self.length = 0;
    }

    /// The bytes, for as long as they are needed.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.memory.get(self.start..self.start + self.length).unwrap_or_default()
    }

    /// How many characters it has.
    #[must_use]
    pub fn characters(&self) -> usize {
        std::str::from_utf8(self.expose()).map_or(self.length, |text| text.chars().count())
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Whether the system keeps its page in memory.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.lock.is_some()
    }

    /// Whether both are the same; takes as long wherever they differ.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        let differing = self.expose().iter().zip(other.expose()).fold(0, |d, (a, b)| d | (a ^ b));
        self.length == other.length && differing == 0
    }

    /// Whether a part of it that tells something is in a text.
    #[must_use]
    pub fn is_partly_in(&self, text: &[u8]) -> bool {
        const TELLING: usize = 10;
        let part = self.expose().windows(TELLING.min(self.length.max(1)));
        part.into_iter().any(|part| text.windows(part.len()).any(|window| window == part))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.memory.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_typed_and_taken_back() {
        let mut secret = Secret::empty();
        for character in "pässword".chars() {
            assert!(secret.push(character));
        }
        assert_eq!((secret.expose(), secret.characters()), ("pässword".as_bytes(), 8));
        for _ in 0..7 {
            secret.pop();
        }
        assert_eq!(secret.expose(), b"p");
        secret.clear();
        secret.pop();
        assert!(secret.is_empty());
        assert!(secret.append(&[b'x'; PAGE]));
        assert!(!secret.push('y'));
        assert_eq!(secret.expose().len(), PAGE);
    }

    #[test]
    fn what_is_taken_is_zeroed_where_it_was() {
        let mut bytes = *b"TEST secret";
        let secret = Secret::take(&mut bytes).unwrap();
        assert_eq!(bytes, [0; 11]);
        assert!(secret.is_same(&Secret::take(&mut b"TEST secret".to_owned()).unwrap()));
        assert!(!secret.is_same(&Secret::take(&mut b"TEST secreT".to_owned()).unwrap()));
        assert!(!secret.is_same(&Secret::take(&mut b"TEST secrets".to_owned()).unwrap()));
        assert_eq!(format!("{secret:?}"), "[redacted]");
        assert!(Secret::take(&mut vec![1; PAGE + 1]).is_none());
    }

    #[test]
    fn its_page_is_locked_and_shared_with_nothing() {
        let secret = Secret::empty();
        assert!(secret.is_locked());
        assert_eq!(secret.expose().as_ptr().align_offset(PAGE), 0);
        assert!(secret.start + PAGE <= secret.memory.len());
    }
}
