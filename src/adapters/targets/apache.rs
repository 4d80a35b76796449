//! Apache's `KEYS` file: the certificates of all who ever signed a release,
//! one after the other. It only grows.

use super::plain::MEDIA;
use super::store::{Ask, File, Files, Kept, Layout};
use crate::adapters::openpgp::{components_of, served};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::publication::Served;
use crate::engine::target::{Door, Publication};

/// The file of that name.
pub(super) struct Apache {
    pub(super) name: String,
}

impl Layout for Apache {
    fn moving(&self, _: &Fingerprint, _: &[String]) -> Vec<String> {
        vec![self.name.clone()]
    }

    fn doors(&self, _: &Fingerprint, _: &[String], ask: Ask<'_>) -> Vec<Door> {
        vec![ask(&self.name).packets(true)]
    }

    fn files(&self, publication: &Publication<'_>, kept: Kept<'_>) -> Files {
        let old = kept(&self.name)?.unwrap_or_default();
        let (path, media, is_fixed) = (self.name.clone(), MEDIA, false);
        let file = |bytes| Ok(Ok(vec![File { path, bytes, media, is_fixed }]));
        let new = match components_of(publication.armored) {
            Ok(new) => new,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let is_there = match served(&old, &publication.certificate, true) {
            Served::Certificate(there) => new.lacking_in(&there).next().is_none(),
            Served::Unreadable(why) => return Ok(Err(why.into_string())),
            Served::Nothing | Served::Other(_) | Served::Unreachable(_) => false,
        };
        if is_there {
            return file(old);
        }
        let mut bytes = old;
        if !bytes.is_empty() {
            bytes.extend_from_slice(if bytes.ends_with(b"\n") { b"\n" } else { b"\n\n" });
        }
        let head = format!("pub   {}\n", publication.certificate.grouped());
        bytes.extend_from_slice(head.as_bytes());
        for id in publication.user_ids {
            bytes.extend_from_slice(format!("uid   {id}\n").as_bytes());
        }
        bytes.extend_from_slice(b"\n");
        bytes.extend_from_slice(publication.armored);
        file(bytes)
    }
}
