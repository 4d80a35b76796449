//! `keyrite carry`: the workspace on a medium.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use super::Streams;
use super::args::CarryCommand;
use super::digest::spell_numbered;
use super::opened;
use super::report::Report;
use crate::app::exit::Exit;
use crate::app::{App, CARRIED_LOG, CarryingError, Incoming, Listed};
use crate::domain::text::{VisibleText, counted};
use crate::domain::worded::Worded as _;
use crate::domain::words;
use crate::domain::workspace::Environment;
use crate::engine::carry::Manifest;
use crate::engine::run::{Elsewhere, NotHeld};

/// Bytes of an answer at the most.
const MAX_ANSWER: u64 = 4096;

/// Carries it out.
pub fn run(app: &App, command: CarryCommand, streams: &mut Streams<'_>) -> Result<Exit, Report> {
    match command {
        CarryCommand::Out { medium, person, hand_over, keep, replace, workspace } => {
            let folder = find(app, workspace.folder.as_deref())?;
            let look = app.look_out(&folder, &medium).map_err(|error| refused(&error))?;
            app.who_carries(&folder, person.as_deref()).map_err(|error| refused(&error))?;
            environment(look.environment, streams)?;
            versions(&look.versions, streams)?;
            if let Some(waiting) = look.waiting.filter(|_| !replace) {
                return Err(refused(&CarryingError::Waiting(waiting)));
            }
            let mut runs: BTreeSet<_> = hand_over.into_iter().collect();
            if !keep {
                let more = which_runs(&look.open, &runs, streams)?;
                runs.extend(more);
            }
            let sent = app.carry_out(&folder, &medium, person.as_deref(), &runs, replace);
            let sent = sent.map_err(|error| not_sent(&error, &runs))?;
            show(&sent.manifest, streams)?;
            for left in &sent.left {
                writeln!(streams.out, "stays behind, because keyrite does not know it: {left}")?;
            }
            for problem in &sent.problems {
                writeln!(streams.out, "the log that goes with it is not in order: {problem}")?;
            }
            let medium = VisibleText::from_bytes(medium.as_os_str().as_encoded_bytes());
            writeln!(streams.out, "written, and read back from {medium}; unmount it first")?;
            writeln!(streams.out, "on the other machine: keyrite carry in MEDIUM --in DIR")?;
            Ok(Exit::Ok)
        }
        CarryCommand::TakeIn { medium, person, accept, keep, set_aside, workspace } => {
            let folder = place(app, workspace.folder.as_deref())?;
            let incoming = app.look_in(&folder, &medium).map_err(|error| refused(&error))?;
            let wanted = Wanted { person, accept, keep, set_aside };
            take_in(app, &incoming, wanted, streams)
        }
        CarryCommand::Recall { run, reason, person, workspace } => {
            let folder = find(app, workspace.folder.as_deref())?;
            let recalled = app.find_recalled(&folder, &run).map_err(|error| refused(&error))?;
            app.who_carries(&folder, person.as_deref()).map_err(|error| refused(&error))?;
            environment(recalled.environment, streams)?;
            match &recalled.there {
                NotHeld::HandedOver(Elsewhere { carry, by, .. }) => {
                    writeln!(streams.out, "it was handed over by {by} with the carry {carry}")?;
                }
                NotHeld::Held(writer) => {
                    writeln!(streams.out, "it is held by the machine whose chain is {writer}")?;
                }
                NotHeld::Stranger(line, writer) => {
                    writeln!(
                        streams.out,
                        "line {line} of it is by {writer}, who does not hold it"
                    )?;
                }
                NotHeld::Unvouched(line) => writeln!(
                    streams.out,
                    "no audit chain knows line {line} of it, nor who wrote it: it counts from here on"
                )?,
            }
            writeln!(streams.out, "whatever is done with it elsewhere counts no more")?;
            let last = run.get(run.len().saturating_sub(8)..).unwrap_or(&run);
            let wanted = Typed {
                label: "the last eight characters of the run",
                text: last,
                hint: "keyrite ceremony runs shows the names of the runs",
            };
            confirm(&wanted, recalled.environment, streams)?;
            app.recall(&folder, &recalled, person.as_deref(), &reason)
                .map_err(|error| refused(&error))?;
            writeln!(streams.out, "it goes on here: keyrite ceremony resume {run}")?;
            Ok(Exit::Ok)
        }
    }
}

/// What the command line says of a carry that comes.
struct Wanted {
    person: Option<String>,
    accept: Vec<String>,
    keep: bool,
    set_aside: Vec<String>,
}

fn take_in(
    app: &App,
    incoming: &Incoming,
    wanted: Wanted,
    streams: &mut Streams<'_>,
) -> Result<Exit, Report> {
    let manifest = incoming.manifest();
    environment(manifest.environment, streams)?;
    show(manifest, streams)?;
    versions(&incoming.versions, streams)?;
    if incoming.is_here() {
        writeln!(streams.out, "all of it is here: it was taken in before; nothing was written")?;
        return Ok(Exit::Ok);
    }
    if let Some((run, line)) =
        incoming.forked().into_iter().find(|(run, _)| !wanted.set_aside.contains(run))
    {
        return Err(refused(&CarryingError::ForkedRun(VisibleText::from_text(&run), line)));
    }
    app.who_takes(incoming, wanted.person.as_deref()).map_err(|error| refused(&error))?;
    let before: BTreeSet<_> = wanted.accept.iter().cloned().collect();
    if let Some(error) = incoming.held_by_us(&before) {
        return Err(refused(&error));
    }
    if incoming.is_new() {
        writeln!(streams.out, "the workspace is made here: {}", counted(incoming.more(), "file"))?;
    } else {
        writeln!(streams.out, "new or longer: {}", counted(incoming.more(), "file"))?;
    }
    for run in incoming.new_runs() {
        writeln!(streams.out, "a run that is not here yet: {run}")?;
    }
    for path in incoming.behind() {
        writeln!(streams.out, "has grown here, and stays: {path}")?;
    }
    for problem in &incoming.problems {
        writeln!(streams.out, "wrong with the log in it: {problem}")?;
    }
    for run in &incoming.runs {
        writeln!(streams.out, "goes on here: the run {run}")?;
    }
    compare_words(app, manifest, streams)?;
    let accepted = differences(incoming, &wanted, streams)?;
    let set_aside = wanted.set_aside.into_iter().collect();
    let taken = app
        .carry_in(incoming, wanted.person.as_deref(), &accepted, &set_aside)
        .map_err(|error| not_taken(&error))?;
    for run in &taken.runs {
        writeln!(streams.out, "it goes on here: keyrite ceremony resume {run}")?;
    }
    for (run, why) in &taken.refused {
        writeln!(streams.out, "the run {run} does not go on here, and stays handed over: {why}")?;
        writeln!(streams.out, "  nothing is lost: the same command once more tries it again")?;
    }
    writeln!(streams.out, "taken in; keyrite audit verify looks at all of it")?;
    Ok(if taken.refused.is_empty() { Exit::Ok } else { Exit::Incomplete })
}

/// The differences that somebody accepts.
fn differences(
    incoming: &Incoming,
    wanted: &Wanted,
    streams: &mut Streams<'_>,
) -> Result<BTreeSet<String>, Report> {
    let mut accepted: BTreeSet<_> = wanted.accept.iter().cloned().collect();
    if incoming.is_log_in_question() && !wanted.keep && !accepted.contains(CARRIED_LOG) {
        let question = "the audit log in it is not in order: take it nevertheless? yes or no";
        if asked(question, streams)? {
            accepted.insert(CARRIED_LOG.to_owned());
        }
    }
    for difference in incoming.differences() {
        let path = &difference.path;
        writeln!(streams.out, "{path} differs:")?;
        for line in &difference.told {
            writeln!(streams.out, "  {line}")?;
        }
        if accepted.contains(path) {
            writeln!(streams.out, "  accepted with --accept")?;
        } else if !wanted.keep && asked("take it as it is in the carry? yes or no", streams)? {
            accepted.insert(path.clone());
        } else {
            writeln!(streams.out, "  it stays as it is here")?;
        }
    }
    Ok(accepted)
}

/// The open runs that somebody wants to hand over.
fn which_runs(
    open: &[Listed],
    named: &BTreeSet<String>,
    streams: &mut Streams<'_>,
) -> Result<Vec<String>, Report> {
    let mut runs = Vec::new();
    for run in open.iter().filter(|run| !named.contains(&run.id)) {
        let next = run.next.as_ref().map(|next| format!(", next: {next}")).unwrap_or_default();
        writeln!(streams.out, "the run {} of {} is open{next}", run.id, run.ceremony)?;
        if asked("hand it over to the other machine? yes or no", streams)? {
            runs.push(run.id.clone());
        }
    }
    Ok(runs)
}

/// Asks until somebody says yes or no; the end of the input ends everything.
fn asked(question: &str, streams: &mut Streams<'_>) -> Result<bool, Report> {
    loop {
        match read(question, streams)?.as_deref() {
            Some("yes") => return Ok(true),
            Some("no") => return Ok(false),
            Some(_) => {}
            None => {
                return Err(Report::usage("nobody answered; nothing was changed")
                    .hint("keyrite carry --help: --hand-over, --accept and --keep answer before"));
            }
        }
    }
}

/// Has words of the digest typed that the other machine showed. Which ones is
/// drawn now: nobody can have made a carry that agrees in just these.
fn compare_words(app: &App, manifest: &Manifest, streams: &mut Streams<'_>) -> Result<(), Report> {
    let places = app.asked_words().map_err(|error| refused(&error))?;
    let digest = manifest.digest();
    let all: Vec<_> = words::spell(digest.bytes()).collect();
    let wanted = places.iter().filter_map(|place| all.get(place - 1).copied());
    let wanted: Vec<_> = wanted.collect();
    let [a, b, c, d] = places;
    let typed = Typed {
        label: &format!("the words {a}, {b}, {c} and {d} that the other machine showed"),
        text: &wanted.join(" "),
        hint: "if the other machine shows other words, this is not the carry that it made: keep \
               the medium, and make a new carry",
    };
    confirm(&typed, manifest.environment, streams)
}

/// What somebody types who has read it elsewhere.
struct Typed<'a> {
    label: &'a str,
    text: &'a str,
    /// What helps where it is wrong.
    hint: &'static str,
}

/// Has something typed that another screen or paper shows.
fn confirm(
    wanted: &Typed<'_>,
    environment: Environment,
    streams: &mut Streams<'_>,
) -> Result<(), Report> {
    let is_rehearsal = matches!(environment, Environment::Rehearsal | Environment::Demo);
    if !streams.is_interactive && !is_rehearsal {
        return Err(Report::usage("this is confirmed on a terminal only, and not through a pipe")
            .hint("nothing was changed"));
    }
    let Typed { label, text, hint } = wanted;
    let typed = read(label, streams)?.unwrap_or_default();
    if typed.split_whitespace().collect::<Vec<_>>().join(" ").eq_ignore_ascii_case(text) {
        return Ok(());
    }
    let report = Report::failed(format!("that is not what was asked for, {label}"));
    let report = report.hint("nothing was changed");
    Err(Report { exit: Exit::Mismatch, ..report }.hint(*hint))
}

fn read(label: &str, streams: &mut Streams<'_>) -> io::Result<Option<String>> {
    write!(streams.out, "{label}: ")?;
    streams.out.flush()?;
    let mut bytes = Vec::new();
    let mut input = io::Read::take(&mut *streams.input, MAX_ANSWER);
    if io::BufRead::read_until(&mut input, b'\n', &mut bytes)? == 0 {
        writeln!(streams.out)?;
        return Ok(None);
    }
    Ok(Some(String::from_utf8_lossy(&bytes).trim().to_owned()))
}

fn environment(environment: Environment, streams: &mut Streams<'_>) -> io::Result<()> {
    writeln!(streams.out, "environment: {}", environment.word().to_uppercase())
}

/// What a carry is, with the digest that both sides compare.
fn show(manifest: &Manifest, streams: &mut Streams<'_>) -> io::Result<()> {
    let team = VisibleText::from_text(&manifest.team);
    writeln!(
        streams.out,
        "carry {} of {team}, made {} by {}: {}",
        manifest.id,
        manifest.at.iso(),
        manifest.by,
        counted(manifest.files.len(), "file")
    )?;
    for run in manifest.runs.keys() {
        writeln!(streams.out, "handed over with it: the run {run}")?;
    }
    writeln!(streams.out, "compare this with the other machine, in digits or in words:")?;
    spell_numbered(&manifest.digest(), streams.out)
}

fn versions(told: &[String], streams: &mut Streams<'_>) -> io::Result<()> {
    for line in told {
        writeln!(streams.out, "the other machine differs: {line}")?;
    }
    if !told.is_empty() {
        writeln!(
            streams.out,
            "a run goes on only with the version of its ceremony: bring both machines to one \
             version before the trip"
        )?;
    }
    Ok(())
}

fn find(app: &App, folder: Option<&Path>) -> Result<PathBuf, Report> {
    app.find_workspace(folder).map_err(|error| opened::report(&error))
}

/// The workspace, or the folder in which it is to be made.
fn place(app: &App, named: Option<&Path>) -> Result<PathBuf, Report> {
    match (app.find_workspace(named), named) {
        (Ok(folder), _) => Ok(folder),
        (Err(_), Some(folder)) => Ok(app.environment().folder.join(folder)),
        (Err(error), None) => Err(opened::report(&error)
            .hint("the first time on a machine: --in DIR, a folder that is not there yet")),
    }
}

fn refused(error: &CarryingError) -> Report {
    if let CarryingError::Workspace(error) = error {
        return opened::report(error).hint("nothing was changed in the workspace");
    }
    let is_usage = matches!(
        error,
        CarryingError::Nobody(_)
            | CarryingError::NotHanded(..)
            | CarryingError::NoDifference(_)
            | CarryingError::Occupied(_)
            | CarryingError::Here(_)
            | CarryingError::Own
            | CarryingError::Waiting(_)
    );
    let mut report = Report::failed(error.to_string());
    if is_usage {
        report.exit = Exit::Usage;
    } else if error.is_fork() {
        report.exit = Exit::Forked;
    }
    if matches!(error, CarryingError::Waiting(_)) {
        report = report.hint("keyrite carry in takes it in; --replace gives it up");
    }
    report.hint("nothing was changed in the workspace")
}

/// Once files are being written something else is true.
fn not_taken(error: &CarryingError) -> Report {
    if matches!(
        error,
        CarryingError::Nobody(_)
            | CarryingError::NoDifference(_)
            | CarryingError::ForkedRun(..)
            | CarryingError::HeldRun(..)
            | CarryingError::BadLog(_)
            | CarryingError::Workspace(_)
    ) {
        return refused(error);
    }
    Report::failed(error.to_string()).hint(
        "each file is whole, as it was or as in the carry; the same command takes up what was \
         begun",
    )
}

/// After runs were handed over something else is true.
fn not_sent(error: &CarryingError, runs: &BTreeSet<String>) -> Report {
    let report = Report::failed(error.to_string());
    let is_begun = matches!(
        error,
        CarryingError::Carry(_) | CarryingError::Unsteady(_) | CarryingError::Log(_)
    );
    if runs.is_empty() || !(is_begun || error.is_unwritten()) {
        return refused(error);
    }
    report.hint(
        "the runs may be handed over already: the same command, with this medium or another, \
         takes it up; nothing else was changed, and what carry is on the medium is whole",
    )
}
