//! What has to be typed before something that cannot be undone.

use super::{IllegalMove, Planned, Run};
use crate::engine::definition::{Class, Kind, Source};
use crate::engine::effect::Value;
use crate::engine::event::Place;

/// What has to be typed, by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typing {
    /// What is asked for, in words.
    pub label: String,
    /// Who types it.
    pub by: String,
    /// What it must be.
    expected: String,
}

impl Typing {
    /// Whether that is it; blanks and the case of letters do not matter.
    #[must_use]
    pub fn is_met(&self, typed: &str) -> bool {
        let plain = |text: &str| -> String {
            text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
        };
        plain(typed) == plain(&self.expected)
    }
}

/// Something that cannot be undone and has to be confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmation {
    /// How.
    pub class: Class,
    /// Of what: a fingerprint or digest.
    pub subject: String,
    /// What has to be typed, in this order.
    pub typings: Vec<Typing>,
    /// The name of the place, where that is typed, too.
    pub place: Option<String>,
    /// What was found out about the place: as whom it is written to, where,
    /// with which key, and what is there.
    pub facts: Vec<String>,
    /// The plan, where it is its digest that is confirmed.
    pub planned: Vec<Planned>,
}

/// What a look at a place tells those who agree to it.
const FOUND: [&str; 3] = ["look.there", "look.state", "look.by_hand"];

impl Run {
    /// What has to be typed at a place: where somebody looks on, that is by two
    /// people.
    pub fn confirmation(&self, at: &Place) -> Result<Confirmation, IllegalMove> {
        let none = || IllegalMove::OtherEffect(at.as_str().to_owned());
        let Some(Kind::Confirm(class, sources)) = self.step(at).map(|step| step.kind) else {
            return Err(none());
        };
        let values = sources.iter().map(|source| self.value(*source, at));
        let values: Vec<_> = values.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
        let text = |index: usize| values.get(index).map(Value::text).unwrap_or_default();
        let (subject, operator) = (text(0), self.operator.clone());
        let digits = subject.strip_prefix("sha256:").unwrap_or(&subject).to_owned();
        let typing = |label: &str, by: &str, expected: &str| Typing {
            label: label.to_owned(),
            by: by.to_owned(),
            expected: expected.to_owned(),
        };
        let second = self.witness().unwrap_or_else(|| operator.clone());
        let middle = digits.len() / 2;
        let (first, rest) = digits.split_at_checked(middle).unwrap_or((&digits, ""));
        let last = digits.get(digits.len().saturating_sub(8)..).unwrap_or_default();
        let typings = match class {
            Class::C0 => Vec::new(),
            Class::C1 => vec![typing(&format!("the word '{subject}'"), &operator, &subject)],
            Class::C2 => vec![typing("its last eight digits", &operator, last)],
            Class::C3 | Class::C4 => {
                let mut halves = vec![
                    typing("its first half", &operator, first),
                    typing("its second half, read from the other display or paper", &second, rest),
                ];
                if class == Class::C4 {
                    halves.push(typing("the name of the place", &operator, &text(1)));
                }
                halves
            }
        };
        let place = (class == Class::C4).then(|| text(1));
        let found = FOUND.iter().filter(|_| place.is_some());
        let found = found.filter_map(|name| self.value(Source::Optional(name), at).ok().flatten());
        let facts = found.flat_map(|value| value.items()).filter(|text| !text.is_empty()).collect();
        let is_plan = subject == self.plan_digest().to_string();
        let planned = if is_plan { self.plan() } else { Vec::new() };
        Ok(Confirmation { class, subject, typings, place, facts, planned })
    }
}
