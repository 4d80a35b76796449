//! The plan of a run: everything that it will do, shown and sealed before
//! anything is done.

use std::fmt::Write as _;

use super::Run;
use crate::domain::worded::Worded as _;
use crate::engine::chain::Digest;
use crate::engine::definition::{Source, Step};
use crate::engine::effect::EffectKind;
use crate::engine::event::Place;

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
