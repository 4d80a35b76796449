//! Detached signatures: over transcripts, checkpoints and test messages.

use sequoia_openpgp::armor;
use sequoia_openpgp::cert::amalgamation::{ValidAmalgamation as _, ValidateAmalgamation as _};
use sequoia_openpgp::packet::{Packet, Signature};
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::policy::{HashAlgoSecurity, Policy as _, StandardPolicy};
use sequoia_openpgp::types::{RevocationStatus, SignatureType};
use sequoia_openpgp::{Cert, PacketPile};

use super::facts;
use super::key_error::KeyError;
use super::open::Unlocked;
use super::sign::{begin, in_armor, serialized, time};
use super::union::{PacketSet, UnionError};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;

/// A detached signature that is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The certificate of who signed.
    pub signer: Fingerprint,
    /// The key in it that did.
    pub key: Fingerprint,
    /// When, as the signature says.
    pub created: Timestamp,
}

/// Why a detached signature is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// It is no OpenPGP signature.
    #[error("this is no OpenPGP signature: {0}")]
    Unreadable(VisibleText),
    /// Nobody could say which of them counts.
    #[error("{0} packets, and not one signature")]
    NotOne(usize),
    /// It is made for texts or for keys, and not for the bytes of a file.
    #[error("it is no signature over the bytes of a file")]
    NotOverBytes,
    /// Its time is after the time of the check.
    #[error("it says that it was made at {}, which is not yet; check the clock", .0.iso())]
    FromTheFuture(Timestamp),
    /// It was made by a key that is not in the certificate.
    #[error("the certificate {} did not make it", .0.hex())]
    OtherSigner(Fingerprint),
    /// The certificate or the key was not good when it signed.
    #[error("the key that made it cannot be trusted: {0}")]
    UnusableKey(VisibleText),
    /// Data or signature were changed, or the signature has ended.
    #[error("the signature does not fit the data: {0}")]
    Bad(VisibleText),
    /// The certificate cannot be read.
    #[error(transparent)]
    Certificate(#[from] UnionError),
    /// The time of the check cannot be written.
    #[error("{0}")]
    Time(VisibleText),
}

fn words(error: &sequoia_openpgp::anyhow::Error) -> VisibleText {
    VisibleText::from_text(&error.root_cause().to_string())
}

impl Unlocked {
    /// An armored signature over the bytes, with SHA-512.
    pub fn sign_detached(&mut self, data: &[u8], at: Timestamp) -> Result<Vec<u8>, KeyError> {
        let builder = begin(SignatureType::Binary, at, self.created())?;
        let signature = builder.sign_message(self.signer(), data)?;
        in_armor(armor::Kind::Signature, &serialized([&Packet::from(signature)])?)
    }
}

/// One signature in ASCII armor, and nothing else.
pub fn armor_signature(signature: &[u8]) -> Result<Vec<u8>, Refusal> {
    let unreadable = |error: sequoia_openpgp::anyhow::Error| Refusal::Unreadable(words(&error));
    let packets = PacketPile::from_bytes(signature).map_err(unreadable)?;
    match packets.into_children().collect::<Vec<_>>().as_slice() {
        [packet @ Packet::Signature(_)] => {
            let bytes = serialized([packet])
                .map_err(|error| Refusal::Bad(VisibleText::from_text(&error.to_string())))?;
            in_armor(armor::Kind::Signature, &bytes)
                .map_err(|error| Refusal::Bad(VisibleText::from_text(&error.to_string())))
        }
        packets => Err(Refusal::NotOne(packets.len())),
    }
}

/// Who has signed the bytes, as the certificate alone tells at `at`.
///
/// As other verifiers do, the key is judged at the time that the signature
/// states; a hard revocation counts for all times.
pub fn verify_detached(
    certificate: &[u8],
    signature: &[u8],
    data: &[u8],
    at: Timestamp,
) -> Result<Signed, Refusal> {
    verify(&PacketSet::read(certificate)?.cert()?, signature, data, at)
}

/// The same, with a certificate that has been read.
pub(super) fn verify(
    cert: &Cert,
    signature: &[u8],
    data: &[u8],
    at: Timestamp,
) -> Result<Signed, Refusal> {
    let signature = read_one(signature)?;
    if signature.typ() != SignatureType::Binary {
        return Err(Refusal::NotOverBytes);
    }
    let made = signature.signature_creation_time().ok_or(Refusal::NotOverBytes)?;
    let created = facts::timestamp(made);
    if created > at {
        return Err(Refusal::FromTheFuture(created));
    }
    let now =
        time(at).map_err(|error| Refusal::Time(VisibleText::from_text(&error.to_string())))?;
    let policy = StandardPolicy::at(now);
    let unusable = |why: &str| Refusal::UnusableKey(VisibleText::from_text(why));
    let failed = |error: sequoia_openpgp::anyhow::Error| Refusal::UnusableKey(words(&error));
    let signer = facts::fingerprint(&cert.fingerprint())
        .map_err(|error| Refusal::Certificate(UnionError::Unreadable(error.into())))?;
    let issuers = signature.get_issuers();
    // Several keys may have the same key ID: what verifies, counts.
    let mut refusal = Refusal::OtherSigner(signer);
    for key in cert.keys() {
        let handle = key.key().key_handle();
        if !issuers.iter().any(|issuer| issuer.aliases(&handle)) {
            continue;
        }
        let check = || -> Result<Signed, Refusal> {
            let valid = key.clone().with_policy(&policy, made).map_err(failed)?;
            valid.valid_cert().alive().map_err(failed)?;
            if matches!(valid.valid_cert().revocation_status(), RevocationStatus::Revoked(_)) {
                return Err(unusable("the certificate is revoked"));
            }
            valid.alive().map_err(failed)?;
            if matches!(valid.revocation_status(), RevocationStatus::Revoked(_)) {
                return Err(unusable("the key is revoked"));
            }
            if !valid.for_signing() {
                return Err(unusable("the key is not for signatures over data"));
            }
            let bad = |error: sequoia_openpgp::anyhow::Error| Refusal::Bad(words(&error));
            signature.verify_message(key.key(), data).map_err(bad)?;
            signature.signature_alive(now, std::time::Duration::ZERO).map_err(bad)?;
            policy.signature(&signature, HashAlgoSecurity::default()).map_err(bad)?;
            let fingerprint = facts::fingerprint(&key.key().fingerprint())
                .map_err(|error| unusable(&error.to_string()))?;
            Ok(Signed { signer, key: fingerprint, created })
        };
        match check() {
            Ok(signed) => return Ok(signed),
            Err(refused) => refusal = refused,
        }
    }
    Err(refusal)
}

/// The one signature in the bytes, armored or not.
pub(super) fn read_one(bytes: &[u8]) -> Result<Signature, Refusal> {
    let pile = PacketPile::from_bytes(bytes).map_err(|error| Refusal::Unreadable(words(&error)))?;
    let mut packets: Vec<_> = pile.into_children().collect();
    match (packets.pop(), packets.len()) {
        (Some(Packet::Signature(signature)), 0) => Ok(signature),
        (Some(Packet::Unknown(unknown)), 0) => Err(Refusal::Unreadable(words(unknown.error()))),
        (Some(_), 0) | (None, _) => Err(Refusal::NotOne(0)),
        (Some(_), more) => Err(Refusal::NotOne(more + 1)),
    }
}
