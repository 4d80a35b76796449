//! The page of one key.

use super::Screen;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::inspection::Inspection;

/// The tabs of the page of one key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the tabs")]
pub enum Tab {
    #[default]
    Identity,
    UserIds,
    Subkeys,
    Certifications,
    Policy,
    Packets,
}

impl Tab {
    /// All tabs, from left to right.
    pub const ALL: [Self; 6] = [
        Self::Identity,
        Self::UserIds,
        Self::Subkeys,
        Self::Certifications,
        Self::Policy,
        Self::Packets,
    ];

    /// What the tab is called.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Identity => "Identity",
            Self::UserIds => "User IDs",
            Self::Subkeys => "Subkeys",
            Self::Certifications => "Certifications",
            Self::Policy => "Policy",
            Self::Packets => "Packets",
        }
    }

    /// What it is called where there is little room.
    #[must_use]
    pub const fn short_title(self) -> &'static str {
        match self {
            Self::UserIds => "IDs",
            Self::Certifications => "Certs",
            Self::Identity | Self::Subkeys | Self::Policy | Self::Packets => self.title(),
        }
    }

    /// The tab to the right, or to the left; the ends meet.
    #[must_use]
    pub fn step(self, forward: bool) -> Self {
        let here = Self::ALL.iter().position(|tab| *tab == self).unwrap_or(0);
        let count = Self::ALL.len();
        let there = if forward { here + 1 } else { here + count - 1 } % count;
        Self::ALL.get(there).copied().unwrap_or_default()
    }
}

/// The page of one key.
#[derive(Clone, Debug)]
pub struct Detail {
    /// The certificate.
    pub fingerprint: Fingerprint,
    /// The key, as place among the certificate's keys.
    pub key: usize,
    /// The tab.
    pub tab: Tab,
    /// The first line on the screen.
    pub top: usize,
    /// The screen to go back to.
    pub from: Screen,
}

/// A closer look that was taken, or is being taken.
#[derive(Clone, Debug)]
pub struct Look {
    /// At which certificate.
    pub fingerprint: Fingerprint,
    /// What was seen; absent while it is being taken.
    pub result: Option<Result<Inspection, String>>,
    /// Whether the armor is to be shown when it is there.
    pub show_armor: bool,
}
