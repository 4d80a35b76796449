//! REV-002: revocations that are kept in advance.

use super::rule_text;
use crate::domain::finding::{Finding, FindingId, Severity};
use crate::domain::inventory::LoneRevocation;
use crate::domain::timestamp::Timestamp;

/// What is wrong with a revocation that stood alone.
#[must_use]
pub fn lint_lone(revocation: &LoneRevocation, now: Timestamp) -> Option<Finding> {
    // One that is dated for later counts from that day on, as it should.
    if revocation.reason.is_hard() || revocation.created > now {
        return None;
    }
    Some(Finding {
        id: FindingId::Rev002,
        severity: Severity::Error,
        subject: revocation.source.clone(),
        about: Vec::new(),
        message: format!(
            "a revocation that is kept in advance says '{}': whenever it is used, it takes away \
             all signatures since {}",
            revocation.reason.word(),
            revocation.created.date()
        ),
        remedy: rule_text(FindingId::Rev002).fix.to_owned(),
    })
}
