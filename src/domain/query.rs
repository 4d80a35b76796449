//! What a person types to see fewer rows.
//!
//! Words must all be found; `!word` must not be. `state:expired`, `cap:s`,
//! `algo:rsa` and `fpr:7E6A` look at one field. Case never matters.

/// What a row offers to be found by.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    text: String,
    states: String,
    capabilities: String,
    algorithms: String,
    fingerprints: String,
}

impl Subject {
    /// Adds a name by which the row can be found.
    pub fn add_text(&mut self, text: &str) {
        push_word(&mut self.text, text);
    }

    /// Adds the state of one of its keys.
    pub fn add_state(&mut self, words: &str) {
        push_word(&mut self.states, words);
    }

    /// Adds the capabilities of one of its keys, as letters.
    pub fn add_capabilities(&mut self, letters: &str) {
        push_word(&mut self.capabilities, letters);
    }

    /// Adds the algorithm of one of its keys.
    pub fn add_algorithm(&mut self, name: &str) {
        push_word(&mut self.algorithms, name);
    }

    /// Adds a fingerprint.
    pub fn add_fingerprint(&mut self, hex: &str) {
        push_word(&mut self.fingerprints, hex);
    }

    fn everywhere(&self, word: &str) -> bool {
        [&self.text, &self.states, &self.algorithms, &self.fingerprints]
            .into_iter()
            .any(|field| field.contains(word))
    }
}

fn push_word(field: &mut String, word: &str) {
    field.push_str(&word.to_lowercase());
    // A separator that nobody types, so that no match spans two words.
    field.push('\u{1f}');
}

/// A parsed query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    terms: Vec<Term>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    field: Field,
    word: String,
    inverted: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Anywhere,
    State,
    Capability,
    Algorithm,
    Fingerprint,
}

impl Query {
    /// Reads what was typed; every text is a query.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let terms = text
            .split_whitespace()
            .filter_map(|term| {
                let (inverted, term) =
                    term.strip_prefix('!').map_or((false, term), |rest| (true, rest));
                let (field, word) = match term.split_once(':') {
                    Some(("state" | "s", word)) => (Field::State, word),
                    Some(("cap" | "c", word)) => (Field::Capability, word),
                    Some(("algo" | "a", word)) => (Field::Algorithm, word),
                    Some(("fpr" | "f", word)) => (Field::Fingerprint, word),
                    _ => (Field::Anywhere, term),
                };
                // `state:not_yet_valid` and `state:cannot_sign` are one word.
                let word = match field {
                    Field::State => word.replace('_', " "),
                    Field::Anywhere | Field::Capability | Field::Algorithm | Field::Fingerprint => {
                        word.to_owned()
                    }
                };
                (!word.is_empty()).then(|| Term { field, word: word.to_lowercase(), inverted })
            })
            .collect();
        Self { terms }
    }

    /// Whether everything matches.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether `subject` is wanted.
    #[must_use]
    pub fn matches(&self, subject: &Subject) -> bool {
        self.terms.iter().all(|term| {
            let found = match term.field {
                Field::Anywhere => subject.everywhere(&term.word),
                Field::State => {
                    subject.states.split('\u{1f}').any(|state| state.starts_with(&term.word))
                }
                Field::Capability => subject.capabilities.split('\u{1f}').any(|letters| {
                    term.word.chars().all(|letter| letters.contains(letter)) && !letters.is_empty()
                }),
                Field::Algorithm => subject.algorithms.contains(&term.word),
                Field::Fingerprint => subject.fingerprints.contains(&term.word),
            };
            found != term.inverted
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject() -> Subject {
        let mut subject = Subject::default();
        subject.add_text("Halyard Release Root TEST");
        subject.add_state("cannot sign");
        subject.add_capabilities("C");
        subject.add_capabilities("S");
        subject.add_algorithm("RSA-4096");
        subject.add_fingerprint("7E6A3F19");
        subject
    }

    #[test]
    fn all_words_must_be_found_and_inverted_ones_must_not() {
        for (query, wanted) in [
            ("", true),
            ("halyard root", true),
            ("HALYARD", true),
            ("halyard nobody", false),
            ("!nobody", true),
            ("!halyard", false),
            ("state:cannot_sign", true),
            ("s:cannot", true),
            ("state:valid", false),
            ("state:sign", false),
            ("!state:valid", true),
            ("cap:s", true),
            ("cap:cs", false),
            ("cap:e", false),
            ("algo:rsa", true),
            ("rsa-4096", true),
            ("fpr:7e6a", true),
            ("3f19", true),
            ("state:", true),
            ("test7e", false),
        ] {
            assert_eq!(Query::parse(query).matches(&subject()), wanted, "{query}");
        }
    }
}
