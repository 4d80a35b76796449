//! keyrite: wiring and exit code.

use std::io::{self, IsTerminal as _, Write};
use std::process::ExitCode;

use clap::Parser as _;
use keyrite::adapters::environment::Environment;
use keyrite::app::App;
use keyrite::app::exit::Exit;
use keyrite::cli::args::Cli;
use keyrite::cli::ascii::AsciiOnly;
use keyrite::cli::report::Report;
use keyrite::cli::{self, Next, Streams};
use keyrite::engine::notice::Notices;
use keyrite::{startup, tui};

fn main() -> ExitCode {
    startup::prepare();
    let environment = Environment::read();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(help_or_error) => {
            // Help and version are no failure; clap knows the right stream.
            let _ = help_or_error.print();
            return if help_or_error.use_stderr() { Exit::Usage } else { Exit::Ok }.into();
        }
    };
    let can_draw = io::stdout().is_terminal() && !environment.dumb_terminal;
    let stdout = io::BufWriter::new(io::stdout().lock());
    let mut out: Box<dyn Write> = if io::stdout().is_terminal() && !environment.utf8 {
        Box::new(AsciiOnly(stdout))
    } else {
        Box::new(stdout)
    };
    let next = cli::run(
        cli,
        App::new(environment),
        &mut Streams {
            // Not locked: an input may be standard input, too.
            input: &mut io::BufReader::new(io::stdin()),
            out: &mut *out,
            // Not locked: other threads write notices.
            err: &mut io::stderr(),
            notices: Notices::to(|text| {
                let _ = writeln!(io::stderr(), "{text}");
            }),
            can_draw,
            is_interactive: io::stdin().is_terminal(),
        },
    );
    match next {
        Next::Exit(exit) => exit.into(),
        Next::Console { app, opening, look } => match tui::run(app, &opening, look) {
            Ok(exit) => exit.into(),
            Err(error) => {
                let report = Report::failed(error.to_string())
                    .hint("nothing was written; --plain works on every terminal");
                let _ = report.write(&mut io::stderr().lock());
                report.exit.into()
            }
        },
    }
}
