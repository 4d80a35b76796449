//! The integration tests, in one binary.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::wildcard_enum_match_arm,
    reason = "a test may fail, look at the world, and say what it measured"
)]

mod architecture;
mod audit;
mod audit_checkpoints;
mod audit_files;
mod audit_flips;
mod calendar;
mod changes;
mod cli;
mod corpora;
mod damage;
mod declared;
mod declarer;
mod docs;
mod entrance;
mod folders;
mod gpg;
mod history;
mod hostile;
mod intake;
mod lint;
mod lint_cases;
mod merge;
mod packets;
mod schedule;
mod screens;
mod stories;
mod support;
mod team;
mod terminal;
mod timeline;
mod validity;
mod verifiers;
mod workspace;
