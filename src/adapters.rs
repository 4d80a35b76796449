//! Everything that touches the world: files, clock, environment, `OpenPGP`.

pub mod clock;
mod durable;
pub mod environment;
pub mod intake;
pub mod keybox;
pub mod openpgp;
pub mod profiles;
pub mod sources;
pub mod workspace;
