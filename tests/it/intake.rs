//! Everything a person can point at, and everything that can be wrong with it.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use sequoia_openpgp::armor;
use sequoia_openpgp::serialize::SerializeInto as _;

use crate::support::corpus;
use crate::support::gpg::Gpg;
use crate::support::inputs::{armored, cert, fingerprints, keys, public, reasons};
use crate::support::program::{Program, finish};

#[test]
fn armored_binary_and_mixed_files_are_read() {
    let program = Program::new();
    let (a, b, c) = (cert("a"), cert("b"), cert("c"));
    let all = [&a, &b, &c].map(|cert| cert.fingerprint().to_hex());
    let text = b"pub   ed25519 2025-01-01\nuid   a (TEST)\n\n".to_vec();
    for (name, content) in [
        ("binary", [public(&a), public(&b), public(&c)].concat()),
        ("armored", [armored(&a), armored(&b), armored(&c)].concat()),
        ("mixed", [public(&a), b"\n".to_vec(), armored(&b), public(&c)].concat()),
        (
            "KEYS",
            [text.clone(), armored(&a), text.clone(), armored(&b), text, armored(&c)].concat(),
        ),
    ] {
        let path = program.file(name, content);
        let (code, document) = keys(&program, &[&path]);
        assert_eq!((code, fingerprints(&document)), (Some(0), all.to_vec()), "{name}: {document}");
    }
}

#[test]
fn one_armor_block_with_many_certificates_is_read() {
    let program = Program::new();
    let (a, b) = (cert("a"), cert("b"));
    let mut writer = armor::Writer::new(Vec::new(), armor::Kind::PublicKey).unwrap();
    std::io::Write::write_all(&mut writer, &[public(&a), public(&b)].concat()).unwrap();
    let path = program.file("keyring.asc", writer.finalize().unwrap());
    let (code, document) = keys(&program, &[&path]);
    assert_eq!((code, fingerprints(&document).len()), (Some(0), 2));
}

#[test]
fn standard_input_is_read() {
    let program = Program::new();
    let a = cert("a");
    let outcome = program.run_with(&["keys", "--json", "-"], &public(&a));
    assert_eq!(fingerprints(&outcome.json()), [a.fingerprint().to_hex()]);
}

#[test]
fn copies_of_one_certificate_are_merged_with_all_their_revocations() {
    let program = Program::new();
    let a = cert("a");
    let mut signer =
        a.primary_key().key().clone().parts_into_secret().unwrap().into_keypair().unwrap();
    let revocation = a
        .revoke(&mut signer, sequoia_openpgp::types::ReasonForRevocation::KeyCompromised, b"TEST")
        .unwrap();
    let revoked = a.clone().insert_packets([revocation]).unwrap().0;
    let old = program.file("old.pgp", public(&a));
    let new = program.file("new.pgp", public(&revoked));
    for paths in [[&*old, &*new], [&*new, &*old]] {
        let (_, document) = keys(&program, &paths);
        assert_eq!(fingerprints(&document).len(), 1);
        assert_eq!(document["certificates"][0]["state"], "revoked");
        assert_eq!(document["certificates"][0]["sources"].as_array().unwrap().len(), 2);
    }
}

#[test]
fn secrets_in_an_input_are_a_finding_and_are_not_kept() {
    let program = Program::new();
    let a = cert("a");
    let path = program.file("secret.pgp", a.as_tsk().to_vec().unwrap());
    let (code, document) = keys(&program, &[&path]);
    assert_eq!((code, fingerprints(&document).len()), (Some(0), 1));
    let finding = &document["findings"][0];
    assert_eq!((&finding["id"], &finding["severity"]), (&"CUS-010".into(), &"error".into()));
    assert!(finding["message"].as_str().unwrap().contains("2 keys, without a passphrase"));
    let text = program.run(&["keys", "secret.pgp"]).out;
    assert!(text.contains("secret: WAS IN THE INPUT, without a passphrase"), "{text}");
}

#[test]
fn a_gnupg_stub_is_no_secret() {
    let gpg = Gpg::new();
    gpg.run(&["--quick-gen-key", "TEST <a@example.org>", "ed25519", "cert", "2y"]);
    let lines = gpg.lines(&["--with-colons", "--list-keys"]);
    let fingerprint = lines
        .iter()
        .find_map(|line| line.strip_prefix("fpr:::::::::"))
        .unwrap()
        .trim_end_matches(':')
        .to_owned();
    gpg.run(&["--quick-add-key", &fingerprint, "ed25519", "sign", "1y"]);
    let exported = gpg.run(&["--export-secret-subkeys"]);
    let program = Program::new();
    let path = program.file("subkeys.pgp", exported);
    let (_, document) = keys(&program, &[&path]);
    let message = document["findings"][0]["message"].as_str().unwrap();
    assert!(message.contains("1 key, without a passphrase"), "{message}");
    let text = program.run(&["keys", "subkeys.pgp"]).out;
    assert!(text.contains("secret: none; the input has a stub in its place"), "{text}");
}

#[test]
fn what_cannot_be_read_is_told_with_its_exit_code() {
    let program = Program::new();
    program.file("empty", "");
    program.file("text", "hello\n");
    program.file("empty-folder/x.txt", "hello\n");
    let fifo = program.folder().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    for (path, reason) in [
        ("missing", "there is no such file or folder"),
        ("empty", "empty"),
        ("text", "no OpenPGP data"),
        ("fifo", "a FIFO, not a file; pipe its content into 'keyrite keys -'"),
        ("/dev/zero", "a device, not a file"),
        ("empty-folder", "nothing in this folder looks like OpenPGP (passed over: 1)"),
    ] {
        let (code, document) = keys(&program, &[Path::new(path)]);
        assert_eq!(code, Some(7), "{path}");
        let found = reasons(&document);
        assert!(found.len() == 1 && found[0].starts_with(reason), "{path}: {found:?}");
    }
}

#[test]
fn a_missing_path_does_not_hide_the_others() {
    let program = Program::new();
    let path = program.file("a.asc", armored(&cert("a")));
    let (code, document) = keys(&program, &[Path::new("missing"), &path]);
    assert_eq!((code, fingerprints(&document).len()), (Some(6), 1));
}

#[test]
fn an_unreadable_file_is_told() {
    use std::os::unix::fs::PermissionsExt as _;
    let program = Program::new();
    let path = program.file("a.asc", armored(&cert("a")));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::File::open(&path).is_ok() {
        // The superuser may read everything; a loop of links nobody can.
        std::fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink(&path, &path).unwrap();
    }
    let (code, document) = keys(&program, &[&path]);
    assert_eq!(code, Some(7));
    assert!(reasons(&document)[0].starts_with("cannot be read: "), "{document}");
}

#[test]
fn endless_standard_input_ends_with_a_clear_error() {
    let program = Program::new();
    let mut command = Command::new("/bin/sh");
    command
        .arg("-c")
        .arg(format!("yes | '{}' keys -", crate::support::program::BINARY))
        .current_dir(program.folder());
    let outcome = finish(command, b"", Duration::from_secs(30)).expect("it hangs");
    assert_eq!(outcome.code, Some(7));
    assert!(outcome.out.contains("larger than 256 MiB"), "{outcome:?}");
}

#[test]
fn a_file_that_shrinks_while_it_is_read_is_a_cut_off_certificate() {
    // What a reader gets of such a file is its beginning.
    let program = Program::new();
    let whole = public(&cert("a"));
    let path = program.file("a.pgp", &whole[..whole.len() - 20]);
    let (code, document) = keys(&program, &[&path]);
    assert_eq!(code, Some(7));
    assert!(reasons(&document)[0].starts_with("certificate cut off"), "{document}");
}

#[test]
fn a_keybox_gives_what_sequoias_reader_gives() {
    use sequoia_ipc::keybox::{Keybox, KeyboxRecord};
    let gpg = Gpg::new();
    let keyring = corpus::debian_keyrings()
        .into_iter()
        .find(|path| path.ends_with("debian-role-keys.gpg"))
        .unwrap();
    gpg.run(&["--import", keyring.to_str().unwrap()]);
    let path = gpg.home().join("pubring.kbx");
    let mut oracle: Vec<String> = Keybox::from_file(&path)
        .unwrap()
        .filter_map(|record| match record.unwrap() {
            KeyboxRecord::OpenPGP(record) => Some(record.cert().unwrap().fingerprint().to_hex()),
            _ => None,
        })
        .collect();
    let program = Program::new();
    let (_, document) = keys(&program, &[&path]);
    let mut ours = fingerprints(&document);
    ours.sort();
    oracle.sort();
    assert!(oracle.len() > 5);
    assert_eq!(ours, oracle);
}

#[test]
fn damage_in_a_keybox_does_not_hide_what_is_behind_it() {
    let gpg = Gpg::new();
    for name in ["a", "b", "c"] {
        gpg.run(&[
            "--quick-gen-key",
            &format!("TEST <{name}@example.org>"),
            "ed25519",
            "cert",
            "2y",
        ]);
    }
    let mut keybox = std::fs::read(gpg.home().join("pubring.kbx")).unwrap();
    // The length of the first blob behind the header.
    keybox[32] = 0xff;
    let program = Program::new();
    let path = program.file("pubring.kbx", keybox);
    let (code, document) = keys(&program, &[&path]);
    assert_eq!((code, fingerprints(&document).len()), (Some(6), 2), "{document}");
    assert!(reasons(&document)[0].starts_with("a part of the keybox that makes no sense"));
}

#[test]
fn a_second_implementation_finds_the_same_fingerprints() {
    use pgp::composed::{Deserializable as _, SignedPublicKey};
    use pgp::types::KeyDetails as _;
    let program = Program::new();
    for keyring in ["debian-archive-keyring.gpg", "debian-role-keys.gpg"] {
        let path = Path::new("/usr/share/keyrings").join(keyring);
        let (_, document) = keys(&program, &[&path]);
        let bytes = std::fs::read(&path).unwrap();
        let theirs: Vec<String> = SignedPublicKey::from_bytes_many(&bytes[..])
            .unwrap()
            .map(|key| format!("{:X}", key.unwrap().fingerprint()))
            .collect();
        assert_eq!(fingerprints(&document), theirs);
    }
}

#[test]
fn the_demo_can_be_made_anew_and_has_the_states_of_the_kept_one() {
    let program = Program::new();
    let made: Vec<u8> = crate::support::demo::certificates().iter().flat_map(public).collect();
    let path = program.file("demo.pgp", made);
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/keyring.pgp");
    let states = |path: &Path| {
        let arguments = ["keys", "--json", "--at", "2026-11-20T14:02:00Z", path.to_str().unwrap()];
        let document = program.run(&arguments).json();
        let certificates = document["certificates"].as_array().unwrap().clone();
        certificates
            .iter()
            .map(|c| {
                let keys = c["keys"].as_array().unwrap();
                let states: Vec<_> = keys.iter().map(|key| key["state"].to_string()).collect();
                format!("{} {}", c["user_ids"][0], states.join(" "))
            })
            .collect::<Vec<_>>()
    };
    let kept = states(&kept);
    assert_eq!(states(&path), kept);
    assert_eq!(kept.len(), 12);
    for state in ["valid", "expired", "revoked", "invalid", "not_yet_valid"] {
        assert!(kept.iter().any(|line| line.contains(&format!("\"{state}\""))), "{state}");
    }
}
