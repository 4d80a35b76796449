//! Ceremonies and runs as JSON documents.

use std::io::{self, Write};

use serde::Serialize;

use crate::app::{Listed, RunState, Signing};
use crate::domain::worded::Worded as _;
use crate::engine::catalog::CATALOG;

#[derive(Serialize)]
struct Ceremonies {
    schema: &'static str,
    ceremonies: Vec<CeremonyRow>,
}

#[derive(Serialize)]
struct CeremonyRow {
    id: &'static str,
    version: u32,
    title: &'static str,
    purpose: &'static str,
    roles: Vec<&'static str>,
    steps: Vec<StepRow>,
}

#[derive(Serialize)]
struct StepRow {
    id: &'static str,
    title: &'static str,
    kind: &'static str,
    locality: &'static str,
    reversible: bool,
}

#[derive(Serialize)]
struct Runs<'a> {
    schema: &'static str,
    runs: Vec<RunRow<'a>>,
}

#[derive(Serialize)]
struct RunRow<'a> {
    id: &'a str,
    ceremony: &'a str,
    operator: &'a str,
    state: &'static str,
    begun: String,
    next: Option<&'a str>,
    steps_done: usize,
    steps: Option<usize>,
    /// Who has signed the transcript; absent while the run goes on.
    signed: Option<Vec<&'a str>>,
    witnessed: Option<bool>,
    error: Option<&'a str>,
}

/// `keyrite.ceremonies/1`.
pub(super) fn ceremonies(out: &mut dyn Write) -> io::Result<()> {
    let ceremonies = CATALOG
        .iter()
        .map(|ceremony| CeremonyRow {
            id: ceremony.id,
            version: ceremony.version,
            title: ceremony.title,
            purpose: ceremony.purpose,
            roles: ceremony.roles.iter().map(|role| role.word()).collect(),
            steps: ceremony
                .steps
                .iter()
                .map(|step| StepRow {
                    id: step.id,
                    title: step.title,
                    kind: step.word(),
                    locality: step.place_word(),
                    reversible: step.reversible,
                })
                .collect(),
        })
        .collect();
    write(out, &Ceremonies { schema: "keyrite.ceremonies/1", ceremonies })
}

/// `keyrite.runs/1`.
pub(super) fn runs(out: &mut dyn Write, runs: &[Listed]) -> io::Result<()> {
    let runs = runs
        .iter()
        .map(|run| RunRow {
            id: &run.id,
            ceremony: &run.ceremony,
            operator: &run.operator,
            state: run.state.word(),
            begun: run.begun.iso(),
            next: run.next.as_deref(),
            steps_done: run.steps.0,
            steps: run.steps.1,
            signed: run.signing.as_ref().map(Signing::by),
            witnessed: run.signing.as_ref().map(|signing| signing.is_witnessed),
            error: match &run.state {
                RunState::Unreadable(why) => Some(why),
                RunState::Open
                | RunState::Halted
                | RunState::Elsewhere
                | RunState::Closed
                | RunState::Abandoned => {
                    run.signing.as_ref().and_then(|signing| signing.wrong.as_deref())
                }
            },
        })
        .collect();
    write(out, &Runs { schema: "keyrite.runs/1", runs })
}

fn write(out: &mut dyn Write, document: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, document)?;
    writeln!(out)
}
