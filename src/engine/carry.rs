//! A workspace on a medium, between two machines: what is carried, and how
//! what came is held against what is there.

mod grown;
mod manifest;
mod place;
mod words;

pub use grown::{Grown, grown};
pub use manifest::{BadManifest, Listed, Manifest};
pub use place::Place;
pub use words::{ASKED, asked};

/// The kind of the document, and what its digest begins with.
pub const KIND: &str = "keyrite.carry/1";
/// Files of a carry at the most.
pub const MAX_FILES: usize = 20_000;
/// Bytes of one file at the most.
pub const MAX_FILE: u64 = 32 * 1024 * 1024;
/// Bytes of all files together at the most.
pub const MAX_TOTAL: u64 = 512 * 1024 * 1024;
