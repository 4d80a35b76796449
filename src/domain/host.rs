//! The machine on which a ceremony runs: what was seen of it, what is wrong
//! with it, and what of that stops a ceremony.
//!
//! What could not be seen is no answer: it is told as a finding, too, and
//! stops what the same finding would stop.

mod blocking;
mod probes;

pub use blocking::{Block, Hold, blocking};
pub use probes::{far_ahead, probe};

use super::certificate::Certificate;
use super::finding::{Finding, FindingId};
use super::text::VisibleText;
use super::timestamp::Timestamp;
use super::worded::worded;

/// What was seen, or why it could not be.
pub type Seen<T> = Result<T, VisibleText>;

/// What was seen of a machine, and of this process on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostFacts {
    /// The network interfaces beside the loopback that are up.
    pub links: Seen<Vec<VisibleText>>,
    /// The default routes: the interface, and whether of IPv4 or IPv6.
    pub routes: Seen<Vec<VisibleText>>,
    /// Files and partitions to which memory is swapped out.
    pub swaps: Seen<Vec<VisibleText>>,
    /// How large a core file of this process may be, in bytes; absent: as
    /// large as it likes.
    pub core_limit: Option<u64>,
    /// Where the system puts core files: a name, or `|` and a program.
    pub core_pattern: Seen<VisibleText>,
    /// Whether others of the same user, and handlers of crashes, can read the
    /// memory of this process.
    pub is_open: Seen<bool>,
    /// Whether a program that this process starts can get more rights.
    pub gives_rights: Seen<bool>,
    /// The first folder that is in memory and can be written to, of those
    /// that were looked at.
    pub memory_folder: Option<VisibleText>,
    /// Those that were looked at.
    pub folders: Vec<VisibleText>,
    /// What the hardware's clock says.
    pub hardware_clock: Seen<Timestamp>,
    /// What the kernel's clock says, asked past the system's library, through
    /// which programs are shown other days.
    pub kernel_clock: Timestamp,
    /// When this program was built.
    pub built: Timestamp,
    /// What may record the terminal or share it.
    pub watchers: Seen<Vec<VisibleText>>,
}

worded! {
    /// Where a ceremony takes place.
    pub enum Locality: "place" {
        /// On a machine without a network.
        Offline = "offline",
        /// On a machine with one.
        Online = "online",
    }
}

/// For what the machine is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What the clock says that will date signatures.
    pub now: Timestamp,
    /// When the newest signature of the input was made; see
    /// [`newest_signature`].
    pub newest_signature: Option<Timestamp>,
    /// When the last record of the log was made.
    pub last_record: Option<Timestamp>,
    /// Where the ceremony is to take place.
    pub locality: Locality,
}

/// An instant before which the clock cannot be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The instant.
    pub at: Timestamp,
    /// What happened then, with a verb: "this program was built".
    pub what: &'static str,
}

impl Asked {
    /// The latest instant that is known to be past.
    #[must_use]
    pub fn bound(&self, facts: &HostFacts) -> Bound {
        let built = Bound { at: facts.built, what: "this program was built" };
        let others = [
            (self.newest_signature, "the newest signature of the input was made"),
            (self.last_record, "the last record of the log was made"),
        ];
        others
            .into_iter()
            .filter_map(|(at, what)| Some(Bound { at: at?, what }))
            .fold(built, |latest, one| if one.at > latest.at { one } else { latest })
    }
}

worded! {
    /// What a probe says.
    pub enum Verdict: "verdict" {
        /// All is well.
        Ok = "ok",
        /// Something is wrong.
        Found = "finding",
        /// It could not be seen.
        Unknown = "unknown",
    }
}

impl Verdict {
    /// The mark of lists, in two characters.
    #[must_use]
    pub const fn mark(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Found => "!!",
            Self::Unknown => "--",
        }
    }
}

/// One look at the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// The rule.
    pub id: FindingId,
    /// What was seen in a few words: "no swap", "network up: eth0".
    pub word: String,
    /// What it comes to.
    pub verdict: Verdict,
    /// What is wrong, or that it could not be seen; absent where all is well.
    pub finding: Option<Finding>,
}

/// What is wrong with the machine, in the order of the ids.
#[must_use]
pub fn judge(facts: &HostFacts, asked: &Asked) -> Vec<Finding> {
    probe(facts, asked).into_iter().filter_map(|probe| probe.finding).collect()
}

/// When the newest good signature by any of them on themselves was made.
pub fn newest_signature<'a>(
    certificates: impl IntoIterator<Item = &'a Certificate>,
) -> Option<Timestamp> {
    certificates.into_iter().flat_map(signatures).max()
}

fn signatures(certificate: &Certificate) -> impl Iterator<Item = Timestamp> {
    let keys = certificate.keys().map(|key| (&key.self_signatures, &key.revocations));
    let user_ids = certificate.user_ids.iter().map(|id| (&id.self_signatures, &id.revocations));
    keys.chain(user_ids).flat_map(|(signatures, revocations)| {
        let made = signatures.iter().map(|signature| signature.frame.created);
        made.chain(revocations.iter().map(|revocation| revocation.frame.created))
    })
}
