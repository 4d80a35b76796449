//! The newest instant that a certificate vouches for: no clock may be behind
//! it.

use super::facts::{Secrets, SetAside, facts};
use super::key_error::KeyError;
use super::union::PacketSet;
use crate::domain::certificate::{Certificate, SelfSignature};
use crate::domain::timestamp::Timestamp;

/// The latest creation time of the keys in a certificate and of what its own
/// keys have signed in it.
///
/// What others have signed does not count: it cannot be verified here, and
/// whoever wrote it could stop every ceremony.
pub fn newest_signature(certificate: &[u8]) -> Result<Timestamp, KeyError> {
    let cert = PacketSet::read(certificate)?.cert()?;
    Ok(newest(&facts(&cert, &SetAside::new(), &Secrets::new(), Vec::new())?))
}

fn newest(certificate: &Certificate) -> Timestamp {
    let bindings = |bindings: &[SelfSignature]| {
        let frames = bindings.iter().flat_map(|b| b.back_signatures.iter().chain([&b.frame]));
        frames.map(|frame| frame.created).max()
    };
    let keys = certificate.keys().flat_map(|key| {
        let revoked = key.revocations.iter().map(|revocation| revocation.frame.created).max();
        [Some(key.created), bindings(&key.self_signatures), revoked]
    });
    let user_ids = certificate.user_ids.iter().flat_map(|id| {
        let revoked = id.revocations.iter().map(|revocation| revocation.frame.created).max();
        [bindings(&id.self_signatures), revoked]
    });
    let newest = keys.chain(user_ids).flatten().max();
    newest.unwrap_or(certificate.primary.created)
}
