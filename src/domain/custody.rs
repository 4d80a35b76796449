//! What lies where, in whose hands: the register of media, as it follows from
//! the journals of ceremonies. It names no secret and no address.

mod frozen;
mod observed;
mod placed;
mod slots;
mod what_if;

pub use frozen::{FREEZE, Frozen, LET_AGAIN, NOT_DONE};
pub use observed::{Observation, Seen};
pub use placed::{Placed, Stage};
pub use slots::{InSlot, Sightings, SlotRow, SlotState, slot_rows, slot_state};
pub use what_if::{if_leaked, if_lost};

use std::collections::{BTreeMap, BTreeSet};

use super::fingerprint::Fingerprint;
use super::period::Period;
use super::text::VisibleText;
use super::timestamp::{DAY, Timestamp};
use super::worded::worded;

worded! {
    /// What is kept on a medium.
    pub enum Held: "kind of what is kept" {
        /// The encrypted primary key.
        Root = "root",
        /// A revocation certificate.
        Revocation = "revocation",
        /// The sealed secret of a subkey.
        Parcel = "parcel",
    }
}

/// Months after which a copy of a primary key is proved again (CUS-003).
pub const PROVED_WITHIN: Period = Period::Months(12);
/// Months after which a holder is asked again (REV-004).
pub const ASKED_WITHIN: Period = Period::Months(24);
/// Days before its day on which a copy is due.
pub const AHEAD: u32 = 30;
/// Days within which a primary key is replaced when one of its media may be in
/// other hands (CER-010).
pub const REPLACED_WITHIN: u32 = 90;

/// One copy on one medium.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// What it is.
    pub held: Held,
    /// Of which key.
    pub key: Fingerprint,
    /// The random name of the medium.
    pub medium: VisibleText,
    /// Who has it, where that is somebody; empty otherwise.
    pub holder: VisibleText,
    /// The number of its bag; empty where none was said.
    pub number: VisibleText,
    /// The code of its place; empty where none was said.
    pub location: VisibleText,
    /// When it was made or proved last.
    pub proved: Timestamp,
    /// The day on which people wanted to look at it again.
    pub again: Option<Timestamp>,
    /// The run that says so.
    pub run: String,
}

/// How pressing a look at a copy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Its day is over.
    Over,
    /// Its day is near.
    Due,
    /// Nothing is to be done.
    Fine,
}

/// All copies that are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Register {
    copies: BTreeMap<(Held, Fingerprint, VisibleText), Copy>,
    /// Keys of which a copy was known once.
    keys: BTreeSet<Fingerprint>,
    /// Keys of which a medium may be in other hands, and since when that is
    /// known.
    exposed: BTreeMap<Fingerprint, Timestamp>,
    /// For which consumer each subkey was made.
    made_for: BTreeMap<Fingerprint, String>,
    /// What is in slots, in the order in which it came.
    placed: Vec<Placed>,
    /// What has frozen slots, by their places.
    frozen: BTreeMap<String, Vec<Frozen>>,
    /// When their users were let again last.
    let_again: BTreeMap<String, Timestamp>,
}

impl Copy {
    /// The day until which it must be looked at again; parcels are used up.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        let by_rule = match self.held {
            Held::Root => self.proved.after(PROVED_WITHIN),
            Held::Revocation => self.proved.after(ASKED_WITHIN),
            Held::Parcel => return None,
        };
        Some(self.again.map_or(by_rule, |again| again.min(by_rule)))
    }

    /// How pressing that is.
    #[must_use]
    pub fn standing(&self, now: Timestamp) -> Standing {
        match self.due() {
            Some(due) if due <= now => Standing::Over,
            Some(due) if due <= now.plus(i64::from(AHEAD) * DAY) => Standing::Due,
            _ => Standing::Fine,
        }
    }

    /// Its medium as people call it: the number of the bag, or else the
    /// beginning of its random name.
    #[must_use]
    pub fn name(&self) -> String {
        match self.number.as_str() {
            "" | "-" => {
                let name: String = self.medium.as_str().chars().take(8).collect();
                format!("medium {name}")
            }
            number => format!("bag {number}"),
        }
    }
}

impl Register {
    /// A subkey was made for a consumer.
    pub fn make_for(&mut self, subkey: Fingerprint, consumer: String) {
        self.made_for.insert(subkey, consumer);
    }

    /// The consumer for which a subkey was made.
    #[must_use]
    pub fn made_for(&self, subkey: &Fingerprint) -> Option<&str> {
        self.made_for.get(subkey).map(String::as_str)
    }

    /// Takes a copy in. What a later run does not say stays as it was said.
    pub fn add(&mut self, copy: Copy) {
        self.keys.insert(copy.key);
        let place = (copy.held, copy.key, copy.medium.clone());
        let Some(known) = self.copies.get_mut(&place) else {
            self.copies.insert(place, copy);
            return;
        };
        let said = |new: VisibleText, old: &VisibleText| {
            if new.as_str().is_empty() { old.clone() } else { new }
        };
        let (holder, number) = (said(copy.holder, &known.holder), said(copy.number, &known.number));
        let location = said(copy.location, &known.location);
        *known = Copy { holder, number, location, ..copy };
    }

    /// Copies of a key that other runs speak of count no more.
    pub fn forget_others(&mut self, held: Held, key: &Fingerprint, run: &str) {
        self.copies.retain(|_, copy| copy.held != held || copy.key != *key || copy.run == run);
    }

    /// A copy is there no more, or works no more.
    pub fn forget(&mut self, held: Held, key: &Fingerprint, medium: &VisibleText) {
        self.copies.remove(&(held, *key, medium.clone()));
    }

    /// A medium with that primary key may be in other hands.
    pub fn expose(&mut self, key: Fingerprint, since: Timestamp) {
        let first = self.exposed.entry(key).or_insert(since);
        *first = since.min(*first);
    }

    /// Since when a medium with that primary key may be in other hands.
    #[must_use]
    pub fn exposed_since(&self, key: &Fingerprint) -> Option<Timestamp> {
        self.exposed.get(key).copied()
    }

    /// Whether a copy of that key was ever known.
    #[must_use]
    pub fn knows(&self, key: &Fingerprint) -> bool {
        self.keys.contains(key)
    }

    /// All copies: primary keys first, then by key and medium.
    pub fn copies(&self) -> impl Iterator<Item = &Copy> {
        self.copies.values()
    }

    /// The copies of that kind of a key.
    pub fn of(&self, held: Held, key: &Fingerprint) -> impl Iterator<Item = &Copy> {
        self.copies().filter(move |copy| copy.held == held && copy.key == *key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copy(held: Held, medium: &str, proved: &str) -> Copy {
        let text = VisibleText::from_text;
        Copy {
            held,
            key: all_of_a(),
            medium: text(medium),
            holder: text(""),
            number: text("12"),
            location: text("SAFE-1"),
            proved: Timestamp::parse(proved).unwrap(),
            again: None,
            run: "run".to_owned(),
        }
    }

    fn all_of_a() -> Fingerprint {
        Fingerprint::from_hex(&"A".repeat(40)).unwrap()
    }

    fn at(day: &str) -> Timestamp {
        Timestamp::parse(day).unwrap()
    }

    #[test]
    fn a_copy_is_due_a_year_after_it_was_proved_and_never_later_than_was_said() {
        let root = copy(Held::Root, "m1", "2026-01-31");
        assert_eq!(root.due().unwrap().date(), "2027-01-31");
        assert_eq!(root.standing(at("2026-12-31")), Standing::Fine);
        assert_eq!(root.standing(at("2027-01-02")), Standing::Due);
        assert_eq!(root.standing(at("2027-01-31")), Standing::Over);
        let soon = Copy { again: Some(at("2026-06-01")), ..root.clone() };
        assert_eq!(soon.due().unwrap().date(), "2026-06-01");
        let late = Copy { again: Some(at("2030-06-01")), ..root };
        assert_eq!(late.due().unwrap().date(), "2027-01-31");
        let kept = copy(Held::Revocation, "m2", "2026-02-28");
        assert_eq!(kept.due().unwrap().date(), "2028-02-28");
        assert_eq!(
            copy(Held::Parcel, "m3", "2020-01-01").standing(at("2030-01-01")),
            Standing::Fine
        );
    }

    #[test]
    fn a_later_run_renews_a_copy_and_keeps_what_it_does_not_say() {
        let mut register = Register::default();
        register.add(copy(Held::Root, "m1", "2026-01-01"));
        let silent = VisibleText::from_text("");
        let again = copy(Held::Root, "m1", "2026-06-01");
        register.add(Copy { number: silent.clone(), location: silent, ..again });
        let all: Vec<_> = register.copies().collect();
        assert_eq!(all.len(), 1);
        assert_eq!((all[0].name(), all[0].location.as_str()), ("bag 12".to_owned(), "SAFE-1"));
        assert_eq!(all[0].proved, at("2026-06-01"));
        register.add(copy(Held::Revocation, "m2", "2026-06-01"));
        register.forget_others(Held::Root, &all_of_a(), "run");
        assert_eq!(register.copies().count(), 2);
        register.forget_others(Held::Root, &all_of_a(), "another");
        assert_eq!(register.copies().map(|copy| copy.held).collect::<Vec<_>>(), [Held::Revocation]);
    }

    #[test]
    fn what_is_forgotten_was_known_and_the_first_exposure_counts() {
        let mut register = Register::default();
        assert!(!register.knows(&all_of_a()));
        register.add(copy(Held::Root, "m1", "2026-01-01"));
        register.forget(Held::Root, &all_of_a(), &VisibleText::from_text("m2"));
        assert_eq!(register.copies().count(), 1);
        register.forget(Held::Root, &all_of_a(), &VisibleText::from_text("m1"));
        assert_eq!(register.copies().count(), 0);
        assert!(register.knows(&all_of_a()));
        assert_eq!(register.exposed_since(&all_of_a()), None);
        register.expose(all_of_a(), at("2026-03-01"));
        register.expose(all_of_a(), at("2026-05-01"));
        assert_eq!(register.exposed_since(&all_of_a()), Some(at("2026-03-01")));
    }
}
