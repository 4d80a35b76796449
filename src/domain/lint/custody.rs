//! Rules about what lies where: copies of primary keys and of revocation
//! certificates, by the register of ceremonies.

use std::collections::BTreeSet;

use super::{is_over, rule_text};
use crate::domain::assessment::Assessment;
use crate::domain::custody::{ASKED_WITHIN, Copy, Held, PROVED_WITHIN, REPLACED_WITHIN, Register};
use crate::domain::finding::{Finding, FindingId, Severity};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::{VisibleText, counted};
use crate::domain::timestamp::{DAY, Timestamp};

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
    let exposed = register.exposed_since(key);
    if !register.knows(key) && exposed.is_none() {
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
        let places = counted(places.len(), "known place");
        let message = match roots.len() {
            0 => "no copy of its primary key is left that the record counts on".to_owned(),
            1 => format!("1 copy of its primary key at {places}"),
            count => format!("{count} copies of its primary key at {places}"),
        };
        tell(FindingId::Cus002, Severity::Error, message);
    }
    for copy in roots.iter().filter(|copy| copy.proved.after(PROVED_WITHIN) <= now) {
        let (copy, day) = (copy.name(), copy.proved.date_with_distance(now));
        let message = format!("the copy in {copy} was proved last on {day}");
        tell(FindingId::Cus003, Severity::Error, message);
    }
    if let Some(since) = exposed {
        let until = since.plus(i64::from(REPLACED_WITHIN) * DAY);
        let severity = if until <= now { Severity::Error } else { Severity::Warning };
        let (since, until) = (since.date(), until.date_with_distance(now));
        let message = format!(
            "a medium with it may be in other hands since {since}: replace it until {until}"
        );
        tell(FindingId::Cer010, severity, message);
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
    let is_beside = |copy: &&&Copy| !place(copy).is_empty() && places.contains(&place(copy));
    for copy in kept.iter().filter(is_beside) {
        let (holder, location) = (&copy.holder, &copy.location);
        let message = format!("that of {holder} is kept at {location}, as the primary key is");
        tell(FindingId::Rev005, Severity::Warning, message);
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
