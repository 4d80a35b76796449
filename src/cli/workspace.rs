//! `keyrite schedule`, `keyrite check`: what a team has written down, and what
//! is due.

use std::io::Write;
use std::path::Path;

use serde::Serialize;

use super::keys::assess;
use super::report::Report;
use crate::app::exit::Exit;
use crate::app::{App, Input, WorkspaceError};
use crate::domain::assessment::Assessment;
use crate::domain::finding::{Finding, Severity};
use crate::domain::inventory::Inventory;
use crate::domain::period::Period;
use crate::domain::plan::{Judged, Plan};
use crate::domain::schedule::{Action, Due, Line, Turn, turns};
use crate::domain::timestamp::Timestamp;
use crate::domain::worded::Worded as _;
use crate::domain::workspace::Workspace;

/// A workspace with what it means today.
pub(super) struct Opened {
    workspace: Workspace,
    pub(super) assessments: Vec<Assessment>,
    pub(super) plan: Plan,
    /// What was read of the certificates' folder, and what was not.
    pub(super) inventory: Inventory,
}

pub(super) fn open(app: &App, folder: Option<&Path>) -> Result<Opened, Report> {
    let folder = app.find_workspace(folder).map_err(|error| report(&error))?;
    let team = app.workspace(&folder).map_err(|error| report(&error))?.team;
    let (inventory, assessments) = assess(app, &[Input::Path(App::certificates_of(&folder))]);
    let managed: Vec<_> = assessments.iter().map(|a| a.certificate.fingerprint()).collect();
    let evidence = app.gather(&folder, &team.workspace, &managed);
    let all: Vec<_> = assessments.iter().collect();
    let plan = team.plan(app.now(), &all, Some(&evidence), &inventory.findings);
    if let Some(refusal) = plan.refusals.first() {
        return Err(Report::usage(refusal.to_string()).hint(refusal.remedy()));
    }
    Ok(Opened { workspace: team.workspace, assessments, plan, inventory })
}

/// A workspace that cannot be used, as people read it.
pub(super) fn report(error: &WorkspaceError) -> Report {
    let exit = match error {
        WorkspaceError::Unwritable { .. }
        | WorkspaceError::Unreadable { .. }
        | WorkspaceError::Changed(_) => Exit::Failed,
        WorkspaceError::Missing(_)
        | WorkspaceError::TooNew { .. }
        | WorkspaceError::Wrong { .. } => Exit::Usage,
    };
    let mut report = Report { exit, ..Report::usage(error.to_string()) };
    if matches!(error, WorkspaceError::Missing(_)) {
        report = report.hint("keyrite init DIR --profile small-team PATH... makes one");
    }
    report
}

/// The JSON document `keyrite.schedule/1`.
#[derive(Serialize)]
struct ScheduleDocument<'a> {
    schema: &'static str,
    at: String,
    workspace: &'a str,
    environment: &'static str,
    profile: &'a str,
    actions: Vec<Entry<'a>>,
    /// Only where the time to come was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    turns: Vec<TurnEntry<'a>>,
}

#[derive(Serialize)]
struct TurnEntry<'a> {
    consumer: &'a str,
    generate: String,
    publish: String,
    activate: String,
    retire: String,
    old_ends: String,
    new_ends: String,
}

/// What is wanted of the schedule.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// A JSON document instead of text.
    pub json: bool,
    /// The rotations of that time to come.
    pub simulate: Option<Period>,
}

#[derive(Serialize)]
struct Entry<'a> {
    due: &'static str,
    kind: &'static str,
    consumer: &'a str,
    owner: Option<&'a str>,
    planned: String,
    latest_safe: String,
    why: &'a str,
}

/// Lists every planned step of the next rotation of each consumer.
pub fn schedule(
    app: &App,
    folder: Option<&Path>,
    wanted: Wanted,
    out: &mut dyn Write,
) -> Result<Exit, Report> {
    let opened = open(app, folder)?;
    let actions = &opened.plan.actions;
    let turns = wanted.simulate.map(|time| to_come(&opened.plan.lines, app.now().after(time)));
    let turns = turns.unwrap_or_default();
    let workspace = &opened.workspace;
    if wanted.json {
        let document = ScheduleDocument {
            schema: "keyrite.schedule/1",
            at: app.now().iso(),
            workspace: &workspace.name,
            environment: workspace.environment.word(),
            profile: &workspace.profile,
            actions: actions.iter().map(entry).collect(),
            turns: turns.iter().map(|(consumer, turn)| turn_entry(consumer, turn)).collect(),
        };
        serde_json::to_writer(&mut *out, &document).map_err(std::io::Error::from)?;
        writeln!(out)?;
        return Ok(Exit::Ok);
    }
    writeln!(out, "as of: {}", app.now().iso())?;
    writeln!(
        out,
        "workspace: {}; {}; profile {}",
        workspace.name,
        workspace.environment.word(),
        workspace.profile
    )?;
    for action in actions {
        writeln!(
            out,
            "{}: {} for {}{}; planned {}; latest safe {}; because {}",
            action.due.word(),
            action.kind.word(),
            action.consumer,
            action.owner.as_ref().map(|owner| format!(" by {owner}")).unwrap_or_default(),
            action.planned.date(),
            action.latest_safe.date_with_distance(app.now()),
            action.why
        )?;
    }
    for (consumer, turn) in &turns {
        writeln!(
            out,
            "to come: {consumer}; generate {}; publish {}; activate {}; retire {}; old key ends \
             {}; new key ends {}",
            turn.generate.date(),
            turn.publish.date(),
            turn.activate.date(),
            turn.retire.date(),
            turn.old_ends.date(),
            turn.new_ends.date()
        )?;
    }
    if actions.is_empty() {
        writeln!(out, "nothing is planned: the workspace declares no consumer")?;
    }
    Ok(Exit::Ok)
}

/// The rotations of all consumers up to `until`, in their order.
fn to_come(lines: &[Line], until: Timestamp) -> Vec<(&str, Turn)> {
    let mut all: Vec<_> = lines
        .iter()
        .filter_map(|line| Some((line, line.ends?)))
        .flat_map(|(line, ends)| {
            let turns = turns(&line.rule, ends, line.primary_ends, until);
            turns.into_iter().map(|turn| (line.consumer.as_str(), turn))
        })
        .collect();
    all.sort_by_key(|(consumer, turn)| (turn.generate, *consumer));
    all
}

fn turn_entry<'a>(consumer: &'a str, turn: &Turn) -> TurnEntry<'a> {
    TurnEntry {
        consumer,
        generate: turn.generate.iso(),
        publish: turn.publish.iso(),
        activate: turn.activate.iso(),
        retire: turn.retire.iso(),
        old_ends: turn.old_ends.iso(),
        new_ends: turn.new_ends.iso(),
    }
}

fn entry(action: &Action) -> Entry<'_> {
    Entry {
        due: action.due.word(),
        kind: action.kind.word(),
        consumer: &action.consumer,
        owner: action.owner.as_deref(),
        planned: action.planned.iso(),
        latest_safe: action.latest_safe.iso(),
        why: &action.why,
    }
}

/// For cron and CI: one line for each thing that is due or wrong.
pub fn check(app: &App, folder: Option<&Path>, err: &mut dyn Write) -> Result<Exit, Report> {
    let opened = open(app, folder)?;
    let actions = &opened.plan.actions;
    for action in actions.iter().filter(|action| action.due != Due::Later) {
        writeln!(err, "{action}")?;
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
    let first = actions.iter().map(|action| action.due).min();
    Ok(match first {
        Some(Due::Overdue) => Exit::Overdue,
        Some(Due::Now) => Exit::Due,
        _ if errors > 0 || !opened.inventory.rejected.is_empty() => Exit::Due,
        _ => Exit::Ok,
    })
}
