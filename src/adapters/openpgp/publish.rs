//! A certificate as it is published, and as it is found where it was.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use sequoia_openpgp::Cert;
use sequoia_openpgp::cert::amalgamation::{ValidAmalgamation as _, ValidateAmalgamation as _};
use sequoia_openpgp::packet::{Packet, Signature};
use sequoia_openpgp::policy::StandardPolicy;
use sequoia_openpgp::serialize::SerializeInto as _;
use sequoia_openpgp::types::RevocationStatus;

use super::carve::{What, carve};
use super::differ::{Bearer, Part, parts};
use super::inspect::armored;
use super::key_error::KeyError;
use super::rejection::Rejection;
use super::secret;
use super::union::PacketSet;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::publication::{CertificateForm, Component, ComponentKind, Components, Served};
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;
use crate::engine::chain::Digest;

/// A certificate as it leaves the house.
#[derive(Debug)]
pub struct Published {
    /// In ASCII armor.
    pub armored: String,
    /// The packets alone.
    pub binary: Vec<u8>,
    /// What it is made of.
    pub components: Components,
}

/// The form of a certificate that is published: what its primary key speaks
/// for, and nothing that is meant to stay at home.
pub fn publishable(
    certificate: &[u8],
    form: CertificateForm,
    at: Timestamp,
) -> Result<Published, KeyError> {
    let cert = PacketSet::read(certificate)?.cert()?;
    let mut packets: Vec<Packet> = vec![cert.primary_key().key().clone().into()];
    let primary = cert.primary_key();
    push(&mut packets, primary.self_signatures().chain(primary.self_revocations()));
    push(&mut packets, primary.other_revocations());
    let now = instant(at);
    for id in cert.userids() {
        packets.push(id.userid().clone().into());
        push(&mut packets, id.self_signatures().chain(id.self_revocations()));
        let policy = StandardPolicy::at(now);
        if form == CertificateForm::Attested
            && let Ok(valid) = id.with_policy(&policy, now)
        {
            push(&mut packets, valid.approvals().chain(valid.approved_certifications()));
        }
    }
    for attribute in cert.user_attributes() {
        packets.push(attribute.user_attribute().clone().into());
        push(&mut packets, attribute.self_signatures().chain(attribute.self_revocations()));
    }
    for subkey in cert.keys().subkeys() {
        packets.push(subkey.key().clone().into());
        push(&mut packets, subkey.self_signatures().chain(subkey.self_revocations()));
    }
    let published = Cert::from_packets(packets.into_iter()).map_err(KeyError::from)?;
    let binary = published.to_vec()?;
    let armored = armored(sequoia_openpgp::armor::Kind::PublicKey, &binary).unwrap_or_default();
    let components = components(&PacketSet::of(&binary)?)?;
    Ok(Published { armored, binary, components })
}

fn push<'a>(packets: &mut Vec<Packet>, signatures: impl Iterator<Item = &'a Signature>) {
    packets.extend(signatures.filter(|one| one.exportable().is_ok()).cloned().map(Packet::from));
}

/// The addresses of a certificate's user IDs that are not revoked: by these
/// users look for it.
pub fn addresses(certificate: &[u8], at: Timestamp) -> Result<Vec<String>, KeyError> {
    let cert = PacketSet::read(certificate)?.cert()?;
    let policy = StandardPolicy::at(instant(at));
    let Ok(valid) = cert.with_policy(&policy, instant(at)) else { return Ok(Vec::new()) };
    let is_revoked = |status| matches!(status, RevocationStatus::Revoked(_));
    if is_revoked(valid.revocation_status()) {
        return Ok(Vec::new());
    }
    let live = valid.userids().filter(|id| !is_revoked(id.revocation_status()));
    let mut found = Vec::new();
    for address in live.filter_map(|id| id.userid().email().ok().flatten().map(str::to_owned)) {
        if !found.contains(&address) {
            found.push(address);
        }
    }
    Ok(found)
}

/// The addresses of all its user IDs, the revoked ones among them: by these
/// users have found it, and find out that they are revoked.
pub fn every_address(certificate: &[u8]) -> Result<Vec<String>, KeyError> {
    let cert = PacketSet::read(certificate)?.cert()?;
    let own = cert.userids().filter(|id| id.self_signatures().next().is_some());
    let mut found = Vec::new();
    for address in own.filter_map(|id| id.userid().email().ok().flatten().map(str::to_owned)) {
        if !found.contains(&address) {
            found.push(address);
        }
    }
    Ok(found)
}

/// The packets of a certificate in ASCII armor, as they are.
pub fn binary_of(armored: &[u8]) -> Result<Vec<u8>, KeyError> {
    Ok(PacketSet::read(armored)?.cert()?.to_vec()?)
}

/// How many certifications by others a certificate has, and how many of them
/// it has approved.
pub fn certifications(certificate: &[u8], at: Timestamp) -> Result<(usize, usize), KeyError> {
    let cert = PacketSet::read(certificate)?.cert()?;
    let policy = StandardPolicy::at(instant(at));
    let (mut all, mut approved) = (0, 0);
    for id in cert.userids() {
        all += id.certifications().count();
        if let Ok(valid) = id.with_policy(&policy, instant(at)) {
            approved += valid.approved_certifications().count();
        }
    }
    Ok((all, approved))
}

fn instant(at: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(at.unix()).unwrap_or(0))
}

/// What a copy of a certificate is made of.
pub fn components_of(certificate: &[u8]) -> Result<Components, KeyError> {
    components(&PacketSet::read(certificate)?)
}

fn components(set: &PacketSet) -> Result<Components, KeyError> {
    let parts = parts(set)?;
    let vouched: BTreeSet<String> = parts
        .iter()
        .filter_map(|(part, _)| match part {
            Part::SelfSignature { on, .. } => Some(format!("{on:?}")),
            Part::Subkey(_) | Part::UserId(_) | Part::UserAttribute | Part::Unverified => None,
        })
        .collect();
    let is_vouched = |bearer: &Bearer| vouched.contains(&format!("{bearer:?}"));
    let component = |(part, bytes): &(Part, Vec<u8>)| {
        let (kind, of, created) = match part {
            Part::Subkey(key) => (ComponentKind::Subkey, key.hex(), None),
            Part::UserId(text) => (ComponentKind::UserId, text.as_str().to_owned(), None),
            Part::UserAttribute => (ComponentKind::UserAttribute, String::new(), None),
            Part::SelfSignature { on, revokes, created } => {
                let kind =
                    if *revokes { ComponentKind::Revocation } else { ComponentKind::SelfSignature };
                (kind, bearer(on), *created)
            }
            Part::Unverified => (ComponentKind::Unverified, String::new(), None),
        };
        let is_bare = match part {
            Part::Subkey(key) => !is_vouched(&Bearer::Key(*key)),
            Part::UserId(text) => !is_vouched(&Bearer::UserId(text.clone())),
            Part::UserAttribute | Part::SelfSignature { .. } | Part::Unverified => false,
        };
        let kind = if is_bare { ComponentKind::Unverified } else { kind };
        let mut identity = format!("{part:?}\n").into_bytes();
        identity.extend_from_slice(bytes);
        (Digest::of(&identity).hex(), Component { kind, of, created })
    };
    Ok(Components(parts.iter().map(component).collect()))
}

fn bearer(on: &Bearer) -> String {
    match on {
        Bearer::Key(key) => key.hex(),
        Bearer::UserId(text) => text.as_str().to_owned(),
    }
}

/// The certificates that stand beside one.
#[must_use]
pub fn others_in(answer: &[u8], certificate: &Fingerprint) -> Vec<Fingerprint> {
    let certificates = carve(answer).into_iter().filter_map(|one| match one.what {
        What::Certificate(bytes) => PacketSet::of(&bytes).ok(),
        What::Signature(_) | What::Rejected(_) => None,
    });
    let all: BTreeSet<_> = certificates.map(|set| set.fingerprint()).collect();
    all.into_iter().filter(|one| one != certificate).collect()
}

/// What a door of a place gives of a certificate. A collection holds others as
/// well.
#[must_use]
pub fn served(answer: &[u8], wanted: &Fingerprint, is_collection: bool) -> Served {
    let (mut found, mut other) = (None::<PacketSet>, None);
    let unreadable = |why: &str| Served::Unreadable(VisibleText::from_text(why));
    for one in carve(answer) {
        if one.holds_secret {
            return unreadable("a secret key is there");
        }
        let bytes = match one.what {
            What::Certificate(bytes) => bytes,
            // It may revoke what is beside it.
            What::Signature(_) => return unreadable("a signature stands there by itself"),
            What::Rejected(Rejection::NotOpenPgp | Rejection::Empty) => continue,
            What::Rejected(why) => return unreadable(&why.to_string()),
        };
        if !secret::part(&bytes).secrets.is_empty() {
            return unreadable("a secret key is there");
        }
        let set = match PacketSet::of(&bytes) {
            Ok(set) => set,
            Err(error) => return unreadable(&error.to_string()),
        };
        if set.fingerprint() == *wanted {
            found = Some(match found {
                Some(before) => before.union(set),
                None => set,
            });
        } else {
            other = Some(set.fingerprint());
        }
    }
    match (found, other) {
        (_, Some(other)) if !is_collection => Served::Other(other),
        (Some(set), _) => components(&set)
            .map_or_else(|error| unreadable(&error.to_string()), Served::Certificate),
        (None, _) if is_collection => Served::Nothing,
        (None, _) => unreadable("there is no certificate in it"),
    }
}
