//! The command line of ceremonies.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::In;

/// What to do with ceremonies.
#[derive(Debug, Subcommand)]
pub enum CeremonyCommand {
    /// List all ceremonies: what each is for, who takes part, what cannot be undone
    List {
        /// Print a JSON document (keyrite.ceremonies/1) instead of text
        #[arg(long)]
        json: bool,
    },
    /// Show the steps of a ceremony, with what each is for
    Show {
        /// The ceremony, such as root-generation
        ceremony: String,
    },
    /// Print the runbook of a ceremony in Markdown, to be read and agreed on beforehand
    Print {
        /// The ceremony
        ceremony: String,
    },
    /// Begin a run, as questions line by line
    ///
    /// A line that begins with a colon is a command: :help lists them. The end
    /// of the input pauses the run; nothing is lost. Ends with 0 when the run
    /// is closed, and with 9 when it is paused.
    #[command(after_help = SECRETS_HELP)]
    Start {
        /// The ceremony
        ceremony: String,
        /// Who drives: somebody of the roster with the role administrator
        #[arg(long = "as", value_name = "PERSON")]
        operator: Option<String>,
        /// An answer that is known before, such as certificate=FPR; it is offered, and can be changed
        #[arg(long = "with", value_name = "FIELD=VALUE", value_parser = given)]
        given: Vec<(String, String)>,
        /// How it is run
        #[command(flatten)]
        how: How,
    },
    /// Go on with a run that was paused
    #[command(after_help = SECRETS_HELP)]
    Resume {
        /// The run [default: the newest that is open]
        run: Option<String>,
        /// How it is run
        #[command(flatten)]
        how: How,
    },
    /// Give a run up, with a reason; says what has to be destroyed
    Abandon {
        /// The run
        run: String,
        /// Why
        #[arg(long)]
        reason: String,
        /// The workspace [default: the one around the present folder]
        #[command(flatten)]
        workspace: In,
    },
    /// List all runs, the newest first
    Runs {
        /// Print a JSON document (keyrite.runs/1) instead of text
        #[arg(long)]
        json: bool,
        /// The workspace [default: the one around the present folder]
        #[command(flatten)]
        workspace: In,
    },
    /// Print the transcript of a run
    Transcript {
        /// The run
        run: String,
        /// Print the document that people sign (keyrite.transcript/1) instead of text
        #[arg(long)]
        json: bool,
        /// The workspace [default: the one around the present folder]
        #[command(flatten)]
        workspace: In,
    },
    /// Sign the transcript of a run with a key of your own, or bring a signature
    ///
    /// A witness counts only with a signature. The key is found in Sequoia's
    /// keystore or behind gpg-agent: keyrite own-keys lists them.
    Sign {
        /// The run
        run: String,
        /// Who signs: somebody of the roster with a fingerprint
        #[arg(long = "as", value_name = "PERSON", required_unless_present = "signature")]
        person: Option<String>,
        /// A detached signature over runs/RUN/transcript.json that was made elsewhere
        #[arg(long, value_name = "FILE")]
        signature: Option<PathBuf>,
        /// Let the system's credential store keep the passphrase
        #[arg(long, conflicts_with = "signature")]
        keep_passphrase: bool,
        /// The workspace [default: the one around the present folder]
        #[command(flatten)]
        workspace: In,
    },
    /// Make a folder in which ceremonies can be tried on throw-away keys
    ///
    /// Folders stand for media there. Everything is stamped REHEARSAL.
    Rehearse {
        /// A folder that is not there yet
        folder: PathBuf,
        /// The preset of the rules
        #[arg(long, default_value = "small-team")]
        profile: String,
    },
}

/// How a run is run.
#[derive(Debug, Args)]
pub struct How {
    /// Read passphrases, a line each, from this file descriptor instead of the terminal
    #[arg(long, value_name = "N")]
    pub passphrase_fd: Option<u16>,
    /// The workspace [default: the one around the present folder]
    #[command(flatten)]
    pub workspace: In,
}

const SECRETS_HELP: &str = "Passphrases are asked for on the terminal, without echo. There is no \
option and no variable that takes one.";

fn given(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    parts.filter(|(name, _)| !name.is_empty()).ok_or_else(|| "write FIELD=VALUE".to_owned())
}
