//! Holding a carry against the workspace here; nothing is written.

use std::path::Path;

use super::difference::{self, Difference};
use super::error::CarryError;
use super::files::read;
use super::reading::Carry;
use crate::engine::carry::{Grown, MAX_FILE, Place, grown};
use crate::engine::chain::Digest;

/// What a carry would do to the workspace.
#[derive(Debug, Default)]
pub struct Plan {
    /// Files that are not here.
    pub new: Vec<String>,
    /// Files that have grown, with how many bytes of them are here.
    pub grown: Vec<(String, usize)>,
    /// Files that a person decides on.
    pub differences: Vec<Difference>,
    /// Files that only grow, and have grown here: ours stay.
    pub behind: Vec<String>,
    /// Files that only grow, and have grown differently: the first line that
    /// differs.
    pub forked: Vec<(String, usize)>,
    /// The same, with those of which the other history is kept here already.
    parted: Vec<String>,
}

impl Plan {
    /// Whether nothing of it is not here already.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.new.is_empty()
            && self.grown.is_empty()
            && self.differences.is_empty()
            && self.forked.is_empty()
    }

    /// Of a run with two histories nothing else is taken: what the other one
    /// has written belongs to the other one.
    fn pass_over_parted(&mut self) {
        let folders = self.parted.iter().filter_map(|path| path.strip_suffix("journal.jsonl"));
        let folders: Vec<_> = folders.collect();
        let is_parted = |path: &str| folders.iter().any(|folder| path.starts_with(folder));
        self.new.retain(|path| !is_parted(path));
        self.differences.retain(|one| !is_parted(&one.path));
    }

    /// Whether a file that only grows has two histories.
    #[must_use]
    pub fn is_parted(&self, path: &str) -> bool {
        self.parted.iter().any(|parted| parted == path)
    }
}

/// Compares each file of the carry with the one here. Without a workspace here
/// all of it is new.
pub fn plan(workspace: Option<&Path>, carry: &Carry) -> Result<Plan, CarryError> {
    let mut plan = Plan::default();
    for (path, theirs) in &carry.files {
        let ours = match workspace {
            Some(workspace) => read(&workspace.join(path), MAX_FILE)?,
            None => None,
        };
        let Some(place) = Place::of(path) else { continue };
        match ours {
            None if workspace.is_none() || place.is_taken_when_new() => {
                plan.new.push(path.clone());
            }
            None => plan.differences.push(difference::new(path, theirs)),
            Some(ours) if place.only_grows() => match grown(&ours, theirs) {
                Grown::Same => {}
                Grown::Longer(from) => plan.grown.push((path.clone(), from)),
                Grown::Shorter => plan.behind.push(path.clone()),
                Grown::Forked(line) => {
                    if !is_kept_aside(workspace, &place, theirs)? {
                        plan.forked.push((path.clone(), line));
                    }
                    plan.parted.push(path.clone());
                }
            },
            Some(ours) if *ours == *theirs => {}
            Some(ours) => {
                plan.differences.extend(difference::of(path, &place, &ours, theirs)?);
            }
        }
    }
    plan.pass_over_parted();
    Ok(plan)
}

/// Whether the other history of a run was kept beside ours before.
fn is_kept_aside(
    workspace: Option<&Path>,
    place: &Place,
    theirs: &[u8],
) -> Result<bool, CarryError> {
    let (Some(workspace), Place::Journal(run)) = (workspace, place) else { return Ok(false) };
    Ok(read(&workspace.join(kept_aside(run, theirs)), MAX_FILE)?.is_some())
}

/// Where the other history of a run is kept.
pub(super) fn kept_aside(run: &str, theirs: &[u8]) -> String {
    format!("runs/{run}/journal.forked-{}", Digest::of(theirs).hex())
}
