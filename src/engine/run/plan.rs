//! The plan of a run: everything that it will do, shown and sealed before
//! anything is done.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::Run;
use crate::domain::text::VisibleText;
use crate::domain::worded::Worded as _;
use crate::engine::chain::Digest;
use crate::engine::definition::{Source, Step};
use crate::engine::effect::EffectKind;
use crate::engine::event::Place;
use crate::engine::transcript::{is_for_people, readable};

/// Something that will be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Where.
    pub place: Place,
    /// What.
    pub title: String,
    /// With what.
    pub inputs: Vec<(&'static str, String)>,
    /// Whether it cannot be taken back.
    pub reversible: bool,
}

/// The same as people read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedWords {
    /// What, for which of several, and whether it cannot be taken back.
    pub title: String,
    /// With what, as far as it was not told yet.
    pub inputs: Vec<String>,
    /// Whether it cannot be taken back.
    pub reversible: bool,
}

/// A plan in words. What stays as it was told is not told again: neither what
/// every step has, nor, of one of several, what was told of that one before.
/// What changes is told each time, so that no step can be taken for another.
#[must_use]
pub fn in_words(plan: &[Planned]) -> Vec<PlannedWords> {
    let mut last: HashMap<(Option<&str>, &str), &str> = HashMap::new();
    plan.iter().map(|one| one.in_words(&mut last)).collect()
}

impl Planned {
    /// In words; `told` has what was told last under each name: of one of
    /// several, and of any.
    fn in_words<'a>(
        &'a self,
        told: &mut HashMap<(Option<&'a str>, &'a str), &'a str>,
    ) -> PlannedWords {
        let item = self.place.item();
        let undo = if self.reversible { "" } else { " (cannot be undone)" };
        let of =
            item.map(|item| format!(" ({})", VisibleText::from_text(item))).unwrap_or_default();
        let mut inputs = Vec::new();
        for (name, value) in self.inputs.iter().filter(|(name, _)| is_for_people(name)) {
            let value = value.as_str();
            let before = told.get(&(item, *name)).or_else(|| told.get(&(None, *name))).copied();
            told.insert((item, name), value);
            told.insert((None, name), value);
            // The title says which one it is.
            if before != Some(value) && item != Some(value) {
                let value = readable(name, value);
                inputs.push(format!("{name}: {}", VisibleText::from_text(&value)));
            }
        }
        let title = format!("{}{of}{undo}", self.title);
        PlannedWords { title, inputs, reversible: self.reversible }
    }
}

impl Run {
    /// What will be done from here on.
    #[must_use]
    pub fn plan(&self) -> Vec<Planned> {
        self.to_come()
            .into_iter()
            .filter(|(step, _)| step.effect().is_some())
            .map(|(step, place)| Planned {
                title: step.title.to_owned(),
                inputs: self.planned_inputs(step, &place),
                reversible: step.reversible,
                place,
            })
            .collect()
    }

    fn planned_inputs(&self, step: &Step, at: &Place) -> Vec<(&'static str, String)> {
        let input = |(name, source): &(&'static str, Source)| {
            let text = match (self.value(*source, at), source) {
                (Ok(Some(value)), _) => value.text(),
                (Err(_), Source::Fact(fact)) => {
                    let step = fact.split('.').next().unwrap_or_default();
                    format!("(from the step '{step}')")
                }
                _ => return None,
            };
            Some((*name, text))
        };
        step.inputs().iter().filter_map(input).collect()
    }

    /// Names the plan: another plan has another digest.
    #[must_use]
    pub fn plan_digest(&self) -> Digest {
        let mut text = format!("{} {}\n", self.ceremony.id, self.ceremony.version);
        for planned in self.plan() {
            let effect = self.step(&planned.place).and_then(Step::effect);
            let word = effect.map(EffectKind::word).unwrap_or_default();
            let _ = writeln!(text, "{} {word}", planned.place.as_str());
            for (name, value) in planned.inputs {
                let _ = writeln!(text, "  {name}: {value}");
            }
        }
        Digest::of_kind("keyrite.plan/1", text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(place: Place, inputs: &[(&'static str, &str)]) -> Planned {
        let inputs = inputs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Planned { title: place.step().to_owned(), place, inputs, reversible: true }
    }

    fn told(plan: &[Planned]) -> Vec<String> {
        let words = in_words(plan).into_iter();
        words.map(|one| format!("{}: {}", one.title, one.inputs.join(", "))).collect()
    }

    #[test]
    fn what_every_step_has_is_told_once_and_what_changes_each_time() {
        let at = |step: &str, place| {
            planned(
                Place::new(step, None),
                &[("fingerprint", "F"), ("place", place), ("guard", "G")],
            )
        };
        let plan = [at("a", "/x"), at("b", "/x"), at("c", "/y"), at("d", "/x")];
        let wanted = ["a: fingerprint: F, place: /x", "b: ", "c: place: /y", "d: place: /x"];
        assert_eq!(told(&plan), wanted);
    }

    #[test]
    fn of_one_of_several_only_is_told_what_was_not_told_of_it() {
        let at = |step: &str, item, state| {
            let inputs =
                [("target", item), ("place", item), ("fingerprint", "F"), ("state", state)];
            let mut one = planned(Place::new(step, Some(item)), &inputs);
            one.inputs[1].1 += "/there";
            one
        };
        let plan = [
            at("put", "a", "new"),
            at("put", "b", "new"),
            at("look", "a", "new"),
            at("look", "b", "old"),
            at("look", "c", "old"),
        ];
        let wanted = [
            "put (a): place: a/there, fingerprint: F, state: new",
            "put (b): place: b/there",
            "look (a): ",
            "look (b): state: old",
            "look (c): place: c/there",
        ];
        assert_eq!(told(&plan), wanted);
    }

    #[test]
    fn what_cannot_be_undone_says_so_and_strange_text_is_made_visible() {
        let one = Planned {
            reversible: false,
            ..planned(Place::new("put", None), &[("place", "/x\u{1b}[31m")])
        };
        let words = in_words(&[one]);
        assert_eq!(words[0].title, "put (cannot be undone)");
        assert!(!words[0].inputs[0].contains('\u{1b}'), "{words:?}");
    }
}
