//! Nouns and rules: no I/O, no clock, no randomness, no `OpenPGP` library.

pub mod algorithm;
pub mod assessment;
pub mod certificate;
pub mod claim;
pub mod comparison;
pub mod cutoff;
mod february;
pub mod finding;
pub mod fingerprint;
pub mod inspection;
pub mod inventory;
pub mod keyspec;
pub mod lint;
pub mod outlook;
pub mod period;
pub mod plan;
pub mod policy;
pub mod query;
pub mod schedule;
pub mod text;
pub mod timestamp;
pub mod validity;
pub mod verifier;
pub mod weakness;
pub mod worded;
pub mod words;
pub mod workspace;
