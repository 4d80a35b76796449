//! The workspace on a medium, to another machine and back.

mod failure;
mod handing;
mod incoming;
mod ours;
mod outgoing;

pub use failure::CarryingError;
pub use handing::Recalled;
pub use incoming::{Incoming, LOG, Taken};
pub use outgoing::{Outgoing, Sent};

use std::collections::BTreeMap;
use std::path::Path;

use super::App;
use crate::adapters::audit_log;
use crate::domain::plan::Team;
use crate::domain::text::VisibleText;
use crate::engine::audit::{Entry, Problem, Verdict, Writer};
use crate::engine::catalog::CATALOG;

/// The version of this program.
const KEYRITE: &str = env!("CARGO_PKG_VERSION");

/// The lines of the audit log about carries.
const CARRIED_OUT: &str = "carried-out";
const CARRIED_IN: &str = "carried-in";

/// The ceremonies of this program, with their versions.
fn ceremonies() -> BTreeMap<String, u32> {
    CATALOG.iter().map(|ceremony| (ceremony.id.to_owned(), ceremony.version)).collect()
}

/// Who carries: the one who is named, or the only one there is.
fn person(team: &Team, named: Option<&str>) -> Result<String, CarryingError> {
    let all: Vec<_> = team.workspace.people.iter().map(|person| person.id.as_str()).collect();
    let there = match all.as_slice() {
        [] => "there is nobody in keyrite.toml: add [[people]] with id and name".to_owned(),
        all => format!("there are {}", all.join(", ")),
    };
    match (named, all.as_slice()) {
        (Some(named), all) if all.contains(&named) => Ok(named.to_owned()),
        (Some(named), _) => {
            let named = VisibleText::from_text(named);
            Err(CarryingError::Nobody(format!("nobody is called '{named}'; {there}")))
        }
        (None, [only]) => Ok((*only).to_owned()),
        (None, _) => Err(CarryingError::Nobody(format!("say who carries, with --as; {there}"))),
    }
}

impl App {
    /// Whether a chain of the audit log is written on this machine, in that
    /// workspace.
    fn is_own(&self, folder: &Path, writer: &Writer) -> bool {
        let states = self.environment.state.as_deref();
        states.is_some_and(|states| audit_log::here(states, folder).contains_key(writer))
    }

    /// The same, by its name.
    fn is_own_name(&self, folder: &Path, writer: &str) -> bool {
        Writer::parse(writer).is_some_and(|writer| self.is_own(folder, &writer))
    }

    /// What is gravely wrong with a log: an accident of writing is not.
    fn log_problems(&self, folder: &Path) -> Vec<Problem> {
        self.read_log(folder, &mut |_| {})
    }

    /// Whether a carry was taken in here, by the log.
    fn was_taken(&self, folder: &Path, id: &str) -> bool {
        let mut is_taken = false;
        self.read_log(folder, &mut |entry| {
            let carry = entry.record.body.get("carry").and_then(|carry| carry.as_str());
            is_taken |= entry.record.kind == CARRIED_IN
                && carry == Some(id)
                && self.is_own(folder, &entry.writer);
        });
        is_taken
    }

    fn read_log(&self, folder: &Path, tell: &mut dyn FnMut(&Entry)) -> Vec<Problem> {
        let wanted = audit_log::Wanted {
            workspace: folder,
            states: None,
            checkpoint: None,
            head: None,
            now: self.now(),
        };
        let mut problems = audit_log::survey(&wanted, &mut |entry, _| tell(entry)).problems;
        problems.retain(|problem| problem.verdict < Verdict::TornTail);
        problems
    }
}
