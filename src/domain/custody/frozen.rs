//! Slots whose users are kept from reading them for a while, by the record.

use super::Register;
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;

/// The wish that a slot's user does not get its key any more.
pub const FREEZE: &str = "freeze";
/// The wish that it gets it again.
pub const LET_AGAIN: &str = "let-again";
/// What is on record of a place that did neither.
pub const NOT_DONE: &str = "not done";

/// That a slot is frozen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frozen {
    /// Since when.
    pub since: Timestamp,
    /// The run that did it.
    pub run: String,
    /// Why, in the words of whoever wanted it.
    pub why: VisibleText,
}

impl Frozen {
    /// All of it in a line.
    #[must_use]
    pub fn words(&self) -> String {
        format!("since {} by the run {}: {}", self.since.minute(), self.run, self.why)
    }
}

impl Register {
    /// The users of a slot were kept from it.
    pub fn freeze(&mut self, place: String, frozen: Frozen) {
        self.frozen.entry(place).or_default().push(frozen);
    }

    /// They were let again at that time.
    pub fn let_again(&mut self, place: String, at: Timestamp) {
        let last = self.let_again.entry(place).or_insert(at);
        *last = at.max(*last);
    }

    /// That the slot at a place is frozen; absent where it is not. Runs may
    /// overlap: what was done last counts, and of several that froze the first.
    #[must_use]
    pub fn frozen(&self, place: &str) -> Option<&Frozen> {
        let last = self.let_again.get(place);
        let is_left = |one: &&Frozen| last.is_none_or(|last| one.since > *last);
        self.frozen.get(place)?.iter().filter(is_left).min_by_key(|one| one.since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_last_counts_in_whatever_order_runs_are_read() {
        let at = Timestamp::from_unix;
        let freeze = |register: &mut Register, since| {
            let (run, why) = (format!("run-{since}"), VisibleText::from_text("TEST"));
            register.freeze("ci".to_owned(), Frozen { since: at(since), run, why });
        };
        let mut register = Register::default();
        let run = |register: &Register| register.frozen("ci").map(|one| one.run.clone());
        assert_eq!(run(&register), None);
        freeze(&mut register, 5);
        freeze(&mut register, 3);
        assert_eq!(run(&register).as_deref(), Some("run-3"));
        register.let_again("ci".to_owned(), at(4));
        register.let_again("ci".to_owned(), at(2));
        assert_eq!(run(&register).as_deref(), Some("run-5"));
        register.let_again("ci".to_owned(), at(5));
        assert_eq!(run(&register), None);
        freeze(&mut register, 6);
        assert!(register.frozen("other").is_none() && run(&register).is_some());
    }
}
