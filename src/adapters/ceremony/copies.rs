//! The copies of a primary key that go, and the proof that they are gone.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::gnupg::GnupgHome;
use super::remarks::{Problem, remark};
use super::search::{REVOCATIONS, Search, entries, failed, places, visible};
use super::{CeremonyHands, Done, Inputs, done, receipt};
use crate::adapters::durable::{self, sync_folder};
use crate::adapters::gnupg_home::PRIVATE;
use crate::adapters::medium::{Medium, MediumError};
use crate::domain::finding::FindingId;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::{VisibleText, counted};
use crate::engine::event::Weight;
use crate::engine::ports::{Job, Outcome, Reconciled};

/// How the mark of a removal is called, before the name of the effect.
const MARK: &str = ".keyrite-removes-";

impl CeremonyHands {
    pub(super) fn remove_copy(&self, job: &Job<'_>) -> Done {
        let inputs = Inputs(job.effect);
        let path = PathBuf::from(inputs.text("copy"));
        let wanted = inputs.fingerprint("fingerprint")?;
        if !is_there(&path) {
            return if is_there(&mark_of(&path, job)) {
                Ok(removed())
            } else {
                Ok(out_of_reach(&path))
            };
        }
        refuse_media(&path)?;
        let mark = mark_of(&path, job);
        if !is_there(&mark) {
            durable::write_new(&mark, b"").map_err(|error| failed(&mark, &error))?;
        }
        if let Some(home) = home_of(&path, &wanted)? {
            home.delete(&wanted)?;
        } else {
            self.erase(&path, &wanted)?;
        }
        if is_there(&path) {
            let path = visible(&path);
            return Err(Problem::Failed(format!("{path} is still there; remove it by hand")));
        }
        Ok(removed())
    }

    pub(super) fn prove_gone(&self, job: &Job<'_>) -> Done {
        let inputs = Inputs(job.effect);
        let wanted = inputs.fingerprint("fingerprint")?;
        let (there, away): (Vec<_>, Vec<_>) =
            places(job).into_iter().partition(|one| is_there(one));
        // What was removed is not there either.
        let copies = job.effect.items("copies");
        let is_out = |path: &&PathBuf| !copies.iter().any(|copy| Path::new(copy) == path.as_path());
        let away: Vec<_> =
            away.iter().filter(is_out).map(|path| visible(path).to_string()).collect();
        let search = Search::of(&there, &wanted, self.newest(&wanted).ok())?;
        let (mut left, mut homes) = (Vec::new(), 0);
        for path in &there {
            left.extend(search.copies_in(path)?.files);
            let Some(home) = GnupgHome::at(path) else { continue };
            homes += 1;
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
        let gnupg = if homes == 0 { "" } else { "; GnuPG cannot sign with it" };
        let proof = format!("no copy in {}{gnupg}", counted(there.len(), "place"));
        let receipt = receipt([("proof", proof)]);
        if !away.is_empty() {
            let message = format!("nobody could look whether a copy is in {}", away.join(", "));
            let remarks = vec![remark(FindingId::Cer009, Weight::Stops, message, REACH)];
            return Ok(Outcome { receipt, remarks });
        }
        clear_marks(&copies)?;
        Ok(done(receipt))
    }

    /// Overwrites a file, and removes it.
    fn erase(&self, path: &Path, wanted: &Fingerprint) -> Result<(), Problem> {
        let error = |error: std::io::Error| failed(path, &error);
        let mut options = OpenOptions::new();
        let flags = i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or_default();
        let mut file =
            options.read(true).write(true).custom_flags(flags).open(path).map_err(error)?;
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
        if !is_revocation(path, wanted) && !is_blank(&mut file).map_err(error)? {
            let home = path.parent().filter(|_| parent_is(path, PRIVATE)).and_then(Path::parent);
            let home: Vec<_> = home.map(Path::to_owned).into_iter().collect();
            let search = Search::of(&home, wanted, self.newest(wanted).ok())?;
            let (there, is_of_agent) = search.inside(path)?;
            let is_of_agent = is_of_agent || (!home.is_empty() && search.is_called_so(path));
            if there.others > 0 {
                return refused(
                    "holds secrets of other keys, too, and was left alone",
                    "export what you need of it into a file of its own, remove this one by hand, \
                     and look again",
                );
            }
            if !there.is_copy() && !is_of_agent {
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
}

/// What somebody does about a place that cannot be reached.
const REACH: &str = "mount its medium where it was, or carry the run to the machine where it is, and \
                     look again; if somebody has removed it by hand, take that on you, with who it \
                     was and how";

fn removed() -> Outcome {
    done(receipt([(
        "proof",
        "it was removed, and the file is gone; what an SSD keeps besides cannot be seen".to_owned(),
    )]))
}

/// What is not there was not removed: a medium may be out, or the machine may
/// be another one.
fn out_of_reach(path: &Path) -> Outcome {
    let message = format!("{} is not there, and nobody has removed it in this run", visible(path));
    Outcome {
        receipt: receipt([("proof", "it was not there; nothing was removed".to_owned())]),
        remarks: vec![remark(FindingId::Cer009, Weight::Stops, message, REACH)],
    }
}

/// Whether a removal was done: its mark is written before, and stays until all
/// copies are proved to be gone.
pub(super) fn reconcile(job: &Job<'_>) -> Reconciled {
    let path = PathBuf::from(job.effect.text("copy"));
    if is_there(&path) {
        return Reconciled::Nothing;
    }
    if is_there(&mark_of(&path, job)) {
        return Reconciled::Done(removed().receipt);
    }
    Reconciled::Unknown(format!(
        "{} is not there, nor is the mark that a removal leaves: mount its medium where it was, or \
         go on at the machine where it is",
        visible(&path)
    ))
}

/// Beside the copy, where a removal says that it was begun.
fn mark_of(copy: &Path, job: &Job<'_>) -> PathBuf {
    copy.with_file_name(format!("{MARK}{}", job.id))
}

/// The marks have done their work.
fn clear_marks(copies: &[String]) -> Result<(), Problem> {
    let folders: BTreeSet<_> = copies.iter().filter_map(|copy| Path::new(copy).parent()).collect();
    for folder in folders {
        for mark in entries(folder)?.iter().filter(|entry| entry.name.starts_with(MARK)) {
            #[expect(clippy::disallowed_methods, reason = "a mark of ours")]
            std::fs::remove_file(&mark.path).map_err(|error| failed(&mark.path, &error))?;
        }
    }
    Ok(())
}

/// Nothing is looked for, taken from or removed on a medium of keyrite's.
pub(super) fn refuse_media(path: &Path) -> Result<(), Problem> {
    let is_named = |folder: &&Path| {
        folder.is_dir() && matches!(Medium::at(folder), Ok(Some(_)) | Err(MediumError::Odd(..)))
    };
    let Some(medium) = path.ancestors().find(is_named) else { return Ok(()) };
    Err(Problem::forbidden(
        FindingId::Cer008,
        format!("{} is on a medium that keyrite has named: {}", visible(path), visible(medium)),
        "a medium of a root is no copy to be removed, and no source: lost-medium makes a second \
         one from it. Go back (:back), and name other places",
    ))
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

/// Whether it is a revocation certificate that `GnuPG` has made by itself.
fn is_revocation(path: &Path, wanted: &Fingerprint) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    parent_is(path, REVOCATIONS) && name.starts_with(&wanted.hex())
}

fn parent_is(path: &Path, name: &str) -> bool {
    path.parent().and_then(Path::file_name).is_some_and(|parent| parent == name)
}

fn is_there(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok()
}
