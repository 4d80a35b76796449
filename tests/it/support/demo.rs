//! The certificates of the demo: twelve, in all states at its instant.

use sequoia_openpgp::Cert;
use sequoia_openpgp::types::{HashAlgorithm, ReasonForRevocation as Reason};

use super::forge::{KeySpec, Suite, certificate, certify};

/// Makes them anew, with their secrets.
pub(crate) fn certificates() -> Vec<Cert> {
    let root = certificate(
        &["Halyard Release Root 2025 (TEST) <release@halyard.example>"],
        &KeySpec::new("C", "2025-12-02", Some("2027-12-02")),
        &[
            KeySpec::new("S", "2025-12-02", Some("2026-12-02")),
            KeySpec::new("S", "2025-12-03", Some("2026-06-03")),
        ],
    );
    let stranger =
        certificate(&["Nobody you know (TEST)"], &KeySpec::new("C", "2020-01-01", None), &[]);
    let signer = certificate(
        &["M. Okafor (TEST) <okafor@halyard.example>"],
        &KeySpec::new("C", "2026-11-18", None),
        &[KeySpec::new("S", "2026-11-18", Some("2028-11-18"))],
    );
    let signer = certify(&root, &signer, "2026-11-19");
    let signer = certify(&stranger, &signer, "2026-11-19");
    vec![
        root,
        certificate(
            &["Halyard Build Cache AWS (TEST) <ci-aws@halyard.example>"],
            &KeySpec::new("C", "2024-01-15", Some("2028-01-15")).suite(Suite::Rsa(4096)),
            &[KeySpec::new("S", "2025-11-01", Some("2026-11-01")).suite(Suite::Rsa(4096))],
        ),
        certificate(
            &["Halyard Build Cache Oregon (TEST) <ci-uo@halyard.example>"],
            &KeySpec::new("C", "2024-01-15", Some("2028-01-15")).suite(Suite::Rsa(3072)),
            &[KeySpec::new("S", "2026-06-01", Some("2027-06-01")).suite(Suite::Rsa(3072))],
        ),
        certificate(
            &["Halyard Policy Signer (TEST) <policy@halyard.example>"],
            &KeySpec::new("CS", "2026-10-06", Some("2027-01-04")).suite(Suite::P256),
            &[],
        ),
        signer,
        certificate(
            &["Halyard Release Root 2027 (TEST) <release@halyard.example>"],
            &KeySpec::new("C", "2027-01-04", Some("2029-01-04")),
            &[KeySpec::new("S", "2027-01-04", Some("2028-01-04"))],
        ),
        certificate(
            &["Halyard Nightly Builds (TEST) <nightly@halyard.example>"],
            &KeySpec::new("CS", "2026-03-01", Some("2028-03-01")).suite(Suite::V6),
            &[],
        ),
        certificate(
            &["Halyard Release Root 2023 (TEST) <release@halyard.example>"],
            &KeySpec::new("CS", "2023-01-10", Some("2026-01-10")).suite(Suite::Rsa(4096)),
            &[],
        ),
        certificate(
            &["Halyard Release Root 2019 (TEST) <release@halyard.example>"],
            &KeySpec::new("CS", "2019-02-01", None).suite(Suite::Rsa(3072)).revoked(
                Reason::KeySuperseded,
                "2023-02-01",
                "replaced by the root of 2023",
            ),
            &[],
        ),
        certificate(
            &["J. Ruiz (TEST) <ruiz@halyard.example>"],
            &KeySpec::new("C", "2022-05-01", Some("2027-05-01")).revoked(
                Reason::KeyCompromised,
                "2026-08-14",
                "laptop stolen",
            ),
            &[KeySpec::new("S", "2022-05-01", Some("2027-05-01"))],
        ),
        certificate(
            &["Halyard Packages 2012 (TEST) <packages@halyard.example>"],
            &KeySpec::new("CS", "2012-04-01", None)
                .suite(Suite::Rsa(2048))
                .hash(HashAlgorithm::SHA1),
            &[],
        ),
        certificate(
            &[
                "Mirror Operator (TEST) <mirror@halyard.example>",
                "Mirror \u{202e}TSET\u{202c} \u{1b}[31mOperator\u{200b} <mirror@halyard.example>",
            ],
            &KeySpec::new("CS", "2025-03-01", Some("2028-03-01")),
            &[KeySpec::new("S", "2025-03-01", Some("2028-03-01")).without_back_signature()],
        ),
    ]
}
