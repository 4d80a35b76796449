//! The command line of carrying.

use std::path::PathBuf;

use clap::Subcommand;

use super::In;

/// What to do with the workspace and a medium.
#[derive(Debug, Subcommand)]
pub enum CarryCommand {
    /// Copy the workspace to a medium, and hand runs over to the machine that takes it in
    ///
    /// A run has one holder. One that is handed over goes on where the carry
    /// is taken in, and no more here until it is carried back. Everything is
    /// read back from the medium before an older carry there is replaced.
    Out {
        /// Where the medium is mounted; the carry is its folder keyrite-carry
        medium: PathBuf,
        /// Who carries [default: the only person of the roster]
        #[arg(long = "as", value_name = "PERSON")]
        person: Option<String>,
        /// Hand this run over; may be repeated [default: each open run is asked about]
        #[arg(long, value_name = "RUN")]
        hand_over: Vec<String>,
        /// Ask nothing: runs that are not named with --hand-over stay here
        #[arg(long)]
        keep: bool,
        /// Replace a carry on the medium that was not taken in here, or cannot be read
        #[arg(long)]
        replace: bool,
        /// The workspace [default: the one around the present folder]
        #[command(flatten)]
        workspace: In,
    },
    /// Hold the carry on a medium against the workspace, and take in what a person accepts
    ///
    /// Nothing is written before everything is checked and decided. Files that
    /// only grow may only be longer; every other difference is shown and
    /// accepted one by one. Four words of the digest of the carry, which are
    /// drawn then, are typed as the other machine showed them. Where --in names a folder that is not there, the
    /// workspace is made there. Ends with 5 if the digests differ, and with 12
    /// if a run or chain has two histories, or others went on with one of this
    /// machine.
    #[command(name = "in")]
    TakeIn {
        /// Where the medium is mounted
        medium: PathBuf,
        /// Who carries [default: the only person of the roster]
        #[arg(long = "as", value_name = "PERSON")]
        person: Option<String>,
        /// Accept the difference in this file; may be repeated [default: each is asked about]
        #[arg(long, value_name = "PATH")]
        accept: Vec<String>,
        /// Ask nothing: differences that are not named with --accept stay as they are here
        #[arg(long)]
        keep: bool,
        /// Keep the other history of this run beside ours; may be repeated
        #[arg(long, value_name = "RUN")]
        set_aside: Vec<String>,
        /// The workspace [default: the one around the present folder]
        #[command(flatten)]
        workspace: In,
    },
    /// Take a run whose carry or machine is lost; what was done with it elsewhere counts no more
    ///
    /// For a medium that is lost or destroyed, for a machine that is, or that
    /// has lost what it remembered, and for a workspace that was moved. It is on
    /// record in the transcript. If the run comes back nevertheless, it has two histories,
    /// and the other one is refused.
    Recall {
        /// The run
        run: String,
        /// Why
        #[arg(long)]
        reason: String,
        /// Who takes it back [default: the only person of the roster]
        #[arg(long = "as", value_name = "PERSON")]
        person: Option<String>,
        /// The workspace [default: the one around the present folder]
        #[command(flatten)]
        workspace: In,
    },
}
