//! The command line: one of the two front ends.

pub mod adopt;
pub mod args;
pub mod ascii;
pub mod audit;
mod calendar;
pub mod carry;
pub mod ceremony;
pub mod check;
mod coming;
pub mod compare;
pub mod custody;
mod digest;
mod document;
#[cfg(feature = "network")]
pub mod drift;
pub mod init;
pub mod keys;
pub mod lint;
pub mod merge;
pub mod metrics;
mod opened;
pub mod own_keys;
mod own_signature;
pub mod plain;
pub mod preflight;
#[cfg(feature = "network")]
pub mod publish;
pub mod report;
pub mod schedule;
pub mod waive;

use std::ffi::OsStr;
use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};

use clap::CommandFactory as _;

use self::args::{Cli, Command};
use self::report::Report;
use crate::app::exit::Exit;
use crate::app::look::Look;
use crate::app::{App, Input, Opening};
use crate::domain::workspace::{Evidence, Waiver};
use crate::engine::notice::Notices;

/// The streams of the process, and what is at their other end.
pub struct Streams<'a> {
    /// Standard input.
    pub input: &'a mut dyn BufRead,
    /// Standard output.
    pub out: &'a mut dyn Write,
    /// Standard error.
    pub err: &'a mut dyn Write,
    /// Where it is told that a slot is asked once more.
    pub notices: Notices,
    /// Whether a console can be drawn: output is a terminal that can do it.
    pub can_draw: bool,
    /// Whether standard input is a terminal, at which people sit.
    pub is_interactive: bool,
}

/// What is left to do after the command line was looked at.
pub enum Next {
    /// Nothing.
    Exit(Exit),
    /// Open the console.
    Console {
        /// The program, at the day that was asked for.
        app: App,
        /// On what.
        opening: Opening,
        /// How it looks.
        look: Look,
    },
}

/// Carries out the command line, or says which console to open.
#[must_use]
pub fn run(cli: Cli, app: App, streams: &mut Streams<'_>) -> Next {
    let mut result = dispatch(cli, app, streams);
    if let Err(error) = streams.out.flush()
        && result.is_ok()
    {
        result = Err(error.into());
    }
    match result {
        Ok(next) => next,
        Err(report) => {
            // Nothing can be told where even the error stream is gone.
            let _ = report.write(streams.err);
            Next::Exit(report.exit)
        }
    }
}

fn dispatch(cli: Cli, app: App, streams: &mut Streams<'_>) -> Result<Next, Report> {
    let Cli { command, workspace: here, appearance } = cli;
    let draw = streams.can_draw && !appearance.plain && !app.environment().accessible;
    let look = appearance.look();
    let console = |app, opening| Ok(Next::Console { app, opening, look });
    match command {
        None => without_command(app, here.folder.as_deref(), look, draw, streams),
        Some(Command::Demo) if draw => console(app.demo(), Opening::Demo),
        Some(Command::Demo) => demo(&app.demo(), streams).map(Next::Exit),
        Some(Command::View { paths, day }) => {
            let inputs = inputs(&paths.paths, "view")?;
            let app = day.at.map_or(app.clone(), |at| app.at(at));
            if draw {
                return console(app, Opening::View(inputs));
            }
            writeln!(streams.out, "environment: none; read-only view")?;
            let inventory = print_all(&app, &inputs, streams)?;
            Ok(Next::Exit(inventory))
        }
        Some(Command::Keys { paths, json, day }) => {
            let inputs = inputs(&paths.paths, "keys")?;
            let app = day.at.map_or(app.clone(), |at| app.at(at));
            keys::run(&app, &inputs, json, streams.out, streams.err).map(Next::Exit)
        }
        Some(Command::Init { folder, profile, name, environment, only, all, places, paths }) => {
            let inputs: Vec<_> = paths.iter().map(|path| input(path)).collect();
            let wanted = init::Wanted {
                folder: &folder,
                name: name.as_deref(),
                environment,
                profile: &profile,
                inputs: &inputs,
                only: &only,
                all,
                places: &places,
            };
            init::init(&app, &wanted, streams.out).map(Next::Exit)
        }
        Some(Command::Adopt { only, workspace, paths }) => {
            let inputs = inputs(&paths.paths, "adopt")?;
            let folder = workspace.folder.as_deref();
            adopt::run(&app, folder, &inputs, &only, streams.out).map(Next::Exit)
        }
        Some(Command::Waive { finding, of, by, until, reason, workspace }) => {
            let waiver = Waiver { finding, of, reason, by, until: until.midnight(), line: 0 };
            waive::run(&app, workspace.folder.as_deref(), &waiver, streams.out).map(Next::Exit)
        }
        Some(Command::Schedule { workspace, json, ics, simulate, day }) => {
            let app = day.at.map_or(app.clone(), |at| app.at(at));
            let wanted = schedule::Wanted { form: schedule::Form::of(json, ics), simulate };
            schedule::schedule(&app, workspace.folder.as_deref(), wanted, streams.out)
                .map(Next::Exit)
        }
        Some(Command::Check { workspace, day }) => {
            let app = day.at.map_or(app.clone(), |at| app.at(at));
            check::check(&app, workspace.folder.as_deref(), streams.err).map(Next::Exit)
        }
        Some(Command::Custody(wanted)) => custody::run(app, &wanted, streams).map(Next::Exit),
        #[cfg(feature = "network")]
        Some(Command::Published(command)) => published(&app, &command, streams.out).map(Next::Exit),
        Some(Command::Metrics { workspace, day }) => {
            let app = day.at.map_or(app.clone(), |at| app.at(at));
            metrics::run(&app, workspace.folder.as_deref(), streams.out).map(Next::Exit)
        }
        Some(Command::Merge { install: true, workspace, .. }) => {
            merge::install(&app, workspace.folder.as_deref(), streams.out).map(Next::Exit)
        }
        Some(Command::Merge { files, .. }) => merge::run(&app, &files).map(Next::Exit),
        Some(Command::Ceremony(command)) => ceremony::run(&app, command, streams).map(Next::Exit),
        Some(Command::Carry(command)) => carry::run(&app, command, streams).map(Next::Exit),
        Some(Command::Audit(command)) => audit::run(&app, &command, streams.out).map(Next::Exit),
        Some(Command::Lint { paths, profile, json, workspace, day }) => {
            let app = day.at.map_or(app.clone(), |at| app.at(at));
            let profile = profile.as_deref();
            lint(&app, &paths.paths, profile, json, workspace.folder.as_deref(), streams.out)
                .map(Next::Exit)
        }
        Some(Command::Compare { key, paths, channel }) => {
            let inputs: Vec<_> = paths.iter().map(|path| input(path)).collect();
            compare::run(&app, &key, &inputs, channel, streams.input, streams.out).map(Next::Exit)
        }
        Some(Command::Preflight { place, json, workspace }) => {
            let folder = workspace.folder.as_deref();
            preflight::run(&app, folder, place.locality(), json, streams.out).map(Next::Exit)
        }
        Some(Command::Digest { files }) => digest::run(&files, streams.out).map(Next::Exit),
        Some(Command::OwnKeys { json, what }) => {
            own_keys::run(&app, json, what.as_ref(), streams.out).map(Next::Exit)
        }
        Some(Command::Completions { shell }) => {
            clap_complete::generate(shell, &mut Cli::command(), "keyrite", &mut streams.out);
            Ok(Next::Exit(Exit::Ok))
        }
        Some(Command::Man) => {
            clap_mangen::Man::new(Cli::command()).render(&mut streams.out)?;
            Ok(Next::Exit(Exit::Ok))
        }
    }
}

/// The inputs, or where none are named the workspace, against their rules.
fn lint(
    app: &App,
    paths: &[PathBuf],
    profile: Option<&str>,
    json: bool,
    folder: Option<&Path>,
    out: &mut dyn Write,
) -> Result<Exit, Report> {
    let is_workspace = profile.is_none() && paths.is_empty();
    if is_workspace && (folder.is_some() || app.find_workspace(None).is_ok()) {
        return lint::run(app, &lint::Subject::Workspace(folder), json, out);
    }
    let inputs = inputs(paths, "lint")?;
    let subject = lint::Subject::Inputs(&inputs, profile.unwrap_or("small-team"));
    lint::run(app, &subject, json, out)
}

/// The demo as text: its keys, and what is to be done next.
fn demo(app: &App, streams: &mut Streams<'_>) -> Result<Exit, Report> {
    writeln!(streams.out, "environment: demo; made-up keys, nothing is kept")?;
    let inputs = Opening::Demo.inputs();
    print_all(app, &inputs, streams)?;
    if let Some(declaration) = Opening::Demo.declaration() {
        let (inventory, assessments) = keys::assess(app, &inputs);
        let evidence = Evidence::default();
        let plan = opened::plan(app, &declaration.team, &inventory, &assessments, &evidence);
        schedule::write_actions(streams.out, app.now(), &plan)?;
    }
    Ok(Exit::Ok)
}

/// The workspace that is named or found here, or else the welcome.
fn without_command(
    app: App,
    named: Option<&Path>,
    look: Look,
    draw: bool,
    streams: &mut Streams<'_>,
) -> Result<Next, Report> {
    let folder = match app.find_workspace(named) {
        Ok(folder) => folder,
        Err(error) if named.is_some() => return Err(opened::report(&error)),
        Err(_) if draw => return Ok(Next::Console { app, opening: Opening::Welcome, look }),
        Err(_) => {
            welcome(streams.out)?;
            return Ok(Next::Exit(Exit::Usage));
        }
    };
    if draw {
        let declaration = app.workspace(&folder).map_err(|error| opened::report(&error))?;
        let opening = Opening::Workspace { folder, declaration: Box::new(declaration) };
        return Ok(Next::Console { app, opening, look });
    }
    let wanted = schedule::Wanted { form: schedule::Form::Text, simulate: None };
    schedule::schedule(&app, Some(&folder), wanted, streams.out).map(Next::Exit)
}

fn print_all(app: &App, inputs: &[Input], streams: &mut Streams<'_>) -> io::Result<Exit> {
    let (inventory, assessments) = keys::assess(app, inputs);
    plain::dashboard(streams.out, &inventory, &assessments, app.now())?;
    plain::keys(streams.out, &assessments, app.now())?;
    Ok(keys::verdict(&inventory))
}

fn inputs(paths: &[PathBuf], command: &str) -> Result<Vec<Input>, Report> {
    if paths.is_empty() {
        return Err(Report::usage("no PATH given, and there is no workspace here to read")
            .hint(format!("keyrite {command} ~/.gnupg            your GnuPG keys, read directly"))
            .hint(format!("keyrite {command} keys/ release.asc   a folder and a file"))
            .hint(format!("gpg --export | keyrite {command} -    standard input")));
    }
    Ok(paths.iter().map(|path| input(path)).collect())
}

fn input(path: &Path) -> Input {
    if path.as_os_str() == OsStr::new("-") { Input::Stdin } else { Input::Path(path.to_owned()) }
}

fn welcome(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "keyrite: a console for the life of OpenPGP release-signing keys.")?;
    writeln!(out, "There is no workspace here. Nothing was read or written. What you can do:")?;
    writeln!(out, "  keyrite demo --plain         made-up keys in all states, nothing real")?;
    writeln!(out, "  keyrite view --plain PATH    your keys: files, folders, a GnuPG home")?;
    writeln!(out, "  keyrite keys --json PATH     the same for programs")?;
    writeln!(out, "  keyrite --help               everything else")
}

#[cfg(feature = "network")]
fn published(
    app: &App,
    command: &args::PublishedCommand,
    out: &mut dyn Write,
) -> Result<Exit, Report> {
    match command {
        args::PublishedCommand::Drift(wanted) => drift::run(app, wanted, out),
        args::PublishedCommand::Publish(wanted) => publish::run(app, wanted, out),
    }
}
