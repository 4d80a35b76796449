//! `keyrite check`: whether anything is due or wrong, by the exit code.

use std::io::Write;
use std::path::Path;

use super::coming::troubles;
use super::opened::open;
use super::report::Report;

use crate::app::App;
use crate::app::exit::Exit;
use crate::domain::finding::{Finding, Severity};
use crate::domain::plan::Judged;
use crate::domain::schedule::{Due, HORIZON, TroubleKind};
use crate::domain::text::counted;

/// For cron and CI: one line for each thing that is due or wrong.
pub fn check(app: &App, folder: Option<&Path>, err: &mut dyn Write) -> Result<Exit, Report> {
    let opened = open(app, folder)?;
    let actions = &opened.plan.actions;
    for action in actions.iter().filter(|action| action.due != Due::Later) {
        writeln!(err, "{action}")?;
    }
    // Gaps are told by the steps that would close them.
    let mut clashes = 0;
    for (consumer, trouble) in troubles(app.now(), &opened.plan, app.now().after(HORIZON)) {
        if trouble.kind == TroubleKind::Clash {
            clashes += 1;
            writeln!(err, "{consumer}: {trouble}")?;
        }
    }
    super::plain::rejected(err, &opened.inventory)?;
    let is_error = |judged: &&Judged| judged.finding.severity == Severity::Error;
    let mut errors = 0;
    for judged in opened.plan.open().filter(is_error) {
        errors += 1;
        let Finding { id, subject, message, .. } = &judged.finding;
        let waiver = judged.waiver_words(app.now());
        let waiver = waiver.map(|words| format!("; {words}")).unwrap_or_default();
        writeln!(err, "error: {id} \"{subject}\": {message}{waiver}")?;
    }
    for waiver in &opened.plan.idle {
        let (finding, of, line) = (waiver.finding, &waiver.of, waiver.line);
        writeln!(err, "keyrite.toml:{line}: the waiver of {finding} of {of} waives nothing")?;
    }
    let waived = opened.plan.findings.iter().filter(|judged| judged.is_waived).count();
    if waived > 0 {
        writeln!(err, "waived: {}; keyrite lint names them", counted(waived, "finding"))?;
    }
    if let Some(refusal) = opened.plan.refusals.first() {
        return Err(Report::usage(refusal.to_string()).hint(refusal.remedy()));
    }
    let is_empty = opened.workspace.declares_no_signer();
    if is_empty {
        writeln!(err, "due: keyrite.toml declares nothing that signs")?;
    }
    let is_wrong = errors + clashes > 0 || is_empty || !opened.inventory.rejected.is_empty();
    Ok(match actions.iter().map(|action| action.due).min() {
        Some(Due::Overdue) => Exit::Overdue,
        Some(Due::Now) => Exit::Due,
        _ if is_wrong => Exit::Due,
        _ => Exit::Ok,
    })
}
