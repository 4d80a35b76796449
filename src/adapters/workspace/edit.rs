//! Changes to a workspace file: what people wrote stays as it is, comments
//! included.

use std::path::Path;

use super::template::{Adopted, declarations};
use super::{Declaration, FILE, WorkspaceError, parse, visible};
use crate::adapters::durable::replace_if;
use crate::adapters::sources::read_file;
use crate::domain::workspace::Waiver;

/// Adds a waiver to the file in `folder` whose text was `seen`.
pub fn waive(folder: &Path, seen: &str, waiver: &Waiver) -> Result<Declaration, WorkspaceError> {
    let people: Vec<_> = parse(seen.to_owned(), &visible(&folder.join(FILE)))?
        .team
        .workspace
        .people
        .into_iter()
        .map(|person| person.id)
        .collect();
    if !people.contains(&waiver.by) {
        let there = if people.is_empty() { "nobody yet".to_owned() } else { people.join(", ") };
        let text = format!("no person is called '{}'; in {FILE} there is {there}", waiver.by);
        return Err(WorkspaceError::Refused(text));
    }
    let quote = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let table = format!(
        "[[waivers]]\nfinding = \"{}\"\nof = {}\nreason = {}\nby = {}\nuntil = \"{}\"\n",
        waiver.finding,
        quote(&waiver.of),
        quote(&waiver.reason),
        quote(&waiver.by),
        waiver.until.date()
    );
    append(folder, seen, &table)
}

/// Declares certificates in the file in `folder` that was read as `seen`.
pub fn declare(
    folder: &Path,
    seen: &Declaration,
    adopted: &[Adopted],
) -> Result<Declaration, WorkspaceError> {
    let taken: Vec<_> = seen.team.workspace.consumers.iter().map(|c| c.id.as_str()).collect();
    append(folder, &seen.text, declarations(adopted, &taken).trim_end())
}

/// Adds tables at the end of the file.
pub(super) fn append(
    folder: &Path,
    seen: &str,
    table: &str,
) -> Result<Declaration, WorkspaceError> {
    let path = folder.join(FILE);
    let unwritable = |error: std::io::Error| WorkspaceError::Unwritable {
        path: visible(&path),
        message: format!("cannot be written: {error}; it is as it was"),
    };
    let end = if seen.ends_with('\n') { "" } else { "\n" };
    let text = format!("{seen}{end}\n{}\n", table.trim_end());
    // Nothing is written that could not be read.
    let declaration = parse(text, &visible(&path))?;
    let is_as_it_was = || Ok(read_file(&path).is_ok_and(|bytes| bytes == seen.as_bytes()));
    // Before the work is done, and right before the change.
    let is_written = is_as_it_was().map_err(unwritable)?
        && replace_if(&path, declaration.text.as_bytes(), is_as_it_was).map_err(unwritable)?;
    if is_written { Ok(declaration) } else { Err(WorkspaceError::Changed(visible(&path))) }
}
