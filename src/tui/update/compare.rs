//! The keyed, blind comparison, step by step.

use crate::domain::claim::{ClaimError, read_claim};
use crate::domain::comparison::{Channel, Outcome, Settled};
use crate::domain::fingerprint::Fingerprint;
use crate::tui::action::Action;
use crate::tui::event::Request;
use crate::tui::layer::{Choice, CompareForm, Effect, Layer, Stage};
use crate::tui::message::Level;
use crate::tui::model::{ComparisonRecord, Model, Place};

/// Opens the form for the key in question; first asks which one where two
/// could be meant.
pub(super) fn begin(model: &mut Model) -> Vec<Request> {
    if model.target().is_none() {
        return super::no_key(model);
    }
    let Some((assessment, key)) =
        model.target().and_then(|(item, key)| Some((item.assessment.as_ref()?, key)))
    else {
        model.say(Level::Info, "its signatures are still being checked; try again in a moment");
        return Vec::new();
    };
    if key == 0 {
        return begin_with(model, 0);
    }
    let choice = |key, label: String, note: &str| Choice {
        label,
        note: note.to_owned(),
        effect: Effect::Compare(key),
    };
    let choices = vec![
        choice(0, "the primary key".to_owned(), "what people mean by the fingerprint"),
        choice(key, format!("this {}", assessment.role(key)), ""),
    ];
    super::menus::open_menu(model, "Compare which key?", choices)
}

/// Opens the form for that key of the certificate in question.
pub(super) fn begin_with(model: &mut Model, key: usize) -> Vec<Request> {
    let is_demo = model.place == Place::Demo;
    let form = model.target().and_then(|(item, _)| {
        let assessment = item.assessment.as_ref()?;
        let ours = assessment.certificate.keys().nth(key)?.fingerprint;
        Some(CompareForm {
            name: item.name().to_owned(),
            subject: assessment.blind_name(key),
            caveat: assessment.caveat(key),
            stage: Stage::Channel(0),
            channel: None,
            line: tui_input::Input::default(),
            pasted: false,
            comparison: assessment.comparison(key)?,
            outcome: None,
            card: is_demo.then(|| card(item.name(), &ours)),
        })
    });
    model.layers.extend(form.map(|form| Layer::Compare(Box::new(form))));
    Vec::new()
}

/// Whose card the demo has printed wrongly.
const MISPRINTED: &str = "M. Okafor";

/// What the demo's card of that person says: on one, a digit is wrong.
fn card(name: &str, ours: &Fingerprint) -> String {
    let mut digits: Vec<char> = ours.grouped().chars().collect();
    // The third digit of the eighth group; groups stand five apart, and the
    // gap in the middle is one wider.
    if let Some(digit) = digits.get_mut(7 * 5 + 1 + 2)
        && name.starts_with(MISPRINTED)
    {
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
            form.outcome = Some((Level::Warning, format!("Not compared: {error}.")));
            return;
        }
    };
    let outcome = form.comparison.attempt(&claim);
    let level = match outcome {
        Outcome::Match => Level::Info,
        Outcome::Different { .. } | Outcome::OtherVersion => Level::Error,
        Outcome::OtherKey { .. } | Outcome::Unchanged => Level::Warning,
    };
    form.outcome = Some((level, outcome.words(claim.form)));
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
    let before = model.comparisons.is_mismatch(ours);
    model.comparisons.add(ComparisonRecord {
        at: model.now,
        name: form.name.clone(),
        fingerprint: *ours,
        channel,
        pasted: form.pasted,
        tries: form.comparison.tries(),
        settled,
    });
    match settled {
        Settled::Match if before => model.say(
            Level::Warning,
            "a match, but an earlier comparison of this key was a MISMATCH; both are kept",
        ),
        Settled::Match => model.say(Level::Info, "the match is kept until you quit"),
        Settled::Mismatch => model.say(
            Level::Error,
            "the MISMATCH stays with this key until you quit; do not use the key",
        ),
    }
}
