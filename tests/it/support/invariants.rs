//! What must hold whenever keyrite is not running, whatever ended it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use keyrite::adapters::openpgp::{holds, mend_armor, open};
use keyrite::domain::fingerprint::Fingerprint;
use keyrite::domain::keyspec::Reason;
use keyrite::domain::timestamp::Timestamp;
use serde_json::Value;

use super::hall::{Hall, names};
use super::pilot::{PASSPHRASE, passphrase};

/// What each run has, wherever it was cut off.
pub(crate) fn hold_at_any_time(hall: &Hall) {
    published_keys_are_kept_and_can_be_ended(hall);
    secrets_are_on_media_only(hall);
    for run in hall.runs() {
        // A run of which not one line was written was never begun.
        let was_begun = run["error"].as_str().is_none_or(|why| !why.contains("never begun"));
        assert!(run["state"] != "unreadable" || !was_begun, "a run is stuck: {run}");
    }
}

/// What holds once the ceremony was gone on with to its end.
pub(crate) fn hold_at_the_end(hall: &Hall, ceremony: &str) {
    hold_at_any_time(hall);
    everything_was_made_once(hall, ceremony);
    let verified = hall.run(&["audit", "verify", "--in", "team"]);
    assert_eq!(verified.code, Some(0), "I3: {verified:?}");
    let run = hall.run_of(ceremony);
    transcript_tells_every_effect(&hall.folder_of(&run));
    let before = contents(&hall.path("team"));
    let again = hall.pilot(hall.resume(&[], Some(&run)));
    assert!(again.status.success(), "I8: {again:#?}");
    assert_eq!(before, contents(&hall.path("team")), "I8: a run that is closed does nothing");
}

/// I1: whatever is in `certs/` is on two media that open, and a revocation
/// that holds is on a third.
fn published_keys_are_kept_and_can_be_ended(hall: &Hall) {
    for name in hall.certificates() {
        let fingerprint = Fingerprint::from_hex(&name).unwrap();
        for medium in ["root-a", "root-b"] {
            let path = away_or_here(&hall.medium(medium)).join("keyrite").join(&name);
            let root = fs::read(path.join("root.pgp")).unwrap();
            open(&root, &fingerprint, &passphrase()).unwrap();
        }
        let holder = hall.medium("holder-witness").join("keyrite").join(&name);
        let kept = holder.join("revocation-witness.txt");
        let revocation = mend_armor(&fs::read(kept).unwrap()).unwrap();
        let certificate = fs::read(hall.path("team/certs").join(format!("{name}.asc"))).unwrap();
        let far = Timestamp::from_unix(4_000_000_000);
        holds(&certificate, &revocation, &fingerprint, Reason::Compromised, None, far).unwrap();
    }
}

fn away_or_here(medium: &Path) -> PathBuf {
    let away = PathBuf::from(format!("{}.away", medium.display()));
    if away.exists() { away } else { medium.to_owned() }
}

/// I2: no file but those of media has the passphrase, an encrypted secret, or
/// a header of one.
fn secrets_are_on_media_only(hall: &Hall) {
    let media = hall.medium("");
    let mut needles = vec![PASSPHRASE.as_bytes().to_vec(), b"PRIVATE KEY BLOCK".to_vec()];
    for (path, bytes) in contents(&media) {
        if path.ends_with("root.pgp") && bytes.len() > 200 {
            needles.push(bytes[100..150].to_vec());
        }
    }
    for (path, bytes) in contents(&hall.path("")) {
        // Where the key was that is adopted, it is for as long as nobody removes it.
        let is_old = path.starts_with(hall.path("gnupg")) || path == hall.path("backup.asc");
        if path.starts_with(&media) || is_old {
            continue;
        }
        for needle in &needles {
            let is_there = bytes.windows(needle.len()).any(|part| part == needle);
            assert!(!is_there, "I2: {}", path.display());
        }
    }
}

/// I5: one root on each medium, one subkey, one parcel, one revocation of it.
fn everything_was_made_once(hall: &Hall, ceremony: &str) {
    let sets = |medium: &str| -> Vec<String> {
        let mut names = names(&hall.medium(medium).join("keyrite"));
        names.retain(|name| name != "medium.json");
        names
    };
    let certificates = hall.certificates();
    assert_eq!(certificates.len(), 1, "I5");
    assert_eq!(sets("root-a"), certificates, "I5: root-a");
    assert_eq!(sets("root-b"), certificates, "I5: root-b");
    assert_eq!(sets("holder-witness"), certificates, "I5: holder-witness");
    if ceremony == "lost-medium" {
        let root =
            |medium| hall.medium(medium).join("keyrite").join(&certificates[0]).join("root.pgp");
        let [lost, left, new] =
            ["root-a", "root-b", "root-c"].map(|name| fs::read(root(name)).unwrap());
        assert!(left == new && left != lost, "I5: two media under the new passphrase");
    }
    if ["root-generation", "recovery-drill", "lost-medium"].contains(&ceremony) {
        return;
    }
    let shown = hall.run(&["keys", "--json", "team/certs"]).json();
    let keys = shown["certificates"][0]["keys"].as_array().unwrap();
    let subkeys: Vec<_> = keys.iter().filter(|key| key["primary"] == false).collect();
    assert_eq!(subkeys.len(), 1, "I5: {subkeys:?}");
    let subkey = subkeys[0]["fingerprint"].as_str().unwrap();
    assert_eq!(sets("parcel"), [format!("parcel-{subkey}")], "I5: parcel");
    let kept = names(&hall.medium("subkey-holder").join("keyrite").join(&certificates[0]));
    let revocation = format!("revocation-of-subkey-{subkey}.txt");
    assert_eq!(kept, ["manifest.json".to_owned(), revocation], "I5: subkey-holder");
    let declared = fs::read_to_string(hall.path("team/keyrite.toml")).unwrap();
    assert_eq!(declared.matches(subkey).count(), 1, "I5: {declared}");
}

/// I7: the transcript has what the journal has.
fn transcript_tells_every_effect(run: &Path) {
    let transcript = fs::read_to_string(run.join("transcript.json")).unwrap();
    let done: Vec<_> = journal(run)
        .into_iter()
        .filter(|line| line["type"] == "effect-completed")
        .map(|line| line["body"]["effect"].as_str().unwrap().to_owned())
        .collect();
    assert!(done.len() > 3, "{done:?}");
    for effect in done {
        assert!(transcript.contains(&effect), "I7: {effect} is not in the transcript");
    }
}

/// The lines of a run.
pub(crate) fn journal(run: &Path) -> Vec<Value> {
    let text = fs::read_to_string(run.join("journal.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// All plain files below a folder; others may be at work in it.
pub(crate) fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for name in names(folder) {
        let path = folder.join(name);
        match fs::symlink_metadata(&path) {
            Ok(there) if there.is_dir() => all.extend(contents(&path)),
            Ok(there) if there.is_file() => all.extend(fs::read(&path).ok().map(|b| (path, b))),
            Ok(_) | Err(_) => {}
        }
    }
    all
}
