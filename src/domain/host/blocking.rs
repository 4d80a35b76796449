//! Which findings on a machine stop a ceremony, and whether people can go on
//! by an exception that is on record.

use super::{Locality, Probe, Verdict};
use crate::domain::finding::FindingId;
use crate::domain::policy::Policy;
use crate::domain::worded::worded;
use crate::domain::workspace::Environment;

worded! {
    /// How a finding stops a ceremony.
    pub enum Hold: "hold" {
        /// It can go on by an exception on record.
        Exception = "exception",
        /// It cannot go on.
        Refused = "refused",
    }
}

/// A finding that stops a ceremony.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block<'a> {
    /// The look that found it.
    pub probe: &'a Probe,
    /// How it stops the ceremony.
    pub hold: Hold,
}

/// The findings that stop a ceremony by the rules of `policy`, by the order of
/// the ids.
///
/// Whatever a policy says: a clock before what is past is refused everywhere,
/// clocks that differ need an exception, and in production nothing offline is
/// done while a network is up. The rest is the policy's, where trust is at
/// stake; rehearsals and the demo run anywhere.
#[must_use]
pub fn blocking<'a>(
    policy: &Policy,
    environment: Environment,
    locality: Locality,
    probes: &'a [Probe],
) -> Vec<Block<'a>> {
    let at_stake = matches!(environment, Environment::Production | Environment::Staging);
    let is_air_gap = environment == Environment::Production && locality == Locality::Offline;
    let is_network = |id| matches!(id, FindingId::Hst001 | FindingId::Hst002);
    let hold = |probe: &Probe| {
        let (id, verdict) = (probe.id, probe.verdict);
        if verdict == Verdict::Ok {
            return None;
        }
        if id == FindingId::Hst008 || (is_air_gap && is_network(id)) {
            return Some(Hold::Refused);
        }
        let differs = id == FindingId::Hst007 && verdict == Verdict::Found;
        (differs || (at_stake && policy.host_blocks.contains(&id))).then_some(Hold::Exception)
    };
    probes.iter().filter_map(|probe| Some(Block { probe, hold: hold(probe)? })).collect()
}
