//! The secret of a primary key does not lie on a machine that is used every
//! day: homes that gpg has made, with and without it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use keyrite::domain::finding::FindingId;
use sequoia_openpgp::crypto::mpi::PublicKey;
use sequoia_openpgp::serialize::SerializeInto as _;

use crate::support::forge::{KeySpec, certificate};
use crate::support::old_home::{OldHome, as_card, public_part};
use crate::support::program::{BINARY, Program};
use crate::support::pty::Pty;

const PASSPHRASE: &str = "TEST old passphrase";

/// A team's folder, and its member's home of `GnuPG` with the key.
struct Member {
    program: Program,
    home: OldHome,
}

impl Member {
    fn new(algorithm: &str) -> Self {
        let program = Program::new();
        let home = OldHome::make(&program.folder().join(".gnupg"), algorithm, "2y", PASSPHRASE);
        home.add_signer();
        let one = Self { program, home };
        one.publish();
        one.declares("production", "");
        one
    }

    /// The certificate as it is, in the workspace.
    fn publish(&self) {
        let told = self.home.gpg(&["--armor", "--export", &self.home.fingerprint], b"");
        let name = format!("team/certs/{}.asc", self.home.fingerprint);
        self.program.file(&name, told.output);
    }

    fn declares(&self, environment: &str, more: &str) {
        let profile = "profile = \"small-team\"";
        let head = format!("schema = 1\nname = \"TEST\"\nenvironment = \"{environment}\"");
        self.program.file("team/keyrite.toml", format!("{head}\n{profile}\n{more}\n"));
    }

    fn is_of(&self, class: &str) -> String {
        let certificate = &self.home.fingerprint;
        format!("[[keys]]\ncertificate = \"{certificate}\"\nclass = \"{class}\"")
    }

    /// What CUS-001 says, with its severity.
    fn told(&self) -> Vec<(String, String)> {
        let out = self.program.run(&["lint", "--in", "team", "--json"]).json();
        let of = |one: &serde_json::Value, field: &str| one[field].as_str().unwrap().to_owned();
        let all = out["findings"].as_array().unwrap();
        let ours = all.iter().filter(|one| one["id"] == FindingId::Cus001.word());
        ours.map(|one| (of(one, "severity"), of(one, "message"))).collect()
    }

    #[track_caller]
    fn refuses(&self, words: &[&str]) {
        let told = self.told();
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0].0, "error");
        for word in words {
            assert!(told[0].1.contains(word), "{word}: {told:?}");
        }
    }

    #[track_caller]
    fn accepts(&self) {
        assert_eq!(self.told(), []);
    }

    fn deletes_primary(&self) {
        let selector = format!("{}!", self.home.fingerprint);
        self.home.gpg(&["--delete-secret-keys", &selector], b"");
        assert_eq!(self.home.secret("sec").as_deref(), Some("#"));
    }

    /// The file of the primary key's secret.
    fn file(&self) -> PathBuf {
        let words = ["--with-colons", "--with-keygrip", "--list-keys", &self.home.fingerprint];
        let listed = String::from_utf8(self.home.gpg(&words, b"").output).unwrap();
        let line = listed.lines().find(|line| line.starts_with("grp")).unwrap().to_owned();
        let grip = line.split(':').nth(9).unwrap();
        self.home.path.join(format!("private-keys-v1.d/{grip}.key"))
    }
}

/// All files below a folder, with what they hold.
fn everything(folder: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path.clone());
            }
            found.insert(path.clone(), fs::read(&path).ok());
        }
    }
    found
}

#[test]
fn cus_001_finds_a_primary_key_that_is_used_every_day() {
    for algorithm in ["ed25519", "rsa3072", "nistp256"] {
        let member = Member::new(algorithm);
        let before = everything(&member.home.path);
        member.refuses(&["is on this machine", ".gnupg/private-keys-v1.d/", ".key"]);
        let check = member.program.run(&["check", "--in", "team"]);
        assert!(check.err.contains("error: CUS-001"), "{check:?}");
        assert!(check.code != Some(0), "{check:?}");
        let lint = member.program.run(&["lint", "--in", "team"]);
        assert!(lint.out.contains("root-adoption"), "{lint:?}");
        // Nothing was written there, and no agent has come.
        assert_eq!(everything(&member.home.path), before);
        // In a file that is not in a workspace it is nobody's business.
        let lint = member.program.run(&["lint", "team/certs"]);
        assert!(!lint.out.contains("CUS-001"), "{lint:?}");
    }
}

#[test]
fn cus_001_stands_among_the_findings_of_the_console() {
    let member = Member::new("ed25519");
    let team = member.program.folder().join("team");
    // The home of the user is where the key is.
    fs::rename(member.home.path.clone(), team.join(".gnupg")).unwrap();
    let mut pty = Pty::start(BINARY, &[], &team, (100, 30));
    pty.wait_for("BREAKS FIRST");
    pty.send(b"7");
    pty.wait_for("CUS-001");
    pty.send(b"q");
}

#[test]
fn cus_001_looks_where_gnupg_does() {
    let member = Member::new("ed25519");
    let elsewhere = member.program.folder().join("elsewhere");
    fs::rename(&member.home.path, &elsewhere).unwrap();
    member.accepts();
    let mut command = member.program.command(&["lint", "--in", "team"]);
    let out = command.env("GNUPGHOME", &elsewhere).output().unwrap();
    assert!(String::from_utf8_lossy(&out.stdout).contains("CUS-001"), "{out:?}");
}

#[test]
fn cus_001_accepts_stubs_and_cards() {
    // The primary key has gone, and the subkey signs.
    let member = Member::new("ed25519");
    let (file, whole) = (member.file(), fs::read(member.file()).unwrap());
    member.deletes_primary();
    member.accepts();
    // The stub of a card, as gpg-agent writes it down.
    fs::write(&file, as_card(&whole)).unwrap();
    assert!(member.home.secret("sec").unwrap().starts_with("D276"), "gpg knows it as a card");
    member.accepts();
    // The file as it was, under another name: a copy is a copy.
    fs::write(file.with_extension("key.bak"), whole).unwrap();
    member.refuses(&[".key.bak"]);
}

/// The modulus that a key file states.
fn modulus(whole: &[u8]) -> Vec<u8> {
    let public: String = public_part(whole).split_whitespace().collect();
    let digits = public.split("(n#").nth(1).unwrap().split('#').next().unwrap().to_owned();
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    (0..digits.len()).step_by(2).map(byte).collect()
}

#[test]
fn cus_001_knows_the_files_of_other_versions_of_gnupg() {
    let member = Member::new("rsa3072");
    let file = member.file();
    let whole = fs::read(&file).unwrap();
    // Older ones are not of text.
    let canonical = |word: &str, number: &[u8]| {
        let mut bytes = format!("({}:{word}(3:rsa(1:n{}:", word.len(), number.len()).into_bytes();
        bytes.extend(number);
        bytes.extend(b")(1:e3:\x01\x00\x01)))");
        bytes
    };
    let number = modulus(&whole);
    assert_eq!(number.len(), 385);
    for word in ["protected-private-key", "private-key"] {
        fs::write(&file, canonical(word, &number)).unwrap();
        member.refuses(&[".key"]);
    }
    fs::write(&file, canonical("shadowed-private-key", &number)).unwrap();
    member.accepts();
    // What stands behind it in the file could be its last byte, but not both.
    fs::write(&file, canonical("private-key", &number[..number.len() - 2])).unwrap();
    member.accepts();
    // Before 2.1.
    fs::write(&file, whole).unwrap();
    let secring = member.home.path.join("secring.gpg");
    member.home.export(&secring, false);
    member.deletes_primary();
    member.refuses(&["secring.gpg"]);
    let told = member.home.gpg(&["--export-secret-subkeys", &member.home.fingerprint], b"");
    fs::write(&secring, told.output).unwrap();
    member.accepts();
}

#[test]
fn cus_001_knows_a_number_that_gnupg_writes_as_a_string() {
    // As one of a few thousand is.
    let can_stand = |byte: &u8| !matches!(byte, 0..=0x1f | 0x7f..=0xa0);
    let cert = loop {
        let spec = KeySpec::new("SC", "2026-01-01", Some("2028-01-01"));
        let cert = certificate(&["Release TEST <release@example.org>"], &spec, &[]);
        let PublicKey::EdDSA { q, .. } = cert.primary_key().key().mpis() else { panic!() };
        if q.value().iter().all(can_stand) && q.value().iter().any(|byte| b"\"'\\ ".contains(byte))
        {
            break cert;
        }
    };
    let member = Member::new("ed25519");
    member.home.gpg(&["--import"], &cert.as_tsk().to_vec().unwrap());
    member.deletes_primary();
    let name = format!("team/certs/{}.asc", cert.fingerprint().to_hex());
    member.program.file(&name, cert.clone().strip_secret_key_material().to_vec().unwrap());
    member.refuses(&[".key"]);
    // So it is there, and not in hexadecimal.
    let PublicKey::EdDSA { q, .. } = cert.primary_key().key().mpis() else { panic!() };
    let digits = sequoia_openpgp::fmt::hex::encode(&q.value()[1..9]);
    for (path, bytes) in everything(&member.home.path.join("private-keys-v1.d")) {
        let text = String::from_utf8_lossy(&bytes.unwrap()).into_owned();
        assert!(!text.contains(&digits), "{}", path.display());
    }
}

#[test]
fn cus_001_leaves_alone_what_need_not_be_offline() {
    let member = Member::new("ed25519");
    for class in ["root", "release", "intermediate"] {
        member.declares("production", &member.is_of(class));
        member.refuses(&[]);
    }
    member.declares("staging", "");
    member.refuses(&[]);
    // Somebody's own certificate, and throw-away keys.
    member.declares("production", &member.is_of("person"));
    member.accepts();
    let certificate = &member.home.fingerprint;
    let person =
        format!("[[people]]\nid = \"p\"\nname = \"P TEST\"\nfingerprint = \"{certificate}\"");
    member.declares("production", &person);
    member.accepts();
    for environment in ["rehearsal", "demo"] {
        member.declares(environment, "");
        member.accepts();
    }
    let key = format!("{}\nenvironment = \"rehearsal\"", member.is_of("release"));
    member.declares("production", &key);
    member.accepts();
}

#[test]
fn cus_001_is_lived_with_on_one_machine_and_its_waiver_is_not_idle_on_another() {
    let member = Member::new("ed25519");
    let waiver = format!(
        "[[people]]\nid = \"p\"\nname = \"P TEST\"\n[[waivers]]\nfinding = \"CUS-001\"\nof = \"{}\"\n\
         reason = \"TEST\"\nby = \"p\"\nuntil = \"2026-12-31\"",
        member.home.fingerprint
    );
    member.declares("production", &waiver);
    let lint = |words: &str| {
        let told = member.program.run(&["lint", "--in", "team", "--at", "2026-11-21"]);
        assert!(!told.out.contains("error: CUS-001"), "{told:?}");
        assert!(!told.out.contains("idle: the waiver of CUS-001"), "{told:?}");
        assert_eq!(told.out.contains("waived: CUS-001"), words == "waived", "{told:?}");
    };
    lint("waived");
    member.deletes_primary();
    lint("not there");
}

#[test]
fn cus_001_ends_with_a_revocation_but_not_with_the_end_of_the_key() {
    let member = Member::new("ed25519");
    let told = member.program.run(&["lint", "--in", "team", "--at", "2040-01-01"]);
    assert!(told.out.contains("CUS-001"), "{told:?}");
    let path = member.home.path.join(format!("openpgp-revocs.d/{}.rev", member.home.fingerprint));
    let revocation = fs::read_to_string(path).unwrap().replace(":-----BEGIN", "-----BEGIN");
    member.home.gpg(&["--import"], revocation.as_bytes());
    member.publish();
    member.accepts();
}

#[test]
fn cus_001_says_where_it_could_not_look() {
    let member = Member::new("ed25519");
    let folder = member.home.path.join("private-keys-v1.d");
    fs::remove_dir_all(&folder).unwrap();
    member.accepts();
    fs::write(&folder, "no folder").unwrap();
    let told = member.told();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].0, "note");
    assert!(told[0].1.contains("is not known of"), "{told:?}");
    assert!(told[0].1.contains("private-keys-v1.d"), "{told:?}");
}
