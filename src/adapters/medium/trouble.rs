//! What can be wrong with a medium.

use std::path::Path;

use crate::domain::text::VisibleText;

/// Why a medium cannot be used as it is.
#[derive(Debug, thiserror::Error)]
pub(in crate::adapters) enum MediumError {
    /// Nothing is there.
    #[error("{0} is not there: put the medium in and mount it")]
    Missing(VisibleText),
    /// What is there has no name, as where nothing is mounted.
    #[error(
        "no medium that keyrite has named is at {0}: it may not be mounted; mount it, and look again"
    )]
    Unnamed(VisibleText),
    /// Another one is there.
    #[error("{0} is another medium than the one that belongs here")]
    Other(VisibleText),
    /// A file is not what was written.
    #[error("{0} is not what was written")]
    Changed(VisibleText),
    /// Something is there that must not be.
    #[error("{0}: {1}")]
    Odd(VisibleText, &'static str),
    /// The system does not let us.
    #[error("{path}: {error}")]
    Io {
        /// Of what.
        path: VisibleText,
        /// What it says.
        error: VisibleText,
    },
}

impl MediumError {
    /// Something that was written is not what was written.
    pub(in crate::adapters) fn changed(name: &str) -> Self {
        Self::Changed(VisibleText::from_text(name))
    }

    pub(super) fn io(path: &Path, error: &std::io::Error) -> Self {
        Self::Io { path: super::visible(path), error: VisibleText::from_text(&error.to_string()) }
    }
}
