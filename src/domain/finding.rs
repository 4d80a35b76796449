//! Findings: what a rule has to say, with a stable id.

use std::fmt;

use super::fingerprint::Fingerprint;
use super::text::VisibleText;

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Must be dealt with.
    Error,
    /// Should be dealt with.
    Warning,
    /// Good to know.
    Note,
}

impl Severity {
    /// The word of screens and JSON documents.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

macro_rules! finding_ids {
    ($($variant:ident = $word:literal: $rule:literal),* $(,)?) => {
        /// The stable id of a rule; it never changes its meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FindingId {
            $(#[doc = $rule] $variant,)*
        }

        impl FindingId {
            /// All rules.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The id as documents and scripts write it.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// The rule in a sentence.
            #[must_use]
            pub const fn rule(self) -> &'static str {
                match self {
                    $(Self::$variant => $rule,)*
                }
            }
        }
    };
}

finding_ids! {
    Alg001 = "ALG-001": "An RSA key has as many bits as the policy wants.",
    Alg002 = "ALG-002": "No key is DSA or ElGamal.",
    Alg003 = "ALG-003": "A key is on a curve that the policy allows.",
    Alg004 = "ALG-004": "Self-signatures and revocations use SHA-256 or better.",
    Alg005 = "ALG-005": "Keys and self-signatures are of version 4 or 6.",
    Alg006 = "ALG-006": "No key is known to be weak, whatever its size.",
    Alg007 = "ALG-007": "Who verifies with an old gpg or rpm knows the key's algorithm.",
    Cap001 = "CAP-001": "The primary key certifies and does nothing else.",
    Cap002 = "CAP-002": "At least one signing subkey is valid.",
    Cap003 = "CAP-003": "A release key has no encryption or authentication subkey.",
    Cap004 = "CAP-004": "Each signing subkey has a good binding with a back signature.",
    Cap005 = "CAP-005": "No subkey signs in two environments.",
    Cap006 = "CAP-006": "No more signing subkeys are valid than the policy allows.",
    Exp001 = "EXP-001": "The primary key ends, and not later than the policy allows.",
    Exp002 = "EXP-002": "A signing subkey ends, and not later than the policy allows.",
    Exp003 = "EXP-003": "A subkey ends before its primary key, by the policy's margin.",
    Exp004 = "EXP-004": "A subkey is published long enough before it signs.",
    Exp005 = "EXP-005": "A key that ends soon has a successor.",
    Exp006 = "EXP-006": "No key is made in the future, nor a subkey before its primary key.",
    Exp007 = "EXP-007": "The user IDs agree on when the primary key ends.",
    Exp008 = "EXP-008": "No key is extended more often, or grows older, than the policy allows.",
    Uid001 = "UID-001": "A user ID has no comment in parentheses.",
    Uid002 = "UID-002": "A user ID has no control, bidirectional or invisible characters.",
    Uid003 = "UID-003": "Exactly one user ID is marked as the primary one.",
    Uid004 = "UID-004": "A certificate is not flooded with certifications.",
    Crt001 = "CRT-001": "As many others have certified it as the policy wants.",
    Crt002 = "CRT-002": "The certificates of the roster are there and can certify.",
    Crt003 = "CRT-003": "A certificate that replaces another is certified by it.",
    Cer004 = "CER-004": "Within a year somebody has shown that the primary key can be used.",
    Cer005 = "CER-005": "Nothing but ceremonies has used the primary key.",
    Cer006 = "CER-006": "What was made is proved with the certificate alone.",
    Cer007 = "CER-007": "Nothing leaves a ceremony with a secret that it is not for.",
    Cer008 = "CER-008": "Only a primary key that is whole, in use, and was never exposed is adopted.",
    Cer009 = "CER-009": "After an adoption nothing but its media holds the primary key.",
    Cer010 = "CER-010": "A key whose medium may be in other hands is replaced within ninety days.",
    Med001 = "MED-001": "A medium holds what belongs on it, and nothing else.",
    Med002 = "MED-002": "Each medium is a device of its own, and the one that it should be.",
    Med003 = "MED-003": "What is read from a medium is what was written.",
    Rev003 = "REV-003": "A kept revocation does what it is kept for.",
    Rev004 = "REV-004": "Somebody keeps a revocation certificate, and was asked within two years.",
    Rev005 = "REV-005": "A revocation certificate is not kept beside the key.",
    Cus001 = "CUS-001": "The secret of a primary key is not on this machine.",
    Cus002 = "CUS-002": "Two copies of the primary key are kept, at two places.",
    Cus003 = "CUS-003": "Each copy of the primary key was proved within a year.",
    Cus004 = "CUS-004": "What is put into a slot is one secret subkey, and never the primary key.",
    Cus005 = "CUS-005": "The key and its passphrase stand in different stores.",
    Cus006 = "CUS-006": "Whoever can read a slot is named, and was looked at within a year.",
    Cus009 = "CUS-009": "A secret without a passphrase stands only where it is encrypted, for a reason.",
    Cus011 = "CUS-011": "A slot is the place that is declared, by what the place says of itself.",
    Cus012 = "CUS-012": "Nobody else changes a slot between the plan and what follows from it.",
    Cus013 = "CUS-013": "A slot takes what is to be put there.",
    Cus014 = "CUS-014": "What was put into a slot is proved to be there, or to be gone.",
    Cus008 = "CUS-008": "A slot's user names the key by its whole fingerprint and an exclamation mark.",
    Rev002 = "REV-002": "No soft revocation is kept in advance.",
    Cus010 = "CUS-010": "A file that is read holds no secret key material.",
    Pub001 = "PUB-001": "Every target that a rotation waits for serves what was published.",
    Pub002 = "PUB-002": "No target serves what the team has not made, or less than it did.",
    Pub003 = "PUB-003": "A fingerprint is published in two ways that do not depend on each other.",
    Pub004 = "PUB-004": "Every target goes on serving certificates that are no longer used.",
    Pub005 = "PUB-005": "Pages show the whole fingerprint, in groups, and no other.",
    Pub006 = "PUB-006": "Certifications that a keyserver is to serve are approved by the certificate.",
    Pub007 = "PUB-007": "A target is the place that is declared, and nobody else changes it between the plan and the write.",
    Log001 = "LOG-001": "Each line of the audit log can be read, and names the one before it.",
    Log002 = "LOG-002": "The audit log has every line that is named elsewhere, and its checkpoints good signatures.",
    Log003 = "LOG-003": "No line of the audit log waits longer than 90 days for a signed checkpoint.",
    Log004 = "LOG-004": "No line of the audit log was cut off while it was written.",
    Log005 = "LOG-005": "Within a chain of the audit log, time does not go backwards.",
    Log006 = "LOG-006": "The audit log has one history.",
    Ops001 = "OPS-001": "One key holder more than a ceremony needs can be asked today.",
    Hst001 = "HST-001": "Offline, no network interface but the loopback is up.",
    Hst002 = "HST-002": "Offline, there is no default route.",
    Hst003 = "HST-003": "No swap is in use.",
    Hst004 = "HST-004": "No crash writes the memory of keyrite down.",
    Hst005 = "HST-005": "No other program reads the memory of keyrite, and none that it starts gets more rights.",
    Hst006 = "HST-006": "A folder in memory is there for files that must not stay.",
    Hst007 = "HST-007": "The clock agrees with the machine's other clocks to two minutes.",
    Hst008 = "HST-008": "The clock is not before what is known to be past.",
    Hst009 = "HST-009": "Nothing records the terminal or shares it.",
}

impl FindingId {
    /// What is found of the machine on which a ceremony runs.
    pub const HOST: [Self; 9] = [
        Self::Hst001,
        Self::Hst002,
        Self::Hst003,
        Self::Hst004,
        Self::Hst005,
        Self::Hst006,
        Self::Hst007,
        Self::Hst008,
        Self::Hst009,
    ];

    /// Whether a team can live with it: not with a secret in public, nor, for
    /// a time, with a machine that it may not have next time.
    #[must_use]
    pub fn can_be_waived(self) -> bool {
        self != Self::Cus010 && !Self::HOST.contains(&self)
    }

    /// The rule of that id.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|id| id.word() == word)
    }
}

impl fmt::Display for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which rule speaks.
    pub id: FindingId,
    /// How grave it is.
    pub severity: Severity,
    /// What it speaks of: a file, a key, a declaration.
    pub subject: VisibleText,
    /// The certificate and the key that it speaks of, as far as it does.
    pub about: Vec<Fingerprint>,
    /// What was found.
    pub message: String,
    /// What to do, the safe thing first.
    pub remedy: String,
}
