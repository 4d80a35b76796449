//! The command line of the audit log.

use std::path::PathBuf;

use clap::Subcommand;

use super::In;
use crate::engine::chain::Digest;

/// What to do with the audit log.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Verify all chains, checkpoints and signatures; the exit code says what is wrong
    ///
    /// Each chain is verified by itself, and held against its checkpoints, the
    /// chains of others, the journals of runs, and what this machine remembers
    /// of its own. Ends with 0 if all of it is as it was written, or else with
    /// the code of the gravest problem: 12 forked, 10 broken, 11 truncated, 13
    /// bad signature, 20 unreadable, 14 torn tail, 15 time goes backwards.
    Verify {
        /// A checkpoint that was kept elsewhere; its signatures stand beside it
        #[arg(long, value_name = "FILE")]
        from_checkpoint: Option<PathBuf>,
        /// The hash of a line that must be there, with or without blanks between its groups
        #[arg(long, value_name = "SHA256", value_parser = digest)]
        expect_head: Option<Digest>,
        /// Print a JSON document (keyrite.audit-verify/1) instead of text
        #[arg(long)]
        json: bool,
        /// The workspace [default: the one around the present folder]
        #[command(flatten)]
        workspace: In,
    },
    /// Where each chain is: its last line's hash in groups, and as words for reading aloud
    Head {
        /// Print a JSON document (keyrite.audit-heads/1) instead of text
        #[arg(long)]
        json: bool,
        /// The workspace [default: the one around the present folder]
        #[command(flatten)]
        workspace: In,
    },
    /// Write where a chain is into a text to be signed, or take the signature of one
    ///
    /// Without --signature the checkpoint is written to audit/checkpoints, and
    /// the command that signs it is told. With it, the detached signature is
    /// checked against the certificates in people/ and put beside its
    /// checkpoint.
    Checkpoint {
        /// The detached signature of a checkpoint
        #[arg(long, value_name = "FILE", conflicts_with_all = ["writer", "person"])]
        signature: Option<PathBuf>,
        /// Sign it now with a key of this person's own
        #[arg(long = "as", value_name = "PERSON")]
        person: Option<String>,
        /// Whose chain [default: that of this machine, or the only one]
        #[arg(long, value_name = "WRITER")]
        writer: Option<String>,
        /// The workspace [default: the one around the present folder]
        #[command(flatten)]
        workspace: In,
    },
    /// Give up this machine's chain of a person and begin a new one
    ///
    /// For a chain whose newest lines are lost, or which has forked. What is
    /// there stays as it is, and what is wrong with it goes on being told.
    Begin {
        /// The person, by the id in keyrite.toml
        #[arg(long = "as", value_name = "PERSON")]
        person: String,
        /// The workspace [default: the one around the present folder]
        #[command(flatten)]
        workspace: In,
    },
}

fn digest(text: &str) -> Result<Digest, String> {
    let text: String = text.split_whitespace().collect();
    let digest = Digest::parse(&text.to_lowercase());
    digest.ok_or_else(|| "write 64 hexadecimal digits, as keyrite audit head shows them".to_owned())
}
