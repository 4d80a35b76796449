//! Slots: which subkey's secret is where.

use std::path::Path;

use super::{App, WorkspaceError};
use crate::adapters::clock::Clock;
use crate::adapters::runs;
use crate::adapters::slots::observe_all;
use crate::domain::custody::{Register, Sightings, SlotRow, slot_rows};
use crate::domain::workspace::Slot;

/// All slots of a workspace, and what the record knows besides.
#[derive(Clone, Debug, Default)]
pub struct Slots {
    /// The slots.
    pub rows: Vec<SlotRow>,
    /// The register.
    pub register: Register,
}

impl App {
    /// The slots of a workspace, by the record; where `is_asked`, by what
    /// their places say now, too. No secret is fetched.
    pub fn slots(&self, folder: &Path, is_asked: bool) -> Result<Slots, WorkspaceError> {
        let team = self.workspace(folder)?.team;
        let register = runs::register(folder);
        let slots = &team.workspace.slots;
        let seen = if is_asked { self.observe(folder, slots) } else { Sightings::new() };
        Ok(Slots { rows: slot_rows(&team.workspace, &register, &seen), register })
    }

    /// What the places of a workspace's slots say. No secret is fetched.
    pub fn look_at_slots(&self, folder: &Path) -> Result<Sightings, WorkspaceError> {
        Ok(self.observe(folder, &self.workspace(folder)?.team.workspace.slots))
    }

    /// Tokens and certificates of today are asked for, whatever day is asked
    /// about.
    fn observe(&self, folder: &Path, slots: &[Slot]) -> Sightings {
        observe_all(slots, &self.access(folder), Clock::System.now())
    }
}
