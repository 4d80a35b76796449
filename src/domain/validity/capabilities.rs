//! What a key may be used for.

use crate::domain::algorithm::Algorithm;
use crate::domain::certificate::{Key, KeyFlags, SelfSignature};

/// The place of a key in its certificate.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Primary,
    Subkey,
}

/// The stated key flags, or what the algorithm can do where none are stated,
/// as `GnuPG` reads old keys.
pub(super) fn capabilities(
    key: &Key,
    binding: Option<&SelfSignature>,
    direct: Option<&SelfSignature>,
    role: Role,
) -> KeyFlags {
    let stated = |signature: &SelfSignature| signature.flags;
    if let Some(flags) = binding.and_then(stated).or_else(|| direct.and_then(stated)) {
        return flags;
    }
    let primary = role == Role::Primary;
    if binding.is_none() {
        // Nothing that is good says anything of this key.
        return KeyFlags::default();
    }
    match key.algorithm {
        Algorithm::Rsa { .. } => {
            KeyFlags { certify: primary, sign: true, encrypt: true, authenticate: true }
        }
        Algorithm::Dsa { .. }
        | Algorithm::EcDsa(_)
        | Algorithm::EdDsa(_)
        | Algorithm::Ed25519
        | Algorithm::Ed448 => {
            KeyFlags { certify: primary, sign: true, encrypt: false, authenticate: true }
        }
        Algorithm::ElGamal { .. }
        | Algorithm::EcDh { .. }
        | Algorithm::X25519
        | Algorithm::X448 => KeyFlags { encrypt: true, ..KeyFlags::default() },
        Algorithm::Unknown(_) => KeyFlags::default(),
    }
}
