//! What each place was seen to serve, and when: one file for each writer and
//! target, so that two machines never write the same.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::sources::{SourceError, read_file};
use super::{audit_log, durable};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::publication::{
    Component, ComponentKind, Components, Memory, Observed, Since, Verdict,
};
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;
use crate::domain::worded::Worded as _;
use crate::engine::audit::Writer;

/// The folder.
const OBSERVED: &str = "observed";
/// The schema of a file.
const SCHEMA: &str = "keyrite.observed/1";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    schema: String,
    target: String,
    certificates: BTreeMap<String, Seen>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    at: String,
    verdict: String,
    served: BTreeMap<String, Part>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    kind: String,
    of: String,
    created: Option<i64>,
    /// Since when it is known to be served.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<String>,
}

/// What all writers of the log have seen of a target. What cannot be read, and
/// what nobody has written, is passed over: it proves nothing.
#[must_use]
pub fn read(workspace: &Path, target: &str) -> Vec<Observed> {
    let writers = writers(workspace).into_iter();
    let writers = writers.filter(|writer| audit_log::has_chain(workspace, writer));
    writers.flat_map(|writer| of_writer(workspace, &writer, target)).collect()
}

/// All that a target has been seen to serve of a certificate, by the record.
#[must_use]
pub fn memory(workspace: &Path, target: &str, certificate: &Fingerprint) -> Memory {
    let mut all = Memory::default();
    for one in read(workspace, target) {
        if one.certificate == *certificate {
            all.join(&one);
        }
    }
    all
}

fn path(workspace: &Path, writer: &Writer, target: &str) -> PathBuf {
    workspace.join(OBSERVED).join(writer.as_str()).join(format!("{target}.json"))
}

/// A file; absent where there is none.
fn document(path: &Path, target: &str) -> Result<Option<Document>, String> {
    let bytes = match read_file(path) {
        Ok(bytes) => bytes,
        Err(SourceError::Missing) => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    match serde_json::from_slice::<Document>(&bytes) {
        Ok(one) if one.schema == SCHEMA && one.target == target => Ok(Some(one)),
        Ok(_) => Err("it is of something else".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// Why what was seen of a target cannot be read, where it cannot: then nobody
/// knows what it has served.
#[must_use]
pub fn trouble(workspace: &Path, target: &str) -> Option<String> {
    writers(workspace).into_iter().find_map(|writer| {
        let path = path(workspace, &writer, target);
        match document(&path, target) {
            Ok(None) => None,
            Ok(Some(_)) if audit_log::has_chain(workspace, &writer) => None,
            Ok(Some(_)) => Some(format!(
                "{} is of a writer who is not in audit/, so that nobody vouches for it: bring \
                 audit/{writer}.jsonl back from git, or take the file away",
                path.display()
            )),
            Err(why) => {
                Some(format!("{} cannot be read: {why}; bring it back from git", path.display()))
            }
        }
    })
}

/// The writers that have a folder.
fn writers(workspace: &Path) -> Vec<Writer> {
    #[expect(clippy::disallowed_methods, reason = "the folders of writers, by their names")]
    let writers = std::fs::read_dir(workspace.join(OBSERVED));
    let names = writers.into_iter().flatten().flatten().map(|one| one.file_name());
    names.filter_map(|name| name.to_str().and_then(Writer::parse)).collect()
}

fn of_writer(workspace: &Path, writer: &Writer, target: &str) -> Vec<Observed> {
    let Ok(Some(document)) = document(&path(workspace, writer, target), target) else {
        return Vec::new();
    };
    let seen = |(hex, seen): (String, Seen)| {
        let first = |(digest, part): (&String, &Part)| {
            Some((digest.clone(), Timestamp::parse(part.since.as_ref()?).ok()?))
        };
        let since = seen.served.iter().filter_map(first).collect();
        let part = |(digest, part): (String, Part)| {
            let kind = ComponentKind::from_word(&part.kind)?;
            let created = part.created.map(Timestamp::from_unix);
            // It goes to the terminal.
            let of = VisibleText::from_text(&part.of).into_string();
            Some((digest, Component { kind, of, created }))
        };
        Some(Observed {
            certificate: Fingerprint::from_hex(&hex)?,
            at: Timestamp::parse(&seen.at).ok()?,
            verdict: Verdict::from_word(&seen.verdict)?,
            high_water: Components(seen.served.into_iter().filter_map(part).collect()),
            since,
        })
    };
    document.certificates.into_iter().filter_map(seen).collect()
}

/// Who writes here: the chain that this machine has begun for the workspace,
/// where it has exactly one.
#[must_use]
pub fn writer(states: Option<&Path>, workspace: &Path) -> Option<Writer> {
    let mut writers = audit_log::here(states?, workspace).into_keys();
    let first = writers.next();
    if writers.next().is_none() { first } else { None }
}

/// Writes down what this writer has seen of a certificate at a target; what it
/// has seen of others there stays.
pub fn note(workspace: &Path, writer: &Writer, target: &str, seen: Observed) -> io::Result<()> {
    // What cannot be read is not written over.
    document(&path(workspace, writer, target), target).map_err(io::Error::other)?;
    let mut all = of_writer(workspace, writer, target);
    let old = all.iter().find(|one| one.certificate == seen.certificate);
    // Of a place where a door was shut, what was seen there before still holds.
    let seen = match old {
        Some(old) if seen.verdict == Verdict::Unreachable => {
            Observed { at: old.at, verdict: old.verdict, ..seen }
        }
        _ => seen,
    };
    all.retain(|one| one.certificate != seen.certificate);
    all.push(seen);
    write(workspace, writer, target, &all)
}

/// Writes down what this writer has seen of a target.
fn write(workspace: &Path, writer: &Writer, target: &str, observed: &[Observed]) -> io::Result<()> {
    let part = |digest: &String, one: &Component, since: &Since| {
        let (kind, of) = (one.kind.word().to_owned(), one.of.clone());
        let created = one.created.map(Timestamp::unix);
        let since = since.get(digest).map(|first| first.iso());
        (digest.clone(), Part { kind, of, created, since })
    };
    let seen = |one: &Observed| {
        let parts = one.high_water.0.iter();
        let served = parts.map(|(digest, of)| part(digest, of, &one.since)).collect();
        let verdict = one.verdict.word().to_owned();
        (one.certificate.hex(), Seen { at: one.at.iso(), verdict, served })
    };
    let (schema, target) = (SCHEMA.to_owned(), target.to_owned());
    let folder = workspace.join(OBSERVED);
    let own = folder.join(writer.as_str());
    for folder in [&folder, &own] {
        if !folder.is_dir() {
            durable::make_folder(folder)?;
        }
    }
    let path = own.join(format!("{target}.json"));
    let certificates = observed.iter().map(seen).collect();
    let mut text = serde_json::to_string_pretty(&Document { schema, target, certificates })?;
    text.push('\n');
    durable::put(&path, text.as_bytes())
}
