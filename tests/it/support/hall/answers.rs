//! What each prompt of each ceremony is answered with.

use std::fs;
use std::path::Path;

use super::Hall;
use super::Prompt;

impl Hall {
    /// What a prompt is usually answered with.
    pub(crate) fn answer(&self, prompt: &Prompt) -> String {
        let label = prompt.label.as_str();
        let said = prompt.said.replace('\n', " ");
        // Lines break between words.
        let words = prompt.said.split_whitespace().collect::<Vec<_>>().join(" ");
        let asks = |text: &str| words.contains(text);
        if let Some(path) = between(&said, "unmount ", " and take it out") {
            swap(path, &format!("{path}.away"));
        }
        if let Some(path) = between(&said, "and mount it at ", " (a folder") {
            swap(&format!("{path}.away"), path);
        }
        if label.contains("Enter ") || label.ends_with("Enter") {
            return String::new();
        }
        if label.contains(", by ") {
            let (first, second) = prompt.subject.split_at(prompt.subject.len() / 2);
            return match label.split(',').next().unwrap() {
                "the name of the place" => prompt.place.clone(),
                word if word.starts_with("the word '") => prompt.subject.clone(),
                "its last eight digits" => prompt.subject[prompt.subject.len() - 8..].to_owned(),
                "its first half" => first.to_owned(),
                _ => second.to_owned(),
            };
        }
        let medium = |name: &str| self.medium(name).to_str().unwrap().to_owned();
        match label.split(' ').next().unwrap() {
            "exposed" => "never".to_owned(),
            "why" => "TEST a suspicion".to_owned(),
            "done" => "nothing".to_owned(),
            "fate" => "replaced".to_owned(),
            "path" if prompt.said.contains("Where the key is now") => {
                self.path("gnupg").to_str().unwrap().to_owned()
            }
            "fingerprint" => self.old_home().fingerprint,
            "places" => self.path("backup.asc").to_str().unwrap().to_owned(),
            "holder" if asks("keeps the medium with the parcel") => "driver".to_owned(),
            "witness" | "people" | "holder" => "witness".to_owned(),
            "algorithm" => "ed25519".to_owned(),
            "user_ids" => "TEST Releases <release@test.example>".to_owned(),
            "root" if asks("Fetch the medium") => self.drawn(),
            "medium" if asks("Medium with the parcel") => medium("parcel"),
            "medium" => self.id_of("root-a"),
            "slots" => "slot-key, slot-passphrase".to_owned(),
            "how" => "missing".to_owned(),
            "left" if asks("The medium that is left") => medium("root-b"),
            "new" => medium("root-c"),
            "a" | "root" => medium("root-a"),
            "b" => medium("root-b"),
            "path" if asks("The other medium") => medium("root-b"),
            "path" if asks("Medium for the revoked") => medium("transfer"),
            "way" => "made".to_owned(),
            "reason" => "retired".to_owned(),
            "path" => medium("holder-witness"),
            "certificate" => self.certificates()[0].clone(),
            "consumer" => "ci-test".to_owned(),
            "parcel" if asks("The parcel of this subkey") => "destroyed".to_owned(),
            "parcel" => medium("parcel"),
            "holder_medium" => medium("subkey-holder"),
            "second" if asks("Where the fingerprint stands") => String::new(),
            "second" => "yes".to_owned(),
            "ends" if asks("its end can be put off") => "2y".to_owned(),
            "ends" if asks("Until when this subkey") => "180d".to_owned(),
            "ends" if asks("Until when the primary") => "30m".to_owned(),
            "ends" if asks("primary key must outlive") => "90d".to_owned(),
            "signers" | "subkey" => self.subkey(),
            "file" if asks("Where its secret is") => {
                let (folder, subkey) = (medium("parcel"), self.subkey());
                format!("{folder}/keyrite/parcel-{subkey}/{subkey}.key.pgp")
            }
            "by" | "notice" | "nonce" | "machine" | "old" => "TEST".to_owned(),
            "again" => "2027-06-01".to_owned(),
            "since" => "2026-01-31".to_owned(),
            number if number.ends_with("number") => "0042".to_owned(),
            "b_location" | "new_location" => "VAULT-8".to_owned(),
            location if location.ends_with("location") => "VAULT-7".to_owned(),
            // What is offered.
            _ => String::new(),
        }
    }
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.split_once(before)?.1.split_once(after).map(|(between, _)| between)
}

fn swap(from: &str, to: &str) {
    if Path::new(from).exists() {
        fs::rename(from, to).unwrap();
    }
}
