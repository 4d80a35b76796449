//! Who would refuse a certificate's signatures, why, and from when on.
//!
//! A certificate that one verifier accepts may be refused by another one. What
//! is known of each is a table of rules with their sources ([`RULES`]); this
//! holds the facts of a certificate against it.

use std::fmt;

use super::assessment::Assessment;
use super::fingerprint::Fingerprint;
use super::timestamp::Timestamp;

mod ask;
mod dates;
mod rules;

pub use rules::{RULES, Rule, RuleEntry};

/// A program, or a place, that verifies signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verifier {
    /// apt of Debian 13, which calls `sqv` with a policy of its own.
    AptSqv,
    /// gpg 2.2, without options.
    Gpg22,
    /// rpm 4.11, of Enterprise Linux 7.
    RpmEl7,
    /// rpm 4.14, of Enterprise Linux 8.
    RpmEl8,
    /// rpm 4.16, of Enterprise Linux 9, with the crypto policy DEFAULT.
    RpmEl9,
    /// rpm 4.19, of Enterprise Linux 10, which calls Sequoia.
    RpmEl10,
    /// Maven Central.
    Maven,
    /// Spack, which calls the gpg of the host.
    Spack,
}

impl Verifier {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::AptSqv,
        Self::Gpg22,
        Self::RpmEl7,
        Self::RpmEl8,
        Self::RpmEl9,
        Self::RpmEl10,
        Self::Maven,
        Self::Spack,
    ];

    /// Its name, on screens and in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AptSqv => "apt/sqv",
            Self::Gpg22 => "gpg 2.2",
            Self::RpmEl7 => "rpm EL7",
            Self::RpmEl8 => "rpm EL8",
            Self::RpmEl9 => "rpm EL9",
            Self::RpmEl10 => "rpm EL10",
            Self::Maven => "Maven",
            Self::Spack => "Spack",
        }
    }
}

impl Verifier {
    /// Whether it looks at the end of a key, and at its revocations. Those of
    /// which no source says so do not.
    #[must_use]
    pub fn looks_at_ends(self) -> bool {
        RULES.iter().any(|entry| entry.verifier == self && entry.rule == Rule::Ended)
    }
}

/// How long something is accepted; the shorter one is the smaller one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Accepted {
    /// At no time.
    Never,
    /// Before that instant.
    Until(Timestamp),
    /// Without end.
    Always,
}

impl Accepted {
    /// Whether it is accepted at that instant.
    #[must_use]
    pub fn at(self, now: Timestamp) -> bool {
        match self {
            Self::Never => false,
            Self::Until(end) => now < end,
            Self::Always => true,
        }
    }

    /// From when on it is refused, if that has an instant.
    #[must_use]
    pub const fn end(self) -> Option<Timestamp> {
        match self {
            Self::Until(end) => Some(end),
            Self::Never | Self::Always => None,
        }
    }
}

/// Why a verifier refuses a key, now or later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The rule.
    pub rule: Rule,
    /// How long the key is accepted in spite of it; not [`Accepted::Always`].
    pub accepted: Accepted,
    /// What it is about this key, in words.
    pub why: String,
}

/// What a verifier says of one signing key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyOpinion {
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// What it is in its certificate.
    pub role: &'static str,
    /// What stands against it, the earliest first.
    pub refusals: Vec<Refusal>,
}

impl KeyOpinion {
    /// How long its signatures are accepted.
    #[must_use]
    pub fn accepted(&self) -> Accepted {
        self.refusals.first().map_or(Accepted::Always, |refusal| refusal.accepted)
    }
}

/// What a verifier says of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opinion {
    /// Who says it.
    pub verifier: Verifier,
    /// Of each key that signs, the one that is accepted longest first. Empty
    /// where no key of the certificate is for signing.
    pub keys: Vec<KeyOpinion>,
}

impl Opinion {
    /// How long any of the certificate's signatures are accepted.
    #[must_use]
    pub fn accepted(&self) -> Accepted {
        self.keys.first().map_or(Accepted::Never, KeyOpinion::accepted)
    }

    /// The opinion in a sentence.
    #[must_use]
    pub fn words(&self, now: Timestamp) -> Words<'_> {
        Words { opinion: self, now }
    }
}

/// What each verifier says of a certificate.
#[must_use]
pub fn opinions(assessment: &Assessment) -> Vec<Opinion> {
    Verifier::ALL.into_iter().map(|verifier| ask::ask(verifier, assessment)).collect()
}

/// An [`Opinion`] as text.
pub struct Words<'a> {
    opinion: &'a Opinion,
    now: Timestamp,
}

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.opinion.verifier.name())?;
        let Some(best) = self.opinion.keys.first() else {
            return f.write_str(": no key of it is for signing");
        };
        let accepts = best.accepted().at(self.now);
        match best.accepted() {
            Accepted::Always if self.opinion.verifier.looks_at_ends() => {
                f.write_str(": accepts")?;
            }
            Accepted::Always => f.write_str(": accepts, and does not look at its end")?,
            Accepted::Never => f.write_str(": refuses")?,
            Accepted::Until(end) if accepts => write!(f, ": accepts until {}", end.date())?,
            Accepted::Until(end) => write!(f, ": refuses since {}", end.date())?,
        }
        if let Some(refusal) = best.refusals.first() {
            write!(f, ", because of {} {}: {}", best.role, best.fingerprint.hex(), refusal.why)?;
        }
        // Others may sign today, and be refused.
        let refused = self.opinion.keys.iter().skip(1).filter(|key| !key.accepted().at(self.now));
        for key in refused.filter(|_| accepts) {
            let why = key.refusals.first().map_or("", |refusal| refusal.why.as_str());
            write!(f, "; refuses {} {}: {why}", key.role, key.fingerprint.hex())?;
        }
        Ok(())
    }
}
