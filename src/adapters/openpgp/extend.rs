//! Putting off the end of a primary key and of its subkeys, with new
//! self-signatures that say what the newest ones said, and a later end.

use sequoia_openpgp::Cert;
use sequoia_openpgp::cert::amalgamation::ValidAmalgamation as _;
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::packet::signature::subpacket::SubpacketTag;
use sequoia_openpgp::packet::{Packet, Signature};
use sequoia_openpgp::policy::StandardPolicy;
use sequoia_openpgp::types::{HashAlgorithm, RevocationStatus, SignatureType};

use super::facts;
use super::key_error::KeyError;
use super::open::Unlocked;
use super::sign::{begin, serialized, time, validity};
use super::union::PacketSet;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;

/// A certificate with a later end.
#[derive(Debug)]
pub struct Extended {
    /// All that was there, and the new signatures, armored.
    pub certificate: Vec<u8>,
    /// The user IDs whose signatures were renewed.
    pub user_ids: Vec<VisibleText>,
    /// The end until now; absent where there was none.
    pub ended: Option<Timestamp>,
}

/// Puts off the end of the primary key: in every signature from which a
/// program may read it, those on the key itself and on each living user ID.
///
/// The signatures use SHA-512. They are younger than those that they replace,
/// or nothing is made: of two of one second, chance would choose.
pub fn extend_primary(
    root: &mut Unlocked,
    newest: &[u8],
    ends: Timestamp,
    at: Timestamp,
) -> Result<Extended, KeyError> {
    let set = of_root(root, newest)?;
    let cert = set.cert()?;
    let instant = time(at)?;
    let policy = StandardPolicy::at(instant);
    let valid = cert.with_policy(&policy, instant).map_err(|error| unusable(&error))?;
    if matches!(valid.revocation_status(), RevocationStatus::Revoked(_)) {
        return Err(refused("the certificate is revoked"));
    }
    let primary = root.primary()?;
    let created = root.created();
    let ended = valid.primary_key().key_expiration_time().map(facts::timestamp);
    let later = |template: &Signature| -> Result<SignatureBuilder, KeyError> {
        let period = validity(created, Some(ends))?;
        Ok(renewed(template, at, created)?.set_key_validity_period(period)?)
    };
    let mut packets = vec![Packet::PublicKey(primary.clone())];
    if let Ok(template) = valid.primary_key().direct_key_signature() {
        let signature = later(template)?.sign_direct_key(root.signer(), &primary)?;
        signature.verify_direct_key(&primary, &primary)?;
        packets.push(signature.into());
    }
    let mut user_ids = Vec::new();
    for bound in valid.userids().revoked(false) {
        let user_id = bound.userid();
        let builder = later(bound.binding_signature())?;
        let signature = builder.sign_userid_binding(root.signer(), &primary, user_id)?;
        signature.verify_userid_binding(&primary, &primary, user_id)?;
        user_ids.push(VisibleText::from_bytes(user_id.value()));
        packets.extend([user_id.clone().into(), signature.into()]);
    }
    if packets.len() == 1 {
        return Err(refused("no signature says when it ends"));
    }
    let merged = set.union(PacketSet::of(&serialized(&packets)?)?);
    says(&merged.cert()?, &root.fingerprint(), ends, at)?;
    Ok(Extended { certificate: merged.armored()?.into_bytes(), user_ids, ended })
}

/// Puts off the end of a subkey. One that signs must be there itself, as
/// `owner`: its own signature has to be in the new binding.
///
/// Returns the certificate with it, armored.
pub fn extend_subkey(
    root: &mut Unlocked,
    newest: &[u8],
    subkey: &Fingerprint,
    owner: Option<&mut Unlocked>,
    ends: Timestamp,
    at: Timestamp,
) -> Result<Vec<u8>, KeyError> {
    let set = of_root(root, newest)?;
    let cert = set.cert()?;
    let instant = time(at)?;
    let policy = StandardPolicy::at(instant);
    let mut keys = cert.keys().subkeys().with_policy(&policy, instant);
    let is_it =
        |key: &sequoia_openpgp::Fingerprint| facts::fingerprint(key).is_ok_and(|f| f == *subkey);
    let bound = keys.find(|bound| is_it(&bound.key().fingerprint()));
    let bound = bound.ok_or(KeyError::NoSuchKey(*subkey))?;
    if matches!(bound.revocation_status(), RevocationStatus::Revoked(_)) {
        return Err(refused("the subkey is revoked"));
    }
    let primary = root.primary()?;
    let created = facts::timestamp(bound.key().creation_time());
    let since = root.created().max(created);
    let mut builder = renewed(bound.binding_signature(), at, since)?
        .set_key_validity_period(validity(created, Some(ends))?)?;
    if bound.for_signing() || bound.for_certification() {
        let owner = owner.ok_or(KeyError::NoSecret(*subkey))?;
        if owner.fingerprint() != *subkey {
            return Err(KeyError::NoSuchKey(*subkey));
        }
        let back = begin(SignatureType::PrimaryKeyBinding, at, since)?.sign_primary_key_binding(
            owner.signer(),
            &primary,
            bound.key(),
        )?;
        builder = builder.set_embedded_signature(back)?;
    }
    let binding = builder.sign_subkey_binding(root.signer(), &primary, bound.key())?;
    // It verifies the signature in it, too.
    binding.verify_subkey_binding(&primary, &primary, bound.key())?;
    let packets = [
        Packet::PublicKey(primary.clone()),
        Packet::PublicSubkey(bound.key().clone()),
        binding.into(),
    ];
    let merged = set.union(PacketSet::of(&serialized(&packets)?)?);
    says(&merged.cert()?, subkey, ends, at)?;
    Ok(merged.armored()?.into_bytes())
}

/// All packets of the certificates, which are copies of one.
pub fn joined_copies(copies: &[Vec<u8>]) -> Result<Vec<u8>, KeyError> {
    let mut whole: Option<PacketSet> = None;
    for copy in copies {
        let set = PacketSet::read(copy)?;
        whole = Some(match whole {
            None => set,
            Some(whole) if whole.fingerprint() == set.fingerprint() => whole.union(set),
            Some(whole) => {
                let (wanted, found) = (whole.fingerprint(), set.fingerprint());
                return Err(KeyError::OtherCertificate { wanted, found });
            }
        });
    }
    let whole = whole.ok_or_else(|| refused("there is none"))?;
    Ok(whole.armored()?.into_bytes())
}

/// When the keys of a certificate end, as the library sees it; those without
/// an end, and those that are bound by nothing, are left out.
pub fn ends(certificate: &[u8], at: Timestamp) -> Result<Vec<(Fingerprint, Timestamp)>, KeyError> {
    let cert = PacketSet::read(certificate)?.cert()?;
    let instant = time(at)?;
    let policy = StandardPolicy::at(instant);
    let valid = cert.with_policy(&policy, instant).map_err(|error| unusable(&error))?;
    let mut ends = Vec::new();
    for key in valid.keys() {
        let fingerprint = facts::fingerprint(&key.key().fingerprint())?;
        ends.extend(key.key_expiration_time().map(|end| (fingerprint, facts::timestamp(end))));
    }
    Ok(ends)
}

fn end(cert: &Cert, of: &Fingerprint, at: Timestamp) -> Result<Option<Timestamp>, KeyError> {
    let instant = time(at)?;
    let policy = StandardPolicy::at(instant);
    let valid = cert.with_policy(&policy, instant).map_err(|error| unusable(&error))?;
    let key = valid.keys().find(|key| facts::fingerprint(&key.key().fingerprint()) == Ok(*of));
    let key = key.ok_or(KeyError::NoSuchKey(*of))?;
    Ok(key.key_expiration_time().map(facts::timestamp))
}

/// Whether old and new together say the new end, and the newest signature on
/// the key is no weaker than SHA-256.
fn says(cert: &Cert, of: &Fingerprint, ends: Timestamp, at: Timestamp) -> Result<(), KeyError> {
    if end(cert, of, at)? != Some(ends) {
        return Err(refused("old and new signatures together do not say the new end"));
    }
    let instant = time(at)?;
    let policy = StandardPolicy::at(instant);
    let valid = cert.with_policy(&policy, instant).map_err(|error| unusable(&error))?;
    let keys = valid.keys().map(|key| key.binding_signature().clone());
    let ids = valid.userids().map(|id| id.binding_signature().clone());
    let made_now = keys.chain(ids).filter(|one| one.signature_creation_time() == Some(instant));
    let is_strong = |signature: &Signature| {
        matches!(
            signature.hash_algo(),
            HashAlgorithm::SHA256 | HashAlgorithm::SHA384 | HashAlgorithm::SHA512
        )
    };
    if made_now.into_iter().all(|signature| is_strong(&signature)) {
        Ok(())
    } else {
        Err(refused("a new signature uses a weak hash algorithm"))
    }
}

/// What the template says, to be said again at `at`: not its own end, which
/// would end the new one, too.
fn renewed(
    template: &Signature,
    at: Timestamp,
    since: Timestamp,
) -> Result<SignatureBuilder, KeyError> {
    let made = template.signature_creation_time().map(facts::timestamp);
    if made.is_some_and(|made| made >= at) {
        return Err(KeyError::SameSecond(at));
    }
    if at < since {
        return Err(KeyError::BeforeItsKey { at, since });
    }
    let builder = SignatureBuilder::from(template.clone())
        .set_hash_algo(HashAlgorithm::SHA512)
        .set_signature_creation_time(time(at)?)?;
    Ok(builder.modify_hashed_area(|mut area| {
        area.remove_all(SubpacketTag::SignatureExpirationTime);
        area.remove_all(SubpacketTag::EmbeddedSignature);
        Ok(area)
    })?)
}

fn of_root(root: &Unlocked, newest: &[u8]) -> Result<PacketSet, KeyError> {
    let set = PacketSet::read(newest)?;
    if set.fingerprint() != root.fingerprint() {
        let (wanted, found) = (root.fingerprint(), set.fingerprint());
        return Err(KeyError::OtherCertificate { wanted, found });
    }
    Ok(set)
}

fn refused(reason: &str) -> KeyError {
    KeyError::NotUsable(VisibleText::from_text(reason))
}

fn unusable(error: &sequoia_openpgp::anyhow::Error) -> KeyError {
    KeyError::NotUsable(VisibleText::from_text(&error.root_cause().to_string()))
}
