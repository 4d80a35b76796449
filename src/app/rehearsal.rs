//! Folders in which ceremonies are tried on keys that protect nothing.

use std::path::{Path, PathBuf};

use super::{App, WorkspaceError};
use crate::adapters::workspace;

impl App {
    /// Makes a workspace of the environment `rehearsal` with two people and
    /// folders that stand for media; returns those.
    pub fn found_rehearsal(
        &self,
        folder: &Path,
        profile: &str,
    ) -> Result<Vec<PathBuf>, WorkspaceError> {
        let folder = self.environment.folder.join(folder);
        workspace::create_rehearsal(&folder, profile)
    }
}
