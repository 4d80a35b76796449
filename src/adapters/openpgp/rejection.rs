//! Why bytes are not a certificate.

use std::fmt;

use crate::domain::text::counted;

/// Damaged places after which the rest of a file is given up.
pub const MAX_DAMAGE: usize = 10_000;

/// What bytes are instead of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// Nothing of OpenPGP in the whole input.
    NotOpenPgp,
    /// Armor behind a colon, by which GnuPG keeps a revocation certificate
    /// from being used by accident.
    DisabledRevocation,
    /// Nothing at all.
    Empty,
    /// The input ends inside a packet.
    CutOff {
        /// Bytes that the packet announces beyond the end.
        missing: usize,
    },
    /// The packets stop making sense.
    Damaged {
        /// Where, counted from the start of the certificate.
        after: usize,
    },
    /// Bytes between certificates that are not OpenPGP.
    Garbage {
        /// How many.
        length: usize,
    },
    /// An encrypted or signed message.
    Message,
    /// A signature of data, without a certificate.
    LoneSignature,
    /// A revocation of a certificate that is not among the inputs.
    LoneRevocation {
        /// Whose it claims to be.
        issuers: Vec<String>,
    },
    /// A revocation that the library does not read.
    UnreadableRevocation {
        /// Whose it claims to be.
        issuers: Vec<String>,
    },
    /// A revocation that its certificate has not made.
    BadRevocation {
        /// Whose it claims to be.
        issuers: Vec<String>,
    },
    /// Armor of another kind.
    OtherArmor,
    /// Armor with damaged lines or without an end.
    DamagedArmor,
    /// A version 2 or 3 key.
    Version3,
    /// A version 5 key, which no standard describes.
    Version5,
    /// A keybox, or armor, that holds no OpenPGP certificate.
    NoCertificate,
    /// A keybox that makes no sense up to its end.
    KeyboxCutOff,
    /// Blobs of a keybox that make no sense.
    DamagedKeybox,
    /// More damaged places than anybody wants to know of.
    TooMuchDamage,
}

impl Rejection {
    /// Whether it is something else that belongs to OpenPGP, and no defect of
    /// a folder of keys.
    #[must_use]
    pub fn is_no_key_material(&self) -> bool {
        matches!(
            self,
            Self::Message | Self::LoneSignature | Self::OtherArmor | Self::DisabledRevocation
        )
    }

    /// Whether it is nothing of OpenPGP at all.
    #[must_use]
    pub fn is_not_openpgp(&self) -> bool {
        matches!(self, Self::NotOpenPgp | Self::Empty)
    }
}

fn named(issuers: &[String]) -> String {
    if issuers.is_empty() { "that it does not name".to_owned() } else { issuers.join(", ") }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOpenPgp => f.write_str("no OpenPGP data in it"),
            Self::DisabledRevocation => f.write_str(
                "a revocation certificate that GnuPG has disabled by a colon before its armor; \
                 nothing was revoked",
            ),
            Self::Empty => f.write_str("empty"),
            Self::CutOff { missing } => write!(
                f,
                "certificate cut off: its last packet wants {} more; rejected as a whole, because a revocation could be missing",
                counted(*missing, "byte")
            ),
            Self::Damaged { after } => write!(
                f,
                "certificate damaged {} after its start; rejected as a whole, because a revocation could be missing",
                counted(*after, "byte")
            ),
            Self::Garbage { length } => {
                write!(f, "{} that belong to no certificate; skipped", counted(*length, "byte"))
            }
            Self::Message => f.write_str("an encrypted, signed or compressed message, not a certificate; not looked into"),
            Self::LoneSignature => f.write_str("a detached signature, not a certificate"),
            Self::LoneRevocation { issuers } if issuers.is_empty() => {
                f.write_str("a revocation that names no key; give it together with its certificate")
            }
            Self::LoneRevocation { issuers } => write!(
                f,
                "a revocation by key {}, whose certificate is not among what was read; give both, or that key looks valid",
                issuers.join(", ")
            ),
            Self::UnreadableRevocation { issuers } => write!(
                f,
                "a revocation by key {} that cannot be read: damaged, or of an unknown kind; do \
                 not use that key before that is explained",
                named(issuers)
            ),
            Self::BadRevocation { issuers } => write!(
                f,
                "a revocation that claims to be by key {} and does not verify: damaged or forged; \
                 nothing was revoked",
                named(issuers)
            ),
            Self::OtherArmor => f.write_str("armor that holds no certificate"),
            Self::DamagedArmor => f.write_str("armor with damaged lines or without an end line"),
            Self::Version3 => f.write_str(
                "a version 3 key: its fingerprint is MD5 and can be forged; not supported",
            ),
            Self::Version5 => {
                f.write_str("a version 5 key: no standard describes it; not supported")
            }
            Self::NoCertificate => f.write_str("no certificate in it"),
            Self::KeyboxCutOff => f.write_str(
                "the keybox is cut off, or makes no sense from here to its end; certificates may be missing",
            ),
            Self::DamagedKeybox => {
                f.write_str("a part of the keybox that makes no sense; what is behind it was read")
            }
            Self::TooMuchDamage => {
                write!(
                    f,
                    "too much damage, such as {MAX_DAMAGE} damaged places; the rest was not read"
                )
            }
        }
    }
}
