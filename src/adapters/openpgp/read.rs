//! Reading one certificate: first quickly for a list, then with all its
//! self-signatures verified.

use sequoia_openpgp::cert::raw::RawCert;
use sequoia_openpgp::packet::Tag;
use sequoia_openpgp::parse::Parse as _;

use super::error::ReadError;
use super::facts::Secrets;
use super::merge::Merged;
use super::revocation::Revocation;
use super::{facts, issuer};
use crate::domain::algorithm::Algorithm;
use crate::domain::certificate::Certificate;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;

/// What can be told before any signature is checked.
pub struct Listing {
    /// The certificate's fingerprint.
    pub fingerprint: Fingerprint,
    /// Its first user ID.
    pub user_id: Option<VisibleText>,
    /// The primary key's algorithm.
    pub algorithm: Algorithm,
    /// When the primary key was made.
    pub created: Timestamp,
    /// Revocations in it that name somebody else as their issuer: of another
    /// certificate, or by a designated revoker.
    pub strays: Vec<Revocation>,
}

/// Reads from public packets what needs no signature to be checked.
pub fn list(public: &[u8]) -> Result<Listing, ReadError> {
    let raw = RawCert::from_bytes(public)?;
    let primary = raw.primary_key();
    let handle = raw.fingerprint().into();
    let user_id = raw
        .packets()
        .find(|packet| packet.tag() == Tag::UserID)
        .map(|packet| VisibleText::from_bytes(packet.body()));
    Ok(Listing {
        fingerprint: facts::fingerprint(&raw.fingerprint())?,
        user_id,
        algorithm: facts::algorithm(&primary),
        created: facts::timestamp(primary.creation_time()),
        strays: raw
            .packets()
            .filter(|packet| packet.tag() == Tag::Signature)
            .filter(|packet| issuer::is_foreign_revocation(packet.body(), &handle))
            .filter_map(|packet| Revocation::from_packet(packet.as_bytes()))
            .collect(),
    })
}

/// One or several public copies of a certificate, merged, with each of its
/// self-signatures verified.
pub fn read<B: AsRef<[u8]>>(copies: &[B], secrets: &Secrets) -> Result<Certificate, ReadError> {
    let merged = Merged::of(copies, 0)?;
    let cert = merged.cert()?;
    Ok(facts::facts(&cert, &merged.set_aside, secrets, merged.unreadable())?)
}
