//! The command line of own keys.

use clap::Subcommand;

use super::fingerprint;
use crate::domain::fingerprint::Fingerprint;

/// What to do with own keys.
#[derive(Debug, Subcommand)]
pub enum OwnKeysCommand {
    /// Remove a passphrase that the system's credential store keeps for keyrite
    Forget {
        /// The fingerprint of your certificate
        #[arg(value_name = "FPR", value_parser = fingerprint)]
        fingerprint: Fingerprint,
    },
    /// Answer one request of the program itself, which starts this
    #[command(hide = true)]
    Answer,
}
