//! Rules about what a workspace declares: each has a case that it refuses and
//! one that it accepts.

use std::collections::BTreeMap;

use keyrite::adapters::environment::Environment;
use keyrite::app::{App, Input};
use keyrite::domain::assessment::Assessment;
use keyrite::domain::cutoff::Cutoffs;
use keyrite::domain::finding::FindingId;
use keyrite::domain::fingerprint::Fingerprint;
use keyrite::domain::plan::{Plan, Read, Team};
use keyrite::domain::timestamp::Timestamp;
use keyrite::domain::workspace::Evidence;
use sequoia_openpgp::Cert;
use sequoia_openpgp::serialize::SerializeInto as _;

use crate::support::forge::{KeySpec, certificate, certify};
use crate::support::program::Program;
use crate::support::tree::{files, root};

const NOW: &str = "2026-11-20";

fn day(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn release() -> Cert {
    certificate(
        &["Release TEST <release@example.org>"],
        &KeySpec::new("C", "2025-06-01", Some("2028-06-01")),
        &[KeySpec::new("S", "2025-12-01", Some("2026-12-31"))],
    )
}

fn person(name: &str, ends: &str) -> Cert {
    certificate(&[name], &KeySpec::new("C", "2025-01-01", Some(ends)), &[])
}

fn public(cert: &Cert) -> Vec<u8> {
    cert.clone().strip_secret_key_material().to_vec().unwrap()
}

fn hex(cert: &Cert) -> String {
    cert.fingerprint().to_hex()
}

fn subkey(cert: &Cert) -> String {
    cert.keys().subkeys().next().unwrap().key().fingerprint().to_hex()
}

/// A team's folder and what the program makes of it.
struct Folder {
    program: Program,
    text: String,
}

impl Folder {
    fn new(profile: &str, certs: &[&Cert]) -> Self {
        let program = Program::new();
        for cert in certs {
            program.file(&format!("certs/{}.asc", hex(cert)), public(cert));
        }
        let text = format!(
            "schema = 1\nname = \"TEST\"\nenvironment = \"production\"\nprofile = \"{profile}\"\n"
        );
        Self { program, text }
    }

    fn with(mut self, more: &str) -> Self {
        self.text.push_str(more);
        self.text.push('\n');
        self
    }

    fn file(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        self.program.file(name, content);
        self
    }

    fn plan(&self) -> Plan {
        self.program.file("keyrite.toml", &self.text);
        let app = App::new(Environment::default()).at(day(NOW));
        let folder = self.program.folder();
        let team: Team = app.workspace(folder).unwrap().team;
        let reading = app.read(&[Input::Path(App::certificates_of(folder))]);
        let entries = reading.inventory.entries();
        let judged: Vec<_> = entries
            .map(|entry| entry.certificate.clone().unwrap())
            .map(|certificate| Assessment::of(certificate, app.now(), Cutoffs::as_of(app.now())))
            .collect();
        let managed: Vec<Fingerprint> =
            judged.iter().map(|a| a.certificate.fingerprint()).collect();
        let evidence: Evidence = app.gather(Some(folder), &team.workspace, &managed);
        let judged: Vec<_> = judged.iter().collect();
        let read = Read { assessments: &judged, findings: &[], lone: &[] };
        team.plan(app.now(), &read, Some(&evidence))
    }

    /// The messages of that finding, by what it speaks of.
    fn found(&self, id: FindingId) -> BTreeMap<String, String> {
        self.plan()
            .open()
            .filter(|judged| judged.finding.id == id)
            .map(|judged| {
                let finding = &judged.finding;
                (finding.subject.as_str().to_owned(), finding.message.clone())
            })
            .collect()
    }

    #[track_caller]
    fn refuses(self, id: FindingId, subject: &str, message: &str) -> Self {
        let found = self.found(id);
        let told = found.get(subject).unwrap_or_else(|| panic!("{id} of {subject}: {found:?}"));
        assert!(told.contains(message), "{told}");
        self
    }

    #[track_caller]
    fn accepts(self, id: FindingId) -> Self {
        assert_eq!(self.found(id), BTreeMap::new(), "{id}");
        self
    }
}

fn consumer(cert: &Cert, more: &str) -> String {
    let (certificate, subkey) = (hex(cert), subkey(cert));
    format!(
        "[[consumers]]\nid = \"ci\"\ncertificate = \"{certificate}\"\nsubkey = \"{subkey}\"\n{more}"
    )
}

#[test]
fn one_subkey_signs_in_one_environment() {
    let cert = release();
    let slot = |environment: &str| {
        format!(
            "[[slots]]\nid = \"s\"\nkind = \"directory\"\nplace = \"/x\"\nenvironment = \"{environment}\""
        )
    };
    let folder = || Folder::new("small-team", &[&cert]).with(&consumer(&cert, "slots = [\"s\"]"));
    folder().with(&slot("staging")).refuses(
        FindingId::Cap005,
        "ci",
        "its key is of production, its slot 's' of staging",
    );
    folder().with(&slot("production")).accepts(FindingId::Cap005);
    // A key of staging may sign there.
    let key = format!(
        "[[keys]]\ncertificate = \"{}\"\nclass = \"release\"\nenvironment = \"staging\"",
        hex(&cert)
    );
    folder().with(&slot("staging")).with(&key).accepts(FindingId::Cap005);
}

#[test]
fn a_subkey_is_published_before_it_signs() {
    let cert = release();
    let days = |published: &str, activated: &str| {
        let more = format!("published = \"{published}\"\nactivated = \"{activated}\"");
        Folder::new("small-team", &[&cert]).with(&consumer(&cert, &more))
    };
    days("2025-12-03", "2025-12-20").refuses(
        FindingId::Exp004,
        "ci",
        "published 2025-12-03, first used 2025-12-20: 17 days between them, the policy wants 30",
    );
    days("2025-12-03", "2026-01-02").accepts(FindingId::Exp004);
}

#[test]
fn a_slot_names_the_whole_fingerprint() {
    let cert = release();
    let folder = |selector: &str| {
        let slot = "[[slots]]\nid = \"s\"\nkind = \"gnupg-home\"\nplace = \"/x\"\nselector = ";
        Folder::new("small-team", &[&cert])
            .with(&consumer(&cert, "slots = [\"s\"]"))
            .with(&format!("{slot}\"{selector}\""))
    };
    let id = FindingId::Cus008;
    let key = subkey(&cert);
    folder(&format!("{}!", &key[24..])).refuses(id, "s", "is not a whole fingerprint");
    folder("release@example.org").refuses(id, "s", "lets gpg choose");
    folder(&key).refuses(id, "s", "lets gpg choose");
    folder(&format!("{}!", hex(&cert))).refuses(id, "s", "is not the subkey of its consumer");
    folder(&format!("{key}!")).accepts(id);
}

#[test]
fn old_certificates_stay_published() {
    let ended = certificate(
        &["Old TEST <release@example.org>"],
        &KeySpec::new("C", "2020-06-01", Some("2022-06-01")),
        &[],
    );
    let target = |keeps: bool| {
        format!("[[targets]]\nid = \"t\"\nkind = \"s3\"\nplace = \"x\"\nkeeps_history = {keeps}")
    };
    let id = FindingId::Pub004;
    let folder = |keeps| Folder::new("small-team", &[&ended]).with(&target(keeps));
    folder(false).refuses(id, "t", "there is one certificate with a key that has ended");
    folder(true).accepts(id);
    Folder::new("small-team", &[&release()]).with(&target(false)).accepts(id);
}

#[test]
fn pages_show_the_fingerprint_as_people_compare_it() {
    let cert = release();
    let id = FindingId::Pub005;
    let target = "[[targets]]\nid = \"page\"\nkind = \"page\"\nplace = \"doc/keys.md\"";
    let folder =
        |text: &str| Folder::new("small-team", &[&cert]).with(target).file("doc/keys.md", text);
    let print = Fingerprint::from_bytes(cert.fingerprint().as_bytes()).unwrap();
    folder(&format!("Our key:\n\n    {}\n", print.grouped())).accepts(id);
    folder(&format!("Our key is `{}`.", print.grouped().replace("  ", " "))).accepts(id);
    folder(&format!("Our key: {}", print.hex())).refuses(id, "page", "is not in groups");
    folder("Our key").refuses(id, "page", "shows the whole fingerprint of no certificate");
    let short = &print.hex()[24..];
    folder(&format!("{} or 0x{short}", print.grouped())).refuses(id, "page", "is no proof");
    let grouped = print.grouped();
    let first = if grouped.starts_with('A') { 'B' } else { 'A' };
    let other = format!("{first}{}", &grouped[1..]);
    folder(&format!("{}\n\n{other}", print.grouped())).refuses(id, "page", "is of no key");
    Folder::new("small-team", &[&cert]).with(target).refuses(id, "page", "it cannot be read: ");
    // Other numbers of a page are no fingerprints.
    let text = format!("{}\nMade 2025-06-01, 4096 bits, call 0049 1234 5678", print.grouped());
    folder(&text).accepts(id);
}

fn roster(people: &[(&str, Option<&Cert>, &str)]) -> String {
    let entry = |(id, cert, more): &(&str, Option<&Cert>, &str)| {
        let cert = cert.map(|c| format!("fingerprint = \"{}\"\n", hex(c))).unwrap_or_default();
        format!("[[people]]\nid = \"{id}\"\nname = \"{id} TEST\"\n{cert}{more}\n")
    };
    people.iter().map(entry).collect()
}

#[test]
fn one_key_holder_more_than_needed_is_there() {
    let id = FindingId::Ops001;
    let holder = "roles = [\"key-holder\"]";
    let away =
        "roles = [\"key-holder\"]\naway = [{ from = \"2026-11-01\", until = \"2026-12-01\" }]";
    let folder = |second: &str| {
        let people = roster(&[("a", None, holder), ("b", None, second)]);
        Folder::new("small-team", &[&release()]).with(&people)
    };
    folder(holder).accepts(id);
    folder(away).refuses(id, "TEST", "1 key holder can be asked today, of 2 in the roster; 2 are");
    folder("").refuses(id, "TEST", "of 1 in the roster");
}

#[test]
fn the_roster_has_certified_what_it_stands_for() {
    let (alice, bob) = (person("Alice TEST", "2027-06-01"), person("Bob TEST", "2027-06-01"));
    let carol = person("Carol TEST", "2027-06-01");
    let stranger = person("Nobody TEST", "2027-06-01");
    let id = FindingId::Crt001;
    let folder = |cert: &Cert| {
        let people = [("a", Some(&alice), ""), ("b", Some(&bob), ""), ("c", Some(&carol), "")];
        let folder = Folder::new("openstack-cycle", &[cert]).with(&roster(&people));
        [&alice, &bob, &carol].iter().fold(folder, |folder, one| {
            folder.file(&format!("people/{}.asc", hex(one)), public(one))
        })
    };
    let two = certify(&bob, &certify(&alice, &release(), "2026-01-01"), "2026-01-01");
    let name = "Release TEST <release@example.org>";
    folder(&two).refuses(id, name, "2 of the roster have certified it, the policy wants 3");
    // Somebody who is not in the roster does not count.
    let with_stranger = certify(&stranger, &two, "2026-01-01");
    folder(&with_stranger).refuses(id, name, "2 of the roster");
    folder(&certify(&carol, &two, "2026-01-01")).accepts(id);
}

#[test]
fn the_certificates_of_the_roster_can_certify() {
    let id = FindingId::Crt002;
    let folder = |cert: &Cert| {
        Folder::new("small-team", &[&release()]).with(&roster(&[("alice", Some(cert), "")]))
    };
    let good = person("Alice TEST", "2027-06-01");
    let there = |cert: &Cert| folder(cert).file(&format!("people/{}.asc", hex(cert)), public(cert));
    there(&good).accepts(id);
    folder(&good).refuses(id, "alice", ".asc is not there");
    there(&person("Alice TEST", "2026-06-01")).refuses(id, "alice", "expired on 2026-06-01");
}

#[test]
fn the_old_certificate_has_certified_the_new_one() {
    let id = FindingId::Crt003;
    let old = person("Old TEST <release@example.org>", "2027-01-01");
    let folder = |new: &Cert| {
        let key = format!(
            "[[keys]]\ncertificate = \"{}\"\nclass = \"release\"\nreplaces = \"{}\"",
            hex(new),
            hex(&old)
        );
        Folder::new("small-team", &[new, &old]).with(&key)
    };
    let name = "Release TEST <release@example.org>";
    folder(&release()).refuses(id, name, "which has not certified it");
    folder(&certify(&old, &release(), "2026-01-01")).accepts(id);
}

#[test]
fn a_waiver_holds_until_its_day_and_no_longer() {
    let cert = certificate(
        &["Release (builds) TEST <release@example.org>"],
        &KeySpec::new("C", "2025-06-01", Some("2027-06-01")),
        &[KeySpec::new("S", "2025-12-01", Some("2026-12-31"))],
    );
    let waiver = |finding: &str, of: &str, until: &str| {
        let people = roster(&[("alice", None, "")]);
        let waiver = format!(
            "[[waivers]]\nfinding = \"{finding}\"\nof = \"{of}\"\nreason = \"known for years\"\n\
             by = \"alice\"\nuntil = \"{until}\"\n"
        );
        Folder::new("strict", &[&cert]).with(&people).with(&waiver)
    };
    let name = "Release (builds) TEST <release@example.org>";
    let id = FindingId::Uid001;
    let judged = |folder: &Folder| {
        folder.plan().findings.into_iter().find(|judged| judged.finding.id == id).unwrap()
    };
    let held = waiver("UID-001", &hex(&cert), "2027-01-01").accepts(id);
    let words = judged(&held).waiver_words(day(NOW)).unwrap();
    assert_eq!(words, "waived by alice until 2027-01-01 (42 d): known for years");
    let ended = waiver("UID-001", &hex(&cert), "2026-11-01").refuses(id, name, "");
    let words = judged(&ended).waiver_words(day(NOW)).unwrap();
    assert_eq!(words, "the waiver by alice ended 2026-11-01 (-19 d)");
    // Another finding, or another key, is not waived.
    waiver("UID-002", &hex(&cert), "2027-01-01").refuses(id, name, "");
    waiver("UID-001", &subkey(&cert), "2027-01-01").refuses(id, name, "");
}

#[test]
fn a_key_may_have_the_rules_of_another_profile() {
    let cert = release();
    let policy = "[policy.subkeys]\nlives = \"3m\"";
    let id = FindingId::Exp002;
    let name = "Release TEST <release@example.org>";
    Folder::new("small-team", &[&cert]).accepts(id);
    Folder::new("small-team", &[&cert]).with(policy).refuses(id, name, "");
    let key = format!(
        "[[keys]]\ncertificate = \"{}\"\nclass = \"release\"\nprofile = \"strict\"",
        hex(&cert)
    );
    let strict = Folder::new("strict", &[&cert]).found(id);
    assert_eq!(Folder::new("small-team", &[&cert]).with(&key).found(id), strict);
}

#[test]
fn what_the_pages_of_slots_declare_can_be_declared() {
    let mut declared = 0;
    for path in files(&root().join("docs/slots")) {
        let page = std::fs::read_to_string(&path).unwrap();
        for (at, block) in page.split("```toml\n").skip(1).enumerate() {
            let block = block.split("\n```").next().unwrap();
            let folder = Folder::new("small-team", &[]).with(block);
            folder.program.file("keyrite.toml", &folder.text);
            let app = App::new(Environment::default()).at(day(NOW));
            let read = app.workspace(folder.program.folder());
            let read = read.unwrap_or_else(|error| panic!("{} {at}: {error}", path.display()));
            assert!(!read.team.workspace.slots.is_empty(), "{} {at}", path.display());
            declared += read.team.workspace.slots.len();
        }
    }
    assert!(declared > 10, "{declared}");
}
