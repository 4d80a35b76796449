//! `keyrite drift`: what users get, held against what they should.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use sequoia_openpgp::Cert;
use sequoia_openpgp::serialize::SerializeInto as _;

use crate::support::forge::{KeySpec, add_subkey, certify};
use crate::support::program::{Outcome, Program};
use crate::target_files::cert;

/// A team with a certificate and a folder in which it is published.
pub(crate) struct Team {
    pub(crate) program: Program,
    pub(crate) cert: Cert,
}

impl Team {
    pub(crate) fn new(targets: &str) -> Self {
        let (program, cert) = (Program::new(), cert("release", &[]));
        let text = format!(
            "schema = 1\nname = \"TEST\"\nenvironment = \"rehearsal\"\nprofile = \"small-team\"\n\n\
             [[people]]\nid = \"anna\"\nname = \"TEST Anna\"\nroles = [\"administrator\"]\n\n{targets}"
        );
        program.file("team/keyrite.toml", text);
        fs::create_dir_all(program.folder().join("team/files")).unwrap();
        let team = Self { program, cert };
        team.has(&team.cert);
        team
    }

    pub(crate) fn has(&self, cert: &Cert) {
        let name = format!("team/certs/{}.asc", cert.fingerprint().to_hex());
        let public = cert.clone().strip_secret_key_material().armored().to_vec().unwrap();
        self.program.file(&name, public);
    }

    /// What the folder serves.
    pub(crate) fn serves(&self, cert: &Cert) {
        let hex = self.cert.fingerprint().to_hex();
        let public = cert.clone().strip_secret_key_material();
        self.program.file(&format!("team/files/{hex}.asc"), public.armored().to_vec().unwrap());
        self.program.file(&format!("team/files/{hex}.gpg"), public.to_vec().unwrap());
    }

    pub(crate) fn drift(&self, more: &[&str]) -> Outcome {
        self.program.run(&[&["drift", "--in", "team"], more].concat())
    }

    #[track_caller]
    pub(crate) fn is(&self, verdict: &str, code: i32) -> String {
        let told = self.drift(&[]);
        let begins = told.out.starts_with(&format!("{verdict:11} "));
        assert!(begins && told.code == Some(code), "{verdict}: {told:#?}");
        told.out
    }
}

pub(crate) const FILES: &str =
    "[[targets]]\nid = \"web\"\nkind = \"directory\"\nplace = \"files\"\n";

#[test]
fn each_verdict_has_its_word_and_its_exit_code() {
    let mut team = Team::new(FILES);
    team.is("missing", 16);
    let old = team.cert.clone();
    team.serves(&old);
    let told = team.is("match", 0);
    assert!(told.contains("keyrite audit begin"), "{told}");
    // A subkey more: what is served is less than it should be.
    let signer = KeySpec::new("S", "2026-01-01", Some("2026-12-31"));
    let newer = add_subkey(&old, &signer);
    team.cert = newer.clone();
    team.has(&newer);
    let told = team.is("stale", 16);
    assert!(told.contains("lacks: 2 parts (--parts names them)"), "{told}");
    let told = team.drift(&["--parts"]).out;
    assert!(told.contains("lacks: subkey ") && told.contains("lacks: self-signature of"), "{told}");
    // A subkey that nobody of the team has made.
    let strange = add_subkey(&newer, &signer);
    team.serves(&strange);
    let told = team.is("foreign", 17);
    assert!(told.contains("not ours: 2 parts") && told.contains("an incident (PUB-002)"), "{told}");
    team.serves(&cert("another", &[]));
    assert!(team.is("foreign", 17).contains("another certificate is there"));
    // Certifications by others are nobody's use of the primary key.
    team.serves(&certify(&cert("friend", &[]), &newer, "2026-03-01"));
    team.is("match", 0);
    fs::remove_dir_all(team.program.folder().join("team/files")).unwrap();
    team.is("unreachable", 16);
}

#[test]
fn what_was_served_once_and_is_not_any_more_is_a_rollback() {
    let team = Team::new(FILES);
    let begun = team.program.run(&["audit", "begin", "--as", "anna", "--in", "team"]);
    assert_eq!(begun.code, Some(0), "{begun:?}");
    team.serves(&team.cert);
    assert!(!team.is("match", 0).contains("audit begin"));
    let hex = team.cert.fingerprint().to_hex();
    let writer = fs::read_dir(team.program.folder().join("team/observed")).unwrap().next();
    let file = writer.unwrap().unwrap().path().join("web.json");
    let kept = fs::read_to_string(file).unwrap();
    assert!(kept.contains("keyrite.observed/1") && kept.contains(&hex), "{kept}");
    fs::remove_file(team.program.folder().join(format!("team/files/{hex}.gpg"))).unwrap();
    let told = team.is("rollback", 17);
    assert!(told.contains("not served any more"), "{told}");
    let document = team.drift(&["--json"]).json();
    assert_eq!(document["schema"], "keyrite.drift/1");
    assert_eq!(document["targets"][0]["verdict"], "rollback");
    assert_eq!(document["targets"][0]["doors"][1]["verdict"], "match");
}

/// Answers each request with that.
pub(crate) fn web(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || {
                let mut head = [0; 4096];
                let _ = stream.read(&mut head);
                let _ = stream.write_all(answer);
            });
        }
    });
    url
}

#[test]
fn users_are_asked_for_by_their_own_door() {
    for (answer, verdict, words, code) in [
        (&b"HTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n"[..], "missing", "", 16),
        (
            b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>",
            "unreachable",
            "a web page answers",
            16,
        ),
        (
            b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nabcd",
            "foreign",
            "no certificate in it",
            17,
        ),
        (b"HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n", "unreachable", "HTTP 503", 16),
        (b"HTTP/1.1 429 No\r\ncontent-length: 0\r\n\r\n", "unreachable", "HTTP 429", 16),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nshort", "unreachable", "", 16),
        (b"", "unreachable", "", 16),
    ] {
        let url = web(answer);
        let team = Team::new(&format!("{FILES}settings = {{ read = \"{url}\" }}\n"));
        team.serves(&team.cert);
        let told = team.is(verdict, code);
        assert!(told.contains(words) && told.contains(&url), "{verdict}: {told}");
    }
}

#[test]
fn what_a_cache_has_had_since_before_is_late_and_no_rollback() {
    use std::sync::{Arc, Mutex};

    use crate::support::web::{Answer, Web};
    // What is served, and for how many seconds a cache has had it.
    let served = Arc::new(Mutex::new((Vec::new(), None::<u32>)));
    let shown = served.clone();
    let web = Web::start(move |request| {
        let (bytes, age) = shown.lock().unwrap().clone();
        let age = age.map(|age| ("age", age.to_string()));
        let is_it = request.path.contains(".gpg");
        let headers = age.into_iter().collect();
        Answer::Of(if is_it { 200 } else { 404 }, headers, if is_it { bytes } else { Vec::new() })
    });
    let names = "names = [\"FPR.gpg\"]";
    let settings = format!("settings = {{ read = \"{}\", {names} }}\n", web.url);
    let mut team = Team::new(&format!("{FILES}{settings}"));
    team.program.run(&["audit", "begin", "--as", "anna", "--in", "team"]);
    let bytes = |cert: &Cert| cert.clone().strip_secret_key_material().to_vec().unwrap();
    let old = bytes(&team.cert);
    *served.lock().unwrap() = (old.clone(), None);
    team.is("match", 0);
    team.cert = add_subkey(&team.cert, &KeySpec::new("S", "2026-01-01", Some("2026-12-31")));
    team.has(&team.cert);
    *served.lock().unwrap() = (bytes(&team.cert), None);
    team.is("match", 0);
    // Another machine of the same place has the older copy still.
    *served.lock().unwrap() = (old.clone(), Some(600));
    let told = team.is("stale", 16);
    assert!(told.contains("a cache, which has had it for 10 min"), "{told}");
    // What is no cache's, or was taken in since, has lost it.
    for age in [None, Some(0)] {
        *served.lock().unwrap() = (old.clone(), age);
        team.is("rollback", 17);
    }
    // No cache keeps a copy for so long.
    let observed = fs::read_dir(team.program.folder().join("team/observed")).unwrap().next();
    let file = observed.unwrap().unwrap().path().join("web.json");
    let text = fs::read_to_string(&file).unwrap();
    let long_ago = |line: &str| match line.split_once("\"since\": ") {
        Some((begin, _)) => format!("{begin}\"since\": \"2026-02-01T00:00:00Z\"\n"),
        None => format!("{line}\n"),
    };
    fs::write(&file, text.lines().map(long_ago).collect::<String>()).unwrap();
    *served.lock().unwrap() = (old, Some(u32::MAX));
    team.is("rollback", 17);
}
