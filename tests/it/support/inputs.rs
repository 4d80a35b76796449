//! Small certificates as files, and what `keyrite keys --json` says of them.

use std::path::Path;

use sequoia_openpgp::Cert;
use sequoia_openpgp::serialize::SerializeInto as _;

use super::forge::{KeySpec, certificate};
use super::program::Program;

pub(crate) fn cert(name: &str) -> Cert {
    certificate(
        &[&format!("{name} (TEST) <{name}@example.org>")],
        &KeySpec::new("C", "2025-01-01", Some("2030-01-01")),
        &[KeySpec::new("S", "2025-01-01", Some("2029-01-01"))],
    )
}

pub(crate) fn public(cert: &Cert) -> Vec<u8> {
    cert.clone().strip_secret_key_material().to_vec().unwrap()
}

pub(crate) fn armored(cert: &Cert) -> Vec<u8> {
    cert.clone().strip_secret_key_material().armored().to_vec().unwrap()
}

pub(crate) fn fingerprints(document: &serde_json::Value) -> Vec<String> {
    let list = document["certificates"].as_array().unwrap();
    list.iter().map(|c| c["fingerprint"].as_str().unwrap().to_owned()).collect()
}

pub(crate) fn reasons(document: &serde_json::Value) -> Vec<String> {
    let list = document["rejected"].as_array().unwrap();
    list.iter().map(|r| r["reason"].as_str().unwrap().to_owned()).collect()
}

/// Runs `keys --json` on paths.
pub(crate) fn keys(program: &Program, paths: &[&Path]) -> (Option<i32>, serde_json::Value) {
    let mut arguments = vec!["keys".into(), "--json".into()];
    arguments.extend(paths.iter().map(|path| path.as_os_str().to_owned()));
    let outcome = program.run(&arguments);
    (outcome.code, outcome.json())
}
