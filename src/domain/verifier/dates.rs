//! From when on the verifiers with a policy refuse an algorithm.

use super::{Accepted, Verifier};
use crate::domain::algorithm::{Algorithm, Curve, Hash};
use crate::domain::cutoff::HashSecurity;
use crate::domain::timestamp::Timestamp;

/// 1 February, 00:00:00Z, of the years in which something ends.
const Y1997: Timestamp = Timestamp::from_unix(854_755_200);
const Y2004: Timestamp = Timestamp::from_unix(1_075_593_600);
const Y2013: Timestamp = Timestamp::from_unix(1_359_676_800);
const Y2014: Timestamp = Timestamp::from_unix(1_391_212_800);
const Y2024: Timestamp = Timestamp::from_unix(1_706_745_600);
const Y2026: Timestamp = Timestamp::from_unix(1_769_904_000);
const Y2028: Timestamp = Timestamp::from_unix(1_832_976_000);
const Y2030: Timestamp = Timestamp::from_unix(1_896_134_400);

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_years_begin_in_february() {
        for (instant, date) in [
            (Y1997, "1997-02-01"),
            (Y2004, "2004-02-01"),
            (Y2013, "2013-02-01"),
            (Y2014, "2014-02-01"),
            (Y2024, "2024-02-01"),
            (Y2026, "2026-02-01"),
            (Y2028, "2028-02-01"),
            (Y2030, "2030-02-01"),
        ] {
            assert_eq!(instant, Timestamp::parse(date).unwrap());
        }
    }
}
