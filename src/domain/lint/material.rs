//! ALG-006: material that is known to be weak.

use super::Report;
use crate::domain::assessment::Assessment;
use crate::domain::finding::{Finding, FindingId, Severity};
use crate::domain::policy::Policy;
use crate::domain::text::VisibleText;
use crate::domain::weakness::{Weakness, Weaknesses};

/// What is known to be weak in one certificate.
#[must_use]
pub fn lint_material(
    assessment: &Assessment,
    policy: &Policy,
    weaknesses: &Weaknesses,
) -> Vec<Finding> {
    let mut report = Report::of(assessment, policy);
    if report.has_ended() {
        return Vec::new();
    }
    for (place, key, _) in report.keys() {
        for weakness in weaknesses.of.get(&key.fingerprint).into_iter().flatten() {
            let same = matches!(weakness, Weakness::SameModulus(_));
            let severity = if same { Severity::Warning } else { Severity::Error };
            report.find_key(FindingId::Alg006, severity, place, &weakness.to_string());
        }
    }
    report.findings
}

/// Says that not all of the keys were compared.
#[must_use]
pub fn lint_comparison(weaknesses: &Weaknesses) -> Option<Finding> {
    (weaknesses.not_compared > 0).then(|| Finding {
        id: FindingId::Alg006,
        severity: Severity::Note,
        subject: VisibleText::from_text("all certificates"),
        about: Vec::new(),
        message: format!(
            "{} RSA keys were not searched for primes in common with others, because there are \
             so many of them",
            weaknesses.not_compared
        ),
        remedy: "Give fewer certificates at a time.".to_owned(),
    })
}
