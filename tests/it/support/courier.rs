//! Two machines, and a medium that travels between them.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Child;

use keyrite::domain::words;
use keyrite::engine::audit::{Entry, RunLine};
use keyrite::engine::carry::{Listed, Manifest};
use keyrite::engine::chain::Digest;
use keyrite::engine::event::Event;
use keyrite::engine::journal::Journal;

use super::hall::{Answer, Hall, Sat};
use super::program::Outcome;

/// Two homes with their own state folders, and a stick.
pub(crate) struct Courier {
    pub(crate) here: Hall,
    pub(crate) there: Hall,
    stick: tempfile::TempDir,
}

/// The words of the digest that were shown for comparison.
pub(crate) fn shown_words(out: &str) -> String {
    let mut lines = out.lines().skip_while(|line| !line.starts_with("compare this"));
    let rows: Vec<_> = lines.by_ref().skip(3).take(8).collect();
    let words = rows.iter().flat_map(|row| row.split_whitespace());
    let words: Vec<_> = words.filter(|word| word.parse::<usize>().is_err()).collect();
    assert_eq!(words.len(), 32, "{out}");
    words.join(" ")
}

/// The words of the digest of a list.
pub(crate) fn words_of(manifest: &Manifest) -> String {
    words::spell(manifest.digest().bytes()).collect::<Vec<_>>().join(" ")
}

/// Runs keyrite behind the words of `prefix`; types those of `words` that it
/// asks for, and then `more`, which `meanwhile` comes before.
pub(crate) fn compare(
    mut child: Child,
    words: &str,
    more: &str,
    meanwhile: &mut dyn FnMut(),
) -> Outcome {
    const ASKED: &str = "that the other machine showed: ";
    let mut out = Vec::new();
    let mut stdout = child.stdout.take().unwrap();
    let mut byte = [0];
    while !out.ends_with(ASKED.as_bytes()) && stdout.read(&mut byte).unwrap() == 1 {
        out.push(byte[0]);
    }
    let mut stdin = child.stdin.take().unwrap();
    let text = String::from_utf8_lossy(&out).into_owned();
    if let Some(before) = text.strip_suffix(ASKED) {
        let label = before.rsplit("the words ").next().unwrap();
        let places = label.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok());
        let all: Vec<_> = words.split(' ').collect();
        let typed = places.map(|place: usize| all.get(place - 1).copied().unwrap_or("none"));
        let typed = typed.collect::<Vec<_>>().join("  ").to_uppercase();
        let _ = writeln!(stdin, "{typed}");
    }
    meanwhile();
    let _ = stdin.write_all(more.as_bytes());
    drop(stdin);
    stdout.read_to_end(&mut out).unwrap();
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    let code = child.wait().unwrap().code();
    Outcome { code, out: String::from_utf8_lossy(&out).into_owned(), err }
}

/// Writes one more line to a journal, as somebody does who has no right to.
pub(crate) fn forge(journal: &Path, event: Event) -> (u64, Digest) {
    let run = journal.parent().unwrap().file_name().unwrap().to_str().unwrap();
    let bytes = fs::read(journal).unwrap();
    let found = Journal::read(run, &bytes).unwrap().journal;
    let moment = found.entries().last().unwrap().moment.clone();
    let (line, entry) = found.line(moment, event);
    fs::write(journal, [&bytes[..], line.as_bytes(), b"\n"].concat()).unwrap();
    (entry.seq.try_into().unwrap(), entry.hash)
}

/// Writes one more line to a chain, in the name of its writer.
pub(crate) fn forge_log(chain: &Path, run: Option<RunLine>) {
    let bytes = fs::read(chain).unwrap();
    let last = bytes.strip_suffix(b"\n").unwrap().rsplit(|byte| *byte == b'\n').next().unwrap();
    let mut entry = Entry::parse(last).unwrap();
    entry.prev = Entry::hash(last);
    entry.seq += 1;
    entry.heads.clear();
    "noted".clone_into(&mut entry.record.kind);
    entry.record.run = run;
    fs::write(chain, [&bytes[..], entry.line().as_bytes(), b"\n"].concat()).unwrap();
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

    /// Carries in, and types of those words what is asked for.
    pub(crate) fn typed(&self, hall: &Hall, words: &str, more: &[&str]) -> Outcome {
        let stick = self.stick().to_str().unwrap();
        let line = ["carry", "in", stick, "--as", "driver", "--keep", "--in", "team"];
        compare(hall.spawn(&[], &[&line, more].concat()), words, "", &mut || {})
    }

    /// The same, and answers then what is asked.
    pub(crate) fn answered(&self, hall: &Hall, words: &str, more: &str) -> Outcome {
        let stick = self.stick().to_str().unwrap();
        let line = ["carry", "in", stick, "--as", "driver", "--in", "team"];
        compare(hall.spawn(&[], &line), words, more, &mut || {})
    }

    /// Carries out on one and in on the other, as people do who compare.
    pub(crate) fn carry(&self, from: &Hall, to: &Hall, out: &[&str], into: &[&str]) -> Outcome {
        let sent = self.out(from, out);
        assert_eq!(sent.code, Some(0), "{sent:?}");
        let taken = self.typed(to, &shown_words(&sent.out), into);
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
    words_of(&manifest)
}
