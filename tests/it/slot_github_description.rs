//! What is asked of GitHub is what GitHub describes.

use serde_json::{Value as Json, json};

use crate::slot_github::{REPOSITORY, open};
use crate::support::github::Github;
use crate::support::github_description::{faults, is_as_described};
use crate::support::slots::{NAMES, promote, put};

#[test]
fn a_request_that_is_not_described_is_found() {
    let github = Github::start();
    let open = &|| open(&github, REPOSITORY, &[("variable", "GPG_SUBKEY")]);
    let version = put(open, NAMES[0], 'A', "one").unwrap();
    promote(open, NAMES[1], 'A', &version, "one").unwrap();
    is_as_described(&github);
    let requests = github.with(|state| state.requests.clone());
    let put = requests.iter().find(|one| one["method"] == "PUT").unwrap();
    let get = requests.iter().find(|one| one["method"] == "GET").unwrap();
    let changed = |request: &Json, pointer: &str, value: Json| {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let mut request = request.clone();
        match request.pointer_mut(parent).unwrap() {
            Json::Array(all) => all[name.parse::<usize>().unwrap()] = value,
            other => other[name] = value,
        }
        request
    };
    for (request, words) in [
        (changed(put, "/body/encrypted_value", json!("no base64!")), "encrypted_value"),
        (changed(put, "/body/key_id", json!(7)), "key_id"),
        (changed(put, "/body/secret", json!("x")), "it knows no ['secret']"),
        (changed(put, "/body", Json::Null), "it needs a body"),
        (changed(put, "/method", json!("POST")), "no such request"),
        (changed(put, "/path/4", json!("secret")), "no such request"),
        (changed(get, "/query/colour", json!("red")), "it has no ['colour']"),
        (changed(get, "/body", json!({})), "it takes no body"),
    ] {
        let found = faults(std::slice::from_ref(&request));
        assert!(found.len() == 1 && found[0].contains(words), "{request}: {found:?}");
    }
}
