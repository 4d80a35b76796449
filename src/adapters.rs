//! Everything that touches the world: files, clock, environment, `OpenPGP`.

pub mod audit_log;
pub mod carry;
pub mod ceremony;
pub mod clock;
pub mod credential_store;
pub mod digest;
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
pub mod openpgp;
pub mod own_keys;
pub mod profiles;
pub mod record;
pub mod runs;
pub mod secret_source;
pub mod slots;
pub mod sources;
pub mod workspace;
