//! All ceremonies.

use super::definition::{Ceremony, Field, FieldKind, Input, Kind, Source, Step, Until};
use super::effect::EffectKind;
use crate::domain::workspace::Role;

mod certificate_revocation;
mod custody;
mod expiry_extension;
mod holders;
mod lost_medium;
mod publication;
mod recovery_drill;
mod revocation;
mod revocation_set;
mod root_adoption;
mod root_generation;
mod subkey_issuance;
mod subkey_revocation;
mod two_media;

/// All of them, in the order in which they are offered.
pub static CATALOG: [&Ceremony; 14] = [
    &root_generation::CEREMONY,
    &root_adoption::CEREMONY,
    &revocation_set::CEREMONY,
    &subkey_issuance::CEREMONY,
    &publication::CEREMONY,
    &custody::UPLOAD,
    &custody::PROMOTE,
    &custody::RETIRE,
    &custody::FREEZE,
    &expiry_extension::CEREMONY,
    &recovery_drill::CEREMONY,
    &lost_medium::CEREMONY,
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
     dumps; and the clock must be right, because it goes into every signature. From a machine with \
     a network the run is carried to one without: pause, then keyrite carry out.",
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

/// Taking a medium out.
const fn away(id: &'static str, medium: Source) -> Step {
    let why = "What was only in a cache is not on the medium.";
    Step::new(id, "Take the medium out", why, Kind::Wait(Until::Away(medium))).offline()
}

/// Putting the same medium back.
const fn back(id: &'static str, path: Source, medium: Source) -> Step {
    let kind = Kind::Wait(Until::Back { path, id: medium });
    Step::new(id, "Put the medium back", "It must be the same one.", kind).offline()
}

/// Reading a medium after it was out.
const fn read(id: &'static str, inputs: &'static [Input]) -> Step {
    let why = "Every file is compared with the digest that was written down.";
    Step::new(id, "Read the medium again", why, Kind::Verify(EffectKind::ReadBack, inputs))
        .offline()
        .command("sha256sum keyrite/*/*")
}

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

const CERTIFICATE: Field = Field {
    id: "certificate",
    label: "The certificate",
    help: "its whole fingerprint",
    kind: FieldKind::Certificate,
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
    help: "people of the roster with the role revocation-holder",
    kind: FieldKind::People(Role::RevocationHolder),
};
