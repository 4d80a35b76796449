//! `keyrite lint`.

use std::io::Write;

use serde::Serialize;

use super::keys::{assess, verdict};
use super::plain;
use super::report::Report;
use crate::app::exit::Exit;
use crate::app::{App, Input, policy};
use crate::domain::finding::{Finding, Severity};
use crate::domain::lint::lint;
use crate::domain::text::counted;

/// The JSON document `keyrite.lint/1`.
#[derive(Serialize)]
struct LintDocument<'a> {
    schema: &'static str,
    at: String,
    profile: &'a str,
    findings: Vec<Entry<'a>>,
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

/// Holds what is in `inputs` against the policy of a profile.
pub fn run(
    app: &App,
    inputs: &[Input],
    profile: &str,
    json: bool,
    out: &mut dyn Write,
) -> Result<Exit, Report> {
    let policy = policy(profile).map_err(|error| {
        Report::usage(error.to_string()).hint("keyrite lint PATH takes the profile small-team")
    })?;
    let (inventory, assessments) = assess(app, inputs);
    let found: Vec<(Option<String>, Finding)> = assessments
        .iter()
        .flat_map(|assessment| {
            let fingerprint = assessment.certificate.fingerprint().hex();
            lint(assessment, &policy).into_iter().map(move |f| (Some(fingerprint.clone()), f))
        })
        .chain(inventory.findings.iter().map(|finding| (None, finding.clone())))
        .collect();
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
