//! `keyrite digest`, and digests as they are read aloud.

use std::io::{self, Write};
use std::path::PathBuf;

use super::report::Report;
use crate::app::exit::Exit;
use crate::app::file_digest;
use crate::domain::text::{VisibleText, wrap};
use crate::domain::words;
use crate::engine::chain::Digest;

/// Prints the digest of each file, on one line, in groups and in words.
pub(super) fn run(files: &[PathBuf], out: &mut dyn Write) -> Result<Exit, Report> {
    for file in files {
        let name = VisibleText::from_bytes(file.as_os_str().as_encoded_bytes());
        let digest = file_digest(file).map_err(|error| {
            Report::failed(format!("{name}: {error}"))
                .hint("nothing was changed; name files that can be read")
        })?;
        writeln!(out, "{}  {name}", digest.hex())?;
        spell(&digest, out)?;
    }
    Ok(Exit::Ok)
}

/// A digest in groups of four, and in words that are numbered from 1.
pub(super) fn spell_numbered(digest: &Digest, out: &mut dyn Write) -> io::Result<()> {
    groups(digest, out)?;
    let words: Vec<_> = words::spell(digest.bytes()).enumerate().collect();
    for row in words.chunks(4) {
        let cells = row.iter().map(|(at, word)| format!("{:>2} {word:<12}", at + 1));
        writeln!(out, "  {}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}

fn groups(digest: &Digest, out: &mut dyn Write) -> io::Result<()> {
    let hex = digest.hex();
    let groups: Vec<_> = hex.as_bytes().chunks(4).map(String::from_utf8_lossy).collect();
    for half in groups.chunks(8) {
        writeln!(out, "  {}", half.join(" "))?;
    }
    Ok(())
}

/// A digest in groups of four, and in words.
pub(super) fn spell(digest: &Digest, out: &mut dyn Write) -> io::Result<()> {
    groups(digest, out)?;
    let words: Vec<_> = words::spell(digest.bytes()).collect();
    for line in wrap(&words.join(" "), 76) {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}
