//! Ceremonies and runs as text.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::app::{Listed, RunState, Signature};
use crate::domain::text::wrap;
use crate::domain::worded::Worded as _;
use crate::engine::catalog::CATALOG;
use crate::engine::definition::Ceremony;

/// Columns of a line: those of the smallest terminal.
pub(super) const COLUMNS: usize = 79;

/// All ceremonies.
pub(super) fn list(out: &mut dyn Write) -> io::Result<()> {
    for ceremony in CATALOG {
        let place = if ceremony.net() == "any" { "any machine" } else { ceremony.net() };
        let undo = match ceremony.point_of_no_return() {
            Some(step) => format!("can be undone until step {step} of {}", ceremony.steps.len()),
            None => "can be undone".to_owned(),
        };
        writeln!(out, "{}  {}", ceremony.id, ceremony.title)?;
        for line in wrap(ceremony.purpose, COLUMNS) {
            writeln!(out, "  {line}")?;
        }
        writeln!(out, "  {place}; {undo}")?;
    }
    Ok(())
}

/// The steps of one.
pub(super) fn steps(out: &mut dyn Write, ceremony: &Ceremony) -> io::Result<()> {
    writeln!(out, "{} version {}: {}", ceremony.id, ceremony.version, ceremony.title)?;
    let roles: Vec<_> = ceremony.roles.iter().map(|role| role.word()).collect();
    writeln!(out, "people: {}", roles.join(", "))?;
    for need in ceremony.needs {
        writeln!(out, "needs: {need}")?;
    }
    for line in wrap(&format!("changes: {}", ceremony.changes), COLUMNS) {
        writeln!(out, "{line}")?;
    }
    for line in wrap(&format!("given up: {}", ceremony.given_up), COLUMNS) {
        writeln!(out, "{line}")?;
    }
    for (index, step) in ceremony.steps.iter().enumerate() {
        let undo = if step.reversible { "" } else { ", cannot be undone" };
        let each = step.each.map(|_| ", for each").unwrap_or_default();
        writeln!(
            out,
            "{:>3}  {} [{}, {}{each}{undo}]",
            index + 1,
            step.title,
            step.word(),
            step.place_word()
        )?;
    }
    Ok(())
}

/// All runs.
pub(super) fn runs(out: &mut dyn Write, runs: &[Listed]) -> io::Result<()> {
    if runs.is_empty() {
        writeln!(out, "no run yet; keyrite ceremony start CEREMONY begins one")?;
    }
    for run in runs {
        if let RunState::Unreadable(why) = &run.state {
            writeln!(out, "{}  unreadable: {why}", run.id)?;
            continue;
        }
        let next = run.next.as_ref().map(|next| format!("; next: {next}"));
        let signing = run.signing.as_ref().map(|signing| format!("; {}", signing.words()));
        let more = next.or(signing).unwrap_or_default();
        writeln!(
            out,
            "{}  {}  {}  by {}  {}{more}",
            run.id,
            run.ceremony,
            run.state.word(),
            run.operator,
            run.far()
        )?;
    }
    Ok(())
}

/// What a rehearsal needs.
pub(super) fn rehearsal(out: &mut dyn Write, folder: &Path, media: &[PathBuf]) -> io::Result<()> {
    writeln!(out, "a rehearsal is ready in {}; its keys protect nothing", folder.display())?;
    writeln!(out, "these folders stand for media:")?;
    for medium in media {
        writeln!(out, "  {}", medium.display())?;
    }
    writeln!(out, "to take one out, give its folder another name; to put it in, give it back")?;
    writeln!(out, "begin: keyrite ceremony start root-generation --in {}", folder.display())
}

/// Who has signed a transcript; whether the witness has stands on page one.
pub(super) fn signatures(out: &mut dyn Write, signatures: &[Signature]) -> io::Result<()> {
    writeln!(out, "\n## Signatures\n")?;
    if signatures.is_empty() {
        writeln!(out, "none yet")?;
    }
    for signature in signatures {
        writeln!(out, "{}", signature.line())?;
    }
    Ok(())
}
