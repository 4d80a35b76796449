//! What a front end on another thread shows of a run: plain data, and never a
//! secret.

use super::{Prompt, Refused, Runner};
use crate::domain::text::VisibleText;
use crate::engine::definition::{Ceremony, Step};
use crate::engine::event::{Event, Place, Remark};
use crate::engine::run::Shown;
use crate::engine::transcript::{results, told_in_a_line};

/// Lines of the account that are shown at the most; older ones are in the
/// transcript.
const MAX_LINES: usize = 200;

/// A run as it is shown.
#[derive(Clone, Debug)]
pub struct RunView {
    /// Its name.
    pub id: String,
    /// Of which ceremony.
    pub ceremony: &'static Ceremony,
    /// Whose trust is at stake.
    pub environment: String,
    /// Whether its keys are thrown away afterwards.
    pub is_rehearsal: bool,
    /// Who drives.
    pub operator: String,
    /// Who looks on.
    pub witness: Option<String>,
    /// The step that is shown.
    pub step: Option<&'static Step>,
    /// Where it is.
    pub place: Option<Place>,
    /// All steps, as far as they are known.
    pub steps: Vec<Shown>,
    /// How many they are, where that is known.
    pub total: Option<usize>,
    /// What is wanted now.
    pub prompt: Prompt,
    /// What happened, a line each.
    pub lines: Vec<String>,
    /// What the effect before this step has found or made.
    pub results: Vec<String>,
    /// What was remarked on it, and stops nothing.
    pub remarks: Vec<Remark>,
    /// What is to be done if it is given up now.
    pub given_up: String,
    /// Why the last effect failed.
    pub failure: Option<String>,
    /// Why the last reply was not taken.
    pub refused: Option<Refused>,
    /// Whether answers can be taken back.
    pub can_go_back: bool,
}

impl RunView {
    /// Who takes on themselves what stops the run.
    #[must_use]
    pub fn owner(&self) -> &str {
        self.witness.as_deref().unwrap_or(&self.operator)
    }
}

impl Runner {
    /// What the last effect has left and what was remarked on it, as long as
    /// nothing else was done since.
    fn results(&self) -> (Vec<String>, Vec<Remark>) {
        let is_aside = |event: &Event| {
            matches!(event, Event::Paused { .. } | Event::Resumed { .. } | Event::Noted { .. })
        };
        let events = self.journal().entries().iter().rev().map(|entry| &entry.event);
        let mut events = events.filter(|event| !is_aside(event));
        let Some(Event::Completed { receipt, .. }) = events.next() else {
            return (Vec::new(), Vec::new());
        };
        let remarks = match events.next() {
            Some(Event::Observed { remarks, .. }) => remarks.clone(),
            _ => Vec::new(),
        };
        (results(receipt), remarks)
    }

    /// What is to be shown now, after a reply that was perhaps refused.
    #[must_use]
    pub fn view(&self, refused: Option<Refused>) -> RunView {
        let (step, place) = self.step().unzip();
        let (results, remarks) = self.results();
        let entries = self.journal().entries();
        let recent = entries.iter().skip(entries.len().saturating_sub(MAX_LINES));
        RunView {
            id: self.journal().run().to_owned(),
            ceremony: self.run().ceremony,
            environment: self.run().environment.clone(),
            is_rehearsal: self.is_rehearsal(),
            operator: self.run().operator.clone(),
            witness: self.run().witness(),
            step,
            place,
            steps: self.run().shown(),
            total: self.run().total(),
            prompt: self.prompt(),
            lines: recent.map(told_in_a_line).collect(),
            results,
            remarks,
            given_up: VisibleText::from_text(&self.run().given_up()).into_string(),
            failure: self.run().failure().map(str::to_owned),
            refused,
            can_go_back: self.run().way_back().is_some(),
        }
    }
}
