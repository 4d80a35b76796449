//! Checkpoints in a workspace, and the signatures that people bring.

use std::io;
use std::path::{Path, PathBuf};

use super::files::{names, read_small, visible};
use super::survey::{MAX_CHECKPOINT, here};
use super::{AUDIT, CHECKPOINTS};
use crate::adapters::durable::{write, write_new};
use crate::adapters::openpgp::{armor_signature, verify_detached};
use crate::adapters::sources::read_file;
use crate::adapters::workspace::PEOPLE;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;
use crate::engine::audit::{Checkpoint, Head, Report, Verdict, Writer};

/// Why there is no checkpoint, or no signature of it.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The log is not in order.
    #[error(
        "the log is not in order, and nobody should sign it; nothing was written: keyrite audit \
         verify says what is wrong"
    )]
    NotSound(Verdict),
    /// It is not clear whose chain is meant.
    #[error("there is more than one chain, and none of them is this machine's: name one of {0}")]
    Which(String),
    /// There is no such chain.
    #[error("there is no chain of '{0}'; nothing was written")]
    NoChain(VisibleText),
    /// Nobody of the roster has made the signature, of no checkpoint here.
    #[error(
        "it is no good signature of a checkpoint by anybody whose certificate is in people/ \
         ({0}); nothing was written: sign a file of audit/checkpoints as it stands there"
    )]
    BadSignature(String),
    /// The system does not let us.
    #[error("{path}: {source}; what was there is as it was")]
    Io {
        /// The file or folder.
        path: VisibleText,
        /// Why not.
        source: io::Error,
    },
}

/// A checkpoint that was written, or was there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpointed {
    /// What it says.
    pub checkpoint: Checkpoint,
    /// Its file.
    pub path: PathBuf,
}

/// Writes the checkpoint of a chain: the one that is named, or this machine's,
/// or the only one. `report` is what the log is worth.
pub fn checkpoint(
    workspace: &Path,
    states: Option<&Path>,
    named: Option<&str>,
    report: &Report,
) -> Result<Checkpointed, CheckpointError> {
    if report.verdict() < Verdict::TornTail {
        return Err(CheckpointError::NotSound(report.verdict()));
    }
    let writer = which(workspace, states, named, report)?;
    let head = report.chain(&writer).map_or(Head::NONE, |chain| chain.head);
    if head == Head::NONE {
        return Err(CheckpointError::NoChain(VisibleText::from_text(writer.as_str())));
    }
    let checkpoint = Checkpoint { writer, head };
    let folder = folder(workspace);
    let path = folder.join(checkpoint.file_name());
    let failed = |path: &Path, source| CheckpointError::Io { path: visible(path), source };
    std::fs::create_dir_all(&folder).map_err(|source| failed(&folder, source))?;
    match write_new(&path, checkpoint.to_string().as_bytes()) {
        Ok(()) => {}
        // The log was held against it: it says the same.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(source) => return Err(failed(&path, source)),
    }
    Ok(Checkpointed { checkpoint, path })
}

fn which(
    workspace: &Path,
    states: Option<&Path>,
    named: Option<&str>,
    report: &Report,
) -> Result<Writer, CheckpointError> {
    if let Some(name) = named {
        let writer = Writer::parse(name).filter(|writer| report.chain(writer).is_some());
        return writer.ok_or_else(|| CheckpointError::NoChain(VisibleText::from_text(name)));
    }
    let all: Vec<_> = report.chains.iter().map(|chain| chain.writer.clone()).collect();
    let here = states.map(|states| here(states, workspace)).unwrap_or_default();
    let own: Vec<_> = all.iter().filter(|one| here.get(*one) == Some(&false)).cloned().collect();
    match (own.as_slice(), all.as_slice()) {
        ([one], _) | ([], [one]) => Ok(one.clone()),
        _ => {
            let names: Vec<_> = all.iter().map(Writer::as_str).collect();
            Err(CheckpointError::Which(names.join(", ")))
        }
    }
}

/// Puts a detached signature of a checkpoint beside it, if somebody of the
/// roster has made it; says of which one, and whose it is.
pub fn place_signature(
    workspace: &Path,
    signature: &[u8],
    now: Timestamp,
) -> Result<(Checkpointed, Fingerprint), CheckpointError> {
    let failed = |path: &Path, source| CheckpointError::Io { path: visible(path), source };
    let bad = |error: String| CheckpointError::BadSignature(error);
    let armor = armor_signature(signature).map_err(|error| bad(error.to_string()))?;
    let folder = folder(workspace);
    let mut all: Vec<_> = names(&folder)
        .map_err(|source| failed(&folder, source))?
        .iter()
        .filter_map(|name| Checkpoint::parse(&read_small(&folder.join(name), MAX_CHECKPOINT).ok()?))
        .collect();
    // The newest is meant most likely.
    all.sort_by_key(|checkpoint| std::cmp::Reverse(checkpoint.head.seq));
    let mut why = "there is no checkpoint yet".to_owned();
    for checkpoint in all {
        match signer(workspace, &checkpoint, signature, now) {
            Ok(fingerprint) => {
                let path = folder.join(signature_name(&checkpoint, &fingerprint));
                write(&path, &armor).map_err(|source| failed(&path, source))?;
                return Ok((Checkpointed { checkpoint, path }, fingerprint));
            }
            Err(error) => why = error,
        }
    }
    Err(bad(why))
}

/// Who of the roster has signed that checkpoint.
fn signer(
    workspace: &Path,
    checkpoint: &Checkpoint,
    signature: &[u8],
    now: Timestamp,
) -> Result<Fingerprint, String> {
    let folder = workspace.join(PEOPLE);
    let mut why = format!("there is no certificate in {PEOPLE}/");
    for name in names(&folder).map_err(|error| error.to_string())? {
        let Some(stem) = name.strip_suffix(".asc") else { continue };
        let Ok(certificate) = read_file(&folder.join(&name)) else { continue };
        let text = checkpoint.to_string();
        match verify_detached(&certificate, signature, text.as_bytes(), now)
            .map(|signed| signed.signer)
        {
            Ok(fingerprint) if fingerprint.hex() == stem => return Ok(fingerprint),
            Ok(_) => why = format!("{PEOPLE}/{name} holds another certificate"),
            Err(error) => why = error.to_string(),
        }
    }
    Err(VisibleText::from_text(&why).into_string())
}

/// The name of the signature of a checkpoint by that certificate.
#[must_use]
fn signature_name(checkpoint: &Checkpoint, signer: &Fingerprint) -> String {
    format!("{}.{}.asc", checkpoint.file_name(), signer.hex())
}

fn folder(workspace: &Path) -> PathBuf {
    workspace.join(AUDIT).join(CHECKPOINTS)
}
