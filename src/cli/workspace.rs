//! `keyrite init`, `keyrite schedule`, `keyrite check`: what a team has
//! written down, and what is due.

use std::io::Write;
use std::path::Path;

use serde::Serialize;

use super::keys::assess;
use super::report::Report;
use super::{calendar, merge};
use crate::app::exit::Exit;
use crate::app::{App, Founding, Input, WorkspaceError};
use crate::domain::assessment::Assessment;
use crate::domain::finding::{Finding, Severity};
use crate::domain::inventory::Inventory;
use crate::domain::lint::lint;
use crate::domain::period::Period;
use crate::domain::policy::Policy;
use crate::domain::schedule::{Action, Due, Line, Turn, next_actions, turns};
use crate::domain::text::{VisibleText, counted};
use crate::domain::timestamp::Timestamp;
use crate::domain::validity::State;
use crate::domain::workspace::{Environment, Workspace};

/// Makes a workspace in `folder` and adopts the certificates of `inputs`.
pub fn init(
    app: &App,
    folder: &Path,
    name: Option<&str>,
    environment: Environment,
    profile: &str,
    inputs: &[Input],
    out: &mut dyn Write,
) -> Result<Exit, Report> {
    app.policy(profile).map_err(|error| Report::usage(error.to_string()))?;
    let (inventory, assessments) = assess(app, inputs);
    if assessments.is_empty() && !inputs.is_empty() {
        let told = inventory.rejected.iter().map(|r| format!("{}: {}", r.place(), r.reason));
        let told: Vec<_> = told.collect();
        let text = format!("no certificate to adopt; nothing was made; {}", told.join("; "));
        return Err(Report { exit: Exit::NoInput, ..Report::usage(text) });
    }
    let adopted = assessments
        .iter()
        .map(|assessment| {
            let signers = assessment
                .keys()
                .skip(1)
                .filter(|(_, verdict)| verdict.state == State::Valid && verdict.capabilities.sign);
            let fingerprint = assessment.certificate.fingerprint();
            let armor = app.armored(&fingerprint).map_err(Report::failed)?;
            Ok((fingerprint, signers.map(|(key, _)| key.fingerprint).collect(), armor))
        })
        .collect::<Result<Vec<_>, Report>>()?;
    let name = name.map_or_else(
        || folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        str::to_owned,
    );
    let consumers: usize =
        adopted.iter().map(|(_, signers, _): &(_, Vec<_>, _)| signers.len()).sum();
    let founding = Founding { name: &name, environment, profile, certificates: adopted };
    app.found(folder, &founding).map_err(|error| match app.find_workspace(Some(folder)) {
        Ok(_) => report(&error)
            .hint("keyrite merge --install, in it, tells git how to merge one that is there"),
        Err(_) => report(&error),
    })?;
    let shown = VisibleText::from_bytes(folder.as_os_str().as_encoded_bytes());
    writeln!(
        out,
        "made: {shown} with {} and {}",
        counted(founding.certificates.len(), "certificate"),
        counted(consumers, "consumer")
    )?;
    super::plain::rejected(out, &inventory)?;
    let installed = app.install_merging(folder);
    merge::tell(out, installed.map_err(|error| merge::not_installed(&error))?)?;
    writeln!(
        out,
        "next: say in {shown}/keyrite.toml who is who, then: keyrite schedule --in {shown}"
    )?;
    Ok(super::keys::incomplete(&inventory))
}

/// A workspace with its rules and what is judged of its certificates.
pub(super) struct Opened {
    pub(super) workspace: Workspace,
    pub(super) policy: Policy,
    pub(super) assessments: Vec<Assessment>,
    pub(super) lines: Vec<Line>,
    /// What was read of the certificates' folder, and what was not.
    pub(super) inventory: Inventory,
}

pub(super) fn open(app: &App, folder: Option<&Path>) -> Result<Opened, Report> {
    let folder = app.find_workspace(folder).map_err(|error| report(&error))?;
    let workspace = app.workspace(&folder).map_err(|error| report(&error))?;
    let policy =
        app.policy(&workspace.profile).map_err(|error| Report::usage(error.to_string()))?;
    let (inventory, assessments) = assess(app, &[Input::Path(App::certificates_of(&folder))]);
    let lines = workspace.lines(&policy, &assessments);
    if let Some(line) = lines.first()
        && let Err(impossible) = line.rule.check()
    {
        let nearest = line.rule.nearest().windows;
        return Err(Report::usage(format!(
            "the plan of '{}' cannot work: {impossible}",
            policy.profile
        ))
        .hint(format!(
            "the nearest that does: overlap {} days, slack {} days",
            nearest.overlap, nearest.slack
        )));
    }
    Ok(Opened { workspace, policy, assessments, lines, inventory })
}

pub(super) fn report(error: &WorkspaceError) -> Report {
    let exit = match error {
        WorkspaceError::Unwritable { .. } | WorkspaceError::Unreadable { .. } => Exit::Failed,
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

/// As what the schedule is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Lines for people.
    Text,
    /// A JSON document.
    Json,
    /// An iCalendar file.
    Calendar,
}

/// What is wanted of the schedule.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// As what it is printed.
    pub form: Form,
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
    let actions = next_actions(app.now(), &opened.lines);
    let turns = wanted.simulate.map(|time| to_come(&opened.lines, app.now().after(time)));
    let turns = turns.unwrap_or_default();
    match wanted.form {
        Form::Text => as_text(out, app.now(), &opened.workspace, &actions, &turns)?,
        Form::Json => as_json(out, app.now(), &opened.workspace, &actions, &turns)?,
        Form::Calendar => {
            calendar::write(out, app.now(), &opened.workspace, &actions, &turns)?;
        }
    }
    Ok(Exit::Ok)
}

fn as_json(
    out: &mut dyn Write,
    now: Timestamp,
    workspace: &Workspace,
    actions: &[Action],
    turns: &[Coming<'_>],
) -> Result<(), Report> {
    let document = ScheduleDocument {
        schema: "keyrite.schedule/1",
        at: now.iso(),
        workspace: &workspace.name,
        environment: workspace.environment.word(),
        profile: &workspace.profile,
        actions: actions.iter().map(entry).collect(),
        turns: turns.iter().map(turn_entry).collect(),
    };
    serde_json::to_writer(&mut *out, &document).map_err(std::io::Error::from)?;
    Ok(writeln!(out)?)
}

fn as_text(
    out: &mut dyn Write,
    now: Timestamp,
    workspace: &Workspace,
    actions: &[Action],
    turns: &[Coming<'_>],
) -> Result<(), Report> {
    writeln!(out, "as of: {}", now.iso())?;
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
            action.latest_safe.date_with_distance(now),
            action.why
        )?;
    }
    for Coming { line, turn, .. } in turns {
        writeln!(
            out,
            "to come: {}; generate {}; publish {}; activate {}; retire {}; old key ends \
             {}; new key ends {}",
            line.consumer,
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
    Ok(())
}

/// A rotation to come.
pub(super) struct Coming<'a> {
    pub(super) line: &'a Line,
    /// Which one from now; 0 is the next.
    pub(super) number: usize,
    pub(super) turn: Turn,
}

/// The rotations of all consumers up to `until`, in their order.
fn to_come(lines: &[Line], until: Timestamp) -> Vec<Coming<'_>> {
    let mut all: Vec<_> = lines
        .iter()
        .filter_map(|line| Some((line, line.ends?)))
        .flat_map(|(line, ends)| {
            let turns = turns(&line.rule, ends, line.primary_ends, until);
            turns.into_iter().enumerate().map(|(number, turn)| Coming { line, number, turn })
        })
        .collect();
    all.sort_by_key(|coming| (coming.turn.generate, &coming.line.consumer));
    all
}

fn turn_entry<'a>(Coming { line, turn, .. }: &Coming<'a>) -> TurnEntry<'a> {
    TurnEntry {
        consumer: &line.consumer,
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
    let actions = next_actions(app.now(), &opened.lines);
    for action in actions.iter().filter(|action| action.due != Due::Later) {
        writeln!(err, "{action}")?;
    }
    super::plain::rejected(err, &opened.inventory)?;
    let findings: Vec<Finding> = opened
        .assessments
        .iter()
        .flat_map(|assessment| lint(assessment, &opened.policy))
        .chain(opened.inventory.findings.iter().cloned())
        .filter(|finding| finding.severity == Severity::Error)
        .collect();
    for finding in &findings {
        writeln!(err, "error: {} \"{}\": {}", finding.id, finding.subject, finding.message)?;
    }
    let first = actions.iter().map(|action| action.due).min();
    Ok(match first {
        Some(Due::Overdue) => Exit::Overdue,
        Some(Due::Now) => Exit::Due,
        _ if !findings.is_empty() || !opened.inventory.rejected.is_empty() => Exit::Due,
        _ => Exit::Ok,
    })
}
