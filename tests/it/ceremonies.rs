//! Whole ceremonies, from the first question to the transcript.

use std::fs;

use crate::support::pilot::Stage;

#[test]
fn a_root_a_revocation_set_and_a_subkey_are_made_and_revoked() {
    let stage = Stage::new();
    for id in [
        "root-generation",
        "revocation-set",
        "subkey-issuance",
        "subkey-revocation",
        "certificate-revocation",
    ] {
        let runner = stage.hold(id);
        let folder = stage.folder.join("runs").join(runner.journal().run());
        let transcript = fs::read_to_string(folder.join("transcript.md")).unwrap();
        assert!(transcript.contains("REHEARSAL"), "{transcript}");
        println!("{transcript}");
    }
}
