//! Taking a carry in: everything was decided before the first write, and the
//! same call takes up what was cut off.

use std::collections::BTreeSet;
use std::fs::{OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use super::error::{CarryError, visible};
use super::files::read;
use super::out::{put_all, put_new};
use super::plan::{Plan, kept_aside};
use super::reading::Carry;
use crate::adapters::durable;
use crate::domain::text::VisibleText;
use crate::engine::carry::{MAX_FILE, Place};
use crate::engine::chain::Digest;

/// Takes it into a workspace that is there, or makes the folder.
pub fn apply(
    folder: &Path,
    is_new: bool,
    carry: &Carry,
    plan: &Plan,
    accepted: &BTreeSet<String>,
) -> Result<(), CarryError> {
    if is_new {
        return found(folder, carry);
    }
    is_as_it_was(folder, carry, plan, accepted)?;
    let bytes = |path: &String| carry.files.get(path).map(Vec::as_slice).unwrap_or_default();
    let rank = |path: &str| match Place::of(path) {
        Some(Place::Journal(_)) => 1,
        // A line of it names one of a journal, which must be there.
        Some(Place::Chain(_)) => 2,
        _ => 0,
    };
    for turn in 0..=2 {
        for path in plan.new.iter().filter(|path| rank(path) == turn) {
            put_new(folder, path, bytes(path))?;
        }
        for (path, from) in plan.grown.iter().filter(|(path, _)| rank(path) == turn) {
            grow(&folder.join(path), bytes(path), *from)?;
        }
    }
    for (path, _) in &plan.forked {
        let theirs = bytes(path);
        if let Some(Place::Journal(run)) = Place::of(path) {
            put_new(folder, &kept_aside(&run, theirs), theirs)?;
        }
    }
    let accepted = plan.differences.iter().filter(|one| accepted.contains(&one.path));
    for difference in accepted {
        let path = folder.join(&difference.path);
        let Some(before) = difference.before else {
            put_new(folder, &difference.path, &difference.bytes)?;
            continue;
        };
        let is_as_it_was = || Ok(digest_of(&path).map_err(std::io::Error::other)? == Some(before));
        let is_written = durable::replace_if(&path, &difference.bytes, is_as_it_was)
            .map_err(|error| CarryError::io(&path, &error))?;
        if !is_written {
            return Err(CarryError::Moved(visible(&path)));
        }
    }
    Ok(())
}

/// Refuses to begin where a file is no more what was looked at: what came
/// meanwhile, such as a revocation, is not to be undone.
fn is_as_it_was(
    folder: &Path,
    carry: &Carry,
    plan: &Plan,
    accepted: &BTreeSet<String>,
) -> Result<(), CarryError> {
    let moved = |path: &str| Err(CarryError::Moved(VisibleText::from_text(path)));
    for (path, from) in &plan.grown {
        let theirs = carry.files.get(path).map(Vec::as_slice).unwrap_or_default();
        let here = read(&folder.join(path), MAX_FILE)?;
        if here.as_ref().map(|here| here.as_slice()) != theirs.get(..*from) {
            return moved(path);
        }
    }
    for difference in plan.differences.iter().filter(|one| accepted.contains(&one.path)) {
        if digest_of(&folder.join(&difference.path))? != difference.before {
            return moved(&difference.path);
        }
    }
    Ok(())
}

fn digest_of(path: &Path) -> Result<Option<Digest>, CarryError> {
    Ok(read(path, MAX_FILE)?.map(|bytes| Digest::of(&bytes)))
}

/// Makes the workspace: beside its place first, so that it is there whole or
/// not at all. One at a time, or each would remove what the other writes.
fn found(folder: &Path, carry: &Carry) -> Result<(), CarryError> {
    let io = |path: &Path, error: &std::io::Error| CarryError::io(path, error);
    let around = folder.parent().filter(|around| !around.as_os_str().is_empty());
    let around = around.unwrap_or(Path::new("."));
    let turn = OpenOptions::new().read(true).open(around).map_err(|error| io(around, &error))?;
    turn.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => CarryError::Busy(visible(folder)),
        TryLockError::Error(error) => io(around, &error),
    })?;
    if std::fs::symlink_metadata(folder).is_ok() {
        return Err(CarryError::Moved(visible(folder)));
    }
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let beside = folder.with_file_name(format!(".{name}.carried"));
    durable::remove_folder(&beside).map_err(|error| io(&beside, &error))?;
    put_all(&beside, carry.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())))?;
    durable::move_folder(&beside, folder).map_err(|error| io(folder, &error))?;
    // Said aloud: a program that is being started may still hold a copy of it.
    let _ = turn.unlock();
    Ok(())
}

/// Appends what is beyond `from`, under the lock of those who write the file.
fn grow(path: &Path, bytes: &[u8], from: usize) -> Result<(), CarryError> {
    let io = |error: std::io::Error| CarryError::io(path, &error);
    let nofollow = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
    let mut options = OpenOptions::new();
    let file = options.read(true).append(true).custom_flags(nofollow).open(path);
    let mut file = file.map_err(io)?;
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => CarryError::Busy(visible(path)),
        TryLockError::Error(error) => io(error),
    })?;
    let mut here = Vec::new();
    let limit = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    file.seek(SeekFrom::Start(0)).map_err(io)?;
    (&mut file).take(limit + 1).read_to_end(&mut here).map_err(io)?;
    if here.len() != from || !bytes.starts_with(&here) {
        return Err(CarryError::Moved(visible(path)));
    }
    let rest = bytes.get(from..).unwrap_or_default();
    file.write_all(rest).and_then(|()| file.sync_all()).map_err(io)?;
    file.unlock().map_err(io)
}
