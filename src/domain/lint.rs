//! What a policy has to say of a certificate.
//!
//! Only what can be used is held against the rules: a key that has ended or
//! was revoked broke them, if it did, in its own time.

use super::assessment::Assessment;
use super::certificate::{Certificate, Key, SelfSignature, UserId};
use super::finding::{Finding, FindingId, Severity};
use super::policy::Policy;
use super::text::VisibleText;
use super::timestamp::Timestamp;
use super::validity::{KeyVerdict, State};

mod algorithms;
mod capabilities;
mod expiry;
mod lone;
mod material;
mod rules;
mod user_ids;

pub use lone::lint_lone;
pub use material::{Weakness, Weaknesses, lint_comparison, lint_material};
pub use rules::{RuleText, rule_text};

/// All that the rules find in one certificate, the gravest first.
#[must_use]
pub fn lint(assessment: &Assessment, policy: &Policy) -> Vec<Finding> {
    let state = assessment.verdict.primary.state;
    if matches!(state, State::Revoked | State::Expired) {
        return Vec::new();
    }
    let mut report = Report { assessment, policy, findings: Vec::new() };
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
    findings: Vec<Finding>,
}

impl<'a> Report<'a> {
    fn now(&self) -> Timestamp {
        self.assessment.verdict.at
    }

    fn certificate(&self) -> &'a Certificate {
        &self.assessment.certificate
    }

    /// The keys that can be used, now or later, with their places.
    fn keys(&self) -> Vec<(usize, &'a Key, &'a KeyVerdict)> {
        let usable =
            |verdict: &KeyVerdict| !matches!(verdict.state, State::Revoked | State::Expired);
        let keys = self.assessment.keys().enumerate();
        keys.filter(|(_, (_, verdict))| usable(verdict)).map(|(i, (k, v))| (i, k, v)).collect()
    }

    /// The keys that sign now.
    fn signers(&self) -> Vec<(usize, &'a Key, &'a KeyVerdict)> {
        let mut keys = self.keys();
        keys.retain(|(_, _, v)| v.state == State::Valid && v.capabilities.sign);
        keys
    }

    /// Says something of the certificate as a whole.
    fn find(&mut self, id: FindingId, severity: Severity, message: String) {
        let subject = VisibleText::from_text(self.assessment.name());
        self.push(id, severity, subject, message);
    }

    /// Says something of one key.
    fn find_key(&mut self, id: FindingId, severity: Severity, key: usize, message: &str) {
        let subject = VisibleText::from_text(self.assessment.name());
        let fingerprint = self.certificate().keys().nth(key).map(|key| key.fingerprint.hex());
        let role = self.assessment.role(key);
        let message = format!("{role} {}: {message}", fingerprint.unwrap_or_default());
        self.push(id, severity, subject, message);
    }

    fn push(&mut self, id: FindingId, severity: Severity, subject: VisibleText, message: String) {
        let remedy = rule_text(id).fix.to_owned();
        self.findings.push(Finding { id, severity, subject, message, remedy });
    }
}

/// The user IDs that are not revoked.
fn living<'a>(report: &Report<'a>) -> Vec<&'a UserId> {
    let verdicts = &report.assessment.verdict.user_ids;
    let ids = report.certificate().user_ids.iter().zip(verdicts);
    ids.filter(|(id, verdict)| id.is_bound() && verdict.state != State::Revoked)
        .map(|(id, _)| id)
        .collect()
}

/// The newest self-signature that was made by then.
fn newest(signatures: &[SelfSignature], now: Timestamp) -> Option<&SelfSignature> {
    signatures.iter().find(|signature| signature.frame.created <= now)
}
