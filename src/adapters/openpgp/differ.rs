//! What one copy of a certificate has that another lacks: before a root is
//! unlocked, everybody sees what was done with it in the meantime.

use sequoia_openpgp::cert::amalgamation::key::PrimaryKey as _;
use sequoia_openpgp::packet::{Packet, Signature};
use sequoia_openpgp::serialize::SerializeInto as _;

use super::facts;
use super::key_error::KeyError;
use super::union::PacketSet;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;

/// What a signature of a certificate is on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bearer {
    /// The primary key or a subkey.
    Key(Fingerprint),
    /// A user ID.
    UserId(VisibleText),
}

/// Something of a certificate that its primary key speaks for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// A subkey.
    Subkey(Fingerprint),
    /// A user ID.
    UserId(VisibleText),
    /// A user attribute, which no program shows.
    UserAttribute,
    /// A signature of the primary key, verified.
    SelfSignature {
        /// What it is on.
        on: Bearer,
        /// Whether it revokes that.
        revokes: bool,
        /// When it says it was made.
        created: Option<Timestamp>,
    },
    /// A packet, or a signature that claims to be the primary key's, that
    /// cannot be verified.
    Unverified,
}

/// Two copies of a certificate, compared and joined.
#[derive(Debug)]
pub struct Difference {
    /// All of both, armored.
    pub merged: Vec<u8>,
    /// What only the known copy has.
    pub only_known: Vec<Part>,
    /// What only the newest copy has: somebody used the primary key since.
    pub only_newest: Vec<Part>,
}

/// Compares the copy on a medium with the newest one from a workspace.
///
/// Certifications by others are joined and not reported: they say nothing
/// about the use of the primary key.
pub fn difference(known: &[u8], newest: &[u8]) -> Result<Difference, KeyError> {
    Difference::of(&PacketSet::read(known)?, &PacketSet::read(newest)?)
}

impl Difference {
    /// Of two copies whose packets were read already.
    pub fn of(known: &PacketSet, newest: &PacketSet) -> Result<Self, KeyError> {
        if known.fingerprint() != newest.fingerprint() {
            let (wanted, found) = (known.fingerprint(), newest.fingerprint());
            return Err(KeyError::OtherCertificate { wanted, found });
        }
        let (one, other) = (parts(known)?, parts(newest)?);
        let (only_known, only_newest) = (lacking(&one, &other), lacking(&other, &one));
        let merged = known.clone().union(newest.clone()).armored()?.into_bytes();
        Ok(Self { merged, only_known, only_newest })
    }
}

/// A part with the bytes that tell it from others of the same description.
pub(super) type Identified = (Part, Vec<u8>);

fn lacking(one: &[Identified], other: &[Identified]) -> Vec<Part> {
    one.iter().filter(|part| !other.contains(part)).map(|(part, _)| part.clone()).collect()
}

/// All parts of a copy.
pub(super) fn parts(set: &PacketSet) -> Result<Vec<Identified>, KeyError> {
    let cert = set.cert()?;
    let mut parts: Vec<Identified> =
        set.unreadable().map(|body| (Part::Unverified, body.to_vec())).collect();
    for key in cert.keys() {
        let fingerprint = facts::fingerprint(&key.key().fingerprint())?;
        if !key.primary() {
            parts.push((Part::Subkey(fingerprint), Vec::new()));
        }
        let on = Bearer::Key(fingerprint);
        collect(&mut parts, &on, false, key.self_signatures())?;
        collect(&mut parts, &on, true, key.self_revocations())?;
    }
    for user_id in cert.userids() {
        let value = user_id.userid().value();
        let text = VisibleText::from_bytes(value);
        parts.push((Part::UserId(text.clone()), value.to_vec()));
        let on = Bearer::UserId(text);
        collect(&mut parts, &on, false, user_id.self_signatures())?;
        collect(&mut parts, &on, true, user_id.self_revocations())?;
    }
    for attribute in cert.user_attributes() {
        parts.push((Part::UserAttribute, attribute.user_attribute().value().to_vec()));
    }
    for unknown in cert.unknowns() {
        parts.push((Part::Unverified, Packet::from(unknown.unknown().clone()).to_vec()?));
    }
    for bad in cert.bad_signatures().filter(|bad| facts::is_own(bad, &cert)) {
        parts.push((Part::Unverified, signed_bytes(bad)?));
    }
    Ok(parts)
}

fn collect<'a>(
    parts: &mut Vec<Identified>,
    on: &Bearer,
    revokes: bool,
    signatures: impl Iterator<Item = &'a Signature>,
) -> Result<(), KeyError> {
    for signature in signatures {
        let created = signature.signature_creation_time().map(facts::timestamp);
        let part = Part::SelfSignature { on: on.clone(), revokes, created };
        parts.push((part, signed_bytes(signature)?));
    }
    Ok(())
}

/// The signature without the subpackets that nobody signed: they may differ
/// between copies of it.
fn signed_bytes(signature: &Signature) -> Result<Vec<u8>, KeyError> {
    let mut signature = signature.clone();
    signature.unhashed_area_mut().clear();
    Ok(Packet::from(signature).to_vec()?)
}
