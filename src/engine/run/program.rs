//! Which step of a ceremony is next: its steps in their order, those for the
//! items of a list together, those that do not apply left out.

use std::fmt::Write as _;

use super::Run;
use crate::engine::definition::{Kind, Step};
use crate::engine::effect::{Value, Values};
use crate::engine::event::{Place, Weight};

/// What is said where nothing was made.
const NOTHING_MADE: &str = "Nothing was made, and nothing is to be destroyed: all keys, media \
                            and slots are as they were. A medium that was named in this run keeps its name.";

/// Which step it is, counted from 1, of how many, where that is known.
#[must_use]
pub fn numbered(number: usize, total: Option<usize>) -> String {
    match total {
        Some(total) => format!("step {number} of {total}"),
        None => format!("step {number}"),
    }
}

/// A step as a run has it before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Where.
    pub place: Place,
    /// What happens.
    pub title: String,
    /// Whether it is done.
    pub is_done: bool,
    /// Whether abandoning takes it back.
    pub reversible: bool,
}

impl Run {
    /// The place at which the run is; absent when all is done.
    #[must_use]
    pub fn current(&self) -> Option<Place> {
        self.places().into_iter().find(|(_, place)| !self.done.contains(place)).map(|(_, at)| at)
    }

    /// All steps, as far as the lists are known for whose items they are done.
    #[must_use]
    pub fn shown(&self) -> Vec<Shown> {
        let shown = |(step, place): (&Step, Place)| Shown {
            title: match place.item() {
                Some(item) => format!("{} ({item})", step.title),
                None => step.title.to_owned(),
            },
            is_done: self.done.contains(&place),
            reversible: step.reversible,
            place,
        };
        self.places().into_iter().map(shown).collect()
    }

    /// How many steps it has; absent as long as that depends on something that
    /// is not known yet: on a list with steps for each of its items, or on
    /// whether a step applies.
    #[must_use]
    pub fn total(&self) -> Option<usize> {
        let is_open = |step: &Step| {
            let unknown = |item: Option<&str>| {
                step.only_if.is_some_and(|(fact, _)| self.fact(fact, item).is_none())
            };
            match step.each.map(|list| self.fact(list, None).map(Value::items)) {
                None => unknown(None),
                Some(None) => true,
                Some(Some(items)) => items.iter().any(|item| unknown(Some(item.as_str()))),
            }
        };
        (!self.ceremony.steps.iter().any(is_open)).then(|| self.places().len())
    }

    /// The last question whose answer can still be taken back: as long as the
    /// plan is not sealed nothing was made.
    #[must_use]
    pub fn way_back(&self) -> Option<Place> {
        let places = self.places();
        let is_done = |(_, at): &&(&Step, Place)| self.done.contains(at);
        let done: Vec<_> = places.iter().take_while(is_done).collect();
        let mut questions = done.into_iter().rev();
        let last = questions.find(|(step, _)| matches!(step.kind, Kind::Ask(_)));
        last.filter(|_| !self.is_sealed() && self.pending.is_none()).map(|(_, at)| at.clone())
    }

    /// What was answered there before it was taken back.
    #[must_use]
    pub fn answered_before(&self, at: &Place, field: &str) -> Option<&Value> {
        self.taken_back.get(&format!("{}.{field}", at.as_str()))
    }

    /// Whether its plan is sealed.
    #[must_use]
    pub fn is_sealed(&self) -> bool {
        self.ceremony.steps.iter().any(|step| {
            matches!(step.kind, Kind::Plan)
                && self.fact(&format!("{}.digest", step.id), None).is_some()
        })
    }

    /// Forgets what was answered and done from there on.
    pub(super) fn go_back(&mut self, to: &Place) {
        let behind = self.places().into_iter().map(|(_, at)| at).skip_while(|at| at != to);
        for at in behind.collect::<Vec<_>>() {
            self.done.remove(&at);
            let prefix = format!("{}.", at.as_str());
            let (gone, kept) = std::mem::take(&mut self.facts)
                .into_iter()
                .partition(|(name, _)| name.starts_with(&prefix));
            self.facts = kept;
            self.taken_back.extend::<Values>(gone);
        }
        self.halt = None;
        self.failure = None;
    }

    /// Whether something of its plan was begun, done or not.
    fn has_begun(&self) -> bool {
        let planned =
            self.ceremony.steps.iter().skip_while(|step| !matches!(step.kind, Kind::Plan));
        let acts: Vec<_> = planned
            .filter(|step| matches!(step.kind, Kind::Perform(..)))
            .map(|step| step.id)
            .collect();
        let begun = self.names.keys().map(|(place, _)| place);
        begun.into_iter().any(|place| acts.contains(&place.step()))
    }

    /// What is to be done if it is given up as it is now: before something of
    /// the plan was begun nothing was made. What stops it for good stays true.
    #[must_use]
    pub fn given_up(&self) -> String {
        let is_untouched = !self.has_begun() && self.ceremony.loses.is_empty();
        let mut text = if is_untouched { NOTHING_MADE } else { self.ceremony.given_up }.to_owned();
        for remark in self.halt.iter().flat_map(|halt| &halt.remarks) {
            if remark.weight == Weight::Forbids {
                let (id, why, how) = (remark.id, &remark.message, &remark.remedy);
                let _ = write!(text, " What has stopped it is still so: {id}: {why}; {how}.");
            }
        }
        text
    }

    /// Whether abandoning it would leave something that cannot be taken back.
    #[must_use]
    pub fn has_passed_no_return(&self) -> bool {
        self.shown().iter().any(|step| step.is_done && !step.reversible)
    }

    /// The places that are before it.
    pub(super) fn to_come(&self) -> Vec<(&'static Step, Place)> {
        let mut places = self.places();
        places.retain(|(_, place)| !self.done.contains(place));
        places
    }

    fn places(&self) -> Vec<(&'static Step, Place)> {
        let mut places = Vec::new();
        let mut rest = self.ceremony.steps;
        while let Some(first) = rest.first() {
            let length = rest.iter().take_while(|step| step.each == first.each).count();
            let (group, behind) = rest.split_at_checked(length).unwrap_or((rest, &[]));
            let items = match first.each {
                None => vec![None],
                Some(list) => match self.fact(list, None).map(Value::items) {
                    None => vec![None],
                    Some(items) => items.into_iter().map(Some).collect(),
                },
            };
            for item in items {
                let item = item.as_deref();
                let here = group.iter().filter(|step| self.applies(step, item));
                places.extend(here.map(|step| (step, Place::new(step.id, item))));
            }
            rest = behind;
        }
        places
    }

    fn applies(&self, step: &Step, item: Option<&str>) -> bool {
        step.only_if.is_none_or(|(fact, value)| {
            self.fact(fact, item).is_none_or(|known| known.text() == value)
        })
    }
}
