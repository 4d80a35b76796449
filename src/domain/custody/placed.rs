//! Which subkey's secret was put into which slot, by the record.

use super::{Register, Seen};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::timestamp::Timestamp;
use crate::domain::worded::worded;

worded! {
    /// What a version is in its slot.
    pub enum Stage: "stage of a version" {
        /// It is there, and nobody gets it who does not ask for it.
        Pending = "pending",
        /// Its user gets this one.
        Current = "current",
        /// It was current before, and can be again.
        Previous = "previous",
        /// It is there, and has no use.
        Left = "left",
    }
}

/// The secret of a subkey in a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The place of the slot, as it was typed: its short name may come to
    /// mean another one.
    pub place: String,
    /// Whose secret.
    pub subkey: Fingerprint,
    /// How the place calls it.
    pub version: String,
    /// What it is there.
    pub stage: Stage,
    /// Since when.
    pub since: Timestamp,
    /// Whether it was proved to be what was put there.
    pub is_proved: bool,
    /// What lay there then, where others can write other bytes under the same
    /// name.
    pub body: Option<String>,
    /// The run that says so.
    pub run: String,
}

impl Placed {
    /// Whether exactly what is seen there was proved.
    #[must_use]
    pub fn is_proof_of(&self, seen: &Seen) -> bool {
        self.is_proved
            && self.version == seen.version
            && (self.body.is_none() || self.body == seen.body)
    }

    /// Whether other bytes are seen there than those that were proved.
    #[must_use]
    pub fn is_changed_in(&self, seen: &Seen) -> bool {
        self.is_proved && self.version == seen.version && !self.is_proof_of(seen)
    }
}

impl Register {
    /// A secret was put into a slot, where it is pending.
    pub fn place(&mut self, placed: Placed) {
        self.placed.retain(|one| one.place != placed.place || one.version != placed.version);
        self.placed.push(placed);
    }

    /// What a slot holds was proved, and that it lies there as `body`.
    pub fn prove(&mut self, place: &str, version: &str, body: Option<String>) {
        let one = self.placed.iter_mut().find(|one| one.place == place && one.version == version);
        if let Some(one) = one {
            one.is_proved = true;
            one.body = body;
        }
    }

    /// The version `from` became current under its new name: what was so is
    /// the one before, and what was the one before is left.
    pub fn promote(&mut self, from: &str, placed: Placed) {
        let proved = self
            .placed
            .iter()
            .find(|one| one.place == placed.place && one.version == from && one.is_proved);
        let (is_proved, body) = (proved.is_some(), proved.and_then(|one| one.body.clone()));
        let is_it = |one: &Placed| one.subkey == placed.subkey && one.stage != Stage::Left;
        self.placed.retain(|one| one.place != placed.place || !is_it(one));
        for one in self.placed.iter_mut().filter(|one| one.place == placed.place) {
            one.stage = match one.stage {
                Stage::Pending => Stage::Pending,
                Stage::Current => Stage::Previous,
                Stage::Previous | Stage::Left => Stage::Left,
            };
        }
        self.placed.push(Placed { stage: Stage::Current, is_proved, body, ..placed });
    }

    /// A subkey's secret was taken out of a slot.
    pub fn retire(&mut self, place: &str, subkey: &Fingerprint) {
        self.placed.retain(|one| one.place != place || one.subkey != *subkey);
    }

    /// What is in a place by the record, in the order in which it came.
    pub fn in_place(&self, place: &str) -> impl Iterator<Item = &Placed> {
        self.placed.iter().filter(move |one| one.place == place)
    }

    /// Where the secret of a subkey is.
    pub fn places_of(&self, subkey: &Fingerprint) -> impl Iterator<Item = &Placed> {
        self.placed.iter().filter(move |one| one.subkey == *subkey)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(digit: &str) -> Fingerprint {
        Fingerprint::from_hex(&digit.repeat(40)).unwrap()
    }

    fn placed(subkey: &str, version: &str) -> Placed {
        Placed {
            place: "ci".to_owned(),
            subkey: key(subkey),
            version: version.to_owned(),
            stage: Stage::Pending,
            since: Timestamp::from_unix(1),
            is_proved: false,
            body: None,
            run: "run".to_owned(),
        }
    }

    fn stages(register: &Register) -> Vec<(String, Stage)> {
        register.in_place("ci").map(|one| (one.version.clone(), one.stage)).collect()
    }

    #[test]
    fn one_version_is_current_and_the_one_before_can_come_back() {
        let mut register = Register::default();
        register.place(placed("A", "1"));
        register.prove("ci", "1", None);
        register.promote("1", placed("A", "1"));
        assert_eq!(stages(&register), [("1".to_owned(), Stage::Current)]);
        assert!(register.in_place("ci").all(|one| one.is_proved));
        register.place(placed("B", "2"));
        register.place(placed("B", "2"));
        register.promote("2", placed("B", "2"));
        let two = [("1".to_owned(), Stage::Previous), ("2".to_owned(), Stage::Current)];
        assert_eq!(stages(&register), two);
        // Back, and there again: each is there once.
        register.promote("1", placed("A", "1"));
        let back = [("2".to_owned(), Stage::Previous), ("1".to_owned(), Stage::Current)];
        assert_eq!(stages(&register), back);
        register.place(placed("C", "3"));
        register.promote("3", placed("C", "3"));
        assert_eq!(stages(&register)[0], ("2".to_owned(), Stage::Left));
        register.retire("ci", &key("B"));
        assert_eq!(register.places_of(&key("B")).count(), 0);
        assert_eq!(register.in_place("ci").count(), 2);
        assert_eq!(register.in_place("other").count(), 0);
    }
}
