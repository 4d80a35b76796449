//! Certificates that nobody here made: from Debian packages and from the
//! source packages of the dependencies, read in place.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::tree;

/// The keyrings of the Debian packages that `make test` installs.
pub(crate) fn debian_keyrings() -> Vec<PathBuf> {
    let folder = Path::new("/usr/share/keyrings");
    let mut keyrings: Vec<_> = std::fs::read_dir(folder)
        .unwrap_or_else(|e| panic!("{}: {e}; {INSTALL}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.file_name().unwrap().to_string_lossy().starts_with("debian-")
                && path.extension().is_some_and(|extension| extension == "gpg")
        })
        .collect();
    keyrings.sort();
    for needed in ["debian-keyring.gpg", "debian-archive-keyring.gpg"] {
        assert!(keyrings.iter().any(|path| path.ends_with(needed)), "no {needed}; {INSTALL}");
    }
    keyrings
}

const INSTALL: &str = "apt-get install debian-keyring debian-archive-keyring gnupg";

/// Every file under the test data of the source packages of `sequoia-openpgp`
/// and `pgp`.
pub(crate) fn foreign_files() -> &'static [PathBuf] {
    static FILES: OnceLock<Vec<PathBuf>> = OnceLock::new();
    FILES.get_or_init(|| {
        let mut files = tree::files(&package_folder("sequoia-openpgp").join("tests/data"));
        files.extend(tree::files(&package_folder("pgp").join("tests")));
        assert!(files.len() > 850, "the corpora have shrunk to {} files", files.len());
        files
    })
}

/// The folder of a dependency's source package.
pub(crate) fn package_folder(name: &str) -> PathBuf {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--locked"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let manifest = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .find(|package| package["name"] == name)
        .unwrap_or_else(|| panic!("{name} is not a dependency"))["manifest_path"]
        .as_str()
        .unwrap()
        .to_owned();
    Path::new(&manifest).parent().unwrap().to_owned()
}
