//! What a team should know of its log, as findings.

use super::chain::file_of;
use super::survey::Report;
use super::verdict::Verdict;
use crate::domain::finding::{Finding, FindingId, Severity};
use crate::domain::lint::rule_text;
use crate::domain::text::VisibleText;
use crate::domain::timestamp::{DAY, Timestamp};

/// Days that a line may wait for a checkpoint that somebody has signed.
const ANCHOR_DAYS: i64 = 90;

/// The findings on a log; none of one that is sound and signed in time.
#[must_use]
pub fn findings(report: &Report, now: Timestamp) -> Vec<Finding> {
    let finding = |id, severity, subject: VisibleText, message| Finding {
        id,
        severity,
        subject,
        about: Vec::new(),
        message,
        remedy: rule_text(id).fix.to_owned(),
    };
    let mut findings: Vec<_> = report
        .problems
        .iter()
        .filter_map(|problem| {
            let (id, severity) = rule(problem.verdict)?;
            let line = problem.line.map(|line| format!("line {line}: ")).unwrap_or_default();
            let message = format!("{line}{}", problem.message);
            Some(finding(id, severity, problem.file.clone(), message))
        })
        .collect();
    for chain in &report.chains {
        let Some(since) = chain.unsigned_since else { continue };
        if now.unix() - since.unix() > ANCHOR_DAYS * DAY {
            let message = format!(
                "no signed checkpoint covers line {} of {}, nor what follows",
                chain.signed + 1,
                since.date_with_distance(now)
            );
            let id = FindingId::Log003;
            findings.push(finding(id, Severity::Warning, file_of(&chain.writer), message));
        }
    }
    findings
}

const fn rule(verdict: Verdict) -> Option<(FindingId, Severity)> {
    Some(match verdict {
        Verdict::Broken | Verdict::Unreadable => (FindingId::Log001, Severity::Error),
        Verdict::Truncated | Verdict::BadSignature => (FindingId::Log002, Severity::Error),
        Verdict::TornTail => (FindingId::Log004, Severity::Warning),
        Verdict::Backwards => (FindingId::Log005, Severity::Warning),
        Verdict::Forked => (FindingId::Log006, Severity::Error),
        Verdict::Sound => return None,
    })
}
