//! Signing with a key that is somewhere else, and the certificate around it.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sequoia_openpgp as openpgp;
use sequoia_openpgp::armor;
use sequoia_openpgp::cert::raw::RawCert;
use sequoia_openpgp::crypto::Signer;
use sequoia_openpgp::packet::Packet;
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::policy::StandardPolicy;
use sequoia_openpgp::serialize::Serialize as _;
use sequoia_openpgp::types::{HashAlgorithm, SignatureType};
use zeroize::Zeroizing;

use super::carve::{What, carve};
use super::error::ReadError;
use super::merge::Merged;
use super::{PacketSet, UnionError, secret};
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;

pub use sequoia_openpgp::KeyHandle;

/// The certificate of a key that signs.
pub struct Owner(openpgp::Cert);

impl Owner {
    /// Its fingerprint in upper-case hexadecimal.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.0.fingerprint().to_hex()
    }

    /// A user ID that it has signed, or nothing.
    #[must_use]
    pub fn name(&self, at: Timestamp) -> String {
        let policy = StandardPolicy::new();
        let valid = self.0.with_policy(&policy, time(at)).ok();
        let name = valid.as_ref().and_then(|cert| cert.primary_userid().ok());
        name.map(|id| VisibleText::from_bytes(id.userid().value()).into_string())
            .unwrap_or_default()
    }

    /// The keys with which it may sign data at that time, newest first.
    #[must_use]
    pub fn signing_keys(&self, at: Timestamp) -> Vec<KeyHandle> {
        let policy = StandardPolicy::new();
        let keys = self.0.keys().with_policy(&policy, time(at)).supported();
        let mut keys: Vec<_> = keys.alive().revoked(false).for_signing().collect();
        keys.sort_by_key(|key| std::cmp::Reverse(key.key().creation_time()));
        keys.into_iter().map(|key| key.key().fingerprint().into()).collect()
    }

    /// Whether `key` is one of them.
    #[must_use]
    pub fn signs_with(&self, key: &KeyHandle, at: Timestamp) -> bool {
        self.signing_keys(at).contains(key)
    }
}

/// The certificates of all `files` that have a key which is `wanted`, without
/// the secrets that may be in them; copies of one are merged.
pub fn owners(
    files: impl Iterator<Item = Vec<u8>>,
    wanted: impl Fn(&KeyHandle) -> bool,
) -> Vec<Owner> {
    let mut copies: BTreeMap<_, Vec<Vec<u8>>> = BTreeMap::new();
    for file in files {
        let file = Zeroizing::new(file);
        for found in carve(&file) {
            let What::Certificate(bytes) = found.what else { continue };
            let bytes = Zeroizing::new(bytes.into_owned());
            let public = secret::part(&bytes).public;
            let Ok(raw) = RawCert::from_bytes(&public) else { continue };
            if raw.keys().any(|key| wanted(&key.fingerprint().into())) {
                copies.entry(raw.fingerprint()).or_default().push(public.to_vec());
            }
        }
    }
    let merged = |copies: &Vec<Vec<u8>>| Merged::of(copies, 0)?.cert();
    copies.values().filter_map(|copies| merged(copies).ok()).map(Owner).collect()
}

/// Signs `data` with a key that is somewhere else, as of `at`: a detached
/// signature in ASCII armor, which verifies.
pub fn sign_detached(
    mut signer: impl Signer,
    data: &[u8],
    at: Timestamp,
) -> openpgp::Result<String> {
    let signature = SignatureBuilder::new(SignatureType::Binary)
        .set_hash_algo(HashAlgorithm::SHA512)
        .set_signature_creation_time(time(at))?
        .sign_message(&mut signer, data)?;
    // What another program gives back may be anything.
    signature.verify_message(signer.public(), data)?;
    let mut writer = armor::Writer::new(Vec::new(), armor::Kind::Signature)?;
    Packet::from(signature).serialize(&mut writer)?;
    Ok(String::from_utf8(writer.finalize()?)?)
}

/// The name of a public certificate in a certificate directory.
pub fn certificate_name(public: &[u8]) -> Result<String, UnionError> {
    Ok(PacketSet::read(public)?.fingerprint().hex().to_lowercase())
}

/// The packets of a public certificate, with those of the copy that is
/// `there`.
pub fn joined(public: &[u8], there: Option<&[u8]>) -> Result<Vec<u8>, UnionError> {
    let mut set = PacketSet::read(public)?;
    if let Some(there) = there {
        set = set.union(PacketSet::read(there)?);
    }
    set.bytes().map_err(|error| ReadError::from(error).into())
}

fn time(at: Timestamp) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(u64::try_from(at.unix()).unwrap_or(0))
}
