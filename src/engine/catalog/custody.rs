//! C04, the steps 6 to 8 of C06 and step 1 of C09: a subkey's secret is put
//! where its consumer finds it, made current, taken away again, and kept from
//! its consumer for a while.

mod freeze;
mod promote;
mod retire;
mod upload;

pub(super) use self::freeze::CEREMONY as FREEZE;
pub(super) use self::promote::CEREMONY as PROMOTE;
pub(super) use self::retire::CEREMONY as RETIRE;
pub(super) use self::upload::CEREMONY as UPLOAD;
use crate::domain::workspace::Role;
use crate::engine::definition::{Class, Field, FieldKind, Input, Kind, Source, Step};
use crate::engine::effect::EffectKind;

const FINGERPRINT: Source = Source::Fact("key.certificate");
const SUBKEY: Source = Source::Fact("parcel.subkey");
const PARCEL: Source = Source::Fact("parcel.medium");
const PARCEL_ID: Source = Source::Fact("enroll-parcel.id");
const PLACE: Source = Source::Fact("look.place");
const DECLARED: Source = Source::Fact("look.declared");
const GUARD: Source = Source::Fact("look.guard");
const RECIPIENTS: Source = Source::Optional("card.recipients");
const SEALED: Source = Source::Optional("card.sealed");
const EACH: &str = "where.slots";
const ROLES: &[Role] = &[Role::OnlineOperator, Role::Witness, Role::KeyHolder];

const MACHINE: Step = Step::new(
    "machine",
    "Look at the machine",
    "It has a network, so that it must have no medium with a primary key; what it holds in memory \
     must not reach a disk. (In a rehearsal folders stand for media: nothing looks for those.)",
    Kind::Check,
)
.online()
.command("swapon --show; ulimit -c; date -u; findmnt --real");

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
        help: "those of the consumer",
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
