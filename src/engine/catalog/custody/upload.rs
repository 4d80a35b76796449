//! C04: a subkey's secret is put where its consumer finds it, pending.

use super::super::{CERTIFICATE, PEOPLE, PLAN};
use super::{
    DECLARED, EACH, FINGERPRINT, GUARD, MACHINE, PARCEL, PARCEL_ID, PLACE, RECIPIENTS, ROLES,
    SEALED, SUBKEY, agree, look,
};
use crate::domain::custody::Held;
use crate::domain::workspace::Role;
use crate::engine::definition::{Ceremony, Field, FieldKind, Input, Keep, Kind, Source, Step};
use crate::engine::effect::EffectKind;

const PARCELS: &[Field] = &[
    Field {
        id: "subkey",
        label: "The subkey",
        help: "its whole fingerprint",
        kind: FieldKind::Subkey("key.certificate"),
    },
    Field {
        id: "medium",
        label: "Medium with the parcel",
        help: "where it is mounted, such as /media/anna/PARCEL",
        kind: FieldKind::Medium,
    },
];

const KEY: Step = Step::new(
    "key",
    "Which certificate",
    "The newest one, as it is in the workspace: what is put into slots is proved with it.",
    Kind::Ask(&[CERTIFICATE]),
);

const ENROLL: Step = Step::new(
    "enroll-parcel",
    "Recognise the medium of the parcel",
    "By the random name that it was given.",
    Kind::Perform(EffectKind::EnrollMedium, &[("path", PARCEL), ("holds", Source::Text("parcel"))]),
)
.online();

const CARD: Step = Step::new(
    "card",
    "Read what stands on the parcel",
    "For whom it was made, and to whom it is sealed: the record must say the same. None of its \
     files may be readable without a key, and only these files are opened later.",
    Kind::Verify(
        EffectKind::ReadParcel,
        &[("medium", PARCEL), ("medium_id", PARCEL_ID), ("subkey", SUBKEY)],
    ),
)
.online()
.command("gpg --list-packets keyrite/parcel-*/*.key.pgp");

const OPEN: Step = Step::new(
    "open",
    "Open the parcel in memory",
    "One secret subkey, the right one, and no other secret: that is seen packet by packet. It \
     signs with these very bytes, and what each slot is to hold is not too long for it.",
    Kind::Verify(EffectKind::OpenParcel, OPENING),
)
.online();

const OPENING: &[Input] = &[
    ("medium", PARCEL),
    ("medium_id", PARCEL_ID),
    ("subkey", SUBKEY),
    ("fingerprint", FINGERPRINT),
    ("recipients", RECIPIENTS),
    ("sealed", SEALED),
    ("slots", Source::Fact(EACH)),
];

const SLOTS: &[Field] = &[Field {
    id: "slots",
    label: "The slots",
    help: "those of its consumer in keyrite.toml",
    kind: FieldKind::Slots("card.consumer"),
}];

pub(in super::super) static CEREMONY: Ceremony = Ceremony {
    id: "custody-upload",
    version: 2,
    title: "Put a subkey's secret into its slots",
    purpose: "The parcel is opened in memory, and what each slot is to hold is written there, \
              pending: its consumer goes on with the key that it has. What was written is read \
              back and signs.",
    needs: &[
        "the machine with the network, and access to the slots",
        "the medium with the parcel, and its passphrase or the key it is sealed to",
        "the newest workspace, with the new subkey in the certificate",
    ],
    changes: "Each slot has a pending version. Nobody uses it before custody-promote.",
    given_up: "What was written is pending, and nobody uses it: take it away with custody-retire. \
               The parcel is as it was. If something was written to a wrong place, treat the \
               subkey as compromised.",
    next: "Publish the certificate with this subkey, if it is not published yet; after the time \
           that the rules want, custody-promote.",
    roles: ROLES,
    keeps: &[
        Keep::new(Held::Parcel, "kept", SUBKEY, PARCEL_ID).held_by(Source::Fact("kept.holder"))
    ],
    loses: &[],
    steps: &[
        PEOPLE,
        MACHINE,
        KEY,
        Step::new(
            "parcel",
            "Put in the medium of the parcel",
            "The same that left the machine without a network, and no other medium.",
            Kind::Ask(PARCELS),
        )
        .online(),
        ENROLL,
        CARD,
        Step::new(
            "where",
            "Which slots",
            "All that its consumer needs: the key and its passphrase stand in different stores.",
            Kind::Ask(SLOTS),
        )
        .online(),
        OPEN,
        look(&[("slot", Source::Item), ("subkey", SUBKEY), ("for", Source::Text("put"))]),
        PLAN,
        agree(&[SUBKEY, PLACE]),
        Step::new(
            "put",
            "Write it, pending",
            "Under a random name that was written down before: after a lost answer the same is \
             not written twice. Nobody uses it yet, and custody-retire takes it away again.",
            Kind::Perform(
                EffectKind::PutPending,
                &[
                    ("slot", Source::Item),
                    ("place", PLACE),
                    ("declared", DECLARED),
                    ("guard", GUARD),
                    ("medium", PARCEL),
                    ("medium_id", PARCEL_ID),
                    ("subkey", SUBKEY),
                    ("fingerprint", FINGERPRINT),
                    ("recipients", RECIPIENTS),
                    ("sealed", SEALED),
                ],
            ),
        )
        .online()
        .each(EACH),
        Step::new(
            "written",
            "Look at the machine again",
            "All slots are written. They are proved together: what signs needs its passphrase, \
             too.",
            Kind::Check,
        )
        .online(),
        Step::new(
            "prove",
            "Read it back",
            "It must be the same, and what is there must sign: secrets that can be read are not \
             yet secrets that sign.",
            Kind::Verify(
                EffectKind::ProveSlot,
                &[
                    ("slot", Source::Item),
                    ("place", PLACE),
                    ("declared", DECLARED),
                    ("version", Source::Fact("put.version")),
                    ("medium", PARCEL),
                    ("medium_id", PARCEL_ID),
                    ("subkey", SUBKEY),
                    ("fingerprint", FINGERPRINT),
                    ("recipients", RECIPIENTS),
                    ("sealed", SEALED),
                ],
            ),
        )
        .online()
        .each(EACH),
        Step::new(
            "kept",
            "Who keeps the parcel",
            "Until the new subkey has signed for a while, the parcel is the way back.",
            Kind::Attest(&[Field {
                id: "holder",
                label: "Who keeps the medium with the parcel",
                help: "somebody of the roster with the role key-holder",
                kind: FieldKind::Person(Role::KeyHolder),
            }]),
        ),
    ],
};
