//! C14: a medium of a root, drawn by lot, is restored and proved.

use super::{CERTIFICATE, LOCATION, MACHINE, NUMBER, PEOPLE, PLAN, ROOT_MEDIUM, read};
use crate::domain::custody::Held;
use crate::domain::workspace::Role;
use crate::engine::definition::{Ceremony, Class, Field, FieldKind, Keep, Kind, Source, Step};
use crate::engine::effect::EffectKind;

const ROOT: Source = Source::Fact("fetch.root");
const ROOT_ID: Source = Source::Fact("enroll-root.id");
const FINGERPRINT: Source = Source::Fact("key.certificate");
const WITH_REVOCATION: (&str, &str) = ("more.revocation", "yes");

const FETCH: &[Field] = &[
    ROOT_MEDIUM,
    Field {
        id: "seal",
        label: "Its bag or envelope",
        help: "intact; broken, or with another number than was written down; none: it had no bag",
        kind: FieldKind::Word(&["intact", "broken", "none"]),
    },
    Field {
        id: "machine",
        label: "The machine, and where its system and keyrite come from",
        help: "another machine than usual, a fresh system, keyrite from its published source",
        kind: FieldKind::Text { required: true },
    },
];

const MORE: &[Field] = &[
    Field {
        id: "nonce",
        label: "What is signed",
        help: "letters that somebody at an online machine has just thought up; '-': keyrite does",
        kind: FieldKind::Text { required: true },
    },
    Field {
        id: "revocation",
        label: "Is a holder here with their revocation certificate",
        help: "yes: it is tried on a copy, and kept nowhere; no: another time",
        kind: FieldKind::Word(&["no", "yes"]),
    },
];

const SEALED: &[Field] = &[
    Field { id: "number", label: "Number of the new bag or envelope", ..NUMBER },
    LOCATION,
    Field {
        id: "next",
        label: "Day of the next drill",
        help: "within twelve months",
        kind: FieldKind::DayWithin(12),
    },
];

pub(super) static CEREMONY: Ceremony = Ceremony {
    id: "recovery-drill",
    version: 1,
    title: "Try to recover a root",
    purpose: "One medium with the primary key, drawn by lot, is opened on a clean machine and \
              proved to work; how long that takes is on record.",
    needs: &[
        "a clean machine without a network, another one than usual, with the newest workspace",
        "the medium that is drawn, from its place, and the passphrase as it is kept",
        "a new bag or envelope",
    ],
    changes: "Nothing but the record: this medium was proved on this day, and has a new bag.",
    given_up: "If the medium is not where it should be, is damaged, or does not open, say so as the \
               reason, and hold lost-medium on the same day. If somebody had no time: the next \
               drill draws anew.",
    next: "Bring the medium back to its place today. If the drill was given up because the medium \
           is bad: lost-medium, on the same day.",
    roles: &[Role::Administrator, Role::Witness, Role::KeyHolder],
    keeps: &[
        Keep::new(Held::Root, "drill", FINGERPRINT, ROOT_ID)
            .at("sealed.number", "sealed.location")
            .until("sealed.next"),
    ],
    loses: &[],
    steps: &[
        PEOPLE,
        Step::new(
            "key",
            "Which key",
            "Each root has its media; each medium is tried in its turn.",
            Kind::Ask(&[CERTIFICATE]),
        ),
        Step::new(
            "draw",
            "Draw a medium",
            "By lot, from those that the record knows: the one that is at hand would always be the \
             same. The lot is the random name of this step, so that anybody can draw it again.",
            Kind::Verify(EffectKind::DrawMedium, &[("fingerprint", FINGERPRINT)]),
        ),
        MACHINE,
        Step::new(
            "fetch",
            "Fetch the medium that was drawn",
            "From its place, by the way that would be taken in an emergency. The clock runs since \
             the lot was drawn. If it is not there, give the run up, with that as the reason.",
            Kind::Ask(FETCH),
        )
        .offline(),
        Step::new(
            "enroll-root",
            "Recognise the medium",
            "It must be the one that was drawn, and no other.",
            Kind::Perform(
                EffectKind::EnrollMedium,
                &[
                    ("path", ROOT),
                    ("holds", Source::Text("root")),
                    ("is", Source::Fact("draw.id")),
                ],
            ),
        )
        .offline(),
        Step::new(
            "more",
            "What is signed, and what else is tried",
            "What somebody else has just thought up cannot have been signed before.",
            Kind::Ask(MORE),
        )
        .offline(),
        Step::new(
            "kept",
            "The kept revocation certificate",
            "It is read, mended in memory, and tried on a copy of the certificate.",
            Kind::Ask(&[Field {
                id: "file",
                label: "The file",
                help: "on the holder's medium: /media/anna/HOLDER/keyrite/.../revocation-....txt",
                kind: FieldKind::File,
            }]),
        )
        .offline()
        .only_if(WITH_REVOCATION.0, WITH_REVOCATION.1),
        PLAN,
        Step::new(
            "agree",
            "Agree to the plan",
            "The primary key is opened: read the plan aloud and compare its digest.",
            Kind::Confirm(Class::C2, &[Source::Fact("plan.digest")]),
        )
        .offline(),
        read(
            "read-root",
            &[("medium", ROOT), ("medium_id", ROOT_ID), ("fingerprint", FINGERPRINT)],
        ),
        Step::new(
            "drill",
            "Open the primary key and prove it",
            "It certifies a throw-away key that has the agreed letters in its name, and that is \
             verified with the certificate of the workspace alone. What does not open is told here.",
            Kind::Verify(
                EffectKind::DrillRoot,
                &[
                    ("medium", ROOT),
                    ("medium_id", ROOT_ID),
                    ("fingerprint", FINGERPRINT),
                    ("nonce", Source::Fact("more.nonce")),
                ],
            ),
        )
        .offline(),
        Step::new(
            "try-revocation",
            "Try the kept revocation certificate",
            "On a copy that is thrown away: it must be for this key, by this key, and hard.",
            Kind::Verify(
                EffectKind::TryRevocation,
                &[("file", Source::Fact("kept.file")), ("fingerprint", FINGERPRINT)],
            ),
        )
        .offline()
        .only_if(WITH_REVOCATION.0, WITH_REVOCATION.1),
        Step::new(
            "sealed",
            "Take it out, and put it into a new bag",
            "Whoever needs it next has nothing but this.",
            Kind::Attest(SEALED),
        ),
    ],
};
