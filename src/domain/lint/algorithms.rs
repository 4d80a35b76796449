//! ALG: algorithms and sizes.

use super::{Report, living, newest};
use crate::domain::algorithm::{Algorithm, Hash};
use crate::domain::certificate::SelfSignature;
use crate::domain::finding::{FindingId, Severity};
use crate::domain::policy::CurveName;

pub(super) fn check(report: &mut Report<'_>) {
    for (place, key, _) in report.keys() {
        let wanted = report.policy.rsa_bits;
        match key.algorithm {
            Algorithm::Rsa { bits } if bits < wanted => {
                let text = format!("RSA-{bits}; the policy wants {wanted} bits");
                report.find_key(FindingId::Alg001, Severity::Error, place, &text);
            }
            Algorithm::Rsa { .. } => {}
            Algorithm::Dsa { .. } | Algorithm::ElGamal { .. } => {
                let text = key.algorithm.to_string();
                report.find_key(FindingId::Alg002, Severity::Error, place, &text);
            }
            Algorithm::EcDsa(_)
            | Algorithm::EdDsa(_)
            | Algorithm::EcDh { .. }
            | Algorithm::Ed25519
            | Algorithm::Ed448
            | Algorithm::X25519
            | Algorithm::X448
            | Algorithm::Unknown(_) => curve(report, place, key.algorithm),
        }
    }
    hashes(report);
    versions(report);
    let edwards = |algorithm: Algorithm| {
        matches!(CurveName::of(algorithm), Some(CurveName::Ed25519 | CurveName::Ed448))
    };
    if let Some((place, key, _)) =
        report.signers().into_iter().find(|(_, key, _)| edwards(key.algorithm))
    {
        let text =
            format!("{}: gpg before 2.1 and rpm on EL 7 to 9 cannot verify it", key.algorithm);
        report.find_key(FindingId::Alg007, Severity::Note, place, &text);
    }
}

/// A revoked certificate is not mended, but must stay revoked: once verifiers
/// refuse its revocations, it is valid again.
pub(super) fn check_revocation(report: &mut Report<'_>) {
    let revocations = &report.certificate().primary.revocations;
    let Some(revocation) = revocations.first() else { return };
    let comes_back = report.assessment.verdict.primary.bound.is_some();
    if comes_back && revocations.iter().all(|r| is_weak(r.frame.hash)) {
        let text = format!("its revocation uses {}", revocation.frame.hash);
        report.find_key(FindingId::Alg004, Severity::Error, 0, &text);
    }
}

fn curve(report: &mut Report<'_>, place: usize, algorithm: Algorithm) {
    let allowed =
        CurveName::of(algorithm).is_some_and(|curve| report.policy.curves.contains(&curve));
    if !allowed {
        let curves: Vec<_> = report.policy.curves.iter().map(|curve| curve.word()).collect();
        let text = format!("{algorithm}; the policy allows {}", curves.join(", "));
        report.find_key(FindingId::Alg003, Severity::Warning, place, &text);
    }
}

/// Whether collisions of the hash can be made, or nearly.
fn is_weak(hash: Hash) -> bool {
    !matches!(hash.0, 8 | 9 | 10 | 12 | 14)
}

fn hashes(report: &mut Report<'_>) {
    let now = report.now();
    for id in living(report) {
        if let Some(signature) = newest(&id.self_signatures, now).filter(|s| is_weak(s.frame.hash))
        {
            let text =
                format!("self-signature of user ID '{}' uses {}", id.text, signature.frame.hash);
            report.find(FindingId::Alg004, Severity::Error, text);
        }
    }
    for (place, key, _) in report.keys() {
        let binding = newest(&key.self_signatures, now);
        let back = binding.and_then(|s| s.back_signatures.iter().find(|b| is_weak(b.hash)));
        let binding = binding.filter(|s| is_weak(s.frame.hash));
        let revocation = key.revocations.iter().find(|r| is_weak(r.frame.hash));
        for (what, hash) in [
            ("binding", binding.map(|s| s.frame.hash)),
            ("back signature", back.map(|b| b.hash)),
            ("revocation", revocation.map(|r| r.frame.hash)),
        ] {
            if let Some(hash) = hash {
                let text = format!("its {what} uses {hash}");
                report.find_key(FindingId::Alg004, Severity::Error, place, &text);
            }
        }
    }
}

fn versions(report: &mut Report<'_>) {
    let now = report.now();
    let is_old = |signature: &&SelfSignature| signature.frame.version < 4;
    for id in living(report) {
        if let Some(signature) = newest(&id.self_signatures, now).filter(is_old) {
            let version = signature.frame.version;
            let text = format!("self-signature of user ID '{}' is of version {version}", id.text);
            report.find(FindingId::Alg005, Severity::Error, text);
        }
    }
    for (place, key, _) in report.keys() {
        if let Some(signature) = newest(&key.self_signatures, now).filter(is_old) {
            let text = format!("its binding is of version {}", signature.frame.version);
            report.find_key(FindingId::Alg005, Severity::Error, place, &text);
        }
    }
}
