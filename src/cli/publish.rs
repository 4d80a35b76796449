//! `keyrite publish`: goes on with a publication that people have agreed to,
//! without asking anybody anything.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use serde::Serialize;

use super::args::PublishArgs;
use super::ceremony::refused;
use super::opened::report;
use super::report::Report;
use crate::app::App;
use crate::app::exit::Exit;
use crate::domain::finding::FindingId;
use crate::domain::publication::{LEFT_ALONE, Verdict};
use crate::domain::text::VisibleText;
use crate::domain::worded::Worded as _;
use crate::engine::effect::Value;
use crate::engine::event::{Event, Remark};
use crate::engine::runner::{Prompt, Refused, Reply, Runner};

/// The ceremony.
const PUBLICATION: &str = "publication";
/// The schema of the document.
const SCHEMA: &str = "keyrite.publish/1";

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    run: String,
    /// Whether the run has ended.
    ended: bool,
    /// The title of the step that is next.
    next: Option<&'static str>,
    /// What stops it.
    remarks: Vec<String>,
    targets: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    target: String,
    place: String,
    /// What became of it: `published`, `was there`, `not done`, or nothing yet.
    state: String,
    /// What users got when they were last asked for.
    verdict: String,
    there: Vec<String>,
}

/// Goes on as far as it can without people; prints how each target stands.
pub fn run(app: &App, wanted: &PublishArgs, out: &mut dyn Write) -> Result<Exit, Report> {
    let folder = app.find_workspace(wanted.workspace.folder.as_deref());
    let folder = folder.map_err(|error| report(&error))?;
    let run = match wanted.run.clone() {
        Some(run) => run,
        None => match newest(app, &folder)? {
            Newest::Open(run) => run,
            Newest::Ended(run) => {
                writeln!(
                    out,
                    "nothing is open: the newest publication, {run}, has ended; keyrite drift says \
                     what users get"
                )?;
                return Ok(Exit::Ok);
            }
        },
    };
    let mut runner = app.resume_run(&folder, &run).map_err(refused)?;
    let is_confirmed = |event: &Event| matches!(event, Event::Confirmed { .. });
    let is_publication = runner.run().ceremony.id == PUBLICATION;
    if !is_publication || !runner.journal().entries().iter().any(|one| is_confirmed(&one.event)) {
        let _ = runner.reply(Reply::Pause);
        return Err(Report::usage(format!("{run} is no publication that people have agreed to"))
            .hint(format!("keyrite ceremony resume {run} goes on with it")));
    }
    let remarks = go_on(&mut runner).map_err(|error| Report::failed(error.to_string()))?;
    let rows = rows(&runner);
    let exit = exit(&rows, &remarks);
    let ended = matches!(runner.prompt(), Prompt::Ended(_));
    let next = runner.step().map(|(step, _)| step.title);
    if !ended {
        let _ = runner.reply(Reply::Pause);
    }
    if wanted.json {
        let remarks = remarks.into_iter().map(|one| one.message).collect();
        let document = Document { schema: SCHEMA, run, ended, next, remarks, targets: rows };
        serde_json::to_writer(&mut *out, &document).map_err(std::io::Error::from)?;
        writeln!(out)?;
    } else {
        text(&run, &rows, &remarks, next, out)?;
    }
    Ok(exit)
}

/// The newest publication.
enum Newest {
    /// It can go on.
    Open(String),
    /// It cannot, and no older one can.
    Ended(String),
}

fn newest(app: &App, folder: &Path) -> Result<Newest, Report> {
    let runs = app.runs(folder).map_err(refused)?;
    let all = || runs.iter().filter(|one| one.ceremony == PUBLICATION);
    if let Some(open) = all().find(|one| one.state.is_open()) {
        return Ok(Newest::Open(open.id.clone()));
    }
    let ended = all().next().map(|one| Newest::Ended(one.id.clone()));
    ended.ok_or_else(|| {
        Report::usage("nobody has published anything from this workspace yet")
            .hint("keyrite ceremony start publication begins")
    })
}

/// How often each step is done: what has stopped the run may have been mended
/// meanwhile.
const TRIES: usize = 2;

/// Does what needs nobody; tells what stops it.
fn go_on(runner: &mut Runner) -> Result<Vec<Remark>, Refused> {
    let mut tried: BTreeMap<String, usize> = BTreeMap::new();
    loop {
        let at = runner.step().map(|(_, at)| at.as_str().to_owned()).unwrap_or_default();
        let stops = match runner.prompt() {
            Prompt::Check | Prompt::Perform(_) | Prompt::Doubt(_) | Prompt::Close => Vec::new(),
            Prompt::Halted { remarks, .. } => remarks,
            Prompt::Ask(_)
            | Prompt::Plan { .. }
            | Prompt::Confirm(_)
            | Prompt::Secret { .. }
            | Prompt::Wait { .. }
            | Prompt::Paused
            | Prompt::Ended(_) => return Ok(Vec::new()),
        };
        let times = tried.entry(at).or_default();
        *times += 1;
        if *times > TRIES {
            return Ok(stops);
        }
        runner.reply(Reply::Go)?;
    }
}

fn rows(runner: &Runner) -> Vec<Row> {
    let run = runner.run();
    let targets = run.fact("where.targets", None).map(Value::items).unwrap_or_default();
    let row = |target: String| {
        let fact = |name: &str| run.fact(name, Some(&target)).map(Value::text).unwrap_or_default();
        let (first, again) = (fact("publish.state"), fact("again.state"));
        let state = if again.is_empty() { first } else { again };
        let last = if fact("prove.verdict").is_empty() { "glance" } else { "prove" };
        let there = run.fact(&format!("{last}.there"), Some(&target));
        let there = there.map(Value::items).unwrap_or_default();
        let (place, verdict) = (fact("look.place"), fact(&format!("{last}.verdict")));
        Row { target, place, state, verdict, there }
    };
    targets.into_iter().map(row).collect()
}

fn exit(rows: &[Row], remarks: &[Remark]) -> Exit {
    if remarks.iter().any(|one| one.id == FindingId::Pub002) {
        return Exit::Incident;
    }
    let is_incident = |row: &Row| {
        row.state == LEFT_ALONE
            || Verdict::from_word(&row.verdict).is_some_and(Verdict::is_incident)
    };
    if rows.iter().any(is_incident) {
        return Exit::Incident;
    }
    let is_there = |row: &Row| row.verdict == Verdict::Match.word();
    if rows.iter().all(is_there) { Exit::Ok } else { Exit::Drift }
}

fn text(
    run: &str,
    rows: &[Row],
    remarks: &[Remark],
    next: Option<&str>,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    for row in rows {
        let verdict = if row.verdict.is_empty() { "not looked at" } else { &row.verdict };
        let state = if row.state.is_empty() { "not tried" } else { &row.state };
        let (target, place) = (VisibleText::from_text(&row.target), &row.place);
        writeln!(out, "{verdict:13} {target} ({}): {state}", VisibleText::from_text(place))?;
        if row.verdict != Verdict::Match.word() {
            for line in &row.there {
                writeln!(out, "  {}", VisibleText::from_text(line))?;
            }
        }
    }
    for remark in remarks {
        let (id, message) = (remark.id, VisibleText::from_text(&remark.message));
        writeln!(out, "\n{id}: {message}\n  {}", remark.remedy)?;
    }
    match next {
        None => writeln!(out, "\nthe run {run} has ended"),
        Some(next) => writeln!(
            out,
            "\nnext: {next}\n  keyrite publish {run} looks again; people go on with keyrite ceremony \
             resume {run}"
        ),
    }
}
