//! A user's own program as a slot.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use keyrite::adapters::slots::{self, Access};
use keyrite::domain::timestamp::Timestamp;
use keyrite::domain::workspace::{Setting, SlotKind};
use keyrite::engine::chain::Digest;
use keyrite::engine::place::PlaceError;
use keyrite::engine::slot::{Found, Promotion, Put, Slot};
use tempfile::TempDir;

use crate::slot_directory::declared;
use crate::support::slots as contract;

const SECRET: &str = "TEST a secret of many letters";

pub(crate) fn program(folder: &TempDir, text: &str) -> PathBuf {
    let path = folder.path().join("tool");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

pub(crate) fn sha256(path: &Path) -> String {
    Digest::of(&fs::read(path).unwrap()).hex()
}

pub(crate) fn try_open(
    argv: &[&str],
    digest: &str,
    variables: &[&str],
) -> Result<Box<dyn Slot>, PlaceError> {
    let list = |words: &[&str]| Setting::List(words.iter().map(|&word| word.to_owned()).collect());
    let mut slot = declared(SlotKind::Command, "TEST tool");
    slot.settings = BTreeMap::from([
        ("argv".to_owned(), list(argv)),
        ("digest".to_owned(), Setting::Text(digest.to_owned())),
        ("variables".to_owned(), list(variables)),
    ]);
    slots::open(&slot, &Access::default(), Timestamp::from_unix(1))
}

pub(crate) fn run(slot: &dyn Slot, text: &str, guard: &str) -> Result<String, PlaceError> {
    let value = contract::value(text);
    let promotion = Promotion {
        name: contract::NAMES[0],
        subkey: contract::key('A'),
        version: "",
        value: Some(&value),
        guard,
    };
    slot.promote(&promotion)
}

#[test]
fn a_program_gets_the_value_on_its_standard_input_and_little_else() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let text = "#!/bin/sh\nexec >\"$1\"\ncat\necho\necho \"$# $2\"\n/usr/bin/env\n/bin/pwd\n";
    let tool = program(&folder, text);
    let words = [tool.to_str().unwrap(), out.to_str().unwrap(), "two words"];
    let slot = try_open(&words, &sha256(&tool), &["USER_OF_NOBODY", "PATH"]).unwrap();
    let seen = slot.observe().unwrap();
    assert!(seen.facts[0].contains(&format!("{:?} {:?} \"two words\"", words[0], words[1])));
    assert!(seen.facts[1].contains(&sha256(&tool)), "{seen:?}");
    assert!(!out.exists(), "to observe runs nothing");
    // More than a pipe holds.
    let value = format!("{}\n{SECRET}", "x".repeat(300_000));
    assert_eq!(run(slot.as_ref(), &value, &seen.guard), Ok(contract::NAMES[0].to_owned()));
    let found = fs::read_to_string(&out).unwrap();
    let rest = found.strip_prefix(&value).unwrap();
    assert!(rest.starts_with("\n2 two words\n") && rest.ends_with("\n/\n"), "{rest}");
    assert!(rest.contains("PATH="), "{rest}");
    // The shell makes some of its own.
    for name in ["HOME=", "CARGO", "TERM=", "USER="] {
        assert!(!rest.lines().any(|line| line.starts_with(name)), "{rest}");
    }
    // A compiled program is started the same way.
    let copy = ["/usr/bin/tee", out.to_str().unwrap()];
    let slot = try_open(&copy, &sha256(Path::new(copy[0])), &[]).unwrap();
    run(slot.as_ref(), "bytes", &slot.observe().unwrap().guard).unwrap();
    assert_eq!(fs::read_to_string(&out).unwrap(), "bytes");
}

#[test]
fn a_program_that_fails_is_told_without_the_secret() {
    let folder = tempfile::tempdir().unwrap();
    for (text, shown, hidden) in [
        ("#!/bin/sh\necho no key >&2\nexit 3\n", "ended with 3: no key", SECRET),
        ("#!/bin/sh\ncat >&2\nexit 1\n", "a part of the secret", "many letters"),
        ("#!/bin/sh\nbase64 >&2\nexit 1\n", "a part of the secret", "VEVTVCBh"),
        ("#!/bin/sh\n(printf x; cat) | od -An -tx1 >&2\nexit 1\n", "a part of the secret", "54 45"),
        ("#!/bin/sh\nod -An -tu1 >&2\nexit 1\n", "a part of the secret", "84  69"),
        ("#!/bin/sh\nprintf '\\033[2J'\nexit 1\n", "ended with 1", "\u{1b}"),
    ] {
        let tool = program(&folder, text);
        let slot = try_open(&[tool.to_str().unwrap()], &sha256(&tool), &[]).unwrap();
        let error = run(slot.as_ref(), SECRET, &slot.observe().unwrap().guard).unwrap_err();
        assert!(matches!(error, PlaceError::InDoubt { .. }), "{error:?}");
        let error = error.to_string();
        assert!(error.contains(shown) && !error.contains(hidden), "{error}");
    }
    let tool = program(&folder, "#!/bin/sh\nkill -9 $$\n");
    let slot = try_open(&[tool.to_str().unwrap()], &sha256(&tool), &[]).unwrap();
    let error = run(slot.as_ref(), SECRET, &slot.observe().unwrap().guard).unwrap_err();
    assert!(matches!(error, PlaceError::InDoubt { .. }), "{error:?}");
}

#[test]
fn what_a_program_leaves_behind_is_ended_and_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let tool = program(&folder, "#!/bin/sh\ncat > /dev/null\nsleep 600 &\n");
    let slot = try_open(&[tool.to_str().unwrap()], &sha256(&tool), &["PATH"]).unwrap();
    let guard = slot.observe().unwrap().guard;
    let begun = std::time::Instant::now();
    assert_eq!(run(slot.as_ref(), SECRET, &guard), Ok(contract::NAMES[0].to_owned()));
    assert!(begun.elapsed() < std::time::Duration::from_mins(1), "it was waited for");
}

#[test]
fn another_program_is_never_started() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let text = format!("#!/bin/sh\ncat > {}\n", out.display());
    let tool = program(&folder, &text);
    let digest = sha256(&tool);
    let path = tool.to_str().unwrap();
    let slot = try_open(&[path], &digest, &[]).unwrap();
    let guard = slot.observe().unwrap().guard;
    // Other bytes under the same name.
    program(&folder, &format!("{text}# more\n"));
    for error in
        [slot.observe().map(|_| ()).unwrap_err(), run(slot.as_ref(), SECRET, &guard).unwrap_err()]
    {
        assert!(matches!(error, PlaceError::OtherPlace { .. }), "{error:?}");
    }
    program(&folder, &text);
    // Others could change it.
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o777)).unwrap();
    let error = run(slot.as_ref(), SECRET, &guard).unwrap_err();
    assert!(error.to_string().contains("chmod go-w"), "{error}");
    fs::remove_file(&tool).unwrap();
    assert!(run(slot.as_ref(), SECRET, &guard).is_err());
    assert!(!out.exists());
    // Other words than those that were looked at.
    program(&folder, &text);
    let slot = try_open(&[path, "more"], &digest, &[]).unwrap();
    assert!(matches!(run(slot.as_ref(), SECRET, &guard), Err(PlaceError::Changed { .. })));
    for (argv, digest) in [(&["tool"][..], digest.as_str()), (&[], &digest), (&[path], "abc")] {
        assert!(matches!(try_open(argv, digest, &[]), Err(PlaceError::Unfit { .. })));
    }
    assert!(!out.exists());
}

#[test]
fn what_a_program_cannot_do_is_said() {
    let tee = "/usr/bin/tee";
    let slot = try_open(&[tee], &sha256(Path::new(tee)), &[]).unwrap();
    let able = slot.abilities();
    assert!(!able.observe && !able.pending && !able.freeze && !able.retire);
    let value = contract::value("x");
    let put =
        Put { name: contract::NAMES[0], subkey: contract::key('A'), value: &value, guard: "" };
    let unable = [
        slot.put_pending(&put).map(|_| ()),
        slot.read_back("x").map(|_| ()),
        slot.freeze(true),
        slot.retire("x"),
    ];
    for result in unable {
        assert!(matches!(result, Err(PlaceError::Unable { .. })), "{result:?}");
    }
    assert_eq!(slot.find(contract::NAMES[0]), Ok(Found::Again));
}

#[test]
fn a_repository_takes_the_secret_as_the_page_says() {
    let page = fs::read_to_string("docs/slots/command.md").unwrap();
    let script = page.split("```sh\n").nth(1).unwrap().split("```").next().unwrap();
    let folder = tempfile::tempdir().unwrap();
    // A tool that encrypts: here gpg, to a certificate of the consumer.
    let gpg = crate::support::gpg::Gpg::new();
    let user_id = "TEST consumer <consumer@example.org>";
    gpg.run(&["--quick-gen-key", user_id, "default", "default", "never"]);
    let script = script.replace("/srv/ci-config", folder.path().to_str().unwrap());
    let tool = program(&folder, &script);
    // Started here, so that the home of the test reaches nobody else.
    let mut command = std::process::Command::new(&tool);
    command.env("GNUPGHOME", gpg.home());
    let limit = std::time::Duration::from_secs(20);
    let outcome = crate::support::program::finish(command, SECRET.as_bytes(), limit).unwrap();
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let sealed = folder.path().join("signing-key.gpg");
    assert!(!String::from_utf8_lossy(&fs::read(&sealed).unwrap()).contains(SECRET));
    let opened = gpg.run(&["--decrypt", sealed.to_str().unwrap()]);
    assert_eq!(String::from_utf8_lossy(&opened), SECRET);
}
