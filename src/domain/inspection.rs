//! A closer look at one certificate: its packets, who certified it, its armor.

use super::certificate::SignatureFrame;
use super::fingerprint::Fingerprint;
use super::text::VisibleText;

/// What a closer look shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspection {
    /// Its packets, in their order in the (merged) certificate.
    pub packets: Vec<PacketLine>,
    /// Packets beyond the ones listed.
    pub more_packets: usize,
    /// Certifications of its user IDs by others.
    pub certifications: Vec<Certification>,
    /// Certifications beyond the ones listed.
    pub more_certifications: usize,
    /// The public certificate in ASCII armor.
    pub armored: String,
}

/// One packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PacketLine {
    /// Its first byte, counted from the start of the certificate.
    pub offset: usize,
    /// Bytes with its header.
    pub length: usize,
    /// Its packet type in the words of RFC 9580.
    pub kind: &'static str,
    /// What it says, in a few words.
    pub detail: String,
}

/// A certification of a user ID by another key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certification {
    /// The certified user ID.
    pub user_id: VisibleText,
    /// Fingerprint of the key that claims to have made it, or its key ID
    /// where it states no more.
    pub issuer: String,
    /// The issuer's name, where its certificate was read, too.
    pub issuer_name: Option<VisibleText>,
    /// When and how it was made, by its own word; absent without a date.
    pub frame: Option<SignatureFrame>,
    /// The certificate that has made it, where it is good.
    pub made_by: Option<Fingerprint>,
    /// Whether it could be checked.
    pub check: Check,
}

/// The result of checking a certification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// Made by that issuer.
    Good,
    /// Not made by that issuer, or not over this user ID.
    Bad,
    /// The issuer's certificate is not among those that were read.
    UnknownIssuer,
}

impl Check {
    /// The word of screens.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::UnknownIssuer => "issuer unknown",
        }
    }
}
