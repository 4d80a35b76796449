//! A git repository as a target: real git, with a remote in a folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use keyrite::adapters::targets::{self, Reach};
use keyrite::domain::workspace::TargetKind;
use keyrite::engine::place::PlaceError;
use keyrite::engine::target::{Found, Target};

use crate::support::gpg::Gpg;
use crate::support::targets::{Made, cert, is_right, promises, target};

/// A repository with a first commit, and where it is pushed.
struct Site {
    folder: tempfile::TempDir,
}

impl Site {
    fn new() -> Self {
        let site = Self { folder: tempfile::tempdir().unwrap() };
        begin(site.folder.path());
        site
    }

    fn tree(&self) -> PathBuf {
        self.folder.path().join("site")
    }

    fn git(&self, words: &[&str]) -> String {
        git(&self.tree(), words)
    }

    fn remote(&self, words: &[&str]) -> String {
        git(&self.folder.path().join("remote.git"), words)
    }

    fn open(&self, settings: &[(&str, &str)]) -> Box<dyn Target> {
        self.open_as(TargetKind::Git, "site", settings)
    }

    fn open_as(&self, kind: TargetKind, place: &str, settings: &[(&str, &str)]) -> Box<dyn Target> {
        let reach = Reach::of(self.folder.path().to_owned());
        targets::open(&target(kind, place, settings), &reach).unwrap()
    }
}

/// Makes a repository `site` there, and `remote.git`, where it is pushed.
pub(crate) fn begin(folder: &Path) {
    git(folder, &["init", "--quiet", "--bare", "-b", "main", "remote.git"]);
    git(folder, &["init", "--quiet", "-b", "main", "site"]);
    let site = folder.join("site");
    for (key, value) in [("user.name", "TEST Anna"), ("user.email", "anna@example.org")] {
        git(&site, &["config", key, value]);
    }
    fs::write(site.join("README"), "TEST\n").unwrap();
    git(&site, &["add", "README"]);
    git(&site, &["commit", "--quiet", "-m", "begin"]);
    git(&site, &["remote", "add", "origin", "../remote.git"]);
    git(&site, &["push", "--quiet", "origin", "main"]);
}

pub(crate) fn git(folder: &Path, words: &[&str]) -> String {
    let output = Command::new("git").arg("-C").arg(folder).args(words).output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

const PUSHED: [(&str, &str); 2] = [("path", "static/keys"), ("push", "origin")];

#[test]
fn every_promise_holds_in_a_work_tree_a_bare_repository_and_with_a_remote() {
    let site = Site::new();
    promises(&|| site.open(&[("path", "a")]), &|| ());
    site.git(&["branch", "keys"]);
    promises(&|| site.open(&[("path", "b"), ("branch", "keys")]), &|| ());
    site.git(&["push", "--quiet", "origin", "main", "keys"]);
    promises(&|| site.open(&PUSHED), &|| ());
    promises(&|| site.open_as(TargetKind::Git, "remote.git", &[]), &|| ());
    for (kind, place, more) in [
        (TargetKind::ApacheKeys, "git:site/KEYS", ("path", "dist")),
        (TargetKind::SpackMirror, "git:site", ("layout", "v2")),
        (TargetKind::SpackMirror, "git:site", ("layout", "v3")),
    ] {
        promises(&|| site.open_as(kind, place, &[more]), &|| ());
    }
    assert_eq!(site.git(&["status", "--porcelain"]), "");
}

#[test]
fn one_commit_of_our_file_alone_is_made_and_pushed() {
    let site = Site::new();
    let made = Made::of(&cert("release", &[]));
    let hex = made.fingerprint.hex();
    fs::write(site.tree().join("notes.txt"), "not in git").unwrap();
    let before = site.git(&["rev-parse", "main"]);
    let seen = made.look(site.open(&PUSHED).as_ref());
    assert!(seen.facts.iter().any(|fact| fact.contains("git push origin COMMIT")), "{seen:?}");
    let written = made.publish(site.open(&PUSHED).as_ref()).unwrap();
    assert_eq!(written[0], format!("static/keys/{hex}.asc"));
    assert_eq!(written[2], "pushed to origin main");
    let head = site.remote(&["rev-parse", "main"]);
    assert_eq!(head, site.git(&["rev-parse", "main"]));
    assert_eq!(site.git(&["rev-parse", "main~1"]), before);
    let names = site.git(&["show", "--name-only", "--format=%s|%an", "main"]);
    let wanted = format!("Publish the certificate {hex}|TEST Anna\n\nstatic/keys/{hex}.asc");
    assert_eq!(names, wanted);
    assert_eq!(fs::read(site.tree().join(format!("static/keys/{hex}.asc"))).unwrap(), made.armored);
    assert_eq!(site.git(&["status", "--porcelain"]), "?? notes.txt");
    assert_eq!(made.publish(site.open(&PUSHED).as_ref()), Ok(Vec::new()));
    assert_eq!(site.git(&["rev-parse", "main"]), head);
}

#[test]
fn a_commit_is_signed_by_the_operators_own_key_and_verified() {
    let site = Site::new();
    let gpg = Gpg::new();
    gpg.run(&["--quick-generate-key", "TEST Anna <anna@example.org>", "ed25519", "sign", "never"]);
    let program = site.folder.path().join("gpg.sh");
    let home = gpg.home().display();
    fs::write(&program, format!("#!/bin/sh\nexec gpg --homedir {home} --batch \"$@\"\n")).unwrap();
    Command::new("chmod").arg("755").arg(&program).status().unwrap();
    site.git(&["config", "gpg.program", program.to_str().unwrap()]);
    let made = Made::of(&cert("release", &[]));
    let settings = [("sign", "true")];
    made.publish(site.open(&settings).as_ref()).unwrap();
    site.git(&["verify-commit", "main"]);
    assert_eq!(site.git(&["log", "-1", "--format=%GS"]), "TEST Anna <anna@example.org>");
    // Without its key nothing is committed.
    let head = site.git(&["rev-parse", "main"]);
    site.git(&["config", "gpg.program", "/bin/false"]);
    let other = Made::of(&cert("other", &[]));
    let error = other.publish(site.open(&settings).as_ref()).unwrap_err();
    assert!(matches!(&error, PlaceError::Refused { .. }), "{error}");
    assert!(error.to_string().contains("no commit was made"), "{error}");
    assert_eq!(site.git(&["rev-parse", "main"]), head);
}

#[test]
fn what_others_have_at_work_is_left_alone() {
    let site = Site::new();
    let made = Made::of(&cert("release", &[]));
    let hex = made.fingerprint.hex();
    let head = site.git(&["rev-parse", "main"]);
    let refused = |words: &str| {
        let error = made.publish(site.open(&[]).as_ref()).unwrap_err().to_string();
        assert!(error.contains(words) && error.contains("git stash"), "{error}");
        assert_eq!(site.git(&["rev-parse", "main"]), head);
    };
    fs::write(site.tree().join("README"), "changed\n").unwrap();
    refused("not committed (README)");
    site.git(&["add", "README"]);
    refused("not committed (README)");
    site.git(&["reset", "--quiet", "--hard"]);
    fs::write(site.tree().join(format!("{hex}.asc")), "somebody's own").unwrap();
    refused(&format!("not committed ({hex}.asc)"));
    assert_eq!(fs::read(site.tree().join(format!("{hex}.asc"))).unwrap(), b"somebody's own");
    fs::remove_file(site.tree().join(format!("{hex}.asc"))).unwrap();
    made.publish(site.open(&[]).as_ref()).unwrap();
    // What is there already asks nothing of the work tree.
    fs::write(site.tree().join("README"), "changed\n").unwrap();
    assert_eq!(made.publish(site.open(&[]).as_ref()), Ok(Vec::new()));
    assert_eq!(fs::read(site.tree().join("README")).unwrap(), b"changed\n");
}

#[test]
fn a_remote_that_has_moved_is_never_forced_nor_merged() {
    let site = Site::new();
    let made = Made::of(&cert("release", &[]));
    git(site.folder.path(), &["clone", "--quiet", "remote.git", "other"]);
    let other = site.folder.path().join("other");
    let words = ["-c", "user.name=TEST", "-c", "user.email=o@example.org", "commit", "--quiet"];
    git(&other, &[&words[..], &["--allow-empty", "-m", "theirs"]].concat());
    git(&other, &["push", "--quiet", "origin", "HEAD:main"]);
    let theirs = site.remote(&["rev-parse", "main"]);
    let head = site.git(&["rev-parse", "main"]);
    let error = made.publish(site.open(&PUSHED).as_ref()).unwrap_err().to_string();
    assert!(error.contains("git fetch origin") && error.contains("nothing is forced"), "{error}");
    assert_eq!(site.git(&["rev-parse", "main"]), head);
    site.git(&["pull", "--quiet", "--ff-only", "origin", "main"]);
    made.publish(site.open(&PUSHED).as_ref()).unwrap();
    assert_eq!(site.remote(&["rev-parse", "main~1"]), theirs);
    // Commits of others that were not pushed are not pushed by us.
    fs::write(site.tree().join("README"), "mine\n").unwrap();
    site.git(&["commit", "--quiet", "-am", "mine"]);
    let second = Made::of(&cert("second", &[]));
    let error = second.publish(site.open(&PUSHED).as_ref()).unwrap_err().to_string();
    assert!(error.contains("not keyrite's (README)"), "{error}");
    // Somebody changes our file between the look and the write.
    site.git(&["push", "--quiet", "origin", "main"]);
    let guard = made.look(site.open(&[("path", "static/keys")]).as_ref()).guard;
    let path = format!("static/keys/{}.asc", made.fingerprint.hex());
    fs::write(site.tree().join(&path), "changed").unwrap();
    site.git(&["commit", "--quiet", "-am", "theirs"]);
    let changed = made.publish_seen(site.open(&[("path", "static/keys")]).as_ref(), &guard);
    assert!(matches!(changed, Err(PlaceError::Changed { .. })), "{changed:?}");
}

#[test]
fn a_push_that_is_refused_or_lost_is_told_and_goes_on_without_a_second_commit() {
    let site = Site::new();
    let made = Made::of(&cert("release", &[]));
    let before = made.look(site.open(&PUSHED).as_ref());
    let hook = site.folder.path().join("remote.git/hooks/pre-receive");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, "#!/bin/sh\necho TEST: keys need a review\nexit 1\n").unwrap();
    Command::new("chmod").arg("755").arg(&hook).status().unwrap();
    let error = made.publish(site.open(&PUSHED).as_ref()).unwrap_err().to_string();
    assert!(error.contains("pre-receive hook declined"), "{error}");
    assert!(error.contains("TEST: keys need a review") && error.contains("is kept"), "{error}");
    let commit = site.git(&["rev-parse", "main"]);
    assert_eq!(site.git(&["rev-list", "--count", "main"]), "2");
    // Users read at the remote: they have nothing yet.
    let seen = made.look(site.open(&PUSHED).as_ref());
    assert_eq!(seen.doors[0].found, Found::Nothing);
    fs::remove_file(&hook).unwrap();
    let written = made.publish_seen(site.open(&PUSHED).as_ref(), &before.guard).unwrap();
    assert_eq!(written, ["pushed to origin main"]);
    assert_eq!(site.remote(&["rev-parse", "main"]), commit);
    is_right(site.open(&PUSHED).as_ref(), &made);
    // Cut off between the commit and the work tree.
    let file = format!("static/keys/{}.asc", made.fingerprint.hex());
    fs::remove_file(site.tree().join(&file)).unwrap();
    site.git(&["rm", "--quiet", "--cached", &file]);
    assert_eq!(made.publish(site.open(&PUSHED).as_ref()), Ok(Vec::new()));
    assert_eq!(site.git(&["status", "--porcelain"]), "");
}

#[test]
fn a_long_file_is_read_to_its_end_and_keeps_all_that_was_in_it() {
    let site = Site::new();
    let history = "pub   rsa4096 2001-01-01 TEST of the past\n".repeat(10_000);
    fs::write(site.tree().join("KEYS"), &history).unwrap();
    site.git(&["add", "KEYS"]);
    site.git(&["commit", "--quiet", "-m", "history"]);
    let made = Made::of(&cert("release", &[]));
    let open = || site.open_as(TargetKind::ApacheKeys, "git:site/KEYS", &[]);
    made.publish(open().as_ref()).unwrap();
    is_right(open().as_ref(), &made);
    assert!(fs::read_to_string(site.tree().join("KEYS")).unwrap().starts_with(&history));
    assert_eq!(made.publish(open().as_ref()), Ok(Vec::new()));
}

#[test]
fn what_is_no_repository_no_remote_or_no_branch_is_told() {
    let site = Site::new();
    let made = Made::of(&cert("release", &[]));
    let told = |place: &str, settings: &[(&str, &str)]| {
        let place = site.open_as(TargetKind::Git, place, settings);
        place.look(&made.fingerprint, &[]).unwrap_err().to_string()
    };
    assert!(told("site", &[("push", "upstream")]).contains("no remote 'upstream'"));
    assert!(told("nowhere", &[]).contains("no such folder"));
    fs::create_dir(site.folder.path().join("plain")).unwrap();
    let plain = told("plain", &[]);
    assert!(plain.contains("not a git repository"), "{plain}");
    fs::create_dir(site.tree().join("inner")).unwrap();
    assert!(told("site/inner", &[]).contains("declare that one"));
    assert!(told("site", &[("branch", "gone")]).contains("no branch 'gone'"));
    site.git(&["remote", "set-url", "origin", "../gone.git"]);
    assert!(told("site", &PUSHED).contains("git ls-remote origin"));
    site.git(&["checkout", "--quiet", "--detach"]);
    assert!(told("site", &[]).contains("on no branch"));
    for (name, value) in [("push", "+x"), ("branch", "a:b"), ("path", "../x"), ("sign", "maybe")] {
        let declared = target(TargetKind::Git, "site", &[(name, value)]);
        let reach = Reach::of(site.folder.path().to_owned());
        assert!(targets::open(&declared, &reach).is_err(), "{name} = {value}");
    }
}
