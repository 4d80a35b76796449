//! Makes certificates to order, with the defects that a test wants. Secrets
//! live in memory only; user IDs say TEST.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sequoia_openpgp::crypto::KeyPair;
use sequoia_openpgp::packet::key::{
    Key4, Key6, PrimaryRole, SecretParts, SubordinateRole, UnspecifiedRole,
};
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::packet::{Key, Packet, Signature, UserID};
use sequoia_openpgp::serialize::SerializeInto as _;
use sequoia_openpgp::types::{Curve, HashAlgorithm, KeyFlags, ReasonForRevocation, SignatureType};
use sequoia_openpgp::{Cert, Result};

/// Midnight of a civil day, or an instant, in seconds since 1970.
pub(crate) fn at(text: &str) -> i64 {
    keyrite::domain::timestamp::Timestamp::parse(text).unwrap().unix()
}

fn time(seconds: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap())
}

/// The algorithm of a key.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Suite {
    Ed25519,
    Rsa(usize),
    P256,
    Brainpool,
    /// A version 4 key of the Ed25519 of RFC 9580.
    NewEd25519,
    /// A version 6 Ed25519 key.
    V6,
}

/// One key to be made.
#[derive(Clone, Debug)]
pub(crate) struct KeySpec {
    pub(crate) suite: Suite,
    pub(crate) flags: &'static str,
    pub(crate) created: i64,
    pub(crate) expires: Option<i64>,
    pub(crate) hash: HashAlgorithm,
    /// Leaves out the primary key binding signature of a signing subkey.
    pub(crate) without_back_signature: bool,
    /// Leaves out the key flags.
    pub(crate) without_flags: bool,
    pub(crate) revoked: Option<(ReasonForRevocation, i64, &'static str)>,
}

impl KeySpec {
    pub(crate) fn new(flags: &'static str, created: &str, expires: Option<&str>) -> Self {
        Self {
            suite: Suite::Ed25519,
            flags,
            created: at(created),
            expires: expires.map(at),
            hash: HashAlgorithm::SHA512,
            without_back_signature: false,
            without_flags: false,
            revoked: None,
        }
    }

    pub(crate) fn suite(self, suite: Suite) -> Self {
        Self { suite, ..self }
    }

    pub(crate) fn hash(self, hash: HashAlgorithm) -> Self {
        Self { hash, ..self }
    }

    pub(crate) fn without_back_signature(self) -> Self {
        Self { without_back_signature: true, ..self }
    }

    pub(crate) fn without_flags(self) -> Self {
        Self { without_flags: true, ..self }
    }

    pub(crate) fn revoked(
        self,
        reason: ReasonForRevocation,
        when: &str,
        message: &'static str,
    ) -> Self {
        Self { revoked: Some((reason, at(when), message)), ..self }
    }

    fn key_flags(&self) -> KeyFlags {
        let mut flags = KeyFlags::empty();
        for letter in self.flags.chars() {
            flags = match letter {
                'C' => flags.set_certification(),
                'S' => flags.set_signing(),
                'E' => flags.set_transport_encryption().set_storage_encryption(),
                'A' => flags.set_authentication(),
                other => panic!("no capability {other}"),
            };
        }
        flags
    }

    fn builder(&self, kind: SignatureType) -> Result<SignatureBuilder> {
        let mut builder = SignatureBuilder::new(kind)
            .set_hash_algo(self.hash)
            .set_signature_creation_time(time(self.created))?;
        if !self.without_flags {
            builder = builder.set_key_flags(self.key_flags())?;
        }
        match self.expires {
            Some(end) => builder.set_key_validity_period(Duration::from_secs(
                u64::try_from(end - self.created).unwrap(),
            )),
            None => Ok(builder),
        }
    }

    fn generate(&self) -> Result<Key<SecretParts, UnspecifiedRole>> {
        fn dated<R: sequoia_openpgp::packet::key::KeyRole>(
            mut key: Key4<SecretParts, R>,
            created: SystemTime,
        ) -> Result<Key4<SecretParts, R>> {
            key.set_creation_time(created)?;
            Ok(key)
        }
        let created = time(self.created);
        Ok(match self.suite {
            Suite::Ed25519 => dated(Key4::generate_ecc(true, Curve::Ed25519)?, created)?.into(),
            Suite::P256 => dated(Key4::generate_ecc(true, Curve::NistP256)?, created)?.into(),
            Suite::Brainpool => {
                dated(Key4::generate_ecc(true, Curve::BrainpoolP256)?, created)?.into()
            }
            Suite::NewEd25519 => dated(Key4::generate_ed25519()?, created)?.into(),
            Suite::Rsa(bits) => dated(Key4::generate_rsa(bits)?, created)?.into(),
            Suite::V6 => {
                let mut key: Key6<SecretParts, UnspecifiedRole> = Key6::generate_ed25519()?;
                key.set_creation_time(created)?;
                key.into()
            }
        })
    }
}

/// Makes a certificate with its secrets. The first spec is the primary key.
pub(crate) fn certificate(user_ids: &[&str], primary: &KeySpec, subkeys: &[KeySpec]) -> Cert {
    build(user_ids, primary, subkeys).unwrap()
}

fn build(user_ids: &[&str], primary: &KeySpec, subkeys: &[KeySpec]) -> Result<Cert> {
    let key: Key<SecretParts, PrimaryRole> = primary.generate()?.role_into_primary();
    let mut signer: KeyPair = key.clone().into_keypair()?;
    let mut packets: Vec<Packet> = vec![Packet::SecretKey(key.clone())];
    if let Some((reason, when, message)) = primary.revoked {
        let revocation = SignatureBuilder::new(SignatureType::KeyRevocation)
            .set_hash_algo(primary.hash)
            .set_signature_creation_time(time(when))?
            .set_reason_for_revocation(reason, message.as_bytes())?
            .sign_direct_key(&mut signer, key.parts_as_public())?;
        packets.push(revocation.into());
    }
    if matches!(primary.suite, Suite::V6) || user_ids.is_empty() {
        let direct = primary
            .builder(SignatureType::DirectKey)?
            .sign_direct_key(&mut signer, key.parts_as_public())?;
        packets.push(direct.into());
    }
    for (index, user_id) in user_ids.iter().enumerate() {
        let user_id = UserID::from(user_id.as_bytes());
        let mut builder = primary.builder(SignatureType::PositiveCertification)?;
        if index == 0 {
            builder = builder.set_primary_userid(true)?;
        }
        let binding = builder.sign_userid_binding(&mut signer, key.parts_as_public(), &user_id)?;
        packets.push(user_id.into());
        packets.push(binding.into());
    }
    for spec in subkeys {
        packets.extend(bind(&key, spec)?);
    }
    Cert::from_packets(packets.into_iter())
}

/// A subkey with its binding.
fn bind(key: &Key<SecretParts, PrimaryRole>, spec: &KeySpec) -> Result<Vec<Packet>> {
    let mut signer: KeyPair = key.clone().into_keypair()?;
    let subkey: Key<SecretParts, SubordinateRole> = spec.generate()?.role_into_subordinate();
    let mut builder = spec.builder(SignatureType::SubkeyBinding)?;
    if spec.flags.contains('S') && !spec.without_back_signature {
        let mut own: KeyPair = subkey.clone().into_keypair()?;
        let back = SignatureBuilder::new(SignatureType::PrimaryKeyBinding)
            .set_hash_algo(spec.hash)
            .set_signature_creation_time(time(spec.created))?
            .sign_primary_key_binding(&mut own, key.parts_as_public(), subkey.parts_as_public())?;
        builder = builder.set_embedded_signature(back)?;
    }
    let binding: Signature = builder.sign_subkey_binding(
        &mut signer,
        key.parts_as_public(),
        subkey.parts_as_public(),
    )?;
    let mut packets = vec![Packet::SecretSubkey(subkey.clone()), binding.into()];
    if let Some((reason, when, message)) = spec.revoked {
        let revocation = SignatureBuilder::new(SignatureType::SubkeyRevocation)
            .set_hash_algo(spec.hash)
            .set_signature_creation_time(time(when))?
            .set_reason_for_revocation(reason, message.as_bytes())?
            .sign_subkey_binding(&mut signer, key.parts_as_public(), subkey.parts_as_public())?;
        packets.push(revocation.into());
    }
    Ok(packets)
}

/// The certificate with one more subkey.
pub(crate) fn add_subkey(cert: &Cert, spec: &KeySpec) -> Cert {
    let key = cert.primary_key().key().clone().parts_into_secret().unwrap();
    cert.clone().insert_packets(bind(&key, spec).unwrap()).unwrap().0
}

/// A detached signature by the key at that place of `cert`.
pub(crate) fn sign(cert: &Cert, place: usize, data: &[u8], when: i64) -> Vec<u8> {
    let sign = || -> Result<Vec<u8>> {
        let key = cert.keys().nth(place).unwrap().key().clone().parts_into_secret()?;
        let signature = SignatureBuilder::new(SignatureType::Binary)
            .set_hash_algo(HashAlgorithm::SHA512)
            .set_signature_creation_time(time(when))?
            .sign_message(&mut key.into_keypair()?, data)?;
        Packet::from(signature).to_vec()
    };
    sign().unwrap()
}

/// Lets `certifier` certify the first user ID of `cert`.
pub(crate) fn certify(certifier: &Cert, cert: &Cert, when: &str) -> Cert {
    let certify = || -> Result<Cert> {
        let mut signer: KeyPair =
            certifier.primary_key().key().clone().parts_into_secret()?.into_keypair()?;
        let user_id = cert.userids().next().unwrap().userid().clone();
        let signature = SignatureBuilder::new(SignatureType::PositiveCertification)
            .set_hash_algo(HashAlgorithm::SHA512)
            .set_signature_creation_time(time(at(when)))?
            .sign_userid_binding(&mut signer, cert.primary_key().key(), &user_id)?;
        Ok(cert.clone().insert_packets([Packet::from(user_id), signature.into()])?.0)
    };
    certify().unwrap()
}
