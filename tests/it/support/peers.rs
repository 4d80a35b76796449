//! Programs from elsewhere that the tests hold keyrite against. `make test`
//! puts them into `target/peers`.

use std::path::{Path, PathBuf};

/// Where that program is.
pub(crate) fn program(name: &str) -> PathBuf {
    let peers = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers/bin");
    let path = peers.join(name);
    assert!(path.exists(), "there is no {}: run make peers", path.display());
    path
}
