//! Checkpoints: where a chain was, in a text that people sign and keep.

use std::fmt;

use super::entry::Head;
use super::names::Writer;
use crate::engine::chain::Digest;

/// The first line of the text.
const KIND: &str = "keyrite.checkpoint/1";

/// Where the chain of a writer was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose chain.
    pub writer: Writer,
    /// Its last line then.
    pub head: Head,
}

impl Checkpoint {
    /// Reads the four lines of its text.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        let lines = std::str::from_utf8(text).ok()?;
        let mut lines = lines.strip_prefix(KIND)?.strip_prefix('\n')?.lines();
        let writer = Writer::parse(lines.next()?)?;
        let seq = lines.next()?.parse().ok()?;
        let hash = Digest::parse(lines.next()?)?;
        let checkpoint = Self { writer, head: Head { seq, hash } };
        // One spelling, so that nothing can stand beside what is signed.
        (seq > 0 && checkpoint.to_string().as_bytes() == text).then_some(checkpoint)
    }

    /// The name of its file.
    #[must_use]
    pub fn file_name(&self) -> String {
        format!("{}-{}.txt", self.writer, self.head.seq)
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Head { seq, hash } = self.head;
        write!(f, "{KIND}\n{}\n{seq}\n{hash}\n", self.writer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_has_one_text() {
        let writer = Writer::parse("alice-0a1b2c3d").unwrap();
        let checkpoint = Checkpoint { writer, head: Head { seq: 17, hash: Digest::of(b"x") } };
        let text = checkpoint.to_string();
        assert_eq!(Checkpoint::parse(text.as_bytes()), Some(checkpoint));
        for other in [
            text.replace("17", "017"),
            text.replace("17", "+17"),
            text.replace("17", "0"),
            text.replace('\n', "\r\n"),
            text.replace("sha256:", ""),
            text.to_uppercase(),
            text.replace("alice", "../a"),
            format!("{text}\n"),
            text.trim_end().to_owned(),
        ] {
            assert_ne!(other, text);
            assert_eq!(Checkpoint::parse(other.as_bytes()), None, "{other}");
        }
    }
}
