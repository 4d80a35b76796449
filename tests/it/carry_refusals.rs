//! What is not carried and not taken in: each refusal in words, with nothing
//! changed.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use keyrite::domain::timestamp::Timestamp;
use keyrite::engine::carry::{Manifest, Place};
use keyrite::engine::chain::Digest;

use crate::support::courier::{Courier, bytes_of, list_again, list_of, shown_words, words_of};
use crate::support::forge::{self, KeySpec};
use crate::support::hall::{Hall, names};
use crate::support::tree::copy;
use sequoia_openpgp::serialize::SerializeInto as _;

const ROOT: &str = "root-generation";

/// What somebody does to the folder `keyrite-carry`.
type Harm<'a> = (&'a str, &'a dyn Fn(&Path));

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
        Self { digits: shown_words(&sent.out), courier, pristine }
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
                    Ok(manifest) => words_of(&manifest),
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
        ("keyrite.toml on the medium is not what was carried", &|carry| {
            let text = fs::read_to_string(toml(carry)).unwrap().replacen("TEST", "BEST", 1);
            fs::write(toml(carry), text).unwrap();
        }),
        ("keyrite.toml on the medium is not what was carried", &|carry| {
            append(&toml(carry), b"\n");
        }),
        ("keyrite.toml on the medium is not what was carried", &|carry| {
            append(&toml(carry), &[b'\n'; 4096]);
        }),
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
    // The words of another carry are not those of this one.
    let refused = range.courier.typed(&range.courier.there, "aardvark", &[]);
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
        ("A SECRET KEY IS IN", &|carry| {
            append(&run(carry).join("sheet.txt"), b"\n-----BEGIN OPENSSH PRIVATE KEY-----\nTEST");
            again(carry);
        }),
        ("A SECRET KEY IS IN", &|carry| {
            append(&run(carry).join("sheet.txt"), b"\n(21:protected-private-key(3:ecc(5:curve");
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
        ("is not what was carried", &|carry| {
            let name = Digest::of(b"other").hex();
            fs::write(run(carry).join("artifacts").join(name), "TEST").unwrap();
            again(carry);
        }),
        ("does not follow the line before it", &|carry| {
            let path = run(carry).join("journal.jsonl");
            let text = fs::read_to_string(&path).unwrap();
            let mut lines: Vec<_> = text.lines().collect();
            lines.remove(4);
            fs::write(&path, lines.join("\n") + "\n").unwrap();
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
    // The loss of a line can be an old one: the first time, a person may take
    // the log as it is.
    range.reset();
    let carry = range.courier.stick().join("keyrite-carry");
    let path = run(&carry).join("journal.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    let end = text.trim_end().rfind('\n').unwrap() + 1;
    fs::write(&path, &text[..end]).unwrap();
    let digits = list_again(&carry, &|_| {});
    let taken = range.courier.typed(&range.courier.there, &digits, &["--accept", "audit"]);
    assert_eq!(taken.code, Some(0), "{taken:?}");
    assert!(taken.out.contains("wrong with the log in it: truncated"), "{taken:?}");
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
    assert_eq!(words_of(&list_of(&other.stick().join("keyrite-carry"))), range.digits);
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
