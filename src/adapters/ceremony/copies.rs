//! Copies of a primary key that are to go: found, removed, and looked for
//! again.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use zeroize::Zeroizing;

use super::gnupg::GnupgHome;
use super::remarks::Problem;
use super::{CeremonyHands, Done, Inputs, done, receipt};
use crate::adapters::durable::sync_folder;
use crate::adapters::gnupg_home::PRIVATE;
use crate::adapters::openpgp::{Holding, holding};
use crate::adapters::sources::read_file;
use crate::domain::finding::FindingId;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::{VisibleText, counted};
use crate::engine::ports::{Job, Reconciled};

/// Where `GnuPG` puts the revocation certificates that it makes by itself.
const REVOCATIONS: &str = "openpgp-revocs.d";
/// Files of a folder that are larger are no keys.
const LARGEST: u64 = 4 * 1024 * 1024;
/// Entries of a folder that are looked at.
const MAX_ENTRIES: usize = 10_000;

impl CeremonyHands {
    pub(super) fn remove_copy(job: &Job<'_>) -> Done {
        let inputs = Inputs(job.effect);
        let path = PathBuf::from(inputs.text("copy"));
        let wanted = inputs.fingerprint("fingerprint")?;
        if !is_there(&path) {
            return Ok(done(receipt([("proof", "the file is gone".to_owned())])));
        }
        let proof = if let Some(home) = home_of(&path, &wanted)? {
            home.delete(&wanted)?;
            "GnuPG has deleted it, and the file is gone"
        } else {
            erase(&path, &wanted)?;
            "it was overwritten and removed; what an SSD keeps besides cannot be seen"
        };
        if is_there(&path) {
            let path = visible(&path);
            return Err(Problem::Failed(format!("{path} is still there; remove it by hand")));
        }
        Ok(done(receipt([("proof", proof.to_owned())])))
    }

    pub(super) fn prove_gone(job: &Job<'_>) -> Done {
        let inputs = Inputs(job.effect);
        let wanted = inputs.fingerprint("fingerprint")?;
        let paths = places(job);
        let mut left = Vec::new();
        let grip = keygrip(&paths, &wanted)?;
        for path in paths.iter().filter(|path| is_there(path)) {
            left.extend(copies_in(path, &wanted, grip.as_deref())?);
            let Some(home) = GnupgHome::at(path) else { continue };
            if !home.cannot_sign(&wanted)? {
                left.push(format!(
                    "{}, in which GnuPG does not say that it is gone",
                    visible(path)
                ));
            }
        }
        if !left.is_empty() {
            let left = VisibleText::from_text(&left.join(", "));
            return Err(Problem::forbidden(
                FindingId::Cer009,
                format!("the secret of the primary key is still in {left}"),
                "remove it there by hand, and look again; the media are whole",
            ));
        }
        let proof =
            format!("no copy in {}; GnuPG cannot sign with it", counted(paths.len(), "place"));
        Ok(done(receipt([("proof", proof)])))
    }
}

/// Whether a removal was done, by whether the file is there.
pub(super) fn reconcile(job: &Job<'_>) -> Reconciled {
    if is_there(Path::new(&job.effect.text("copy"))) {
        return Reconciled::Nothing;
    }
    Reconciled::Done(receipt([("proof", "the file is gone".to_owned())]))
}

/// Where the key is, and where else copies may be.
pub(super) fn places(job: &Job<'_>) -> Vec<PathBuf> {
    let mut places = vec![PathBuf::from(job.effect.text("path"))];
    places.extend(job.effect.items("places").into_iter().map(PathBuf::from));
    places
}

/// How `GnuPG` calls the file of the key: as the first home says that has the
/// certificate. It is called the same in all of them.
pub(super) fn keygrip(places: &[PathBuf], wanted: &Fingerprint) -> Result<Option<String>, Problem> {
    for home in places.iter().filter_map(|path| GnupgHome::at(path)) {
        if let Some(grip) = home.keygrip(wanted)? {
            return Ok(Some(grip));
        }
    }
    Ok(None)
}

/// The files in a home, in a folder, or of that name that hold the secret of
/// the primary key, or end it.
pub(super) fn copies_in(
    path: &Path,
    wanted: &Fingerprint,
    keygrip: Option<&str>,
) -> Result<Vec<String>, Problem> {
    let is_called_so = |name: &str| keygrip.is_some_and(|grip| name.starts_with(grip));
    let mut found = Vec::new();
    if path.is_file() {
        let there = whole(path, wanted)?;
        found.extend(there.is_copy().then(|| path.to_owned()));
    } else {
        for (file, name) in entries(&path.join(PRIVATE))? {
            found.extend(is_called_so(&name).then_some(file));
        }
        for (file, name) in entries(&path.join(REVOCATIONS))? {
            found.extend(name.starts_with(&wanted.hex()).then_some(file));
        }
        for (file, name) in entries(path)? {
            let is_small = std::fs::metadata(&file).is_ok_and(|about| about.len() <= LARGEST);
            if is_called_so(&name) || (is_small && whole(&file, wanted)?.is_copy()) {
                found.push(file);
            }
        }
    }
    let mut names = Vec::new();
    for path in found {
        // A link is followed: what it leads to is the copy.
        let path = std::fs::canonicalize(&path).map_err(|error| failed(&path, &error))?;
        let name = path.to_str().filter(|name| VisibleText::from_text(name).as_str() == *name);
        let odd = || Problem::Failed(format!("{}: rename it, its name is odd", visible(&path)));
        names.push(name.ok_or_else(odd)?.to_owned());
    }
    names.sort();
    names.dedup();
    Ok(names)
}

/// What a file holds of the key.
pub(super) fn whole(path: &Path, wanted: &Fingerprint) -> Result<Holding, Problem> {
    let bytes = read_file(path).map(Zeroizing::new);
    let bytes = bytes.map_err(|error| Problem::Failed(format!("{}: {error}", visible(path))))?;
    // What is no key is no copy.
    Ok(holding(&bytes, wanted).unwrap_or_default())
}

/// The home whose primary key `GnuPG` itself keeps in that file; absent where
/// it is a backup, or where the home does not know the key.
fn home_of(path: &Path, wanted: &Fingerprint) -> Result<Option<GnupgHome>, Problem> {
    let folder = path.parent().filter(|_| parent_is(path, PRIVATE)).and_then(Path::parent);
    let Some(home) = folder.and_then(GnupgHome::at) else { return Ok(None) };
    let grip = home.keygrip(wanted)?;
    let is_its =
        grip.is_some_and(|grip| path.file_name().is_some_and(|n| *n == *format!("{grip}.key")));
    Ok(is_its.then_some(home))
}

/// Overwrites a file, and removes it.
fn erase(path: &Path, wanted: &Fingerprint) -> Result<(), Problem> {
    let error = |error: std::io::Error| failed(path, &error);
    let mut options = OpenOptions::new();
    let flags = i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or_default();
    let mut file = options.read(true).write(true).custom_flags(flags).open(path).map_err(error)?;
    let about = file.metadata().map_err(error)?;
    let refused = |why: &str, remedy: &str| {
        Err(Problem::forbidden(FindingId::Cer009, format!("{} {why}", visible(path)), remedy))
    };
    if !about.is_file() || about.nlink() != 1 {
        return refused(
            "is no plain file, or has a second name, and was left alone",
            "find the other name (find -inum), remove both by hand, and look again",
        );
    }
    let is_named_for_it = is_called_by_keygrip(path) || parent_is(path, REVOCATIONS);
    if !is_named_for_it && !is_blank(&mut file).map_err(error)? {
        let there = whole(path, wanted)?;
        if there.others > 0 {
            return refused(
                "holds secrets of other keys, too, and was left alone",
                "export what you need of it into a file of its own, remove this one by hand, \
                 and look again",
            );
        }
        if !there.is_copy() {
            return refused(
                "is no copy of the key any more, and was left alone",
                "find out what it is now; move it away, and look again",
            );
        }
    }
    blank(&mut file, about.len()).map_err(error)?;
    #[expect(clippy::disallowed_methods, reason = "the copy that was confirmed to go")]
    std::fs::remove_file(path).and_then(|()| sync_folder(path)).map_err(error)
}

fn blank(file: &mut File, length: u64) -> std::io::Result<()> {
    file.rewind()?;
    std::io::copy(&mut std::io::repeat(0).take(length), file)?;
    file.flush()?;
    file.sync_all()
}

/// Whether a removal that was cut off has overwritten it already.
fn is_blank(file: &mut File) -> std::io::Result<bool> {
    let mut start = [0; 64];
    let read = file.read(&mut start)?;
    Ok(read > 0 && start.iter().take(read).all(|byte| *byte == 0))
}

/// Whether the file is called as `GnuPG` calls secrets: it was found by that.
fn is_called_by_keygrip(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let grip = name.split_once(".key").map(|(grip, _)| grip);
    grip.is_some_and(|grip| grip.len() == 40 && grip.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn parent_is(path: &Path, name: &str) -> bool {
    path.parent().and_then(Path::file_name).is_some_and(|parent| parent == name)
}

/// The plain files in a folder, with their names; none where it is not there.
fn entries(folder: &Path) -> Result<Vec<(PathBuf, String)>, Problem> {
    #[expect(clippy::disallowed_methods, reason = "copies are looked for here only")]
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(|error| failed(folder, &error))?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| failed(folder, &error))?.path();
        if files.len() == MAX_ENTRIES {
            let folder = visible(folder);
            return Err(Problem::Failed(format!("{folder}: too many entries; name the files")));
        }
        if path.is_file() {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.push((path, name));
        }
    }
    Ok(files)
}

fn is_there(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok()
}

fn failed(path: &Path, error: &std::io::Error) -> Problem {
    Problem::Failed(format!("{}: {error}", visible(path)))
}

fn visible(path: &Path) -> VisibleText {
    VisibleText::from_bytes(path.as_os_str().as_encoded_bytes())
}
