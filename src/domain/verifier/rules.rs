//! What is known of each verifier, with its source.

use super::Verifier;

/// Why a verifier refuses a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// Revoked, at its end, or bound by nothing.
    Ended,
    /// A revocation of any date and reason.
    Revocation,
    /// The certificate or key is of version 6.
    Version6,
    /// One of the algorithms that came with RFC 9580.
    NewCurve,
    /// `EdDSA`.
    EdDsa,
    /// ECDSA.
    EcDsa,
    /// The key's algorithm or size.
    Key,
    /// The hash algorithm of the self-signatures.
    Hash,
    /// The signature is by a subkey.
    Subkey,
    /// No key flags state that it signs.
    Flags,
    /// No user ID that it has signed.
    UserId,
    /// Certifications by others are in the certificate.
    Certifications,
}

impl Rule {
    /// The word of JSON documents.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::Revocation => "revocation",
            Self::Version6 => "version_6",
            Self::NewCurve => "new_curve",
            Self::EdDsa => "eddsa",
            Self::EcDsa => "ecdsa",
            Self::Key => "key_algorithm",
            Self::Hash => "hash",
            Self::Subkey => "subkey",
            Self::Flags => "key_flags",
            Self::UserId => "user_id",
            Self::Certifications => "certifications",
        }
    }
}

/// A rule of a verifier.
#[derive(Clone, Copy, Debug)]
pub struct RuleEntry {
    /// Whose rule it is.
    pub verifier: Verifier,
    /// The rule.
    pub rule: Rule,
    /// What it says, in a sentence without a full stop.
    pub says: &'static str,
    /// Where that can be read.
    pub source: &'static str,
}

const fn rule(
    verifier: Verifier,
    rule: Rule,
    says: &'static str,
    source: &'static str,
) -> RuleEntry {
    RuleEntry { verifier, rule, says, source }
}

const RFC9580_KEYS: &str = "https://www.rfc-editor.org/rfc/rfc9580.html#section-5.2.3.10";
const APT: &str = "https://github.com/Debian/apt/blob/main/debian/default-sequoia.config";
const APT_SHA1: &str = "https://michael-prokop.at/blog/2026/01/31/apt-sha-1-keys-2026-02-01";
const GPG: &str = "https://www.gnupg.org/documentation/manuals/gnupg/GPG-Esoteric-Options.html";
const GPG_REVOCATION: &str = "https://github.com/gpg/gnupg/blob/STABLE-BRANCH-2-2/g10/getkey.c";
const GPG_USER_ID: &str = "https://github.com/nodejs/Release/issues/1110";
const GPG_VERSIONS: &str = "https://github.com/gpg/gnupg/blob/STABLE-BRANCH-2-2/g10/parse-packet.c";
const SPACK: &str = "https://spack.readthedocs.io/en/v0.23.1/_modules/spack/util/gpg.html";
const RPM_PARSER: &str =
    "https://github.com/rpm-software-management/rpm/blob/rpm-4.16.x/rpmio/rpmpgp.c";
const RPM_EDDSA: &str = "https://github.com/rpm-software-management/rpm/pull/1202";
const RPM_EL9_EDDSA: &str = "https://github.com/furlongm/patchman/issues/824";
const RPM_EL7_SUBKEYS: &str = "https://github.com/NVIDIA/libnvidia-container/issues/86";
const RPM_EL8_CERTIFICATIONS: &str = "https://github.com/theforeman/theforeman.org/pull/2272";
const RPM_EL9_SHA1: &str = "https://github.com/rpm-software-management/rpm/issues/1977";
const RPM_EL10_ENDED: &str = "https://github.com/rpm-software-management/rpm-sequoia/issues/104";
const RPM_EL10_SHA1: &str = "https://github.com/CISOfy/lynis/issues/1638";
const RPM_EL10_FLAGS: &str = "https://github.com/rpm-software-management/rpm-sequoia/issues/58";
const SEQUOIA: &str =
    "https://docs.rs/sequoia-openpgp/latest/sequoia_openpgp/policy/struct.StandardPolicy.html";
const MAVEN: &str = "https://central.sonatype.org/pages/working-with-pgp-signatures.html";

const ENDED: &str = "a key that is revoked, has ended or is not bound makes no good signature";
const VERSION_6: &str = "only certificates up to version 4 are read";

use Verifier as V;

/// All that is known; what is not here is not judged.
pub const RULES: &[RuleEntry] = &[
    rule(V::AptSqv, Rule::Ended, ENDED, RFC9580_KEYS),
    rule(
        V::AptSqv,
        Rule::Hash,
        "SHA-1 ends on 2026-02-01, or has ended on 2013-02-01 where a user ID is long or odd",
        APT_SHA1,
    ),
    rule(
        V::AptSqv,
        Rule::Key,
        "DSA has ended on 2024-02-01, RSA below 2048 bits on 2014-02-01; brainpool \
         ends on 2028-02-01, RSA below 3072 bits on 2030-02-01",
        APT,
    ),
    rule(V::AptSqv, Rule::Flags, "key flags must state that a key signs", SEQUOIA),
    rule(V::Gpg22, Rule::Ended, ENDED, RFC9580_KEYS),
    rule(
        V::Gpg22,
        Rule::Revocation,
        "a revocation counts whatever its date and reason, for all times",
        GPG_REVOCATION,
    ),
    rule(V::Gpg22, Rule::Hash, "MD5 is not accepted", GPG),
    rule(V::Gpg22, Rule::UserId, "a certificate without a user ID is not imported", GPG_USER_ID),
    rule(V::Gpg22, Rule::Version6, VERSION_6, GPG_VERSIONS),
    rule(
        V::Gpg22,
        Rule::NewCurve,
        "the algorithms 25 to 28 of RFC 9580 are not known",
        GPG_VERSIONS,
    ),
    rule(V::RpmEl7, Rule::Subkey, "only the primary key verifies", RPM_EL7_SUBKEYS),
    rule(V::RpmEl7, Rule::EdDsa, "EdDSA came with a later rpm", RPM_EDDSA),
    rule(V::RpmEl7, Rule::EcDsa, "ECDSA is not known", RPM_PARSER),
    rule(
        V::RpmEl7,
        Rule::NewCurve,
        "the algorithms 25 to 28 of RFC 9580 are not known",
        RPM_PARSER,
    ),
    rule(V::RpmEl7, Rule::Version6, VERSION_6, RPM_PARSER),
    rule(V::RpmEl8, Rule::EdDsa, "EdDSA came with a later rpm", RPM_EDDSA),
    rule(V::RpmEl8, Rule::EcDsa, "ECDSA is not known", RPM_PARSER),
    rule(
        V::RpmEl8,
        Rule::NewCurve,
        "the algorithms 25 to 28 of RFC 9580 are not known",
        RPM_PARSER,
    ),
    rule(V::RpmEl8, Rule::Version6, VERSION_6, RPM_PARSER),
    rule(
        V::RpmEl8,
        Rule::Certifications,
        "a certificate with certifications by others was not imported",
        RPM_EL8_CERTIFICATIONS,
    ),
    rule(V::RpmEl9, Rule::Hash, "self-signatures with SHA-1 are not accepted", RPM_EL9_SHA1),
    rule(V::RpmEl9, Rule::EdDsa, "EdDSA is not built in", RPM_EL9_EDDSA),
    rule(V::RpmEl9, Rule::EcDsa, "ECDSA is not known", RPM_PARSER),
    rule(
        V::RpmEl9,
        Rule::NewCurve,
        "the algorithms 25 to 28 of RFC 9580 are not known",
        RPM_PARSER,
    ),
    rule(V::RpmEl9, Rule::Version6, VERSION_6, RPM_PARSER),
    rule(V::RpmEl10, Rule::Ended, ENDED, RPM_EL10_ENDED),
    rule(V::RpmEl10, Rule::Hash, "self-signatures with SHA-1 are not accepted", RPM_EL10_SHA1),
    rule(
        V::RpmEl10,
        Rule::Key,
        "RSA and DSA below 2048 bits have ended on 2014-02-01; DSA ends on 2030-02-01",
        SEQUOIA,
    ),
    rule(V::RpmEl10, Rule::Flags, "key flags must state that a key signs", RPM_EL10_FLAGS),
    rule(V::Maven, Rule::Subkey, "the primary key must sign", MAVEN),
    rule(V::Spack, Rule::Ended, "it calls gpg, which looks at ends and revocations", SPACK),
    rule(
        V::Spack,
        Rule::Revocation,
        "it calls gpg, for which a revocation counts whatever its date and reason",
        SPACK,
    ),
    rule(V::Spack, Rule::Hash, "it calls gpg, which does not accept MD5", SPACK),
    rule(
        V::Spack,
        Rule::UserId,
        "it calls gpg, which imports no certificate without a user ID",
        SPACK,
    ),
    rule(V::Spack, Rule::Version6, "it calls gpg, which reads certificates up to version 4", SPACK),
    rule(
        V::Spack,
        Rule::NewCurve,
        "it calls gpg, which does not know the algorithms 25 to 28 of RFC 9580",
        SPACK,
    ),
];
