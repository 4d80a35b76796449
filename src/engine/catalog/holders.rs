//! What is done for each person who keeps a revocation certificate.

use super::{LOCATION, NUMBER};
use crate::domain::custody::Held;
use crate::engine::definition::{Field, FieldKind, Keep, Kind, Source, Step, Until};

/// The list of them.
pub(super) const EACH: &str = "holders.people";
/// Where the medium of one is.
pub(super) const HOLDER: Source = Source::Fact("holder-medium.path");
/// Its random name.
pub(super) const HOLDER_ID: Source = Source::Fact("enroll-holder.id");

/// The random names of those of the others.
pub(super) const OTHER_HOLDERS: Source = Source::Others("enroll-holder.id");

/// A holder's revocation certificate of that key.
pub(super) const fn kept_by_holder(key: Source) -> Keep {
    Keep::new(Held::Revocation, "read-holder", key, HOLDER_ID)
        .held_by(Source::Item)
        .at("received.number", "received.location")
        .until("received.again")
}

const MEDIUM_OF_HOLDER: &[Field] = &[Field {
    id: "path",
    label: "Medium for this person's revocation certificate",
    help: "where it is mounted; one of their own, and never one that holds the primary key",
    kind: FieldKind::Medium,
}];

const KEPT_BY_HOLDER: &[Field] = &[
    NUMBER,
    LOCATION,
    Field {
        id: "again",
        label: "Day on which it is looked at again",
        help: "within two years",
        kind: FieldKind::Day,
    },
];

pub(super) const HOLDER_MEDIUM: Step = Step::new(
    "holder-medium",
    "Medium of a holder",
    "A revocation certificate beside the key would be lost with it, or used by its thief.",
    Kind::Ask(MEDIUM_OF_HOLDER),
)
.offline()
.each(EACH);

pub(super) const AWAY_HOLDER: Step = Step::new(
    "away-holder",
    "Take the medium of a holder out",
    "What was only in a cache is not on the medium.",
    Kind::Wait(Until::Away(HOLDER)),
)
.offline()
.each(EACH);

pub(super) const BACK_HOLDER: Step = Step::new(
    "back-holder",
    "Put the medium of a holder back",
    "It must be the same one.",
    Kind::Wait(Until::Back { path: HOLDER, id: HOLDER_ID }),
)
.offline()
.each(EACH);

pub(super) const RECEIVED: Step = Step::new(
    "received",
    "A holder takes it",
    "Who has it, under which number, and when somebody looks at it again.",
    Kind::Attest(KEPT_BY_HOLDER),
)
.each(EACH);
