//! Several copies of one certificate as one, ready for the library.

use std::collections::HashSet;

use sequoia_openpgp::Cert;
use sequoia_openpgp::cert::raw::RawCert;
use sequoia_openpgp::packet::{Packet, Signature, Tag};
use sequoia_openpgp::parse::{PacketParser, PacketParserResult, Parse as _};

use super::error::ReadError;
use super::framing::Header;
use super::{facts, issuer};
use crate::domain::certificate::BadSignature;

/// Pairs of components and signatures beyond which a certificate is no honest
/// one: each signature may have to be tried on each component.
const MAX_PAIRS: usize = 2_000_000;

/// The packets of several copies, in an order that the library sorts in no
/// time: the primary key, signatures on it, everything else.
#[derive(Default)]
pub(super) struct Merged {
    primary: Vec<u8>,
    on_primary: Vec<u8>,
    others: Vec<u8>,
    components: usize,
    /// Each signature packet that may be its own, once.
    signatures: HashSet<Vec<u8>>,
    /// Certifications by others that are kept in their places.
    room: usize,
    /// Certifications by others that are not, for each user ID.
    pub(super) set_aside: facts::SetAside,
}

impl Merged {
    /// All copies as one certificate, with up to `room` certifications by
    /// others.
    pub(super) fn of<B: AsRef<[u8]>>(copies: &[B], room: usize) -> Result<Self, ReadError> {
        let mut merged = Self { room, ..Self::default() };
        for copy in copies {
            merged.add(copy.as_ref())?;
        }
        if merged.components.saturating_mul(merged.signatures.len()) > MAX_PAIRS {
            return Err(ReadError::TooMuch);
        }
        Ok(merged)
    }

    /// The certificate, with its self-signatures verified.
    pub(super) fn cert(&self) -> Result<Cert, ReadError> {
        Ok(Cert::from_bytes(&[&self.primary[..], &self.on_primary, &self.others].concat())?)
    }

    /// Adds a copy. The certifications that others made on it are counted for
    /// each user ID; of several copies the larger count stands.
    fn add(&mut self, bytes: &[u8]) -> Result<(), ReadError> {
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
                            Place::UserId(_) if self.room > 0 => {
                                self.room -= 1;
                                self.others.extend_from_slice(packet.as_bytes());
                                continue;
                            }
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
            let known = self.set_aside.entry(user_id).or_default();
            *known = count.max(*known);
        }
        Ok(())
    }

    /// The signatures that the library passes over without a word. Each is
    /// tried: counting what it kept could be made to come out even.
    pub(super) fn unreadable(&self) -> Vec<BadSignature> {
        self.signatures
            .iter()
            .filter(|packet| signature(packet).is_none())
            .map(|packet| {
                let header = Header::read(packet).map_or(0, |header| header.length);
                let body = packet.get(header..).unwrap_or_default();
                BadSignature { read: None, revokes: issuer::is_revocation(body) }
            })
            .collect()
    }
}

/// The signature in `packet`, as the library reads it in a certificate.
pub(super) fn signature(packet: &[u8]) -> Option<Signature> {
    match PacketParser::from_bytes(packet) {
        Ok(PacketParserResult::Some(parser)) => match parser.next() {
            Ok((Packet::Signature(signature), _)) => Some(signature),
            _ => None,
        },
        _ => None,
    }
}

/// What the signatures that are being read speak of.
enum Place<'a> {
    Primary,
    UserId(&'a [u8]),
    Attribute,
    Other,
}
