//! Reading one certificate: first quickly for a list, then with all its
//! self-signatures verified.

use std::collections::HashSet;

use sequoia_openpgp as openpgp;
use sequoia_openpgp::cert::raw::RawCert;
use sequoia_openpgp::packet::{Packet, Tag};
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::{Cert, KeyHandle, KeyID};

use super::framing::Header;
use super::rejection::Rejection;
use super::secret::Secret;
use super::{facts, issuer};
use crate::domain::algorithm::Algorithm;
use crate::domain::certificate::{BadSignature, Certificate};
use crate::domain::fingerprint::{Fingerprint, NotAFingerprint};
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;

/// Why the bytes of a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The library does not accept the packets.
    #[error("not a usable certificate: {0}")]
    Unusable(VisibleText),
    /// Checking it would take minutes, and it is made for that.
    #[error(
        "so many user IDs, subkeys and signatures that checking them would take minutes; no honest certificate is like that"
    )]
    TooMuch,
    /// Its fingerprint is of no known version.
    #[error(transparent)]
    Fingerprint(#[from] NotAFingerprint),
}

impl From<openpgp::anyhow::Error> for ReadError {
    fn from(error: openpgp::anyhow::Error) -> Self {
        // The chain's last link says what is wrong; the others repeat it.
        Self::Unusable(VisibleText::from_text(&error.root_cause().to_string()))
    }
}

/// What can be told before any signature is checked.
pub struct Listing {
    /// The certificate's fingerprint.
    pub fingerprint: Fingerprint,
    /// Its first user ID.
    pub user_id: Option<VisibleText>,
    /// The primary key's algorithm.
    pub algorithm: Algorithm,
    /// When the primary key was made.
    pub created: Timestamp,
    /// Revocations in it that name somebody else as their issuer: of another
    /// certificate, or by a designated revoker.
    pub strays: Vec<Revocation>,
}

/// Reads from public packets what needs no signature to be checked.
pub fn list(public: &[u8]) -> Result<Listing, ReadError> {
    let raw = RawCert::from_bytes(public)?;
    let primary = raw.primary_key();
    let handle = raw.fingerprint().into();
    let user_id = raw
        .packets()
        .find(|packet| packet.tag() == Tag::UserID)
        .map(|packet| VisibleText::from_bytes(packet.body()));
    Ok(Listing {
        fingerprint: facts::fingerprint(&raw.fingerprint())?,
        user_id,
        algorithm: facts::algorithm(&primary),
        created: facts::timestamp(primary.creation_time()),
        strays: raw
            .packets()
            .filter(|packet| packet.tag() == Tag::Signature)
            .filter(|packet| issuer::is_foreign_revocation(packet.body(), &handle))
            .filter_map(|packet| Revocation::from_packet(packet.as_bytes()))
            .collect(),
    })
}

/// A revocation that stands alone: what people print and lock away.
#[derive(Clone, Debug)]
pub struct Revocation {
    packet: Vec<u8>,
    issuers: Vec<KeyHandle>,
}

impl Revocation {
    /// The signature in `packet`, if it is a revocation.
    #[must_use]
    pub fn from_packet(packet: &[u8]) -> Option<Self> {
        let body = packet.get(Header::read(packet)?.length..)?;
        let issuers = issuer::issuers(body);
        issuer::is_revocation(body).then(|| Self { packet: packet.to_vec(), issuers })
    }

    /// The key IDs of those by whom it claims to be made.
    pub fn key_ids(&self) -> impl Iterator<Item = Vec<u8>> {
        self.issuers.iter().map(|issuer| KeyID::from(issuer).as_bytes().to_vec())
    }

    /// A copy of the certificate in `public` that consists of its primary key
    /// and this revocation.
    pub fn as_copy_of(&self, public: &[u8]) -> Result<Vec<u8>, ReadError> {
        let raw = RawCert::from_bytes(public)?;
        let primary = raw.packets().next();
        let mut copy = primary.map(|packet| packet.as_bytes().to_vec()).unwrap_or_default();
        copy.extend_from_slice(&self.packet);
        Ok(copy)
    }

    /// What is said where nothing that was read is its certificate.
    #[must_use]
    pub fn rejection(&self) -> Rejection {
        Rejection::LoneRevocation {
            issuers: self.issuers.iter().map(KeyHandle::to_string).collect(),
        }
    }
}

/// Pairs of components and signatures beyond which a certificate is no honest
/// one: each signature may have to be tried on each component.
const MAX_PAIRS: usize = 2_000_000;

/// One or several public copies of a certificate, merged, with each of its
/// self-signatures verified.
pub fn read<B: AsRef<[u8]>>(copies: &[B], secrets: &[Secret]) -> Result<Certificate, ReadError> {
    let mut set_aside = facts::SetAside::new();
    let mut merged = Merged::default();
    for copy in copies {
        merged.add(copy.as_ref(), &mut set_aside)?;
    }
    if merged.components.saturating_mul(merged.signatures.len()) > MAX_PAIRS {
        return Err(ReadError::TooMuch);
    }
    let cert = Cert::from_bytes(&merged.packets())?;
    let unreadable = merged.unreadable(&cert);
    Ok(facts::facts(&cert, &set_aside, secrets, unreadable)?)
}

/// The packets of several copies, in an order that the library sorts in no
/// time: the primary key, signatures on it, everything else.
#[derive(Default)]
struct Merged {
    primary: Vec<u8>,
    on_primary: Vec<u8>,
    others: Vec<u8>,
    components: usize,
    /// Each signature packet, once.
    signatures: HashSet<Vec<u8>>,
}

impl Merged {
    /// Adds a copy without the certifications that others made on it. These
    /// are counted for each user ID; of several copies the larger count
    /// stands.
    fn add(&mut self, bytes: &[u8], set_aside: &mut facts::SetAside) -> Result<(), ReadError> {
        let raw = RawCert::from_bytes(bytes)?;
        let handle = raw.fingerprint().into();
        let mut counts = facts::SetAside::new();
        let mut place = Place::Primary;
        let packets: Vec<_> = raw.packets().collect();
        for packet in &packets {
            match packet.tag() {
                Tag::PublicKey | Tag::SecretKey => {
                    self.primary.clear();
                    self.primary.extend_from_slice(packet.as_bytes());
                    continue;
                }
                Tag::UserID => place = Place::UserId(packet.body()),
                Tag::UserAttribute => place = Place::Attribute,
                Tag::Signature => {
                    if issuer::is_foreign_certification(packet.body(), &handle) {
                        match place {
                            Place::UserId(user_id) => {
                                *counts.entry(user_id.to_vec()).or_default() += 1;
                                continue;
                            }
                            Place::Attribute => continue,
                            Place::Primary | Place::Other => {}
                        }
                    }
                    self.signatures.insert(packet.as_bytes().to_vec());
                }
                Tag::Trust => continue,
                _ => place = Place::Other,
            }
            self.components += usize::from(packet.tag() != Tag::Signature);
            match place {
                Place::Primary => self.on_primary.extend_from_slice(packet.as_bytes()),
                _ => self.others.extend_from_slice(packet.as_bytes()),
            }
        }
        for (user_id, count) in counts {
            let known = set_aside.entry(user_id).or_default();
            *known = count.max(*known);
        }
        Ok(())
    }

    fn packets(&self) -> Vec<u8> {
        [&self.primary[..], &self.on_primary, &self.others].concat()
    }

    /// The signatures that the library passed over without a word.
    fn unreadable(&self, cert: &Cert) -> Vec<BadSignature> {
        let known = facts::signatures(cert);
        if known >= self.signatures.len() {
            return Vec::new();
        }
        self.signatures
            .iter()
            .filter(|packet| !matches!(Packet::from_bytes(packet), Ok(Packet::Signature(_))))
            .map(|packet| {
                let header = Header::read(packet).map_or(0, |header| header.length);
                let body = packet.get(header..).unwrap_or_default();
                BadSignature { read: None, revokes: issuer::is_revocation(body) }
            })
            .collect()
    }
}

/// What the signatures that are being read speak of.
enum Place<'a> {
    Primary,
    UserId(&'a [u8]),
    Attribute,
    Other,
}
