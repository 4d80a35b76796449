//! C06, step 8: an old secret is taken away.

use super::super::{PEOPLE, PLAN};
use super::{CONSUMER, DECLARED, EACH, MACHINE, MOVED, PLACE, ROLES, WHICH, agree, look};
use crate::engine::definition::{Ceremony, Field, FieldKind, Kind, Source, Step};
use crate::engine::effect::EffectKind;

pub(in super::super) static CEREMONY: Ceremony = Ceremony {
    id: "custody-retire",
    version: 1,
    title: "Take a subkey's secret out of its slots",
    purpose: "A secret that nobody needs any more can only leak. The public part stays published \
              for ever.",
    needs: &[
        "the machine with the network, and access to the slots",
        "the successor, current in these slots, having signed for as long as the rules want",
    ],
    changes: "The slots do not give this subkey's secret to anybody who does not know its version. \
              Where a place deletes by itself and later (AWS Secrets Manager), the version can be read \
              by its id until then: the page of the kind says so.",
    given_up: "Each slot has it still, or not; the record says which. Begin again for the rest.",
    next: "Write the subkey that signs now and progress = \"nothing\" into keyrite.toml. The certificate stays published with this subkey: its public part is never removed, so that \
           what it signed can be verified. Let it expire, or end it with subkey-revocation: as \
           superseded where another subkey has taken its place or it has never signed, as \
           compromised where somebody may have read its secret.",
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
                &[
                    ("slot", Source::Item),
                    ("place", PLACE),
                    ("declared", DECLARED),
                    ("subkey", MOVED),
                ],
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
                &[
                    ("slot", Source::Item),
                    ("place", PLACE),
                    ("declared", DECLARED),
                    ("subkey", MOVED),
                ],
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
