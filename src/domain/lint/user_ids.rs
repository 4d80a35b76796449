//! UID and CRT: names, and who vouches for them.

use super::{Report, living, newest};
use crate::domain::finding::{FindingId, Severity};

/// Certifications by others above which keyservers and clients refuse or
/// stumble.
const MANY: usize = 1_000;

pub(super) fn check(report: &mut Report<'_>) {
    let now = report.now();
    let mut primary = 0;
    for id in living(report) {
        let text = id.text.as_str();
        let name = text.split_once(" <").map_or(text, |(name, _)| name);
        if !report.policy.comments && name.contains('(') && name.contains(')') {
            report.find(FindingId::Uid001, Severity::Warning, format!("user ID '{text}'"));
        }
        if text.contains("\\u{") || text.contains("\\x{") {
            report.find(FindingId::Uid002, Severity::Error, format!("user ID '{text}'"));
        }
        let marked = newest(&id.self_signatures, now).is_some_and(|s| s.primary_user_id);
        primary += usize::from(marked);
    }
    if living(report).len() > 1 && primary != 1 {
        let text = format!("{primary} of its user IDs are marked as the primary one");
        report.find(FindingId::Uid003, Severity::Warning, text);
    }
    let certifications = report.certificate().user_ids.iter().map(|id| id.certifications).max();
    let certifications = certifications.unwrap_or(0);
    if report.certificate().certifications() > MANY {
        let text = format!("{} certifications by others", report.certificate().certifications());
        report.find(FindingId::Uid004, Severity::Warning, text);
    }
    if certifications < report.policy.certifications {
        let text = format!(
            "{certifications} certifications by others (not verified); the policy wants {}",
            report.policy.certifications
        );
        report.find(FindingId::Crt001, Severity::Error, text);
    }
}
