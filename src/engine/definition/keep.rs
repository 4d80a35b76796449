//! What a ceremony leaves in people's hands, and what is there no more, as
//! data.

use super::Source;
use crate::domain::custody::Held;

/// A copy on a medium that somebody keeps when a ceremony has ended. Facts
/// that are missing stay empty.
#[derive(Clone, Copy, Debug)]
pub struct Keep {
    /// What it is.
    pub held: Held,
    /// The step that made or proved it: it counts from then on.
    pub proved: &'static str,
    /// The fingerprint of the key.
    pub key: Source,
    /// The random name of the medium.
    pub medium: Source,
    /// Who has it.
    pub holder: Source,
    /// The number of its bag.
    pub number: Source,
    /// The code of its place.
    pub location: Source,
    /// The day on which it is looked at again.
    pub again: Source,
    /// Whether copies of the key that were made before count no more.
    pub in_place_of_others: bool,
}

impl Keep {
    /// A copy of which nothing more is said.
    #[must_use]
    pub const fn new(held: Held, proved: &'static str, key: Source, medium: Source) -> Self {
        let nothing = Source::Text("");
        Self {
            held,
            proved,
            key,
            medium,
            holder: nothing,
            number: nothing,
            location: nothing,
            again: nothing,
            in_place_of_others: false,
        }
    }

    /// Where it is, under which number.
    #[must_use]
    pub const fn at(self, number: &'static str, location: &'static str) -> Self {
        let (number, location) = (Source::Optional(number), Source::Optional(location));
        Self { number, location, ..self }
    }

    /// Who has it.
    #[must_use]
    pub const fn held_by(self, holder: Source) -> Self {
        Self { holder, ..self }
    }

    /// It comes in the place of copies that were made before.
    #[must_use]
    pub const fn in_place_of_others(self) -> Self {
        Self { in_place_of_others: true, ..self }
    }

    /// When somebody looks at it again.
    #[must_use]
    pub const fn until(self, again: &'static str) -> Self {
        Self { again: Source::Optional(again), ..self }
    }
}

/// Copies of a primary key that are there no more, or work no more. That also
/// holds where the run was given up afterwards.
#[derive(Clone, Copy, Debug)]
pub struct Loss {
    /// The step from which on they count no more.
    pub told: &'static str,
    /// The fingerprint of the key.
    pub key: Source,
    /// The random names of their media: a list, often an empty one.
    pub media: Source,
    /// Whether somebody else may have them.
    pub exposed: bool,
}
