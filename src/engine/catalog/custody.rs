//! C04 and the steps 6 to 8 of C06: a subkey's secret is put where its
//! consumer finds it, made current, and taken away again.

use super::{CERTIFICATE, PEOPLE, PLAN};
use crate::domain::custody::Held;
use crate::domain::workspace::Role;
use crate::engine::definition::{
    Ceremony, Class, Field, FieldKind, Input, Keep, Kind, Source, Step,
};
use crate::engine::effect::EffectKind;

const FINGERPRINT: Source = Source::Fact("key.certificate");
const SUBKEY: Source = Source::Fact("parcel.subkey");
const PARCEL: Source = Source::Fact("parcel.medium");
const PARCEL_ID: Source = Source::Fact("enroll-parcel.id");
const PLACE: Source = Source::Fact("look.place");
const GUARD: Source = Source::Fact("look.guard");
const RECIPIENTS: Source = Source::Optional("card.recipients");
const EACH: &str = "where.slots";
const ROLES: &[Role] = &[Role::OnlineOperator, Role::Witness, Role::KeyHolder];

const MACHINE: Step = Step::new(
    "machine",
    "Look at the machine",
    "It has a network, so that it must have no medium with a primary key; what it holds in memory \
     must not reach a disk.",
    Kind::Check,
)
.online()
.command("swapon --show; ulimit -c; date -u; findmnt --real");

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
    "For whom it was made, and to whom it is sealed. None of its files may be readable without a \
     key.",
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
    ("slots", Source::Fact(EACH)),
];

const SLOTS: &[Field] = &[Field {
    id: "slots",
    label: "The slots",
    help: "those of its consumer in keyrite.toml, separated by commas",
    kind: FieldKind::Slots("card.consumer"),
}];

const fn look(inputs: &'static [Input]) -> Step {
    Step::new(
        "look",
        "Look at the place",
        "Whether it is the one that is declared, by what it says of itself: account, region, \
         number, cluster. What is there is seen without its secret.",
        Kind::Verify(EffectKind::LookAtSlot, inputs),
    )
    .online()
    .each(EACH)
}

const fn agree(subkey: &'static [Source]) -> Step {
    Step::new(
        "agree",
        "Agree to this place",
        "Its name is typed, so that nobody takes another one for it.",
        Kind::Confirm(Class::C4, subkey),
    )
    .online()
    .each(EACH)
}

pub(super) static UPLOAD: Ceremony = Ceremony {
    id: "custody-upload",
    version: 1,
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
    next: "publication, if the certificate with this subkey is not published yet; after the time \
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
             not written twice.",
            Kind::Perform(
                EffectKind::PutPending,
                &[
                    ("slot", Source::Item),
                    ("place", PLACE),
                    ("guard", GUARD),
                    ("medium", PARCEL),
                    ("medium_id", PARCEL_ID),
                    ("subkey", SUBKEY),
                    ("fingerprint", FINGERPRINT),
                    ("recipients", RECIPIENTS),
                ],
            ),
        )
        .online()
        .irreversible()
        .each(EACH),
        Step::new(
            "written",
            "Look at the machine again",
            "All slots are written. They are proved together: what signs needs its passphrase, too.",
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
                    ("version", Source::Fact("put.version")),
                    ("medium", PARCEL),
                    ("medium_id", PARCEL_ID),
                    ("subkey", SUBKEY),
                    ("fingerprint", FINGERPRINT),
                    ("recipients", RECIPIENTS),
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

const WHO: &[Field] = &[Field {
    id: "consumer",
    label: "The consumer",
    help: "one of keyrite.toml that has slots",
    kind: FieldKind::Signer,
}];

const WHICH: &[Field] = &[
    Field {
        id: "subkey",
        label: "The subkey",
        help: "one that is in the consumer's slots, by the record",
        kind: FieldKind::Placed("key.consumer"),
    },
    Field {
        id: "slots",
        label: "The slots",
        help: "those of the consumer, separated by commas",
        kind: FieldKind::Slots("key.consumer"),
    },
];

const CONSUMER: Step = Step::new(
    "key",
    "Which consumer",
    "One subkey signs for one consumer at a time.",
    Kind::Ask(WHO),
);

const MOVED: Source = Source::Fact("where.subkey");

pub(super) static PROMOTE: Ceremony = Ceremony {
    id: "custody-promote",
    version: 1,
    title: "Let a consumer sign with its new subkey",
    purpose: "What is pending in the slots becomes current, in one step for each of them. What was \
              current stays there and can come back.",
    needs: &[
        "the machine with the network, and access to the slots",
        "the certificate with the new subkey, published for as long as the rules want",
        "for slots that are written once more: the medium with the parcel",
    ],
    changes: "The consumer signs with the new subkey. The one before is in its slots as previous.",
    given_up: "Each slot is either promoted or as it was; the record says which. The consumer may \
               not find a key and a passphrase that fit: go on, or promote the one before again.",
    next: "Look at what the consumer signs first; write the new subkey and progress = \"active\" \
           into keyrite.toml; when it has signed for a while, custody-retire for the one before.",
    roles: ROLES,
    keeps: &[],
    loses: &[],
    steps: &[
        PEOPLE,
        MACHINE,
        CONSUMER,
        Step::new(
            "where",
            "Which subkey, in which slots",
            "Where the key and its passphrase stand in two slots, both.",
            Kind::Ask(WHICH),
        )
        .online(),
        look(&[("slot", Source::Item), ("subkey", MOVED), ("for", Source::Text("promote"))]),
        Step::new(
            "again",
            "The parcel, for places that are written once more",
            "Their user finds the secret under one name only, and nobody can read it there.",
            Kind::Ask(&[Field {
                id: "medium",
                label: "Medium with the parcel",
                help: "where it is mounted",
                kind: FieldKind::Medium,
            }]),
        )
        .online()
        .each(EACH)
        .only_if("look.at_once", ""),
        Step::new(
            "enroll-parcel",
            "Recognise the medium of the parcel",
            "By the random name that it was given.",
            Kind::Perform(
                EffectKind::EnrollMedium,
                &[("path", Source::Fact("again.medium")), ("holds", Source::Text("parcel"))],
            ),
        )
        .online()
        .each(EACH)
        .only_if("look.at_once", ""),
        Step::new(
            "card",
            "Read what stands on the parcel",
            "To whom it is sealed.",
            Kind::Verify(
                EffectKind::ReadParcel,
                &[
                    ("medium", Source::Fact("again.medium")),
                    ("medium_id", PARCEL_ID),
                    ("subkey", MOVED),
                ],
            ),
        )
        .online()
        .each(EACH)
        .only_if("look.at_once", ""),
        PLAN,
        agree(&[MOVED, PLACE]),
        Step::new(
            "promote",
            "Make it current",
            "From here on the consumer signs with it.",
            Kind::Perform(
                EffectKind::Promote,
                &[
                    ("slot", Source::Item),
                    ("place", PLACE),
                    ("guard", GUARD),
                    ("version", Source::Fact("look.version")),
                    ("subkey", MOVED),
                    ("fingerprint", Source::Fact("look.certificate")),
                    ("at_once", Source::Optional("look.at_once")),
                    ("medium", Source::Optional("again.medium")),
                    ("medium_id", Source::Optional("enroll-parcel.id")),
                    ("recipients", RECIPIENTS),
                ],
            ),
        )
        .online()
        .irreversible()
        .each(EACH),
        Step::new(
            "check",
            "See that it is current",
            "The place itself says so.",
            Kind::Verify(
                EffectKind::ProveCurrent,
                &[
                    ("slot", Source::Item),
                    ("place", PLACE),
                    ("version", Source::Fact("promote.version")),
                    ("subkey", MOVED),
                ],
            ),
        )
        .online()
        .each(EACH),
    ],
};

pub(super) static RETIRE: Ceremony = Ceremony {
    id: "custody-retire",
    version: 1,
    title: "Take a subkey's secret out of its slots",
    purpose: "A secret that nobody needs any more can only leak. The public part stays published \
              for ever.",
    needs: &[
        "the machine with the network, and access to the slots",
        "the successor, current in these slots, having signed for as long as the rules want",
    ],
    changes: "The slots do not have this subkey's secret any more.",
    given_up: "Each slot has it still, or not; the record says which. Begin again for the rest.",
    next: "Destroy the parcel, if it is not kept for a reason that is on record. The certificate \
           stays published, with this subkey.",
    roles: ROLES,
    keeps: &[],
    loses: &[],
    steps: &[
        PEOPLE,
        MACHINE,
        CONSUMER,
        Step::new(
            "where",
            "Which subkey, from which slots",
            "The one that is current cannot be taken away: its consumer would have none.",
            Kind::Ask(WHICH),
        )
        .online(),
        look(&[("slot", Source::Item), ("subkey", MOVED), ("for", Source::Text("retire"))]),
        PLAN,
        agree(&[MOVED, PLACE]),
        Step::new(
            "retire",
            "Take it away",
            "It cannot come back from there.",
            Kind::Perform(
                EffectKind::Retire,
                &[("slot", Source::Item), ("place", PLACE), ("subkey", MOVED)],
            ),
        )
        .online()
        .irreversible()
        .each(EACH),
        Step::new(
            "gone",
            "See that it is gone",
            "The place itself says so.",
            Kind::Verify(
                EffectKind::ProveAbsent,
                &[("slot", Source::Item), ("place", PLACE), ("subkey", MOVED)],
            ),
        )
        .online()
        .each(EACH),
        Step::new(
            "parcel",
            "What became of the parcel",
            "It has the same secret.",
            Kind::Attest(&[Field {
                id: "parcel",
                label: "The parcel of this subkey",
                help: "destroyed, by two people; kept, for a reason that a note (i) says; none",
                kind: FieldKind::Word(&["destroyed", "kept", "none"]),
            }]),
        ),
    ],
};
