//! Keyed, blind comparison of fingerprints.
//!
//! People miss differences between two long values that they look at, so they
//! do not look: one side types what the other side says, and the program
//! compares. It never shows its own value before the result is settled, and
//! on a difference it names the group and nothing of its own value; otherwise
//! people edit until it fits.

use super::claim::{Claim, Form};
use super::fingerprint::Fingerprint;

/// Attempts after which a difference stays.
pub const TRIES: u8 = 3;

/// How the other side's value reached the person who typed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Both people in one room.
    InPerson,
    /// A printed card or letter.
    Paper,
    /// A call between people who know each other's voice.
    Phone,
    /// A call with a picture.
    Video,
    /// A page that the other side publishes.
    WebPage,
    /// A mail or chat message.
    Message,
    /// The value was copied from this very machine.
    SameMachine,
}

impl Channel {
    /// All channels, the strongest first.
    pub const ALL: [Self; 7] = [
        Self::InPerson,
        Self::Video,
        Self::Phone,
        Self::Paper,
        Self::WebPage,
        Self::Message,
        Self::SameMachine,
    ];

    /// The word for screens, records and the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::InPerson => "in-person",
            Self::Paper => "paper",
            Self::Phone => "phone",
            Self::Video => "video",
            Self::WebPage => "web-page",
            Self::Message => "message",
            Self::SameMachine => "same-machine",
        }
    }

    /// What the channel is worth, in a few words.
    #[must_use]
    pub const fn worth(self) -> &'static str {
        match self {
            Self::InPerson => "you see the person and their key",
            Self::Paper => "a card or letter that they gave you",
            Self::Phone => "you know the voice",
            Self::Video => "you know the face and the voice",
            Self::WebPage => "proves as much as the page's owner does",
            Self::Message => "proves as much as the mailbox does",
            Self::SameMachine => "proves nothing: both values come from here",
        }
    }

    /// The channel of that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.word() == word)
    }
}

/// What an attempt found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every digit is equal.
    Match,
    /// They differ; the first differing group of four digits, counted from 1.
    Different {
        /// Which group.
        group: usize,
        /// Of how many.
        of: usize,
    },
    /// A version 4 fingerprint against a version 6 one.
    OtherVersion,
    /// Exactly the fingerprint of another key of the same certificate.
    OtherKey {
        /// Which key, such as `primary key`.
        role: &'static str,
    },
    /// The same wrong value as the time before.
    Unchanged,
}

impl Outcome {
    /// What it means, for somebody who was told the value in that form. Says
    /// nothing of our value.
    #[must_use]
    pub fn words(&self, form: Form) -> String {
        match self {
            Self::Match => "MATCH: every digit is equal.".to_owned(),
            Self::Different { group, of } => {
                let place = match form {
                    Form::Digits => format!("group {group} of {of}"),
                    Form::Words => format!("words {} and {}", 2 * group - 1, 2 * group),
                    Form::Numbers => format!("number {group} of {of}"),
                };
                format!(
                    "DIFFERENT: the first difference is in {place}. Ask for that part again; treat \
                     it as NOT the same key until that is explained."
                )
            }
            Self::OtherVersion => {
                "DIFFERENT: one is a version 4 fingerprint, the other a version 6 one.".to_owned()
            }
            Self::OtherKey { role } => format!(
                "That is the fingerprint of the {role} of this same certificate, not of the key \
                 that you compare. Nothing was counted."
            ),
            Self::Unchanged => "The same value as before; nothing was counted.".to_owned(),
        }
    }
}

/// Compares over all bytes before it answers.
#[must_use]
pub fn compare(ours: &Fingerprint, theirs: &Fingerprint) -> Outcome {
    let (a, b) = (ours.as_bytes(), theirs.as_bytes());
    if a.len() != b.len() {
        return Outcome::OtherVersion;
    }
    let differences: Vec<bool> =
        a.chunks(2).zip(b.chunks(2)).map(|(mine, other)| mine != other).collect();
    match differences.iter().position(|different| *different) {
        None => Outcome::Match,
        Some(index) => Outcome::Different { group: index + 1, of: differences.len() },
    }
}

/// One comparison from the first attempt to its settled result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    ours: Fingerprint,
    /// The other keys of the certificate, with their roles.
    others: Vec<(Fingerprint, &'static str)>,
    last: Option<Fingerprint>,
    tries: u8,
    settled: Option<Settled>,
}

/// The result that stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// The values are equal, at the given attempt.
    Match,
    /// They differ: the attempts are used up or the person stopped trying.
    Mismatch,
}

impl Comparison {
    /// Starts to compare against `ours`, which stays hidden. `others` are the
    /// other keys of the same certificate: people mix them up.
    #[must_use]
    pub const fn new(ours: Fingerprint, others: Vec<(Fingerprint, &'static str)>) -> Self {
        Self { ours, others, last: None, tries: 0, settled: None }
    }

    /// Attempts made so far.
    #[must_use]
    pub const fn tries(&self) -> u8 {
        self.tries
    }

    /// The result, once it stays.
    #[must_use]
    pub const fn settled(&self) -> Option<Settled> {
        self.settled
    }

    /// Our value, only once the result stays.
    #[must_use]
    pub const fn ours(&self) -> Option<&Fingerprint> {
        if self.settled.is_some() { Some(&self.ours) } else { None }
    }

    /// Compares one attempt. After the third difference, or once settled,
    /// nothing changes any more.
    pub fn attempt(&mut self, claim: &Claim) -> Outcome {
        let theirs = claim.fingerprint;
        let outcome = compare(&self.ours, &theirs);
        if self.settled.is_some() {
            return outcome;
        }
        if outcome == Outcome::Match {
            self.tries += 1;
            self.settled = Some(Settled::Match);
            return outcome;
        }
        if self.last.replace(theirs) == Some(theirs) {
            return Outcome::Unchanged;
        }
        if let Some((_, role)) = self.others.iter().find(|(other, _)| *other == theirs) {
            return Outcome::OtherKey { role };
        }
        self.tries += 1;
        if self.tries >= TRIES {
            self.settled = Some(Settled::Mismatch);
        }
        outcome
    }

    /// Records the difference that was seen and stops.
    pub fn give_up(&mut self) {
        if self.tries > 0 && self.settled.is_none() {
            self.settled = Some(Settled::Mismatch);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::claim::read_claim;
    use proptest::prelude::*;

    const HEX: &str = "7E6A3F1942C80B5DD19E54A7A3C1F08E6B2D9A47";

    fn ours() -> Fingerprint {
        read_claim(HEX).unwrap().fingerprint
    }

    #[test]
    fn our_value_stays_hidden_until_the_result_is_settled() {
        let mut comparison = Comparison::new(ours(), Vec::new());
        for (attempt, wrong) in (1..=2).zip(["F0BE", "F0CE"]) {
            let wrong = read_claim(&HEX.replace("F08E", wrong)).unwrap();
            assert_eq!(comparison.attempt(&wrong), Outcome::Different { group: 8, of: 10 });
            assert_eq!((comparison.tries(), comparison.ours()), (attempt, None));
        }
        comparison.attempt(&read_claim(&HEX.replace("F08E", "F0DE")).unwrap());
        assert_eq!(comparison.settled(), Some(Settled::Mismatch));
        assert_eq!(comparison.ours(), Some(&ours()));
    }

    #[test]
    fn a_settled_mismatch_stays_even_if_the_right_value_follows() {
        let mut comparison = Comparison::new(ours(), Vec::new());
        let wrong = read_claim(&HEX.replace("F08E", "F0BE")).unwrap();
        comparison.attempt(&wrong);
        comparison.give_up();
        comparison.attempt(&read_claim(HEX).unwrap());
        assert_eq!(comparison.settled(), Some(Settled::Mismatch));
        assert_eq!(comparison.tries(), 1);
    }

    #[test]
    fn the_same_wrong_value_twice_counts_once() {
        let mut comparison = Comparison::new(ours(), Vec::new());
        let wrong = read_claim(&HEX.replace("F08E", "F0BE")).unwrap();
        comparison.attempt(&wrong);
        for _ in 0..5 {
            assert_eq!(comparison.attempt(&wrong), Outcome::Unchanged);
        }
        assert_eq!((comparison.tries(), comparison.settled()), (1, None));
    }

    #[test]
    fn another_key_of_the_certificate_is_told_and_not_counted() {
        let other = read_claim(&HEX.replace("F08E", "0000")).unwrap();
        let mut comparison = Comparison::new(ours(), vec![(other.fingerprint, "primary key")]);
        assert_eq!(comparison.attempt(&other), Outcome::OtherKey { role: "primary key" });
        assert_eq!(comparison.tries(), 0);
    }

    #[test]
    fn the_place_is_named_in_the_form_that_was_heard() {
        let outcome = Outcome::Different { group: 8, of: 10 };
        assert!(outcome.words(Form::Digits).contains("group 8 of 10"));
        assert!(outcome.words(Form::Words).contains("words 15 and 16"));
        assert!(outcome.words(Form::Numbers).contains("number 8 of 10"));
    }

    #[test]
    fn nothing_is_settled_before_the_first_attempt() {
        let mut comparison = Comparison::new(ours(), Vec::new());
        comparison.give_up();
        assert_eq!(comparison.settled(), None);
    }

    #[test]
    fn versions_do_not_match_each_other() {
        let v6 = Fingerprint::from_bytes(&[7; 32]).unwrap();
        assert_eq!(compare(&ours(), &v6), Outcome::OtherVersion);
    }

    proptest! {
        #[test]
        fn any_changed_digit_is_found_at_its_group(place in 0usize..40, by in 1u8..16) {
            let mut digits: Vec<char> = HEX.chars().collect();
            let value = u8::try_from(digits[place].to_digit(16).unwrap()).unwrap();
            digits[place] = char::from_digit(u32::from(value ^ by), 16).unwrap();
            let theirs = read_claim(&digits.into_iter().collect::<String>()).unwrap();
            prop_assert_eq!(
                compare(&ours(), &theirs.fingerprint),
                Outcome::Different { group: place / 4 + 1, of: 10 }
            );
        }
    }
}
