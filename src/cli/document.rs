//! The JSON document of `keyrite keys --json`: `keyrite.keys/1`.
//!
//! Described in `docs/reference/json-keys.md`. Text of strangers is spelled
//! out as on screens; fingerprints are upper-case hexadecimal; instants are
//! ISO 8601 in UTC.

use serde::Serialize;

use crate::domain::assessment::Assessment;
use crate::domain::certificate::Key;
use crate::domain::finding::Finding;
use crate::domain::inventory::{Inventory, PassedOver, Rejected};
use crate::domain::timestamp::Timestamp;
use crate::domain::validity::{KeyVerdict, Note, Reason};

/// The whole document.
#[derive(Serialize)]
pub(super) struct KeysDocument<'a> {
    schema: &'static str,
    at: String,
    certificates: Vec<CertificateEntry<'a>>,
    rejected: Vec<RejectedEntry<'a>>,
    passed_over: Vec<PassedOverEntry<'a>>,
    findings: Vec<FindingEntry<'a>>,
}

#[derive(Serialize)]
struct CertificateEntry<'a> {
    fingerprint: String,
    version: u8,
    state: &'static str,
    standing: &'static str,
    next: Option<String>,
    user_ids: Vec<&'a str>,
    user_id_details: Vec<UserIdEntry<'a>>,
    keys: Vec<KeyEntry>,
    notes: Vec<String>,
    sources: Vec<&'a str>,
}

#[derive(Serialize)]
struct UserIdEntry<'a> {
    text: &'a str,
    primary: bool,
    state: &'static str,
    reasons: Vec<String>,
}

#[derive(Serialize)]
struct KeyEntry {
    fingerprint: String,
    primary: bool,
    algorithm: String,
    capabilities: Vec<&'static str>,
    created: String,
    expires: Option<String>,
    effective_expires: Option<String>,
    state: &'static str,
    reasons: Vec<String>,
    secret: &'static str,
}

#[derive(Serialize)]
struct PassedOverEntry<'a> {
    source: &'a str,
    reason: &'a str,
}

#[derive(Serialize)]
struct RejectedEntry<'a> {
    source: &'a str,
    offset: u64,
    reason: &'a str,
}

#[derive(Serialize)]
struct FindingEntry<'a> {
    id: &'static str,
    severity: &'static str,
    subject: &'a str,
    message: &'a str,
    remedy: &'a str,
}

impl<'a> KeysDocument<'a> {
    /// The document of what was read, at the instant `at`.
    #[must_use]
    pub(super) fn new(
        inventory: &'a Inventory,
        assessments: &'a [Assessment],
        at: Timestamp,
    ) -> Self {
        Self {
            schema: "keyrite.keys/1",
            at: at.iso(),
            certificates: assessments.iter().map(|a| certificate(inventory, a)).collect(),
            rejected: inventory.rejected.iter().map(rejected).collect(),
            passed_over: inventory.passed_over.iter().map(passed_over).collect(),
            findings: inventory.findings.iter().map(finding).collect(),
        }
    }
}

fn certificate<'a>(inventory: &'a Inventory, assessment: &'a Assessment) -> CertificateEntry<'a> {
    let fingerprint = assessment.certificate.fingerprint();
    let user_ids = &assessment.certificate.user_ids;
    let sources = inventory.entry(&fingerprint).map(|entry| entry.listed.sources.as_slice());
    CertificateEntry {
        fingerprint: fingerprint.hex(),
        version: fingerprint.version(),
        state: assessment.verdict.primary.state.word(),
        standing: assessment.standing().words(),
        next: Some(assessment.outlook_words()).filter(|words| !words.is_empty()),
        user_ids: user_ids.iter().filter(|id| id.is_bound()).map(|id| id.text.as_str()).collect(),
        user_id_details: user_ids
            .iter()
            .zip(&assessment.verdict.user_ids)
            .enumerate()
            .map(|(index, (id, verdict))| UserIdEntry {
                text: id.text.as_str(),
                primary: assessment.verdict.primary_user_id == Some(index),
                state: verdict.state.word(),
                reasons: verdict.reasons.iter().map(Reason::to_string).collect(),
            })
            .collect(),
        keys: assessment
            .keys()
            .enumerate()
            .map(|(index, (key, verdict))| key_entry(key, verdict, index == 0))
            .collect(),
        notes: assessment.verdict.notes.iter().map(Note::to_string).collect(),
        sources: sources
            .unwrap_or_default()
            .iter()
            .map(super::super::domain::text::VisibleText::as_str)
            .collect(),
    }
}

fn key_entry(key: &Key, verdict: &KeyVerdict, primary: bool) -> KeyEntry {
    KeyEntry {
        fingerprint: key.fingerprint.hex(),
        primary,
        algorithm: key.algorithm.to_string(),
        capabilities: verdict.capabilities.words(),
        created: key.created.iso(),
        expires: verdict.expires.map(Timestamp::iso),
        effective_expires: verdict.effective_expires.map(Timestamp::iso),
        state: verdict.state.word(),
        reasons: verdict.reasons.iter().map(Reason::to_string).collect(),
        secret: key.secret.word(),
    }
}

fn passed_over(passed_over: &PassedOver) -> PassedOverEntry<'_> {
    PassedOverEntry { source: passed_over.source.as_str(), reason: &passed_over.reason }
}

fn rejected(rejected: &Rejected) -> RejectedEntry<'_> {
    RejectedEntry {
        source: rejected.source.as_str(),
        offset: rejected.offset,
        reason: &rejected.reason,
    }
}

fn finding(finding: &Finding) -> FindingEntry<'_> {
    FindingEntry {
        id: finding.id.word(),
        severity: finding.severity.word(),
        subject: finding.subject.as_str(),
        message: &finding.message,
        remedy: &finding.remedy,
    }
}
