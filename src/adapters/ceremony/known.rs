//! The media of a root, as the runs of a workspace know them.

use std::path::Path;

use crate::adapters::runs;
use crate::domain::custody::{Copy, Held};
use crate::domain::fingerprint::Fingerprint;

/// A medium to which the primary key was written.
pub(super) struct KnownMedium {
    /// Its random name.
    pub(super) id: String,
    copy: Copy,
}

impl KnownMedium {
    /// Where it is kept, in words.
    pub(super) fn kept(&self) -> String {
        match (self.copy.number.as_str(), self.copy.location.as_str()) {
            ("", "") => "nobody has said where".to_owned(),
            (number, location) => format!("at {location}, in the bag {number}"),
        }
    }
}

/// All media on which a ceremony has proved the primary key, by their names.
pub(super) fn known_roots(workspace: &Path, fingerprint: &Fingerprint) -> Vec<KnownMedium> {
    let register = runs::register(workspace);
    let copies = register.of(Held::Root, fingerprint).cloned();
    copies.map(|copy| KnownMedium { id: copy.medium.as_str().to_owned(), copy }).collect()
}
