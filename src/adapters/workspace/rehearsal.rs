//! A workspace for rehearsals: two people, and folders that stand for media.

use std::path::{Path, PathBuf};

use super::create::create;
use super::edit::append;
use super::template::Founding;
use super::{WorkspaceError, read, visible};
use crate::adapters::durable::make_folder;
use crate::domain::workspace::Environment;

/// The folders that stand for media: each person has one.
const MEDIA: [&str; 8] = [
    "root-a",
    "root-b",
    "root-c",
    "holder-driver",
    "holder-witness",
    "parcel",
    "subkey-holder",
    "transfer",
];

/// The people of a rehearsal. They are not real, and neither is their trust.
const PEOPLE: &str = "\
[[people]]
id = \"driver\"
name = \"TEST Driver\"
roles = [\"administrator\", \"key-holder\", \"online-operator\", \"revocation-holder\"]

[[people]]
id = \"witness\"
name = \"TEST Witness\"
roles = [\"witness\", \"revocation-holder\", \"reviewer\"]
";

/// Makes it in a folder that is not there yet; returns the folders for media.
pub fn create_rehearsal(folder: &Path, profile: &str) -> Result<Vec<PathBuf>, WorkspaceError> {
    let founding = Founding {
        name: "Rehearsal",
        environment: Environment::Rehearsal,
        profile,
        adopted: Vec::new(),
        targets: &[],
    };
    create(folder, &founding)?;
    let seen = read(folder)?;
    append(folder, &seen.text, PEOPLE)?;
    let media = folder.join("media");
    let unwritable = |path: &Path, error: &std::io::Error| WorkspaceError::Unwritable {
        path: visible(path),
        message: error.to_string(),
    };
    make_folder(&media).map_err(|error| unwritable(&media, &error))?;
    let mut made = Vec::new();
    for name in MEDIA {
        let path = media.join(name);
        make_folder(&path).map_err(|error| unwritable(&path, &error))?;
        made.push(path);
    }
    Ok(made)
}
