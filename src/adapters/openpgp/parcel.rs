//! Parcels: bytes encrypted to people's certificates or to a passphrase, so
//! that `GnuPG` 2.2 opens them.

use std::io::{Read as _, Write as _};
use std::time::UNIX_EPOCH;

use sequoia_openpgp::armor;
use sequoia_openpgp::crypto::{Password, SessionKey};
use sequoia_openpgp::packet::{PKESK, SKESK};
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::parse::stream::{
    DecryptionHelper, DecryptorBuilder, MessageStructure, VerificationHelper,
};
use sequoia_openpgp::policy::StandardPolicy;
use sequoia_openpgp::serialize::stream::{Encryptor, Message, Recipient};
use sequoia_openpgp::types::{Features, SymmetricAlgorithm};
use sequoia_openpgp::{Cert, KeyHandle, Packet, PacketPile, Result as LibraryResult};
use zeroize::Zeroizing;

use super::facts;
use super::key_error::KeyError;
use super::sign::{in_armor, time};
use super::union::PacketSet;
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;
use crate::engine::secret::Secret;

/// Encrypts to every certificate, each with the keys that are good for it at
/// `at`: AES-256 with a modification detection code, no compression, no AEAD,
/// armored.
pub fn seal_to<B: AsRef<[u8]>>(
    data: &[u8],
    certificates: &[B],
    at: Timestamp,
) -> Result<Vec<u8>, KeyError> {
    let mut certs = Vec::new();
    for certificate in certificates {
        certs.push(PacketSet::read(certificate.as_ref())?.cert()?);
    }
    let instant = time(at)?;
    let policy = StandardPolicy::at(instant);
    let mut recipients = Vec::new();
    for cert in &certs {
        let before = recipients.len();
        let keys = cert.keys().with_policy(&policy, instant).supported().alive().revoked(false);
        let is_usable = cert.with_policy(&policy, instant).is_ok_and(|cert| is_in_force(&cert));
        for key in keys.for_transport_encryption().filter(|_| is_usable) {
            let handle: KeyHandle = key.key().key_handle();
            // Whatever the certificate promises: this container only.
            let container = Features::empty().set_seipdv1();
            recipients.push(Recipient::new(container, handle, key.key()));
        }
        if recipients.len() == before {
            return Err(KeyError::NoEncryptionKey(facts::fingerprint(&cert.fingerprint())?));
        }
    }
    let mut sealed = Vec::new();
    write(Encryptor::for_recipients(Message::new(&mut sealed), recipients), data)?;
    in_armor(armor::Kind::Message, &sealed)
}

fn is_in_force(cert: &sequoia_openpgp::cert::ValidCert<'_>) -> bool {
    use sequoia_openpgp::types::RevocationStatus::Revoked;
    cert.alive().is_ok() && !matches!(cert.revocation_status(), Revoked(_))
}

/// Encrypts to a passphrase, as [`seal_to`] does to certificates.
pub fn seal_with(data: &[u8], passphrase: &Secret) -> Result<Vec<u8>, KeyError> {
    if passphrase.is_empty() {
        return Err(KeyError::EmptyPassphrase);
    }
    let mut sealed = Vec::new();
    let password = Password::from(passphrase.expose());
    write(Encryptor::with_passwords(Message::new(&mut sealed), [password]), data)?;
    in_armor(armor::Kind::Message, &sealed)
}

fn write(encryptor: Encryptor<'_, '_>, data: &[u8]) -> Result<(), KeyError> {
    let mut message = encryptor.symmetric_algo(SymmetricAlgorithm::AES256).build()?;
    message.write_all(&literal(data)?)?;
    Ok(message.finalize()?)
}

/// The data as a packet, without name and date (RFC 9580, 5.9). The library's
/// own writer would keep a copy of it that is not zeroed.
fn literal(data: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let head = [b'b', 0, 0, 0, 0, 0];
    let length = u32::try_from(head.len() + data.len());
    let length = length.map_err(|_| KeyError::Library(VisibleText::from_text("too long")))?;
    let mut packet = Zeroizing::new(Vec::with_capacity(data.len() + 12));
    packet.extend([0xcb, 0xff]);
    packet.extend(length.to_be_bytes());
    packet.extend(head);
    packet.extend_from_slice(data);
    Ok(packet)
}

/// Whether all of it is an encrypted message: keys to it, and the data in a
/// container, and nothing that can be read without them.
#[must_use]
pub fn is_sealed(bytes: &[u8]) -> bool {
    let Ok(pile) = PacketPile::from_bytes(bytes) else { return false };
    let mut packets = pile.into_children();
    let is_key = |packet: &Packet| matches!(packet, Packet::PKESK(_) | Packet::SKESK(_));
    let data = packets.by_ref().find(|packet| !is_key(packet));
    matches!(data, Some(Packet::SEIP(_))) && packets.next().is_none()
}

/// Opens a parcel that was sealed with a passphrase.
pub fn open_parcel(sealed: &[u8], passphrase: &Secret) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    // Nothing in a parcel is signed, so the instant does not matter.
    let policy = StandardPolicy::at(UNIX_EPOCH);
    let helper = Opener(Password::from(passphrase.expose()));
    let wrong = |_| KeyError::WrongPassphrase;
    let mut decryptor = DecryptorBuilder::from_bytes(sealed)
        .and_then(|builder| builder.with_policy(&policy, UNIX_EPOCH, helper))
        .map_err(wrong)?;
    // Nothing is compressed, so it is not longer than what it came in.
    let mut data = Zeroizing::new(Vec::with_capacity(sealed.len()));
    decryptor.read_to_end(&mut data).map_err(|_| KeyError::WrongPassphrase)?;
    Ok(data)
}

struct Opener(Password);

impl VerificationHelper for Opener {
    fn get_certs(&mut self, _: &[KeyHandle]) -> LibraryResult<Vec<Cert>> {
        Ok(Vec::new())
    }

    fn check(&mut self, _: MessageStructure<'_>) -> LibraryResult<()> {
        Ok(())
    }
}

impl DecryptionHelper for Opener {
    fn decrypt(
        &mut self,
        _: &[PKESK],
        skesks: &[SKESK],
        _: Option<SymmetricAlgorithm>,
        decrypt: &mut dyn FnMut(Option<SymmetricAlgorithm>, &SessionKey) -> bool,
    ) -> LibraryResult<Option<Cert>> {
        for skesk in skesks {
            if let Ok((cipher, key)) = skesk.decrypt(&self.0)
                && decrypt(cipher, &key)
            {
                break;
            }
        }
        Ok(None)
    }
}
