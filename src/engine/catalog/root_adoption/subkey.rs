//! The subkey that signs in the place of the primary key.

use super::{A, A_ID, CERTIFICATE, FINGERPRINT, ISSUED, SUBKEY};
use crate::domain::workspace::Role;
use crate::engine::catalog::two_media::{B, B_ID};
use crate::engine::definition::{Class, Field, FieldKind, Kind, Source, Step, Until};
use crate::engine::effect::EffectKind;

const PARCEL: Source = Source::Fact("parcel.parcel");
const PARCEL_ID: Source = Source::Fact("enroll-parcel.id");
const KEEPER: Source = Source::Fact("parcel.holder_medium");
const KEEPER_ID: Source = Source::Fact("enroll-keeper.id");

const WHAT: &[Field] = &[
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
        kind: FieldKind::SubkeyLife("look.ends"),
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

const WAYS: &[Field] = &[
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
];

pub(super) const SPEC: Step = Step::new(
    "spec",
    "What the new subkey is to be",
    "One subkey for one consumer, so that one can be revoked without the others: CAP-005.",
    Kind::Ask(WHAT),
)
.offline();

pub(super) const MEDIA: Step = Step::new(
    "parcel",
    "Media of the new subkey",
    "The parcel travels, the revocation certificate stays with its holder, the root goes \
     back into its place: three ways, three media.",
    Kind::Ask(WAYS),
)
.offline();

pub(super) const ENROLL_PARCEL: Step = Step::new(
    "enroll-parcel",
    "Name the medium of the parcel",
    "It must be another device than that of the primary key.",
    Kind::Perform(
        EffectKind::EnrollMedium,
        &[
            ("path", PARCEL),
            ("holds", Source::Text("parcel")),
            ("not", A_ID),
            ("not_device", Source::Fact("enroll-a.device")),
            ("nor_device", Source::Fact("enroll-b.device")),
        ],
    ),
)
.offline();

pub(super) const ENROLL_KEEPER: Step = Step::new(
    "enroll-keeper",
    "Name the medium of the subkey's revocation",
    "It must be another device than that of the primary key: REV-005.",
    Kind::Perform(
        EffectKind::EnrollMedium,
        &[
            ("path", KEEPER),
            ("holds", Source::Text("revocation")),
            ("not", A_ID),
            ("not_device", Source::Fact("enroll-a.device")),
            ("nor_device", Source::Fact("enroll-b.device")),
        ],
    ),
)
.offline();

pub(super) const ISSUE: Step = Step::new(
    "issue",
    "Make the subkey and its parcel",
    "The primary key is opened, binds the subkey, and is closed. The very bytes of the \
     parcel sign once, and that is verified with the certificate alone.",
    Kind::Perform(
        EffectKind::IssueSubkey,
        &[
            ("root", A),
            ("root_id", A_ID),
            ("fingerprint", FINGERPRINT),
            ("certificate", CERTIFICATE),
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
.offline();

pub(super) const AWAY: Step = Step::new(
    "away-parcel",
    "Take the medium of the parcel out",
    "What was only in a cache is not on the medium.",
    Kind::Wait(Until::Away(PARCEL)),
)
.offline();

pub(super) const BACK: Step = Step::new(
    "back-parcel",
    "Put the medium of the parcel back",
    "It must be the same one.",
    Kind::Wait(Until::Back { path: PARCEL, id: PARCEL_ID }),
)
.offline();

pub(super) const CHECK: Step = Step::new(
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
.command("gpg --list-packets parcel/*.key.pgp");

pub(super) const KEEP_REVOCATION: Step = Step::new(
    "keep-subkey-revocation",
    "Make the subkey's revocation certificate",
    "A secret in CI leaks sooner than one in a safe. This ends the subkey without opening \
     the root.",
    Kind::Perform(
        EffectKind::KeepRevocation,
        &[
            ("root", A),
            ("root_id", A_ID),
            ("fingerprint", FINGERPRINT),
            ("certificate", ISSUED),
            ("subkey", SUBKEY),
            ("holder", Source::Fact("parcel.holder")),
            ("medium", KEEPER),
            ("medium_id", KEEPER_ID),
        ],
    ),
)
.offline();

pub(super) const READ_KEEPER: Step = Step::new(
    "read-keeper",
    "Read the revocation certificate again",
    "One that cannot be read is none.",
    Kind::Verify(
        EffectKind::ReadBack,
        &[("medium", KEEPER), ("medium_id", KEEPER_ID), ("fingerprint", FINGERPRINT)],
    ),
)
.offline();

pub(super) const COMPARE: Step = Step::new(
    "fingerprint",
    "Compare the fingerprint of the subkey",
    "From here on the subkey is real, and people will trust what it signs.",
    Kind::Confirm(Class::C3, &[SUBKEY]),
);

pub(super) const ADOPT: Step = Step::new(
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
.irreversible();

pub(super) const RENEW_A: Step = Step::new(
    "renew-a",
    "Write the certificate to medium A",
    "So that the next ceremony knows the new subkey.",
    Kind::Perform(
        EffectKind::WriteCertificate,
        &[
            ("medium", A),
            ("medium_id", A_ID),
            ("fingerprint", FINGERPRINT),
            ("certificate", ISSUED),
        ],
    ),
)
.offline();

pub(super) const RENEW_B: Step = Step::new(
    "renew-b",
    "Write the certificate to medium B",
    "So that the next ceremony knows the new subkey.",
    Kind::Perform(
        EffectKind::WriteCertificate,
        &[
            ("medium", B),
            ("medium_id", B_ID),
            ("fingerprint", FINGERPRINT),
            ("certificate", ISSUED),
        ],
    ),
)
.offline();

pub(super) const SHEET: Step = Step::new(
    "sheet",
    "Write the sheet to print",
    "Paper does not change when a server does: fingerprint in digits, words and as a QR \
     code.",
    Kind::Perform(EffectKind::WriteSheet, &[("fingerprint", FINGERPRINT), ("certificate", ISSUED)]),
);
