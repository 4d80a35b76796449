//! C01: an offline primary key on two proved media, with its revocation set.

use super::holders::{AWAY_HOLDER, BACK_HOLDER, HOLDER_MEDIUM, RECEIVED, kept_by_holder};
use super::two_media::{self, A, A_ID, CERTIFICATE, FINGERPRINT};
use super::{MACHINE, PEOPLE, PLAN};
use crate::domain::workspace::Role;
use crate::engine::definition::{Ceremony, Class, Field, FieldKind, Kind, Source, Step};
use crate::engine::effect::EffectKind;

const SPEC: &[Field] = &[
    Field {
        id: "algorithm",
        label: "Algorithm",
        help: "one that the rules allow; old rpm and gpg know RSA only",
        kind: FieldKind::Algorithm,
    },
    Field {
        id: "user_ids",
        label: "User IDs",
        help: "the team and its address, no person: Example Releases <release@example.org>; \
               several with semicolons between them",
        kind: FieldKind::UserIds,
    },
    Field {
        id: "ends",
        label: "How long the primary key lives",
        help: "a period (2y) or a day (2028-11-30); its end can be put off later",
        kind: FieldKind::PrimaryLife,
    },
    Field {
        id: "protection",
        label: "How the passphrase protects it",
        help: "iterated: GnuPG can restore it; argon2: stronger, and no GnuPG opens it",
        kind: FieldKind::Word(&["iterated", "argon2"]),
    },
];

pub(super) static CEREMONY: Ceremony = Ceremony {
    id: "root-generation",
    version: 2,
    title: "Make an offline root",
    purpose: "A primary key that certifies and does nothing else, on two media that were proved to \
              work, with revocation certificates in the hands of people who can use them.",
    needs: &[
        "a machine without a network, started from a medium that you trust",
        "two blank media of different make for the primary key",
        "one medium for each person who keeps a revocation certificate",
        "paper and pen for the passphrase",
    ],
    changes: "A new certificate in the workspace. Two media with the encrypted primary key, and one \
              with a revocation certificate for each holder.",
    given_up: "Nothing was published, so the key is void: destroy media A and B and the revocation \
               certificates, and begin again. A root that is half made is never mended.",
    next: "subkey-issuance makes the subkey that signs. Put A and B into different places today.",
    roles: &[Role::Administrator, Role::Witness, Role::RevocationHolder],
    keeps: &[two_media::KEPT_A, two_media::KEPT_B, kept_by_holder(FINGERPRINT)],
    loses: &[],
    steps: &[
        PEOPLE,
        MACHINE,
        Step::new(
            "spec",
            "What the key is to be",
            "Agree on it beforehand: it cannot be changed later, but for its end and its user IDs.",
            Kind::Ask(SPEC),
        )
        .offline(),
        two_media::MEDIA,
        two_media::WHO_KEEPS,
        HOLDER_MEDIUM,
        two_media::ENROLL_A,
        two_media::ENROLL_B,
        PLAN,
        Step::new(
            "agree",
            "Agree to the plan",
            "Read the plan aloud and compare its digest with what was agreed.",
            Kind::Confirm(Class::C2, &[Source::Fact("plan.digest")]),
        )
        .offline(),
        Step::new(
            two_media::ROOT,
            "Make the primary key",
            "It is made in memory, encrypted, and written to medium A; nothing else holds it.",
            Kind::Perform(
                EffectKind::MakeRoot,
                &[
                    ("medium", A),
                    ("medium_id", A_ID),
                    ("algorithm", Source::Fact("spec.algorithm")),
                    ("protection", Source::Fact("spec.protection")),
                    ("user_ids", Source::Fact("spec.user_ids")),
                    ("ends", Source::Fact("spec.ends")),
                ],
            ),
        )
        .offline(),
        two_media::COPY,
        two_media::AWAY_A,
        two_media::BACK_A,
        two_media::READ_A,
        two_media::PROVE_A,
        two_media::AWAY_B,
        two_media::BACK_B,
        two_media::READ_B,
        two_media::PROVE_B,
        two_media::ENROLL_HOLDER,
        two_media::KEEP_REVOCATION,
        AWAY_HOLDER,
        BACK_HOLDER,
        two_media::READ_HOLDER,
        RECEIVED,
        Step::new(
            "fingerprint",
            "Compare the fingerprint",
            "From here on people will trust it. One reads the first half from the screen, the \
             other the second half from paper or another display.",
            Kind::Confirm(Class::C3, &[FINGERPRINT]),
        ),
        Step::new(
            "adopt",
            "Bring the certificate into the workspace",
            "What is in the workspace gets published. It is looked through for secret packets \
             first.",
            Kind::Perform(
                EffectKind::AdoptCertificate,
                &[("fingerprint", FINGERPRINT), ("certificate", CERTIFICATE)],
            ),
        )
        .irreversible(),
        Step::new(
            "sheet",
            "Write the sheet to print",
            "Paper does not change when a server does: fingerprint in digits, words and as a QR \
             code.",
            Kind::Perform(
                EffectKind::WriteSheet,
                &[("fingerprint", FINGERPRINT), ("certificate", CERTIFICATE)],
            ),
        ),
        two_media::KEPT,
    ],
};
