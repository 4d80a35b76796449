//! Everything that touches the world: files, clock, environment, `OpenPGP`.

pub mod audit_log;
pub mod carry;
pub mod ceremony;
pub mod clock;
pub mod credential_store;
pub mod digest;
#[cfg(feature = "network")]
pub mod drift;
mod durable;
pub mod environment;
mod git;
pub mod gnupg_home;
pub mod host;
pub mod intake;
pub mod keyboard;
pub mod keybox;
mod medium;
pub mod merge;
pub mod merge_driver;
pub mod observed;
pub mod openpgp;
pub mod own_keys;
mod process;
pub mod profiles;
pub mod record;
pub mod runs;
pub mod secret_source;
pub mod slots;
pub mod sources;
#[cfg(feature = "network")]
pub mod targets;
#[cfg(feature = "network")]
mod web;
pub mod workspace;
