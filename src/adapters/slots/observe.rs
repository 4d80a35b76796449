//! All slots at once: each is asked on a thread of its own, so that the
//! slowest one is what it takes.

use super::{Access, open};
use crate::domain::custody::Sightings;
use crate::domain::timestamp::Timestamp;
use crate::domain::workspace::Slot as Declared;

/// How many are asked at a time.
const AT_ONCE: usize = 64;

/// What is seen of each slot, without its secret.
#[must_use]
pub fn observe_all(slots: &[Declared], access: &Access, now: Timestamp) -> Sightings {
    let look = |slot: &Declared| {
        let seen = open(slot, access, now).and_then(|place| place.observe());
        (slot.id.clone(), seen.map_err(|error| format!("{error}; {}", error.helps())))
    };
    let mut sightings = Sightings::new();
    for some in slots.chunks(AT_ONCE) {
        std::thread::scope(|scope| {
            let asked: Vec<_> =
                some.iter().map(|slot| (slot, scope.spawn(move || look(slot)))).collect();
            sightings.extend(asked.into_iter().map(|(slot, thread)| {
                let failed = || Err("it could not be looked at: a fault of keyrite".to_owned());
                thread.join().unwrap_or_else(|_| (slot.id.clone(), failed()))
            }));
        });
    }
    sightings
}
