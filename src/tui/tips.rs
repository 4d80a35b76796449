//! Short explanations: the demo's tips and the meaning of states.

use crate::domain::outlook::Standing;

/// How many tips there are.
pub const COUNT: usize = TIPS.len();

/// The demo's tips.
pub const TIPS: [&str; 4] = [
    "You start at the key that breaks first: Enter says why, and what is left without it; b leads \
     back here.",
    "Find the wrong digit: v on M. Okafor compares the fingerprint with a card. One digit on the \
     card is wrong; keyrite names the group, and shows ours only when the result is settled.",
    "See a gap: 3 shows the keys of each consumer in time. Build Cache AWS is valid until 2028 and \
     cannot sign since 2026-11-01; ! marks the days on which it cannot.",
    "Why is Packages 2012 invalid? Open it and turn to the tab Policy (]): it names the rule by \
     which verifiers of today refuse it, and since when.",
];

/// What a standing means.
#[must_use]
pub const fn meaning(standing: Standing) -> &'static str {
    match standing {
        Standing::CannotSign => "valid, but no key of it can sign any more",
        Standing::Invalid => "verifiers of today refuse it; the tab Policy says why",
        Standing::Expiring => "expires within 60 days",
        Standing::Valid => "may be used",
        Standing::NotYetValid => "its validity begins later",
        Standing::Expired => "its validity is over",
        Standing::Revoked => "taken back by its owner; must not be used",
        Standing::Checking => "its signatures are still being checked",
    }
}
