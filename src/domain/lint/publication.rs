//! Rules about targets: what they were last seen to serve, and whether users
//! can compare two of them.

use std::collections::BTreeSet;

use super::rule_text;
use crate::domain::finding::{Finding, FindingId, Severity};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::publication::{Verdict, Watched};
use crate::domain::text::VisibleText;
use crate::domain::worded::Worded as _;
use crate::domain::workspace::{Environment, Target, TargetKind, Workspace};

/// The findings on the targets of a workspace that has these certificates.
#[must_use]
pub fn lint_targets(
    workspace: &Workspace,
    certificates: &[Fingerprint],
    watched: &[Watched],
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for target in &workspace.targets {
        for certificate in certificates.iter().filter(|one| target.takes(one)) {
            let mut seen = watched.iter();
            let seen =
                seen.find(|one| one.target == target.id && one.seen.certificate == *certificate);
            findings.extend(seen.and_then(|seen| of_target(target, seen)));
        }
    }
    let counts = matches!(workspace.environment, Environment::Production | Environment::Staging);
    if counts
        && !certificates.is_empty()
        && !workspace.targets.is_empty()
        && channels(workspace) < 2
    {
        let message = "all targets depend on the same place, so that users can compare nothing";
        let subject = VisibleText::from_text(&workspace.name);
        findings.push(finding(FindingId::Pub003, Severity::Warning, subject, &[], message));
    }
    findings
}

fn of_target(target: &Target, watched: &Watched) -> Option<Finding> {
    let is_awaited = target.blocking || watched.lacks_revocation();
    let verdict = watched.verdict();
    let (id, what) = match verdict {
        Verdict::Foreign => (FindingId::Pub002, "it serves what the team has not made"),
        Verdict::Rollback => (FindingId::Pub002, "it serves less than it did"),
        Verdict::Missing if is_awaited => (FindingId::Pub001, "it does not have the certificate"),
        Verdict::Stale if is_awaited => (FindingId::Pub001, "it serves less than it should"),
        Verdict::Missing | Verdict::Stale | Verdict::Match | Verdict::Unreachable => return None,
    };
    let seen = &watched.seen;
    let mut message = format!("{what} ({}), seen on {}", verdict.word(), seen.at.date());
    if let (Some(first), FindingId::Pub001) = (watched.unseen.first(), id) {
        let more = watched.unseen.len() - 1;
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        message = format!("{message}; nobody has seen there: {}{more}", first.words());
    }
    let subject = VisibleText::from_text(&target.id);
    Some(finding(id, Severity::Error, subject, &[seen.certificate], &message))
}

fn finding(
    id: FindingId,
    severity: Severity,
    subject: VisibleText,
    about: &[Fingerprint],
    message: &str,
) -> Finding {
    let (message, remedy) = (message.to_owned(), rule_text(id).fix.to_owned());
    Finding { id, severity, subject, about: about.to_vec(), message, remedy }
}

/// Ways to the fingerprint that do not depend on each other: who runs the
/// place. What is only a folder is no way yet.
fn channels(workspace: &Workspace) -> usize {
    let owner = |target: &Target| {
        let place = target.text("read").unwrap_or(&target.place);
        let host = place.split_once("://").map(|(_, rest)| rest);
        let host = host.and_then(|rest| rest.split(['/', ':']).next());
        match target.kind {
            TargetKind::Directory => target.text("read").and(host).map(str::to_owned),
            TargetKind::Git | TargetKind::Page | TargetKind::ApacheKeys => {
                Some(host.unwrap_or("a repository").to_owned())
            }
            TargetKind::Hkp
            | TargetKind::Vks
            | TargetKind::S3
            | TargetKind::Wkd
            | TargetKind::SpackMirror
            | TargetKind::SecretManager => host.map(str::to_owned),
        }
    };
    workspace.targets.iter().filter_map(owner).collect::<BTreeSet<_>>().len()
}
