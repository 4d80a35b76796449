//! Two machines, and a medium that travels between them.

use std::fs;
use std::path::{Path, PathBuf};

use keyrite::engine::carry::{Listed, Manifest};
use keyrite::engine::chain::Digest;

use super::hall::{Answer, Hall, Sat};
use super::program::Outcome;

/// Two homes with their own state folders, and a stick.
pub(crate) struct Courier {
    pub(crate) here: Hall,
    pub(crate) there: Hall,
    stick: tempfile::TempDir,
}

/// The last eight digits that were shown for comparison.
pub(crate) fn last_digits(out: &str) -> String {
    let lines: Vec<_> = out.lines().collect();
    let at = lines.iter().position(|line| line.starts_with("compare this")).expect(out);
    let line: String = lines[at + 2].split_whitespace().collect();
    line[line.len() - 8..].to_owned()
}

impl Courier {
    pub(crate) fn new() -> Self {
        Self::from(Hall::new())
    }

    pub(crate) fn from(here: Hall) -> Self {
        let there = Hall::beside(&here);
        Self { here, there, stick: tempfile::tempdir().unwrap() }
    }

    /// Where the stick is mounted.
    pub(crate) fn stick(&self) -> &Path {
        self.stick.path()
    }

    pub(crate) fn out(&self, hall: &Hall, more: &[&str]) -> Outcome {
        let stick = self.stick().to_str().unwrap();
        let words = ["carry", "out", stick, "--as", "driver", "--keep", "--in", "team"];
        hall.run(&[&words, more].concat())
    }

    /// Carries in, and types those digits.
    pub(crate) fn typed(&self, hall: &Hall, digits: &str, more: &[&str]) -> Outcome {
        let stick = self.stick().to_str().unwrap();
        let words = ["carry", "in", stick, "--as", "driver", "--keep", "--in", "team"];
        hall.run_with(&[&words, more].concat(), &format!("{digits}\n"))
    }

    /// Carries out on one and in on the other, as people do who compare.
    pub(crate) fn carry(&self, from: &Hall, to: &Hall, out: &[&str], into: &[&str]) -> Outcome {
        let sent = self.out(from, out);
        assert_eq!(sent.code, Some(0), "{sent:?}");
        let taken = self.typed(to, &last_digits(&sent.out), into);
        assert_eq!(taken.code, Some(0), "{taken:?}");
        taken
    }
}

/// Begins a ceremony, and leaves it at the step of that title.
pub(crate) fn begin_until(hall: &Hall, ceremony: &str, title: &str) -> String {
    let sat = go_until(hall, hall.start(&[], ceremony), title);
    assert_eq!(sat.status.code(), Some(9), "{sat:#?}");
    hall.run_of(ceremony)
}

/// Goes on with a sitting, and leaves it at the step of that title.
pub(crate) fn go_until(hall: &Hall, sitting: super::hall::Sitting, title: &str) -> Sat {
    hall.pilot_with(sitting, &mut |prompt| {
        if prompt.is_at(title) { Answer::Leave } else { Answer::Usual }
    })
}

/// All bytes of a folder, by their paths.
pub(crate) fn bytes_of(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut all = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = fs::read(&path).unwrap_or_default();
                all.push((path, bytes));
            }
        }
    }
    all.sort();
    all
}

/// The list of the carry in that folder.
pub(crate) fn list_of(carry: &Path) -> Manifest {
    Manifest::parse(&fs::read(carry.join("manifest.json")).unwrap()).unwrap()
}

/// Lists the files anew as they are now: what somebody does who wants it to
/// look right.
pub(crate) fn list_again(carry: &Path, change: &dyn Fn(&mut Manifest)) -> String {
    let mut manifest = list_of(carry);
    let files = carry.join("files");
    manifest.files = bytes_of(&files)
        .into_iter()
        .map(|(path, bytes)| {
            let path = path.strip_prefix(&files).unwrap().to_str().unwrap().to_owned();
            let size = bytes.len().try_into().unwrap();
            (path, Listed { digest: Digest::of(&bytes), size })
        })
        .collect();
    change(&mut manifest);
    fs::write(carry.join("manifest.json"), manifest.text() + "\n").unwrap();
    manifest.digest().hex()[56..].to_owned()
}
