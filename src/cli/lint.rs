//! `keyrite lint`.

use std::io::Write;
use std::path::Path;

use serde::Serialize;

use super::keys::{assess, verdict};
use super::opened::{self, Opened};
use super::plain;
use super::report::Report;
use crate::app::exit::Exit;
use crate::app::{App, Input, policy};
use crate::domain::assessment::Assessment;
use crate::domain::finding::Severity;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::inventory::Inventory;
use crate::domain::plan::{Judged, Plan, Team};
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
    /// Only where one was signed off.
    #[serde(skip_serializing_if = "Option::is_none")]
    waiver: Option<WaiverEntry<'a>>,
}

#[derive(Serialize)]
struct WaiverEntry<'a> {
    /// Whether it holds; after its day it does not.
    holds: bool,
    by: &'a str,
    reason: &'a str,
    until: String,
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

/// What is looked at, and what the rules say to it.
struct Looked {
    policy: Policy,
    inventory: Inventory,
    assessments: Vec<Assessment>,
    plan: Plan,
}

impl Looked {
    /// The certificates of `inputs` by the rules of a profile.
    fn at(app: &App, inputs: &[Input], profile: &str) -> Result<Self, Report> {
        let policy = policy(profile).map_err(|error| {
            Report::usage(error.to_string()).hint("keyrite lint PATH takes the profile small-team")
        })?;
        let (inventory, assessments) = assess(app, inputs);
        let team = Team::of_profile("not saved", policy.clone());
        let all: Vec<_> = assessments.iter().map(|a| a.certificate.fingerprint()).collect();
        let evidence = app.gather(None, &team.workspace, &all);
        let plan = opened::plan(app, &team, &inventory, &assessments, &evidence);
        Ok(Self { policy, inventory, assessments, plan })
    }

    /// A workspace by its own rules.
    fn at_workspace(app: &App, folder: Option<&Path>) -> Result<Self, Report> {
        let Opened { policy, inventory, assessments, plan, .. } = opened::open(app, folder)?;
        Ok(Self { policy, inventory, assessments, plan })
    }
}

/// What `keyrite lint` looks at.
pub enum Subject<'a> {
    /// Certificates, by the rules of a profile.
    Inputs(&'a [Input], &'a str),
    /// A workspace with its waivers, by its own rules.
    Workspace(Option<&'a Path>),
}

/// Holds certificates against rules.
pub fn run(
    app: &App,
    subject: &Subject<'_>,
    json: bool,
    out: &mut dyn Write,
) -> Result<Exit, Report> {
    let looked = match subject {
        Subject::Inputs(inputs, profile) => Looked::at(app, inputs, profile)?,
        Subject::Workspace(folder) => Looked::at_workspace(app, *folder)?,
    };
    if json {
        as_json(app, &looked, out)?;
    } else {
        as_text(app, &looked, out)?;
    }
    let broken = looked.plan.open().any(|judged| judged.finding.severity == Severity::Error);
    let exit = verdict(&looked.inventory);
    Ok(if exit == Exit::Ok && broken { Exit::Findings } else { exit })
}

fn as_json(app: &App, looked: &Looked, out: &mut dyn Write) -> Result<(), Report> {
    let now = app.now();
    let rejected = looked.inventory.rejected.iter();
    let document = LintDocument {
        schema: "keyrite.lint/1",
        at: now.iso(),
        profile: &looked.policy.profile,
        findings: looked.plan.findings.iter().map(Entry::of).collect(),
        verifiers: looked
            .assessments
            .iter()
            .flat_map(|a| opinions(a).into_iter().map(move |o| VerifierEntry::of(a, o, now)))
            .collect(),
        rejected: rejected.map(|r| format!("{}: {}", r.place(), r.reason)).collect(),
    };
    serde_json::to_writer(&mut *out, &document).map_err(std::io::Error::from)?;
    Ok(writeln!(out)?)
}

fn as_text(app: &App, looked: &Looked, out: &mut dyn Write) -> Result<(), Report> {
    let Looked { policy, inventory, assessments, plan } = looked;
    writeln!(out, "as of: {}", app.now().iso())?;
    writeln!(out, "profile: {} ({})", policy.words(), policy.about)?;
    for judged in &plan.findings {
        let f = &judged.finding;
        let what = if judged.is_waived { "waived" } else { f.severity.word() };
        writeln!(out, "{what}: {} \"{}\": {}", f.id, f.subject, f.message)?;
        if let Some(words) = judged.waiver_words(app.now()) {
            writeln!(out, "  waiver: {words}")?;
        }
        if !judged.is_waived {
            writeln!(out, "  what to do: {}", f.remedy)?;
        }
    }
    for assessment in assessments {
        writeln!(out, "verifiers of {}:", plain::quoted(assessment.name()))?;
        for opinion in opinions(assessment) {
            writeln!(out, "  {}", opinion.words(app.now()))?;
        }
    }
    for waiver in &plan.idle {
        writeln!(
            out,
            "idle: the waiver of {} of {} by {} (line {}) waives nothing",
            waiver.finding, waiver.of, waiver.by, waiver.line
        )?;
    }
    plain::rejected(out, inventory)?;
    let open = plan.open().count();
    let errors = plan.open().filter(|j| j.finding.severity == Severity::Error).count();
    let waived = match plan.findings.len() - open {
        0 => String::new(),
        waived => format!("; {waived} waived"),
    };
    Ok(writeln!(
        out,
        "found: {}, {errors} of them errors, in {}{waived}",
        counted(open, "finding"),
        counted(assessments.len(), "certificate")
    )?)
}

impl<'a> Entry<'a> {
    fn of(judged: &'a Judged) -> Self {
        let finding = &judged.finding;
        let waiver = judged.waiver.as_ref();
        Self {
            id: finding.id.word(),
            severity: finding.severity.word(),
            fingerprint: finding.about.first().map(Fingerprint::hex),
            subject: finding.subject.as_str(),
            message: &finding.message,
            remedy: &finding.remedy,
            waiver: waiver.map(|waiver| WaiverEntry {
                holds: judged.is_waived,
                by: &waiver.by,
                reason: &waiver.reason,
                until: waiver.until.iso(),
            }),
        }
    }
}
