//! C11: a medium with the primary key is lost, or its passphrase.

use super::{CERTIFICATE, LOCATION, MACHINE, NUMBER, PEOPLE, PLAN, away, back, read};
use crate::domain::custody::Held;
use crate::domain::workspace::Role;
use crate::engine::definition::{
    Ceremony, Class, Field, FieldKind, Keep, Kind, Loss, Source, Step,
};
use crate::engine::effect::EffectKind;

const FINGERPRINT: Source = Source::Fact("key.certificate");
const LEFT: Source = Source::Fact("media.left");
const LEFT_ID: Source = Source::Fact("enroll-left.id");
const NEW: Source = Source::Fact("media.new");
const NEW_ID: Source = Source::Fact("enroll-new.id");
const DIGEST: Source = Source::Fact("restore.digest");
const MERGED: Source = Source::Fact("merge.certificate");
const WAY: &str = "judge.way";

const LOST: &[Field] = &[
    Field {
        id: "medium",
        label: "Which medium",
        help: "the number of its bag, or the beginning of its name; '-' where only the passphrase \
               is lost",
        kind: FieldKind::KnownMedium("key.certificate"),
    },
    Field {
        id: "how",
        label: "How it is lost",
        help: "damaged: it is here, was in its bag, and cannot be read; missing: it is not where it \
               should be, or somebody may have had it; passphrase: nobody knows that any more",
        kind: FieldKind::Word(&["damaged", "missing", "passphrase"]),
    },
    Field {
        id: "passphrase",
        label: "Can anybody else know the passphrase",
        help: "no: only those who should; maybe: it lay beside the medium, was seen, or is weak",
        kind: FieldKind::Word(&["no", "maybe"]),
    },
    Field {
        id: "left",
        label: "Is there another medium, and is its passphrase known",
        help: "yes: it is on the table, and somebody who is here can open it; no: there is none",
        kind: FieldKind::Word(&["yes", "no"]),
    },
];

const MEDIA: &[Field] = &[
    Field {
        id: "left",
        label: "The medium that is left",
        help: "where it is mounted, such as /media/anna/ROOT-B",
        kind: FieldKind::Medium,
    },
    Field {
        id: "new",
        label: "A new medium",
        help: "where it is mounted; blank, and of another make than the one that is left",
        kind: FieldKind::Medium,
    },
];

const KEPT: &[Field] = &[
    Field { id: "left_number", label: "Bag number of the medium that was left", ..NUMBER },
    Field { id: "left_location", label: "Code of its place", ..LOCATION },
    Field { id: "new_number", label: "Bag number of the new medium", ..NUMBER },
    Field {
        id: "new_location",
        label: "Code of its place",
        help: "a code, no address, and another place than that of the other one",
        kind: FieldKind::OtherPlace("left_location"),
    },
    Field {
        id: "old",
        label: "What becomes of the lost one, and of all others under the old passphrase",
        help: "destroyed, how, and who saw it; or: missing, and who was told to look for it",
        kind: FieldKind::Text { required: true },
    },
];

const DECIDED: &[Field] = &[Field {
    id: "decision",
    label: "What was decided, and by whom",
    help: "in a sentence: it stands in the record",
    kind: FieldKind::Text { required: true },
}];

/// Only where the key can go on.
const fn mending(step: Step) -> Step {
    step.offline().only_if("judge.mends", "yes")
}

pub(super) static CEREMONY: Ceremony = Ceremony {
    id: "lost-medium",
    version: 1,
    title: "Replace a lost medium",
    purpose: "A medium with the primary key that is damaged or missing is replaced from the one \
              that is left. Where the key cannot go on, this says so, and what is to be done.",
    needs: &[
        "the medium that is left, and its passphrase",
        "a blank medium of another make than that",
        "a machine without a network, with the newest workspace",
        "paper and pen: there will be a new passphrase if the lost medium may be in other hands",
    ],
    changes: "Two proved media with the primary key once more. If the lost one may be in other \
              hands, both have a new passphrase, and the key has to be replaced within ninety days. \
              The record stops counting on the lost one.",
    given_up: "The record counts on the lost medium no more. Before the new medium is proved the \
               one that is left is as it was: destroy the new one. Afterwards keep both. Hold \
               lost-medium again today: until then the record knows of one copy, or of none.",
    next: "Put both media into their places today. A damaged medium still holds the encrypted key: \
           destroy it. If the lost one may be in other hands: plan root-generation for a new key \
           within ninety days (CER-010 counts them); people have to be told of it first.",
    roles: &[Role::Administrator, Role::Witness, Role::KeyHolder],
    keeps: &[
        Keep::new(Held::Root, "prove-left", FINGERPRINT, LEFT_ID)
            .at("kept.left_number", "kept.left_location"),
        Keep::new(Held::Root, "prove-new", FINGERPRINT, NEW_ID)
            .at("kept.new_number", "kept.new_location"),
    ],
    loses: &[
        Loss {
            told: "judge",
            key: FINGERPRINT,
            media: Source::Fact("judge.gone"),
            exposed: false,
        },
        Loss {
            told: "judge",
            key: FINGERPRINT,
            media: Source::Fact("judge.exposed"),
            exposed: true,
        },
        Loss {
            told: "renew-left",
            key: FINGERPRINT,
            media: Source::Fact("judge.void"),
            exposed: false,
        },
    ],
    steps: &[
        PEOPLE,
        Step::new(
            "key",
            "Which key",
            "Each root has its media.",
            Kind::Ask(&[CERTIFICATE]),
        ),
        Step::new(
            "lost",
            "What is lost",
            "What is damaged has been in nobody's hands; what is missing may be in any. When in \
             doubt say the worse: it costs a new passphrase, and a mistake costs the key.",
            Kind::Ask(LOST),
        ),
        Step::new(
            "judge",
            "What follows from that",
            "By what was said and by what the record knows. From here on the record counts on the \
             lost medium no more, also if this run is given up.",
            Kind::Verify(
                EffectKind::JudgeLoss,
                &[
                    ("fingerprint", FINGERPRINT),
                    ("medium", Source::Fact("lost.medium")),
                    ("how", Source::Fact("lost.how")),
                    ("passphrase", Source::Fact("lost.passphrase")),
                    ("left", Source::Fact("lost.left")),
                ],
            ),
        ),
        Step::new(
            "compromised",
            "The key is compromised: decide",
            "Whoever has the medium and the passphrase can be this project: certify subkeys, change \
             the end, speak in its name. No new medium mends that. End the key today with \
             certificate-revocation and a kept revocation certificate, make a new one with \
             root-generation, issue new subkeys, sign again what was signed, and tell people by \
             ways that do not hang on this key.",
            Kind::Attest(DECIDED),
        )
        .only_if(WAY, "compromised"),
        Step::new(
            "nothing-left",
            "The primary key is gone: decide",
            "Nobody can make a subkey, put off an end, or revoke softly any more, and no program \
             can help. The subkeys that live sign until they end. Make a new key now with \
             root-generation; have its fingerprint signed with a subkey of this one that still \
             lives, and by people of the team. A kept revocation certificate is hard: it voids all \
             signatures that were ever made; use it only if that is wanted, or let the key end.",
            Kind::Attest(DECIDED),
        )
        .only_if(WAY, "nothing-left"),
        mending(MACHINE),
        mending(Step::new(
            "media",
            "Put in the medium that is left, and a new one",
            "One copy is no copy: it is read once more, and written to another device.",
            Kind::Ask(MEDIA),
        )),
        mending(Step::new(
            "enroll-left",
            "Recognise the medium that is left",
            "By the random name that it was given; the lost one is not taken for it.",
            Kind::Perform(
                EffectKind::EnrollMedium,
                &[
                    ("path", LEFT),
                    ("holds", Source::Text("root")),
                    ("not", Source::Fact("lost.medium")),
                ],
            ),
        )),
        mending(Step::new(
            "enroll-new",
            "Name the new medium",
            "It must be another device.",
            Kind::Perform(
                EffectKind::EnrollMedium,
                &[
                    ("path", NEW),
                    ("holds", Source::Text("root")),
                    ("not", LEFT_ID),
                    ("not_device", Source::Fact("enroll-left.device")),
                ],
            ),
        )),
        mending(PLAN),
        mending(Step::new(
            "agree",
            "Agree to the plan",
            "The primary key is opened: read the plan aloud and compare its digest.",
            Kind::Confirm(Class::C2, &[Source::Fact("plan.digest")]),
        )),
        mending(read(
            "read-first",
            &[("medium", LEFT), ("medium_id", LEFT_ID), ("fingerprint", FINGERPRINT)],
        )),
        mending(Step::new(
            "merge",
            "Bring the certificates together",
            "The workspace may know more than the medium, and the medium more than the workspace.",
            Kind::Verify(
                EffectKind::MergeCertificate,
                &[("medium", LEFT), ("medium_id", LEFT_ID), ("fingerprint", FINGERPRINT)],
            ),
        )),
        mending(Step::new(
            "restore",
            "Write the key to the new medium",
            "Byte for byte; or, if the lost medium may be in other hands, under a new passphrase, so \
             that finding out the old one opens nothing that you keep.",
            Kind::Perform(
                EffectKind::RestoreRoot,
                &[
                    ("from", LEFT),
                    ("from_id", LEFT_ID),
                    ("medium", NEW),
                    ("medium_id", NEW_ID),
                    ("fingerprint", FINGERPRINT),
                    ("certificate", MERGED),
                    ("same", Source::Fact("judge.same")),
                ],
            ),
        )),
        mending(away("away-new", NEW)),
        mending(back("back-new", NEW, NEW_ID)),
        mending(read(
            "read-new",
            &[
                ("medium", NEW),
                ("medium_id", NEW_ID),
                ("fingerprint", FINGERPRINT),
                ("digest", DIGEST),
            ],
        )),
        mending(Step::new(
            "prove-new",
            "Prove the new medium",
            "Before the only other copy is touched: the key is opened and certifies a throw-away \
             key, and that is verified with the certificate alone.",
            Kind::Verify(
                EffectKind::ProveRoot,
                &[("medium", NEW), ("medium_id", NEW_ID), ("fingerprint", FINGERPRINT)],
            ),
        )),
        mending(Step::new(
            "renew-left",
            "Make the medium that was left the same",
            "Two media that differ are two ways to be wrong. A stick keeps old bytes for a while: \
             the passphrase that is gone protects them.",
            Kind::Perform(
                EffectKind::CopyRoot,
                &[
                    ("from", NEW),
                    ("from_id", NEW_ID),
                    ("medium", LEFT),
                    ("medium_id", LEFT_ID),
                    ("fingerprint", FINGERPRINT),
                    ("digest", DIGEST),
                    ("certificate", MERGED),
                ],
            ),
        )),
        mending(away("away-left", LEFT)),
        mending(back("back-left", LEFT, LEFT_ID)),
        mending(read(
            "read-left",
            &[
                ("medium", LEFT),
                ("medium_id", LEFT_ID),
                ("fingerprint", FINGERPRINT),
                ("digest", DIGEST),
            ],
        )),
        mending(Step::new(
            "prove-left",
            "Prove the medium that was left",
            "The second copy must open, too.",
            Kind::Verify(
                EffectKind::ProveRoot,
                &[("medium", LEFT), ("medium_id", LEFT_ID), ("fingerprint", FINGERPRINT)],
            ),
        )),
        Step::new(
            "kept",
            "Where the media are kept, and what becomes of the lost one",
            "Whoever needs them in a year has nothing but this.",
            Kind::Attest(KEPT),
        )
        .only_if("judge.mends", "yes"),
    ],
};
