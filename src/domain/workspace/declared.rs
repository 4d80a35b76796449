//! The nouns of a workspace file.

use crate::domain::finding::{Finding, FindingId};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::period::Period;
use crate::domain::schedule::Progress;
use crate::domain::timestamp::Timestamp;
use crate::domain::worded::worded;

worded! {
    /// The environments in which keys live.
    pub enum Environment: "environment" {
        /// Users trust what is signed here.
        Production = "production",
        /// The same steps, before they count.
        Staging = "staging",
        /// Practice on throw-away keys.
        Rehearsal = "rehearsal",
        /// Made-up keys.
        Demo = "demo",
    }
}

worded! {
    /// What somebody does in ceremonies.
    pub enum Role: "role" {
        /// Leads through the steps.
        Administrator = "administrator",
        /// Sees that they are done as written.
        Witness = "witness",
        /// Keeps a medium or a share of a root.
        KeyHolder = "key-holder",
        /// Works on the machine with the network.
        OnlineOperator = "online-operator",
        /// Keeps a revocation certificate.
        RevocationHolder = "revocation-holder",
        /// Reads everything and changes nothing.
        Reviewer = "reviewer",
    }
}

worded! {
    /// What a certificate is for.
    pub enum Class: "class of keys" {
        /// Certifies other keys only.
        Root = "root",
        /// Users trust it by name.
        Release = "release",
        /// Signs for one institution or stage on the way.
        Intermediate = "intermediate",
        /// Somebody's own.
        Person = "person",
    }
}

/// Somebody of the team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// A short name, for the other declarations.
    pub id: String,
    /// The whole name.
    pub name: String,
    /// The certificate; it stands in `people/<FPR>.asc`.
    pub fingerprint: Option<Fingerprint>,
    /// What they do in ceremonies.
    pub roles: Vec<Role>,
    /// When they cannot be asked: from one midnight up to another.
    pub away: Vec<(Timestamp, Timestamp)>,
    /// The line of the file.
    pub line: usize,
}

impl Person {
    /// Whether they can be asked at that instant.
    #[must_use]
    pub fn is_there(&self, at: Timestamp) -> bool {
        !self.away.iter().any(|(from, until)| *from <= at && at < *until)
    }
}

/// A certificate that the team manages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagedKey {
    /// The certificate; it stands in `certs/<FPR>.asc`.
    pub certificate: Fingerprint,
    /// What it is for.
    pub class: Class,
    /// Where it is trusted, if not in the workspace's environment.
    pub environment: Option<Environment>,
    /// The profile that holds for it, if not the workspace's.
    pub profile: Option<String>,
    /// The certificate whose place it takes.
    pub replaces: Option<Fingerprint>,
    /// The line of the file.
    pub line: usize,
}

/// One signer identity: exactly one subkey signs for it at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consumer {
    /// A short name.
    pub id: String,
    /// What it is.
    pub label: String,
    /// The certificate.
    pub certificate: Fingerprint,
    /// The subkey that signs for it now; absent before the first one.
    pub subkey: Option<Fingerprint>,
    /// The person who has to act.
    pub owner: Option<String>,
    /// How far the next rotation is, by what the team has written down.
    pub progress: Progress,
    /// The day on which the present subkey was published.
    pub published: Option<Timestamp>,
    /// The day on which it began to sign.
    pub activated: Option<Timestamp>,
    /// The slots that hold its secret.
    pub slots: Vec<String>,
    /// The line of the file.
    pub line: usize,
}

/// The longest time for which a waiver can be written down.
const LONGEST_WAIVER: Period = Period::Months(12);

impl Waiver {
    /// Whether that finding is meant.
    #[must_use]
    pub fn is_for(&self, finding: &Finding) -> bool {
        let is_key = |key: &Fingerprint| key.hex().eq_ignore_ascii_case(&self.of);
        self.finding == finding.id
            && finding.id.can_be_waived()
            && (finding.subject.as_str() == self.of || finding.about.iter().any(is_key))
    }

    /// Whether it holds at `now`: one that was written for longer than a year
    /// does not, until a year before its end.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        now < self.until && self.until <= now.after(LONGEST_WAIVER)
    }

    /// Whether it can be written down at `now`, or why not.
    pub fn check(&self, now: Timestamp) -> Result<(), String> {
        if self.until <= now {
            return Err(format!(
                "{} is over: a waiver holds until a day to come",
                self.until.date()
            ));
        }
        if self.until > now.after(LONGEST_WAIVER) {
            return Err(format!(
                "{} is more than {LONGEST_WAIVER} away: look at it again before",
                self.until.date()
            ));
        }
        if self.reason.trim().is_empty() {
            return Err("say why, for those who read it later".to_owned());
        }
        Ok(())
    }
}

/// A finding that the team lives with, for a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// Of which rule.
    pub finding: FindingId,
    /// Of what: a certificate's fingerprint, a key's, or the id of a
    /// declaration.
    pub of: String,
    /// Why.
    pub reason: String,
    /// Who signed it off.
    pub by: String,
    /// The first day on which it no longer holds.
    pub until: Timestamp,
    /// The line of the file.
    pub line: usize,
}
