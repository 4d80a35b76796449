//! The `git` program, as it is run for a repository of the operator: with
//! little of the environment, without a terminal to ask at, and not for ever.

use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use crate::adapters::process::{self, Bounds};
use crate::adapters::web::LONGEST;
use crate::adapters::{environment, git};
use crate::domain::text::VisibleText;
use crate::engine::place::PlaceError;

/// How long one run of it may take: a push to a slow place.
const TIME: Duration = Duration::from_mins(2);

/// What it sees of the environment: who asks, with which keys and settings,
/// and by which way.
const SEEN: [&str; 26] = [
    "ALL_PROXY",
    "DBUS_SESSION_BUS_ADDRESS",
    "DISPLAY",
    "GIT_AUTHOR_EMAIL",
    "GIT_AUTHOR_NAME",
    "GIT_COMMITTER_EMAIL",
    "GIT_COMMITTER_NAME",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_SSL_CAINFO",
    "GNUPGHOME",
    "HOME",
    "HTTPS_PROXY",
    "LOGNAME",
    "NO_PROXY",
    "PATH",
    "SSH_AUTH_SOCK",
    "TMPDIR",
    "USER",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "XDG_CONFIG_HOME",
    "XDG_RUNTIME_DIR",
    "https_proxy",
];

/// What it said.
pub(super) struct Said {
    status: ExitStatus,
    pub(super) out: Vec<u8>,
    err: Vec<u8>,
}

impl Said {
    pub(super) fn is_good(&self) -> bool {
        self.status.success()
    }

    /// What it put out, as a line.
    pub(super) fn line(&self) -> String {
        String::from_utf8_lossy(self.out.trim_ascii()).into_owned()
    }

    /// What it put out, where that ends each item with a zero.
    pub(super) fn items(&self) -> Vec<String> {
        let items = self.out.split(|byte| *byte == 0).filter(|item| !item.is_empty());
        items.map(|item| String::from_utf8_lossy(item).into_owned()).collect()
    }

    /// Why it did not do it: what it said, from the first line that tells.
    pub(super) fn why(&self) -> VisibleText {
        let text = String::from_utf8_lossy(&self.err);
        let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let tells =
            |line: &&str| ["fatal:", "error:", "remote:"].iter().any(|w| line.starts_with(w));
        let begin = lines.iter().position(tells).unwrap_or_default();
        let told: Vec<_> = lines.iter().skip(begin).take(3).copied().collect();
        VisibleText::from_text(&told.join(" "))
    }
}

/// A repository.
pub(super) struct Repository {
    pub(super) place: String,
    pub(super) path: PathBuf,
}

impl Repository {
    /// Runs it in a folder, with something to read.
    pub(super) fn run_in(
        &self,
        folder: &Path,
        words: &[&str],
        input: &[u8],
    ) -> Result<Said, PlaceError> {
        let mut command = git::git();
        command.env_clear();
        let names = SEEN.map(str::to_owned);
        command.envs(environment::variables(&names));
        // Its words are looked at; and nobody is asked for a password, nor
        // for the passphrase of a key that no agent has open.
        command.env("LC_ALL", "C").env("GIT_TERMINAL_PROMPT", "0").env("GIT_ASKPASS", "/bin/false");
        command.env("SSH_ASKPASS", "/bin/false").env("SSH_ASKPASS_REQUIRE", "force");
        command.arg("-C").arg(folder).args(["--literal-pathspecs", "--no-optional-locks"]);
        command.args(words);
        let unreachable = |why: &str| PlaceError::Unreachable {
            place: self.place.clone(),
            why: VisibleText::from_text(why),
        };
        let bounds = Bounds { time: TIME, room: LONGEST + 1 };
        let ran = process::run(command, input, bounds)
            .map_err(|error| unreachable(&format!("git cannot be started: {error}")))?;
        let what = words.first().copied().unwrap_or_default();
        let (out, err) = (ran.stdout.to_vec(), ran.stderr.to_vec());
        if out.len() > LONGEST {
            return Err(unreachable(&format!("git {what} says more than {LONGEST} bytes")));
        }
        let Some(status) = ran.status else {
            return Err(unreachable(&format!("git {what} took more than {} s", TIME.as_secs())));
        };
        Ok(Said { status, out, err })
    }

    /// Runs it in the repository.
    pub(super) fn run(&self, words: &[&str]) -> Result<Said, PlaceError> {
        self.run_in(&self.path, words, b"")
    }

    /// The same, where it has to do it.
    pub(super) fn done(&self, words: &[&str], input: &[u8]) -> Result<Said, PlaceError> {
        let said = self.run_in(&self.path, words, input)?;
        if said.is_good() {
            return Ok(said);
        }
        let what = words.first().copied().unwrap_or_default();
        Err(self.unfit(&format!("git {what}: {}", said.why())))
    }

    pub(super) fn unfit(&self, why: &str) -> PlaceError {
        let why = VisibleText::from_text(why).into_string();
        PlaceError::Unfit { place: self.place.clone(), why }
    }

    /// Sees that this is a repository, and not a folder in one.
    pub(super) fn recognise(&self) -> Result<(), PlaceError> {
        if !self.path.is_dir() {
            let why = VisibleText::from_text("there is no such folder");
            return Err(PlaceError::Unreachable { place: self.place.clone(), why });
        }
        let bare = self.run(&["rev-parse", "--is-bare-repository"])?;
        if !bare.is_good() {
            return Err(self.unfit(&format!("git rev-parse: {}", bare.why())));
        }
        if bare.line() == "true" {
            return Ok(());
        }
        let top = self.done(&["rev-parse", "--show-toplevel"], b"")?.line();
        let here = std::fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        if Path::new(&top) == here {
            return Ok(());
        }
        Err(self
            .unfit(&format!("it is in the repository {top}: declare that one, and a path in it")))
    }

    /// The object that a name means.
    pub(super) fn object(&self, name: &str) -> Result<Option<String>, PlaceError> {
        let said = self.run(&["rev-parse", "--verify", "--quiet", "--end-of-options", name])?;
        Ok(said.is_good().then(|| said.line()))
    }

    /// Mode, kind and id of what a tree has at a path.
    pub(super) fn entry(
        &self,
        tree: &str,
        path: &str,
    ) -> Result<Option<(String, String)>, PlaceError> {
        let listed = self.done(&["ls-tree", "-z", "--full-tree", tree, path], b"")?;
        let entry = listed.items().into_iter().find_map(|item| {
            let (head, name) = item.split_once('\t')?;
            let words: Vec<_> = head.split(' ').collect();
            let &[mode, _, id] = words.as_slice() else { return None };
            (name == path).then(|| (mode.to_owned(), id.to_owned()))
        });
        Ok(entry)
    }

    /// The file at a path of a commit, and its id.
    pub(super) fn file(
        &self,
        commit: &str,
        path: &str,
    ) -> Result<Option<(Vec<u8>, String)>, PlaceError> {
        let Some((mode, id)) = self.entry(commit, path)? else { return Ok(None) };
        if !["100644", "100755"].contains(&mode.as_str()) {
            return Err(self.unfit(&format!("{path} is no file there (mode {mode})")));
        }
        let bytes = self.done(&["cat-file", "blob", &id], b"")?.out;
        Ok(Some((bytes, id)))
    }

    /// A tree with a file more, or another one; all else as it is.
    pub(super) fn with_file(
        &self,
        tree: Option<&str>,
        path: &str,
        blob: &str,
    ) -> Result<String, PlaceError> {
        let (first, rest) = match path.split_once('/') {
            Some((first, rest)) => (first, Some(rest)),
            None => (path, None),
        };
        let listed = match tree {
            Some(tree) => self.done(&["ls-tree", "-z", tree], b"")?.out,
            None => Vec::new(),
        };
        let mut entries = Vec::new();
        for entry in listed.split_inclusive(|byte| *byte == 0) {
            let name = entry.splitn(2, |byte| *byte == b'\t').nth(1).unwrap_or_default();
            if name.strip_suffix(b"\0") != Some(first.as_bytes()) {
                entries.extend_from_slice(entry);
            }
        }
        let line = match rest {
            None => format!("100644 blob {blob}\t{first}\0"),
            Some(rest) => {
                let old = match tree {
                    Some(tree) => self.object(&format!("{tree}:{first}"))?,
                    None => None,
                };
                if let Some(old) = &old
                    && self.done(&["cat-file", "-t", old], b"")?.line() != "tree"
                {
                    return Err(self.unfit(&format!("{first} is no folder there")));
                }
                let folder = self.with_file(old.as_deref(), rest, blob)?;
                format!("040000 tree {folder}\t{first}\0")
            }
        };
        entries.extend_from_slice(line.as_bytes());
        Ok(self.done(&["mktree", "-z"], &entries)?.line())
    }
}
