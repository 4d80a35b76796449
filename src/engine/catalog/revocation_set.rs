//! C02: revocation certificates for a primary key that exists.

use super::holders::{
    AWAY_HOLDER, BACK_HOLDER, EACH, HOLDER, HOLDER_ID, HOLDER_MEDIUM, OTHER_HOLDERS, RECEIVED,
    kept_by_holder,
};
use super::{CERTIFICATE, HOLDERS, MACHINE, PEOPLE, PLAN, ROOT_MEDIUM};
use crate::domain::workspace::Role;
use crate::engine::definition::{Ceremony, Class, Kind, Source, Step};
use crate::engine::effect::EffectKind;

const ROOT: Source = Source::Fact("key.root");
const ROOT_ID: Source = Source::Fact("enroll-root.id");
const FINGERPRINT: Source = Source::Fact("key.certificate");

pub(super) static CEREMONY: Ceremony = Ceremony {
    id: "revocation-set",
    version: 1,
    title: "Keep revocation certificates",
    purpose: "Certificates that end a primary key when it is lost or stolen, tried on a copy, in \
              the hands of named people, each on a medium of their own.",
    needs: &[
        "a machine without a network",
        "one medium with the primary key, and its passphrase",
        "one medium for each person who keeps a revocation certificate",
    ],
    changes: "A medium with a revocation certificate and instructions for each holder.",
    given_up: "Revocation certificates that were written already are real: keep them as holders \
               keep theirs, or destroy the media.",
    next: "Look at them again on the day that was written down; expiry and holders are in the \
           Custody screen and in the schedule.",
    roles: &[Role::Administrator, Role::Witness, Role::RevocationHolder],
    keeps: &[kept_by_holder(FINGERPRINT)],
    loses: &[],
    steps: &[
        PEOPLE,
        MACHINE,
        Step::new(
            "key",
            "Which key",
            "A revocation certificate ends one key, and no other.",
            Kind::Ask(&[CERTIFICATE, ROOT_MEDIUM]),
        )
        .offline(),
        Step::new(
            "holders",
            "Who keeps them",
            "People who can be reached, and who know when to use it.",
            Kind::Ask(&[HOLDERS]),
        )
        .offline(),
        HOLDER_MEDIUM,
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
        PLAN,
        Step::new(
            "agree",
            "Agree to the plan",
            "Whoever holds one of them can end the key.",
            Kind::Confirm(Class::C2, &[FINGERPRINT]),
        )
        .offline(),
        Step::new(
            "enroll-holder",
            "Name the medium of a holder",
            "It must be another device than those of the primary key (REV-005), and nobody else's.",
            Kind::Perform(
                EffectKind::EnrollMedium,
                &[
                    ("path", HOLDER),
                    ("holds", Source::Text("revocation")),
                    ("not", ROOT_ID),
                    ("not_device", Source::Fact("enroll-root.device")),
                    ("others", OTHER_HOLDERS),
                ],
            ),
        )
        .offline()
        .each(EACH),
        Step::new(
            "keep-revocation",
            "Make a revocation certificate",
            "Hard (compromised): a soft one made in advance would end every later signature, too \
             (REV-002). It is tried on a copy and written with its armor broken.",
            Kind::Perform(
                EffectKind::KeepRevocation,
                &[
                    ("root", ROOT),
                    ("root_id", ROOT_ID),
                    ("fingerprint", FINGERPRINT),
                    ("holder", Source::Item),
                    ("medium", HOLDER),
                    ("medium_id", HOLDER_ID),
                ],
            ),
        )
        .offline()
        .irreversible()
        .each(EACH),
        AWAY_HOLDER,
        BACK_HOLDER,
        Step::new(
            "read-holder",
            "Read the medium of a holder again",
            "A revocation certificate that cannot be read is none.",
            Kind::Verify(
                EffectKind::ReadBack,
                &[("medium", HOLDER), ("medium_id", HOLDER_ID), ("fingerprint", FINGERPRINT)],
            ),
        )
        .offline()
        .each(EACH),
        RECEIVED,
    ],
};
