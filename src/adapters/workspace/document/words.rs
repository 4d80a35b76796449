//! Values that are written as words, and what to say of wrong ones.

use serde::Deserialize;

use crate::domain::finding::FindingId;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;
use crate::domain::worded::Worded;

/// A value that is written as a word.
#[derive(Deserialize)]
#[serde(try_from = "String", bound(deserialize = "T: FromWord"))]
pub(super) struct Word<T: FromWord>(pub(super) T);

pub(super) trait FromWord: Sized {
    fn from_word(word: &str) -> Result<Self, String>;
}

impl<T: FromWord> TryFrom<String> for Word<T> {
    type Error = String;

    fn try_from(word: String) -> Result<Self, String> {
        T::from_word(&word).map(Self)
    }
}

impl<T: Worded> FromWord for T {
    fn from_word(word: &str) -> Result<Self, String> {
        <T as Worded>::from_word(word).ok_or_else(|| {
            let near = nearest(word, T::words().into_iter());
            format!("'{word}' is no {}; {near}", T::NOUN)
        })
    }
}

impl FromWord for Fingerprint {
    fn from_word(word: &str) -> Result<Self, String> {
        let claim = crate::domain::claim::read_claim(word);
        claim.map(|claim| claim.fingerprint).map_err(|error| format!("no fingerprint: {error}"))
    }
}

impl FromWord for Timestamp {
    fn from_word(word: &str) -> Result<Self, String> {
        Self::parse(word).map_err(|error| error.to_string())
    }
}

impl FromWord for FindingId {
    fn from_word(word: &str) -> Result<Self, String> {
        Self::from_word(word).ok_or_else(|| {
            let near = nearest(word, Self::ALL.iter().map(|id| id.word()));
            format!("no finding has the id '{word}'; {near}")
        })
    }
}

/// The library's message, with what is nearest to an unknown field.
pub(super) fn explain(message: &str) -> String {
    let message = VisibleText::from_text(message.trim_end()).into_string();
    let mut quoted = message.split('`').skip(1).step_by(2);
    match (message.starts_with("unknown field"), quoted.next()) {
        (true, Some(unknown)) => {
            let near = nearest(unknown, quoted);
            format!("there is no field '{unknown}' here; {near}")
        }
        _ => plainly(&message).map_or(message.clone(), str::to_owned),
    }
}

/// What people did where the library speaks of its types.
fn plainly(message: &str) -> Option<&'static str> {
    let has = |words: &[&str]| words.iter().all(|word| message.contains(word));
    Some(match () {
        () if has(&["invalid type: map", "expected a string"]) => {
            "a date or word stands in quotes, such as \"2026-12-20\""
        }
        () if has(&["invalid type: map", "expected a sequence"]) => {
            "this can stand there more than once: write it in double brackets, such as [[people]]"
        }
        () if has(&["expected a sequence"]) => "this is a list, such as [\"one\", \"other\"]",
        () if has(&["expected a string"]) => "a word or date stands in quotes, such as \"active\"",
        () if has(&["expected u32"]) || has(&["expected usize"]) || has(&["expected u16"]) => {
            "this is a whole number without quotes, such as 14"
        }
        () if has(&["expected a boolean"]) => "this is true or false, without quotes",
        () if has(&["invalid float"])
            || has(&["invalid number"])
            || has(&["string values must be quoted"]) =>
        {
            "a word stands in quotes, such as \"active\""
        }
        () => return None,
    })
}

/// The field that is wrong in a policy, and what is wrong with it.
pub(super) fn explain_policy(error: &toml::de::Error) -> (String, String) {
    let message = explain(error.message());
    // The library names the place as "in `windows.slack`".
    let told = error.to_string();
    let place = told.rsplit_once("in `").map_or("", |(_, rest)| rest);
    let place = place.split('`').next().unwrap_or_default();
    let unknown = error.message().split('`').nth(1).filter(|_| message.starts_with("there is no"));
    let word = unknown.or_else(|| place.rsplit('.').next()).unwrap_or_default().to_owned();
    let told = match place {
        "" => format!("policy: {message}"),
        _ => format!("policy.{}: {message}", VisibleText::from_text(place)),
    };
    (word, told)
}

/// What a wrong word may have been meant for.
pub(super) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<_> = known.collect();
    let near = known
        .iter()
        .max_by(|a, b| strsim::jaro_winkler(word, a).total_cmp(&strsim::jaro_winkler(word, b)));
    match near {
        Some(near) if strsim::jaro_winkler(word, near) > 0.8 => format!("did you mean '{near}'?"),
        _ => format!("there are {}", known.join(", ")),
    }
}
