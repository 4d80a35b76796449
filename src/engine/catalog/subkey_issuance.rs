//! C03: a signing subkey for one consumer, and the parcel with its secret.

use super::{CERTIFICATE, MACHINE, PEOPLE, PLAN, ROOT_MEDIUM};
use crate::domain::custody::Held;
use crate::domain::workspace::Role;
use crate::engine::definition::{
    Ceremony, Class, Field, FieldKind, Keep, Kind, Source, Step, Until,
};
use crate::engine::effect::EffectKind;

const ROOT: Source = Source::Fact("key.root");
const ROOT_ID: Source = Source::Fact("enroll-root.id");
const FINGERPRINT: Source = Source::Fact("key.certificate");
const MERGED: Source = Source::Fact("merge.certificate");
const PARCEL: Source = Source::Fact("media.parcel");
const PARCEL_ID: Source = Source::Fact("enroll-parcel.id");
const HOLDER: Source = Source::Fact("media.holder_medium");
const HOLDER_ID: Source = Source::Fact("enroll-holder.id");
const SUBKEY: Source = Source::Fact("issue.subkey");
const ISSUED: Source = Source::Fact("issue.certificate");
const SECOND: Source = Source::Fact("second.path");

const KEY: &[Field] = &[CERTIFICATE, ROOT_MEDIUM];

const SPEC: &[Field] = &[
    Field {
        id: "consumer",
        label: "Consumer",
        help: "who will sign with it: one that is declared, or a new name such as ci-linux",
        kind: FieldKind::Consumer,
    },
    Field {
        id: "algorithm",
        label: "Algorithm",
        help: "one that the rules allow and that all verifiers know",
        kind: FieldKind::Algorithm,
    },
    Field {
        id: "ends",
        label: "How long it lives",
        help: "a period (1y) or a day; its primary key must outlive it",
        kind: FieldKind::SubkeyLife("key.certificate"),
    },
    Field {
        id: "form",
        label: "Form of the primary key beside it",
        help: "gnu-dummy: what GnuPG wants; public-primary: for programs that refuse GnuPG's mark",
        kind: FieldKind::Word(&["gnu-dummy", "public-primary"]),
    },
    Field {
        id: "recipients",
        label: "To whom the parcel is encrypted",
        help: "people of the roster with a certificate; none: a passphrase",
        kind: FieldKind::Recipients,
    },
];

const MEDIA: &[Field] = &[
    Field {
        id: "parcel",
        label: "Medium for the parcel",
        help: "where it is mounted; it goes to the online machine, so never one with the root",
        kind: FieldKind::Medium,
    },
    Field {
        id: "holder",
        label: "Who keeps the subkey's revocation certificate",
        help: "somebody of the roster with the role revocation-holder",
        kind: FieldKind::Person(Role::RevocationHolder),
    },
    Field {
        id: "holder_medium",
        label: "Medium for the revocation certificate",
        help: "where it is mounted; never one with the root",
        kind: FieldKind::Medium,
    },
    Field {
        id: "second",
        label: "Is the other medium with the primary key here, too",
        help: "yes: its certificate is renewed as well; no: the next drill will tell",
        kind: FieldKind::Word(&["no", "yes"]),
    },
];

const NOT_ROOT: &[(&str, Source)] = &[
    ("path", PARCEL),
    ("holds", Source::Text("parcel")),
    ("not", ROOT_ID),
    ("not_device", Source::Fact("enroll-root.device")),
];

pub(super) static CEREMONY: Ceremony = Ceremony {
    id: "subkey-issuance",
    version: 2,
    title: "Issue a signing subkey",
    purpose: "A subkey with which one consumer signs, bound by the offline primary key, and a \
              sealed parcel that carries its secret to the online machine.",
    needs: &[
        "a machine without a network, with the newest workspace",
        "one medium with the primary key, and its passphrase",
        "a medium for the parcel, and one for the subkey's revocation certificate",
    ],
    changes: "The certificate of the workspace has one more subkey. A parcel with its secret. A \
              revocation certificate for it.",
    given_up: "Before the certificate is in the workspace: the subkey is void, because nobody gets \
               a certificate with it; destroy the parcel and the subkey's revocation certificate. \
               Where the parcel may be in other hands, do not give up: go on until the \
               certificate is in the workspace, and end the subkey with subkey-revocation. \
               Afterwards: the subkey is real; use it, or end it with subkey-revocation.",
    next: "custody-upload puts the secret where the consumer finds it, pending; publication \
           publishes the certificate, and a month later the consumer signs with it.",
    roles: &[Role::Administrator, Role::Witness, Role::KeyHolder, Role::RevocationHolder],
    keeps: &[
        Keep::new(Held::Root, "issue", FINGERPRINT, ROOT_ID),
        Keep::new(Held::Parcel, "check-parcel", SUBKEY, PARCEL_ID),
        Keep::new(Held::Revocation, "read-holder", SUBKEY, HOLDER_ID)
            .held_by(Source::Fact("media.holder")),
    ],
    loses: &[],
    steps: &[
        PEOPLE,
        MACHINE,
        Step::new(
            "key",
            "Which key issues it",
            "The workspace must be the newest: what was published since counts, too.",
            Kind::Ask(KEY),
        )
        .offline(),
        Step::new(
            "enroll-root",
            "Recognise the medium with the primary key",
            "By the random name that it was given.",
            Kind::Perform(
                EffectKind::EnrollMedium,
                &[("path", ROOT), ("holds", Source::Text("root"))],
            ),
        )
        .offline(),
        Step::new(
            "merge",
            "Compare the certificates",
            "A self-signature or subkey that nobody accounts for means that somebody else used the \
             primary key: then the ceremony stops.",
            Kind::Verify(
                EffectKind::MergeCertificate,
                &[("medium", ROOT), ("medium_id", ROOT_ID), ("fingerprint", FINGERPRINT)],
            ),
        )
        .offline(),
        Step::new(
            "spec",
            "What the subkey is to be",
            "One subkey for one consumer, so that one can be revoked without the others: CAP-005.",
            Kind::Ask(SPEC),
        )
        .offline(),
        Step::new(
            "media",
            "Put in the media",
            "The parcel travels, the revocation certificate stays with its holder, the root goes \
             back into its place: three ways, three media.",
            Kind::Ask(MEDIA),
        )
        .offline(),
        Step::new(
            "second",
            "The other medium",
            "So that both know the new subkey.",
            Kind::Ask(&[Field {
                id: "path",
                label: "The other medium with the primary key",
                help: "where it is mounted",
                kind: FieldKind::Medium,
            }]),
        )
        .offline()
        .only_if("media.second", "yes"),
        Step::new(
            "enroll-parcel",
            "Name the medium of the parcel",
            "It must be another device than that of the primary key.",
            Kind::Perform(EffectKind::EnrollMedium, NOT_ROOT),
        )
        .offline(),
        Step::new(
            "enroll-holder",
            "Name the medium of the holder",
            "It must be another device than that of the primary key: REV-005.",
            Kind::Perform(
                EffectKind::EnrollMedium,
                &[
                    ("path", HOLDER),
                    ("holds", Source::Text("revocation")),
                    ("not", ROOT_ID),
                    ("not_device", Source::Fact("enroll-root.device")),
                ],
            ),
        )
        .offline(),
        Step::new(
            "enroll-second",
            "Recognise the other medium",
            "It must be another one than the first.",
            Kind::Perform(
                EffectKind::EnrollMedium,
                &[
                    ("path", SECOND),
                    ("holds", Source::Text("root")),
                    ("not", ROOT_ID),
                    ("not_device", Source::Fact("enroll-root.device")),
                ],
            ),
        )
        .offline()
        .only_if("media.second", "yes"),
        PLAN,
        Step::new(
            "agree",
            "Agree to the plan",
            "Read it aloud and compare its digest.",
            Kind::Confirm(Class::C2, &[Source::Fact("plan.digest")]),
        )
        .offline(),
        Step::new(
            "issue",
            "Make the subkey and its parcel",
            "The primary key is opened, binds the subkey, and is closed. The very bytes of the \
             parcel sign once, and that is verified with the certificate alone.",
            Kind::Perform(
                EffectKind::IssueSubkey,
                &[
                    ("root", ROOT),
                    ("root_id", ROOT_ID),
                    ("fingerprint", FINGERPRINT),
                    ("certificate", MERGED),
                    ("consumer", Source::Fact("spec.consumer")),
                    ("algorithm", Source::Fact("spec.algorithm")),
                    ("ends", Source::Fact("spec.ends")),
                    ("form", Source::Fact("spec.form")),
                    ("recipients", Source::Optional("spec.recipients")),
                    ("medium", PARCEL),
                    ("medium_id", PARCEL_ID),
                ],
            ),
        )
        .offline(),
        Step::new(
            "away-parcel",
            "Take the medium of the parcel out",
            "What was only in a cache is not on the medium.",
            Kind::Wait(Until::Away(PARCEL)),
        )
        .offline(),
        Step::new(
            "back-parcel",
            "Put the medium of the parcel back",
            "It must be the same one.",
            Kind::Wait(Until::Back { path: PARCEL, id: PARCEL_ID }),
        )
        .offline(),
        Step::new(
            "check-parcel",
            "Look at the parcel",
            "Its files are what was made, and none of them is readable without its key.",
            Kind::Verify(
                EffectKind::CheckParcel,
                &[
                    ("medium", PARCEL),
                    ("medium_id", PARCEL_ID),
                    ("subkey", SUBKEY),
                    ("digest", Source::Fact("issue.digest")),
                ],
            ),
        )
        .offline()
        .command("gpg --list-packets parcel/*.key.pgp"),
        Step::new(
            "keep-revocation",
            "Make the subkey's revocation certificate",
            "A secret in CI leaks sooner than one in a safe. This ends the subkey without opening \
             the root.",
            Kind::Perform(
                EffectKind::KeepRevocation,
                &[
                    ("root", ROOT),
                    ("root_id", ROOT_ID),
                    ("fingerprint", FINGERPRINT),
                    ("certificate", ISSUED),
                    ("subkey", SUBKEY),
                    ("holder", Source::Fact("media.holder")),
                    ("medium", HOLDER),
                    ("medium_id", HOLDER_ID),
                ],
            ),
        )
        .offline(),
        Step::new(
            "read-holder",
            "Read the revocation certificate again",
            "One that cannot be read is none.",
            Kind::Verify(
                EffectKind::ReadBack,
                &[("medium", HOLDER), ("medium_id", HOLDER_ID), ("fingerprint", FINGERPRINT)],
            ),
        )
        .offline(),
        Step::new(
            "fingerprint",
            "Compare the fingerprint of the subkey",
            "From here on the subkey is real, and people will trust what it signs.",
            Kind::Confirm(Class::C3, &[SUBKEY]),
        ),
        Step::new(
            "adopt",
            "Bring the certificate into the workspace",
            "What is in the workspace gets published. It is looked through for secret packets \
             first.",
            Kind::Perform(
                EffectKind::AdoptCertificate,
                &[
                    ("fingerprint", FINGERPRINT),
                    ("certificate", ISSUED),
                    ("consumer", Source::Fact("spec.consumer")),
                    ("subkey", SUBKEY),
                ],
            ),
        )
        .irreversible(),
        Step::new(
            "renew-root",
            "Write the certificate to the medium of the root",
            "So that the next ceremony knows what this one made. Not before the workspace has it: \
             a run that is given up leaves nothing of its subkey on the root.",
            Kind::Perform(
                EffectKind::WriteCertificate,
                &[
                    ("medium", ROOT),
                    ("medium_id", ROOT_ID),
                    ("fingerprint", FINGERPRINT),
                    ("certificate", ISSUED),
                ],
            ),
        )
        .offline(),
        Step::new(
            "renew-second",
            "Write the certificate to the other medium",
            "So that both are the same.",
            Kind::Perform(
                EffectKind::WriteCertificate,
                &[
                    ("medium", SECOND),
                    ("medium_id", Source::Fact("enroll-second.id")),
                    ("fingerprint", FINGERPRINT),
                    ("certificate", ISSUED),
                ],
            ),
        )
        .offline()
        .only_if("media.second", "yes"),
    ],
};
