//! What lies where, as the Custody screen lists it.

use std::time::Duration;

use super::Model;
use crate::domain::custody::{Copy, InSlot, Register, Sightings, SlotRow, slot_rows};
use crate::domain::timestamp::Timestamp;

/// Where somebody is on the Custody screen, and what the places have said.
#[derive(Clone, Debug, Default)]
pub struct Custody {
    /// The chosen row.
    pub at: usize,
    /// The first row on the screen.
    pub top: usize,
    /// Since when the places are being asked.
    pub asked: Option<Duration>,
    /// What they said, and when.
    pub seen: Option<(Timestamp, Sightings)>,
}

/// One line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// A subkey's secret in a slot; without one nothing is there.
    InSlot(Box<SlotRow>, Option<InSlot>),
    /// Something on a medium.
    Copy(Box<Copy>),
}

impl Model {
    /// What is in slots, and all copies that ceremonies have recorded: of each
    /// what is pressing first.
    #[must_use]
    pub fn kept(&self) -> Vec<Kept> {
        let Some(managed) = &self.managed else { return Vec::new() };
        let Some(register) = self.register() else { return Vec::new() };
        let mut kept = Vec::new();
        let none = Sightings::new();
        let seen = self.custody.seen.as_ref().map_or(&none, |(_, seen)| seen);
        for row in slot_rows(&managed.team.workspace, register, seen) {
            let row = Box::new(row);
            if row.entries.is_empty() {
                kept.push(Kept::InSlot(row.clone(), None));
            }
            let entries = row.entries.iter().cloned();
            kept.extend(entries.map(|entry| Kept::InSlot(row.clone(), Some(entry))));
        }
        let is_wrong =
            |kept: &Kept| matches!(kept, Kept::InSlot(_, Some(entry)) if entry.state.is_wrong());
        kept.sort_by_key(|one| !is_wrong(one));
        let mut copies: Vec<_> = register.copies().cloned().collect();
        copies.sort_by_key(|copy| copy.standing(self.now));
        kept.extend(copies.into_iter().map(|copy| Kept::Copy(Box::new(copy))));
        kept
    }

    /// What the record knows of media and slots.
    #[must_use]
    pub fn register(&self) -> Option<&Register> {
        let evidence = self.managed.as_ref().and_then(|managed| managed.evidence.as_ref());
        evidence.map(|evidence| &evidence.register)
    }
}
