//! Why bytes are not a certificate.

use std::fmt;

/// Damaged places after which the rest of a file is given up.
pub(super) const MAX_DAMAGE: usize = 10_000;

/// What bytes are instead of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// Nothing of OpenPGP in the whole input.
    NotOpenPgp,
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
    /// A signature without a certificate.
    LoneSignature,
    /// Armor of another kind.
    OtherArmor,
    /// Armor with damaged lines or without an end.
    DamagedArmor,
    /// A version 2 or 3 key.
    Version3,
    /// A version 5 key, which no standard describes.
    Version5,
    /// Blobs of a keybox that make no sense.
    DamagedKeybox,
    /// More damaged places than anybody wants to know of.
    TooMuchDamage,
}

impl Rejection {
    /// Whether the input is no defective key material but something else.
    #[must_use]
    pub fn is_foreign(&self) -> bool {
        match self {
            Self::NotOpenPgp
            | Self::Empty
            | Self::Garbage { .. }
            | Self::Message
            | Self::LoneSignature
            | Self::OtherArmor => true,
            Self::CutOff { .. }
            | Self::Damaged { .. }
            | Self::DamagedArmor
            | Self::Version3
            | Self::Version5
            | Self::DamagedKeybox
            | Self::TooMuchDamage => false,
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOpenPgp => f.write_str("no OpenPGP data in it"),
            Self::Empty => f.write_str("empty"),
            Self::CutOff { missing } => write!(
                f,
                "certificate cut off: its last packet wants {missing} more byte(s); rejected as a whole, because a revocation could be missing"
            ),
            Self::Damaged { after } => write!(
                f,
                "certificate damaged {after} byte(s) after its start; rejected as a whole, because a revocation could be missing"
            ),
            Self::Garbage { length } => {
                write!(f, "{length} byte(s) that are not OpenPGP; skipped")
            }
            Self::Message => f.write_str("an encrypted or signed message, not a certificate"),
            Self::LoneSignature => f.write_str(
                "a signature without a certificate (a detached signature or a revocation certificate)",
            ),
            Self::OtherArmor => f.write_str("armor that holds no certificate"),
            Self::DamagedArmor => f.write_str("armor with damaged lines or without an end line"),
            Self::Version3 => f.write_str(
                "a version 3 key: its fingerprint is MD5 and can be forged; not supported",
            ),
            Self::Version5 => f.write_str("a version 5 key: no standard describes it; not supported"),
            Self::DamagedKeybox => f.write_str(
                "a part of the keybox that makes no sense; what is behind it was read",
            ),
            Self::TooMuchDamage => {
                write!(f, "too much damage, such as {MAX_DAMAGE} damaged places; the rest was not read")
            }
        }
    }
}
