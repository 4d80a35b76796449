//! Makes the certificates of the demo anew and prints their public parts:
//! `cargo run --example demo_keyring > assets/demo/keyring.pgp`.
//!
//! The secrets are dropped at once. Fingerprints change with each run, so the
//! snapshots of screens change, too.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a tool for developers; a failure may stop it"
)]

#[path = "../tests/it/support"]
mod support {
    pub(crate) mod demo;
    #[expect(dead_code, reason = "the tests forge more than the demo shows")]
    pub(crate) mod forge;
}

use std::io::Write as _;

use sequoia_openpgp::serialize::SerializeInto as _;

fn main() {
    let mut out = std::io::stdout().lock();
    for cert in support::demo::certificates() {
        out.write_all(&cert.strip_secret_key_material().to_vec().unwrap()).unwrap();
    }
}
