//! `keyrite audit`: what the log of a workspace is worth.

use std::io::Write;
use std::path::Path;

use serde::Serialize;

use super::args::AuditCommand;
use super::opened::report;
use super::own_signature::{brought, sign};
use super::report::Report;
use crate::app::exit::Exit;
use crate::app::{App, AuditError, CheckpointError, Checkpointed, SigningError};
use crate::domain::text::{VisibleText, wrap};
use crate::domain::timestamp::Timestamp;
use crate::domain::words;
use crate::engine::audit::{self, Standing, Verdict};
use crate::engine::chain::Digest;

/// Carries it out.
pub fn run(app: &App, command: &AuditCommand, out: &mut dyn Write) -> Result<Exit, Report> {
    let workspace = match command {
        AuditCommand::Verify { workspace, .. }
        | AuditCommand::Head { workspace, .. }
        | AuditCommand::Checkpoint { workspace, .. }
        | AuditCommand::Begin { workspace, .. } => workspace.folder.as_deref(),
    };
    let folder = app.find_workspace(workspace).map_err(|error| report(&error))?;
    match command {
        AuditCommand::Verify { from_checkpoint, expect_head, json, .. } => {
            let report = app.audit_verify(&folder, from_checkpoint.as_deref(), *expect_head);
            verify(&report, *json, out)
        }
        AuditCommand::Head { json, .. } => heads(&app.audit_heads(&folder), *json, out),
        AuditCommand::Checkpoint { signature: Some(file), .. } => {
            take_signature(app, &folder, &brought(app, file)?, out)
        }
        AuditCommand::Checkpoint { person: Some(person), writer, .. } => {
            let written = app.audit_checkpoint(&folder, writer.as_deref());
            let Checkpointed { checkpoint, path } = written.map_err(|error| refused(&error))?;
            let nobody = |error: SigningError| Report::usage(error.to_string());
            let signer = app.signer(&folder, person).map_err(nobody)?;
            let text = checkpoint.to_string();
            let what = (path.to_string_lossy(), text.as_bytes());
            let signature = sign(app, signer, (&what.0, what.1), false, out)?;
            take_signature(app, &folder, signature.as_bytes(), out)
        }
        AuditCommand::Checkpoint { writer, .. } => {
            let written = app.audit_checkpoint(&folder, writer.as_deref());
            write_checkpoint(&written.map_err(|error| refused(&error))?, out)
        }
        AuditCommand::Begin { person, .. } => begin(app, &folder, person, out),
    }
}

fn take_signature(
    app: &App,
    folder: &Path,
    signature: &[u8],
    out: &mut dyn Write,
) -> Result<Exit, Report> {
    let signed = app.audit_sign(folder, signature).map_err(|error| refused(&error))?;
    let (Checkpointed { checkpoint, path }, signer) = signed;
    let (writer, seq) = (&checkpoint.writer, checkpoint.head.seq);
    writeln!(out, "{writer}: signed up to line {seq} by {signer}")?;
    writeln!(out, "kept as {}", shown(&path))?;
    writeln!(out, "Keep a copy of both files outside of this repository.")?;
    Ok(Exit::Ok)
}

#[derive(Serialize)]
struct VerifyDocument<'a> {
    schema: &'static str,
    verdict: &'static str,
    exit: u8,
    chains: Vec<ChainEntry<'a>>,
    problems: Vec<ProblemEntry<'a>>,
}

#[derive(Serialize)]
struct ChainEntry<'a> {
    writer: &'a str,
    lines: u64,
    head: String,
    at: Option<String>,
    signed: u64,
}

#[derive(Serialize)]
struct ProblemEntry<'a> {
    verdict: &'static str,
    file: &'a str,
    line: Option<u64>,
    message: &'a str,
}

#[derive(Serialize)]
struct HeadsDocument<'a> {
    schema: &'static str,
    chains: Vec<HeadEntry<'a>>,
}

#[derive(Serialize)]
struct HeadEntry<'a> {
    writer: &'a str,
    seq: u64,
    hash: String,
    words: Vec<&'static str>,
}

fn verify(report: &audit::Report, json: bool, out: &mut dyn Write) -> Result<Exit, Report> {
    let verdict = report.verdict();
    let exit = Exit::from(verdict);
    if json {
        let document = VerifyDocument {
            schema: "keyrite.audit-verify/1",
            verdict: verdict.words(),
            exit: exit.code(),
            chains: report.chains.iter().map(chain_entry).collect(),
            problems: report.problems.iter().map(problem_entry).collect(),
        };
        print(&document, out)?;
        return Ok(exit);
    }
    for Standing { writer, head, at, signed, .. } in &report.chains {
        let at = at.map_or("never".to_owned(), Timestamp::iso);
        let signed = match signed {
            0 => "nothing of it signed".to_owned(),
            line => format!("signed up to line {line}"),
        };
        writeln!(out, "{writer}: {} good lines, the last {at}; {signed}", head.seq)?;
    }
    for problem in &report.problems {
        writeln!(out, "{problem}")?;
    }
    if verdict == Verdict::Sound {
        writeln!(out, "the log is as it was written")?;
    } else {
        let page = "docs/reference/audit-log.md says what to do";
        writeln!(out, "the log is not in order: {verdict}; {page}")?;
    }
    Ok(exit)
}

fn chain_entry(chain: &Standing) -> ChainEntry<'_> {
    ChainEntry {
        writer: chain.writer.as_str(),
        lines: chain.head.seq,
        head: chain.head.hash.to_string(),
        at: chain.at.map(Timestamp::iso),
        signed: chain.signed,
    }
}

fn problem_entry(problem: &audit::Problem) -> ProblemEntry<'_> {
    ProblemEntry {
        verdict: problem.verdict.words(),
        file: problem.file.as_str(),
        line: problem.line,
        message: &problem.message,
    }
}

fn heads(report: &audit::Report, json: bool, out: &mut dyn Write) -> Result<Exit, Report> {
    let chains = report.chains.iter().filter(|chain| chain.head.seq > 0);
    if json {
        let chains = chains.map(head_entry).collect();
        print(&HeadsDocument { schema: "keyrite.audit-heads/1", chains }, out)?;
    } else {
        for Standing { writer, head, .. } in chains {
            writeln!(out, "{writer}, line {}", head.seq)?;
            spell(&head.hash, out)?;
        }
    }
    let exit = Exit::from(report.verdict());
    if exit != Exit::Ok && !json {
        writeln!(out, "the log is not in order: keyrite audit verify says why")?;
    }
    Ok(exit)
}

fn head_entry(chain: &Standing) -> HeadEntry<'_> {
    let Standing { writer, head, .. } = chain;
    let words = words::spell(head.hash.bytes()).collect();
    HeadEntry { writer: writer.as_str(), seq: head.seq, hash: head.hash.to_string(), words }
}

/// A hash in groups of four, and in words.
pub(super) fn spell(hash: &Digest, out: &mut dyn Write) -> std::io::Result<()> {
    let hex = hash.hex();
    let groups: Vec<_> = hex.as_bytes().chunks(4).map(String::from_utf8_lossy).collect();
    for half in groups.chunks(8) {
        writeln!(out, "  {}", half.join(" "))?;
    }
    let words: Vec<_> = words::spell(hash.bytes()).collect();
    for line in wrap(&words.join(" "), 76) {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}

fn write_checkpoint(written: &Checkpointed, out: &mut dyn Write) -> Result<Exit, Report> {
    let Checkpointed { checkpoint, path } = written;
    let name = shown(path);
    writeln!(out, "{}, line {}", checkpoint.writer, checkpoint.head.seq)?;
    spell(&checkpoint.head.hash, out)?;
    writeln!(out, "written to {name}")?;
    writeln!(out, "Whoever signs it compares the words with those on another screen, then:")?;
    writeln!(out, "  gpg --detach-sign --armor --output checkpoint.asc '{name}'")?;
    writeln!(out, "  keyrite audit checkpoint --signature checkpoint.asc")?;
    Ok(Exit::Ok)
}

fn begin(app: &App, folder: &Path, person: &str, out: &mut dyn Write) -> Result<Exit, Report> {
    let log = app.audit_begin(folder, person).map_err(|error| {
        if let AuditError::Workspace(error) = &error {
            return report(error);
        }
        let is_wrong_name = matches!(error, AuditError::Nobody(_) | AuditError::Person(_));
        let exit = if is_wrong_name { Exit::Usage } else { Exit::Failed };
        Report { exit, ..Report::failed(error.to_string()) }
    })?;
    writeln!(out, "{}: begun; what was there before is as it was", log.writer())?;
    writeln!(out, "Sign a checkpoint of it: keyrite audit checkpoint --writer {}", log.writer())?;
    Ok(Exit::Ok)
}

fn refused(error: &CheckpointError) -> Report {
    let exit = match error {
        CheckpointError::NotSound(verdict) => Exit::from(*verdict),
        CheckpointError::BadSignature(_) => Exit::BadSignature,
        CheckpointError::Which(_) | CheckpointError::NoChain(_) => Exit::Usage,
        CheckpointError::Io { .. } => Exit::Failed,
    };
    Report { exit, ..Report::failed(error.to_string()) }
}

fn shown(path: &Path) -> VisibleText {
    VisibleText::from_bytes(path.as_os_str().as_encoded_bytes())
}

fn print(document: &impl Serialize, out: &mut dyn Write) -> Result<(), Report> {
    let text = serde_json::to_string_pretty(document)
        .map_err(|error| Report::failed(format!("cannot write the document: {error}")))?;
    writeln!(out, "{text}")?;
    Ok(())
}
