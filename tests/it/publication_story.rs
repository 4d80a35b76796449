//! A certificate on its way to its users, with the real program and real
//! servers: published, fetched by gpg into an empty home, changed by hand and
//! found, revoked everywhere.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use sequoia_openpgp::serialize::SerializeInto as _;

use crate::support::gpg::Gpg;
use crate::support::hall::Hall;
use crate::support::moto::{ACCOUNT, Moto, REGION};
use crate::support::program::Outcome;
use crate::support::sks::Sks;
use crate::support::targets::cert;
use crate::support::web::Web;
use crate::target_git;

/// A team whose targets are a keyserver, a bucket, a mirror in each layout, a
/// `KEYS` file, a repository, and a Web Key Directory behind a web server.
struct Team {
    hall: Hall,
    web: Web,
    moto: Moto,
    sks: Sks,
}

impl Team {
    fn new() -> Self {
        let (moto, mut hall) = (Moto::start(), Hall::new());
        let sks = Sks::start(&cert("other", &[]).strip_secret_key_material().to_vec().unwrap());
        hall.variables.extend(moto.variables().map(|(name, value)| (name.to_owned(), value)));
        let place = format!("LocationConstraint={REGION}");
        let make = ["s3api", "create-bucket", "--bucket", "halyard"];
        moto.aws(&[&make[..], &["--create-bucket-configuration", &place]].concat());
        let policy = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\
                      \"*\",\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::halyard/*\"}]}";
        moto.aws(&["s3api", "put-bucket-policy", "--bucket", "halyard", "--policy", policy]);
        target_git::begin(&hall.path(""));
        let directory = hall.path("team/published/wkd");
        fs::create_dir(&directory).unwrap();
        let web = Web::of_folder(&directory, "application/octet-stream");
        let team = Self { hall, web, moto, sks };
        team.declare();
        team
    }

    fn declare(&self) {
        let file = self.hall.path("team/keyrite.toml");
        let text = fs::read_to_string(&file).unwrap();
        let (before, _) = text.split_once("\n[[targets]]\nid = \"files\"").unwrap();
        let url = &self.moto.url;
        let bucket = format!("account = \"{ACCOUNT}\", region = \"{REGION}\"");
        let targets = [
            ("keyserver", "hkp", self.sks.place(), String::new()),
            (
                "bucket",
                "s3",
                "s3://halyard/keys".to_owned(),
                format!("{bucket}, read = \"{url}/halyard/keys\""),
            ),
            (
                "mirror",
                "spack-mirror",
                "s3://halyard/mirror".to_owned(),
                format!("{bucket}, layout = \"v3\""),
            ),
            ("old-mirror", "spack-mirror", "published".to_owned(), "layout = \"v2\"".to_owned()),
            ("keys-file", "apache-keys", "published/KEYS".to_owned(), String::new()),
            (
                "repository",
                "git",
                "../site".to_owned(),
                "path = \"keys\", push = \"origin\"".to_owned(),
            ),
            (
                "directory",
                "wkd",
                "https://openpgpkey.test.example".to_owned(),
                format!(
                    "domain = \"test.example\", to = \"published/wkd\", read = \"{}\"",
                    self.web.url
                ),
            ),
        ];
        let table = |(id, kind, place, settings): (&str, &str, String, String)| {
            format!(
                "\n[[targets]]\nid = \"{id}\"\nkind = \"{kind}\"\nplace = \"{place}\"\n\
                 settings = {{ {settings} }}\n"
            )
        };
        let tables: String = targets.into_iter().map(table).collect();
        fs::write(&file, format!("{before}\n{tables}")).unwrap();
    }

    fn drift(&self) -> Outcome {
        self.hall.run(&["drift", "--in", "team"])
    }

    /// Each target with its verdict.
    #[track_caller]
    fn is(&self, code: i32, verdicts: &[(&str, &str)]) {
        let told = self.hall.run(&["drift", "--json", "--in", "team"]);
        let document = told.json();
        let rows = document["targets"].as_array().unwrap();
        let rows: Vec<_> = rows
            .iter()
            .map(|row| (row["target"].as_str().unwrap(), row["verdict"].as_str().unwrap()))
            .collect();
        assert_eq!((told.code, rows), (Some(code), verdicts.to_vec()), "{}", self.drift().out);
    }

    fn certificate(&self) -> String {
        self.hall.certificates()[0].clone()
    }

    /// The certificate that a home gets from the keyserver, in colons.
    fn received(&self, gpg: &Gpg) -> Vec<String> {
        let hex = self.certificate();
        gpg.run(&["--batch", "--keyserver", &self.sks.place(), "--recv-keys", &hex]);
        gpg.lines(&["--with-colons", "--list-keys", &hex])
    }

    /// What anybody gets of the bucket.
    fn fetched(&self, path: &str) -> Vec<u8> {
        let server = self.moto.url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(server).unwrap();
        let head =
            format!("GET /halyard/{path} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
        answer.split_off(end + 4)
    }
}

const ALL: [&str; 7] =
    ["keyserver", "bucket", "mirror", "old-mirror", "keys-file", "repository", "directory"];

fn all(verdict: &'static str) -> Vec<(&'static str, &'static str)> {
    ALL.map(|target| (target, verdict)).into()
}

#[test]
fn a_certificate_goes_to_its_users_and_a_revocation_follows_it_everywhere() {
    let team = Team::new();
    for ceremony in ["root-generation", "subkey-issuance"] {
        assert!(team.hall.hold(ceremony).status.success());
    }
    team.is(16, &all("missing"));
    let held = team.hall.hold("publication");
    assert!(held.status.success(), "{held:#?}");
    team.is(0, &all("match"));

    // gpg gets it into an empty home, from each place.
    let hex = team.certificate();
    let subkey = team.hall.subkey();
    let is_signing = |lines: &[String], key: &str| {
        lines
            .windows(2)
            .any(|two| two[0].starts_with("sub:") && two[0].contains(":s:") && two[1].contains(key))
    };
    assert!(is_signing(&team.received(&Gpg::new()), &subkey));
    let mirror = team.hall.path(&format!("team/published/build_cache/_pgp/{hex}.pub"));
    for bytes in [
        team.fetched(&format!("keys/{hex}.asc")),
        team.fetched(&format!("keys/{hex}.gpg")),
        fs::read(team.hall.path("team/published/KEYS")).unwrap(),
        fs::read(mirror).unwrap(),
        target_git::git(&team.hall.path("remote.git"), &["show", &format!("main:keys/{hex}.asc")])
            .into_bytes(),
    ] {
        let gpg = Gpg::new();
        let file = gpg.home().join("fetched");
        fs::write(&file, bytes).unwrap();
        gpg.run(&["--batch", "--import", file.to_str().unwrap()]);
        assert!(is_signing(&gpg.lines(&["--with-colons", "--list-keys", &hex]), &subkey));
    }

    // Somebody changes one by hand.
    let good = gpg_file(&team, &hex);
    let strange = cert("stranger", &[]).strip_secret_key_material().armored().to_vec().unwrap();
    put(&team, &hex, &strange);
    let mut wrong = all("match");
    wrong[1].1 = "foreign";
    team.is(17, &wrong);
    assert!(team.drift().out.contains("another certificate is there"));
    put(&team, &hex, &good);
    team.is(0, &all("match"));

    // A subkey is revoked, and everybody knows within one run.
    assert!(team.hall.hold("subkey-revocation").status.success());
    team.is(16, &all("stale"));
    let held = team.hall.hold("publication");
    assert!(held.status.success(), "{held:#?}");
    team.is(0, &all("match"));
    let lines = team.received(&Gpg::new());
    assert!(lines.iter().any(|line| line.starts_with("sub:r:")), "{lines:?}");
    // Who brings an old copy back is found.
    put(&team, &hex, &good);
    wrong[1].1 = "rollback";
    team.is(17, &wrong);
}

/// What the bucket has.
fn gpg_file(team: &Team, hex: &str) -> Vec<u8> {
    team.fetched(&format!("keys/{hex}.asc"))
}

fn put(team: &Team, hex: &str, bytes: &[u8]) {
    let file = team.hall.path("put.asc");
    fs::write(&file, bytes).unwrap();
    let (key, body) = (format!("keys/{hex}.asc"), file.to_str().unwrap().to_owned());
    team.moto.aws(&["s3api", "put-object", "--bucket", "halyard", "--key", &key, "--body", &body]);
}

#[test]
fn what_people_have_agreed_to_is_gone_on_with_by_a_command_that_asks_nobody() {
    use crate::support::hall::Answer;
    let hall = Hall::new();
    for ceremony in ["root-generation", "subkey-issuance"] {
        assert!(hall.hold(ceremony).status.success());
    }
    let none = hall.run(&["publish", "--in", "team"]);
    assert_eq!(none.code, Some(2), "{none:?}");
    assert!(none.err.contains("nobody has published anything"), "{none:?}");
    // Somebody goes away before it is confirmed.
    let away = |at: &'static str| {
        move |prompt: &crate::support::hall::Prompt| {
            if prompt.is_at(at) { Answer::Say(":pause".to_owned()) } else { Answer::Usual }
        }
    };
    let mut before = away("Agree to what is published");
    hall.pilot_with(hall.start(&[], "publication"), &mut before);
    let told = hall.run(&["publish", "--in", "team"]);
    assert_eq!(told.code, Some(2), "{told:?}");
    assert!(told.err.contains("people have agreed to"), "{told:?}");
    let run = hall.run_of("publication");
    assert!(!hall.path("team/published/KEYS").exists());
    // And after it, with one of the targets away.
    let mut after = away("Put it there");
    hall.pilot_with(hall.resume(&[], Some(&run)), &mut after);
    fs::rename(hall.path("team/published"), hall.path("team/away")).unwrap();
    let told = hall.run(&["publish", "--json", "--in", "team"]);
    assert_eq!(told.code, Some(16), "{told:?}");
    assert_eq!(told.json()["targets"][0]["state"], "not done");
    assert!(told.json()["remarks"][0].as_str().unwrap().contains("there is no such folder"));
    fs::rename(hall.path("team/away"), hall.path("team/published")).unwrap();
    let told = hall.run(&["publish", &run, "--in", "team"]);
    assert_eq!(told.code, Some(0), "{told:?}");
    assert!(told.out.contains("next: Who tells the users"), "{told:?}");
    assert!(hall.pilot(hall.resume(&[], Some(&run))).status.success());
    let told = hall.run(&["publish", "--in", "team"]);
    assert!(told.code == Some(0) && told.out.contains("nothing is open"), "{told:?}");
    assert!(hall.path("team/published/KEYS").exists());
}
