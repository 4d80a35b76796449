//! Exit codes: one table for the whole program.

use std::process::ExitCode;

use crate::engine::audit::Verdict;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Ok,
    /// Failed for a reason that is not the person's.
    Failed,
    /// The command line cannot be understood or carried out.
    Usage,
    /// Something is due.
    Due,
    /// The last safe day of something is over.
    Overdue,
    /// The fingerprints differ.
    Mismatch,
    /// Part of the input was rejected; the rest was read.
    Incomplete,
    /// No input could be read.
    NoInput,
    /// A rule is broken.
    Findings,
    /// A run is paused; everything is kept.
    Paused,
    /// A line of the audit log was changed.
    Broken,
    /// Lines of the audit log are missing.
    Truncated,
    /// The audit log has two histories.
    Forked,
    /// A checkpoint's signature is not good.
    BadSignature,
    /// The last line of an audit log was cut off.
    TornTail,
    /// Time goes backwards in an audit log.
    Backwards,
    /// A place of publication does not serve what it should.
    Drift,
    /// It serves what the team has not made, or less than it did.
    Incident,
    /// Something of the audit log cannot be read.
    Unreadable,
    /// Ended by SIGHUP, after the terminal was restored.
    Hangup,
    /// Ended by SIGTERM, after the terminal was restored.
    Terminated,
}

impl Exit {
    /// All codes, for the table in the documentation.
    pub const ALL: [Self; 21] = [
        Self::Ok,
        Self::Failed,
        Self::Usage,
        Self::Due,
        Self::Overdue,
        Self::Mismatch,
        Self::Incomplete,
        Self::NoInput,
        Self::Findings,
        Self::Paused,
        Self::Broken,
        Self::Truncated,
        Self::Forked,
        Self::BadSignature,
        Self::TornTail,
        Self::Backwards,
        Self::Drift,
        Self::Incident,
        Self::Unreadable,
        Self::Hangup,
        Self::Terminated,
    ];

    /// The number.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Due => 3,
            Self::Overdue => 4,
            Self::Mismatch => 5,
            Self::Incomplete => 6,
            Self::NoInput => 7,
            Self::Findings => 8,
            Self::Paused => 9,
            Self::Broken => 10,
            Self::Truncated => 11,
            Self::Forked => 12,
            Self::BadSignature => 13,
            Self::TornTail => 14,
            Self::Backwards => 15,
            Self::Drift => 16,
            Self::Incident => 17,
            Self::Unreadable => 20,
            Self::Hangup => 129,
            Self::Terminated => 143,
        }
    }

    /// What it means to a script.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Ok => "done",
            Self::Failed => {
                "failed, or `merge`: left for a person; the message says why and what is safe"
            }
            Self::Usage => "the command line cannot be understood or carried out",
            Self::Due => "`check`: something is due, or a finding is an error",
            Self::Overdue => "`check`: the last safe day of something is over",
            Self::Mismatch => {
                "`compare`: the fingerprints differ, or the comparison was not finished; `carry`: \
                 what was typed is not what the other side showed"
            }
            Self::Incomplete => {
                "part of the input was rejected (listed); the rest was read, or taken in"
            }
            Self::NoInput => "no certificate could be read from the input",
            Self::Findings => {
                "`lint`: there are findings of the severity error; `preflight`: one stops a ceremony"
            }
            Self::Paused => "`ceremony`: the run is paused; everything is kept",
            Self::Broken => "`audit`: a line was changed, or does not follow the one before it",
            Self::Truncated => "`audit`: lines are missing that something else names",
            Self::Forked => "`audit`, `carry`: two histories after one beginning",
            Self::BadSignature => {
                "`audit`: a checkpoint's signature is not good, or by nobody of the roster"
            }
            Self::TornTail => "`audit`: the last line was cut off while it was written",
            Self::Backwards => "`audit`: a line says an earlier time than one before it",
            Self::Drift => {
                "`drift`: a place serves nothing, less than it should, or does not answer"
            }
            Self::Incident => {
                "`drift`: a place serves what the team has not made, or less than it did"
            }
            Self::Unreadable => "`audit`: something cannot be read, or there is no log",
            Self::Hangup => "ended by SIGHUP; the terminal was restored",
            Self::Terminated => "ended by SIGTERM; the terminal was restored",
        }
    }
}

impl From<Verdict> for Exit {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Sound => Self::Ok,
            Verdict::Broken => Self::Broken,
            Verdict::Truncated => Self::Truncated,
            Verdict::Forked => Self::Forked,
            Verdict::BadSignature => Self::BadSignature,
            Verdict::TornTail => Self::TornTail,
            Verdict::Backwards => Self::Backwards,
            Verdict::Unreadable => Self::Unreadable,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
