//! A Web Key Directory: mail programs and gpg find a certificate by an
//! address in it.

use openssl::sha::sha1;

use super::store::{Ask, Asked, File, Files, Kept, Layout};
use crate::adapters::openpgp::joined_with_others;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;
use crate::engine::target::{Door, Found, Publication};

/// The media type that the draft wants.
const MEDIA: &str = "application/octet-stream";
/// The alphabet of z-base-32.
const ALPHABET: &[u8; 32] = b"ybndrfg8ejkmcpqxot1uwisza345h769";

/// The directory of a domain.
pub(super) struct Wkd {
    /// The domain of the addresses.
    pub(super) domain: String,
    /// Whether it lies on a host of its own (`openpgpkey.DOMAIN`).
    pub(super) is_advanced: bool,
}

impl Wkd {
    fn folder(&self) -> String {
        let own = ".well-known/openpgpkey";
        if self.is_advanced { format!("{own}/{}", self.domain) } else { own.to_owned() }
    }

    fn policy(&self) -> String {
        format!("{}/policy", self.folder())
    }

    /// The file of an address; absent where it is of another domain.
    fn path(&self, address: &str) -> Option<String> {
        let (local, domain) = address.rsplit_once('@')?;
        if !domain.eq_ignore_ascii_case(&self.domain) {
            return None;
        }
        let digest = sha1(local.to_ascii_lowercase().as_bytes());
        Some(format!("{}/hu/{}", self.folder(), zbase32(&digest)))
    }
}

/// Twenty bytes are 32 digits of five bits each.
fn zbase32(bytes: &[u8; 20]) -> String {
    let bit =
        |index: usize| bytes.get(index / 8).is_some_and(|byte| byte & (0x80 >> (index % 8)) != 0);
    let digit = |index: usize| (0..5).fold(0, |sum, at| sum * 2 + usize::from(bit(index * 5 + at)));
    let letter = |index| ALPHABET.get(digit(index)).copied().map_or('y', char::from);
    (0..32).map(letter).collect()
}

/// What a client makes of the file of an address: the packets alone, of the
/// media type of the draft.
fn file_doors(asked: Asked) -> Vec<Door> {
    let mut doors = Vec::new();
    if let Some(media) = asked.media.as_deref().filter(|_| matches!(asked.got, Ok(Some(_)))) {
        let found = if media.split(';').next().is_some_and(|media| media.trim() == MEDIA) {
            Found::Right
        } else {
            let media = VisibleText::from_text(media);
            Found::Wrong(format!("it is served as '{media}', and should be as {MEDIA}"))
        };
        doors.push(Door::new(format!("the media type of {}", asked.name), found));
    }
    let is_armored = matches!(&asked.got, Ok(Some(bytes)) if bytes.starts_with(b"-----BEGIN"));
    if is_armored {
        let found = Found::Wrong("it is armored: clients want the packets alone".to_owned());
        doors.push(Door::new(format!("the form of {}", asked.name), found));
    }
    doors.insert(0, asked.packets(true));
    doors
}

impl Layout for Wkd {
    fn moving(&self, _: &Fingerprint, addresses: &[String]) -> Vec<String> {
        addresses.iter().filter_map(|address| self.path(address)).collect()
    }

    fn doors(&self, of: &Fingerprint, addresses: &[String], ask: Ask<'_>) -> Vec<Door> {
        let paths = self.moving(of, addresses);
        let mut doors: Vec<_> = paths.iter().flat_map(|path| file_doors(ask(path))).collect();
        if paths.is_empty() {
            let name = format!("an address of {}", self.domain);
            doors.push(Door::new(name, Found::Nothing));
        }
        doors.push(ask(&self.policy()).beside(|_| Found::Right));
        doors
    }

    fn files(&self, publication: &Publication<'_>, kept: Kept<'_>) -> Files {
        let mut files = Vec::new();
        for path in self.moving(&publication.certificate, publication.addresses) {
            let old = kept(&path)?.unwrap_or_default();
            match joined_with_others(&old, &publication.certificate, publication.binary) {
                Ok(bytes) => files.push(File { path, bytes, media: MEDIA, is_fixed: false }),
                Err(why) => return Ok(Err(format!("{path}: {why}; it is not written over"))),
            }
        }
        if files.is_empty() {
            return Ok(Err(format!("the certificate has no address of {}", self.domain)));
        }
        // It has to be there, and may be empty.
        if kept(&self.policy())?.is_none() {
            let (path, media) = (self.policy(), "text/plain");
            files.push(File { path, bytes: b"\n".to_vec(), media, is_fixed: false });
        }
        Ok(Ok(files))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_an_address_is_the_one_of_the_draft() {
        let wkd = |is_advanced| Wkd { domain: "example.org".to_owned(), is_advanced };
        let hash = "iy9q119eutrkn8s1mk4r39qejnbu3n5q";
        let direct = format!(".well-known/openpgpkey/hu/{hash}");
        let advanced = format!(".well-known/openpgpkey/example.org/hu/{hash}");
        assert_eq!(wkd(false).path("Joe.Doe@Example.ORG"), Some(direct));
        assert_eq!(wkd(true).path("Joe.Doe@Example.ORG"), Some(advanced));
        assert_eq!(wkd(true).path("joe@example.com"), None);
    }
}
