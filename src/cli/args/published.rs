//! `keyrite drift` and `keyrite publish`.

use clap::{Args, Subcommand};

use super::In;

/// What is done with targets.
#[derive(Debug, Subcommand)]
pub enum PublishedCommand {
    /// Ask all places of publication what they serve, and say where that is not what it should be
    Drift(DriftArgs),
    /// Go on with a publication that people have agreed to, asking nobody: for cron and CI
    ///
    /// What it cannot decide waits for people. Ends with 0 if every target
    /// gives its users what was published, with 16 if one does not yet, with 17
    /// if one gives what the team has not made, or less than it did.
    Publish(PublishArgs),
}

/// What is asked of targets.
#[derive(Debug, Args)]
pub struct DriftArgs {
    /// Name each part of a certificate that lacks or is too much
    #[arg(long)]
    pub parts: bool,
    /// Print a JSON document (keyrite.drift/1) instead of text
    #[arg(long)]
    pub json: bool,
    /// The workspace [default: the one around the present folder]
    #[command(flatten)]
    pub workspace: In,
}

/// What is asked of a publication that people have agreed to.
#[derive(Debug, Args)]
pub struct PublishArgs {
    /// The run [default: the newest publication that is open]
    pub run: Option<String>,
    /// Print a JSON document (keyrite.publish/1) instead of text
    #[arg(long)]
    pub json: bool,
    /// The workspace [default: the one around the present folder]
    #[command(flatten)]
    pub workspace: In,
}
