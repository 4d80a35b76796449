//! What can be chosen from.

use super::slots::all_slots;
use super::{Choice, World};
use crate::domain::custody::{Held, slot_state};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::keyspec::KeyAlgorithm;
use crate::domain::timestamp::Timestamp;
use crate::domain::validity::State;
use crate::domain::worded::Worded as _;
use crate::domain::workspace::{Role, Slot, Target};
use crate::engine::definition::{Field, FieldKind};
use crate::engine::effect::Value;
use crate::engine::event::Place;
use crate::engine::run::Run;

fn people(world: &World, role: Option<Role>, without: &str) -> Vec<Choice> {
    let people = world.team.workspace.people.iter();
    let fits =
        people.filter(|p| role.is_none_or(|role| p.roles.contains(&role)) && p.id != without);
    fits.map(|p| Choice { value: p.id.clone(), label: p.name.clone() }).collect()
}

/// The slots of the consumer that is named by a fact.
fn slots<'a>(of: &str, run: &Run, at: &Place, world: &'a World) -> impl Iterator<Item = &'a Slot> {
    let id = run.fact(of, at.item()).map(Value::text).unwrap_or_default();
    let workspace = &world.team.workspace;
    let consumer = workspace.consumers.iter().find(|consumer| consumer.id == id);
    workspace.slots.iter().filter(move |slot| consumer.is_some_and(|c| c.slots.contains(&slot.id)))
}

/// The subkeys that are in those slots by the record, each once.
fn placed<'a>(slots: impl Iterator<Item = &'a Slot>, world: &World) -> Vec<Choice> {
    let mut choices: Vec<Choice> = Vec::new();
    for placed in slots.flat_map(|slot| world.register.in_place(&slot.place)) {
        let (word, note) = (placed.stage.word(), slot_state(placed.stage).note());
        let (value, label) = (placed.subkey.hex(), format!("{word} ({note})"));
        if !choices.iter().any(|choice| choice.value == value) {
            choices.push(Choice { value, label });
        }
    }
    choices
}

/// The targets of a certificate, those that a rotation waits for first.
fn targets(of: &str, run: &Run, at: &Place, world: &World) -> Vec<Choice> {
    let hex = run.fact(of, at.item()).map(Value::text).unwrap_or_default();
    let takes = |one: &&Target| Fingerprint::from_hex(&hex).is_none_or(|key| one.takes(&key));
    let mut targets: Vec<_> = world.team.workspace.targets.iter().filter(takes).collect();
    targets.sort_by_key(|one| !one.blocking);
    let choice = |one: &Target| {
        let waits = if one.blocking { "" } else { " (no rotation waits for it)" };
        let label = format!("{} {}{waits}", one.kind.word(), one.place);
        Choice { value: one.id.clone(), label }
    };
    targets.into_iter().map(choice).collect()
}

pub(super) fn choices(field: &Field, run: &Run, at: &Place, world: &World) -> Vec<Choice> {
    let plain = |word: &str| Choice { value: word.to_owned(), label: word.to_owned() };
    match field.kind {
        FieldKind::Word(words) => words.iter().map(|word| plain(word)).collect(),
        FieldKind::Algorithm => KeyAlgorithm::ALL
            .iter()
            .filter(|algorithm| algorithm.is_allowed(&world.team.policy))
            .map(|algorithm| plain(algorithm.word()))
            .collect(),
        FieldKind::Person(role) | FieldKind::People(role) => people(world, Some(role), ""),
        FieldKind::Second(role) | FieldKind::SecondUnless { role, .. } => {
            people(world, Some(role), &run.operator)
        }
        FieldKind::Recipients => {
            let has_key = |choice: &Choice| {
                let mut people = world.team.workspace.people.iter();
                people.any(|p| p.id == choice.value && p.fingerprint.is_some())
            };
            people(world, None, "").into_iter().filter(has_key).collect()
        }
        FieldKind::Certificate => world
            .certificates
            .iter()
            .map(|one| Choice {
                value: one.certificate.fingerprint().hex(),
                label: one.name().to_owned(),
            })
            .collect(),
        FieldKind::KnownMedium(of) => {
            let hex = run.fact(of, at.item()).map(Value::text).unwrap_or_default();
            let key = Fingerprint::from_hex(&hex);
            let copies = key.iter().flat_map(|key| world.register.of(Held::Root, key));
            let media = copies.map(|copy| Choice {
                value: copy.medium.as_str().to_owned(),
                label: match copy.location.as_str() {
                    "" => copy.name(),
                    place => format!("{} at {place}", copy.name()),
                },
            });
            media
                .chain([Choice { value: "-".to_owned(), label: "none of them".to_owned() }])
                .collect()
        }
        FieldKind::Subkey(of) => {
            let hex = run.fact(of, at.item()).map(Value::text).unwrap_or_default();
            let keys = world.certificate(&hex).into_iter().flat_map(|one| one.keys().skip(1));
            keys.map(|(key, verdict)| Choice {
                value: key.fingerprint.hex(),
                label: format!("{} {}", key.algorithm, verdict.state.word()),
            })
            .collect()
        }
        FieldKind::Subkeys { of, signing } => {
            let hex = run.fact(of, at.item()).map(Value::text).unwrap_or_default();
            let keys = world.certificate(&hex).into_iter().flat_map(|one| one.keys().skip(1));
            keys.filter(|(_, verdict)| {
                let can_live = matches!(verdict.state, State::Valid | State::Expired);
                can_live && verdict.capabilities.sign == signing
            })
            .map(|(key, verdict)| Choice {
                value: key.fingerprint.hex(),
                label: format!("{} {}", key.algorithm, verdict.ends(Timestamp::date)),
            })
            .collect()
        }
        FieldKind::Consumer => {
            let consumers = world.team.workspace.consumers.iter();
            consumers.map(|c| Choice { value: c.id.clone(), label: c.label.clone() }).collect()
        }
        FieldKind::Signer => {
            let consumers = world.team.workspace.consumers.iter();
            let with_slots = consumers.filter(|one| !one.slots.is_empty());
            with_slots.map(|c| Choice { value: c.id.clone(), label: c.label.clone() }).collect()
        }
        FieldKind::Slots(of) => {
            let slots = slots(of, run, at, world);
            slots
                .map(|slot| Choice {
                    value: slot.id.clone(),
                    label: format!("{} {}", slot.kind.word(), slot.place),
                })
                .collect()
        }
        FieldKind::AnySlots(_) => all_slots(world),
        FieldKind::Targets { of, .. } => targets(of, run, at, world),
        FieldKind::Placed(of) => placed(slots(of, run, at, world), world),
        FieldKind::Text { .. }
        | FieldKind::OtherPlace(_)
        | FieldKind::PrimaryLife
        | FieldKind::SubkeyLife(_)
        | FieldKind::PrimaryEnd(_)
        | FieldKind::SubkeyEnd { .. }
        | FieldKind::UserIds
        | FieldKind::Medium
        | FieldKind::File
        | FieldKind::Paths
        | FieldKind::Fingerprint
        | FieldKind::Day
        | FieldKind::PublishedSince(_)
        | FieldKind::DayWithin(_) => Vec::new(),
    }
}

/// The medium that is called so: by its bag, or by the beginning of its name.
pub(super) fn known_medium(said: &str, choices: &[Choice]) -> Option<Value> {
    let said = said.to_lowercase();
    let is_meant = |choice: &&Choice| {
        let bag = choice.label.strip_prefix("bag ").unwrap_or_default();
        let bag = bag.split(" at ").next().unwrap_or_default();
        let is_bag = !bag.is_empty() && bag.to_lowercase() == said.trim_start_matches("bag ");
        is_bag || (said.len() >= 4 && choice.value.to_lowercase().starts_with(&said))
    };
    let mut meant = choices.iter().filter(is_meant);
    let first = meant.next()?;
    meant.next().is_none().then(|| first.value.as_str().into())
}
