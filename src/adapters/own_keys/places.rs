//! Where the certificates of own keys are: the person's certificate folder,
//! and the keystore's soft keys.

use std::net::{SocketAddr, TcpStream};
use std::path::Path;

use openpgp_cert_d::{CertD, MergeResult};
use sequoia_keystore::sequoia_directories::{Component, Home};

use super::OwnKeyError;
use crate::adapters::openpgp::{self, KeyHandle, Owner};
use crate::adapters::sources::{self, Input, read_file};
use crate::domain::text::VisibleText;

/// Bytes of the cookie before the address.
const COOKIE: usize = 32;

/// Refuses to go on where a server outside this process answers: the library
/// would use it, whatever it is.
pub(super) fn refuse_foreign_server(home: &Path) -> Result<(), OwnKeyError> {
    let cookie = read_file(&home.join("keystore.cookie")).unwrap_or_default();
    let address = cookie.get(COOKIE..).and_then(|rest| std::str::from_utf8(rest).ok());
    let Some(address) = address.and_then(|text| text.parse::<SocketAddr>().ok()) else {
        return Ok(());
    };
    match TcpStream::connect(address) {
        Ok(_) => Err(OwnKeyError::ServedByOthers(address.to_string())),
        // It is left of one that has ended.
        Err(_) => Ok(()),
    }
}

fn folder() -> Result<CertD, OwnKeyError> {
    CertD::new().map_err(|error| OwnKeyError::refused("no certificate folder", &error))
}

/// The bytes of every file that may hold a certificate of an own key.
fn files() -> impl Iterator<Item = Vec<u8>> {
    let soft = Home::new(None).ok().map(|home| home.data_dir(Component::Keystore).join("softkeys"));
    let folder = folder().ok().map(|folder| folder.base_dir().to_owned());
    let places = [soft, folder].into_iter().flatten();
    let sources = places.flat_map(|path| sources::resolve(&Input::Path(path)).sources);
    sources.filter_map(|source| source.read().ok())
}

/// The certificates that have one of `keys`.
pub(super) fn owners(keys: &[KeyHandle]) -> Vec<Owner> {
    openpgp::owners(files(), |key| keys.contains(key))
}

/// The certificate with that fingerprint, of `public` and of the files.
pub(super) fn owner(fingerprint: &str, public: &[u8]) -> Result<Owner, OwnKeyError> {
    let files = std::iter::once(public.to_vec()).chain(files());
    openpgp::owners(files, |key| key.to_hex() == fingerprint)
        .into_iter()
        .find(|owner| owner.fingerprint() == fingerprint)
        .ok_or_else(|| OwnKeyError::NoCertificate(fingerprint.to_owned()))
}

/// Why none of the keys of a certificate is found.
pub(super) fn not_found(certificate: String) -> OwnKeyError {
    let Ok(folder) = folder() else { return OwnKeyError::NotFound { certificate } };
    if let Ok(Some(_)) = folder.get(&certificate.to_lowercase()) {
        return OwnKeyError::NotFound { certificate };
    }
    let folder = VisibleText::from_bytes(folder.base_dir().as_os_str().as_encoded_bytes());
    OwnKeyError::NotInFolder { certificate, folder: folder.into_string() }
}

/// Puts a public certificate into the person's folder, joined with what is
/// there.
pub(super) fn offer(public: &[u8]) -> Result<(), OwnKeyError> {
    let refused = |error: &dyn std::error::Error| {
        // The library's own words leave out what the system said.
        let error = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        OwnKeyError::refused("the certificate was not put into your folder", &error)
    };
    let name = openpgp::certificate_name(public).map_err(|error| refused(&error))?;
    let join = |(), there: Option<&[u8]>| {
        let joined = openpgp::joined(public, there);
        Ok(MergeResult::Data(joined.map_err(std::io::Error::other)?))
    };
    let folder = folder()?;
    std::fs::create_dir_all(folder.base_dir()).map_err(|error| refused(&error))?;
    folder.insert(&name, (), false, join).map_err(|error| refused(&error))?;
    Ok(())
}
