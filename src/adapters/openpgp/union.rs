//! Copies of a certificate from two sides as one, without a judgement: all
//! packets of either, each once, in an order that their bytes decide.
//!
//! The library is not asked to join them. It leaves out signatures that it
//! cannot read, and a revocation could be one of them; and it moves hints
//! between copies of a signature, so that the order of joining would show.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use sequoia_openpgp::Cert;
use sequoia_openpgp::armor::Kind;
use sequoia_openpgp::cert::raw::RawCert;
use sequoia_openpgp::packet::Tag;
use sequoia_openpgp::packet::header::{BodyLength, CTB, Header};
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::serialize::Marshal as _;
use zeroize::Zeroize as _;

use super::carve::{Found, What, carve};
use super::error::ReadError;
use super::inspect::armored;
use super::merge::{Merged, signature};
use super::{facts, secret};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::{VisibleText, counted};

/// Why a file is not the copy of one certificate that others can be joined
/// to, or why two are not.
#[derive(Debug, thiserror::Error)]
pub enum UnionError {
    /// It holds secret key packets.
    #[error("it holds a secret key, which must not be in a workspace")]
    Secret,
    /// It holds none, or several.
    #[error("it holds {} and not one", counted(*.0, "certificate"))]
    NotOne(usize),
    /// Something in it is no certificate.
    #[error("{0}")]
    Rejected(String),
    /// The library does not accept the packets.
    #[error(transparent)]
    Unreadable(#[from] ReadError),
    /// It cannot be armored.
    #[error("it cannot be written: {0}")]
    Unwritable(VisibleText),
}

/// The packets of one public certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PacketSet {
    fingerprint: Fingerprint,
    /// The body of the primary key packet.
    primary: Vec<u8>,
    /// The bodies of the signatures on each component, and on the primary
    /// key.
    signatures: BTreeMap<Component, BTreeSet<Vec<u8>>>,
}

/// What signatures stand behind, in the order of a certificate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Component {
    Primary,
    UserId(Vec<u8>),
    Attribute(Vec<u8>),
    Subkey(Vec<u8>),
    /// A packet that this program does not know.
    Other(u8, Vec<u8>),
}

impl Component {
    fn packet(&self) -> Option<(Tag, &[u8])> {
        match self {
            Self::Primary => None,
            Self::UserId(body) => Some((Tag::UserID, body)),
            Self::Attribute(body) => Some((Tag::UserAttribute, body)),
            Self::Subkey(body) => Some((Tag::PublicSubkey, body)),
            Self::Other(tag, body) => Some((Tag::from(*tag), body)),
        }
    }
}

impl PacketSet {
    /// Reads a file that holds one public certificate, armored or not, and
    /// nothing else of OpenPGP.
    pub fn read(data: &[u8]) -> Result<Self, UnionError> {
        let mut found = carve(data);
        if found.iter().any(|found| found.holds_secret) {
            return Err(UnionError::Secret);
        }
        let certificates = found.iter().filter(|f| matches!(f.what, What::Certificate(_))).count();
        let rejected = found.iter().find_map(|found| match &found.what {
            What::Rejected(rejection) => Some(rejection.to_string()),
            What::Signature(_) => Some("it holds a signature that no certificate is around".into()),
            What::Certificate(_) => None,
        });
        match (found.pop(), rejected) {
            (_, Some(reason)) => Err(UnionError::Rejected(reason)),
            (Some(Found { what: What::Certificate(bytes), .. }), None) if certificates == 1 => {
                let parted = secret::part(&bytes);
                if parted.secrets.is_empty() {
                    return Self::of(&parted.public);
                }
                drop(parted);
                if let Cow::Owned(mut bytes) = bytes {
                    bytes.zeroize();
                }
                Err(UnionError::Secret)
            }
            _ => Err(UnionError::NotOne(certificates)),
        }
    }

    /// The packets of one public certificate that nobody else has touched.
    pub(super) fn of(public: &[u8]) -> Result<Self, UnionError> {
        let raw = RawCert::from_bytes(public).map_err(ReadError::from)?;
        let fingerprint = facts::fingerprint(&raw.fingerprint()).map_err(ReadError::from)?;
        let mut set = Self { fingerprint, primary: Vec::new(), signatures: BTreeMap::new() };
        let mut place = Component::Primary;
        for packet in raw.packets() {
            let body = packet.body().to_vec();
            match packet.tag() {
                Tag::PublicKey => set.primary = body,
                // What a program notes for itself is no part of it.
                Tag::Trust | Tag::Marker => {}
                Tag::Signature => {
                    set.signatures.entry(place.clone()).or_default().insert(body);
                }
                tag => {
                    place = match tag {
                        Tag::UserID => Component::UserId(body),
                        Tag::UserAttribute => Component::Attribute(body),
                        Tag::PublicSubkey => Component::Subkey(body),
                        other => Component::Other(other.into(), body),
                    };
                    set.signatures.entry(place.clone()).or_default();
                }
            }
        }
        Ok(set)
    }

    /// The fingerprint of the primary key.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// All packets of both; of nothing is said whether it is valid. They must
    /// have the same fingerprint.
    #[must_use]
    pub fn union(mut self, other: Self) -> Self {
        // The same key can be spelled with zeros in front of its numbers.
        self.primary = self.primary.min(other.primary);
        for (component, signatures) in other.signatures {
            self.signatures.entry(component).or_default().extend(signatures);
        }
        self
    }

    /// Whether `other` has all of it.
    #[must_use]
    pub fn is_part_of(&self, other: &Self) -> bool {
        self.signatures.iter().all(|(component, signatures)| {
            other.signatures.get(component).is_some_and(|there| signatures.is_subset(there))
        })
    }

    /// What `other` does not have: its signatures, and of what they are on
    /// what is left with one, or was never there.
    #[must_use]
    pub fn without(mut self, other: &Self) -> Self {
        self.signatures.retain(|component, signatures| {
            let Some(there) = other.signatures.get(component) else { return true };
            signatures.retain(|signature| !there.contains(signature));
            !signatures.is_empty()
        });
        self
    }

    /// The certificate in ASCII armor.
    pub fn armored(&self) -> Result<String, UnionError> {
        // Nothing is written that cannot be read again.
        self.cert()?;
        let bytes = self.bytes().map_err(ReadError::from)?;
        let unwritable = |error: std::io::Error| VisibleText::from_text(&error.to_string());
        armored(Kind::PublicKey, &bytes).map_err(|error| UnionError::Unwritable(unwritable(error)))
    }

    /// The certificate with its self-signatures verified, and with all
    /// certifications by others.
    pub(super) fn cert(&self) -> Result<Cert, UnionError> {
        let bytes = self.bytes().map_err(ReadError::from)?;
        Ok(Merged::of(&[&bytes], usize::MAX)?.cert()?)
    }

    /// The signatures that the library passes over without a word.
    pub(super) fn unreadable(&self) -> impl Iterator<Item = &[u8]> {
        let is_unreadable = |body: &&Vec<u8>| {
            let mut packet = Vec::new();
            push(&mut packet, Tag::Signature, body).is_err() || signature(&packet).is_none()
        };
        self.signatures.values().flatten().filter(is_unreadable).map(Vec::as_slice)
    }

    pub(super) fn bytes(&self) -> sequoia_openpgp::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        push(&mut bytes, Tag::PublicKey, &self.primary)?;
        self.push_components(&mut bytes, |_| true)?;
        Ok(bytes)
    }

    /// What stands between the primary key packet and the first subkey.
    pub(super) fn behind_primary(&self) -> sequoia_openpgp::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let is_before = |one: &Component| {
            matches!(one, Component::Primary | Component::UserId(_) | Component::Attribute(_))
        };
        self.push_components(&mut bytes, is_before)?;
        Ok(bytes)
    }

    fn push_components(
        &self,
        bytes: &mut Vec<u8>,
        is_wanted: impl Fn(&Component) -> bool,
    ) -> sequoia_openpgp::Result<()> {
        for (component, signatures) in self.signatures.iter().filter(|(one, _)| is_wanted(one)) {
            if let Some((tag, body)) = component.packet() {
                push(bytes, tag, body)?;
            }
            for body in signatures {
                push(bytes, Tag::Signature, body)?;
            }
        }
        Ok(())
    }
}

fn push(bytes: &mut Vec<u8>, tag: Tag, body: &[u8]) -> sequoia_openpgp::Result<()> {
    let length = BodyLength::Full(u32::try_from(body.len())?);
    Header::new(CTB::new(tag), length).serialize(bytes)?;
    bytes.extend_from_slice(body);
    Ok(())
}
