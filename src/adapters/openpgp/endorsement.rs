//! What others have signed on a certificate, and what its primary key has
//! approved of that.

use std::collections::BTreeSet;

use sequoia_openpgp::serialize::MarshalInto as _;

use super::key_error::KeyError;
use super::union::PacketSet;
use crate::engine::chain::Digest;

/// The certifications by others, and the approvals of them, by what is signed
/// in them.
pub fn endorsements(certificate: &[u8]) -> Result<BTreeSet<String>, KeyError> {
    let cert = PacketSet::read(certificate)?.cert()?;
    let mut all = BTreeSet::new();
    for id in cert.userids() {
        for one in id.certifications().chain(id.approvals()) {
            all.insert(Digest::of(&one.mpis().to_vec()?).hex());
        }
    }
    Ok(all)
}
