//! What a run knows: answers and receipts, and what its steps are given of
//! them.

use super::{IllegalMove, Run};
use crate::engine::definition::{Source, Until};
use crate::engine::effect::{Effect, Value, Values};
use crate::engine::event::Place;

impl Run {
    /// A fact, that of the item before that of all.
    #[must_use]
    pub fn fact(&self, name: &str, item: Option<&str>) -> Option<&Value> {
        let (step, rest) = name.split_once('.')?;
        let of_item = item.and_then(|item| self.facts.get(&format!("{step}@{item}.{rest}")));
        of_item.or_else(|| self.facts.get(name))
    }

    /// What a fact is for the other items; absent where it is not known of any.
    fn of_others(&self, name: &str, item: Option<&str>) -> Option<Value> {
        let (step, rest) = name.split_once('.')?;
        let known = self.facts.iter().filter_map(|(key, value)| {
            let other = key.strip_prefix(step)?.strip_prefix('@')?;
            let other = other.strip_suffix(rest)?.strip_suffix('.')?;
            (Some(other) != item).then(|| value.text())
        });
        let known: Vec<_> = known.collect();
        (!known.is_empty()).then_some(Value::List(known))
    }

    /// All facts, by place and name.
    #[must_use]
    pub fn facts(&self) -> &Values {
        &self.facts
    }

    /// The value of a source at a place; absent where it is optional and not
    /// there.
    pub fn value(&self, source: Source, at: &Place) -> Result<Option<Value>, IllegalMove> {
        let is_said = |value: &&Value| !value.items().concat().is_empty();
        match source {
            Source::Text(text) => Ok(Some(text.into())),
            Source::Item => Ok(at.item().map(Value::from)),
            Source::Others(name) => Ok(self.of_others(name, at.item())),
            Source::Optional(name) => Ok(self.fact(name, at.item()).filter(is_said).cloned()),
            Source::Fact(name) => {
                let missing = || IllegalMove::Missing(at.as_str().to_owned(), name.to_owned());
                self.fact(name, at.item()).cloned().map(Some).ok_or_else(missing)
            }
        }
    }

    /// The effect of a step, with everything that it is given.
    pub fn effect(&self, at: &Place) -> Result<Effect, IllegalMove> {
        let none = || IllegalMove::OtherEffect(at.as_str().to_owned());
        let step = self.step(at).ok_or_else(none)?;
        let kind = step.effect().ok_or_else(none)?;
        let mut inputs = Values::new();
        for (name, source) in step.inputs() {
            if let Some(value) = self.value(*source, at)? {
                inputs.insert((*name).to_owned(), value);
            }
        }
        Ok(Effect { kind, inputs })
    }

    /// What a step waits for, as text.
    pub fn awaited(
        &self,
        at: &Place,
        until: Until,
    ) -> Result<(String, Option<String>), IllegalMove> {
        let text = |source| Ok(self.value(source, at)?.map(|value| value.text()));
        Ok(match until {
            Until::Away(path) => (text(path)?.unwrap_or_default(), None),
            Until::Back { path, id } => (text(path)?.unwrap_or_default(), text(id)?),
        })
    }
}
