//! What leaves the room: proof that a file holds nothing secret.

use zeroize::Zeroizing;

use super::carve::{What, carve};
use super::key_error::KeyError;
use super::secret::part;
use super::union::{PacketSet, UnionError};
use crate::domain::fingerprint::Fingerprint;

/// What a file of public things holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublicFacts {
    /// The certificates in it, in order.
    pub certificates: Vec<Fingerprint>,
    /// Signatures that stand alone.
    pub signatures: usize,
}

/// Why a file must not leave the room.
#[derive(Debug, thiserror::Error)]
pub enum PublicFault {
    /// A secret key packet is in it, or armor that announces one.
    #[error("A SECRET KEY IS IN IT: do not let it leave the room")]
    Secret,
    /// Something in it is neither a certificate nor a signature.
    #[error("there is something in it that is no certificate and no signature: {0}")]
    Rejected(String),
    /// A certificate in it cannot be read.
    #[error(transparent)]
    Certificate(#[from] UnionError),
}

/// Walks along the packets of a file: certificates and signatures, and no
/// secret key packet (types 5 and 7), whole, cut off or announced.
pub fn walk_public(bytes: &[u8]) -> Result<PublicFacts, PublicFault> {
    let announces = b"PRIVATE KEY BLOCK";
    if bytes.windows(announces.len()).any(|window| window.eq_ignore_ascii_case(announces)) {
        return Err(PublicFault::Secret);
    }
    let found = carve(bytes);
    let is_secret = |what: &What<'_>| match what {
        What::Certificate(bytes) => !part(bytes).secrets.is_empty(),
        What::Signature(_) | What::Rejected(_) => false,
    };
    if found.iter().any(|found| found.holds_secret || is_secret(&found.what)) {
        return Err(PublicFault::Secret);
    }
    let mut facts = PublicFacts::default();
    for found in found {
        match found.what {
            What::Certificate(bytes) => {
                facts.certificates.push(PacketSet::of(&bytes)?.fingerprint());
            }
            What::Signature(_) => facts.signatures += 1,
            What::Rejected(rejection) => return Err(PublicFault::Rejected(rejection.to_string())),
        }
    }
    Ok(facts)
}

/// The certificate in a file with secrets, as a root's medium has it: its
/// public packets, armored.
pub fn public_certificate(file: &[u8]) -> Result<Vec<u8>, KeyError> {
    let mut found = carve(file);
    let more = found.len();
    match (found.pop().map(|found| found.what), more) {
        (Some(What::Certificate(bytes)), 1) => {
            let bytes = Zeroizing::new(bytes.into_owned());
            Ok(PacketSet::of(&part(&bytes).public)?.armored()?.into_bytes())
        }
        _ => Err(UnionError::NotOne(more).into()),
    }
}
