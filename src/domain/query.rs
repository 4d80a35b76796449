//! What a person types to see fewer rows.
//!
//! Words must all be found; `!word` must not be. `state:expired` looks at the
//! state of the certificate, `key:expired` at that of each of its keys,
//! `cap:sign`, `algo:rsa` and `fpr:7E6A` at what their names say. Case never
//! matters.

/// The fields that a query can name.
pub const FIELDS: [&str; 5] = ["state", "key", "cap", "algo", "fpr"];

/// What a row offers to be found by.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    text: String,
    state: String,
    key_states: String,
    capabilities: String,
    algorithms: String,
    fingerprints: String,
}

impl Subject {
    /// Adds a name by which the row can be found.
    pub fn add_text(&mut self, text: &str) {
        push_word(&mut self.text, text);
    }

    /// Adds the state of the certificate.
    pub fn add_state(&mut self, words: &str) {
        push_word(&mut self.state, words);
    }

    /// Adds the state of one of its keys.
    pub fn add_key_state(&mut self, words: &str) {
        push_word(&mut self.key_states, words);
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
        [&self.text, &self.state, &self.algorithms, &self.fingerprints]
            .into_iter()
            .any(|field| field.contains(word))
    }
}

fn push_word(field: &mut String, word: &str) {
    field.push_str(&word.to_lowercase());
    // A separator that nobody types, so that no match spans two words.
    field.push('\u{1f}');
}

impl Field {
    /// The field that a lower-case term names, and the word in it.
    fn split(term: &str) -> (Self, String) {
        match term.split_once(':') {
            // `state:not_yet_valid` and `state:cannot_sign` are one word.
            Some(("state", word)) => (Self::State, word.replace('_', " ")),
            Some(("key", word)) => (Self::Key, word.replace('_', " ")),
            Some(("cap", word)) => (Self::Capability, capability(word).to_owned()),
            Some(("algo", word)) => (Self::Algorithm, word.to_owned()),
            Some(("fpr" | "openpgp4fpr", word)) => (Self::Fingerprint, word.to_owned()),
            _ => match term.strip_prefix("0x") {
                Some(digits) => (Self::Fingerprint, digits.to_owned()),
                None => (Self::Anywhere, term.to_owned()),
            },
        }
    }
}

/// The letter of a capability that is written out.
fn capability(word: &str) -> &str {
    match word {
        "certify" => "c",
        "sign" => "s",
        "encrypt" => "e",
        "authenticate" => "a",
        letters => letters,
    }
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
    Key,
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
                let (field, word) = Field::split(&term.to_lowercase());
                (!word.is_empty()).then_some(Term { field, word, inverted })
            })
            .collect();
        Self { terms }
    }

    /// The first word before a colon that names no field.
    #[must_use]
    pub fn unknown_field(text: &str) -> Option<&str> {
        text.split_whitespace().find_map(|term| {
            let (name, rest) = term.trim_start_matches('!').split_once(':')?;
            let word = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic());
            let known = FIELDS.contains(&name.to_lowercase().as_str());
            (word && !known && !rest.starts_with('/')).then_some(name)
        })
    }

    /// The states that are asked for, with underscores in place of blanks.
    pub fn states(text: &str) -> impl Iterator<Item = String> {
        text.split_whitespace().filter_map(|term| {
            let term = term.trim_start_matches('!').to_lowercase();
            let (name, state) = term.split_once(':')?;
            matches!(name, "state" | "key").then(|| state.to_owned())
        })
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
                Field::State => starts_with(&subject.state, &term.word),
                Field::Key => starts_with(&subject.key_states, &term.word),
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

/// Whether one of the words of a field starts so.
fn starts_with(field: &str, start: &str) -> bool {
    field.split('\u{1f}').any(|word| word.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject() -> Subject {
        let mut subject = Subject::default();
        subject.add_text("Halyard Release Root TEST");
        subject.add_state("cannot sign");
        subject.add_key_state("valid");
        subject.add_key_state("expired");
        subject.add_capabilities("C");
        subject.add_capabilities("S");
        subject.add_algorithm("RSA-4096");
        subject.add_fingerprint("7E6A3F19");
        subject
    }

    #[test]
    fn a_field_that_does_not_exist_is_named() {
        assert_eq!(Query::unknown_field("halyard sate:valid"), Some("sate"));
        assert_eq!(Query::unknown_field("!foo:x"), Some("foo"));
        for text in ["state:valid", "https://example.org", "a:b c", "", "12:30"] {
            assert!(matches!(Query::unknown_field(text), None | Some("a")), "{text}");
        }
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
            ("state:cannot", true),
            ("key:expired", true),
            ("key:revoked", false),
            ("cap:sign", true),
            ("cap:encrypt", false),
            ("0x7E6A", true),
            ("OPENPGP4FPR:7E6A3F19", true),
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
