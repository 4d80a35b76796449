//! Rules about what lies where: copies of primary keys and of revocation
//! certificates, by the register of ceremonies.

use std::collections::BTreeSet;

use super::{is_over, rule_text};
use crate::domain::assessment::Assessment;
use crate::domain::custody::{ASKED_WITHIN, Copy, Held, PROVED_WITHIN, Register};
use crate::domain::finding::{Finding, FindingId, Severity};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::{VisibleText, counted};
use crate::domain::timestamp::Timestamp;

/// The findings on keys of which the register knows a copy. Of other keys
/// nothing is known, and nothing is concluded.
#[must_use]
pub fn lint_custody(
    register: &Register,
    assessments: &[&Assessment],
    now: Timestamp,
) -> Vec<Finding> {
    let is_used = |one: &&&Assessment| !is_over(one.verdict.primary.state);
    assessments
        .iter()
        .filter(is_used)
        .flat_map(|one| of_key(register, &one.certificate.fingerprint(), one.name(), now))
        .collect()
}

fn of_key(register: &Register, key: &Fingerprint, name: &str, now: Timestamp) -> Vec<Finding> {
    let roots: Vec<_> = register.of(Held::Root, key).collect();
    let kept: Vec<_> = register.of(Held::Revocation, key).collect();
    if roots.is_empty() && kept.is_empty() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let mut tell = |id, severity, message| {
        findings.push(Finding {
            id,
            severity,
            subject: VisibleText::from_text(name),
            about: vec![*key],
            message,
            remedy: rule_text(id).fix.to_owned(),
        });
    };
    let places: BTreeSet<_> = roots.iter().map(|copy| place(copy)).collect();
    if roots.len() < 2 || places.len() < 2 {
        let copies = match roots.len() {
            1 => "1 copy".to_owned(),
            count => format!("{count} copies"),
        };
        let message =
            format!("{copies} of its primary key at {}", counted(places.len(), "known place"));
        tell(FindingId::Cus002, Severity::Error, message);
    }
    for copy in roots.iter().filter(|copy| copy.proved.after(PROVED_WITHIN) <= now) {
        let (copy, day) = (copy.name(), copy.proved.date_with_distance(now));
        let message = format!("the copy in {copy} was proved last on {day}");
        tell(FindingId::Cus003, Severity::Error, message);
    }
    let newest = roots.iter().map(|copy| copy.proved).max();
    if let Some(newest) = newest.filter(|newest| newest.after(PROVED_WITHIN) <= now) {
        let message = format!("nobody has opened it since {}", newest.date_with_distance(now));
        tell(FindingId::Cer004, Severity::Warning, message);
    }
    if kept.is_empty() {
        let message = "nobody is known to keep a revocation certificate of it".to_owned();
        tell(FindingId::Rev004, Severity::Warning, message);
    }
    for copy in kept.iter().filter(|copy| copy.due().is_some_and(|due| due <= now)) {
        let day = copy.proved.date_with_distance(now);
        let message = format!("{} was asked last on {day} (within {ASKED_WITHIN})", copy.holder);
        tell(FindingId::Rev004, Severity::Warning, message);
    }
    findings
}

/// Where it is; of one whose place was not said only that it is somewhere.
fn place(copy: &Copy) -> String {
    copy.location.as_str().to_lowercase()
}
