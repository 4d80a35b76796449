//! States and expiries against `gpg`, on real keyrings.
//!
//! The kinds of disagreement, with their reasons, are those of
//! `docs/reference/validity.md`. Anything else is a failure.

use std::collections::BTreeMap;

use keyrite::domain::timestamp::Timestamp;

use crate::support::corpus;
use crate::support::gpg::Gpg;
use crate::support::program::Program;

/// What `gpg --with-colons` says of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Theirs {
    validity: String,
    expires: Option<i64>,
}

fn theirs(gpg: &Gpg) -> BTreeMap<String, Vec<Theirs>> {
    let keyrings = corpus::debian_keyrings();
    let mut arguments = vec!["--with-colons", "--show-keys"];
    arguments.extend(keyrings.iter().map(|path| path.to_str().unwrap()));
    let mut keys: BTreeMap<String, Vec<Theirs>> = BTreeMap::new();
    let mut last = None;
    for line in gpg.lines(&arguments) {
        let fields: Vec<_> = line.split(':').collect();
        match fields[0] {
            "pub" | "sub" => {
                last = Some(Theirs {
                    validity: fields[1].to_owned(),
                    expires: fields[6].parse().ok(),
                });
            }
            "fpr" => {
                if let Some(key) = last.take() {
                    keys.entry(fields[9].to_owned()).or_default().push(key);
                }
            }
            _ => {}
        }
    }
    keys
}

/// The kind of a disagreement about the state, if it is a known one.
fn kind_of_state(state: &str, validity: &str, reasons: &[String]) -> Option<&'static str> {
    let says = |words: &str| reasons.iter().any(|reason| reason.contains(words));
    match (state, validity) {
        ("invalid", _) if says("policy: ") => Some("cut-off"),
        ("invalid", _) if says("no good self-signature") => Some("back signature"),
        ("expired" | "valid", "r") => Some("revocation taken back"),
        _ => None,
    }
}

#[test]
fn states_and_expiries_agree_with_gpg_or_differ_for_a_listed_reason() {
    let gpg = Gpg::new();
    let theirs = theirs(&gpg);
    let keyrings = corpus::debian_keyrings();
    let mut arguments = vec!["keys".to_owned(), "--json".to_owned()];
    arguments.extend(keyrings.iter().map(|path| path.to_str().unwrap().to_owned()));
    let document = Program::new().run(&arguments).json();
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    let mut agreed = 0;
    let mut unexplained = Vec::new();
    for certificate in document["certificates"].as_array().unwrap() {
        for key in certificate["keys"].as_array().unwrap() {
            let fingerprint = key["fingerprint"].as_str().unwrap();
            let state = key["state"].as_str().unwrap();
            let reasons: Vec<String> = key["reasons"]
                .as_array()
                .unwrap()
                .iter()
                .map(|reason| reason.as_str().unwrap().to_owned())
                .collect();
            let Some(theirs) = theirs.get(fingerprint) else {
                unexplained.push(format!("{fingerprint}: gpg does not list it"));
                continue;
            };
            let wanted = match state {
                "valid" => "-",
                "expired" => "e",
                "revoked" => "r",
                "not_yet_valid" => "n",
                _ => "i",
            };
            if theirs.iter().any(|theirs| theirs.validity == wanted) {
                agreed += 1;
            } else {
                match kind_of_state(state, &theirs[0].validity, &reasons) {
                    Some(kind) => *kinds.entry(kind).or_default() += 1,
                    None => unexplained.push(format!("{key} {theirs:?}")),
                }
            }
            let instants = ["expires", "effective_expires"].map(|field| {
                key[field].as_str().map(|text| Timestamp::parse(text).unwrap().unix())
            });
            if !theirs.iter().any(|theirs| instants.contains(&theirs.expires)) {
                // gpg takes the newest self-signature of any user ID; the
                // standard says: that of the primary one.
                if key["primary"].as_bool().unwrap() {
                    *kinds.entry("primary user ID").or_default() += 1;
                } else if reasons.iter().any(|reason| reason.contains("no good self-signature")) {
                    *kinds.entry("back signature").or_default() += 1;
                } else {
                    unexplained.push(format!("expiry: {key} {theirs:?}"));
                }
            }
        }
    }
    println!("{agreed} agree; {kinds:?}");
    assert!(unexplained.is_empty(), "{}: {unexplained:#?}", unexplained.len());
    assert!(agreed > 3_000, "{agreed}");
    // A kind that no longer occurs has no place in the documentation.
    let documented = ["cut-off", "back signature", "revocation taken back", "primary user ID"];
    assert!(documented.iter().all(|kind| kinds.contains_key(kind)), "{kinds:?}");
}
