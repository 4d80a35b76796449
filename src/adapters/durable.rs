//! Files that are there whole or not at all, also after a lost machine.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

/// Writes a file that is not there.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    written(path, bytes, None, |beside| {
        without_replacing(beside, path, |from, to| {
            renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE)
        })
    })
}

/// Writes a file that is not there, or in place of the one that is.
pub(super) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match write_new(path, bytes) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => replace(path, bytes),
        result => result,
    }
}

/// Writes a file in place of the one that is there, with its permissions.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace_if(path, bytes, || Ok(true)).map(|_| ())
}

/// The same, unless `is_as_it_was` finds that somebody has changed it. Says
/// whether it was written.
pub(super) fn replace_if(
    path: &Path,
    bytes: &[u8],
    is_as_it_was: impl Fn() -> io::Result<bool>,
) -> io::Result<bool> {
    let there = std::fs::symlink_metadata(path)?;
    if !there.is_file() {
        return Err(io::Error::other("it is a link or no file, and is left alone"));
    }
    if there.permissions().readonly() {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let mut is_written = true;
    written(path, bytes, Some(there.permissions()), |beside| {
        // The last look, right before.
        is_written = is_as_it_was()?;
        if !is_written {
            remove(beside);
            return Ok(());
        }
        #[expect(clippy::disallowed_methods, reason = "this is the durable replacement")]
        std::fs::rename(beside, path)
    })?;
    Ok(is_written)
}

/// Makes a folder that is not there, for nobody else's eyes; one that is
/// there stays as it is.
pub(super) fn make_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    match std::fs::DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        result => result.and_then(|()| sync_folder(path)),
    }
}

/// Makes a folder that others may look into, as the user's mask has it.
#[cfg(feature = "network")]
pub(super) fn make_public_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().mode(0o777).create(path)?;
    sync_folder(path)
}

/// Moves a folder, with everything in it, to where nothing is.
pub(super) fn move_folder(from: &Path, to: &Path) -> io::Result<()> {
    OpenOptions::new().read(true).open(from)?.sync_all()?;
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // Where the file system cannot refuse, an empty folder is all that
        // could be replaced.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
            if std::fs::symlink_metadata(to).is_ok() {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            #[expect(clippy::disallowed_methods, reason = "this is the durable replacement")]
            std::fs::rename(from, to)?;
        }
        result => result?,
    }
    sync_folder(to)
}

/// Removes a folder of ours with what is in it; nothing where it is not there.
pub(super) fn remove_folder(path: &Path) -> io::Result<()> {
    #[expect(clippy::disallowed_methods, reason = "what was written in vain")]
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result.and_then(|()| sync_folder(path)),
    }
}

/// Moves a file to another name in its folder, in place of what is there.
pub(super) fn move_file(from: &Path, to: &Path) -> io::Result<()> {
    #[expect(clippy::disallowed_methods, reason = "this is the durable replacement")]
    std::fs::rename(from, to)?;
    sync_folder(to)
}

/// Removes a file of ours; nothing where it is not there.
pub(super) fn remove_file(path: &Path) -> io::Result<()> {
    #[expect(clippy::disallowed_methods, reason = "the caller has no use for it any more")]
    match std::fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result.and_then(|()| sync_folder(path)),
    }
}

/// Writes a file, or in place of the one that is there, for a caller who has a
/// lock of its own against others who write it.
pub(super) fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = beside(path);
    let write = || {
        remove(&beside);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        #[expect(clippy::disallowed_methods, reason = "this is the durable replacement")]
        std::fs::rename(&beside, path)?;
        sync_folder(path)
    };
    let result = write();
    if result.is_err() {
        remove(&beside);
    }
    result
}

/// Writes beside `path`, and moves what is written to its place.
fn written(
    path: &Path,
    bytes: &[u8],
    permissions: Option<std::fs::Permissions>,
    place: impl FnOnce(&Path) -> io::Result<()>,
) -> io::Result<()> {
    let beside = beside(path);
    // One of us at a time, or each would remove what the other writes.
    let turn = OpenOptions::new().read(true).open(folder(path))?;
    turn.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => io::Error::other("another keyrite is writing here now"),
        TryLockError::Error(error) => error,
    })?;
    let write = || {
        // What is left of a call that was cut short; never what a link is to.
        remove(&beside);
        let mut file = OpenOptions::new().write(true).create_new(true).open(&beside)?;
        if let Some(permissions) = permissions {
            file.set_permissions(permissions)?;
        }
        file.write_all(bytes)?;
        file.sync_all()?;
        place(&beside)?;
        sync_folder(path)
    };
    let result = write();
    if result.is_err() {
        remove(&beside);
    }
    // Said aloud: a program that is being started may still hold a copy of it.
    let _ = turn.unlock();
    result
}

fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    folder(path).join(format!(".{name}.new"))
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Syncs the folder of a file.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    let folder: File = OpenOptions::new().read(true).open(folder(path))?;
    folder.sync_all()
}

/// Moves a file to where none is. Not every file system can do that at once;
/// there a second name does it, which is refused where one is taken.
fn without_replacing(
    from: &Path,
    to: &Path,
    rename: impl FnOnce(&Path, &Path) -> Result<(), Errno>,
) -> io::Result<()> {
    match rename(from, to) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
            std::fs::hard_link(from, to)?;
            remove(from);
            Ok(())
        }
        result => Ok(result?),
    }
}

/// Removes a file beside the wanted one, which is ours and which nobody reads.
fn remove(beside: &Path) {
    #[expect(clippy::disallowed_methods, reason = "what was written in vain")]
    let _ = std::fs::remove_file(beside);
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a test looks at files")]

    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_new_file_replaces_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        write_new(&path, b"one").unwrap();
        let error = write_new(&path, b"two").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read(&path).unwrap(), b"one");
        assert_eq!(names(folder.path()), ["a"]);
    }

    #[test]
    fn a_file_system_that_cannot_refuse_to_replace_gets_a_second_name() {
        for error in [Errno::INVAL, Errno::NOSYS, Errno::NOTSUP] {
            let folder = tempfile::tempdir().unwrap();
            let [from, to] = ["from", "to"].map(|name| folder.path().join(name));
            std::fs::write(&from, "one").unwrap();
            without_replacing(&from, &to, |_, _| Err(error)).unwrap();
            assert_eq!(names(folder.path()), ["to"]);
            std::fs::write(&from, "two").unwrap();
            let refused = without_replacing(&from, &to, |_, _| Err(error)).unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
            assert_eq!(std::fs::read(&to).unwrap(), b"one");
        }
        let nowhere = Path::new("/");
        assert!(without_replacing(nowhere, nowhere, |_, _| Err(Errno::ACCESS)).is_err());
    }

    #[test]
    fn a_replaced_file_keeps_its_permissions() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        assert!(replace(&path, b"nothing is there").is_err());
        std::fs::write(&path, "one").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        // Left of a call that was cut short.
        std::fs::write(folder.path().join(".a.new"), "half").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(names(folder.path()), ["a"]);
    }
}
