//! `OpenPGP`, by way of Sequoia: the only place that names the library.
//!
//! Bytes come from [`super::sources`], read with a bound. The library's own
//! `from_file` is never used: it maps the file, and a file that shrinks then
//! kills the process.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the library's enums are open, and what is unknown stays unknown"
)]

mod armor;
mod carve;
mod error;
mod facts;
mod framing;
mod inspect;
mod issuer;
mod merge;
mod read;
mod rejection;
mod revocation;
mod secret;
mod shape;
#[cfg(feature = "keystore")]
mod signer;
mod union;
mod walk;
mod weakness;

pub use carve::{Found, What, carve, looks_like_keys};
pub use error::ReadError;
pub use facts::Secrets;
pub use inspect::{armor, inspect};
pub use read::{Listing, list, read};
pub use rejection::{MAX_DAMAGE, Rejection};
pub use revocation::{Held, Revocation, signature_packets};
pub use secret::{Parted, Secret, part};
#[cfg(feature = "keystore")]
pub use signer::{KeyHandle, Owner, certificate_name, joined, owners, sign_detached};
pub use union::{PacketSet, UnionError};
pub use weakness::weaknesses;
