//! The export of one subkey, and the walk along its packets that proves what
//! it holds.

use sequoia_openpgp::Cert;
use sequoia_openpgp::armor;
use sequoia_openpgp::cert::amalgamation::key::PrimaryKey as _;
use sequoia_openpgp::crypto::Password;
use sequoia_openpgp::packet::key::{SecretParts, SubordinateRole};
use sequoia_openpgp::packet::{Key, Packet};
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::serialize::SerializeInto as _;
use zeroize::Zeroizing;

use super::armor::{Label, block_at, decode};
use super::framing::Header;
use super::key_error::KeyError;
use super::open::open_unprotected;
use super::secret::{self, part};
use super::shape;
use super::sign::in_armor;
use crate::domain::certificate::SecretMaterial;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;
use crate::engine::secret::Secret as Passphrase;

/// What stands in the place of the primary key's secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportForm {
    /// `GnuPG`'s stub: what `GnuPG` 2.2 wants.
    Stub,
    /// Nothing: a public key packet, as the standard says. `GnuPG` 2.2 imports
    /// no secret from it.
    PublicPrimary,
}

/// What the packets of an export are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportFacts {
    /// The primary key's fingerprint.
    pub primary: Fingerprint,
    /// That of the one subkey whose secret is in it.
    pub subkey: Fingerprint,
    /// What stands for the primary key's secret.
    pub form: ExportForm,
    /// The user IDs.
    pub user_ids: Vec<VisibleText>,
    /// How many signatures there are, all verified.
    pub signatures: usize,
}

/// Why the bytes are not the export of one subkey. They must not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExportFault {
    /// It is neither one armored private key block nor packets.
    #[error("it is no OpenPGP key")]
    NotAKey,
    /// There is something besides the packets in the armor, or around it.
    #[error("there is more in the file than its key")]
    MoreThanTheKey,
    /// A packet is cut off or has no length.
    #[error("the packet at byte {0} is damaged")]
    Damaged(usize),
    /// A packet that is not part of an export.
    #[error("the packet at byte {offset} is of type {tag}, which does not belong here")]
    Unexpected {
        /// Where it is.
        offset: usize,
        /// Its type.
        tag: u8,
    },
    /// The secret of the primary key is in it.
    #[error("THE SECRET OF THE PRIMARY KEY IS IN IT: destroy it, and tell everybody involved")]
    PrimarySecret,
    /// It belongs to another primary key.
    #[error("its primary key is {}, and not {}", .found.hex(), .wanted.hex())]
    OtherPrimary {
        /// Which it should be.
        wanted: Fingerprint,
        /// Which it is.
        found: Fingerprint,
    },
    /// It is another subkey.
    #[error("its subkey is {}, and not {}", .found.hex(), .wanted.hex())]
    OtherSubkey {
        /// Which it should be.
        wanted: Fingerprint,
        /// Which it is.
        found: Fingerprint,
    },
    /// No secret of a subkey is in it.
    #[error("no secret of a subkey is in it")]
    NoSecret,
    /// More secrets are in it than one.
    #[error("{0} secrets of subkeys are in it, and not one")]
    SeveralSecrets(usize),
    /// Anybody could use the secret.
    #[error("the secret in it is protected by no passphrase")]
    Unprotected,
    /// The library sees it otherwise than the walk, or a signature is bad.
    #[error("its signatures do not bind the subkey: {0}")]
    NotBound(VisibleText),
}

/// The export of the subkey: the certificate's own packets without other
/// subkeys and without what others have signed.
pub(super) fn export(
    cert: &Cert,
    subkey: Key<SecretParts, SubordinateRole>,
) -> Result<Vec<u8>, KeyError> {
    let mut packets = vec![Packet::PublicKey(cert.primary_key().key().clone())];
    let own = |component: &mut dyn Iterator<Item = &sequoia_openpgp::packet::Signature>| {
        component.cloned().map(Packet::from).collect::<Vec<_>>()
    };
    let primary = cert.primary_key();
    packets.extend(own(&mut primary.self_signatures().chain(primary.self_revocations())));
    for user_id in cert.userids() {
        packets.push(user_id.userid().clone().into());
        packets.extend(own(&mut user_id.self_signatures().chain(user_id.self_revocations())));
    }
    let fingerprint = subkey.fingerprint();
    let bound = cert.keys().subkeys().find(|bound| bound.key().fingerprint() == fingerprint);
    packets.push(Packet::SecretSubkey(subkey));
    if let Some(bound) = bound {
        packets.extend(own(&mut bound.self_signatures().chain(bound.self_revocations())));
    }
    let minimal = Cert::from_packets(packets.into_iter())?;
    let bytes = minimal
        .as_tsk()
        .set_filter(|key| key.fingerprint() == fingerprint)
        .emit_secret_key_stubs(true)
        .to_vec()?;
    in_armor(armor::Kind::SecretKey, &bytes)
}

/// The same export with a public primary key in place of the stub.
pub fn with_public_primary(export: &[u8]) -> Result<Vec<u8>, KeyError> {
    let fault = |fault: ExportFault| KeyError::Library(VisibleText::from_text(&fault.to_string()));
    let bytes = packets_of(export).map_err(fault)?;
    let total = Header::read(&bytes).and_then(Header::total).unwrap_or_default();
    let (primary, others) = bytes.split_at_checked(total).unwrap_or_default();
    let public = part(primary).public;
    in_armor(armor::Kind::SecretKey, &Zeroizing::new([&*public, others].concat()))
}

/// The same export with its secret protected by nothing, for places that are
/// encrypted themselves.
pub fn without_passphrase(
    export: &[u8],
    passphrase: &Passphrase,
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let cert = Cert::from_bytes(export).map_err(super::error::ReadError::from)?;
    let mut packets = Vec::new();
    let mut opened = Vec::new();
    // Without that the library leaves secrets out.
    for packet in cert.into_tsk().into_packets() {
        packets.push(match packet {
            Packet::SecretSubkey(key) => {
                let password = Password::from(passphrase.expose());
                let open = key.decrypt_secret(&password).map_err(|_| KeyError::WrongPassphrase)?;
                opened.push(super::facts::fingerprint(&open.fingerprint())?);
                Packet::SecretSubkey(open)
            }
            other => other,
        });
    }
    let open = Cert::from_packets(packets.into_iter())?;
    let bytes = Zeroizing::new(open.as_tsk().emit_secret_key_stubs(true).to_vec()?);
    let [subkey] = opened.as_slice() else {
        return Err(KeyError::Library(VisibleText::from_text("it has not one secret subkey")));
    };
    open_unprotected(&bytes, subkey)?;
    Ok(Zeroizing::new(in_armor(armor::Kind::SecretKey, &bytes)?))
}

/// Walks along the packets of an export, armored as this program does it or
/// not at all: exactly one secret subkey, which is `subkey`; a primary key
/// that is `primary`, without its secret; nothing else that could be one.
pub fn walk_export(
    bytes: &[u8],
    primary: &Fingerprint,
    subkey: &Fingerprint,
) -> Result<ExportFacts, ExportFault> {
    let bytes = packets_of(bytes)?;
    let mut walk = Walk::default();
    let mut at = 0;
    while at < bytes.len() {
        let rest = bytes.get(at..).unwrap_or_default();
        let header = Header::read(rest).ok_or(ExportFault::Damaged(at))?;
        let total = header.total().ok_or(ExportFault::Damaged(at))?;
        let packet = rest.get(..total).ok_or(ExportFault::Damaged(at))?;
        walk.step(at, header, packet)?;
        at += total;
    }
    let (form, found) = walk.primary.ok_or(ExportFault::NotAKey)?;
    if found != *primary {
        return Err(ExportFault::OtherPrimary { wanted: *primary, found });
    }
    match walk.secrets.as_slice() {
        [] => return Err(ExportFault::NoSecret),
        [found] if found != subkey => {
            return Err(ExportFault::OtherSubkey { wanted: *subkey, found: *found });
        }
        [_] => {}
        several => return Err(ExportFault::SeveralSecrets(several.len())),
    }
    let signatures = verify(&part(&bytes).public, walk.signatures)?;
    let user_ids = walk.user_ids;
    Ok(ExportFacts { primary: *primary, subkey: *subkey, form, user_ids, signatures })
}

#[derive(Default)]
struct Walk {
    primary: Option<(ExportForm, Fingerprint)>,
    secrets: Vec<Fingerprint>,
    user_ids: Vec<VisibleText>,
    signatures: usize,
}

impl Walk {
    fn step(&mut self, offset: usize, header: Header, packet: &[u8]) -> Result<(), ExportFault> {
        let tag = header.tag;
        let body = packet.get(header.length..).unwrap_or_default();
        match tag {
            5 | 6 if self.primary.is_none() => self.primary(offset, tag, packet, body),
            _ if self.primary.is_none() => Err(ExportFault::NotAKey),
            5 => Err(ExportFault::PrimarySecret),
            7 => self.subkey(offset, packet),
            2 if shape::signature_fits(body) => {
                self.signatures += 1;
                Ok(())
            }
            13 => {
                self.user_ids.push(VisibleText::from_bytes(body));
                Ok(())
            }
            _ => Err(ExportFault::Unexpected { offset, tag }),
        }
    }

    fn primary(
        &mut self,
        offset: usize,
        tag: u8,
        packet: &[u8],
        body: &[u8],
    ) -> Result<(), ExportFault> {
        let damaged = ExportFault::Damaged(offset);
        let parted = part(packet);
        let form = match parted.secrets.first() {
            None if tag == 6 && shape::key_fits(body, false) => ExportForm::PublicPrimary,
            Some(secret) if tag == 5 && secret.material == SecretMaterial::Stub => ExportForm::Stub,
            None => return Err(damaged),
            Some(_) => return Err(ExportFault::PrimarySecret),
        };
        let fingerprint = secret::fingerprint(&parted.public).ok_or(damaged)?;
        self.primary = Some((form, fingerprint));
        Ok(())
    }

    fn subkey(&mut self, offset: usize, packet: &[u8]) -> Result<(), ExportFault> {
        let secrets = part(packet).secrets;
        let secret = secrets.first().ok_or(ExportFault::Damaged(offset))?;
        match secret.material {
            SecretMaterial::Protected => {}
            SecretMaterial::Unprotected => return Err(ExportFault::Unprotected),
            _ => return Err(ExportFault::NoSecret),
        }
        self.secrets.push(secret.of.ok_or(ExportFault::Damaged(offset))?);
        Ok(())
    }
}

/// The packets in the bytes. Armor has to be exactly what this program writes
/// around them: then nothing can be in it besides.
fn packets_of(bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, ExportFault> {
    if bytes.first().is_some_and(|first| first & 0x80 != 0) {
        return Ok(Zeroizing::new(bytes.to_vec()));
    }
    let block = block_at(bytes, 0);
    if !bytes.starts_with(b"-----BEGIN PGP PRIVATE KEY BLOCK-----") || block.label != Label::Keys {
        return Err(ExportFault::NotAKey);
    }
    let (packets, is_damaged) = decode(bytes, &block);
    let again = in_armor(armor::Kind::SecretKey, &packets).map_err(|_| ExportFault::NotAKey)?;
    let is_same = again.trim_ascii_end() == bytes.trim_ascii_end();
    if is_damaged || !is_same { Err(ExportFault::MoreThanTheKey) } else { Ok(packets) }
}

/// The number of signatures, if all of them verify and one binds the subkey.
fn verify(public: &[u8], walked: usize) -> Result<usize, ExportFault> {
    let not_bound = |why: &str| ExportFault::NotBound(VisibleText::from_text(why));
    let cert = Cert::from_bytes(public).map_err(|error| not_bound(&error.to_string()))?;
    let mut verified = 0;
    for key in cert.keys() {
        verified += key.self_signatures().count() + key.self_revocations().count();
        if !key.primary() && key.self_signatures().next().is_none() {
            return Err(not_bound("no signature of the primary key is on the subkey"));
        }
    }
    for user_id in cert.userids() {
        verified += user_id.self_signatures().count() + user_id.self_revocations().count();
    }
    if verified != walked {
        return Err(not_bound("there are signatures that do not verify"));
    }
    Ok(verified)
}
