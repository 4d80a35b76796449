//! From when on the verifiers with a policy refuse an algorithm.

use super::{Accepted, Verifier};
use crate::domain::algorithm::{Algorithm, Curve, Hash};
use crate::domain::cutoff::HashSecurity;
use crate::domain::february::{Y1997, Y2004, Y2013, Y2014, Y2024, Y2026, Y2028, Y2030};

/// How long a self-signature with that hash is accepted.
pub(super) fn hash(verifier: Verifier, hash: Hash, security: HashSecurity) -> Accepted {
    use Accepted::{Always, Never, Until};
    let collisions = security == HashSecurity::CollisionResistance;
    match (verifier, hash.0) {
        (Verifier::AptSqv, 11) => Until(Y2026),
        (Verifier::AptSqv, 1) => Until(if collisions { Y1997 } else { Y2004 }),
        (Verifier::AptSqv, 2) => Until(if collisions { Y2013 } else { Y2026 }),
        (Verifier::AptSqv, 3) => Until(Y2013),
        (Verifier::RpmEl9 | Verifier::RpmEl10, 1 | 2) | (Verifier::Gpg22 | Verifier::Spack, 1) => {
            Never
        }
        _ => Always,
    }
}

/// How long a key of that algorithm is accepted.
pub(super) fn key(verifier: Verifier, algorithm: Algorithm) -> Accepted {
    use Accepted::{Always, Until};
    let apt = verifier == Verifier::AptSqv;
    if !apt && verifier != Verifier::RpmEl10 {
        return Always;
    }
    match algorithm {
        Algorithm::Rsa { bits: ..2048 } | Algorithm::Dsa { bits: ..2048 } => Until(Y2014),
        Algorithm::Rsa { bits: ..3072 } if apt => Until(Y2030),
        Algorithm::Dsa { .. } => Until(if apt { Y2024 } else { Y2030 }),
        Algorithm::EcDsa(Curve::BrainpoolP256 | Curve::BrainpoolP384 | Curve::BrainpoolP512)
            if apt =>
        {
            Until(Y2028)
        }
        Algorithm::Rsa { .. }
        | Algorithm::ElGamal { .. }
        | Algorithm::EcDsa(_)
        | Algorithm::EdDsa(_)
        | Algorithm::EcDh { .. }
        | Algorithm::Ed25519
        | Algorithm::Ed448
        | Algorithm::X25519
        | Algorithm::X448
        | Algorithm::Unknown(_) => Always,
    }
}
