//! One value with the certificates of several owners, as workers read it that
//! verify.

use super::plain::MEDIA;
use super::store::{Ask, File, Files, Kept, Layout};
use crate::adapters::openpgp::{armor_of, joined_with_others};
use crate::domain::fingerprint::Fingerprint;
use crate::engine::target::{Door, Publication};

/// The value of that name.
pub(super) struct Bundle {
    pub(super) name: String,
}

impl Layout for Bundle {
    fn moving(&self, _: &Fingerprint, _: &[String]) -> Vec<String> {
        vec![self.name.clone()]
    }

    fn doors(&self, _: &Fingerprint, _: &[String], ask: Ask<'_>) -> Vec<Door> {
        vec![ask(&self.name).packets(true)]
    }

    fn files(&self, publication: &Publication<'_>, kept: Kept<'_>) -> Files {
        let old = kept(&self.name)?.unwrap_or_default();
        let (path, media, is_fixed) = (self.name.clone(), MEDIA, false);
        let joined = joined_with_others(&old, &publication.certificate, publication.binary);
        let joined = joined.map_err(|why| format!("{why}; it is not written over"));
        let text = joined.and_then(|all| armor_of(&all).map_err(|error| error.to_string()));
        Ok(text.map(|text| vec![File { path, bytes: text.into_bytes(), media, is_fixed }]))
    }
}
