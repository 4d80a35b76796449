//! `keyrite schedule`: every planned step, as text, JSON or calendar.

use std::io::Write;
use std::path::Path;

use serde::Serialize;

use super::calendar;
use super::coming::{Coming, to_come, troubles};
use super::opened::{Opened, open};
use super::report::Report;
use crate::app::App;
use crate::app::exit::Exit;
use crate::domain::period::Period;
use crate::domain::plan::Plan;
use crate::domain::schedule::{Action, HORIZON, Trouble};
use crate::domain::timestamp::Timestamp;
use crate::domain::worded::Worded as _;

/// The JSON document `keyrite.schedule/1`.
#[derive(Serialize)]
struct ScheduleDocument<'a> {
    schema: &'static str,
    at: String,
    workspace: &'a str,
    environment: &'static str,
    profile: &'a str,
    actions: Vec<Entry<'a>>,
    troubles: Vec<TroubleEntry<'a>>,
    /// Only where the time to come was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    turns: Vec<TurnEntry<'a>>,
}

/// Where no key can sign, or wishes contradict each other.
#[derive(Serialize)]
struct TroubleEntry<'a> {
    consumer: &'a str,
    kind: &'static str,
    from: String,
    until: Option<String>,
    why: &'a str,
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

impl Form {
    /// By what was asked for.
    #[must_use]
    pub const fn of(json: bool, calendar: bool) -> Self {
        match (json, calendar) {
            (true, _) => Self::Json,
            (false, true) => Self::Calendar,
            (false, false) => Self::Text,
        }
    }
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
    if let Some(refusal) = opened.plan.refusals.first() {
        return Err(Report::usage(refusal.to_string()).hint(refusal.remedy()));
    }
    let actions = &opened.plan.actions;
    let now = app.now();
    let end = wanted.simulate.map(|time| now.after(time));
    let turns = end.map(|end| to_come(now, &opened.plan, end)).unwrap_or_default();
    let troubles: Vec<_> = troubles(now, &opened.plan, end.unwrap_or(now.after(HORIZON))).collect();
    match wanted.form {
        Form::Text => as_text(out, now, &opened, &troubles, &turns)?,
        Form::Json => as_json(out, now, &opened, &troubles, &turns)?,
        Form::Calendar => {
            calendar::write(out, now, &opened.workspace, actions, &turns)?;
        }
    }
    Ok(Exit::Ok)
}

fn as_json(
    out: &mut dyn Write,
    now: Timestamp,
    opened: &Opened,
    troubles: &[(&str, Trouble)],
    turns: &[Coming<'_>],
) -> Result<(), Report> {
    let Opened { workspace, plan, .. } = opened;
    let document = ScheduleDocument {
        schema: "keyrite.schedule/1",
        at: now.iso(),
        workspace: &workspace.name,
        environment: workspace.environment.word(),
        profile: &workspace.profile,
        actions: plan.actions.iter().map(entry).collect(),
        troubles: troubles
            .iter()
            .map(|(consumer, trouble)| TroubleEntry {
                consumer,
                kind: trouble.kind.word(),
                from: trouble.from.iso(),
                until: trouble.until.map(Timestamp::iso),
                why: &trouble.why,
            })
            .collect(),
        turns: turns.iter().map(turn_entry).collect(),
    };
    serde_json::to_writer(&mut *out, &document).map_err(std::io::Error::from)?;
    Ok(writeln!(out)?)
}

fn as_text(
    out: &mut dyn Write,
    now: Timestamp,
    opened: &Opened,
    troubles: &[(&str, Trouble)],
    turns: &[Coming<'_>],
) -> Result<(), Report> {
    let Opened { workspace, policy, plan, .. } = opened;
    writeln!(out, "as of: {}", now.iso())?;
    writeln!(
        out,
        "workspace: {}; {}; profile {}",
        workspace.name,
        workspace.environment.word(),
        policy.words()
    )?;
    write_actions(out, now, plan)?;
    for (consumer, trouble) in troubles {
        writeln!(out, "{consumer}: {trouble}")?;
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
    if plan.lines.is_empty() {
        writeln!(out, "nothing is planned: the workspace declares no consumer")?;
    }
    Ok(())
}

/// Each next step in a line, with its formula.
pub(super) fn write_actions(
    out: &mut dyn Write,
    now: Timestamp,
    plan: &Plan,
) -> std::io::Result<()> {
    for action in &plan.actions {
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
    Ok(())
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
