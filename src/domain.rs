//! Nouns and rules: no I/O, no clock, no randomness, no library of OpenPGP.

pub mod algorithm;
pub mod certificate;
pub mod comparison;
pub mod cutoff;
pub mod fingerprint;
pub mod text;
pub mod timestamp;
pub mod validity;
pub mod words;
