//! What revoking a subkey and revoking a certificate have in common.

use super::{MACHINE, ROOT_MEDIUM};
use crate::engine::definition::{Field, FieldKind, Kind, Source, Step};
use crate::engine::effect::EffectKind;

const KEPT: (&str, &str) = ("way.way", "kept");
const MADE: (&str, &str) = ("way.way", "made");
const FINGERPRINT: Source = Source::Fact("key.certificate");
const SUBKEY: Source = Source::Optional("subkey.subkey");
const EXPORT: Source = Source::Fact("export.path");
const EXPORT_ID: Source = Source::Fact("enroll-export.id");

pub(super) const WAY: Step = Step::new(
    "way",
    "Where the revocation comes from",
    "A kept one needs no primary key, and is hard: all signatures are void, also the good ones. \
     For a key that is only replaced a new one is made.",
    Kind::Ask(&[Field {
        id: "way",
        label: "Kept or made",
        help: "kept: from the medium of a holder; made: now, with the primary key",
        kind: FieldKind::Word(&["kept", "made"]),
    }]),
);

pub(super) const KEPT_FILE: Step = Step::new(
    "kept",
    "The kept revocation certificate",
    "Its armor is broken so that nothing imports it by mistake; here it is mended in memory.",
    Kind::Ask(&[Field {
        id: "file",
        label: "The file",
        help: "on the holder's medium: /media/anna/HOLDER/keyrite/.../revocation-....txt",
        kind: FieldKind::File,
    }]),
)
.only_if(KEPT.0, KEPT.1);

pub(super) const LOOK: Step = MACHINE.only_if(MADE.0, MADE.1);

pub(super) const REASON: Step = Step::new(
    "reason",
    "Why, and with which medium",
    "compromised: all signatures are void; superseded and retired: only later ones. gpg reports \
     all of them as revoked and exits with 0.",
    Kind::Ask(&[
        Field {
            id: "reason",
            label: "Reason",
            help: "compromised, superseded by another key, or retired",
            kind: FieldKind::Word(&["compromised", "superseded", "retired"]),
        },
        Field {
            id: "message",
            label: "What everybody will read",
            help: "it stands in the signature for ever; no names",
            kind: FieldKind::Text { required: false },
        },
        ROOT_MEDIUM,
    ]),
)
.offline()
.only_if(MADE.0, MADE.1);

pub(super) const EXPORT_MEDIUM: Step = Step::new(
    "export",
    "Where the revoked certificate goes",
    "To the machine from which it is published.",
    Kind::Ask(&[Field {
        id: "path",
        label: "Medium for the revoked certificate",
        help: "where it is mounted; never one with the primary key",
        kind: FieldKind::Medium,
    }]),
);

pub(super) const ENROLL_ROOT: Step = Step::new(
    "enroll-root",
    "Recognise the medium with the primary key",
    "By the random name that it was given.",
    Kind::Perform(
        EffectKind::EnrollMedium,
        &[("path", Source::Fact("reason.root")), ("holds", Source::Text("root"))],
    ),
)
.offline()
.only_if(MADE.0, MADE.1);

pub(super) const ENROLL_EXPORT: Step = Step::new(
    "enroll-export",
    "Name the medium",
    "It must not be the one with the primary key.",
    Kind::Perform(
        EffectKind::EnrollMedium,
        &[
            ("path", EXPORT),
            ("holds", Source::Text("certificate")),
            ("not", Source::Optional("enroll-root.id")),
            ("not_device", Source::Optional("enroll-root.device")),
        ],
    ),
);

pub(super) const APPLY: Step = Step::new(
    "apply",
    "Try the kept revocation on a copy",
    "It must be for this key, by this key, and with the reason that it says.",
    Kind::Verify(
        EffectKind::ApplyRevocation,
        &[("file", Source::Fact("kept.file")), ("fingerprint", FINGERPRINT), ("subkey", SUBKEY)],
    ),
)
.only_if(KEPT.0, KEPT.1);

pub(super) const REVOKE: Step = Step::new(
    "revoke",
    "Make the revocation, and try it on a copy",
    "It is made inside this run, because a soft one holds from the moment it is made.",
    Kind::Perform(
        EffectKind::Revoke,
        &[
            ("root", Source::Fact("reason.root")),
            ("root_id", Source::Fact("enroll-root.id")),
            ("fingerprint", FINGERPRINT),
            ("subkey", SUBKEY),
            ("reason", Source::Fact("reason.reason")),
            ("message", Source::Optional("reason.message")),
        ],
    ),
)
.offline()
.only_if(MADE.0, MADE.1);

const fn adopt(
    id: &'static str,
    from: &'static [(&'static str, Source)],
    way: (&'static str, &'static str),
) -> Step {
    Step::new(
        id,
        "Bring the revoked certificate into the workspace",
        "From here on the workspace says that it is revoked, and every publication will. Nothing \
         takes it back.",
        Kind::Perform(EffectKind::AdoptCertificate, from),
    )
    .irreversible()
    .only_if(way.0, way.1)
}

pub(super) const ADOPT_KEPT: Step = adopt(
    "adopt-kept",
    &[("fingerprint", FINGERPRINT), ("certificate", Source::Fact("apply.certificate"))],
    KEPT,
);

pub(super) const ADOPT_MADE: Step = adopt(
    "adopt-made",
    &[("fingerprint", FINGERPRINT), ("certificate", Source::Fact("revoke.certificate"))],
    MADE,
);

const fn write(
    id: &'static str,
    inputs: &'static [(&'static str, Source)],
    way: (&'static str, &'static str),
) -> Step {
    Step::new(
        id,
        "Write the revoked certificate to the medium",
        "Publish it first and everywhere: a revocation that nobody sees protects nobody.",
        Kind::Perform(EffectKind::WriteCertificate, inputs),
    )
    .only_if(way.0, way.1)
}

pub(super) const WRITE_KEPT: Step = write(
    "write-kept",
    &[
        ("medium", EXPORT),
        ("medium_id", EXPORT_ID),
        ("fingerprint", FINGERPRINT),
        ("certificate", Source::Fact("apply.certificate")),
    ],
    KEPT,
);

pub(super) const WRITE_MADE: Step = write(
    "write-made",
    &[
        ("medium", EXPORT),
        ("medium_id", EXPORT_ID),
        ("fingerprint", FINGERPRINT),
        ("certificate", Source::Fact("revoke.certificate")),
    ],
    MADE,
);
