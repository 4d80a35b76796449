//! Making revocations, and keeping them so that nobody imports one by
//! accident.

use sequoia_openpgp::armor;
use sequoia_openpgp::packet::Packet;
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::types::{ReasonForRevocation, SignatureType};

use super::facts;
use super::key_error::KeyError;
use super::open::Unlocked;
use super::sign::{begin, in_armor, serialized};
use super::union::PacketSet;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::keyspec::Reason;
use crate::domain::timestamp::Timestamp;

/// The first line of a revocation in armor: as `GnuPG` writes it.
const BEGIN: &str = "-----BEGIN PGP PUBLIC KEY BLOCK-----";

impl Unlocked {
    /// An armored revocation of the whole certificate, by its primary key.
    pub fn revoke_certificate(
        &mut self,
        reason: Reason,
        message: &str,
        at: Timestamp,
    ) -> Result<Vec<u8>, KeyError> {
        let primary = self.primary()?;
        let builder = statement(SignatureType::KeyRevocation, reason, message, at, self.created())?;
        let signature = builder.sign_direct_key(self.signer(), &primary)?;
        signature.verify_primary_key_revocation(&primary, &primary)?;
        in_armor(armor::Kind::PublicKey, &serialized([&Packet::from(signature)])?)
    }

    /// An armored revocation of one subkey of the certificate.
    pub fn revoke_subkey(
        &mut self,
        certificate: &[u8],
        subkey: &Fingerprint,
        reason: Reason,
        message: &str,
        at: Timestamp,
    ) -> Result<Vec<u8>, KeyError> {
        let set = PacketSet::read(certificate)?;
        if set.fingerprint() != self.fingerprint() {
            let (wanted, found) = (self.fingerprint(), set.fingerprint());
            return Err(KeyError::OtherCertificate { wanted, found });
        }
        let cert = set.cert()?;
        let is_it = |key: &sequoia_openpgp::Fingerprint| facts::fingerprint(key) == Ok(*subkey);
        let mut subkeys = cert.keys().subkeys();
        let subkey = subkeys
            .find(|key| is_it(&key.key().fingerprint()))
            .ok_or(KeyError::NoSuchKey(*subkey))?;
        let packet = self.revoke_key(subkey.key(), reason, message, at)?;
        in_armor(armor::Kind::PublicKey, &serialized([&packet])?)
    }

    /// A revocation of a subkey that may not be in any certificate yet.
    pub(super) fn revoke_key(
        &mut self,
        subkey: &sequoia_openpgp::packet::Key<
            sequoia_openpgp::packet::key::PublicParts,
            sequoia_openpgp::packet::key::SubordinateRole,
        >,
        reason: Reason,
        message: &str,
        at: Timestamp,
    ) -> Result<Packet, KeyError> {
        let primary = self.primary()?;
        let since = self.created().max(facts::timestamp(subkey.creation_time()));
        let builder = statement(SignatureType::SubkeyRevocation, reason, message, at, since)?;
        let signature = builder.sign_subkey_binding(self.signer(), &primary, subkey)?;
        signature.verify_subkey_revocation(&primary, &primary, subkey)?;
        Ok(signature.into())
    }
}

fn statement(
    kind: SignatureType,
    reason: Reason,
    message: &str,
    at: Timestamp,
    since: Timestamp,
) -> Result<SignatureBuilder, KeyError> {
    let code = ReasonForRevocation::from(reason.code());
    Ok(begin(kind, at, since)?.set_reason_for_revocation(code, message.as_bytes())?)
}

/// An armored revocation with its armor broken, as `GnuPG` breaks it: a colon
/// stands before its first line, and `explanation` above it. Importing it by
/// accident fails.
///
/// Absent where it is no such armor, or where the explanation itself would be
/// armor.
#[must_use]
pub fn break_armor(revocation: &[u8], explanation: &str) -> Option<String> {
    let text = std::str::from_utf8(revocation).ok()?;
    let is_whole = text.starts_with(BEGIN) && !explanation.contains("-----");
    is_whole.then(|| format!("{}\n\n:{text}", explanation.trim_end()))
}

/// The armor without the colon, and without what stands above it. Absent
/// where there is none, or more than one.
#[must_use]
pub fn mend_armor(broken: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(broken).ok()?;
    let mut parts = text.split(BEGIN);
    let (above, below) = (parts.next()?, parts.next()?);
    let line = above.rsplit('\n').next().unwrap_or_default();
    let is_broken = line.trim() == ":" && parts.next().is_none();
    is_broken.then(|| [BEGIN, below].concat().into_bytes())
}
