//! The facts of a certificate: what its packets say and which of its
//! self-signatures are cryptographically good.
//!
//! Facts do not depend on time or on a policy. Whether a component may be
//! used, and why not, is judged from them by [`super::validity`].

use super::algorithm::{Algorithm, Hash};
use super::fingerprint::Fingerprint;
use super::text::VisibleText;
use super::timestamp::Timestamp;

/// One certificate (RFC 9580, 10.1): a primary key with its components.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The primary key; its self-signatures are the direct-key signatures.
    pub primary: Key,
    /// Subkeys, in the order of their creation.
    pub subkeys: Vec<Key>,
    /// User IDs.
    pub user_ids: Vec<UserId>,
    /// Number of user attributes (pictures); they carry no weight here.
    pub user_attributes: usize,
    /// Signatures that claim to be the certificate's own and are not good.
    pub bad_signatures: Vec<BadSignature>,
    /// Subkeys and user IDs that could not be read: damaged, or of a kind that
    /// is not known.
    pub unreadable_components: usize,
}

/// A primary key or subkey with what it says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// Its algorithm and size.
    pub algorithm: Algorithm,
    /// When it was made, by its own word.
    pub created: Timestamp,
    /// Secret material that the input held for it.
    pub secret: SecretMaterial,
    /// Good self-signatures, the newest first: direct-key signatures of a
    /// primary key, binding signatures of a subkey.
    pub self_signatures: Vec<SelfSignature>,
    /// Good revocations by the certificate itself, the newest first.
    pub revocations: Vec<Revocation>,
    /// Revocations that claim to come from somebody else; not verified.
    pub foreign_revocations: usize,
}

/// A user ID with what the certificate says about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserId {
    /// The bytes of the packet.
    pub value: Box<[u8]>,
    /// The same, fit to be shown.
    pub text: VisibleText,
    /// Good self-signatures, the newest first.
    pub self_signatures: Vec<SelfSignature>,
    /// Good revocations by the certificate itself, the newest first.
    pub revocations: Vec<Revocation>,
    /// Number of third-party certifications; not verified.
    pub certifications: usize,
}

/// A good self-signature: a direct-key, certification or binding signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelfSignature {
    /// Its creation time and algorithms.
    pub frame: SignatureFrame,
    /// Validity period of the key in seconds after the key's creation; zero
    /// and absent both mean without end, but zero hides a direct-key
    /// signature's period (RFC 9580, 5.2.3.13).
    pub key_validity: Option<u32>,
    /// Key flags, if any are stated (RFC 9580, 5.2.3.29).
    pub flags: Option<KeyFlags>,
    /// Whether it marks the primary user ID.
    pub primary_user_id: bool,
    /// Embedded primary key binding signatures. At least one is good, or the
    /// whole signature would not be.
    pub back_signatures: Vec<SignatureFrame>,
}

/// A revocation by the certificate itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// Its creation time and algorithms.
    pub frame: SignatureFrame,
    /// Why it was revoked.
    pub reason: RevocationReason,
    /// What the revoker added in words.
    pub message: VisibleText,
}

/// What the rules need to know of any signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureFrame {
    /// Its version: 3, 4 or 6.
    pub version: u8,
    /// When it was made, by its own word.
    pub created: Timestamp,
    /// Seconds after which the signature itself ends; never zero.
    pub validity: Option<u32>,
    /// Its hash algorithm.
    pub hash: Hash,
    /// Tags of its critical subpackets (RFC 9580, 5.2.3.7).
    pub critical: Box<[u8]>,
    /// Name of its first critical notation, if there is one.
    pub critical_notation: Option<VisibleText>,
}

impl SignatureFrame {
    /// When the signature itself ends.
    #[must_use]
    pub fn ends(&self) -> Option<Timestamp> {
        self.validity.map(|seconds| self.created.plus(i64::from(seconds)))
    }
}

/// A signature that claims to be by the certificate itself and is not good,
/// or that could not even be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadSignature {
    /// When it claims to have been made, and its hash algorithm; absent where
    /// it could not be read.
    pub read: Option<(Option<Timestamp>, Hash)>,
    /// Whether it would revoke something.
    pub revokes: bool,
}

/// What a key may be used for (RFC 9580, 5.2.3.29).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the flags are independent bits on the wire")]
pub struct KeyFlags {
    /// May certify other keys.
    pub certify: bool,
    /// May sign data.
    pub sign: bool,
    /// May encrypt communications or storage.
    pub encrypt: bool,
    /// May authenticate.
    pub authenticate: bool,
}

impl KeyFlags {
    /// The letters that `OpenPGP` programs use, in their usual order.
    #[must_use]
    pub fn letters(self) -> String {
        [(self.certify, 'C'), (self.sign, 'S'), (self.encrypt, 'E'), (self.authenticate, 'A')]
            .into_iter()
            .filter_map(|(set, letter)| set.then_some(letter))
            .collect()
    }

    /// The words that JSON documents use.
    #[must_use]
    pub fn words(self) -> Vec<&'static str> {
        [
            (self.certify, "certify"),
            (self.sign, "sign"),
            (self.encrypt, "encrypt"),
            (self.authenticate, "authenticate"),
        ]
        .into_iter()
        .filter_map(|(set, word)| set.then_some(word))
        .collect()
    }
}

/// What an input held of a key's secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretMaterial {
    /// A public key packet.
    Absent,
    /// A GnuPG stub: a secret key packet without a secret in it.
    Stub,
    /// A GnuPG stub that points to a smartcard.
    OnCard,
    /// A secret that a passphrase protects.
    Protected,
    /// A secret that anybody who has the file can use.
    Unprotected,
}

impl SecretMaterial {
    /// The word that JSON documents use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Stub => "stub",
            Self::OnCard => "on_card",
            Self::Protected => "protected",
            Self::Unprotected => "unprotected",
        }
    }

    /// Whether the input held an actual secret.
    #[must_use]
    pub const fn is_real(self) -> bool {
        matches!(self, Self::Protected | Self::Unprotected)
    }
}

/// The reason code of a revocation (RFC 9580, 5.2.3.31).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevocationReason {
    /// 0, or no reason stated.
    Unspecified,
    /// 1.
    Superseded,
    /// 2.
    Compromised,
    /// 3.
    Retired,
    /// 32.
    UserIdInvalid,
    /// A code this program does not know.
    Other(u8),
}

impl RevocationReason {
    /// The reason of that code on the wire.
    #[must_use]
    pub const fn from_code(code: u8) -> Self {
        match code {
            0 => Self::Unspecified,
            1 => Self::Superseded,
            2 => Self::Compromised,
            3 => Self::Retired,
            32 => Self::UserIdInvalid,
            other => Self::Other(other),
        }
    }

    /// A hard revocation counts for all times, also those before it.
    #[must_use]
    pub const fn is_hard(self) -> bool {
        !matches!(self, Self::Superseded | Self::Retired | Self::UserIdInvalid)
    }

    /// The reason in a word.
    #[must_use]
    pub fn word(self) -> String {
        match self {
            Self::Unspecified => "no reason given".to_owned(),
            Self::Superseded => "superseded".to_owned(),
            Self::Compromised => "compromised".to_owned(),
            Self::Retired => "retired".to_owned(),
            Self::UserIdInvalid => "user ID no longer valid".to_owned(),
            Self::Other(code) => format!("reason code {code}"),
        }
    }
}

impl UserId {
    /// Whether the certificate itself has signed for it. Anybody can put a
    /// user ID into somebody else's certificate.
    #[must_use]
    pub fn is_bound(&self) -> bool {
        !self.self_signatures.is_empty()
    }
}

impl Certificate {
    /// The fingerprint of the certificate, which is that of its primary key.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.primary.fingerprint
    }

    /// The primary key, then the subkeys.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.primary).chain(&self.subkeys)
    }

    /// The primary key or subkey with that fingerprint.
    #[must_use]
    pub fn key(&self, fingerprint: &Fingerprint) -> Option<&Key> {
        self.keys().find(|key| key.fingerprint == *fingerprint)
    }

    /// Third-party certifications on all user IDs.
    #[must_use]
    pub fn certifications(&self) -> usize {
        self.user_ids.iter().map(|user_id| user_id.certifications).sum()
    }
}
