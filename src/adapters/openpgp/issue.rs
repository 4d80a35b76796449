//! Issuing a signing subkey of a root.

use sequoia_openpgp::armor;
use sequoia_openpgp::packet::key::{PublicParts, SecretParts, SubordinateRole};
use sequoia_openpgp::packet::{Key, Packet, Signature};
use sequoia_openpgp::types::{KeyFlags, SignatureType};

use super::export::export;
use super::facts;
use super::key_error::KeyError;
use super::make::generate;
use super::open::Unlocked;
use super::protect::Lock;
use super::sign::{Purpose, begin, in_armor, serialized, usable, validity};
use super::union::PacketSet;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::keyspec::{KeyAlgorithm, Reason};
use crate::domain::timestamp::Timestamp;

/// What a new subkey is to be. It signs, and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubkeySpec {
    /// Its algorithm.
    pub algorithm: KeyAlgorithm,
    /// When it is made, by the ceremony's clock.
    pub created: Timestamp,
    /// When it ends; absent where it does with the primary key.
    pub expires: Option<Timestamp>,
}

/// A subkey that has just been made.
#[derive(Debug)]
pub struct Issued {
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// The certificate with it, armored: all that was there, and it.
    pub certificate: Vec<u8>,
    /// The armored export for its one consumer: its secret as the lock has
    /// closed it, and a stub in place of the primary key's.
    pub export: Vec<u8>,
    /// Its own revocation, `compromised`, armored.
    pub revocation: Vec<u8>,
}

/// Makes a signing subkey, and binds it to the newest certificate of the
/// root in both directions.
///
/// The subkey is younger than its parent, and usable at once. `message` is
/// what its revocation says.
pub fn issue(
    root: &mut Unlocked,
    newest: &[u8],
    spec: &SubkeySpec,
    lock: &Lock<'_>,
    message: &str,
) -> Result<Issued, KeyError> {
    let set = PacketSet::read(newest)?;
    if set.fingerprint() != root.fingerprint() {
        let (wanted, found) = (root.fingerprint(), set.fingerprint());
        return Err(KeyError::OtherCertificate { wanted, found });
    }
    // Before anything is made that could be too old.
    begin(SignatureType::SubkeyBinding, spec.created, root.created())?;
    let subkey: Key<SecretParts, SubordinateRole> =
        generate(spec.algorithm, spec.created)?.role_into_subordinate();
    let fingerprint = facts::fingerprint(&subkey.fingerprint())?;
    let binding = Packet::from(bind(root, &subkey, spec)?);
    let public: Key<PublicParts, SubordinateRole> = subkey.parts_as_public().clone();
    let reason = Reason::Compromised;
    let revocation = root.revoke_key(&public, reason, message, spec.created)?;

    let primary = Packet::PublicKey(root.primary()?);
    let public = Packet::PublicSubkey(public);
    let addition = PacketSet::of(&serialized([&primary, &public, &binding])?)?;
    let merged = set.union(addition);
    let cert = merged.cert()?;
    usable(&cert, &fingerprint, spec.created, Purpose::Sign)?;
    Ok(Issued {
        fingerprint,
        certificate: merged.armored()?.into_bytes(),
        export: export(&cert, lock.close(subkey)?)?,
        revocation: in_armor(armor::Kind::PublicKey, &serialized([&revocation])?)?,
    })
}

/// The binding signature, with the subkey's own signature in it: without, any
/// certificate could claim the subkey.
fn bind(
    root: &mut Unlocked,
    subkey: &Key<SecretParts, SubordinateRole>,
    spec: &SubkeySpec,
) -> Result<Signature, KeyError> {
    let primary = root.primary()?;
    let back = begin(SignatureType::PrimaryKeyBinding, spec.created, root.created())?
        .sign_primary_key_binding(&mut subkey.clone().into_keypair()?, &primary, subkey)?;
    let binding = begin(SignatureType::SubkeyBinding, spec.created, root.created())?
        .set_key_flags(KeyFlags::empty().set_signing())?
        .set_key_validity_period(validity(spec.created, spec.expires)?)?
        .set_embedded_signature(back)?
        .sign_subkey_binding(root.signer(), &primary, subkey)?;
    // It verifies the signature in it, too.
    binding.verify_subkey_binding(&primary, &primary, subkey)?;
    Ok(binding)
}
