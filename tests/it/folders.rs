//! Folders, shared certificate directories and GnuPG homes.

use std::path::Path;

use sequoia_openpgp::serialize::SerializeInto as _;
use sequoia_openpgp::{Cert, armor};

use crate::support::gpg::Gpg;
use crate::support::inputs::{armored, cert, fingerprints, keys, public, reasons};
use crate::support::program::Program;

/// A detached signature, armored.
fn signature(signer: &Cert) -> Vec<u8> {
    use sequoia_openpgp::packet::signature::SignatureBuilder;
    use sequoia_openpgp::types::SignatureType;
    let subkey = signer.keys().subkeys().next().unwrap().key().clone();
    let mut pair = subkey.parts_into_secret().unwrap().into_keypair().unwrap();
    let signature =
        SignatureBuilder::new(SignatureType::Binary).sign_message(&mut pair, b"TEST").unwrap();
    let mut writer = armor::Writer::new(Vec::new(), armor::Kind::Signature).unwrap();
    let packet = sequoia_openpgp::Packet::from(signature).to_vec().unwrap();
    std::io::Write::write_all(&mut writer, &packet).unwrap();
    writer.finalize().unwrap()
}

#[test]
fn folders_are_read_and_what_is_no_key_in_them_is_passed_over() {
    let program = Program::new();
    program.file("keys/a.asc", armored(&cert("a")));
    program.file("keys/old/b.pgp", public(&cert("b")));
    program.file("keys/README", "Our keys.\n");
    program.file("keys/logo.png", [0x89, 0x50, 0x4e, 0x47]);
    program.file("keys/.git/c.asc", armored(&cert("c")));
    program.file("keys/1/2/3/4/5/d.asc", armored(&cert("d")));
    std::os::unix::fs::symlink(".", program.folder().join("keys/loop")).unwrap();
    std::os::unix::fs::symlink("nowhere", program.folder().join("keys/nothing")).unwrap();
    // A name says nothing; what is in it does.
    program.file("keys/release-key.txt", armored(&cert("e")));
    program.file("keys/dist.tar.asc", signature(&cert("f")));
    let (code, document) = keys(&program, &[&program.folder().join("keys")]);
    assert_eq!((code, fingerprints(&document).len()), (Some(0), 3), "{document}");
    let passed_over: Vec<_> = document["passed_over"]
        .as_array()
        .unwrap()
        .iter()
        .map(|passed| {
            let source = passed["source"].as_str().unwrap();
            (source.rsplit_once("keys/").unwrap().1, passed["reason"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        passed_over,
        [
            (".git", "hidden"),
            ("1/2/3/4/5", "a folder too deep inside"),
            ("README", "no OpenPGP data at its beginning"),
            ("logo.png", "no OpenPGP data at its beginning"),
            ("loop", "a link to a folder"),
            ("nothing", "a link to nothing"),
            ("dist.tar.asc", "a detached signature, not a certificate"),
        ]
    );
    let text = program.run(&["keys", "keys"]).out;
    assert!(text.contains("passed over: keys/.git: hidden"), "{text}");
    // A file that is named like a key and holds none is told.
    program.file("keys/garbage.gpg", "what is this?\n");
    let (code, document) = keys(&program, &[&program.folder().join("keys")]);
    assert_eq!((code, reasons(&document)), (Some(6), vec!["no OpenPGP data in it".to_owned()]));
    std::fs::remove_file(program.folder().join("keys/garbage.gpg")).unwrap();
    // A damaged key in a folder is told.
    program.file("keys/broken.asc", &armored(&cert("d"))[..300]);
    let (code, document) = keys(&program, &[&program.folder().join("keys")]);
    assert_eq!((code, fingerprints(&document).len()), (Some(6), 3));
    assert!(document["rejected"][0]["source"].as_str().unwrap().ends_with("broken.asc"));
}

#[test]
fn a_shared_certificate_directory_is_read() {
    let program = Program::new();
    let a = cert("a");
    let hex = a.fingerprint().to_hex().to_lowercase();
    program.file(&format!("pgp.cert.d/{}/{}", &hex[..2], &hex[2..]), public(&a));
    let (code, document) = keys(&program, &[&program.folder().join("pgp.cert.d")]);
    assert_eq!((code, fingerprints(&document)), (Some(0), vec![a.fingerprint().to_hex()]));
}

#[test]
fn a_gnupg_home_is_read_without_gpg_and_without_writing() {
    let gpg = Gpg::new();
    gpg.run(&["--quick-gen-key", "TEST <a@example.org>", "ed25519", "cert", "2y"]);
    gpg.run(&["--quick-gen-key", "TEST <b@example.org>", "rsa2048", "sign", "1y"]);
    let before = snapshot(gpg.home());
    let program = Program::new();
    let (code, document) = keys(&program, &[gpg.home()]);
    assert_eq!((code, fingerprints(&document).len()), (Some(0), 2), "{document}");
    assert!(document["certificates"].to_string().contains("pubring.kbx"));
    assert_eq!(snapshot(gpg.home()), before, "nothing in the home has changed");
}

/// Names, sizes and times of everything in a folder.
fn snapshot(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let metadata = entry.metadata().unwrap();
            format!(
                "{} {} {:?}",
                entry.file_name().display(),
                metadata.len(),
                metadata.modified().unwrap()
            )
        })
        .collect();
    names.sort();
    names
}

#[test]
fn an_old_pubring_gpg_is_read() {
    let program = Program::new();
    let a = cert("a");
    program.file("home/pubring.gpg", public(&a));
    program.file("home/trustdb.gpg", "");
    let (code, document) = keys(&program, &[&program.folder().join("home")]);
    assert_eq!((code, fingerprints(&document)), (Some(0), vec![a.fingerprint().to_hex()]));
}

#[test]
fn a_home_with_keyboxd_is_answered_with_the_command_that_helps() {
    let program = Program::new();
    program.file("home/common.conf", "# ours\nuse-keyboxd\n");
    program.file("home/public-keys.d/pubring.db", "SQLite format 3");
    let outcome = program.run(&["keys", "home"]);
    assert_eq!(outcome.code, Some(7));
    assert!(outcome.out.contains("--export | keyrite view -"), "{outcome:?}");
}
