//! What this machine remembers of its writers, outside the workspace: a log
//! that was brought back from an old copy is noticed by it.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::error::AuditError;
use super::files::{read_small, visible};
use crate::adapters::durable;
use crate::engine::audit::{Head, Writer};
use crate::engine::chain::{self, Digest};

/// Bytes of a state at the most.
const MAX_BYTES: usize = 4096;

/// What is remembered of one writer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct State {
    pub(super) writer: Writer,
    /// The last line that was written.
    pub(super) head: Head,
    /// Whether it was given up for a new one.
    pub(super) is_left: bool,
}

impl State {
    fn parse(text: &[u8]) -> Option<Self> {
        let fields = chain::read(text.strip_suffix(b"\n")?).ok()?;
        if !fields.keys().eq(["hash", "left", "seq", "v", "writer"]) || fields.get("v")? != 1 {
            return None;
        }
        Some(Self {
            writer: Writer::parse(fields.get("writer")?.as_str()?)?,
            head: Head {
                seq: fields.get("seq")?.as_u64()?,
                hash: Digest::parse(fields.get("hash")?.as_str()?)?,
            },
            is_left: fields.get("left")?.as_bool()?,
        })
    }

    /// Writes it, durably, into the folder of the workspace's states.
    pub(super) fn put(&self, folder: &Path) -> io::Result<()> {
        let fields = json!({
            "hash": self.head.hash.to_string(),
            "left": self.is_left,
            "seq": self.head.seq,
            "v": 1,
            "writer": self.writer.as_str(),
        });
        let line = fields.as_object().map(chain::canonical).unwrap_or_default();
        durable::put(&self.file(folder), format!("{line}\n").as_bytes())
    }

    fn file(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{}.json", self.writer))
    }
}

/// The folder of the states of a workspace.
pub(super) fn folder(states: &Path, workspace: &Path) -> io::Result<PathBuf> {
    let workspace = std::fs::canonicalize(workspace)?;
    Ok(states.join(Digest::of(workspace.as_os_str().as_encoded_bytes()).hex()))
}

/// All states in that folder.
pub(super) fn all(folder: &Path) -> Result<Vec<State>, AuditError> {
    let failed = |source| AuditError::Io { path: visible(folder), doing: "read", source };
    let mut states = Vec::new();
    for name in super::files::names(folder).map_err(failed)? {
        let Some(writer) = name.strip_suffix(".json").and_then(Writer::parse) else { continue };
        let path = folder.join(&name);
        let bytes = read_small(&path, MAX_BYTES).map_err(|source| AuditError::Io {
            path: visible(&path),
            doing: "read",
            source,
        })?;
        let state = State::parse(&bytes).filter(|state| state.writer == writer);
        states.push(state.ok_or_else(|| AuditError::State(visible(&path)))?);
    }
    Ok(states)
}
