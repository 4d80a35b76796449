//! All ceremonies.

use super::definition::{Ceremony, Field, FieldKind, Kind, Step};
use crate::domain::workspace::Role;

mod certificate_revocation;
mod holders;
mod revocation;
mod revocation_set;
mod root_adoption;
mod root_generation;
mod subkey_issuance;
mod subkey_revocation;

/// All of them, in the order in which they are offered.
pub static CATALOG: [&Ceremony; 6] = [
    &root_generation::CEREMONY,
    &root_adoption::CEREMONY,
    &revocation_set::CEREMONY,
    &subkey_issuance::CEREMONY,
    &subkey_revocation::CEREMONY,
    &certificate_revocation::CEREMONY,
];

/// The ceremony of that name.
#[must_use]
pub fn find(id: &str) -> Option<&'static Ceremony> {
    CATALOG.into_iter().find(|ceremony| ceremony.id == id)
}

/// Who takes part.
const PEOPLE: Step = Step::new(
    "people",
    "Who is here",
    "Somebody drives, and somebody else looks on and reads aloud; alone, nobody can tell what \
     happened. The transcript says UNWITNESSED until the witness has signed it.",
    Kind::Ask(&[Field {
        id: "witness",
        label: "The witness",
        help: "somebody of the roster other than who drives; empty where the rules want one person",
        kind: FieldKind::Second(Role::Witness),
    }]),
);

/// The look at a machine that has no network.
const MACHINE: Step = Step::new(
    "machine",
    "Look at the machine",
    "A primary key is opened only where nothing can carry it away: no network, no swap, no core \
     dumps; and the clock must be right, because it goes into every signature.",
    Kind::Check,
)
.offline()
.command("ip -brief address; swapon --show; ulimit -c; date -u; hwclock --show");

/// The plan.
const PLAN: Step = Step::new(
    "plan",
    "Seal the plan",
    "Everything that will be done, before anything is done. Another plan has another digest.",
    Kind::Plan,
);

const NUMBER: Field = Field {
    id: "number",
    label: "Number on the bag or envelope",
    help: "as it is printed on it; '-' where there is none",
    kind: FieldKind::Text { required: true },
};

const LOCATION: Field = Field {
    id: "location",
    label: "Code of the place where it is kept",
    help: "a code that people of the team know, and nobody else: no address",
    kind: FieldKind::Text { required: true },
};

const ROOT_MEDIUM: Field = Field {
    id: "root",
    label: "Medium with the primary key",
    help: "where it is mounted, such as /media/anna/ROOT-A",
    kind: FieldKind::Medium,
};

const HOLDERS: Field = Field {
    id: "people",
    label: "Who keeps the revocation certificates",
    help: "people of the roster with the role revocation-holder, separated by commas",
    kind: FieldKind::People(Role::RevocationHolder),
};
