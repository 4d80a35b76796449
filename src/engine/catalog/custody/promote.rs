//! C06, steps 6 and 7: what is pending becomes current.

use super::super::{PEOPLE, PLAN};
use super::{
    CONSUMER, DECLARED, EACH, GUARD, MACHINE, MOVED, PARCEL_ID, PLACE, RECIPIENTS, ROLES, SEALED,
    WHICH, agree, look,
};
use crate::engine::definition::{Ceremony, Field, FieldKind, Kind, Source, Step};
use crate::engine::effect::EffectKind;

pub(in super::super) static CEREMONY: Ceremony = Ceremony {
    id: "custody-promote",
    version: 2,
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
    next: "Look at what the consumer signs first, and write progress = \"active\" into keyrite.toml: the \
           subkey that is named there stays until its secret is taken away. When the new one has \
           signed for a while, custody-retire for the one before.",
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
        Step::new(
            "published",
            "Since when it is published",
            "Whoever verifies needs the certificate with this subkey before it signs, or fails.",
            Kind::Ask(&[Field {
                id: "since",
                label: "The day since which every channel that counts serves it",
                help: "such as 2026-01-31; what the looks at the targets know is offered; no where it \
                       is not published",
                kind: FieldKind::PublishedSince("where.subkey"),
            }]),
        ),
        Step::new(
            "lead",
            "Hold that against the rules",
            "From publication to the first signature the rules want so many days (publish-lead, or \
             what the slowest channel needs). Too few are an exception on record.",
            Kind::Verify(
                EffectKind::CheckLead,
                &[("subkey", MOVED), ("since", Source::Fact("published.since"))],
            ),
        ),
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
                    ("declared", DECLARED),
                    ("guard", GUARD),
                    ("version", Source::Fact("look.version")),
                    ("subkey", MOVED),
                    ("fingerprint", Source::Fact("look.certificate")),
                    ("at_once", Source::Optional("look.at_once")),
                    ("medium", Source::Optional("again.medium")),
                    ("medium_id", Source::Optional("enroll-parcel.id")),
                    ("recipients", RECIPIENTS),
                    ("sealed", SEALED),
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
                    ("declared", DECLARED),
                    ("version", Source::Fact("promote.version")),
                    ("subkey", MOVED),
                ],
            ),
        )
        .online()
        .each(EACH),
    ],
};
