//! C09, step 1: a consumer is kept from its key, and let again.

use super::super::PLAN;
use super::{DECLARED, EACH, MACHINE, PLACE};
use crate::domain::custody::{FREEZE, LET_AGAIN};
use crate::domain::workspace::Role;
use crate::engine::definition::{Ceremony, Class, Field, FieldKind, Kind, Source, Step};
use crate::engine::effect::EffectKind;

const WHAT: Source = Source::Fact("wish.what");
/// Only for slots that can be frozen.
const ABLE: (&str, &str) = ("look.able", "yes");

const WISH: &[Field] = &[
    Field {
        id: "what",
        label: "What is wanted",
        help: "freeze: the consumer does not get its key any more; let-again: it gets it again",
        kind: FieldKind::Word(&[FREEZE, LET_AGAIN]),
    },
    Field {
        id: "why",
        label: "Why",
        help: "what was seen, since when, by whom; it stands beside the slot as long as it is \
               frozen",
        kind: FieldKind::Text { required: true },
    },
];

pub(in super::super) static CEREMONY: Ceremony = Ceremony {
    id: "custody-freeze",
    version: 1,
    title: "Keep a consumer from its key for a while",
    purpose: "The first thing where a key may be in wrong hands, and nobody knows yet: what is in \
              the slots stays there, and their consumers do not get it. One person is enough to \
              freeze; to let them again takes as many as the rules want.",
    needs: &[
        "the machine with the network, and access to the slots",
        "no key, no passphrase and no medium",
    ],
    changes: "The slots are frozen, and their consumers cannot sign; or they are let again, and \
              can. Whoever has read the key before has it still: a job that runs, a cache, a thief.",
    given_up: "Each slot is frozen or not; keyrite custody says which. Begin again for the rest, or \
               to let again what is frozen.",
    next: "Frozen: find out what has happened, and keep the logs of who has read the slots. Where \
           somebody may have read the secret: subkey-revocation as compromised, and a new subkey \
           into new slots; what is frozen stays so. Where nobody has: custody-freeze once more, \
           with let-again. Let again: look at what the consumer signs first.",
    roles: &[Role::OnlineOperator, Role::Witness],
    keeps: &[],
    loses: &[],
    steps: &[
        Step::new(
            "wish",
            "What is wanted, and why",
            "Freezing can be taken back at any time, so that a suspicion is enough. Letting again \
             gives the key back to its consumer, and to whoever else reads there.",
            Kind::Ask(WISH),
        ),
        Step::new(
            "people",
            "Who is here",
            "To freeze, nobody has to be waited for. To let again takes somebody else where the \
             rules want two.",
            Kind::Ask(&[Field {
                id: "witness",
                label: "The witness",
                help: "somebody of the roster other than who drives; empty where you are alone",
                kind: FieldKind::SecondUnless {
                    role: Role::Witness,
                    fact: "wish.what",
                    value: FREEZE,
                },
            }]),
        ),
        MACHINE,
        Step::new(
            "where",
            "Which slots",
            "Of one consumer or several. Without the key, its passphrase signs nothing, and the \
             other way round: one of both is enough, all is better.",
            Kind::Ask(&[Field {
                id: "slots",
                label: "The slots",
                help: "the name of a consumer stands for all of its slots",
                kind: FieldKind::AnySlots("wish.what"),
            }]),
        )
        .online(),
        Step::new(
            "look",
            "Look at the place",
            "Whether it is the one that is declared, and whether it can be frozen. Where it cannot, \
             keyrite says what to do by hand: do that at once, and go on here.",
            Kind::Verify(EffectKind::LookAtFreeze, &[("slot", Source::Item), ("what", WHAT)]),
        )
        .online()
        .each(EACH),
        PLAN,
        Step::new(
            "agree",
            "Agree to the plan",
            "Consumers that are frozen cannot sign, and their releases fail.",
            Kind::Confirm(Class::C2, &[Source::Fact("plan.digest")]),
        ),
        Step::new(
            "freeze",
            "Freeze it, or let it again",
            "A place that does not do it stops the run: mend that and look again, or put it on \
             record and go on with the next one.",
            Kind::Perform(
                EffectKind::Freeze,
                &[("slot", Source::Item), ("place", PLACE), ("declared", DECLARED), ("what", WHAT)],
            ),
        )
        .online()
        .each(EACH)
        .only_if(ABLE.0, ABLE.1),
        Step::new(
            "prove",
            "See that it is so",
            "The place itself says so.",
            Kind::Verify(
                EffectKind::ProveFrozen,
                &[
                    ("slot", Source::Item),
                    ("place", PLACE),
                    ("declared", DECLARED),
                    ("what", WHAT),
                    ("state", Source::Fact("freeze.state")),
                ],
            ),
        )
        .online()
        .each(EACH)
        .only_if(ABLE.0, ABLE.1),
        Step::new(
            "by-hand",
            "What was done by hand",
            "Slots that keyrite cannot freeze, and jobs that have read the key already, are stopped \
             by somebody, and started again by somebody who knows it.",
            Kind::Attest(&[Field {
                id: "done",
                label: "What was stopped by hand, or started again",
                help: "which slots, workflows and jobs, and how; nothing, where there are none",
                kind: FieldKind::Text { required: true },
            }]),
        ),
    ],
};
