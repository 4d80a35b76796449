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

/// The package of which nothing but the test data is used: it is not built.
const SQ: &str = "sequoia-sq";
const SQ_VERSION: &str = "1.5.0";

/// The lint cases of `sq`, from its source package.
pub(crate) fn sq_lint_cases() -> Vec<PathBuf> {
    // Cargo unpacks all packages of a registry beside each other.
    let folder = package_folder("sequoia-openpgp").with_file_name(format!("{SQ}-{SQ_VERSION}"));
    if !folder.is_dir() {
        // This downloads the one package, checks its digest and unpacks it.
        let elsewhere = tempfile::tempdir().unwrap();
        let output = Command::new(env!("CARGO"))
            .args(["info", "--quiet", &format!("{SQ}@{SQ_VERSION}")])
            .current_dir(elsewhere.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(folder.is_dir(), "{SQ} {SQ_VERSION} cannot be fetched: {said}");
    }
    tree::files(&folder.join("tests/data/cert-lint"))
}

/// The folder of a dependency's source package.
pub(crate) fn package_folder(name: &str) -> PathBuf {
    let cargo = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO"));
        let output = command.args(words).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output
    };
    let version = String::from_utf8(cargo(&["-vV"]).stdout).unwrap();
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    // What other systems need was never fetched.
    let words = ["metadata", "--format-version", "1", "--offline", "--locked", "--filter-platform"];
    let output = cargo(&[&words[..], &[host]].concat());
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
