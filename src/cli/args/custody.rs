//! `keyrite custody`.

use clap::Args;

use super::In;

/// What is asked of slots.
#[derive(Debug, Args)]
pub struct CustodyArgs {
    /// Ask the places as well: needs the network, and access to them
    #[arg(long)]
    pub look: bool,
    /// Say of each what follows where it is lost, and where somebody else has read it
    #[arg(long)]
    pub what_if: bool,
    /// Print a JSON document (keyrite.custody/1) instead of text
    #[arg(long)]
    pub json: bool,
    /// The workspace [default: the one around the present folder]
    #[command(flatten)]
    pub workspace: In,
}
