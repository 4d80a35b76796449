//! The integration tests, in one binary.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::too_many_lines,
    reason = "a test may fail, look at the world, and say what it measured"
)]

mod cli;
mod corpora;
mod damage;
mod gpg;
mod intake;
mod screens;
mod stories;
mod support;
mod terminal;
mod validity;
