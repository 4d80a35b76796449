//! A subkey's secret in secrets of GitHub Actions, by whole ceremonies.

use std::fs;

use keyrite::domain::custody::Stage as At;
use keyrite::engine::catalog::find;
use keyrite::engine::runner::{Prompt, Reply};

use crate::custody_story::block;
use crate::slot_github::{SECRETS, access};
use crate::support::github::Github;
use crate::support::github_description::is_as_described;
use crate::support::pilot::{PASSPHRASE, Stage, plainly};

const NAMES: [(&str, &str); 2] =
    [("gh-key", "GPG_PRIVATE_KEY"), ("gh-passphrase", "GPG_PASSPHRASE")];

/// A rehearsal with an issued subkey, whose slots are those of the page, less
/// some lines.
fn stage(github: &Github, without: &[&str]) -> Stage {
    let mut stage = Stage::new();
    let file = stage.folder.join("keyrite.toml");
    let text = fs::read_to_string(&file).unwrap();
    let (before, _) = text.split_once("\n[[slots]]\nid = \"slot-key\"").unwrap();
    let page = block("github-actions.md", "toml");
    assert_eq!(page.matches("token = \"api.github.com/keyrite\"").count(), 2, "{page}");
    // The token is in no credential store here.
    let page =
        page.replace("token = \"api.github.com/keyrite\"", &format!("api = \"{}\"", github.url));
    let is_kept = |line: &&str| !without.iter().any(|name| line.starts_with(name));
    let page: Vec<_> = page.lines().filter(is_kept).collect();
    fs::write(&file, format!("{before}\n{}\n", page.join("\n"))).unwrap();
    stage.access = access(10_000, 1000);
    stage.otherwise.insert("where.slots", NAMES.map(|(id, _)| id).join(", "));
    stage.hold("root-generation");
    stage.hold("subkey-issuance");
    stage
}

/// Holds a ceremony; what nobody can read is taken by a person, on record.
fn hold(stage: &Stage, id: &str) -> usize {
    let mut runner = stage.begin(find(id).unwrap(), &plainly).unwrap();
    let mut taken = 0;
    for _ in 0..200 {
        match runner.prompt() {
            Prompt::Ended(_) => return taken,
            Prompt::Halted { remarks, can_except: true } => {
                let is_proof = remarks.iter().all(|one| one.id.to_string() == "CUS-014");
                assert!(is_proof, "{remarks:?}");
                taken += 1;
                let (text, by) = ("TEST no workflow here".to_owned(), "witness".to_owned());
                runner.reply(Reply::Exception { text, by }).unwrap();
            }
            _ => stage.fly(&mut runner).unwrap(),
        }
    }
    panic!("it goes on and on: {:?}", runner.prompt());
}

fn is_key(text: &str) -> bool {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
    bytes.starts_with(b"-----BEGIN PGP PRIVATE KEY BLOCK-----")
}

fn placed(stage: &Stage, name: &str) -> Vec<(String, At)> {
    let register = keyrite::adapters::runs::register(&stage.folder);
    let place = format!("halyard/halyard:{name}");
    register.in_place(&place).map(|one| (one.subkey.hex(), one.stage)).collect()
}

#[test]
fn by_a_variable_it_is_put_made_current_and_taken_away() {
    let github = Github::start();
    let mut stage = stage(&github, &["workflow"]);
    let first = stage.subkey();
    let at = |name: &str, subkey: &str| github.text(&format!("{SECRETS}/{name}_{subkey}"));
    let variable = || github.text("repos/halyard/halyard/actions/variables/GPG_SUBKEY");
    assert_eq!(hold(&stage, "custody-upload"), 2, "both are not proved");
    assert!(is_key(&at("GPG_PRIVATE_KEY", &first).unwrap()));
    assert_ne!(at("GPG_PASSPHRASE", &first).unwrap(), PASSPHRASE);
    assert_eq!(variable(), None);
    // Nobody has proved them: that is taken once more for each.
    assert_eq!(hold(&stage, "custody-promote"), 2);
    assert_eq!(variable(), Some(first.clone()));
    for (_, name) in NAMES {
        assert_eq!(placed(&stage, name), [(first.clone(), At::Current)]);
    }
    // A second one takes its place, and the first goes.
    stage.hold("subkey-issuance");
    let world = stage.app.world(&stage.folder).unwrap();
    let subkeys = &world.certificates[0].certificate.subkeys;
    let second = subkeys.iter().map(|one| one.fingerprint.hex()).find(|one| *one != first).unwrap();
    for place in ["parcel.subkey", "where.subkey"] {
        stage.otherwise.insert(place, second.clone());
    }
    hold(&stage, "custody-upload");
    hold(&stage, "custody-promote");
    assert_eq!(variable(), Some(second.clone()));
    stage.otherwise.insert("where.subkey", first.clone());
    hold(&stage, "custody-retire");
    for (_, name) in NAMES {
        assert_eq!(at(name, &first), None);
        assert!(at(name, &second).is_some());
        assert_eq!(placed(&stage, name), [(second.clone(), At::Current)]);
    }
    sent_no_more(&github, &stage);
}

#[test]
fn under_fixed_names_it_is_written_again() {
    let github = Github::start();
    let stage = stage(&github, &["workflow", "variable"]);
    let subkey = stage.subkey();
    let at = |name: &str| github.text(&format!("{SECRETS}/{name}"));
    hold(&stage, "custody-upload");
    for (_, name) in NAMES {
        assert_eq!(at(name), None);
        assert!(at(&format!("{name}_NEXT")).is_some());
    }
    hold(&stage, "custody-promote");
    for (_, name) in NAMES {
        assert_eq!(at(&format!("{name}_NEXT")), None);
        assert_eq!(placed(&stage, name), [(subkey.clone(), At::Current)]);
    }
    assert!(is_key(&at("GPG_PRIVATE_KEY").unwrap()));
    sent_no_more(&github, &stage);
}

/// Nothing but sealed boxes was sent, and all of it as it is described.
fn sent_no_more(github: &Github, stage: &Stage) {
    is_as_described(github);
    let requests = github.with(|state| state.requests.clone());
    let sent = serde_json::to_string(&requests).unwrap();
    let pass = github.with(|state| {
        let is_pass = |path: &&String| path.contains("GPG_PASSPHRASE");
        state.things.keys().find(is_pass).map(|path| state.things[path].text.clone())
    });
    assert!(!sent.contains(&pass.unwrap()), "a passphrase was sent open");
    assert!(!sent.contains("PGP PRIVATE KEY") && !sent.contains("LS0tLS1CRUdJTiBQR1Ag"), "{sent}");
    let journals = crate::support::invariants::contents(&stage.folder.join("runs"));
    assert!(!journals.is_empty());
}
