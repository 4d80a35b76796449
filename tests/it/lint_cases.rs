//! The lint cases of `sq`: for each of them both linters say the same, or the
//! reason for the difference stands here.

use std::collections::BTreeSet;

use crate::support::corpus;
use crate::support::program::Program;

/// The day at which the tests of `sq` run.
const DAY: &str = "2022-01-01";

/// What `sq cert lint` says, by its own tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// Nothing is to be mended.
    Clean,
    /// A signature must be made anew.
    Broken,
    /// It is no certificate.
    Rejected,
}

/// A case by the start of its name, how many files it has, what `sq` says, the
/// state of the primary key, and what we find of the rules that both know.
type Case = (&'static str, usize, Verdict, &'static str, &'static [&'static str]);

const CASES: &[Case] = &[
    ("all-sha1-password-Foobar", 2, Verdict::Broken, "invalid", &["ALG-004"]),
    ("authentication-subkey", 2, Verdict::Clean, "valid", &[]),
    ("gnupg-ecc-normal", 2, Verdict::Clean, "valid", &[]),
    ("gnupg-rsa-normal", 2, Verdict::Clean, "valid", &[]),
    ("msg.sig", 1, Verdict::Rejected, "", &[]),
    ("multiple-passwords", 2, Verdict::Broken, "valid", &["ALG-004"]),
    ("no-backsig", 2, Verdict::Clean, "valid", &["CAP-004"]),
    ("only-md5", 2, Verdict::Broken, "invalid", &["ALG-004"]),
    ("only-sha1", 2, Verdict::Broken, "invalid", &["ALG-004"]),
    ("sha1-authentication-subkey", 2, Verdict::Broken, "invalid", &["ALG-004"]),
    ("sha1-backsig-signing-subkey", 2, Verdict::Broken, "valid", &["ALG-004"]),
    ("sha1-cert-sha1-revocation", 2, Verdict::Clean, "invalid", &[]),
    ("sha1-cert-sha256-revocation", 2, Verdict::Clean, "invalid", &[]),
    ("sha1-encryption-subkey", 2, Verdict::Broken, "valid", &["ALG-004"]),
    ("sha1-expired", 2, Verdict::Clean, "invalid", &[]),
    ("sha1-offline-subkeys", 3, Verdict::Broken, "invalid", &["ALG-004"]),
    ("sha1-signing-subkey", 2, Verdict::Broken, "valid", &["ALG-004"]),
    ("sha1-userid-revoked", 2, Verdict::Clean, "valid", &[]),
    ("sha1-userid-sha256-subkeys", 2, Verdict::Broken, "invalid", &["ALG-004"]),
    ("sha1-userid", 2, Verdict::Broken, "valid", &["ALG-004"]),
    ("sha256-cert-sha256-revocation", 2, Verdict::Clean, "revoked", &[]),
    ("sha256-expired-sha1-live", 2, Verdict::Broken, "expired", &["ALG-004"]),
    ("sha256-expired", 2, Verdict::Clean, "expired", &[]),
    ("sha512-cert-sha1-revocation", 2, Verdict::Broken, "revoked", &["ALG-004"]),
    ("sha512-self-sig-sha1-revocation", 1, Verdict::Clean, "valid", &[]),
];

/// Where we say something else than `sq`, and why.
const DIFFERENCES: &[(&str, &str)] = &[(
    "no-backsig",
    "sq passes over a signing subkey without a back signature, because it cannot mend it; every \
     verifier refuses it, so that we say so",
)];

#[test]
fn the_lint_cases_of_sq_have_the_same_verdict_or_a_reason() {
    let files = corpus::sq_lint_cases();
    assert_eq!(files.len(), 49);
    let program = Program::new();
    let mut left: BTreeSet<_> = files.iter().collect();
    let mut differ = BTreeSet::new();
    for (case, count, theirs, state, wanted) in CASES {
        // What follows is `-pub.pgp`, `-priv.pgp` or `-offline.pgp`.
        let is_case = |name: &str| {
            let rest = name.strip_prefix(case);
            rest.is_some_and(|rest| rest.is_empty() || rest.matches('-').count() == 1)
        };
        let name = |path: &std::path::Path| path.file_name().unwrap().to_str().unwrap().to_owned();
        let own: Vec<_> = left.iter().copied().filter(|path| is_case(&name(path))).collect();
        assert_eq!(own.len(), *count, "{case}: {own:?}");
        for path in own {
            left.remove(path);
            let run = |command| {
                let path = path.to_str().unwrap();
                program.run(&[command, path, "--at", DAY, "--json"])
            };
            let (lint, keys) = (run("lint"), run("keys").json());
            if *theirs == Verdict::Rejected {
                assert_eq!(lint.code, Some(7), "{case}: {lint:?}");
                continue;
            }
            assert_eq!(keys["certificates"][0]["state"], *state, "{case}");
            let findings = lint.json()["findings"].as_array().unwrap().clone();
            let ids = findings.iter().map(|finding| finding["id"].as_str().unwrap());
            let found: BTreeSet<_> = ids.filter(|id| ["ALG-004", "CAP-004"].contains(id)).collect();
            let all: BTreeSet<_> = wanted.iter().copied().collect();
            assert_eq!(found, all, "{}", path.display());
            if (*theirs == Verdict::Broken) == found.is_empty() {
                differ.insert(*case);
            }
        }
    }
    assert!(left.is_empty(), "no verdict: {left:?}");
    let told: BTreeSet<_> = DIFFERENCES.iter().map(|(case, _)| *case).collect();
    assert_eq!(differ, told);
    assert!(DIFFERENCES.iter().all(|(_, reason)| reason.len() > 20));
}
