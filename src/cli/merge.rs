//! `keyrite merge`: what git calls where two people changed one file.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::opened;
use super::report::Report;
use crate::app::exit::Exit;
use crate::app::{App, InstallError, Installed, MergeError, Sides, UnionError};
use crate::domain::text::{VisibleText, counted};

/// Merges the four files that git names: `%O %A %B %P`.
pub fn run(app: &App, files: &[PathBuf]) -> Result<Exit, Report> {
    let [base, ours, theirs, path] = files else {
        return Err(Report::usage("git names four files: BASE OURS THEIRS PATH"));
    };
    match app.merge(Sides { base, ours, theirs }, path) {
        Ok(()) => Ok(Exit::Ok),
        Err(error) => Err(left(path, &error)),
    }
}

fn left(path: &Path, error: &MergeError) -> Report {
    let path = VisibleText::from_bytes(path.as_os_str().as_encoded_bytes());
    let report = Report::failed(format!("{path} is not merged: {error}"));
    let untouched = "ours is as it was; nothing of theirs is in it, and git keeps both";
    let more = match error {
        MergeError::Conflict => return report.hint("edit the file, then: git add"),
        MergeError::Different(..) => {
            vec!["each file holds one certificate: keep ours, give theirs a name of its own".into()]
        }
        MergeError::Certificate(_, UnionError::Secret) => vec![
            "what was committed stays in the history: treat that key as compromised".into(),
            keep(&path),
        ],
        MergeError::Certificate(..) | MergeError::Union(_) => vec![look(&path), keep(&path)],
        MergeError::Changed(..) | MergeError::LineEnds(_) | MergeError::CutOff(_) => {
            let who = "who rewrote it? the side that has every line, to its end, is the one";
            vec![who.into(), look(&path), keep(&path)]
        }
        MergeError::Forked { .. } => {
            let who = "two machines went on with it, and only one may: find out which one did so";
            vec![who.into(), look(&path), keep(&path)]
        }
        MergeError::Observations => vec![keep(&path)],
        MergeError::Unreadable(..) | MergeError::Git(_) | MergeError::Unwritable(_) => Vec::new(),
    };
    more.into_iter().fold(report.hint(untouched), Report::hint)
}

fn look(path: &VisibleText) -> String {
    let [ours, theirs] = [2, 3].map(|side| quoted(&format!(":{side}:{path}")));
    format!("look at both: git show {ours} is ours, git show {theirs} is theirs")
}

fn keep(path: &VisibleText) -> String {
    let path = quoted(path.as_str());
    format!("keep one: git checkout --ours -- {path} (or --theirs), then: git add -- {path}")
}

/// One word of a shell: the name comes from others, and people paste hints.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// Tells git to call keyrite for the files of the workspace.
pub fn install(app: &App, folder: Option<&Path>, out: &mut dyn Write) -> Result<Exit, Report> {
    let folder = app.find_workspace(folder).map_err(|error| opened::report(&error))?;
    let installed = app.install_merging(&folder).map_err(|error| not_installed(&error))?;
    if installed == Installed::NoGit {
        return Err(Report::usage("the workspace is in no work tree of git, or git is not here")
            .hint("nothing was changed; git init makes one"));
    }
    tell(out, installed)?;
    Ok(Exit::Ok)
}

/// What was done, in words; nothing where there is no git.
pub(super) fn tell(out: &mut dyn Write, installed: Installed) -> std::io::Result<()> {
    let Installed::Here { lines } = installed else {
        return Ok(());
    };
    let lines = match lines {
        0 => "has the lines already".to_owned(),
        _ => format!("got {}; commit it", counted(lines, "line")),
    };
    writeln!(out, "git: .gitattributes {lines}; this clone calls keyrite to merge them")?;
    writeln!(out, "git: each other clone needs once: keyrite merge --install")
}

pub(super) fn not_installed(error: &InstallError) -> Report {
    Report::failed(format!("git was not told how to merge the workspace: {error}"))
        .hint("nothing else is missing; keyrite merge --install does it again")
}
