//! Manifests that name blobs by their digests.

use serde_json::Value as Json;

use super::super::plain::MEDIA;
use super::super::store::{Ask, Asked, File, Files, Kept, Layout};
use super::{names, with_key};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;
use crate::engine::chain::Digest;
use crate::engine::place::PlaceError;
use crate::engine::target::{Door, Found, Publication};

const INDEX: &str = "v3/manifests/key/keys.manifest.json";
const LAYOUT: &str = "v3/layout.json";
const JSON: &str = "application/json";
const INDEX_MEDIA: &str = "application/vnd.spack.keyindex.v1+json";

/// The layout of Spack since 1.0.
pub(in super::super) struct V3;

fn manifest_path(certificate: &Fingerprint) -> String {
    format!("v3/manifests/key/{}.key.manifest.json", certificate.hex())
}

fn blob_path(digest: &str) -> Option<String> {
    let is_digest = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_digest.then(|| format!("blobs/sha256/{}/{digest}", digest.get(..2).unwrap_or_default()))
}

/// A blob, and the manifest that names it.
fn blob(bytes: Vec<u8>, media: &'static str, manifest: String) -> [File; 2] {
    let digest = Digest::of(&bytes).hex();
    // One item on a line, in Spack's own order.
    let text = format!(
        "{{\n\"version\":3,\n\"data\":[\n{{\n\"contentLength\":{},\n\"mediaType\":\"{media}\",\n\
         \"compression\":\"none\",\n\"checksumAlgorithm\":\"sha256\",\n\"checksum\":\"{digest}\"\n}}\n]\n}}",
        bytes.len()
    );
    let text = text.into_bytes();
    [
        File { path: blob_path(&digest).unwrap_or_default(), bytes, media, is_fixed: true },
        File { path: manifest, bytes: text, media: JSON, is_fixed: false },
    ]
}

/// The path of the blob that a manifest names first, as Spack takes it.
fn named(manifest: &[u8]) -> Result<(String, String), String> {
    let manifest: Json = serde_json::from_slice(manifest).map_err(|error| error.to_string())?;
    let digest = manifest.pointer("/data/0/checksum").and_then(Json::as_str).unwrap_or_default();
    let path = blob_path(digest).ok_or("it names no blob")?;
    Ok((path, digest.to_owned()))
}

/// What a user gets who follows a manifest.
fn follow(manifest: &str, ask: Ask<'_>) -> Asked {
    let first = ask(manifest);
    let Ok(Some(bytes)) = &first.got else { return first };
    let wrong = |why: String| Err(VisibleText::from_text(&format!("its manifest: {why}")));
    match named(bytes) {
        Err(why) => Asked { got: wrong(why), ..first },
        Ok((path, digest)) => {
            let found = ask(&path);
            match &found.got {
                Ok(Some(bytes)) if Digest::of(bytes).hex() != digest => {
                    Asked { got: wrong("its blob has another digest".to_owned()), ..found }
                }
                _ => found,
            }
        }
    }
}

fn old_index(kept: Kept<'_>) -> Result<Result<Option<Vec<u8>>, String>, PlaceError> {
    let Some(manifest) = kept(INDEX)? else { return Ok(Ok(None)) };
    match named(&manifest) {
        Err(why) => Ok(Err(format!("{INDEX}: {why}"))),
        Ok((path, _)) => Ok(kept(&path)?.map(Some).ok_or(format!("{INDEX}: its blob is gone"))),
    }
}

impl Layout for V3 {
    fn moving(&self, certificate: &Fingerprint, _: &[String]) -> Vec<String> {
        vec![manifest_path(certificate), INDEX.to_owned(), LAYOUT.to_owned()]
    }

    fn doors(&self, certificate: &Fingerprint, _: &[String], ask: Ask<'_>) -> Vec<Door> {
        let index = follow(INDEX, ask).beside(|bytes| names(&bytes, certificate));
        let layout = ask(LAYOUT).beside(|bytes| match serde_json::from_slice::<Json>(&bytes) {
            Ok(layout) if layout.get("signing").and_then(Json::as_str) == Some("gpg") => {
                Found::Right
            }
            Ok(_) | Err(_) => Found::Wrong("the mirror does not say that gpg signs".to_owned()),
        });
        vec![follow(&manifest_path(certificate), ask).packets(false), index, layout]
    }

    fn files(&self, publication: &Publication<'_>, kept: Kept<'_>) -> Files {
        let old = match old_index(kept)? {
            Ok(old) => old,
            Err(why) => return Ok(Err(why)),
        };
        let index = match with_key(old.as_deref(), &publication.certificate) {
            Ok(index) => index,
            Err(why) => return Ok(Err(why)),
        };
        let manifest = manifest_path(&publication.certificate);
        let mut files = Vec::from(blob(publication.armored.to_vec(), MEDIA, manifest));
        files.extend(blob(index, INDEX_MEDIA, INDEX.to_owned()));
        // What somebody else says there stays, and is told by its door.
        let bytes = kept(LAYOUT)?.unwrap_or_else(|| b"{\"signing\": \"gpg\"}".to_vec());
        let path = LAYOUT.to_owned();
        files.push(File { path, bytes, media: JSON, is_fixed: false });
        Ok(Ok(files))
    }
}
