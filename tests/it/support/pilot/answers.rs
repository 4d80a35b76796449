//! What each question of each ceremony is answered with.

use super::Stage;

impl Stage {
    /// What a question is answered with.
    pub(crate) fn answer(&self, ceremony: &str, place: &str, field: &str, offer: &str) -> String {
        let medium = |name: &str| self.medium(name).to_str().unwrap().to_owned();
        let item = place.split_once('@').map_or("", |(_, item)| item);
        if let Some(said) = self.otherwise.get(&*format!("{place}.{field}")) {
            return said.clone();
        }
        match (place.split('@').next().unwrap(), field) {
            ("kept", "holder") => "driver".to_owned(),
            ("wish", "why") => "TEST a suspicion".to_owned(),
            ("by-hand", "done") => "nothing".to_owned(),
            ("published", "since") => "2026-01-31".to_owned(),
            ("parcel", "parcel") if ceremony == "custody-retire" => "destroyed".to_owned(),
            (_, "witness" | "holder") => "witness".to_owned(),
            (_, "algorithm") => "ed25519".to_owned(),
            (_, "user_ids") => "TEST Releases <release@test.example>".to_owned(),
            (_, "ends") if ceremony == "root-generation" => "2y".to_owned(),
            ("spec", "ends") if ceremony == "expiry-extension" => "30m".to_owned(),
            ("signer", "ends") => "180d".to_owned(),
            ("signer", "file") => self.parcel(item),
            (_, "ends") => "90d".to_owned(),
            ("source", "exposed") => "never".to_owned(),
            // GnuPG takes its time to export a key: that has its own test.
            ("source", "path") => self.export().to_str().unwrap().to_owned(),
            ("source", "fingerprint") => self.old_home().fingerprint,
            ("source", "places") => self.old_home().path.to_str().unwrap().to_owned(),
            // The trial in GnuPG has its own test.
            ("spec", "form") if ceremony == "root-adoption" => "public-primary".to_owned(),
            ("lost", "medium") => self.id_of("root-a"),
            ("media", "new") => medium("root-c"),
            ("media", "a") | (_, "root") => medium("root-a"),
            ("media", "b" | "left") | ("second", "path") => medium("root-b"),
            ("holders", "people") => "driver, witness".to_owned(),
            ("holder-medium", "path") => medium(&format!("holder-{item}")),
            (_, "certificate") => self.certificate(),
            (_, "subkey" | "signers") => self.subkey(),
            (_, "consumer") => "ci-test".to_owned(),
            (_, "recipients" | "message") | ("told", "second") => String::new(),
            (_, "parcel") | ("parcel" | "again", "medium") => medium("parcel"),
            (_, "holder_medium") => medium("subkey-holder"),
            (_, "second") => "yes".to_owned(),
            (_, "fate") => "replaced".to_owned(),
            ("way", _) => "kept".to_owned(),
            (_, "reason") => "retired".to_owned(),
            ("kept", "file") => {
                let (folder, name) = match ceremony {
                    "subkey-revocation" => {
                        let name = format!("revocation-of-subkey-{}.txt", self.subkey());
                        ("subkey-holder", name)
                    }
                    _ => ("holder-witness", "revocation-witness.txt".to_owned()),
                };
                format!("{}/keyrite/{}/{name}", medium(folder), self.certificate())
            }
            ("export", "path") => medium("transfer"),
            (_, "again") => "2027-06-01".to_owned(),
            (_, number) if number.ends_with("number") => "0042".to_owned(),
            (_, "revocation") => "yes".to_owned(),
            (_, "by" | "notice" | "nonce" | "machine" | "old" | "decision") => "TEST".to_owned(),
            ("received", "location") => format!("HOME-{item}"),
            (_, "b_location" | "new_location") => "VAULT-8".to_owned(),
            (_, location) if location.ends_with("location") => "VAULT-7".to_owned(),
            _ => offer.to_owned(),
        }
    }
}
