//! Proofs that a secret does what its certificate says, on things that are
//! thrown away.

use std::time::Duration;

use sequoia_openpgp::Cert;
use sequoia_openpgp::packet::{Packet, UserID};
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::types::{KeyFlags, SignatureType};

use super::detached::{Refusal, verify};
use super::facts;
use super::key_error::KeyError;
use super::make::generate;
use super::open::{Unlocked, open, open_unprotected};
use super::sign::{Purpose, begin, serialized, usable};
use super::union::PacketSet;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::keyspec::KeyAlgorithm;
use crate::domain::timestamp::{DAY, Timestamp};
use crate::engine::secret::Secret;

/// Something that only the holder of a secret can have made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// A throw-away certificate whose user ID a primary key has certified.
    Certification {
        /// Its packets.
        thrown_away: Vec<u8>,
    },
    /// A detached signature.
    Signature {
        /// What was signed.
        data: Vec<u8>,
        /// The armored signature.
        signature: Vec<u8>,
    },
}

/// Why a proof proves nothing.
#[derive(Debug, thiserror::Error)]
pub enum NoProof {
    /// The detached signature is not accepted.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The certification does not verify, or the key may not certify.
    #[error(transparent)]
    NotCertified(#[from] KeyError),
    /// It certifies nothing.
    #[error("nothing in it is certified by {}", .0.hex())]
    NoCertification(Fingerprint),
}

/// Lets the root certify a throw-away key whose user ID says TEST and the
/// nonce, and verifies that with the public certificate only.
///
/// The certification is not exportable and ends after a day.
pub fn prove_root(
    root: &mut Unlocked,
    certificate: &[u8],
    nonce: &str,
    at: Timestamp,
) -> Result<Proof, NoProof> {
    let thrown_away = certify_throw_away(root, nonce, at)?;
    let proof = Proof::Certification { thrown_away };
    let by = root.fingerprint();
    match verify_proof(certificate, &proof, at)? {
        signer if signer == by => Ok(proof),
        found => Err(KeyError::OtherCertificate { wanted: by, found }.into()),
    }
}

fn certify_throw_away(
    root: &mut Unlocked,
    nonce: &str,
    at: Timestamp,
) -> Result<Vec<u8>, KeyError> {
    root.primary()?;
    let since = root.created();
    let key = generate(KeyAlgorithm::Ed25519, at)?.role_into_primary();
    let public = key.parts_as_public();
    let user_id = UserID::from(format!("TEST {nonce}: made to try a key, and thrown away"));
    let own = begin(SignatureType::PositiveCertification, at, at)?
        .set_key_flags(KeyFlags::empty().set_certification())?
        .sign_userid_binding(&mut key.clone().into_keypair()?, public, &user_id)?;
    let by_root = begin(SignatureType::PositiveCertification, at, since)?
        .set_exportable_certification(false)?
        .set_signature_validity_period(Duration::from_secs(DAY.unsigned_abs()))?
        .sign_userid_binding(root.signer(), public, &user_id)?;
    let packets: [Packet; 4] =
        [Packet::PublicKey(public.clone()), user_id.into(), own.into(), by_root.into()];
    serialized(&packets)
}

/// Opens the export of a subkey, lets it sign, and verifies that with the
/// public certificate only.
pub fn prove_subkey(
    export: &[u8],
    subkey: &Fingerprint,
    passphrase: &Secret,
    certificate: &[u8],
    message: &[u8],
    at: Timestamp,
) -> Result<Proof, NoProof> {
    signs(open(export, subkey, passphrase)?, certificate, message, at)
}

/// The same for the export of a subkey that is protected by nothing.
pub fn prove_open_subkey(
    export: &[u8],
    subkey: &Fingerprint,
    certificate: &[u8],
    message: &[u8],
    at: Timestamp,
) -> Result<Proof, NoProof> {
    signs(open_unprotected(export, subkey)?, certificate, message, at)
}

fn signs(
    mut subkey: Unlocked,
    certificate: &[u8],
    message: &[u8],
    at: Timestamp,
) -> Result<Proof, NoProof> {
    let signature = subkey.sign_detached(message, at)?;
    let proof = Proof::Signature { data: message.to_vec(), signature };
    match verify_proof(certificate, &proof, at)? {
        signer if signer == subkey.fingerprint() => Ok(proof),
        found => Err(Refusal::OtherSigner(found).into()),
    }
}

/// The key of the certificate that has made the proof, if verifiers accept
/// what it makes at `at`.
pub fn verify_proof(
    certificate: &[u8],
    proof: &Proof,
    at: Timestamp,
) -> Result<Fingerprint, NoProof> {
    let cert = PacketSet::read(certificate).and_then(|set| set.cert()).map_err(KeyError::from)?;
    proof.verify(&cert, at)
}

impl Proof {
    /// The same, with a certificate that has been read.
    pub(super) fn verify(&self, cert: &Cert, at: Timestamp) -> Result<Fingerprint, NoProof> {
        match self {
            Self::Signature { data, signature } => Ok(verify(cert, signature, data, at)?.key),
            Self::Certification { thrown_away } => {
                let fingerprint =
                    facts::fingerprint(&cert.fingerprint()).map_err(KeyError::from)?;
                usable(cert, &fingerprint, at, Purpose::Certify)?;
                let is_certified = is_certified(cert, thrown_away, at)?;
                is_certified.then_some(fingerprint).ok_or(NoProof::NoCertification(fingerprint))
            }
        }
    }
}

/// Whether the primary key of `cert` has certified the user ID, with a
/// signature that is not from the future.
fn is_certified(cert: &Cert, thrown_away: &[u8], at: Timestamp) -> Result<bool, KeyError> {
    let primary = cert.primary_key().key();
    let other = Cert::from_bytes(thrown_away)?;
    let mut signatures = other.userids().flat_map(|user_id| {
        let id = user_id.userid().clone();
        user_id
            .certifications()
            .cloned()
            .map(move |signature| (id.clone(), signature))
            .collect::<Vec<_>>()
    });
    Ok(signatures.any(|(id, signature)| {
        let created = signature.signature_creation_time().map(facts::timestamp);
        created.is_some_and(|created| created <= at)
            && signature.verify_userid_binding(primary, other.primary_key().key(), &id).is_ok()
    }))
}
