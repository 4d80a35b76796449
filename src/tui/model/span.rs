//! Which part of time the timeline shows.

use crate::domain::period::Period;
use crate::domain::timestamp::Timestamp;

/// Months that can be shown at once.
const ZOOMS: [u32; 6] = [6, 12, 24, 48, 96, 192];

/// The part of time that is shown, and the row that is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    zoom: usize,
    /// Quarters of the window by which it was moved.
    moved: i32,
    /// The chosen row.
    pub selected: usize,
    /// The first row on the screen.
    pub top: usize,
}

impl Default for Window {
    fn default() -> Self {
        Self { zoom: 2, moved: 0, selected: 0, top: 0 }
    }
}

impl Window {
    /// Months that are shown.
    #[must_use]
    pub fn months(&self) -> u32 {
        ZOOMS.get(self.zoom).copied().unwrap_or(24)
    }

    /// Shows less of time, or more.
    pub fn zoom(&mut self, closer: bool) {
        let zoom = if closer { self.zoom.saturating_sub(1) } else { self.zoom + 1 };
        self.zoom = zoom.min(ZOOMS.len() - 1);
    }

    /// Moves by a quarter of what is shown; not beyond what is worked out.
    pub fn shift(&mut self, later: bool) {
        self.moved = (self.moved + if later { 1 } else { -1 }).clamp(-16, 16);
    }

    /// Goes back to today.
    pub fn today(&mut self) {
        self.moved = 0;
    }

    /// The first and the last instant: a twelfth of the past, and the rest of
    /// what is to come.
    #[must_use]
    pub fn bounds(&self, now: Timestamp) -> (Timestamp, Timestamp) {
        let months = self.months();
        let start = now.before(Period::Months(months / 12)).midnight();
        let quarters = Period::Months(months / 4 * self.moved.unsigned_abs());
        let start = if self.moved < 0 { start.before(quarters) } else { start.after(quarters) };
        (start, start.after(Period::Months(months)))
    }
}
