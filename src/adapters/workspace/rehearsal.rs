//! A workspace for rehearsals: two people, and folders that stand for media.

use std::fmt::Write as _;
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

/// The folders that stand for slots, and what is in them: the first new
/// consumer has them.
const SLOTS: [(&str, &str); 2] = [("slot-key", "key"), ("slot-passphrase", "passphrase")];

/// The folder that stands for the web.
const PUBLISHED: &str = "published";

/// Where certificates are published: files, and a file to which is only added.
const TARGETS: [(&str, &str, &str, bool); 2] = [
    ("files", "directory", PUBLISHED, true),
    ("keys-file", "apache-keys", "published/KEYS", false),
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
    let unwritable = |path: &Path, error: &std::io::Error| WorkspaceError::Unwritable {
        path: visible(path),
        message: error.to_string(),
    };
    let media = folder.join("media");
    let mut tables = PEOPLE.to_owned();
    for (id, content) in SLOTS {
        let _ = write!(
            tables,
            "\n[[slots]]\nid = \"{id}\"\nkind = \"directory\"\nplace = \"media/{id}\"\n\
             content = \"{content}\"\nreaders = [{{ who = \"TEST\" }}]\n"
        );
    }
    for (id, kind, place, blocking) in TARGETS {
        let _ = write!(
            tables,
            "\n[[targets]]\nid = \"{id}\"\nkind = \"{kind}\"\nplace = \"{place}\"\n\
             blocking = {blocking}\n"
        );
    }
    let seen = read(folder)?;
    append(folder, &seen.text, &tables)?;
    make_folder(&media).map_err(|error| unwritable(&media, &error))?;
    let published = folder.join(PUBLISHED);
    make_folder(&published).map_err(|error| unwritable(&published, &error))?;
    let mut made = Vec::new();
    for name in MEDIA.into_iter().chain(SLOTS.map(|(id, _)| id)) {
        let path = media.join(name);
        make_folder(&path).map_err(|error| unwritable(&path, &error))?;
        made.push(path);
    }
    Ok(made)
}
