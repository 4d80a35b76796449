//! Named values: answers, inputs, receipts. They are public.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

/// A value of a fact. It is public: it stands in journals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// Several texts.
    List(Vec<String>),
}

impl Value {
    /// The text; of a list, its items with commas.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::List(items) => items.join(", "),
        }
    }

    /// The items; of a single value, this one.
    #[must_use]
    pub fn items(&self) -> Vec<String> {
        match self {
            Self::List(items) => items.clone(),
            Self::Text(text) => vec![text.clone()],
            Self::Number(number) => vec![number.to_string()],
        }
    }

    /// As in a journal.
    #[must_use]
    pub fn json(&self) -> Json {
        match self {
            Self::Text(text) => Json::from(text.as_str()),
            Self::Number(number) => Json::from(*number),
            Self::List(items) => Json::from(items.clone()),
        }
    }

    /// From a journal.
    #[must_use]
    pub fn of_json(json: &Json) -> Option<Self> {
        match json {
            Json::String(text) => Some(Self::Text(text.clone())),
            Json::Number(number) => number.as_i64().map(Self::Number),
            Json::Array(items) => {
                let items = items.iter().map(|item| item.as_str().map(str::to_owned));
                items.collect::<Option<_>>().map(Self::List)
            }
            Json::Null | Json::Bool(_) | Json::Object(_) => None,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// Named values: answers, inputs, receipts.
pub type Values = BTreeMap<String, Value>;

/// As in a journal.
#[must_use]
pub fn json_of(values: &Values) -> Map<String, Json> {
    values.iter().map(|(name, value)| (name.clone(), value.json())).collect()
}
