//! `build_cache/_pgp`.

use super::super::store::{Ask, File, Files, Kept, Layout};
use super::{names, with_key};
use crate::domain::fingerprint::Fingerprint;
use crate::engine::target::{Door, Publication};

const INDEX: &str = "build_cache/_pgp/index.json";

/// The layout of Spack before 1.0.
pub(in super::super) struct V2;

fn key(certificate: &Fingerprint) -> String {
    format!("build_cache/_pgp/{}.pub", certificate.hex())
}

impl Layout for V2 {
    fn moving(&self, certificate: &Fingerprint, _: &[String]) -> Vec<String> {
        vec![key(certificate), INDEX.to_owned()]
    }

    fn doors(&self, certificate: &Fingerprint, _: &[String], ask: Ask<'_>) -> Vec<Door> {
        let index = ask(INDEX).beside(|bytes| names(&bytes, certificate));
        vec![ask(&key(certificate)).packets(false), index]
    }

    fn files(&self, publication: &Publication<'_>, kept: Kept<'_>) -> Files {
        let index = match with_key(kept(INDEX)?.as_deref(), &publication.certificate) {
            Ok(index) => index,
            Err(why) => return Ok(Err(why)),
        };
        let file = |path, bytes, media| File { path, bytes, media, is_fixed: false };
        // The key before the index: what the index names is there.
        Ok(Ok(vec![
            file(
                key(&publication.certificate),
                publication.armored.to_vec(),
                "binary/octet-stream",
            ),
            file(INDEX.to_owned(), index, "application/json"),
        ]))
    }
}
