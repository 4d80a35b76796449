//! A Web Key Directory as a target, with gpg as one who looks there.

use std::fs;
use std::path::Path;
use std::process::Command;

use keyrite::adapters::targets::{self, Reach};
use keyrite::domain::publication::{Components, Verdict};
use keyrite::domain::workspace::TargetKind;
use keyrite::engine::target::{Found, Target};

use crate::support::gpg::Gpg;
use crate::support::targets::{Made, cert, is_right, promises, target, verdict};
use crate::support::web::Web;

const MEDIA: &str = "application/octet-stream";

fn open(folder: &Path, place: &str, to: &str, read: &str) -> Box<dyn Target> {
    let settings = [("domain", "example.org"), ("to", to), ("read", read)];
    let declared = target(TargetKind::Wkd, place, &settings);
    targets::open(&declared, &Reach::of(folder.to_owned())).unwrap()
}

#[test]
fn every_promise_holds_in_both_methods_and_over_http() {
    for place in ["https://example.org", "https://openpgpkey.example.org"] {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("www")).unwrap();
        let web = Web::of_folder(&folder.path().join("www"), MEDIA);
        promises(&|| open(folder.path(), place, "www", &web.url), &|| ());
        let middle = if place.contains("openpgpkey") { "example.org/" } else { "" };
        let policy = format!("www/.well-known/openpgpkey/{middle}policy");
        assert!(folder.path().join(policy).is_file());
    }
}

#[test]
fn every_promise_holds_where_the_files_lie_in_a_repository() {
    let folder = tempfile::tempdir().unwrap();
    let site = folder.path().join("site");
    for words in [
        &["init", "--quiet", "-b", "main", "site"][..],
        &["-C", "site", "config", "user.name", "TEST Anna"],
        &["-C", "site", "config", "user.email", "anna@example.org"],
    ] {
        let done = Command::new("git").args(words).current_dir(folder.path()).status().unwrap();
        assert!(done.success(), "{words:?}");
    }
    let web = Web::of_folder(&site, MEDIA);
    promises(&|| open(folder.path(), "https://example.org", "git:site", &web.url), &|| ());
}

#[test]
fn the_path_is_the_one_that_gpg_works_out() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("www")).unwrap();
    let web = Web::of_folder(&folder.path().join("www"), MEDIA);
    let made = Made::of(&cert("release", &[]));
    made.publish(open(folder.path(), "https://example.org", "www", &web.url).as_ref()).unwrap();
    let gpg = Gpg::new();
    let hash = "--with-wkd-hash";
    let file = gpg.file("release.gpg", &made.binary);
    let listed = gpg.lines(&[hash, "--show-keys", &file]);
    let hash = listed.iter().find_map(|line| line.trim().strip_suffix("@example.org")).unwrap();
    let path = folder.path().join(format!("www/.well-known/openpgpkey/hu/{hash}"));
    assert_eq!(fs::read(path).unwrap(), made.binary, "the packets alone");
}

#[test]
fn what_a_client_would_stumble_over_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let www = folder.path().join("www");
    fs::create_dir(&www).unwrap();
    let made = Made::of(&cert("release", &[]));
    let right = Web::of_folder(&www, MEDIA);
    let place = |read: &str| open(folder.path(), "https://example.org", "www", read);
    made.publish(place(&right.url).as_ref()).unwrap();
    is_right(place(&right.url).as_ref(), &made);
    let text = Web::of_folder(&www, "text/plain; charset=utf-8");
    let seen = made.look(place(&text.url).as_ref());
    assert!(format!("{seen:?}").contains("it is served as 'text/plain"), "{seen:?}");
    assert_eq!(verdict(place(&text.url).as_ref(), &made, &Components::default()), Verdict::Stale);
    let page = Web::of_folder(&www, "text/html");
    let seen = made.look(place(&page.url).as_ref());
    // A certificate is one whatever it is called; clients stumble all the same.
    assert!(matches!(seen.doors[0].found, Found::Packets { .. }), "{seen:?}");
    assert!(format!("{seen:?}").contains("it is served as 'text/html"), "{seen:?}");
    let own = www.join(".well-known/openpgpkey");
    let file = fs::read_dir(own.join("hu")).unwrap().next().unwrap().unwrap().path();
    fs::write(&file, &made.armored).unwrap();
    fs::remove_file(own.join("policy")).unwrap();
    let seen = made.look(place(&right.url).as_ref());
    assert!(format!("{seen:?}").contains("it is armored"), "{seen:?}");
    assert_eq!(seen.doors.last().unwrap().found, Found::Nothing);
    // Published once more it is as it should be, for it is no less.
    made.publish(place(&right.url).as_ref()).unwrap();
    is_right(place(&right.url).as_ref(), &made);
    // What is no certificate is not written over.
    fs::write(&file, "<html>a page of somebody").unwrap();
    let error = made.publish(place(&right.url).as_ref()).unwrap_err().to_string();
    assert!(error.contains("no certificate") && error.contains("not written over"), "{error}");
    // Users have one door: the domain, also before anybody serves it.
    let settings = [("domain", "example.org"), ("to", "www")];
    let wrong = target(TargetKind::Wkd, "https://keys.example.net", &settings);
    let error = targets::open(&wrong, &Reach::of(folder.path().to_owned())).err().unwrap();
    assert!(error.to_string().contains("https://openpgpkey.example.org"), "{error}");
}

/// In a room of its own, where the domain is this machine and its authority
/// is trusted, gpg finds the certificate by the address.
#[test]
fn gpg_locates_the_certificate_by_its_address() {
    let folder = tempfile::tempdir().unwrap();
    let www = folder.path().join("www");
    fs::create_dir(&www).unwrap();
    let made = Made::of(&cert("release", &[]));
    let place = "https://openpgpkey.example.org";
    made.publish(open(folder.path(), place, "www", "http://127.0.0.1:1").as_ref()).unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("hosts", "127.0.0.1 localhost openpgpkey.example.org example.org\n");
    let gpg = Gpg::new();
    let home = gpg.home();
    fs::write(home.join("dirmngr.conf"), "standard-resolver\n").unwrap();
    let server = "import http.server, ssl, sys\n\
        class H(http.server.SimpleHTTPRequestHandler):\n    \
        def log_message(self, *words): sys.stderr.write(self.path + '\\n')\n\
        server = http.server.HTTPServer(('127.0.0.1', 443), H)\n\
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)\n\
        tls.load_cert_chain('../tls.crt', '../tls.key')\n\
        server.socket = tls.wrap_socket(server.socket, server_side=True)\n\
        open('../ready', 'w').close()\n\
        server.serve_forever()\n";
    write("server.py", server);
    let certificate = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=TEST"])
        .args(["-addext", "subjectAltName=DNS:openpgpkey.example.org,DNS:example.org"])
        .args(["-keyout", "tls.key", "-out", "tls.crt"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(certificate.status.success(), "{certificate:?}");
    let home = home.display();
    let script = format!(
        "set -e\nip link set lo up\nmount --bind hosts /etc/hosts\n\
         mount --bind tls.crt /etc/ssl/certs/ca-certificates.crt\n\
         (cd www && exec python3 ../server.py 2>../asked) &\n\
         for i in $(seq 100); do [ -e ready ] && break; sleep 0.1; done\n\
         export GNUPGHOME={home}\n\
         gpg --batch --auto-key-locate clear,wkd --locate-external-keys release@example.org \
         2>gpg.log >gpg.out || true\n\
         gpgconf --kill all\nkill %1\n"
    );
    write("script", &script);
    let done = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "--net", "--pid", "--fork", "--kill-child"])
        .args(["bash", "script"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap_or_default();
    let told = format!("{done:?} {} {}", read("asked"), read("gpg.log"));
    assert!(read("asked").contains("/.well-known/openpgpkey/example.org/hu/"), "{told}");
    assert!(read("gpg.out").contains(&made.fingerprint.hex()), "{told}");
    assert!(read("gpg.out").contains("release TEST"), "{told}");
}
