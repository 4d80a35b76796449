//! What is asked of a new workspace.

use std::collections::BTreeSet;

use tui_input::Input as Line;

use crate::domain::fingerprint::Fingerprint;

/// The questions of a new workspace, and the answers so far.
#[derive(Clone, Debug)]
pub struct FoundForm {
    /// The question that is being answered.
    pub question: FoundQuestion,
    /// What it is called.
    pub name: Line,
    /// The place of the profile among all.
    pub profile: usize,
    /// The profiles with what they are for.
    pub profiles: Vec<(&'static str, String)>,
    /// Where certificates are published, with blanks between.
    pub places: Line,
    /// The certificate under the cursor.
    pub cursor: usize,
    /// The certificates to adopt.
    pub ticked: BTreeSet<Fingerprint>,
    /// Whether the review's button Create has the focus.
    pub create: bool,
    /// What is wrong with the answer.
    pub problem: Option<String>,
}

/// The questions, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundQuestion {
    /// What it is called.
    Name,
    /// Which rules hold.
    Profile,
    /// Where certificates are published.
    Places,
    /// Which keys it adopts.
    Keys,
    /// What will be written.
    Review,
}

impl FoundQuestion {
    /// The one before, if there is one.
    #[must_use]
    pub fn back(self) -> Option<Self> {
        Some(match self {
            Self::Name => return None,
            Self::Profile => Self::Name,
            Self::Places => Self::Profile,
            Self::Keys => Self::Places,
            Self::Review => Self::Keys,
        })
    }
}

impl FoundForm {
    /// The folder's name that follows from the workspace's.
    #[must_use]
    pub fn folder_name(&self) -> String {
        let letters = self.name.value().trim().chars().map(|c| match c {
            c if c.is_ascii_alphanumeric() => c.to_ascii_lowercase(),
            _ => '-',
        });
        let slug: String = letters.collect();
        let parts: Vec<_> = slug.split('-').filter(|part| !part.is_empty()).collect();
        parts.join("-")
    }
}
