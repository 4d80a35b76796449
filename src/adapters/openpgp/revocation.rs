//! Revocations that stand alone.

use std::collections::HashSet;

use sequoia_openpgp::cert::raw::RawCert;
use sequoia_openpgp::packet::{Signature, Tag};
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::types::SignatureType;
use sequoia_openpgp::{Cert, KeyHandle, KeyID};

use super::error::ReadError;
use super::facts;
use super::framing::Header;
use super::issuer;
use super::merge::{self, Merged};
use super::rejection::Rejection;
use crate::domain::certificate::RevocationReason;
use crate::domain::timestamp::Timestamp;

/// A revocation that stands alone: what people print and lock away.
#[derive(Clone, Debug)]
pub struct Revocation {
    packet: Vec<u8>,
    issuers: Vec<KeyHandle>,
}

impl Revocation {
    /// The signature in `packet`, if it is a revocation.
    #[must_use]
    pub fn from_packet(packet: &[u8]) -> Option<Self> {
        let body = packet.get(Header::read(packet)?.length..)?;
        let issuers = issuer::issuers(body);
        issuer::is_revocation(body).then(|| Self { packet: packet.to_vec(), issuers })
    }

    /// The key IDs of those by whom it claims to be made.
    pub fn key_ids(&self) -> impl Iterator<Item = Vec<u8>> {
        self.issuers.iter().map(|issuer| KeyID::from(issuer).as_bytes().to_vec())
    }

    /// A copy of the certificate in `public` that consists of its primary key
    /// and this revocation.
    pub fn as_copy_of(&self, public: &[u8]) -> Result<Vec<u8>, ReadError> {
        let raw = RawCert::from_bytes(public)?;
        let primary = raw.packets().next();
        let mut copy = primary.map(|packet| packet.as_bytes().to_vec()).unwrap_or_default();
        copy.extend_from_slice(&self.packet);
        Ok(copy)
    }

    /// When it was made and why, where it can be read.
    #[must_use]
    pub fn statement(&self) -> Option<(Timestamp, RevocationReason)> {
        let signature = self.signature()?;
        let created = facts::timestamp(signature.signature_creation_time()?);
        let reason = signature.reason_for_revocation().map(|(reason, _)| reason.into());
        Some((created, RevocationReason::from_code(reason.unwrap_or(0))))
    }

    /// Whether it is one of these signature packets.
    #[must_use]
    pub fn is_among(&self, packets: &HashSet<Vec<u8>>) -> bool {
        packets.contains(&self.packet)
    }

    /// Why it revokes nothing: nothing that was read is its certificate, it
    /// cannot be read, or it does not verify.
    #[must_use]
    pub fn rejection(&self, certificate_was_read: bool) -> Rejection {
        let issuers = self.issuers.iter().map(KeyHandle::to_string).collect();
        match (certificate_was_read, self.signature()) {
            (_, None) => Rejection::UnreadableRevocation { issuers },
            (true, Some(_)) => Rejection::BadRevocation { issuers },
            (false, Some(_)) => Rejection::LoneRevocation { issuers },
        }
    }

    fn signature(&self) -> Option<Signature> {
        merge::signature(&self.packet)
    }
}

/// The signature packets of these copies of a certificate.
pub fn signature_packets<B: AsRef<[u8]>>(copies: &[B]) -> HashSet<Vec<u8>> {
    let certs = copies.iter().filter_map(|copy| RawCert::from_bytes(copy.as_ref()).ok());
    let packets = certs.flat_map(|cert| {
        let signatures = cert.packets().filter(|packet| packet.tag() == Tag::Signature);
        signatures.map(|packet| packet.as_bytes().to_vec()).collect::<Vec<_>>()
    });
    packets.collect()
}

/// Signatures that are tried on certificates at the most: more than anybody
/// has revocations.
const MAX_TRIES: usize = 20_000;

/// A certificate against which lone revocations are held.
pub struct Held(Cert);

impl Held {
    /// The certificate in these copies.
    pub fn of<B: AsRef<[u8]>>(copies: &[B]) -> Result<Self, ReadError> {
        Ok(Self(Merged::of(copies, 0)?.cert()?))
    }

    /// Whether `revocation` revokes the certificate, a subkey or a user ID of
    /// it; `tries` counts what that costs.
    #[must_use]
    pub fn is_revoked_by(&self, revocation: &Revocation, tries: &mut usize) -> bool {
        let Some(signature) = revocation.signature() else { return false };
        let primary = self.0.primary_key().key();
        let mut may_try = || {
            *tries += 1;
            *tries <= MAX_TRIES
        };
        match signature.typ() {
            SignatureType::KeyRevocation => {
                may_try() && signature.verify_primary_key_revocation(primary, primary).is_ok()
            }
            SignatureType::SubkeyRevocation => self.0.keys().subkeys().any(|subkey| {
                may_try()
                    && signature.verify_subkey_revocation(primary, primary, subkey.key()).is_ok()
            }),
            SignatureType::CertificationRevocation => self.0.userids().any(|id| {
                may_try()
                    && signature.verify_userid_revocation(primary, primary, id.userid()).is_ok()
            }),
            _ => false,
        }
    }
}
