//! Passphrases and keys of whole ceremonies of the real binary are found
//! nowhere but on media; and the same search finds each leak that is made on
//! purpose.

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use keyrite::adapters::openpgp::open_parcel;

use crate::support::canary::{
    Evidence, Needle, evidence, key_material, needles, search, sees_writes,
};
use crate::support::hall::{Answer, Hall, Prompt, Sat, label, names, subject};
use crate::support::old_home::OldHome;
use crate::support::program::BINARY;
use crate::support::pty::Pty;
use crate::support::vault::secret;

/// Starts all programs, writes and sockets of a ceremony into a trace.
fn watched<'a>(trace: &'a str, behind: &[&'a str]) -> Vec<&'a str> {
    let mut words = vec!["strace", "-f", "-qq", "-v", "-y", "-xx", "-s", "1000000", "-o", trace];
    words.extend(["-e", "trace=execve,write,network", "-e", "signal=none"]);
    words.extend_from_slice(behind);
    words
}

/// Holds a ceremony with that passphrase, and looks at all of it.
fn hold(
    hall: &Hall,
    words: &[&str],
    passphrase: &str,
    behind: &[&str],
    other: &mut dyn FnMut(&Prompt) -> Answer,
) -> (Sat, Evidence) {
    let trace = hall.path("trace");
    let prefix = watched(trace.to_str().unwrap(), behind);
    let sitting = hall.sit(&prefix, words, &[passphrase; 24]);
    let (pid, is_over) = (sitting.pid(), AtomicBool::new(false));
    let (sat, seen) = std::thread::scope(|scope| {
        let sampler = scope.spawn(|| sample(pid, &is_over));
        let piloted = AssertUnwindSafe(|| hall.pilot_with(sitting, other));
        let sat = catch_unwind(piloted);
        is_over.store(true, Ordering::Relaxed);
        (sat.unwrap_or_else(|panic| resume_unwind(panic)), sampler.join().unwrap())
    });
    assert!(sat.status.success(), "{sat:#?}");
    let mut all = evidence(hall, &sat, &trace);
    assert!(seen.len() >= 2, "nothing was seen of the process");
    let seen = seen.into_iter().enumerate();
    all.extend(seen.map(|(number, bytes)| (format!("/proc, {number}"), bytes)));
    (sat, all)
}

/// Arguments and environments of a process and of all that it starts, for as
/// long as it lives.
fn sample(root: u32, is_over: &AtomicBool) -> BTreeSet<Vec<u8>> {
    let mut seen = BTreeSet::new();
    while !is_over.load(Ordering::Relaxed) {
        let mut tree = vec![root.to_string()];
        while let Some(pid) = tree.pop() {
            let process = PathBuf::from("/proc").join(&pid);
            for name in ["cmdline", "environ"] {
                seen.extend(fs::read(process.join(name)).ok().filter(|bytes| !bytes.is_empty()));
            }
            let children = fs::read_to_string(process.join("task").join(&pid).join("children"));
            tree.extend(children.unwrap_or_default().split_whitespace().map(str::to_owned));
        }
        std::thread::yield_now();
    }
    seen
}

/// The sockets that were opened, by a trace.
fn sockets(hall: &Hall) -> Vec<String> {
    let trace = fs::read_to_string(hall.path("trace")).unwrap();
    let lines = trace.lines().filter(|line| line.contains(" socket("));
    lines.filter(|line| !line.contains("AF_UNIX")).map(str::to_owned).collect()
}

fn root_file(hall: &Hall) -> Vec<u8> {
    let folder = hall.medium("root-a").join("keyrite").join(&hall.certificates()[0]);
    fs::read(folder.join("root.pgp")).unwrap()
}

/// The passphrase, and the primary key that it protects.
fn of_root(hall: &Hall, passphrase: &str) -> Vec<Needle> {
    let mut all = needles("the passphrase", passphrase.as_bytes());
    let keys = key_material(&root_file(hall), passphrase.as_bytes());
    assert_eq!(keys.iter().map(Vec::len).collect::<Vec<_>>(), [32], "an Ed25519 secret");
    all.extend(keys.iter().flat_map(|key| needles("the primary key", key)));
    all
}

#[test]
fn passphrases_and_keys_are_found_on_media_only() {
    let passphrase = "in a mine of keys, a TEST canary";
    let mut hall = Hall::new();
    // Whatever a library would log comes out on standard error.
    hall.variables.push(("RUST_LOG".to_owned(), "trace".to_owned()));
    let usual = &mut |_: &Prompt| Answer::Usual;
    let (_, all) = hold(&hall, &["start", "root-generation"], passphrase, &[], usual);
    let mut secrets = of_root(&hall, passphrase);
    assert_eq!(search(&all, &secrets), Vec::<String>::new());
    assert_eq!(sockets(&hall), Vec::<String>::new());

    let (_, all) = hold(&hall, &["start", "subkey-issuance"], passphrase, &[], usual);
    let set = names(&hall.medium("parcel/keyrite")).into_iter().find(|n| n.starts_with("parcel-"));
    let folder = hall.medium("parcel/keyrite").join(set.unwrap());
    let part = |ending: &str| {
        let name = names(&folder).into_iter().find(|name| name.ends_with(ending)).unwrap();
        open_parcel(&fs::read(folder.join(name)).unwrap(), &secret(passphrase)).unwrap()
    };
    let (key, pass) = (part(".key.pgp"), part(".pass.pgp"));
    secrets.extend(needles("the passphrase of the subkey", &pass));
    let keys = key_material(&key, &pass);
    assert_eq!(keys.len(), 1);
    secrets.extend(keys.iter().flat_map(|key| needles("the subkey", key)));
    assert_eq!(search(&all, &secrets), Vec::<String>::new());
    assert_eq!(sockets(&hall), Vec::<String>::new());

    let (_, all) = hold(&hall, &["start", "expiry-extension"], passphrase, &[], usual);
    assert_eq!(search(&all, &secrets), Vec::<String>::new());
    assert_eq!(sockets(&hall), Vec::<String>::new());

    for ceremony in ["custody-upload", "custody-promote", "custody-freeze"] {
        let (_, all) = hold(&hall, &["start", ceremony], passphrase, &[], usual);
        assert_eq!(search(&all, &secrets), Vec::<String>::new());
        assert_eq!(sockets(&hall), Vec::<String>::new());
    }
}

#[test]
fn the_old_and_the_new_passphrase_of_an_adopted_key_are_found_nowhere() {
    let passphrase = "moving house with a TEST canary";
    let hall = Hall::new();
    let home = OldHome::make(&hall.path("gnupg"), "ed25519", "2y", passphrase);
    let begin = &["start", "root-adoption"];
    let (_, all) = hold(&hall, begin, passphrase, &[], &mut |prompt| {
        let is_asked = prompt.label.starts_with("places");
        if is_asked { Answer::Say(String::new()) } else { Answer::Usual }
    });
    let secrets = of_root(&hall, passphrase);
    // What gpg's agent has written is gone with the home's key.
    assert_eq!(search(&all, &secrets), Vec::<String>::new());
    assert_eq!(sockets(&hall), Vec::<String>::new());
    assert!(!home.signs_with(&home.fingerprint));
}

#[test]
fn a_drill_leaves_nothing_of_what_it_opens() {
    let passphrase = "back up again comes a TEST canary";
    let hall = Hall::new();
    let usual = &mut |_: &Prompt| Answer::Usual;
    hold(&hall, &["start", "root-generation"], passphrase, &[], usual);
    let (_, all) = hold(&hall, &["start", "recovery-drill"], passphrase, &[], usual);
    assert_eq!(search(&all, &of_root(&hall, passphrase)), Vec::<String>::new());
    assert_eq!(sockets(&hall), Vec::<String>::new());
}

#[test]
fn a_medium_is_replaced_without_a_trace_of_what_it_holds() {
    let passphrase = "other perches for a TEST canary";
    let hall = Hall::new();
    let usual = &mut |_: &Prompt| Answer::Usual;
    hold(&hall, &["start", "root-generation"], passphrase, &[], usual);
    let begin = &["start", "lost-medium"];
    let (_, all) = hold(&hall, begin, passphrase, &[], usual);
    assert_eq!(search(&all, &of_root(&hall, passphrase)), Vec::<String>::new());
    assert_eq!(sockets(&hall), Vec::<String>::new());
}

/// The channels on which something was found, each once.
fn channels(found: &[String]) -> BTreeSet<&'static str> {
    const KINDS: [&str; 8] = [
        "standard output",
        "standard error",
        "arguments and environment",
        "/proc",
        "written, line",
        "journal.jsonl",
        "transcript",
        "notes.txt",
    ];
    found.iter().flat_map(|one| KINDS.into_iter().filter(|kind| one.contains(kind))).collect()
}

#[test]
fn each_leak_that_is_made_on_purpose_is_found_by_the_same_search() {
    let passphrase = "sung aloud by a TEST canary";
    let mut hall = Hall::new();
    let begin = &["start", "root-generation"];
    // In the environment.
    hall.variables.push(("LEAK".to_owned(), passphrase.to_owned()));
    let usual = &mut |_: &Prompt| Answer::Usual;
    let (sat, all) = hold(&hall, begin, passphrase, &[], usual);
    let found = search(&all, &of_root(&hall, passphrase));
    let wanted = ["/proc", "arguments and environment"];
    assert_eq!(channels(&found), BTreeSet::from(wanted), "{found:#?}");
    // The primary key in a file, in each form.
    for needle in of_root(&hall, passphrase) {
        fs::write(hall.path("team/notes.txt"), [b"x", &needle.bytes[..], b"y"].concat()).unwrap();
        let found = search(&evidence(&hall, &sat, &hall.path("trace")), &[needle]);
        assert!(channels(&found).contains("notes.txt"), "{found:?}");
    }

    drop(hall);
    // In an argument, from where it gets into the journal; and in a note.
    let hall = Hall::new();
    let (given, mut is_noted) = (format!("number={passphrase}"), false);
    let (_, all) =
        hold(&hall, &["start", "root-generation", "--with", &given], passphrase, &[], &mut |_| {
            if is_noted {
                return Answer::Usual;
            }
            is_noted = true;
            Answer::Say(format!(":note {passphrase}"))
        });
    let found = search(&all, &of_root(&hall, passphrase));
    let mut wanted = vec!["/proc", "arguments and environment", "journal.jsonl", "transcript"];
    wanted.extend(sees_writes().then_some("written, line"));
    assert!(channels(&found).is_superset(&wanted.into_iter().collect()), "{found:#?}");

    drop(hall);
    // On both streams, in a file that is removed at once, and in a socket.
    let hall = Hall::new();
    fs::write(
        hall.path("leak"),
        format!(
            "echo {passphrase}; echo {passphrase} >&2; echo {passphrase} > \"$TMPDIR/x\"; \
         rm \"$TMPDIR/x\"; (exec 3<>/dev/tcp/127.0.0.1/9) 2>/dev/null; exec \"$@\""
        ),
    )
    .unwrap();
    let (_, mut all) = hold(&hall, begin, passphrase, &["bash", "leak"], usual);
    all.retain(|channel, _| !channel.ends_with("/leak"));
    let found = search(&all, &of_root(&hall, passphrase));
    let wanted = ["standard output", "standard error", "written, line"];
    assert_eq!(channels(&found), BTreeSet::from(wanted), "{found:#?}");
    assert_eq!(sockets(&hall).len(), 1, "{:?}", sockets(&hall));
}

#[test]
fn a_passphrase_that_is_typed_is_not_shown_by_the_terminal() {
    let passphrase = "at a terminal sits a TEST canary";
    let hall = Hall::new();
    let words = ["--plain", "ceremony", "start", "root-generation", "--in", "team"];
    let mut pty = Pty::start(BINARY, &words, &hall.path(""), (100, 40));
    let (mut answered, mut shown, mut typed) = (0, String::new(), 0);
    while pty.wait_for_more() {
        let said = String::from_utf8_lossy(&pty.written[answered..]).replace('\r', "");
        let last = said.rsplit('\n').next().unwrap_or_default();
        shown = subject(&said).unwrap_or(shown);
        let text = if last.ends_with("(without echo): ") || last == "the same again: " {
            typed += 1;
            passphrase.to_owned()
        } else if last.ends_with("or type 'own': ") {
            "own".to_owned()
        } else if let Some(label) = label(&said) {
            let label = label.to_owned();
            hall.answer(&Prompt {
                said: said.clone(),
                label,
                subject: shown.clone(),
                place: String::new(),
            })
        } else {
            continue;
        };
        answered = pty.written.len();
        pty.send(format!("{text}\n").as_bytes());
    }
    let status = pty.wait_for_end();
    let text = String::from_utf8_lossy(&pty.written).into_owned();
    assert!(status.success(), "{text}");
    assert_eq!(typed, 2);
    let all = Evidence::from([("terminal".to_owned(), pty.written.clone())]);
    assert_eq!(search(&all, &of_root(&hall, passphrase)), Vec::<String>::new());
    // What is typed where it is shown would be found.
    let name = needles("a user ID", b"TEST Releases <release@test.example>");
    assert!(!search(&all, &name).is_empty());
}
