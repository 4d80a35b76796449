//! Two people, two clones, one file: what git does with keyrite, by the real
//! git.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use sequoia_openpgp::Cert;
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::serialize::SerializeInto as _;

use crate::support::forge::{KeySpec, certificate, certify};
use crate::support::program::{BINARY, Outcome, Program, finish};

/// A command that finds git and the binary under test, and nothing else of
/// the person who runs the tests.
fn known(program: &Program, command: &mut Command, folder: &Path) {
    let binaries = Path::new(BINARY).parent().unwrap().to_str().unwrap();
    let path = format!("{binaries}:{}", std::env::var("PATH").unwrap());
    command
        .current_dir(folder)
        .env_clear()
        .env("PATH", path)
        .env("HOME", program.folder())
        .env("LANG", "C.UTF-8")
        .env("GIT_CONFIG_NOSYSTEM", "1");
    for role in ["AUTHOR", "COMMITTER"] {
        command
            .env(format!("GIT_{role}_NAME"), "TEST")
            .env(format!("GIT_{role}_EMAIL"), "test@example.org");
    }
}

/// The work of two people on one repository.
struct Clones {
    program: Program,
}

impl Clones {
    /// A repository in `one` with a workspace in it, and its clone in `two`.
    fn new() -> Self {
        let clones = Self { program: Program::new() };
        clones.git("", &["init", "-q", "-b", "main", "one"]);
        let outcome = clones.keyrite("one", &["init", ".", "--profile", "small-team"]);
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        assert!(outcome.out.contains("git: .gitattributes got 4 lines; commit it"), "{outcome:?}");
        clones.commit("one", "begin");
        clones
    }

    /// Lets the second person begin from what is there.
    fn part(&self) {
        self.git("", &["clone", "-q", "one", "two"]);
        let outcome = self.keyrite("two", &["merge", "--install"]);
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        assert!(outcome.out.contains(".gitattributes has the lines already"), "{outcome:?}");
    }

    fn path(&self, name: &str) -> PathBuf {
        self.program.folder().join(name)
    }

    fn run(&self, program: &str, folder: &str, arguments: &[&str]) -> Outcome {
        let mut command = Command::new(program);
        known(&self.program, command.args(arguments), &self.path(folder));
        finish(command, b"", Duration::from_secs(30)).unwrap()
    }

    fn keyrite(&self, folder: &str, arguments: &[&str]) -> Outcome {
        self.run(BINARY, folder, arguments)
    }

    #[track_caller]
    fn git(&self, folder: &str, arguments: &[&str]) -> String {
        let outcome = self.run("git", folder, arguments);
        assert_eq!(outcome.code, Some(0), "{arguments:?}: {outcome:?}");
        outcome.out
    }

    fn commit(&self, folder: &str, message: &str) {
        self.git(folder, &["add", "-A"]);
        self.git(folder, &["commit", "-q", "-m", message]);
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        self.program.file(name, content);
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    /// Both write a file of that name and commit; then the first one merges
    /// what the second one did.
    fn meet(&self, name: &str, ours: impl AsRef<[u8]>, theirs: impl AsRef<[u8]>) -> Outcome {
        self.write(&format!("one/{name}"), ours);
        self.commit("one", "ours");
        self.write(&format!("two/{name}"), theirs);
        self.commit("two", "theirs");
        self.git("one", &["fetch", "-q", "../two", "main"]);
        self.run("git", "one", &["merge", "-q", "--no-edit", "FETCH_HEAD"])
    }
}

fn armored(cert: &Cert) -> Vec<u8> {
    cert.armored().to_vec().unwrap()
}

/// A certificate as both have it, as one has it, and as the other has it.
fn grown() -> (Cert, Cert, Cert) {
    let spec = |created| KeySpec::new("S", created, Some("2027-01-01"));
    let whole = certificate(
        &["Release TEST <release@example.org>"],
        &KeySpec::new("C", "2025-01-01", Some("2030-01-01")),
        &[spec("2025-02-01"), spec("2025-03-01"), spec("2025-04-01")],
    );
    let certifier = certificate(&["Certifier TEST"], &KeySpec::new("C", "2025-01-01", None), &[]);
    let whole = whole.strip_secret_key_material();
    let with = |numbers: &[usize]| {
        let keys: Vec<_> = whole.keys().subkeys().map(|key| key.key().fingerprint()).collect();
        let wanted: Vec<_> = numbers.iter().map(|number| keys[*number].clone()).collect();
        whole.clone().retain_subkeys(|key| wanted.contains(&key.key().fingerprint()))
    };
    (with(&[0]), with(&[0, 1]), certify(&certifier, &with(&[0, 2]), "2025-06-01"))
}

#[test]
fn what_two_people_add_to_a_certificate_is_there_after_the_merge() {
    let (base, ours, theirs) = grown();
    let name = format!("certs/{}.asc", base.fingerprint().to_hex());
    let mut results = Vec::new();
    for (ours, theirs) in [(&ours, &theirs), (&theirs, &ours)] {
        let clones = Clones::new();
        clones.write(&format!("one/{name}"), armored(&base));
        clones.commit("one", "adopt");
        clones.part();
        let outcome = clones.meet(&name, armored(ours), armored(theirs));
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        let merged = clones.read(&format!("one/{name}"));
        let cert = Cert::from_bytes(&merged).unwrap();
        assert_eq!(cert.keys().subkeys().count(), 3);
        assert_eq!(cert.userids().next().unwrap().certifications().count(), 1);
        assert!(merged.starts_with(b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n"));
        assert_eq!(clones.git("one", &["status", "--porcelain"]), "");
        // The other one takes it without a merge.
        clones.git("two", &["pull", "-q", "--ff-only", "../one", "main"]);
        results.push(merged);
    }
    assert_eq!(results[0], results[1], "whoever merges gets the same bytes");
}

#[test]
fn a_certificate_that_both_added_has_no_common_ancestor_and_is_merged() {
    let (_, ours, theirs) = grown();
    let clones = Clones::new();
    clones.part();
    // A line end of another system and a text around it are no difference.
    let theirs = String::from_utf8(armored(&theirs)).unwrap().replace('\n', "\r\n");
    let outcome = clones.meet("people/alice.asc", armored(&ours), format!("alice\r\n{theirs}"));
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let cert = Cert::from_bytes(&clones.read("one/people/alice.asc")).unwrap();
    assert_eq!(cert.keys().subkeys().count(), 3);
}

#[test]
fn what_is_not_one_public_certificate_is_left_for_a_person() {
    let (_, ours, theirs) = grown();
    let other = certificate(&["Other TEST"], &KeySpec::new("C", "2025-01-01", None), &[]);
    let secret = other.as_tsk().armored().to_vec().unwrap();
    let other = armored(&other.strip_secret_key_material());
    let mut damaged = armored(&theirs);
    let middle = damaged.len() / 2;
    damaged[middle..middle + 4].copy_from_slice(b"****");
    let both = [armored(&theirs), other.clone()].concat();
    for (theirs, wanted) in [
        (other, "two different certificates: ours is "),
        (secret, "theirs is not one public certificate: it holds a secret key"),
        (damaged, "theirs is not one public certificate: "),
        (both, "it holds 2 certificates and not one"),
        (b"<<<<<<< ours\n".to_vec(), "no OpenPGP data in it"),
        (Vec::new(), "theirs is not one public certificate: empty"),
    ] {
        let clones = Clones::new();
        clones.part();
        let outcome = clones.meet("certs/a.asc", armored(&ours), &theirs);
        assert_eq!(outcome.code, Some(1), "{wanted}: {outcome:?}");
        assert!(outcome.err.contains(wanted), "{wanted}: {outcome:?}");
        assert!(outcome.err.contains("hint: ours is as it was"), "{outcome:?}");
        assert_eq!(clones.read("one/certs/a.asc"), armored(&ours), "{wanted}");
        let unmerged = clones.git("one", &["ls-files", "-u"]);
        assert!(unmerged.contains("certs/a.asc"), "{unmerged}");
        // What the hints name is there.
        let shown = clones.git("one", &["show", ":3:certs/a.asc"]);
        assert_eq!(shown.as_bytes(), theirs);
    }
}

const LINE: &str = "{\"prev\":\"00\",\"seq\":1}\n";

#[test]
fn a_log_grows_and_is_never_mixed() {
    let more = |n: usize| format!("{{\"prev\":\"0{n}\",\"seq\":{n}}}\n");
    let two = format!("{LINE}{}", more(2));
    let three = format!("{two}{}", more(3));
    let fork = format!("{LINE}{}", more(4));
    for (name, ours, theirs, wanted) in [
        ("audit/alice-01234567.jsonl", &two, &three, Ok(&three)),
        ("audit/alice-01234567.jsonl", &three, &two, Ok(&three)),
        ("audit/alice-01234567.jsonl", &two, &fork, Err("a forked chain: from line 2 on")),
        ("runs/20261120T000000Z-ABCDEFGH/journal.jsonl", &two, &three, Ok(&three)),
        ("runs/20261120T000000Z-ABCDEFGH/journal.jsonl", &two, &fork, Err("a forked run: ")),
        ("audit/alice-01234567.jsonl", &two, &String::new(), Err("changed in theirs")),
        ("audit/alice-01234567.jsonl", &two, &three.replace('\n', "\r\n"), Err("other line ends")),
        ("audit/alice-01234567.jsonl", &two, &three.trim_end().to_owned(), Err("was cut off")),
    ] {
        let clones = Clones::new();
        clones.write(&format!("one/{name}"), LINE);
        clones.commit("one", "begin");
        clones.part();
        let outcome = clones.meet(name, ours, theirs);
        let after = String::from_utf8(clones.read(&format!("one/{name}"))).unwrap();
        match wanted {
            Ok(wanted) => {
                assert_eq!(outcome.code, Some(0), "{outcome:?}");
                assert_eq!(&after, wanted);
            }
            Err(wanted) => {
                assert_eq!(outcome.code, Some(1), "{wanted}: {outcome:?}");
                assert!(outcome.err.contains(wanted), "{wanted}: {outcome:?}");
                assert_eq!(&after, ours, "{wanted}");
            }
        }
    }
}

/// Runs the driver as git does, outside of any repository.
fn driver(name: &str, texts: [&[u8]; 3]) -> (Outcome, Vec<u8>) {
    let clones = Clones { program: Program::new() };
    for (name, text) in ["base", "ours", "theirs"].into_iter().zip(texts) {
        clones.write(name, text);
    }
    let outcome = clones.keyrite("", &["merge", "base", "ours", "theirs", name]);
    let names = std::fs::read_dir(clones.path("")).unwrap().count();
    assert_eq!(names, 3, "nothing is left beside the three files");
    (outcome, clones.read("ours"))
}

#[test]
fn everything_else_is_merged_as_git_does_it() {
    let base = b"a\nb\nc\nd\ne\n";
    let (outcome, text) = driver("keyrite.toml", [base, b"A\nb\nc\nd\ne\n", b"a\nb\nc\nd\nE\n"]);
    assert_eq!((outcome.code, &text[..]), (Some(0), &b"A\nb\nc\nd\nE\n"[..]), "{outcome:?}");
    assert_eq!((outcome.out.as_str(), outcome.err.as_str()), ("", ""));
    for name in ["keyrite.toml", "observed/alice-01234567/wkd.json"] {
        let (outcome, text) = driver(name, [b"a\n", b"b\n", b"c\n"]);
        assert_eq!(outcome.code, Some(1), "{outcome:?}");
        assert_eq!(text, b"<<<<<<< ours\nb\n=======\nc\n>>>>>>> theirs\n");
        assert!(outcome.err.contains("git's marks are in the file"), "{outcome:?}");
    }
    // A mixture of two observations was never observed.
    let sides: [&[u8]; 3] = [base, b"A\nb\nc\nd\ne\n", b"a\nb\nc\nd\nE\n"];
    let (outcome, text) = driver("observed/alice-01234567/wkd.json", sides);
    assert_eq!((outcome.code, &text[..]), (Some(1), sides[1]), "{outcome:?}");
    let (outcome, text) = driver("picture", [b"\0a", b"\0b", b"\0c"]);
    assert_eq!((outcome.code, &text[..]), (Some(1), &b"\0b"[..]), "{outcome:?}");
    assert!(outcome.err.contains("git says: "), "{outcome:?}");
}

#[test]
fn a_hostile_name_is_one_word_of_the_hints() {
    let (outcome, _) = driver("certs/a'$(x)'\u{1b}[2J.asc", [b"", b"a", b"b"]);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    let word = "'certs/a'\\''$(x)'\\''\\u{1b}[2J.asc'";
    assert!(outcome.err.contains(&format!("git add -- {word}\n")), "{outcome:?}");
    assert!(!outcome.err.contains('\u{1b}'), "{outcome:?}");
}

#[test]
fn what_cannot_be_read_is_an_answer_that_git_understands() {
    let program = Program::new();
    program.file("a", "x\n");
    for arguments in
        [["merge", "a", "a", "missing", "audit/a.jsonl"], ["merge", ".", "a", "a", "b"]]
    {
        let outcome = program.run(&arguments);
        assert_eq!(outcome.code, Some(1), "{outcome:?}");
        assert!(outcome.err.contains("ours is as it was"), "{outcome:?}");
    }
    for arguments in [
        &["merge"][..],
        &["merge", "a", "a"],
        &["merge", "a", "a", "a", "b", "--install"],
        &["merge", "a", "a", "a", "b", "--in", "."],
    ] {
        assert_eq!(program.run(arguments).code, Some(2));
    }
}

#[test]
fn what_gitattributes_says_already_is_kept() {
    let clones = Clones { program: Program::new() };
    clones.git("", &["init", "-q", "-b", "main", "one"]);
    clones.write("one/keys/.gitattributes", "*.png binary\ncerts/*.asc merge=keyrite");
    let outcome = clones.keyrite("one/keys", &["init", ".", "--profile", "small-team"]);
    assert!(outcome.out.contains(".gitattributes got 3 lines; commit it"), "{outcome:?}");
    let wanted = "*.png binary\ncerts/*.asc merge=keyrite\npeople/*.asc -text merge=keyrite\n\
        audit/*.jsonl -text merge=keyrite\nruns/*/journal.jsonl -text merge=keyrite\n";
    let text = || String::from_utf8(clones.read("one/keys/.gitattributes")).unwrap();
    assert_eq!(text(), wanted);
    assert_eq!(clones.keyrite("one", &["merge", "--install", "--in", "keys"]).code, Some(0));
    assert_eq!(text(), wanted);
    let driver = clones.git("one", &["config", "--local", "--get-all", "merge.keyrite.driver"]);
    assert_eq!(driver, "keyrite merge -- %O %A %B %P\n");
    let attribute = clones.git("one", &["check-attr", "merge", "text", "--", "keys/audit/a.jsonl"]);
    assert!(attribute.contains("merge: keyrite") && attribute.contains("text: unset"));
    // A second init changes nothing, and says what does.
    let outcome = clones.keyrite("one/keys", &["init", ".", "--profile", "small-team"]);
    assert!(outcome.err.contains("hint: keyrite merge --install"), "{outcome:?}");
}

#[test]
fn without_git_nothing_is_said_or_written() {
    let clones = Clones { program: Program::new() };
    let outcome = clones.keyrite("", &["init", "team", "--profile", "small-team"]);
    assert_eq!(outcome.code, Some(0));
    assert!(!outcome.out.contains("git"), "{outcome:?}");
    assert!(!clones.path("team/.gitattributes").exists());
    let outcome = clones.keyrite("", &["merge", "--install", "--in", "team"]);
    assert_eq!(outcome.code, Some(2), "{outcome:?}");
    assert!(outcome.err.contains("in no work tree of git"), "{outcome:?}");
    let outcome = clones.keyrite("", &["merge", "--install", "--in", "nowhere"]);
    assert!(outcome.err.contains("nowhere is no workspace"), "{outcome:?}");
}

#[test]
fn variables_of_git_point_it_at_no_other_repository() {
    let clones = Clones { program: Program::new() };
    clones.git("", &["init", "-q", "-b", "main", "one"]);
    clones.git("", &["init", "-q", "-b", "main", "other"]);
    let before = clones.read("other/.git/config");
    let mut command = Command::new(BINARY);
    command.args(["init", ".", "--profile", "small-team"]);
    known(&clones.program, &mut command, &clones.path("one"));
    command.env("GIT_DIR", clones.path("other/.git"));
    command.env("GIT_WORK_TREE", clones.path("other"));
    let outcome = finish(command, b"", Duration::from_secs(30)).unwrap();
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert_eq!(clones.read("other/.git/config"), before);
    let driver = clones.git("one", &["config", "--local", "merge.keyrite.driver"]);
    assert_eq!(driver, "keyrite merge -- %O %A %B %P\n");
    // Where the shell would not find it, git is told where it is.
    let mut command = Command::new(BINARY);
    command.args(["merge", "--install"]);
    known(&clones.program, &mut command, &clones.path("one"));
    command.env("PATH", "/usr/bin:/bin");
    assert_eq!(finish(command, b"", Duration::from_secs(30)).unwrap().code, Some(0));
    let driver = clones.git("one", &["config", "--local", "merge.keyrite.driver"]);
    assert_eq!(driver, format!("{BINARY} merge -- %O %A %B %P\n"));
}

#[test]
fn a_repository_that_git_does_not_trust_is_told_and_the_workspace_is_made() {
    let clones = Clones { program: Program::new() };
    clones.git("", &["init", "-q", "-b", "main", "one"]);
    let mut command = Command::new(BINARY);
    command.args(["init", ".", "--profile", "small-team"]);
    known(&clones.program, &mut command, &clones.path("one"));
    // git's own tests pretend with it that the folder is somebody else's.
    command.env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
    let outcome = finish(command, b"", Duration::from_secs(30)).unwrap();
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(outcome.out.contains("made: . with 0 certificates"), "{outcome:?}");
    assert!(outcome.err.contains("git says: fatal: detected dubious ownership"), "{outcome:?}");
    assert!(outcome.err.contains("hint: nothing else is missing; keyrite merge --install"));
    assert_eq!(clones.keyrite("one", &["merge", "--install"]).code, Some(0));
}
