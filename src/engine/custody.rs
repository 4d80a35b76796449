//! The register of media as a fold over the journals of all runs: what a
//! ceremony says that it leaves in people's hands.

use std::collections::BTreeMap;

use super::catalog;
use super::definition::{Keep, Loss};
use super::effect::{Effect, EffectKind, Value};
use super::event::{Event, Place};
use super::journal::{Entry, Journal};
use super::run::{Ending, Next, Run};
use crate::domain::custody::{Copy, FREEZE, Frozen, Held, NOT_DONE, Placed, Register, Stage};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;

/// The register, from all journals with the names of their runs. Of runs that
/// began in one second the one that makes a key comes first.
#[must_use]
pub fn register(mut runs: Vec<(String, Journal)>) -> Register {
    let order = |(_, journal): &(String, Journal)| {
        let first = journal.entries().first()?;
        let Event::Opened { ceremony, .. } = &first.event else { return None };
        let place = catalog::CATALOG.iter().position(|known| known.id == *ceremony);
        Some((first.moment.at, place))
    };
    runs.sort_by_key(order);
    let mut register = Register::default();
    for (id, journal) in &runs {
        take_in(&mut register, id, journal.entries());
    }
    register
}

/// Takes a run into account. One that was given up leaves nothing that counts,
/// but what was lost stays lost; one of a ceremony that is not known says
/// nothing.
fn take_in(register: &mut Register, id: &str, entries: &[Entry]) {
    let Some(Event::Opened { ceremony, version, .. }) = entries.first().map(|entry| &entry.event)
    else {
        return;
    };
    let ceremony = catalog::find(ceremony).filter(|known| known.version == *version);
    let run = ceremony.and_then(|ceremony| Run::replay(ceremony, entries).ok());
    let Some(run) = run else { return };
    let times = completed(entries);
    for loss in run.ceremony.loses {
        for (place, at) in times.iter().filter(|(place, _)| place.step() == loss.told) {
            lose(register, &run, loss, place, *at);
        }
    }
    // What is in a slot stays there, whatever becomes of the run.
    for step in run.ceremony.steps {
        for (place, at) in times.iter().filter(|(place, _)| place.step() == step.id) {
            place_secret(register, &run, place, *at, id);
        }
    }
    if run.next() == Next::Ended(Ending::Abandoned) {
        return;
    }
    for keep in run.ceremony.keeps {
        for (place, at) in &times {
            if place.step() == keep.proved
                && let Some(copy) = copy(&run, keep, place, *at, id)
            {
                if keep.in_place_of_others {
                    register.forget_others(copy.held, &copy.key, id);
                }
                register.add(copy);
            }
        }
    }
}

fn lose(register: &mut Register, run: &Run, loss: &Loss, place: &Place, at: Timestamp) {
    let value = |source| run.value(source, place).ok().flatten();
    let key = value(loss.key).and_then(|key| Fingerprint::from_hex(&key.text()));
    let (Some(key), Some(media)) = (key, value(loss.media)) else { return };
    for medium in media.items() {
        register.forget(Held::Root, &key, &VisibleText::from_text(&medium));
        if loss.exposed {
            register.expose(key, at);
        }
    }
}

/// What the proof of a slot says where there is none.
pub const NOT_PROVED: &str = "not proved";

/// What an effect changed in a slot, and for whom it made a subkey.
#[expect(clippy::wildcard_enum_match_arm, reason = "the others do nothing to slots")]
fn place_secret(register: &mut Register, run: &Run, place: &Place, since: Timestamp, id: &str) {
    let Ok(effect) = run.effect(place) else { return };
    if effect.kind == EffectKind::IssueSubkey {
        let made = run.fact(&format!("{}.subkey", place.as_str()), None);
        let made = made.and_then(|made| Fingerprint::from_hex(&made.text()));
        if let Some(made) = made {
            register.make_for(made, effect.text("consumer"));
        }
    }
    let at = effect.text("place");
    if effect.kind == EffectKind::Freeze {
        freeze(register, run, place, &effect, since, id);
    }
    let subkey = Fingerprint::from_hex(&effect.text("subkey"));
    let Some(subkey) = subkey else { return };
    let version = run.fact(&format!("{}.version", place.as_str()), None).map(Value::text);
    let proof = run.fact(&format!("{}.proof", place.as_str()), None);
    let placed = |stage| Placed {
        place: at.clone(),
        subkey,
        version: version.clone().unwrap_or_default(),
        stage,
        since,
        is_proved: false,
        body: None,
        run: id.to_owned(),
    };
    match effect.kind {
        EffectKind::PutPending => register.place(placed(Stage::Pending)),
        EffectKind::Promote => register.promote(&effect.text("version"), placed(Stage::Current)),
        // What was taken by somebody without a proof is not proved.
        EffectKind::ProveSlot if proof.is_some_and(|proof| proof.text() != NOT_PROVED) => {
            let body = run.fact(&format!("{}.body", place.as_str()), None).map(Value::text);
            register.prove(&at, &effect.text("version"), body);
        }
        EffectKind::Retire => register.retire(&at, &subkey),
        _ => {}
    }
}

/// That a slot is frozen, or is so no more.
fn freeze(
    register: &mut Register,
    run: &Run,
    place: &Place,
    effect: &Effect,
    since: Timestamp,
    id: &str,
) {
    let text = |name: &str| run.fact(name, None).map(Value::text).unwrap_or_default();
    let at = effect.text("place");
    if text(&format!("{}.state", place.as_str())) == NOT_DONE {
        return;
    }
    if effect.text("what") == FREEZE {
        let why = VisibleText::from_text(&text("wish.why"));
        register.freeze(at, Frozen { since, run: id.to_owned(), why });
    } else {
        register.let_again(at, since);
    }
}

/// When each effect was done, the last time.
fn completed(entries: &[Entry]) -> BTreeMap<Place, Timestamp> {
    let mut times = BTreeMap::new();
    for entry in entries {
        match &entry.event {
            Event::Completed { at, .. } | Event::Attested { at, .. } => {
                times.insert(at.clone(), entry.moment.at);
            }
            Event::Returned { .. } => times.clear(),
            Event::Opened { .. }
            | Event::Answered { .. }
            | Event::PlanSealed { .. }
            | Event::Confirmed { .. }
            | Event::Observed { .. }
            | Event::Intended { .. }
            | Event::Failed { .. }
            | Event::Waited { .. }
            | Event::Exception { .. }
            | Event::Noted { .. }
            | Event::Paused { .. }
            | Event::Resumed { .. }
            | Event::Abandoned { .. }
            | Event::HandedOver { .. }
            | Event::TakenOver { .. }
            | Event::Recalled { .. }
            | Event::Closed { .. } => {}
        }
    }
    times
}

fn copy(run: &Run, keep: &Keep, place: &Place, proved: Timestamp, id: &str) -> Option<Copy> {
    let text = |source| {
        let value = run.value(source, place).ok().flatten();
        VisibleText::from_text(&value.map(|value| value.text()).unwrap_or_default())
    };
    let again = run.value(keep.again, place).ok().flatten();
    Some(Copy {
        held: keep.held,
        key: Fingerprint::from_hex(text(keep.key).as_str())?,
        medium: text(keep.medium),
        holder: text(keep.holder),
        number: text(keep.number),
        location: text(keep.location),
        proved,
        again: again.as_ref().and_then(day),
        run: id.to_owned(),
    })
}

fn day(value: &Value) -> Option<Timestamp> {
    if let Value::Number(unix) = value { Some(Timestamp::from_unix(*unix)) } else { None }
}
