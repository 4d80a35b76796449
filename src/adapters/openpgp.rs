//! `OpenPGP`, by way of Sequoia: the only place that names the library.
//!
//! Bytes come from [`super::sources`], read with a bound. The library's own
//! `from_file` is never used: it maps the file, and a file that shrinks then
//! kills the process.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the library's enums are open, and what is unknown stays unknown"
)]

mod apply;
mod armor;
mod bundle;
mod carve;
mod detached;
mod differ;
mod endorsement;
mod error;
mod export;
mod extend;
mod facts;
mod framing;
mod inspect;
mod issue;
mod issuer;
mod key_error;
mod make;
mod merge;
mod newest;
mod number;
mod open;
mod parcel;
mod protect;
mod prove;
mod public;
mod publish;
mod read;
mod rejection;
mod revocation;
mod revoke;
mod secret;
mod shape;
mod sign;
#[cfg(feature = "keystore")]
mod signer;
mod take;
mod union;
mod walk;
mod weakness;

pub use apply::{RevocationFault, Statement, apply, for_import, holds, read_revocation};
pub use bundle::{armor_of, joined_with_others};
pub use carve::{Found, What, carve, looks_like_keys};
pub use detached::{Refusal, Signed, armor_signature, verify_detached};
pub use differ::{Bearer, Difference, Part, difference};
pub use endorsement::endorsements;
pub use error::ReadError;
pub use export::{
    ExportFacts, ExportFault, ExportForm, walk_export, with_public_primary, without_passphrase,
};
pub use extend::{Extended, ends, extend_primary, extend_subkey, joined_copies};
pub use facts::Secrets;
pub use inspect::{armor, inspect};
pub use issue::{Issued, SubkeySpec, issue};
pub use key_error::KeyError;
pub use make::{NewRoot, RootSpec, make_root};
pub use newest::newest_signature;
pub use number::public_number;
pub use open::{Unlocked, open};
pub use parcel::{is_sealed, open_parcel, seal_to, seal_with};
pub use protect::{Lock, StretchCost};
pub use prove::{NoProof, Proof, prove_open_subkey, prove_root, prove_subkey, verify_proof};
pub use public::{PublicFacts, PublicFault, public_certificate, walk_public};
pub use publish::{
    Published, addresses, binary_of, certifications, components_of, every_address, others_in,
    publishable, served,
};
pub use read::{Listing, list, read};
pub use rejection::{MAX_DAMAGE, Rejection};
pub use revocation::{Held, Revocation, signature_packets};
pub use revoke::{break_armor, mend_armor};
pub use secret::{Parted, Secret, part};
#[cfg(feature = "keystore")]
pub use signer::{KeyHandle, Owner, certificate_name, joined, owners, sign_detached};
pub use take::{Holding, holding, protection, take_root};
pub use union::{PacketSet, UnionError};
pub use weakness::weaknesses;
