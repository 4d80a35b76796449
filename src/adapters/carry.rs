//! A workspace on a medium: copied out whole or not at all, and held against
//! what is here before anything of it is taken.

mod apply;
mod difference;
mod error;
mod files;
mod out;
mod plan;
mod reading;
mod secrets;

pub use apply::apply;
pub use difference::Difference;
pub use error::CarryError;
pub use files::{Collected, collect};
pub use out::{Making, make_room, prepare, refuse_medium};
pub use plan::{Plan, plan};
pub use reading::Carry;

/// The folder of a carry on a medium.
pub const FOLDER: &str = "keyrite-carry";
/// An older one while it is replaced.
const OLD: &str = ".keyrite-carry.old";
/// The list in it.
const MANIFEST: &str = "manifest.json";
/// The folder of its files.
pub const FILES: &str = "files";
