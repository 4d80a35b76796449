//! Everything that touches the world: files, clock, environment, `OpenPGP`.

pub mod openpgp;
