//! A branch of a git repository. What is written is one commit on top of it,
//! made by git itself and of nothing but our files; it is pushed on request,
//! and never forced.

mod program;

use std::path::{Path, PathBuf};

use self::program::Repository;
use super::Reach;
use super::store::{Read, Standing, Store, Stored, Task};
use crate::domain::text::VisibleText;
use crate::domain::workspace::Target as Declared;
use crate::engine::place::PlaceError;

/// What the place of a target begins with that lies in a repository.
pub(super) const PREFIX: &str = "git:";

/// A branch.
pub(super) struct Git {
    repository: Repository,
    branch: Option<String>,
    /// What all paths begin with: nothing, or a folder with its slash.
    folder: String,
    is_signed: bool,
    /// Where commits are pushed.
    remote: Option<String>,
}

/// Where the branch is.
struct Branch {
    name: String,
    /// Its last commit; absent where there is none yet.
    head: Option<String>,
}

impl Branch {
    fn reference(&self) -> String {
        format!("refs/heads/{}", self.name)
    }
}

impl Git {
    /// Nothing is asked yet.
    pub(super) fn new(target: &Declared, place: &str, reach: &Reach) -> Result<Self, PlaceError> {
        let path = reach.access.workspace.join(place.strip_prefix(PREFIX).unwrap_or(place));
        let repository = Repository { place: target.place.clone(), path };
        let text = |name: &str| target.text(name).map(str::to_owned);
        let folder = target.text("path").unwrap_or_default().trim_matches('/');
        let is_bad = |part: &str| [".", "..", ".git"].contains(&part);
        if folder.starts_with('-') || folder.split('/').any(is_bad) {
            return Err(repository.unfit("path is a folder within the repository"));
        }
        for name in [target.text("branch"), target.text("push")].into_iter().flatten() {
            if name.starts_with(['-', '+']) || name.contains([':', ' ', '*', '^', '~']) {
                return Err(repository.unfit(&format!("'{name}' is no name of a branch or remote")));
            }
        }
        let is_signed = match target.text("sign") {
            None | Some("false") => false,
            Some("true") => true,
            Some(other) => {
                return Err(repository.unfit(&format!("sign is true or false, not '{other}'")));
            }
        };
        let folder = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let (branch, remote) = (text("branch"), text("push"));
        Ok(Self { repository, branch, folder, is_signed, remote })
    }

    fn path(&self, path: &str) -> String {
        format!("{}{path}", self.folder)
    }

    fn branch(&self) -> Result<Branch, PlaceError> {
        self.repository.recognise()?;
        let own = self.repository.run(&["symbolic-ref", "--quiet", "--short", "HEAD"])?;
        let own = own.is_good().then(|| own.line());
        let Some(name) = self.branch.clone().or_else(|| own.clone()) else {
            return Err(self.repository.unfit("it is on no branch: declare branch"));
        };
        let head = self.repository.object(&format!("refs/heads/{name}^{{commit}}"))?;
        if head.is_none() && own.as_ref() != Some(&name) {
            let why = format!("it has no branch '{name}': git branch {name}");
            return Err(self.repository.unfit(&why));
        }
        Ok(Branch { name, head })
    }

    /// The last commit of the branch at the remote, with all that is in it.
    fn fetched(&self, remote: &str, branch: &Branch) -> Result<Option<String>, PlaceError> {
        let repository = &self.repository;
        if !repository.run(&["remote", "get-url", remote])?.is_good() {
            return Err(repository.unfit(&format!("it has no remote '{remote}': git remote add")));
        }
        let reference = branch.reference();
        let listed = repository.run(&["ls-remote", remote, &reference])?;
        if !listed.is_good() {
            return Err(self.unreachable(&format!("git ls-remote {remote}: {}", listed.why())));
        }
        let lines = listed.line();
        let id = lines.lines().find_map(|line| {
            let (id, name) = line.split_once('\t')?;
            (name == reference).then(|| id.to_owned())
        });
        let Some(id) = id else { return Ok(None) };
        if repository.object(&format!("{id}^{{commit}}"))?.is_none() {
            let fetch = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--refmap="];
            let said = repository.run(&[&fetch[..], &[remote, &reference]].concat())?;
            if !said.is_good() {
                return Err(self.unreachable(&format!("git fetch {remote}: {}", said.why())));
            }
        }
        Ok(Some(id))
    }

    fn unreachable(&self, why: &str) -> PlaceError {
        let why = VisibleText::from_text(why);
        PlaceError::Unreachable { place: self.repository.place.clone(), why }
    }

    /// Sees that what would be pushed is ours alone, and that nobody has
    /// pushed something else meanwhile.
    fn is_level(
        &self,
        branch: &Branch,
        remote: &str,
        there: Option<&str>,
        ours: &[String],
    ) -> Result<(), PlaceError> {
        let repository = &self.repository;
        let name = &branch.name;
        let moved = || {
            repository.unfit(&format!(
                "{remote} has commits on {name} that are not here: git fetch {remote}, look at \
                 them and merge them, and publish again; nothing is forced"
            ))
        };
        let more = match (&branch.head, there) {
            (None, None) => return Ok(()),
            (None, Some(_)) => return Err(moved()),
            (Some(head), None) => repository
                .done(&["ls-tree", "-r", "-z", "--name-only", "--full-tree", head], b"")?,
            (Some(head), Some(there)) => {
                let ancestor = repository.run(&["merge-base", "--is-ancestor", there, head])?;
                if !ancestor.is_good() {
                    return Err(moved());
                }
                repository.done(&["diff-tree", "-r", "-z", "--name-only", there, head], b"")?
            }
        };
        match more.items().into_iter().find(|path| !ours.contains(path)) {
            None => Ok(()),
            Some(path) => Err(repository.unfit(&format!(
                "{name} has commits that {remote} has not, and they are not keyrite's ({path}): \
                 push them before (git push {remote} {name})"
            ))),
        }
    }

    /// Where the branch is checked out.
    fn checked_out(&self, branch: &Branch) -> Result<Option<PathBuf>, PlaceError> {
        let listed = self.repository.done(&["worktree", "list", "--porcelain", "-z"], b"")?;
        let (mut folder, mut found) = (None, None);
        for line in listed.items() {
            if let Some(path) = line.strip_prefix("worktree ") {
                folder = Some(PathBuf::from(path));
            } else if line.strip_prefix("branch ") == Some(branch.reference().as_str()) {
                found.clone_from(&folder);
            }
        }
        Ok(found)
    }

    /// Sees that nobody is at work where the branch is checked out; whether our
    /// files are to be brought there.
    fn is_clean(&self, folder: &Path, task: &Task<'_>) -> Result<bool, PlaceError> {
        let status = ["status", "--porcelain=v1", "-z", "--no-renames"];
        let run = |more: &[&str]| -> Result<Vec<String>, PlaceError> {
            let said = self.repository.run_in(folder, &[&status[..], more].concat(), b"")?;
            if !said.is_good() {
                return Err(self.repository.unfit(&format!("git status: {}", said.why())));
            }
            Ok(said.items())
        };
        let changed: Vec<_> = task.changes.iter().map(|one| self.path(&one.file.path)).collect();
        let ours: Vec<_> = task.paths.iter().map(|path| self.path(path)).collect();
        // What was committed and not yet brought into the work tree.
        let is_behind = |item: &str, path: &str| {
            ["D  ", "M  "].iter().any(|head| item.starts_with(head))
                && ours.iter().any(|one| one == path)
                && !changed.iter().any(|one| one == path)
        };
        let (mut dirty, mut is_late) = (Vec::new(), !changed.is_empty());
        for item in run(&["--untracked-files=no"])? {
            let path = item.get(3..).unwrap_or_default();
            if is_behind(&item, path) {
                is_late = true;
            } else {
                dirty.push(path.to_owned());
            }
        }
        let mut words = vec!["--untracked-files=all", "--ignored", "--"];
        words.extend(changed.iter().map(String::as_str));
        if !changed.is_empty() {
            let in_the_way = run(&words)?;
            let in_the_way = in_the_way.iter().filter(|item| item.starts_with(['?', '!']));
            dirty.extend(in_the_way.filter_map(|item| item.get(3..)).map(str::to_owned));
        }
        if dirty.is_empty() || changed.is_empty() {
            return Ok(is_late && dirty.is_empty());
        }
        let more = if dirty.len() > 3 { ", and more" } else { "" };
        dirty.truncate(3);
        Err(self.repository.unfit(&format!(
            "its work tree has changes that are not committed ({}{more}): commit them or put them \
             away (git stash), and publish again",
            dirty.join(", ")
        )))
    }

    /// Makes the commit, and sees that it is signed; the branch is not yet
    /// moved.
    fn commit(&self, branch: &Branch, task: &Task<'_>) -> Result<String, PlaceError> {
        let repository = &self.repository;
        let mut tree = match &branch.head {
            Some(head) => repository.object(&format!("{head}^{{tree}}"))?,
            None => None,
        };
        let mut files = String::new();
        for change in &task.changes {
            let blob = repository.done(&["hash-object", "-w", "--stdin"], &change.file.bytes)?;
            let path = self.path(&change.file.path);
            tree = Some(repository.with_file(tree.as_deref(), &path, &blob.line())?);
            files = format!("{files}{path}\n");
        }
        let certificate = task.publication.certificate.hex();
        let message = format!("Publish the certificate {certificate}\n\n{files}");
        let tree = tree.unwrap_or_default();
        let mut words = vec!["commit-tree", if self.is_signed { "-S" } else { "--no-gpg-sign" }];
        words.extend(branch.head.iter().flat_map(|head| ["-p", head]));
        words.extend(["-F", "-", &tree]);
        let said = repository.run_in(&repository.path, &words, message.as_bytes())?;
        if !said.is_good() {
            return Err(self.refused(&format!("no commit was made: {}", said.why())));
        }
        let commit = said.line();
        if self.is_signed {
            let verified = repository.run(&["verify-commit", &commit])?;
            if !verified.is_good() {
                let why = format!("its signature does not verify: {}", verified.why());
                return Err(self.refused(&format!("no commit was made: {why}")));
            }
        }
        Ok(commit)
    }

    fn refused(&self, why: &str) -> PlaceError {
        let why = VisibleText::from_text(why);
        PlaceError::Refused { place: self.repository.place.clone(), why }
    }

    /// Moves the branch, unless somebody else has.
    fn advance(&self, branch: &Branch, commit: &str, task: &Task<'_>) -> Result<(), PlaceError> {
        let reference = branch.reference();
        let why = format!("keyrite: publish {}", task.publication.certificate.hex());
        let old = branch.head.as_deref().unwrap_or("");
        let said = self.repository.run(&["update-ref", "-m", &why, &reference, commit, old])?;
        if said.is_good() {
            return Ok(());
        }
        if self.repository.object(&reference)? == branch.head {
            return Err(self.refused(&said.why().into_string()));
        }
        Err(PlaceError::Changed { place: self.repository.place.clone() })
    }

    /// Brings our files, and no others, into the work tree.
    fn bring(&self, folder: &Path, task: &Task<'_>) -> Result<(), PlaceError> {
        let paths: Vec<_> = task.paths.iter().map(|path| self.path(path)).collect();
        let mut words = vec!["restore", "--source=HEAD", "--staged", "--worktree", "--"];
        words.extend(paths.iter().map(String::as_str));
        let said = self.repository.run_in(folder, &words, b"")?;
        if said.is_good() {
            return Ok(());
        }
        Err(self.repository.unfit(&format!("git restore: {}", said.why())))
    }

    fn push(&self, branch: &Branch, remote: &str, commit: &str) -> Result<String, PlaceError> {
        let to = format!("{commit}:{}", branch.reference());
        let words = ["push", "--porcelain", "--no-follow-tags", "--recurse-submodules=no"];
        let said = self.repository.run(&[&words[..], &[remote, &to]].concat())?;
        let name = &branch.name;
        if said.is_good() {
            return Ok(format!("pushed to {remote} {name}"));
        }
        let lines = said.line();
        let line = lines.lines().find(|line| line.starts_with("!\t"));
        let Some(line) = line else {
            let why = format!("git push {remote}: {}; the commit {commit} is kept", said.why());
            return Err(self.unreachable(&why));
        };
        let verdict = line.rsplit('\t').next().unwrap_or_default();
        Err(self.refused(&format!(
            "{remote} took no {name}: {verdict}; {}; the commit {commit} is kept here, and is \
             pushed when you publish again",
            said.why()
        )))
    }
}

impl Store for Git {
    fn is_guarded(&self) -> bool {
        true
    }

    fn get(&self, path: &str) -> Result<Option<Stored>, PlaceError> {
        let Some(head) = self.branch()?.head else { return Ok(None) };
        let file = self.repository.file(&head, &self.path(path))?;
        Ok(file.map(|(bytes, tag)| Stored { bytes, tag }))
    }

    fn public(&self) -> Result<Option<Read<'_>>, PlaceError> {
        let Some(remote) = &self.remote else { return Ok(None) };
        let there = self.fetched(remote, &self.branch()?)?;
        Ok(Some(Box::new(move |path| {
            let Some(there) = &there else { return Ok(None) };
            let file = self.repository.file(there, &self.path(path))?;
            Ok(file.map(|(bytes, _)| bytes))
        })))
    }

    fn standing(&self) -> Standing {
        let Ok(branch) = self.branch() else { return Standing::default() };
        let Branch { name, head } = &branch;
        let head = head.as_deref().unwrap_or("no commit yet");
        let mut facts = vec![VisibleText::from_text(&format!("{name} is at {head}")).into_string()];
        if self.is_signed {
            facts.push("commits are signed (git commit-tree -S)".to_owned());
        }
        if let Some(remote) = &self.remote {
            facts.push(format!("commits are pushed (git push {remote} COMMIT:refs/heads/{name})"));
        }
        Standing { facts, awaits: None }
    }

    fn write(&self, task: &Task<'_>) -> Result<Vec<String>, PlaceError> {
        let mut branch = self.branch()?;
        let folder = self.checked_out(&branch)?;
        let is_late = match &folder {
            Some(folder) => self.is_clean(folder, task)?,
            None => false,
        };
        let there = match &self.remote {
            None => None,
            Some(remote) => {
                let there = self.fetched(remote, &branch)?;
                let ours: Vec<_> = task.paths.iter().map(|path| self.path(path)).collect();
                self.is_level(&branch, remote, there.as_deref(), &ours)?;
                there
            }
        };
        let mut written = Vec::new();
        if !task.changes.is_empty() {
            let commit = self.commit(&branch, task)?;
            self.advance(&branch, &commit, task)?;
            written.extend(task.changes.iter().map(|change| self.path(&change.file.path)));
            written.push(format!("commit {commit} on {}", branch.name));
            branch.head = Some(commit);
        }
        if let (Some(folder), true) = (&folder, is_late) {
            self.bring(folder, task)?;
        }
        if let (Some(remote), Some(head)) = (&self.remote, &branch.head)
            && there.as_ref() != Some(head)
        {
            written.push(self.push(&branch, remote, head)?);
        }
        Ok(written)
    }
}
