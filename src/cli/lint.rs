//! `keyrite lint`.

use std::io::Write;

use serde::Serialize;

use super::keys::{assess, verdict};
use super::plain;
use super::report::Report;
use crate::app::exit::Exit;
use crate::app::{App, Input};
use crate::domain::assessment::Assessment;
use crate::domain::finding::{Finding, Severity};
use crate::domain::inventory::Inventory;
use crate::domain::lint::{lint, lint_comparison, lint_lone, lint_material};
use crate::domain::policy::Policy;
use crate::domain::text::counted;
use crate::domain::timestamp::Timestamp;
use crate::domain::verifier::{Opinion, opinions};

/// The JSON document `keyrite.lint/1`.
#[derive(Serialize)]
struct LintDocument<'a> {
    schema: &'static str,
    at: String,
    profile: &'a str,
    findings: Vec<Entry<'a>>,
    verifiers: Vec<VerifierEntry>,
    rejected: Vec<String>,
}

#[derive(Serialize)]
struct Entry<'a> {
    id: &'static str,
    severity: &'static str,
    fingerprint: Option<String>,
    subject: &'a str,
    message: &'a str,
    remedy: &'a str,
}

/// What one verifier says of one certificate.
#[derive(Serialize)]
struct VerifierEntry {
    fingerprint: String,
    verifier: &'static str,
    accepts: bool,
    until: Option<String>,
    keys: Vec<SignerEntry>,
}

/// What it says of one of its signing keys.
#[derive(Serialize)]
struct SignerEntry {
    fingerprint: String,
    accepts: bool,
    until: Option<String>,
    refusals: Vec<RefusalEntry>,
}

#[derive(Serialize)]
struct RefusalEntry {
    rule: &'static str,
    from: Option<String>,
    why: String,
}

impl VerifierEntry {
    fn of(assessment: &Assessment, opinion: Opinion, now: Timestamp) -> Self {
        let accepted = opinion.accepted();
        Self {
            fingerprint: assessment.certificate.fingerprint().hex(),
            verifier: opinion.verifier.name(),
            accepts: accepted.at(now),
            until: accepted.end().map(Timestamp::iso),
            keys: opinion
                .keys
                .into_iter()
                .map(|key| SignerEntry {
                    fingerprint: key.fingerprint.hex(),
                    accepts: key.accepted().at(now),
                    until: key.accepted().end().map(Timestamp::iso),
                    refusals: key
                        .refusals
                        .into_iter()
                        .map(|refusal| RefusalEntry {
                            rule: refusal.rule.word(),
                            from: refusal.accepted.end().map(Timestamp::iso),
                            why: refusal.why,
                        })
                        .collect(),
                })
                .collect(),
        }
    }
}

/// All findings, each with the fingerprint of the certificate that it is about.
fn findings(
    app: &App,
    policy: &Policy,
    inventory: &Inventory,
    assessments: &[Assessment],
) -> Vec<(Option<String>, Finding)> {
    let of = |assessment: &Assessment| assessment.certificate.fingerprint();
    let weaknesses = app.weaknesses(assessments.iter().map(of));
    let mut found = Vec::new();
    for assessment in assessments {
        let fingerprint = Some(of(assessment).hex());
        let material = lint_material(assessment, policy, &weaknesses);
        let all = material.into_iter().chain(lint(assessment, policy));
        found.extend(all.map(|finding| (fingerprint.clone(), finding)));
    }
    let lone = inventory.lone_revocations.iter().filter_map(|lone| lint_lone(lone, app.now()));
    let of_files = inventory.findings.iter().cloned().chain(lone);
    let all = of_files.chain(lint_comparison(&weaknesses));
    found.extend(all.map(|finding| (None, finding)));
    found
}

/// Holds what is in `inputs` against the policy of a profile.
pub fn run(
    app: &App,
    inputs: &[Input],
    profile: &str,
    json: bool,
    out: &mut dyn Write,
) -> Result<Exit, Report> {
    let policy = app.policy(profile).map_err(|error| {
        Report::usage(error.to_string()).hint("keyrite lint PATH takes the profile small-team")
    })?;
    let (inventory, assessments) = assess(app, inputs);
    let found = findings(app, &policy, &inventory, &assessments);
    if json {
        let document = LintDocument {
            schema: "keyrite.lint/1",
            at: app.now().iso(),
            profile: &policy.profile,
            findings: found
                .iter()
                .map(|(fingerprint, f)| Entry {
                    id: f.id.word(),
                    severity: f.severity.word(),
                    fingerprint: fingerprint.clone(),
                    subject: f.subject.as_str(),
                    message: &f.message,
                    remedy: &f.remedy,
                })
                .collect(),
            verifiers: assessments
                .iter()
                .flat_map(|a| opinions(a).into_iter().map(|o| VerifierEntry::of(a, o, app.now())))
                .collect(),
            rejected: inventory
                .rejected
                .iter()
                .map(|r| format!("{}: {}", r.place(), r.reason))
                .collect(),
        };
        serde_json::to_writer(&mut *out, &document).map_err(std::io::Error::from)?;
        writeln!(out)?;
    } else {
        writeln!(out, "as of: {}", app.now().iso())?;
        writeln!(out, "profile: {} ({})", policy.profile, policy.about)?;
        for (_, f) in &found {
            writeln!(out, "{}: {} \"{}\": {}", f.severity.word(), f.id, f.subject, f.message)?;
            writeln!(out, "  what to do: {}", f.remedy)?;
        }
        for assessment in &assessments {
            writeln!(out, "verifiers of {}:", plain::quoted(assessment.name()))?;
            for opinion in opinions(assessment) {
                writeln!(out, "  {}", opinion.words(app.now()))?;
            }
        }
        plain::rejected(out, &inventory)?;
        let errors = found.iter().filter(|(_, f)| f.severity == Severity::Error).count();
        writeln!(
            out,
            "found: {}, {} of them errors, in {}",
            counted(found.len(), "finding"),
            errors,
            counted(assessments.len(), "certificate")
        )?;
    }
    let broken = found.iter().any(|(_, finding)| finding.severity == Severity::Error);
    let exit = verdict(&inventory);
    Ok(if exit == Exit::Ok && broken { Exit::Findings } else { exit })
}
