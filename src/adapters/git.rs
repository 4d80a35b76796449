//! git, by way of the `git` program.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output};

use crate::domain::text::VisibleText;

/// Why git did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// It cannot be started.
    #[error("git cannot be started: {0}")]
    NotStarted(std::io::Error),
    /// It refused.
    #[error("git says: {0}")]
    Refused(VisibleText),
}

/// What points git at another repository, or at other settings, than those of
/// the folder in which it runs; `git rev-parse --local-env-vars` lists them.
const REDIRECTING: [&str; 16] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// The text of a three-way merge.
pub(super) struct MergedText {
    pub(super) bytes: Vec<u8>,
    /// Whether places are left for a person.
    pub(super) has_conflicts: bool,
}

/// Whether `folder` is in the work tree of a repository; it is not where git
/// is not installed.
pub(super) fn is_in_work_tree(folder: &Path) -> Result<bool, GitError> {
    let mut command = git();
    command.arg("-C").arg(folder).args(["rev-parse", "--is-inside-work-tree"]);
    match run(&mut command) {
        Ok(output) => Ok(output.stdout.trim_ascii() == b"true"),
        Err(GitError::NotStarted(error)) if error.kind() == std::io::ErrorKind::NotFound => {
            Ok(false)
        }
        Err(GitError::Refused(message)) if message.as_str().contains("not a git repository") => {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Sets what the repository around `folder`, and no other, has for `key`.
pub(super) fn set_config(folder: &Path, key: &str, value: &OsStr) -> Result<(), GitError> {
    let mut command = git();
    command.arg("-C").arg(folder).args(["config", "--local", "--replace-all", key]).arg(value);
    run(&mut command).map(|_| ())
}

/// Merges texts as git does, with its marks where they contradict.
pub(super) fn merge_text(ours: &Path, base: &Path, theirs: &Path) -> Result<MergedText, GitError> {
    let mut command = git();
    command.args(["merge-file", "-p", "-L", "ours", "-L", "base", "-L", "theirs", "--"]);
    command.args([ours, base, theirs]);
    let output = command.output().map_err(GitError::NotStarted)?;
    // It ends with the number of conflicts; above that are its errors.
    match output.status.code() {
        Some(conflicts @ 0..=127) => {
            Ok(MergedText { bytes: output.stdout, has_conflicts: conflicts > 0 })
        }
        _ => Err(refused(&output)),
    }
}

pub(super) fn git() -> Command {
    #[expect(clippy::disallowed_methods, reason = "this is where git is started")]
    let mut command = Command::new("git");
    for variable in REDIRECTING {
        command.env_remove(variable);
    }
    // Its words are looked at.
    command.env("LC_ALL", "C");
    command
}

fn run(command: &mut Command) -> Result<Output, GitError> {
    let output = command.output().map_err(GitError::NotStarted)?;
    if output.status.success() { Ok(output) } else { Err(refused(&output)) }
}

fn refused(output: &Output) -> GitError {
    let message = output.stderr.trim_ascii();
    let first = message.split(|byte| *byte == b'\n').next().unwrap_or_default();
    GitError::Refused(VisibleText::from_bytes(first))
}
