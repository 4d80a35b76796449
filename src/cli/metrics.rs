//! `keyrite metrics`: the same facts for Prometheus' text file collector.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use super::opened::{Opened, open};
use super::report::Report;
use crate::app::App;
use crate::app::exit::Exit;
use crate::domain::schedule::Due;
use crate::domain::timestamp::DAY;
use crate::domain::validity::State;

/// Writes all metrics of the workspace.
pub fn run(app: &App, folder: Option<&Path>, out: &mut dyn Write) -> Result<Exit, Report> {
    let opened = open(app, folder)?;
    head(out, "keyrite_asked_seconds", "The instant that everything speaks of, in Unix time.")?;
    writeln!(out, "keyrite_asked_seconds {}", app.now().unix())?;
    keys(out, &opened)?;
    actions(out, &opened)?;
    findings(out, &opened)?;
    Ok(Exit::Ok)
}

fn head(out: &mut dyn Write, name: &str, help: &str) -> std::io::Result<()> {
    writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge")
}

/// A label's value (Prometheus text format 0.0.4).
fn label(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

fn keys(out: &mut dyn Write, opened: &Opened) -> std::io::Result<()> {
    let mut ends = Vec::new();
    let mut valid = Vec::new();
    for assessment in &opened.assessments {
        let now = assessment.verdict.at;
        for (index, (key, verdict)) in assessment.keys().enumerate() {
            let labels = format!(
                "{{certificate=\"{}\",key=\"{}\",role=\"{}\",name=\"{}\"}}",
                assessment.certificate.fingerprint().hex(),
                key.fingerprint.hex(),
                assessment.role(index),
                label(assessment.name())
            );
            valid.push(format!(
                "keyrite_key_valid{labels} {}",
                u8::from(verdict.state == State::Valid)
            ));
            if let Some(end) = verdict.effective_expires {
                // Whole days, as people count them.
                let days = (end.unix() - now.unix()).div_euclid(DAY);
                ends.push(format!("keyrite_key_days_left{labels} {days}"));
            }
        }
    }
    head(out, "keyrite_key_valid", "Whether a verifier of today accepts the key.")?;
    writeln_all(out, &valid)?;
    head(out, "keyrite_key_days_left", "Days until the key ends, bounded by its primary key.")?;
    writeln_all(out, &ends)
}

fn actions(out: &mut dyn Write, opened: &Opened) -> std::io::Result<()> {
    let actions = &opened.plan.actions;
    head(out, "keyrite_actions", "Steps of rotations, by how pressing they are.")?;
    for due in [Due::Overdue, Due::Now, Due::Later] {
        let count = actions.iter().filter(|action| action.due == due).count();
        writeln!(out, "keyrite_actions{{due=\"{}\"}} {count}", due.word())?;
    }
    head(out, "keyrite_action_latest_safe_seconds", "The last safe day of a step, in Unix time.")?;
    for action in actions {
        writeln!(
            out,
            "keyrite_action_latest_safe_seconds{{consumer=\"{}\",kind=\"{}\"}} {}",
            label(&action.consumer),
            action.kind.word(),
            action.latest_safe.unix()
        )?;
    }
    Ok(())
}

fn findings(out: &mut dyn Write, opened: &Opened) -> std::io::Result<()> {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for judged in opened.plan.open() {
        let finding = &judged.finding;
        *counts.entry((finding.id.word(), finding.severity.word())).or_default() += 1;
    }
    head(out, "keyrite_findings", "Rules that are broken and not waived.")?;
    for ((id, severity), count) in counts {
        writeln!(out, "keyrite_findings{{id=\"{id}\",severity=\"{severity}\"}} {count}")?;
    }
    let waived = opened.plan.findings.iter().filter(|judged| judged.is_waived).count();
    head(out, "keyrite_findings_waived", "Rules that are broken and waived today.")?;
    writeln!(out, "keyrite_findings_waived {waived}")?;
    head(out, "keyrite_rejected_parts", "Parts of the certificates' files that cannot be read.")?;
    writeln!(out, "keyrite_rejected_parts {}", opened.inventory.rejected.len())
}

fn writeln_all(out: &mut dyn Write, lines: &[String]) -> std::io::Result<()> {
    lines.iter().try_for_each(|line| writeln!(out, "{line}"))
}
