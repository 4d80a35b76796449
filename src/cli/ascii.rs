//! Output for terminals that do not speak UTF-8.

use std::io::{self, Write};

/// Spells out what is not ASCII, as `\u{fc}`.
///
/// To a terminal of one byte for each character, the second byte of many a
/// letter in UTF-8 is a control character.
pub struct AsciiOnly<W: Write>(pub W);

impl<W: Write> Write for AsciiOnly<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.is_ascii() {
            return self.0.write_all(bytes);
        }
        for c in String::from_utf8_lossy(bytes).chars() {
            if c.is_ascii() {
                write!(self.0, "{c}")?;
            } else {
                write!(self.0, "{}", c.escape_unicode())?;
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_ascii_comes_through() {
        let mut out = AsciiOnly(Vec::new());
        writeln!(out, "J\u{fc}rg \u{db}2J {}", 7).unwrap();
        assert_eq!(out.0, b"J\\u{fc}rg \\u{db}2J 7\n");
    }
}
