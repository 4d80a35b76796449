//! What is not carried and not taken in: each refusal in words, with nothing
//! changed.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use keyrite::domain::timestamp::Timestamp;
use keyrite::engine::carry::{Listed, Manifest, Place};
use keyrite::engine::chain::Digest;

use crate::support::courier::{Courier, begin_until, bytes_of, last_digits};
use crate::support::forge::{self, KeySpec};
use crate::support::hall::{Hall, names};
use crate::support::tree::copy;
use sequoia_openpgp::serialize::SerializeInto as _;

const ROOT: &str = "root-generation";

/// What somebody does to the folder `keyrite-carry`.
type Harm<'a> = (&'a str, &'a dyn Fn(&Path));

fn list_of(carry: &Path) -> Manifest {
    Manifest::parse(&fs::read(carry.join("manifest.json")).unwrap()).unwrap()
}

/// Lists the files anew as they are now: what somebody does who wants it to
/// look right.
fn list_again(carry: &Path, change: &dyn Fn(&mut Manifest)) -> String {
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

fn secret_key() -> Vec<u8> {
    let primary = KeySpec::new("C", "2026-01-01", None);
    let cert = forge::certificate(&["TEST <test@test.example>"], &primary, &[]);
    cert.as_tsk().to_vec().unwrap()
}

fn armored_secret() -> Vec<u8> {
    let primary = KeySpec::new("C", "2026-01-01", None);
    let cert = forge::certificate(&["TEST <test@test.example>"], &primary, &[]);
    cert.as_tsk().armored().to_vec().unwrap()
}

/// The only file of a folder whose name ends like that.
fn only(folder: &Path, ending: &str) -> std::path::PathBuf {
    let found = names(folder).into_iter().find(|name| name.ends_with(ending));
    folder.join(found.unwrap())
}

/// A carry of a workspace after a ceremony, its digits, and the folder that it
/// is copied to before each harm.
struct Range {
    courier: Courier,
    pristine: tempfile::TempDir,
    digits: String,
}

impl Range {
    fn new() -> Self {
        let courier = Courier::from(Hall::after(ROOT));
        let sent = courier.out(&courier.here, &[]);
        assert_eq!(sent.code, Some(0), "{sent:?}");
        let pristine = tempfile::tempdir().unwrap();
        copy(&courier.stick().join("keyrite-carry"), pristine.path());
        Self { digits: last_digits(&sent.out), courier, pristine }
    }

    fn reset(&self) {
        let carry = self.courier.stick().join("keyrite-carry");
        let _ = fs::remove_dir_all(&carry);
        fs::create_dir(&carry).unwrap();
        copy(self.pristine.path(), &carry);
    }

    /// Each harm is refused in those words, and nothing is made or changed.
    fn refuses(&self, harms: &[Harm<'_>]) {
        let Courier { there, .. } = &self.courier;
        let carry = self.courier.stick().join("keyrite-carry");
        for (words, harm) in harms {
            self.reset();
            harm(&carry);
            let digits =
                match Manifest::parse(&fs::read(carry.join("manifest.json")).unwrap_or_default()) {
                    Ok(manifest) => manifest.digest().hex()[56..].to_owned(),
                    Err(_) => self.digits.clone(),
                };
            let before = bytes_of(&there.path("team"));
            let refused = self.courier.typed(there, &digits, &[]);
            assert!(!matches!(refused.code, Some(0) | None), "{words}: {refused:?}");
            assert!(refused.err.contains(words), "{words}: {refused:?}");
            assert!(refused.err.contains("nothing was changed"), "what is safe: {refused:?}");
            let said = format!("{}{}", refused.out, refused.err);
            assert!(!said.contains('\u{1b}'), "{words}: {refused:?}");
            assert_eq!(before, bytes_of(&there.path("team")), "{words}");
            assert!(names(&there.path("")).iter().all(|name| !name.contains("carried")), "{words}");
        }
    }
}

fn append(path: &Path, bytes: &[u8]) {
    let mut all = fs::read(path).unwrap();
    all.extend_from_slice(bytes);
    fs::write(path, all).unwrap();
}

#[test]
fn a_medium_with_more_or_less_than_the_list_is_refused() {
    let range = Range::new();
    let toml = |carry: &Path| carry.join("files/keyrite.toml");
    let harms: &[Harm<'_>] = &[
        ("autorun.inf is there, and nobody listed it", &|carry| {
            fs::write(carry.join("autorun.inf"), "TEST").unwrap();
        }),
        ("nobody listed it", &|carry| fs::write(carry.join("files/a\nb\u{1b}[2J"), "x").unwrap()),
        ("nobody listed it", &|carry| fs::write(carry.join("files/certs/x.asc"), "x").unwrap()),
        ("it is no plain file", &|carry| {
            fs::remove_file(toml(carry)).unwrap();
            symlink("/etc/passwd", toml(carry)).unwrap();
        }),
        ("it is no plain file", &|carry| symlink("..", carry.join("files/certs/loop")).unwrap()),
        ("it is a link or no folder", &|carry| {
            let other = carry.with_file_name("elsewhere");
            let _ = fs::remove_dir_all(&other);
            fs::rename(carry.join("files"), &other).unwrap();
            symlink(&other, carry.join("files")).unwrap();
        }),
        ("it is no plain file", &|carry| {
            fs::hard_link(toml(carry), carry.with_file_name("second")).unwrap();
        }),
        ("it is no plain file", &|carry| {
            fs::remove_file(toml(carry)).unwrap();
            let mode = rustix::fs::Mode::from_raw_mode(0o600);
            rustix::fs::mkfifoat(rustix::fs::CWD, toml(carry), mode).unwrap();
        }),
        ("keyrite.toml is listed, and is not there", &|carry| {
            fs::remove_file(toml(carry)).unwrap();
        }),
        ("keyrite.toml is not what was listed", &|carry| {
            let text = fs::read_to_string(toml(carry)).unwrap().replacen("TEST", "BEST", 1);
            fs::write(toml(carry), text).unwrap();
        }),
        ("larger", &|carry| append(&toml(carry), &[b'\n'; 4096])),
        ("it is not the list of a carry", &|carry| {
            append(&carry.join("manifest.json"), b" ");
        }),
        ("manifest.json is listed, and is not there", &|carry| {
            fs::remove_file(carry.join("manifest.json")).unwrap();
        }),
        ("more files, than any workspace has", &|carry| {
            for number in 0..20_001 {
                fs::write(carry.join(format!("files/certs/{number}")), "").unwrap();
            }
        }),
        ("it is no plain file", &|carry| {
            fs::create_dir_all(carry.join("files/a/b/c/d/e/f")).unwrap();
        }),
        ("there is no carry on", &|carry| fs::remove_dir_all(carry).unwrap()),
        ("was being replaced, and that was cut off", &|carry| {
            fs::rename(carry, carry.with_file_name(".keyrite-carry.old")).unwrap();
        }),
    ];
    range.refuses(harms);
    fs::remove_dir_all(range.courier.stick().join(".keyrite-carry.old")).unwrap();
    range.reset();
    let second = range.courier.stick().join("second");
    fs::remove_file(second).unwrap();
    // The digits of another carry are not those of this one.
    let refused = range.courier.typed(&range.courier.there, "00000000", &[]);
    assert_eq!(refused.code, Some(5), "{refused:?}");
    assert!(refused.err.contains("keep the medium"), "{refused:?}");
    assert!(!range.courier.there.path("team").exists());
    // As it was made it is taken.
    let taken = range.courier.typed(&range.courier.there, &range.digits, &[]);
    assert_eq!(taken.code, Some(0), "{taken:?}");
}

#[test]
fn what_is_listed_anew_is_refused_by_what_it_is() {
    let range = Range::new();
    let run = range.courier.here.run_of(ROOT);
    let run = |carry: &Path| carry.join("files/runs").join(&run);
    let again = |carry: &Path| drop(list_again(carry, &|_| {}));
    let put = |carry: &Path, path: &str, bytes: &[u8]| {
        let path = carry.join("files").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        again(carry);
    };
    let fpr = "7E6A3F1942C80B5DD19E54A7A3C1F08E6B2D9A47";
    let harms: &[Harm<'_>] = &[
        ("it lists 'hooks/post-checkout'", &|carry| put(carry, "hooks/post-checkout", b"TEST")),
        ("it lists 'certs/root.pgp'", &|carry| put(carry, "certs/root.pgp", b"TEST")),
        ("A SECRET KEY IS IN", &|carry| {
            put(carry, &format!("certs/{fpr}.asc"), &armored_secret());
        }),
        ("A SECRET KEY IS IN", &|carry| {
            let key = secret_key();
            let name = Digest::of(&key).hex();
            fs::write(run(carry).join("artifacts").join(name), key).unwrap();
            again(carry);
        }),
        ("A SECRET KEY IS IN", &|carry| {
            append(&run(carry).join("sheet.txt"), &armored_secret());
            again(carry);
        }),
        ("is another certificate than it is named for", &|carry| {
            let from = only(&carry.join("files/certs"), ".asc");
            fs::rename(from, carry.join(format!("files/certs/{fpr}.asc"))).unwrap();
            again(carry);
        }),
        ("is not the one public certificate", &|carry| {
            put(carry, &format!("people/{fpr}.asc"), b"TEST no certificate");
        }),
        ("is not what was listed", &|carry| {
            let name = Digest::of(b"other").hex();
            fs::write(run(carry).join("artifacts").join(name), "TEST").unwrap();
            again(carry);
        }),
        ("does not follow the line before it", &|carry| {
            let path = run(carry).join("journal.jsonl");
            let text = fs::read_to_string(&path).unwrap();
            let lines: Vec<_> = text.lines().enumerate().filter(|(n, _)| *n != 4).collect();
            let text: String = lines.iter().map(|(_, line)| format!("{line}\n")).collect();
            fs::write(&path, text).unwrap();
            again(carry);
        }),
        ("the audit log in the carry is not in order: truncated", &|carry| {
            let path = run(carry).join("journal.jsonl");
            let text = fs::read_to_string(&path).unwrap();
            let end = text.trim_end().rfind('\n').unwrap() + 1;
            fs::write(&path, &text[..end]).unwrap();
            again(carry);
        }),
        ("does not end where its list says", &|carry| {
            let path = only(&carry.join("files/audit"), ".jsonl");
            let text = fs::read_to_string(&path).unwrap();
            let end = text.trim_end().rfind('\n').unwrap() + 1;
            fs::write(&path, &text[..end]).unwrap();
            again(carry);
        }),
        ("was cut off", &|carry| {
            append(&only(&carry.join("files/audit"), ".jsonl"), b"{\"actor\":");
            again(carry);
        }),
        ("another team or environment", &|carry| {
            list_again(carry, &|list| list.team = "TEST others".to_owned());
        }),
        ("made by a later keyrite", &|carry| {
            let path = carry.join("manifest.json");
            let text = fs::read_to_string(&path).unwrap().replace("carry/1", "carry/2");
            fs::write(path, text).unwrap();
        }),
        ("there is no field", &|carry| {
            append(&carry.join("files/keyrite.toml"), b"\nnonsense = 1\n");
            again(carry);
        }),
    ];
    range.refuses(harms);
}

#[test]
fn the_wrong_medium_and_the_wrong_machine_are_told() {
    let range = Range::new();
    let Courier { here, there, .. } = &range.courier;
    let own = range.courier.typed(here, &range.digits, &[]);
    assert_eq!(own.code, Some(2), "{own:?}");
    assert!(own.err.contains("was made on this machine"), "{own:?}");
    // Of another workspace.
    let other = Courier::new();
    other.carry(&other.here, &other.there, &[], &[]);
    copy(&range.courier.stick().join("keyrite-carry"), &other.stick().join("keyrite-carry"));
    fs::remove_dir_all(other.stick().join("keyrite-carry")).unwrap();
    fs::create_dir(other.stick().join("keyrite-carry")).unwrap();
    copy(range.pristine.path(), &other.stick().join("keyrite-carry"));
    let refused = other.typed(&other.there, &range.digits, &[]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.err.contains("of another workspace"), "{refused:?}");
    // That one is not overwritten either: nobody has taken it in.
    let kept = other.out(&other.there, &[]);
    assert_eq!(kept.code, Some(2), "{kept:?}");
    assert!(kept.err.contains("was not taken in here"), "{kept:?}");
    assert_eq!(list_of(&other.stick().join("keyrite-carry")).digest().hex()[56..], range.digits);
    // A medium that keeps keys never travels.
    let root = here.medium("root-a").to_str().unwrap().to_owned();
    let refused = here.run(&["carry", "out", &root, "--as", "driver", "--keep", "--in", "team"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.err.contains("this medium keeps keys"), "{refused:?}");
    assert_eq!(names(Path::new(&root)), ["keyrite"]);
    // Where something else is, no workspace is made.
    fs::create_dir(there.path("team")).unwrap();
    let refused = range.courier.typed(there, &range.digits, &[]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.err.contains("is there already, and is no workspace"), "{refused:?}");
}

#[test]
fn where_trust_is_at_stake_a_folder_is_no_medium() {
    let courier = Courier::new();
    let path = courier.here.path("team/keyrite.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("\"rehearsal\"", "\"production\"")).unwrap();
    let refused = courier.out(&courier.here, &[]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.err.contains("a folder is no medium"), "{refused:?}");
    assert_eq!(names(courier.stick()), Vec::<String>::new());
}

#[test]
fn differences_are_accepted_one_by_one_and_old_carries_are_told() {
    let courier = Courier::new();
    let Courier { here, there, .. } = &courier;
    courier.carry(here, there, &[], &[]);
    let file = |hall: &Hall| fs::read_to_string(hall.path("team/keyrite.toml")).unwrap();
    let edited = format!("{}\n# TEST \u{202e}edited\n", file(here));
    fs::write(here.path("team/keyrite.toml"), &edited).unwrap();
    // Nobody accepts it: it stays.
    let kept = courier.carry(here, there, &[], &[]);
    assert!(kept.out.contains("keyrite.toml differs:"), "{kept:?}");
    assert!(kept.out.contains("it stays as it is here") && !kept.out.contains('\u{202e}'));
    assert_ne!(file(there), edited);
    // What is no difference cannot be accepted.
    let digits = last_digits(&kept.out);
    let refused = courier.typed(there, &digits, &["--accept", "certs/none.asc"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    // Asked, somebody says yes.
    let stick = courier.stick().to_str().unwrap().to_owned();
    let words = ["carry", "in", &stick, "--as", "driver", "--in", "team"];
    let unanswered = there.run_with(&words, &format!("{digits}\n"));
    assert_eq!(unanswered.code, Some(2), "{unanswered:?}");
    let taken = there.run_with(&words, &format!("{digits}\nperhaps\nyes\n"));
    assert_eq!(taken.code, Some(0), "{taken:?}");
    assert_eq!(file(there), edited);
    // A carry of there, then a later one: the older brings nothing.
    let first = courier.out(there, &[]);
    let old = tempfile::tempdir().unwrap();
    copy(&courier.stick().join("keyrite-carry"), old.path());
    assert_eq!(courier.typed(here, &last_digits(&first.out), &[]).code, Some(0));
    courier.carry(there, here, &[], &[]);
    fs::remove_dir_all(courier.stick().join("keyrite-carry")).unwrap();
    fs::create_dir(courier.stick().join("keyrite-carry")).unwrap();
    copy(old.path(), &courier.stick().join("keyrite-carry"));
    let digits = last_digits(&first.out);
    let again = courier.typed(here, &digits, &[]);
    assert_eq!(again.code, Some(0), "{again:?}");
    assert!(again.out.contains("it was taken in before; nothing was written"), "{again:?}");
    // Where it would bring something, it has lost lines meanwhile.
    fs::write(here.path("team/keyrite.toml"), format!("{edited}# TEST more\n")).unwrap();
    let shrunk = courier.typed(here, &digits, &[]);
    assert_eq!(shrunk.code, Some(1), "{shrunk:?}");
    assert!(shrunk.err.contains("fewer lines in the carry than here"), "{shrunk:?}");
}

#[test]
fn another_version_is_told_on_both_sides() {
    let courier = Courier::new();
    let Courier { here, there, .. } = &courier;
    courier.carry(here, there, &[], &[]);
    assert_eq!(courier.out(there, &[]).code, Some(0));
    let carry = courier.stick().join("keyrite-carry");
    let digits = list_again(&carry, &|list| {
        list.keyrite = "99.0.0".to_owned();
        list.ceremonies.insert(ROOT.to_owned(), 99);
    });
    let taken = courier.typed(here, &digits, &[]);
    assert_eq!(taken.code, Some(0), "{taken:?}");
    let sent = courier.out(here, &[]);
    for told in [&taken, &sent] {
        assert!(told.out.contains("keyrite is 99.0.0 there"), "{told:?}");
        assert!(told.out.contains("root-generation is version 99 there"), "{told:?}");
        assert!(told.out.contains("bring both machines to one version"), "{told:?}");
    }
}

#[test]
fn a_lost_run_is_recalled_and_its_other_history_is_refused() {
    let courier = Courier::new();
    let Courier { here, there, .. } = &courier;
    let run = begin_until(here, ROOT, "Make the primary key");
    let sent = courier.out(here, &["--hand-over", &run]);
    assert_eq!(sent.code, Some(0), "{sent:?}");
    // The medium is lost; it is recalled, by typing.
    let words =
        ["carry", "recall", &run, "--reason", "TEST lost", "--as", "driver", "--in", "team"];
    let refused = here.run_with(&words, "wrong\n");
    assert_eq!(refused.code, Some(5), "{refused:?}");
    let recalled = here.run_with(&words, &format!("{}\n", &run[run.len() - 8..]));
    assert_eq!(recalled.code, Some(0), "{recalled:?}");
    let again = here.run_with(&words, "");
    assert!(again.err.contains("nothing to recall"), "{again:?}");
    // Both go on with it.
    assert_eq!(courier.typed(there, &last_digits(&sent.out), &[]).code, Some(0));
    let abandoned = ["ceremony", "abandon", &run, "--reason", "TEST", "--in", "team"];
    for hall in [here, there] {
        assert_eq!(hall.run(&abandoned).code, Some(0));
    }
    let told = here.run(&["ceremony", "transcript", &run, "--in", "team"]);
    assert!(told.out.contains("RECALLED by driver"), "{told:?}");
    assert!(told.out.contains("TEST lost"), "{told:?}");
    // The other history is refused, and kept where somebody wants that.
    let sent = courier.out(there, &[]);
    let digits = last_digits(&sent.out);
    let before = bytes_of(&here.path("team"));
    let refused = courier.typed(here, &digits, &[]);
    assert_eq!(refused.code, Some(12), "{refused:?}");
    assert!(refused.err.contains("two machines went on with that run"), "{refused:?}");
    assert_eq!(before, bytes_of(&here.path("team")));
    let taken = courier.typed(here, &digits, &["--set-aside", &run]);
    assert_eq!(taken.code, Some(0), "{taken:?}");
    let theirs = fs::read(there.folder_of(&run).join("journal.jsonl")).unwrap();
    let aside = names(&here.folder_of(&run)).into_iter().find(|name| name.contains("forked"));
    assert_eq!(fs::read(here.folder_of(&run).join(aside.unwrap())).unwrap(), theirs);
    let verified = here.run(&["audit", "verify", "--in", "team"]);
    assert_eq!(verified.code, Some(12), "{verified:?}");
    assert!(verified.out.contains(&run), "{verified:?}");
    // Taken once, it is here.
    let again = courier.typed(here, &digits, &["--set-aside", &run]);
    assert_eq!(again.code, Some(0), "{again:?}");
    assert!(again.out.contains("taken in before"), "{again:?}");
}

#[test]
fn a_secret_in_the_workspace_is_not_carried_out() {
    let courier = Courier::new();
    let folder = courier.here.path("team/people");
    fs::create_dir_all(&folder).unwrap();
    let fpr = "7E6A3F1942C80B5DD19E54A7A3C1F08E6B2D9A47";
    fs::write(folder.join(format!("{fpr}.asc")), armored_secret()).unwrap();
    let refused = courier.out(&courier.here, &[]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.err.contains("A SECRET KEY IS IN"), "{refused:?}");
    assert_eq!(names(courier.stick()), Vec::<String>::new());
    // Under a name that keyrite does not know it stays behind, which is told.
    fs::rename(folder.join(format!("{fpr}.asc")), folder.join("backup.pgp")).unwrap();
    let sent = courier.out(&courier.here, &[]);
    assert_eq!(sent.code, Some(0), "{sent:?}");
    assert!(sent.out.contains("does not know it: people/backup.pgp"), "{sent:?}");
    assert!(sent.out.contains("does not know it: media"), "{sent:?}");
    let listed = list_of(&courier.stick().join("keyrite-carry"));
    assert!(listed.files.keys().all(|path| Place::of(path).is_some()));
    assert!(listed.at > Timestamp::from_unix(0));
}
