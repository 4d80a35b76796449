//! What a write that was cut short has left at the end of a chain.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use rustix::fs::OFlags;
use serde_json::{Map, json};

use super::files::{Name, names, open, read_small};
use crate::adapters::durable::sync_folder;
use crate::engine::audit::{RECOVERED_TAIL, Record, Writer};
use crate::engine::chain::Digest;

/// Bytes of a tail at the most: more than a line was never being written.
pub(super) const MAX_TAIL: usize = 1024 * 1024;

/// Sets aside what is in `file` from `offset` on: first a copy, durably, then
/// the file is cut.
pub(super) fn set_aside(
    file: &mut File,
    folder: &Path,
    writer: &Writer,
    seq: u64,
    offset: u64,
) -> io::Result<()> {
    let mut tail = Vec::new();
    file.seek(SeekFrom::Start(offset))?;
    let bound = u64::try_from(MAX_TAIL).unwrap_or(u64::MAX) + 1;
    file.take(bound).read_to_end(&mut tail)?;
    if tail.len() > MAX_TAIL {
        return Err(io::Error::other("what is behind its last good line is larger than any line"));
    }
    for number in 1_u32.. {
        let name = match number {
            1 => format!("{writer}.torn-{seq}"),
            _ => format!("{writer}.torn-{seq}-{number}"),
        };
        let path = folder.join(name);
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL;
        match open(&path, flags) {
            Ok(mut copy) => {
                copy.write_all(&tail)?;
                copy.sync_all()?;
                sync_folder(&path)?;
                break;
            }
            // Left of a call that was cut short, or of an earlier tail.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                if read_small(&path, MAX_TAIL)? == tail {
                    break;
                }
            }
            Err(error) => return Err(error),
        }
    }
    file.set_len(offset)?;
    file.sync_all()
}

/// Records of the tails of that writer that were set aside, but for those that
/// are recorded.
pub(super) fn unrecorded(
    folder: &Path,
    writer: &Writer,
    recorded: &[Digest],
) -> io::Result<Vec<Record>> {
    let mut records = Vec::new();
    for name in names(folder)? {
        if Name::of(&name) != Name::Torn(writer.clone()) {
            continue;
        }
        let tail = read_small(&folder.join(&name), MAX_TAIL)?;
        let digest = Digest::of(&tail);
        if recorded.contains(&digest) {
            continue;
        }
        let body = Map::from_iter([
            ("bytes".to_owned(), json!(tail.len())),
            ("digest".to_owned(), json!(digest.to_string())),
            ("file".to_owned(), json!(name)),
        ]);
        let actor = writer.person().to_owned();
        records.push(Record { actor, kind: RECOVERED_TAIL.to_owned(), body, run: None });
    }
    Ok(records)
}
