//! What a revocation does to its certificate, tried on a copy.

use sequoia_openpgp::cert::amalgamation::{ValidAmalgamation as _, ValidateAmalgamation as _};
use sequoia_openpgp::packet::{Packet, Signature};
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::policy::StandardPolicy;
use sequoia_openpgp::types::{RevocationStatus, SignatureType};
use sequoia_openpgp::{Cert, PacketPile};

use super::facts;
use super::key_error::KeyError;
use super::prove::{NoProof, Proof};
use super::sign::{serialized, time};
use super::union::{PacketSet, UnionError};
use crate::domain::certificate::RevocationReason;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::keyspec::Reason;
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;
use crate::domain::worded::Worded as _;

/// What a revocation says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The primary key, which is the whole certificate, or the subkey.
    pub of: Fingerprint,
    /// Why, by the number in the signature.
    pub reason: RevocationReason,
    /// When it was made.
    pub created: Timestamp,
}

/// Why a revocation does not do what it is kept for.
#[derive(Debug, thiserror::Error)]
pub enum RevocationFault {
    /// It is not one signature that revokes a certificate or a subkey.
    #[error("this is not the revocation of a certificate or of a subkey")]
    NotARevocation,
    /// The certificate's primary key has not made it, or it was changed.
    #[error("it revokes nothing of the certificate {}", .0.hex())]
    Foreign(Fingerprint),
    /// It revokes something else.
    #[error("it revokes {}, and not {}", .found.hex(), .wanted.hex())]
    OtherKey {
        /// What it should revoke.
        wanted: Fingerprint,
        /// What it does.
        found: Fingerprint,
    },
    /// It has another reason in it.
    #[error("its reason is '{}', and not '{}'", .found.word(), .wanted.word())]
    OtherReason {
        /// Which it should be.
        wanted: Reason,
        /// Which it is.
        found: RevocationReason,
    },
    /// It says that it was made later than now.
    #[error("it says that it was made at {}, which is not yet", .0.iso())]
    FromTheFuture(Timestamp),
    /// Verifiers pass over it.
    #[error("a copy of the certificate with it is not revoked")]
    WithoutEffect,
    /// What was to be refused was never accepted.
    #[error("the proof was not good before the revocation either: {0}")]
    NoProofBefore(NoProof),
    /// What was to be refused is still accepted.
    #[error("signatures of the key are still accepted with it")]
    StillAccepted,
    /// The certificate cannot be read.
    #[error(transparent)]
    Certificate(#[from] UnionError),
    /// The library refuses.
    #[error("it cannot be tried: {0}")]
    Library(VisibleText),
}

impl From<KeyError> for RevocationFault {
    fn from(error: KeyError) -> Self {
        Self::Library(VisibleText::from_text(&error.to_string()))
    }
}

/// What the revocation says, if it is one by the certificate about itself.
pub fn read_revocation(
    certificate: &[u8],
    revocation: &[u8],
) -> Result<Statement, RevocationFault> {
    let set = PacketSet::read(certificate)?;
    Ok(Target::of(&set, revocation)?.statement())
}

/// The certificate with the revocation in it, armored. Nothing is lost.
pub fn apply(certificate: &[u8], revocation: &[u8]) -> Result<Vec<u8>, RevocationFault> {
    let set = PacketSet::read(certificate)?;
    let addition = Target::of(&set, revocation)?.addition()?;
    Ok(set.union(addition).armored()?.into_bytes())
}

/// The revocation with as much of its certificate as other programs need to
/// take it in: `GnuPG` passes over the revocation of a subkey that stands alone.
pub fn for_import(certificate: &[u8], revocation: &[u8]) -> Result<Vec<u8>, RevocationFault> {
    let set = PacketSet::read(certificate)?;
    let target = Target::of(&set, revocation)?;
    let cert = set.cert()?;
    let mut packets = vec![target.primary.clone()];
    if let Some(user_id) = cert.userids().next() {
        packets.push(user_id.userid().clone().into());
        packets.extend(user_id.self_signatures().next().cloned().map(Packet::from));
    }
    let mut subkeys = cert.keys().subkeys();
    let is_it = |key: &sequoia_openpgp::Fingerprint| facts::fingerprint(key) == Ok(target.of);
    if let Some(subkey) = subkeys.find(|subkey| is_it(&subkey.key().fingerprint())) {
        packets.push(Packet::PublicSubkey(subkey.key().clone()));
        packets.extend(subkey.self_signatures().next().cloned().map(Packet::from));
    }
    let small = PacketSet::of(&serialized(&packets)?)?;
    Ok(small.union(target.addition()?).armored()?.into_bytes())
}

/// Whether the revocation does what it is kept for: it verifies, it is about
/// `of`, it has the reason, and with it a copy of the certificate is revoked
/// at `at`. A proof that the key made is accepted before and refused after.
///
/// A soft revocation refuses what is signed after it only, so a proof for one
/// has to be made at the same time or later.
pub fn holds(
    certificate: &[u8],
    revocation: &[u8],
    of: &Fingerprint,
    reason: Reason,
    proof: Option<&Proof>,
    at: Timestamp,
) -> Result<Statement, RevocationFault> {
    let set = PacketSet::read(certificate)?;
    let target = Target::of(&set, revocation)?;
    let statement = target.statement();
    match () {
        () if statement.of != *of => {
            return Err(RevocationFault::OtherKey { wanted: *of, found: statement.of });
        }
        () if statement.reason != RevocationReason::from_code(reason.code()) => {
            let found = statement.reason;
            return Err(RevocationFault::OtherReason { wanted: reason, found });
        }
        () if statement.created > at => {
            return Err(RevocationFault::FromTheFuture(statement.created));
        }
        () => {}
    }
    if let Some(proof) = proof {
        proof.verify(&set.cert()?, at).map_err(RevocationFault::NoProofBefore)?;
    }
    let copy = set.union(target.addition()?).cert()?;
    if !target.is_effective(&copy, at)? {
        return Err(RevocationFault::WithoutEffect);
    }
    match proof {
        Some(proof) if proof.verify(&copy, at).is_ok() => Err(RevocationFault::StillAccepted),
        _ => Ok(statement),
    }
}

/// The one signature in a file that revokes a key: it stands alone, or in a
/// part of its certificate.
fn the_revocation(file: &[u8]) -> Option<Signature> {
    let pile = PacketPile::from_bytes(file).ok()?;
    let mut revocations = pile.into_children().filter_map(|packet| match packet {
        Packet::Signature(signature)
            if matches!(
                signature.typ(),
                SignatureType::KeyRevocation | SignatureType::SubkeyRevocation
            ) =>
        {
            Some(signature)
        }
        _ => None,
    });
    let first = revocations.next()?;
    revocations.next().is_none().then_some(first)
}

/// A revocation that verifies, with what it revokes.
struct Target {
    primary: Packet,
    subkey: Option<Packet>,
    of: Fingerprint,
    signature: Signature,
}

impl Target {
    fn of(set: &PacketSet, revocation: &[u8]) -> Result<Self, RevocationFault> {
        let signature = the_revocation(revocation).ok_or(RevocationFault::NotARevocation)?;
        let cert = set.cert()?;
        let key = cert.primary_key().key();
        let primary = Packet::PublicKey(key.clone());
        let foreign = RevocationFault::Foreign(set.fingerprint());
        match signature.typ() {
            SignatureType::KeyRevocation => {
                signature.verify_primary_key_revocation(key, key).map_err(|_| foreign)?;
                Ok(Self { primary, subkey: None, of: set.fingerprint(), signature })
            }
            SignatureType::SubkeyRevocation => {
                let mut subkeys = cert.keys().subkeys().map(|subkey| subkey.key().clone());
                let subkey = subkeys
                    .find(|subkey| signature.verify_subkey_revocation(key, key, subkey).is_ok());
                let subkey = subkey.ok_or(foreign)?;
                let of = facts::fingerprint(&subkey.fingerprint()).map_err(KeyError::from)?;
                Ok(Self { primary, subkey: Some(Packet::PublicSubkey(subkey)), of, signature })
            }
            _ => Err(RevocationFault::NotARevocation),
        }
    }

    fn statement(&self) -> Statement {
        let reason = self.signature.reason_for_revocation().map(|(reason, _)| reason.into());
        let created = self.signature.signature_creation_time();
        Statement {
            of: self.of,
            reason: RevocationReason::from_code(reason.unwrap_or(0)),
            created: created.map_or(Timestamp::from_unix(0), facts::timestamp),
        }
    }

    /// What the certificate gets.
    fn addition(&self) -> Result<PacketSet, RevocationFault> {
        let signature = Packet::from(self.signature.clone());
        let packets = [Some(&self.primary), self.subkey.as_ref(), Some(&signature)];
        Ok(PacketSet::of(&serialized(packets.into_iter().flatten())?)?)
    }

    /// Whether verifiers see this very revocation in the copy.
    fn is_effective(&self, copy: &Cert, at: Timestamp) -> Result<bool, RevocationFault> {
        let instant = time(at)?;
        let policy = StandardPolicy::at(instant);
        let status = if self.subkey.is_none() {
            copy.revocation_status(&policy, instant)
        } else {
            let mut keys = copy.keys().subkeys();
            let key = keys.find(|key| facts::fingerprint(&key.key().fingerprint()) == Ok(self.of));
            let Some(key) = key else { return Ok(false) };
            let valid = key.with_policy(&policy, instant).map_err(KeyError::from)?;
            valid.revocation_status()
        };
        let RevocationStatus::Revoked(by) = status else { return Ok(false) };
        Ok(by.iter().any(|signature| signature.normalized_eq(&self.signature)))
    }
}
