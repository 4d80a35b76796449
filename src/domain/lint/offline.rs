//! The rule about secrets of primary keys on a machine that is used every day.

use super::rule_text;
use crate::domain::assessment::Assessment;
use crate::domain::finding::{Finding, FindingId, Severity};
use crate::domain::text::{VisibleText, counted};
use crate::domain::validity::State;
use crate::domain::workspace::OnMachine;

/// The findings on primary keys whose secret was found here.
///
/// One that is revoked is harmless, but one that has expired is not: whoever
/// has its secret puts its end off.
#[must_use]
pub fn lint_offline(on: &OnMachine, assessments: &[&Assessment]) -> Vec<Finding> {
    let id = FindingId::Cus001;
    let found = assessments.iter().filter_map(|one| {
        let key = one.certificate.fingerprint();
        let files = on.files.get(&key)?;
        let first = files.first().filter(|_| one.verdict.primary.state != State::Revoked)?;
        let more = match files.len() {
            1 => String::new(),
            count => format!(" and {}", counted(count - 1, "other file")),
        };
        Some(Finding {
            id,
            severity: Severity::Error,
            subject: VisibleText::from_text(one.name()),
            about: vec![key],
            message: format!("the secret of its primary key is on this machine: {first}{more}"),
            remedy: rule_text(id).fix.to_owned(),
        })
    });
    let unread = on.unread.iter().map(|what| Finding {
        id,
        severity: Severity::Note,
        subject: VisibleText::from_text("this machine"),
        about: Vec::new(),
        message: format!("whether a primary key's secret is here is not known of {what}"),
        remedy: "Look at it as the user whose home of GnuPG it is.".to_owned(),
    });
    found.chain(unread).collect()
}
