//! `OpenPGP`, by way of Sequoia: the only place that names the library.

mod armor;
mod carve;
mod facts;
mod framing;
mod inspect;
mod issuer;
mod read;
mod secret;

pub use carve::{Found, Rejection, What, carve};
pub use inspect::inspect;
pub use read::{Listing, ReadError, list, public_part, read};
