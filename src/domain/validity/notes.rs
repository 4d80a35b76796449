//! What a person should know of a certificate although it decides nothing.

use super::Note;
use crate::domain::certificate::{Certificate, Revocation, SelfSignature};
use crate::domain::cutoff::{Cutoffs, HashSecurity};
use crate::domain::timestamp::Timestamp;

/// The notes on `certificate` at the instant `at`.
pub(super) fn notes(certificate: &Certificate, at: Timestamp, cutoffs: Cutoffs) -> Vec<Note> {
    let mut notes = Vec::new();
    if certificate.bad_signatures.iter().any(|signature| signature.revokes) {
        notes.push(Note::BadRevocation);
    }
    let security = HashSecurity::SecondPreimageResistance;
    let of_keys = certificate.keys().flat_map(|key| &key.revocations).map(|r| (r, security));
    let of_ids = certificate.user_ids.iter().flat_map(|id| {
        id.revocations.iter().map(|revocation| (revocation, HashSecurity::of_user_id(&id.value)))
    });
    let mut refused = of_keys
        .chain(of_ids)
        .filter_map(|(revocation, security)| cutoffs.revocation(&revocation.frame, security).err());
    notes.extend(refused.next().map(Note::RefusedRevocation));
    // A verifier of today counts a soft one from its date, while it lasts, and
    // until a newer self-signature takes it back. gpg counts it in any case.
    let of_primary = certificate.user_ids.iter().flat_map(|id| &id.self_signatures);
    let of_primary: Vec<_> = of_primary.chain(&certificate.primary.self_signatures).collect();
    notes.extend(soft_revocation(&certificate.primary.revocations, &of_primary, at).or_else(
        || {
            certificate.subkeys.iter().find_map(|key| {
                let own: Vec<_> = key.self_signatures.iter().collect();
                soft_revocation(&key.revocations, &own, at)
            })
        },
    ));
    if certificate.unreadable_components > 0 {
        notes.push(Note::Unreadable(certificate.unreadable_components));
    }
    let bad = certificate.bad_signatures.iter().filter(|signature| !signature.revokes).count();
    if bad > 0 {
        notes.push(Note::BadSelfSignatures(bad));
    }
    let foreign = certificate.keys().map(|key| key.foreign_revocations).sum();
    if foreign > 0 {
        notes.push(Note::ForeignRevocations(foreign));
    }
    notes
}

/// The note on a soft revocation that does not revoke its key at this instant,
/// so far as its dates tell.
fn soft_revocation(
    revocations: &[Revocation],
    signatures: &[&SelfSignature],
    at: Timestamp,
) -> Option<Note> {
    let newest = revocations.iter().max_by_key(|revocation| revocation.frame.created)?;
    if revocations.iter().any(|revocation| revocation.reason.is_hard()) {
        return None;
    }
    let created = newest.frame.created;
    let ended = newest.frame.ends().is_some_and(|end| end <= at);
    let signed_since = |s: &&SelfSignature| s.frame.created > created && s.frame.created <= at;
    let taken_back = signatures.iter().any(signed_since);
    (created > at || ended || taken_back).then_some(Note::SoftRevocation { created })
}
