//! One file with the certificates of several owners, to which ours is added.

use super::plain::MEDIA;
use super::store::{Ask, File, Files, Kept, Layout};
use crate::domain::fingerprint::Fingerprint;
use crate::engine::target::{Door, Publication};

/// What is in the file once ours is in it, too; or why it cannot be added to.
pub(super) type Joined = fn(old: &[u8], ours: &Publication<'_>) -> Result<Vec<u8>, String>;

/// The file of that name.
pub(super) struct Shared {
    pub(super) name: String,
    pub(super) joined: Joined,
}

impl Layout for Shared {
    fn moving(&self, _: &Fingerprint, _: &[String]) -> Vec<String> {
        vec![self.name.clone()]
    }

    fn doors(&self, _: &Fingerprint, _: &[String], ask: Ask<'_>) -> Vec<Door> {
        vec![ask(&self.name).packets(true)]
    }

    fn files(&self, publication: &Publication<'_>, kept: Kept<'_>) -> Files {
        let old = kept(&self.name)?.unwrap_or_default();
        let file = |bytes| File { path: self.name.clone(), bytes, media: MEDIA, is_fixed: false };
        Ok((self.joined)(&old, publication).map(|bytes| vec![file(bytes)]))
    }
}
