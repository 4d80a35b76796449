//! Slots of all consumers.

use super::{Choice, World, is_fact};
use crate::domain::custody::LET_AGAIN;
use crate::domain::worded::Worded as _;
use crate::domain::workspace::Slot;
use crate::engine::event::Place;
use crate::engine::run::Run;

/// All slots, with whose they are and whether they are frozen by the record.
pub(super) fn all_slots(world: &World) -> Vec<Choice> {
    let workspace = &world.team.workspace;
    let choice = |slot: &Slot| {
        let consumer = workspace.consumers.iter().find(|one| one.slots.contains(&slot.id));
        let of = consumer.map_or("no consumer", |one| one.id.as_str());
        let is_frozen = world.register.frozen(&slot.place).is_some();
        let frozen = if is_frozen { " (frozen)" } else { "" };
        let label = format!("of {of}: {} {}{frozen}", slot.kind.word(), slot.place);
        Choice { value: slot.id.clone(), label }
    };
    workspace.slots.iter().map(choice).collect()
}

/// The slots that are offered: those that are frozen where they are to be let
/// again, and otherwise those of the only consumer that has some.
pub(super) fn offered(what: &str, run: &Run, at: &Place, world: &World) -> Vec<String> {
    let workspace = &world.team.workspace;
    if is_fact(run, at, what, LET_AGAIN) {
        let is_frozen = |slot: &&Slot| world.register.frozen(&slot.place).is_some();
        return workspace.slots.iter().filter(is_frozen).map(|slot| slot.id.clone()).collect();
    }
    let mut consumers = workspace.consumers.iter().filter(|one| !one.slots.is_empty());
    match (consumers.next(), consumers.next()) {
        (Some(only), None) => only.slots.clone(),
        _ => Vec::new(),
    }
}

/// What was said, with the slots of consumers in the place of their names.
pub(super) fn all_of(said: &str, world: &World) -> String {
    let workspace = &world.team.workspace;
    let mut items: Vec<&str> = Vec::new();
    for word in said.split(',').map(str::trim) {
        let is_slot = workspace.slots.iter().any(|slot| slot.id == word);
        let consumer = workspace.consumers.iter().find(|one| one.id == word && !is_slot);
        let Some(consumer) = consumer.filter(|one| !one.slots.is_empty()) else {
            items.push(word);
            continue;
        };
        let new = consumer.slots.iter().filter(|slot| !items.contains(&slot.as_str()));
        let new: Vec<_> = new.map(String::as_str).collect();
        items.extend(new);
    }
    items.join(", ")
}
