//! C01: an offline primary key on two proved media, with its revocation set.

use super::holders::{
    AWAY_HOLDER, BACK_HOLDER, EACH, HOLDER, HOLDER_ID, HOLDER_MEDIUM, OTHER_HOLDERS, RECEIVED,
    kept_by_holder,
};
use super::{HOLDERS, LOCATION, MACHINE, NUMBER, PEOPLE, PLAN};
use crate::domain::custody::Held;
use crate::domain::workspace::Role;
use crate::engine::definition::{
    Ceremony, Class, Field, FieldKind, Keep, Kind, Source, Step, Until,
};
use crate::engine::effect::EffectKind;

const A: Source = Source::Fact("media.a");
const A_ID: Source = Source::Fact("enroll-a.id");
const B: Source = Source::Fact("media.b");
const B_ID: Source = Source::Fact("enroll-b.id");
const FINGERPRINT: Source = Source::Fact("make-root.fingerprint");
const DIGEST: Source = Source::Fact("make-root.digest");
const CERTIFICATE: Source = Source::Fact("make-root.certificate");

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

const MEDIA: &[Field] = &[
    Field {
        id: "a",
        label: "Medium A",
        help: "where it is mounted, such as /media/anna/ROOT-A; blank, of one make",
        kind: FieldKind::Medium,
    },
    Field {
        id: "b",
        label: "Medium B",
        help: "another device, of another make, that will be kept in another place",
        kind: FieldKind::Medium,
    },
];

const KEPT: &[Field] = &[
    Field { id: "a_number", label: "Bag number of medium A", ..NUMBER },
    Field { id: "a_location", label: "Code of the place of medium A", ..LOCATION },
    Field { id: "b_number", label: "Bag number of medium B", ..NUMBER },
    Field {
        id: "b_location",
        label: "Code of the place of medium B",
        help: "a code, no address, and another place than that of medium A: one fire takes one of them",
        kind: FieldKind::OtherPlace("a_location"),
    },
];

pub(super) static CEREMONY: Ceremony = Ceremony {
    id: "root-generation",
    version: 1,
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
    keeps: &[
        Keep::new(Held::Root, "prove-a", FINGERPRINT, A_ID).at("kept.a_number", "kept.a_location"),
        Keep::new(Held::Root, "prove-b", FINGERPRINT, B_ID).at("kept.b_number", "kept.b_location"),
        kept_by_holder(FINGERPRINT),
    ],
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
        Step::new(
            "media",
            "Put in the media",
            "Two, because one breaks or gets lost; of different make, because a bad batch fails \
             together.",
            Kind::Ask(MEDIA),
        )
        .offline(),
        Step::new(
            "holders",
            "Who keeps revocation certificates",
            "When the primary key is lost or stolen, they are the only thing that can end it.",
            Kind::Ask(&[HOLDERS]),
        )
        .offline(),
        HOLDER_MEDIUM,
        Step::new(
            "enroll-a",
            "Name medium A",
            "A random name tells media apart that look the same; one that holds something else is \
             refused.",
            Kind::Perform(
                EffectKind::EnrollMedium,
                &[("path", A), ("holds", Source::Text("root"))],
            ),
        )
        .offline(),
        Step::new(
            "enroll-b",
            "Name medium B",
            "The same device is not two media.",
            Kind::Perform(
                EffectKind::EnrollMedium,
                &[
                    ("path", B),
                    ("holds", Source::Text("root")),
                    ("not", A_ID),
                    ("not_device", Source::Fact("enroll-a.device")),
                ],
            ),
        )
        .offline(),
        PLAN,
        Step::new(
            "agree",
            "Agree to the plan",
            "Read the plan aloud and compare its digest with what was agreed.",
            Kind::Confirm(Class::C2, &[Source::Fact("plan.digest")]),
        )
        .offline(),
        Step::new(
            "make-root",
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
        Step::new(
            "copy-b",
            "Copy it to medium B",
            "The same encrypted bytes, compared by their digest.",
            Kind::Perform(
                EffectKind::CopyRoot,
                &[
                    ("from", A),
                    ("from_id", A_ID),
                    ("medium", B),
                    ("medium_id", B_ID),
                    ("fingerprint", FINGERPRINT),
                    ("digest", DIGEST),
                    ("certificate", CERTIFICATE),
                ],
            ),
        )
        .offline(),
        Step::new(
            "away-a",
            "Take medium A out",
            "What was only in a cache is not on the medium.",
            Kind::Wait(Until::Away(A)),
        )
        .offline(),
        Step::new(
            "back-a",
            "Put medium A back",
            "It must be the same one.",
            Kind::Wait(Until::Back { path: A, id: A_ID }),
        )
        .offline(),
        Step::new(
            "read-a",
            "Read medium A again",
            "Every file is compared with the digest that was written down.",
            Kind::Verify(
                EffectKind::ReadBack,
                &[
                    ("medium", A),
                    ("medium_id", A_ID),
                    ("fingerprint", FINGERPRINT),
                    ("digest", DIGEST),
                ],
            ),
        )
        .offline()
        .command("sha256sum keyrite/*/*"),
        Step::new(
            "prove-a",
            "Prove medium A",
            "A listing proves nothing: the key is opened and certifies a throw-away key, and that \
             is verified with the certificate alone.",
            Kind::Verify(
                EffectKind::ProveRoot,
                &[("medium", A), ("medium_id", A_ID), ("fingerprint", FINGERPRINT)],
            ),
        )
        .offline(),
        Step::new(
            "away-b",
            "Take medium B out",
            "What was only in a cache is not on the medium.",
            Kind::Wait(Until::Away(B)),
        )
        .offline(),
        Step::new(
            "back-b",
            "Put medium B back",
            "It must be the same one.",
            Kind::Wait(Until::Back { path: B, id: B_ID }),
        )
        .offline(),
        Step::new(
            "read-b",
            "Read medium B again",
            "Every file is compared with the digest that was written down.",
            Kind::Verify(
                EffectKind::ReadBack,
                &[
                    ("medium", B),
                    ("medium_id", B_ID),
                    ("fingerprint", FINGERPRINT),
                    ("digest", DIGEST),
                ],
            ),
        )
        .offline()
        .command("sha256sum keyrite/*/*"),
        Step::new(
            "prove-b",
            "Prove medium B",
            "The second copy must open, too.",
            Kind::Verify(
                EffectKind::ProveRoot,
                &[("medium", B), ("medium_id", B_ID), ("fingerprint", FINGERPRINT)],
            ),
        )
        .offline(),
        Step::new(
            "enroll-holder",
            "Name the medium of a holder",
            "It must be another device than those of the primary key (REV-005), and nobody else's.",
            Kind::Perform(
                EffectKind::EnrollMedium,
                &[
                    ("path", HOLDER),
                    ("holds", Source::Text("revocation")),
                    ("not_device", Source::Fact("enroll-a.device")),
                    ("nor_device", Source::Fact("enroll-b.device")),
                    ("others", OTHER_HOLDERS),
                ],
            ),
        )
        .offline()
        .each(EACH),
        Step::new(
            "keep-revocation",
            "Make a revocation certificate",
            "Hard, for the case that the key got into other hands: it is tried on a copy, and \
             written with its armor broken so that nobody imports it by mistake.",
            Kind::Perform(
                EffectKind::KeepRevocation,
                &[
                    ("root", B),
                    ("root_id", B_ID),
                    ("fingerprint", FINGERPRINT),
                    ("holder", Source::Item),
                    ("medium", HOLDER),
                    ("medium_id", HOLDER_ID),
                ],
            ),
        )
        .offline()
        .each(EACH),
        AWAY_HOLDER,
        BACK_HOLDER,
        Step::new(
            "read-holder",
            "Read the medium of a holder again",
            "A revocation certificate that cannot be read is none.",
            Kind::Verify(
                EffectKind::ReadBack,
                &[("medium", HOLDER), ("medium_id", HOLDER_ID), ("fingerprint", FINGERPRINT)],
            ),
        )
        .offline()
        .each(EACH),
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
        Step::new(
            "kept",
            "Where the media are kept",
            "Whoever needs them in a year has nothing but this.",
            Kind::Attest(KEPT),
        ),
    ],
};
