//! What is said of a slot or a target in the words of its kind.

use std::collections::BTreeMap;

/// More that is said of a slot or a target, in the words of its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// A text, a number or a truth, as text.
    Text(String),
    /// Several texts.
    List(Vec<String>),
    /// Named texts.
    Map(BTreeMap<String, String>),
}

impl Setting {
    /// A text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::List(_) | Self::Map(_) => None,
        }
    }
}

/// The form of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A text.
    Text,
    /// Several.
    List,
    /// Named ones.
    Map,
}

/// A setting that a kind knows.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// Its name.
    pub name: &'static str,
    /// Its form.
    pub form: Form,
    /// What it says.
    pub about: &'static str,
}

/// The settings of each kind, as constants.
macro_rules! known {
    ($($kind:ident: $($name:literal $form:ident $about:literal,)*;)*) => {
        $(const $kind: &[Known] =
            &[$(Known { name: $name, form: $crate::domain::workspace::Form::$form, about: $about }),*];)*
    };
}

pub(super) use known;

/// What is wrong with settings, held against those that are known.
pub(super) fn setting_problems(
    known: &[Known],
    settings: &BTreeMap<String, Setting>,
) -> Vec<String> {
    let problem = |(name, setting): (&String, &Setting)| {
        let Some(wanted) = known.iter().find(|one| one.name == name) else {
            let names: Vec<_> = known.iter().map(|one| one.name).collect();
            let there = match names.as_slice() {
                [] => "this kind has none".to_owned(),
                names => format!("there are {}", names.join(", ")),
            };
            return Some(format!("it has no setting '{name}'; {there}"));
        };
        let form = match setting {
            Setting::Text(_) => Form::Text,
            Setting::List(_) => Form::List,
            Setting::Map(_) => Form::Map,
        };
        let word = match wanted.form {
            Form::Text => "a text",
            Form::List => "a list",
            Form::Map => "a table",
        };
        (form != wanted.form).then(|| format!("its setting '{name}' has to be {word}"))
    };
    settings.iter().filter_map(problem).collect()
}
