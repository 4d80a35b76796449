//! What a policy has to say of a certificate.
//!
//! Only what can be used is held against the rules: a key that has ended or
//! was revoked broke them, if it did, in its own time. Whether it has is asked
//! without any cut-off, so that a renewal that verifiers refuse is told.

use super::assessment::Assessment;
use super::certificate::{Certificate, Key, SelfSignature, UserId};
use super::cutoff::Cutoffs;
use super::finding::{Finding, FindingId, Severity};
use super::fingerprint::Fingerprint;
use super::policy::Policy;
use super::text::VisibleText;
use super::timestamp::Timestamp;
use super::validity::{KeyVerdict, State, Verdict, judge};

mod algorithms;
mod capabilities;
mod custody;
mod declared;
mod expiry;
mod lone;
mod material;
mod offline;
mod publication;
mod rules;
mod slots;
mod user_ids;

pub use custody::lint_custody;
pub use declared::{Declared, lint_declared};
pub use lone::lint_lone;
pub use material::{lint_comparison, lint_material};
pub use offline::lint_offline;
pub use publication::lint_targets;
pub use rules::{RuleText, rule_text};
pub use slots::lint_slots;

/// All that the rules find in one certificate, the gravest first.
#[must_use]
pub fn lint(assessment: &Assessment, policy: &Policy) -> Vec<Finding> {
    let mut report = Report::of(assessment, policy);
    if report.has_ended() {
        algorithms::check_revocation(&mut report);
        return report.findings;
    }
    algorithms::check(&mut report);
    capabilities::check(&mut report);
    expiry::check(&mut report);
    user_ids::check(&mut report);
    report.findings.sort_by_key(|finding| (finding.severity, finding.id));
    report.findings
}

/// Findings on one certificate as they come.
struct Report<'a> {
    assessment: &'a Assessment,
    policy: &'a Policy,
    /// The verdict of a verifier without cut-offs.
    uncut: Verdict,
    findings: Vec<Finding>,
}

/// Whether something had its time.
const fn is_over(state: State) -> bool {
    matches!(state, State::Revoked | State::Expired)
}

impl<'a> Report<'a> {
    fn of(assessment: &'a Assessment, policy: &'a Policy) -> Self {
        let now = assessment.verdict.at;
        let uncut = judge(&assessment.certificate, now, Cutoffs::NONE);
        Self { assessment, policy, uncut, findings: Vec::new() }
    }

    /// Whether the certificate as a whole is revoked or at its end.
    fn has_ended(&self) -> bool {
        is_over(self.uncut.primary.state)
    }

    fn now(&self) -> Timestamp {
        self.assessment.verdict.at
    }

    fn certificate(&self) -> &'a Certificate {
        &self.assessment.certificate
    }

    /// The keys that can be used, now or later, with their places.
    fn keys(&self) -> Vec<(usize, &'a Key, &'a KeyVerdict)> {
        let keys = self.assessment.keys().zip(self.uncut.keys()).enumerate();
        keys.filter(|(_, (_, uncut))| !is_over(uncut.state))
            .map(|(place, ((key, verdict), _))| (place, key, verdict))
            .collect()
    }

    /// The keys that sign now.
    fn signers(&self) -> Vec<(usize, &'a Key, &'a KeyVerdict)> {
        let mut keys = self.keys();
        keys.retain(|(_, _, v)| v.state == State::Valid && v.capabilities.sign);
        keys
    }

    /// Says something of the certificate as a whole.
    fn find(&mut self, id: FindingId, severity: Severity, message: String) {
        self.push(id, severity, Vec::new(), message);
    }

    /// Says something of one key.
    fn find_key(&mut self, id: FindingId, severity: Severity, key: usize, message: &str) {
        let Some(fingerprint) = self.certificate().keys().nth(key).map(|key| key.fingerprint)
        else {
            return;
        };
        let role = self.assessment.role(key);
        let message = format!("{role} {}: {message}", fingerprint.hex());
        self.push(id, severity, vec![fingerprint], message);
    }

    fn push(&mut self, id: FindingId, severity: Severity, keys: Vec<Fingerprint>, message: String) {
        let mut about = vec![self.certificate().fingerprint()];
        about.extend(keys);
        about.dedup();
        self.findings.push(Finding {
            id,
            severity,
            subject: VisibleText::again(self.assessment.name()),
            about,
            message,
            remedy: rule_text(id).fix.to_owned(),
        });
    }
}

/// The user IDs that are not revoked.
fn living<'a>(report: &Report<'a>) -> Vec<&'a UserId> {
    let verdicts = &report.uncut.user_ids;
    let ids = report.certificate().user_ids.iter().zip(verdicts);
    ids.filter(|(id, verdict)| id.is_bound() && verdict.state != State::Revoked)
        .map(|(id, _)| id)
        .collect()
}

/// The newest self-signature that was made by then.
fn newest(signatures: &[SelfSignature], now: Timestamp) -> Option<&SelfSignature> {
    signatures.iter().find(|signature| signature.frame.created <= now)
}
