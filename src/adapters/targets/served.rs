//! What a keyserver has of a certificate already.

use crate::adapters::openpgp::{components_of, endorsements, served};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::publication::{ComponentKind, Served};
use crate::engine::target::Publication;

/// Whether all that is to be published is in an answer.
pub(super) fn is_in(answer: &[u8], publication: &Publication<'_>) -> bool {
    let there = served(answer, &publication.certificate, false);
    let (Served::Certificate(there), Ok(new)) = (there, components_of(publication.armored)) else {
        return false;
    };
    let has_endorsements = match (endorsements(answer), endorsements(publication.armored)) {
        (Ok(there), Ok(new)) => new.is_subset(&there),
        (Err(_), _) | (_, Err(_)) => false,
    };
    has_endorsements && new.lacking_in(&there).next().is_none()
}

/// The same, but for its user IDs: those wait for their owners.
pub(super) fn is_in_but_user_ids(answer: &[u8], publication: &Publication<'_>) -> bool {
    let there = served(answer, &publication.certificate, false);
    let (Served::Certificate(there), Ok(new)) = (there, components_of(publication.armored)) else {
        return false;
    };
    let is_of_one = |of: &str| publication.user_ids.iter().any(|id| id.as_str() == of);
    new.lacking_in(&there).all(|one| is_of_one(&one.of))
}

/// Whether an answer has a revocation of the whole certificate.
pub(super) fn is_revoked(answer: &[u8], certificate: &Fingerprint) -> bool {
    let Served::Certificate(there) = served(answer, certificate, false) else { return false };
    let hex = certificate.hex();
    there.0.values().any(|one| one.kind == ComponentKind::Revocation && one.of == hex)
}
