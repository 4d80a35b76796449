//! What can be begun, taken up again and read: the list of ceremonies and
//! runs.

use super::Model;
use crate::app::Listed;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::host::{Hold, Locality};
use crate::engine::catalog::CATALOG;
use crate::engine::definition::Ceremony;

/// What the screen Ceremonies knows.
#[derive(Clone, Debug, Default)]
pub struct Ceremonies {
    /// The runs of the workspace, the newest first.
    pub runs: Vec<Listed>,
    /// Why they cannot be listed.
    pub problem: Option<String>,
    /// What was seen of the machine.
    pub machine: Vec<Seen>,
    /// The chosen row.
    pub at: usize,
    /// The first row on the screen.
    pub top: usize,
    /// The certificate that was selected when `c` was pressed.
    pub given: Option<Fingerprint>,
}

/// One look at the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// For which place.
    pub locality: Locality,
    /// `ok`, `!!` or `--`.
    pub mark: &'static str,
    /// What was seen.
    pub word: String,
    /// How it stops a ceremony, if it does.
    pub hold: Option<Hold>,
}

/// A row of the list.
#[derive(Clone, Copy, Debug)]
pub enum Offer<'a> {
    /// A run: to be taken up, or to be read.
    Run(&'a Listed),
    /// A ceremony, to be begun.
    Ceremony(&'static Ceremony),
}

impl Model {
    /// The rows: what is under way, what can be begun, what has ended.
    #[must_use]
    pub fn offers(&self) -> Vec<Offer<'_>> {
        let is_open = |run: &&Listed| run.state.is_open();
        let runs = &self.ceremonies.runs;
        let open = runs.iter().filter(is_open).map(Offer::Run);
        let ended = runs.iter().filter(|run| !is_open(run)).map(Offer::Run);
        open.chain(CATALOG.into_iter().map(Offer::Ceremony)).chain(ended).collect()
    }

    /// The chosen row.
    #[must_use]
    pub fn offer(&self) -> Option<Offer<'_>> {
        self.offers().get(self.ceremonies.at).copied()
    }

    /// Who may drive a ceremony: ids and names.
    #[must_use]
    pub fn drivers(&self, ceremony: &Ceremony) -> Vec<(String, String)> {
        let role = ceremony.roles.first();
        let people = self.managed.iter().flat_map(|managed| &managed.team.workspace.people);
        let may = people.filter(|person| role.is_none_or(|role| person.roles.contains(role)));
        may.map(|person| (person.id.clone(), person.name.clone())).collect()
    }
}
