//! The command line, as data: help, completions and manual page come from it.

mod audit;
mod carry;
mod ceremony;
mod custody;
mod own_keys;
mod place;
#[cfg(feature = "network")]
mod published;
mod values;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub use self::audit::AuditCommand;
pub use self::carry::CarryCommand;
pub use self::ceremony::{CeremonyCommand, How};
pub use self::custody::CustodyArgs;
pub use self::own_keys::OwnKeysCommand;
pub use self::place::Place;
#[cfg(feature = "network")]
pub use self::published::{DriftArgs, PublishArgs, PublishedCommand};
use self::values::{channel, environment, finding, fingerprint, glyphs, theme};
use crate::app::look::{GlyphSet, Look, ThemeName};
use crate::domain::comparison::Channel;
use crate::domain::finding::FindingId;
use crate::domain::period::Period;
use crate::domain::timestamp::Timestamp;
use crate::domain::workspace::Environment;

/// A console for the life of OpenPGP release-signing keys.
///
/// Without a command it opens the console: on the workspace found here, or
/// else on the welcome screen.
#[derive(Debug, Parser)]
#[command(
    name = "keyrite",
    version,
    max_term_width = 100,
    arg_required_else_help = false,
    after_help = "Exit codes and JSON documents are described in docs/reference/."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The workspace, where no command is given.
    #[command(flatten)]
    pub workspace: In,
    /// How it looks.
    #[command(flatten)]
    pub appearance: Appearance,
}

/// How the console looks.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct Appearance {
    /// Facts line by line: for screen readers, serial consoles and pipes
    #[arg(long, global = true)]
    pub plain: bool,
    /// Colours: dark, light or none [default: dark, or none where `NO_COLOR` is set]
    #[arg(long, global = true, value_name = "THEME", value_parser = theme)]
    pub theme: Option<ThemeName>,
    /// Characters for lines and marks: unicode or ascii [default: by the locale]
    #[arg(long, global = true, value_name = "SET", value_parser = glyphs)]
    pub glyphs: Option<GlyphSet>,
}

impl Appearance {
    /// The choices for the console.
    #[must_use]
    pub fn look(self) -> Look {
        Look { theme: self.theme, glyphs: self.glyphs }
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Open the console on a made-up set of keys; nothing is kept, no network
    Demo,
    /// Open the console, read-only, on keys that exist
    #[command(after_help = PATHS_HELP)]
    View {
        /// What to read
        #[command(flatten)]
        paths: Paths,
        /// The day to ask about
        #[command(flatten)]
        day: Day,
    },
    /// List keys, subkeys, capabilities, validity and state
    #[command(after_help = PATHS_HELP)]
    Keys {
        /// What to read
        #[command(flatten)]
        paths: Paths,
        /// Print a JSON document (keyrite.keys/1) instead of text
        #[arg(long)]
        json: bool,
        /// The day to ask about
        #[command(flatten)]
        day: Day,
    },
    /// Make a workspace: the folder in which a team writes down its keys
    ///
    /// Certificates in PATH are adopted: copied into the folder, and each
    /// signing subkey declared as that of a consumer. Nothing that is there
    /// already is changed.
    Init {
        /// The folder
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// The rules; keyrite lint --help names all profiles
        #[arg(long, value_name = "PROFILE")]
        profile: String,
        /// The team's or project's name [default: that of the folder]
        #[arg(long)]
        name: Option<String>,
        /// Whose trust is at stake: production, staging, rehearsal, demo
        #[arg(long, value_name = "ENV", default_value = "production", value_parser = environment)]
        environment: Environment,
        /// Adopt only this certificate: its fingerprint, or a part of its name; may be repeated
        #[arg(long = "key", value_name = "KEY")]
        only: Vec<String>,
        /// Adopt all certificates, however many there are
        #[arg(long, conflicts_with = "only")]
        all: bool,
        /// Where the certificates are published; may be repeated
        #[arg(long = "publish", value_name = "PLACE", help = PLACES_HELP)]
        places: Vec<String>,
        /// Certificates to adopt
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
    /// Bring certificates into a workspace, or bring them anew
    ///
    /// Those that the workspace declares get the packets that they lack, such
    /// as a new subkey or a revocation; nothing is taken away. Others are left
    /// alone, unless --key names them: then they are declared, too.
    #[command(after_help = PATHS_HELP)]
    Adopt {
        /// Adopt this certificate, too: its fingerprint, or a part of its name; may be repeated
        #[arg(long = "key", value_name = "KEY")]
        only: Vec<String>,
        /// The workspace [default: the one around the present folder]
        #[command(flatten)]
        workspace: In,
        /// What to read
        #[command(flatten)]
        paths: Paths,
    },
    /// Write down that the team lives with a finding, for a time
    ///
    /// The waiver is added to keyrite.toml, whose comments and order stay.
    Waive {
        /// The finding, such as EXP-002
        #[arg(value_name = "FINDING", value_parser = finding)]
        finding: FindingId,
        /// What it speaks of: the fingerprint of a certificate or key, or an id of keyrite.toml
        #[arg(value_name = "OF")]
        of: String,
        /// Who signs it off: a person of keyrite.toml
        #[arg(long, value_name = "PERSON")]
        by: String,
        /// The first day on which it no longer holds
        #[arg(long, value_name = "DATE", value_parser = Timestamp::parse)]
        until: Timestamp,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// The workspace [default: the one around the present folder]
        #[command(flatten)]
        workspace: In,
    },
    /// Every planned step of the next rotations, by when, and why
    Schedule {
        /// The workspace [default: the one around the present folder]
        #[command(flatten)]
        workspace: In,
        /// Print a JSON document (keyrite.schedule/1) instead of text
        #[arg(long)]
        json: bool,
        /// Print a calendar (RFC 5545) with a day for each step instead of text
        #[arg(long, conflicts_with = "json")]
        ics: bool,
        /// Every rotation of that time to come, such as 10y, if each step is done on its day
        #[arg(long, value_name = "TIME", value_parser = Period::parse)]
        simulate: Option<Period>,
        /// The day to ask about
        #[command(flatten)]
        day: Day,
    },
    /// For cron and CI: ends with 0 if nothing is due, 3 if something is, 4 if it is overdue
    Check {
        /// The workspace [default: the one around the present folder]
        #[command(flatten)]
        workspace: In,
        /// The day to ask about
        #[command(flatten)]
        day: Day,
    },
    /// Which subkey's secret is in which slot: pending, current, previous, stale, missing, unknown
    ///
    /// By the record of ceremonies; no secret is fetched. Ends with 8 if
    /// somebody has to look at one.
    Custody(CustodyArgs),
    /// Where certificates are published.
    #[cfg(feature = "network")]
    #[command(flatten)]
    Published(PublishedCommand),
    /// The same facts in the text format of Prometheus
    Metrics {
        /// The workspace [default: the one around the present folder]
        #[command(flatten)]
        workspace: In,
        /// The day to ask about
        #[command(flatten)]
        day: Day,
    },
    /// Merge one file of a workspace; git calls it where two people changed the same one
    ///
    /// Certificates are merged by their packets, files that only grow by their
    /// longer side, everything else as git does. The result is written over
    /// OURS. Ends with 0 if it is merged, with 1 if it is left for a person.
    #[command(override_usage = "keyrite merge BASE OURS THEIRS PATH\n       \
                                keyrite merge --install [--in DIR]")]
    Merge {
        /// What both began with, our side, their side, and the file's name: %O %A %B %P
        #[arg(
            value_names = ["BASE", "OURS", "THEIRS", "PATH"],
            num_args = 4,
            required_unless_present = "install",
            conflicts_with_all = ["install", "folder"]
        )]
        files: Vec<PathBuf>,
        /// Let git call it in this clone, for the files of the workspace
        #[arg(long)]
        install: bool,
        /// The workspace [default: the one around the present folder]
        #[command(flatten)]
        workspace: In,
    },
    /// Ceremonies: list, show and print them, begin and resume runs, read transcripts
    #[command(subcommand)]
    Ceremony(CeremonyCommand),
    /// Carry the workspace on a medium to another machine, and back, with its runs
    #[command(subcommand)]
    Carry(CarryCommand),
    /// Verify the audit log, and sign where it is
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Hold certificates against the rules of a profile
    ///
    /// Each finding has a stable id with a page of its own in the
    /// documentation. Ends with 8 if there is one of the severity error. Behind
    /// the findings stands which verifiers refuse a certificate, and from when.
    #[command(after_help = PATHS_HELP)]
    Lint {
        /// What to read
        #[command(flatten)]
        paths: Paths,
        /// The rules: small-team, strict, slurm-factory, eic-containers, spack-intermediate,
        /// spack-reputational, openstack-cycle, apx [default: those of the workspace, or small-team]
        #[arg(long, value_name = "PROFILE")]
        profile: Option<String>,
        /// Print a JSON document (keyrite.lint/1) instead of text
        #[arg(long)]
        json: bool,
        /// The workspace, where no PATH is given [default: the one around the present folder]
        #[command(flatten)]
        workspace: In,
        /// The day to ask about
        #[command(flatten)]
        day: Day,
    },
    /// Compare a fingerprint with what somebody else says it is
    ///
    /// The other side's value is typed, never looked at next to ours: hex
    /// digits with any separators, an OPENPGP4FPR URI, PGP words, or groups of
    /// five decimal digits. On a difference the group is named, our value is
    /// not shown. After three differences the result stays a mismatch.
    Compare {
        /// The key on our side: its full fingerprint, or, with PATH, a part of its name
        #[arg(value_name = "KEY")]
        key: String,
        /// Where the key is; then its name is shown, and ours need not be typed
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
        /// How the other side's value reached you
        #[arg(long, value_name = "CHANNEL", value_parser = channel)]
        channel: Option<Channel>,
    },
    /// Look whether a ceremony could begin on this machine; nothing is changed
    ///
    /// Network, swap, core dumps, clocks, terminal: each finding has a stable
    /// id with a page of its own in the documentation. Ends with 8 if one
    /// stops a ceremony by the rules of the workspace, or, without one, by
    /// those of the profile small-team in production.
    Preflight {
        /// Where the ceremony is to take place
        #[command(flatten)]
        place: Place,
        /// Print a JSON document (keyrite.preflight/1) instead of text
        #[arg(long)]
        json: bool,
        /// The workspace [default: the one around the present folder]
        #[command(flatten)]
        workspace: In,
    },
    /// Print the SHA-256 of files in hex and in words, to be compared aloud
    Digest {
        /// Files
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
    },
    /// List your own keys that could sign transcripts and checkpoints
    ///
    /// They are soft keys of Sequoia's keystore and keys behind gpg-agent, also
    /// on cards. This may start gpg-agent, and makes the keystore's folder where
    /// there is none. Nothing is unlocked.
    #[command(args_conflicts_with_subcommands = true)]
    OwnKeys {
        /// Print a JSON document (keyrite.own-keys/1) instead of text
        #[arg(long)]
        json: bool,
        /// Something else than to list them
        #[command(subcommand)]
        what: Option<OwnKeysCommand>,
    },
    /// Print shell completions
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page in roff
    Man,
}

/// What to read.
#[derive(Clone, Debug, Args)]
pub struct Paths {
    /// Files, folders, GnuPG homes, certificate directories; - is standard input
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
}

/// The workspace.
#[derive(Clone, Debug, Args)]
pub struct In {
    /// The workspace [default: the one around the present folder]
    #[arg(long = "in", value_name = "DIR")]
    pub folder: Option<PathBuf>,
}

/// The day to ask about.
#[derive(Clone, Copy, Debug, Args)]
pub struct Day {
    /// Ask as of that day: 2026-12-02, or 2026-12-02T14:00:00Z
    #[arg(long, value_name = "DATE", value_parser = Timestamp::parse)]
    pub at: Option<Timestamp>,
}

const PATHS_HELP: &str = "\
PATH may be armored or binary certificates in any mixture, a folder of them, a
shared certificate directory (pgp.cert.d), a GnuPG home (read directly, without
gpg), or - for standard input. Nothing is written.";

const PLACES_HELP: &str = "\
Where the certificates are published: keys.openpgp.org, hkps://SERVER, s3://BUCKET/PATH, a git \
URL, a page; may be repeated";
