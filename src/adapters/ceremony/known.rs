//! The media of a root, as the runs of a workspace know them.

use std::path::Path;

use crate::adapters::runs::{self, RunFolder};
use crate::domain::fingerprint::Fingerprint;
use crate::engine::catalog;
use crate::engine::effect::{EffectKind, Value};
use crate::engine::event::{Event, Place};
use crate::engine::run::Run;

/// A medium to which the primary key was written.
pub(super) struct KnownMedium {
    /// Its random name.
    pub(super) id: String,
    number: String,
    location: String,
}

impl KnownMedium {
    /// Where it is kept, in words.
    pub(super) fn kept(&self) -> String {
        match (self.number.as_str(), self.location.as_str()) {
            ("", "") => "nobody has said where".to_owned(),
            (number, location) => format!("at {location}, in the bag {number}"),
        }
    }
}

/// Where ceremonies say which medium is kept in which bag at which place: the
/// facts with its random name, the number, and the code of the place.
const PLACES: [[&str; 3]; 3] = [
    ["enroll-a.id", "kept.a_number", "kept.a_location"],
    ["enroll-b.id", "kept.b_number", "kept.b_location"],
    ["enroll-root.id", "sealed.number", "sealed.location"],
];

/// All media to which a run has written the primary key, by their names.
pub(super) fn known_roots(workspace: &Path, fingerprint: &Fingerprint) -> Vec<KnownMedium> {
    let runs = runs::list(workspace).unwrap_or_default();
    let runs: Vec<_> = runs.iter().filter_map(|id| replayed(workspace, id)).collect();
    let mut known: Vec<KnownMedium> = Vec::new();
    for (kind, id) in runs.iter().flat_map(|(run, done)| written(run, done, fingerprint)) {
        let is_new = known.iter().all(|one| one.id != id);
        if matches!(kind, EffectKind::MakeRoot | EffectKind::CopyRoot) && is_new {
            known.push(KnownMedium { id, number: String::new(), location: String::new() });
        }
    }
    // What a drill says comes after what was said when the medium was made.
    for [id, number, location] in PLACES {
        for (run, _) in &runs {
            let fact = |name: &str| run.fact(name, None).map(Value::text);
            let (Some(id), Some(number), Some(location)) = (fact(id), fact(number), fact(location))
            else {
                continue;
            };
            if let Some(one) = known.iter_mut().find(|one| one.id == id) {
                (one.number, one.location) = (number, location);
            }
        }
    }
    known.sort_by(|one, other| one.id.cmp(&other.id));
    known
}

/// A run with the places at which something was done; absent where its journal
/// cannot be read.
fn replayed(workspace: &Path, id: &str) -> Option<(Run, Vec<Place>)> {
    let journal = RunFolder::find(workspace, id).ok()?.journal().ok()?.journal;
    let entries = journal.entries();
    let Event::Opened { ceremony, version, .. } = &entries.first()?.event else { return None };
    let ceremony = catalog::find(ceremony).filter(|one| one.version == *version)?;
    let run = Run::replay(ceremony, entries).ok()?;
    let is_done = |event: &Event| matches!(event, Event::Completed { .. });
    let events = entries.iter().map(|entry| &entry.event).filter(|event| is_done(event));
    let done = events.filter_map(Event::place).cloned().collect();
    Some((run, done))
}

/// What was done with media for that key: what, and the name of the medium.
fn written(run: &Run, done: &[Place], fingerprint: &Fingerprint) -> Vec<(EffectKind, String)> {
    let of = |at: &Place| {
        let effect = run.effect(at).ok()?;
        // That of a new key is in the receipt.
        let made = run.fact(&format!("{}.fingerprint", at.as_str()), None).map(Value::text);
        let of = made.unwrap_or_else(|| effect.text("fingerprint"));
        (of == fingerprint.hex()).then(|| (effect.kind, effect.text("medium_id")))
    };
    done.iter().filter_map(of).collect()
}
