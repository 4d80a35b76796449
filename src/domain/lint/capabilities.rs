//! CAP: what the keys may be used for.

use super::Report;
use crate::domain::finding::{FindingId, Severity};
use crate::domain::text::counted;
use crate::domain::validity::{Reason, State};

pub(super) fn check(report: &mut Report<'_>) {
    let primary = report.assessment.verdict.primary.capabilities;
    if report.policy.primary_certifies_only
        && (primary.sign || primary.encrypt || primary.authenticate)
    {
        let text = format!("it may {}", primary.words().join(", "));
        report.find_key(FindingId::Cap001, Severity::Warning, 0, &text);
    }
    let signers = report.signers();
    if signers.is_empty() {
        let text = match report.assessment.outlook_words() {
            words if words.is_empty() => "no key of it can sign".to_owned(),
            words => format!("no key of it can sign: {words}"),
        };
        report.find(FindingId::Cap002, Severity::Error, text);
    }
    let subkeys = signers.iter().filter(|(place, ..)| *place > 0).count();
    if subkeys > report.policy.live_signers {
        let text = format!(
            "{} can sign at the same time; the policy wants {} at the most",
            counted(subkeys, "subkey"),
            report.policy.live_signers
        );
        report.find(FindingId::Cap006, Severity::Warning, text);
    }
    for (place, _, verdict) in report.keys().into_iter().filter(|(place, ..)| *place > 0) {
        let may = verdict.capabilities;
        if verdict.state == State::Valid && (may.encrypt || may.authenticate) {
            let text = format!("it may {}", may.words().join(", "));
            report.find_key(FindingId::Cap003, Severity::Warning, place, &text);
        }
        if verdict.reasons.contains(&Reason::NoSelfSignature) {
            let text = "no good binding with a back signature";
            report.find_key(FindingId::Cap004, Severity::Error, place, text);
        }
    }
}
