//! The keyed, blind comparison, step by step.

use crate::domain::claim::{ClaimError, read_claim};
use crate::domain::comparison::{Channel, Comparison, Outcome, Settled};
use crate::domain::fingerprint::Fingerprint;
use crate::tui::action::Action;
use crate::tui::event::Request;
use crate::tui::layer::{CompareForm, Layer, Stage};
use crate::tui::model::{ComparisonRecord, Level, Model, Place};

/// Opens the form for the key in question.
pub(super) fn begin(model: &mut Model) -> Vec<Request> {
    let Some(ours) = model.target_fingerprint() else {
        return Vec::new();
    };
    let Some((item, key)) = model.target() else {
        return Vec::new();
    };
    let role = item.assessment.as_ref().map_or("primary key", |a| a.role(key));
    let form = CompareForm {
        name: item.name().to_owned(),
        role,
        stage: Stage::Channel(0),
        channel: None,
        line: tui_input::Input::default(),
        pasted: false,
        comparison: Comparison::new(ours),
        outcome: None,
        card: (model.place == Place::Demo).then(|| card(&ours)),
    };
    model.layers.push(Layer::Compare(Box::new(form)));
    Vec::new()
}

/// The demo's card: our fingerprint with one wrong digit.
fn card(ours: &Fingerprint) -> String {
    let mut digits: Vec<char> = ours.grouped().chars().collect();
    // The third digit of the eighth group; groups stand five apart, and the
    // gap in the middle is one wider.
    if let Some(digit) = digits.get_mut(7 * 5 + 1 + 2) {
        *digit = if *digit == '8' { 'B' } else { '8' };
    }
    digits.into_iter().collect()
}

/// Does what a key asks of the form; says whether it stays open.
pub(super) fn act(model: &mut Model, form: &mut CompareForm, action: Action, steps: isize) -> bool {
    match (&mut form.stage, action) {
        (Stage::Channel(_) | Stage::Settled, Action::Back) => return false,
        (Stage::Channel(chosen), Action::Open) => {
            form.channel = Channel::ALL.get(*chosen).copied();
            form.stage = Stage::Value;
        }
        (Stage::Channel(chosen), _) => {
            *chosen = chosen.saturating_add_signed(steps).min(Channel::ALL.len() - 1);
        }
        (Stage::Value, Action::Back) => {
            // A difference that was seen is not forgotten by leaving.
            form.comparison.give_up();
            record(model, form);
            form.stage = Stage::Settled;
            return form.comparison.settled().is_some();
        }
        (Stage::Value, Action::Open) => attempt(model, form),
        (Stage::Value, _) => super::edit::edit(&mut form.line, action),
        (Stage::Settled, _) => {}
    }
    true
}

fn attempt(model: &mut Model, form: &mut CompareForm) {
    let claim = match read_claim(form.line.value()) {
        Ok(claim) => claim,
        Err(ClaimError::Empty) => return,
        Err(error) => {
            form.outcome = Some(format!("Not compared: {error}."));
            return;
        }
    };
    form.outcome = Some(match form.comparison.attempt(&claim) {
        Outcome::Match => "MATCH: every digit is equal.".to_owned(),
        Outcome::Different { group, of } => format!(
            "DIFFERENT: the first difference is in group {group} of {of}. Ask them to read that \
             group again. Ours stays hidden."
        ),
        Outcome::OtherVersion => {
            "DIFFERENT: one is a version 4 fingerprint, the other a version 6 one.".to_owned()
        }
    });
    if form.comparison.settled().is_some() {
        record(model, form);
        form.stage = Stage::Settled;
    }
}

/// Keeps a settled result; it cannot be removed.
fn record(model: &mut Model, form: &CompareForm) {
    let (Some(settled), Some(ours), Some(channel)) =
        (form.comparison.settled(), form.comparison.ours(), form.channel)
    else {
        return;
    };
    model.comparisons.push(ComparisonRecord {
        at: model.now,
        name: form.name.clone(),
        fingerprint: *ours,
        channel,
        pasted: form.pasted,
        tries: form.comparison.tries(),
        settled,
    });
    match settled {
        Settled::Match => model.say(Level::Info, "the match is kept until you quit"),
        Settled::Mismatch => model.say(
            Level::Warning,
            "the MISMATCH stays with this key until you quit; do not use the key",
        ),
    }
}
