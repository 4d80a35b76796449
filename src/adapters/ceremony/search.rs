//! Looking for copies of a primary key's secret.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::gnupg::GnupgHome;
use super::remarks::Problem;
use crate::adapters::gnupg_home::{PRIVATE, is_key_file};
use crate::adapters::openpgp::{Holding, holding, public_number};
use crate::adapters::sources::read_file;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;
use crate::engine::ports::Job;

/// Where `GnuPG` puts the revocation certificates that it makes by itself.
pub(super) const REVOCATIONS: &str = "openpgp-revocs.d";
/// Files of a folder that are larger are no keys.
const LARGEST: u64 = 4 * 1024 * 1024;
/// Entries of a folder that are looked at.
const MAX_ENTRIES: usize = 10_000;

/// Where the key is, and where else copies may be.
pub(super) fn places(job: &Job<'_>) -> Vec<PathBuf> {
    let mut places = vec![PathBuf::from(job.effect.text("path"))];
    places.extend(job.effect.items("places").into_iter().map(PathBuf::from));
    places
}

/// How `GnuPG` calls the file of the key: as the first home says that has the
/// certificate. It is called the same in all of them.
fn keygrip(places: &[PathBuf], wanted: &Fingerprint) -> Result<Option<String>, Problem> {
    for home in places.iter().filter_map(|path| GnupgHome::at(path)) {
        if let Some(grip) = home.keygrip(wanted)? {
            return Ok(Some(grip));
        }
    }
    Ok(None)
}

/// What copies are known by.
pub(super) struct Search<'a> {
    wanted: &'a Fingerprint,
    /// How `GnuPG` calls the file of the key, where one of the homes says it.
    keygrip: Option<String>,
    /// The public number of the key, where its certificate is known.
    number: Option<Vec<u8>>,
}

/// A place in which copies were looked for.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The copies, and `GnuPG`'s own revocation certificates.
    pub(super) files: Vec<String>,
    /// What was not looked into: folders, links, and files that are too large.
    pub(super) passed_over: usize,
}

impl<'a> Search<'a> {
    pub(super) fn of(
        places: &[PathBuf],
        wanted: &'a Fingerprint,
        certificate: Option<Vec<u8>>,
    ) -> Result<Self, Problem> {
        let number = certificate.and_then(|certificate| public_number(&[certificate]));
        Ok(Self { wanted, keygrip: keygrip(places, wanted)?, number })
    }

    /// What a file holds of the key, and whether it is a file of `GnuPG`'s
    /// agent with its secret.
    pub(super) fn inside(&self, path: &Path) -> Result<(Holding, bool), Problem> {
        let bytes = secret_file(path)?;
        let is_of_agent = self.number.as_ref().is_some_and(|number| is_key_file(&bytes, number));
        // What is no key is no copy.
        Ok((holding(&bytes, self.wanted).unwrap_or_default(), is_of_agent))
    }

    fn is_copy(&self, path: &Path) -> Result<bool, Problem> {
        let (there, is_of_agent) = self.inside(path)?;
        Ok(there.is_copy() || is_of_agent)
    }

    /// The files in a home, in a folder, or of that name that hold the secret
    /// of the primary key, or end it.
    pub(super) fn copies_in(&self, path: &Path) -> Result<Found, Problem> {
        let (mut copies, mut passed_over) = (Vec::new(), 0);
        if path.is_file() {
            copies.extend(self.is_copy(path)?.then(|| path.to_owned()));
        } else {
            for entry in entries(&path.join(PRIVATE))? {
                let is_named = !entry.is_link && self.is_called_so(&entry.path);
                if entry.is_small && (is_named || self.is_copy(&entry.path)?) {
                    copies.push(entry.path);
                }
            }
            for entry in entries(&path.join(REVOCATIONS))? {
                let is_its = !entry.is_link && entry.name.starts_with(&self.wanted.hex());
                copies.extend(is_its.then_some(entry.path));
            }
            for entry in entries(path)? {
                if !entry.is_small {
                    // A home has folders of its own.
                    passed_over += usize::from(GnupgHome::at(path).is_none());
                } else if self.is_copy(&entry.path)? {
                    copies.push(entry.path);
                }
            }
        }
        let mut files = Vec::new();
        for path in copies {
            // A link is followed: what it leads to is the copy.
            let path = std::fs::canonicalize(&path).map_err(|error| failed(&path, &error))?;
            let name = path.to_str().filter(|name| VisibleText::from_text(name).as_str() == *name);
            let odd = || Problem::Failed(format!("{}: rename it, its name is odd", visible(&path)));
            files.push(name.ok_or_else(odd)?.to_owned());
        }
        files.sort();
        files.dedup();
        Ok(Found { files, passed_over })
    }

    /// Whether it is called as `GnuPG` calls the file of the key.
    pub(super) fn is_called_so(&self, path: &Path) -> bool {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        self.keygrip.as_ref().is_some_and(|grip| name.starts_with(grip.as_str()))
    }
}

/// What a file holds of the key.
pub(super) fn whole(path: &Path, wanted: &Fingerprint) -> Result<Holding, Problem> {
    Ok(holding(&secret_file(path)?, wanted).unwrap_or_default())
}

fn secret_file(path: &Path) -> Result<Zeroizing<Vec<u8>>, Problem> {
    let bytes = read_file(path).map(Zeroizing::new);
    bytes.map_err(|error| Problem::Failed(format!("{}: {error}", visible(path))))
}

/// Something in a folder.
pub(super) struct Entry {
    pub(super) path: PathBuf,
    pub(super) name: String,
    is_link: bool,
    /// Whether it is, or leads to, a plain file that a key could be.
    is_small: bool,
}

/// What is in a folder; nothing where it is not there.
pub(super) fn entries(folder: &Path) -> Result<Vec<Entry>, Problem> {
    #[expect(clippy::disallowed_methods, reason = "copies are looked for here only")]
    let listed = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        listed => listed.map_err(|error| failed(folder, &error))?,
    };
    let mut entries = Vec::new();
    for entry in listed {
        let entry = entry.map_err(|error| failed(folder, &error))?;
        let path = entry.path();
        if entries.len() == MAX_ENTRIES {
            let folder = visible(folder);
            return Err(Problem::Failed(format!("{folder}: too many entries; name the files")));
        }
        let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
        let about = std::fs::metadata(&path);
        let is_small = about.is_ok_and(|about| about.is_file() && about.len() <= LARGEST);
        let name = entry.file_name().to_string_lossy().into_owned();
        entries.push(Entry { path, name, is_link, is_small });
    }
    Ok(entries)
}

pub(super) fn failed(path: &Path, error: &std::io::Error) -> Problem {
    Problem::Failed(format!("{}: {error}", visible(path)))
}

pub(super) fn visible(path: &Path) -> VisibleText {
    VisibleText::from_bytes(path.as_os_str().as_encoded_bytes())
}
