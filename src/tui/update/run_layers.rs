//! What lies over a run: confirmations, secrets, words for the record.

use tui_input::{Input as Line, InputRequest};

use super::edit::edit;
use super::run::send;
use crate::engine::runner::{Prompt, Reply};
use crate::engine::secret::Secret;
use crate::tui::action::Action;
use crate::tui::event::Request;
use crate::tui::layer::{ConfirmFocus, ConfirmForm, Layer, SayForm, SayKind, SecretForm};
use crate::tui::message::Level;
use crate::tui::model::Model;

/// Does what a key asks of such a layer; `None` keeps it open.
pub(super) fn act(model: &mut Model, layer: &mut Layer, action: Action) -> Option<Vec<Request>> {
    match layer {
        Layer::Confirm(form) => confirm(model, form, action),
        Layer::Secret(form) => type_secret(model, form, action),
        Layer::Offered(_) => match action {
            // Dropped and zeroed with this; it is asked for at once.
            Action::Open => {
                secret(model, None);
                Some(Vec::new())
            }
            Action::Back => Some(Vec::new()),
            _ => None,
        },
        Layer::Say(form) => type_words(model, form, action),
        _ => None,
    }
}

/// Does what a key asks of a confirmation; `None` keeps it open.
fn confirm(model: &mut Model, form: &mut ConfirmForm, action: Action) -> Option<Vec<Request>> {
    let locked = form.locked(model.monotonic);
    form.touched = model.monotonic;
    form.problem = None;
    match (action, form.focus) {
        (Action::Back, _) | (Action::Open, ConfirmFocus::Cancel) => {
            model.say(Level::Info, "nothing was confirmed, and nothing was done");
            return Some(Vec::new());
        }
        (Action::NextField, _) => form.turn(true),
        (Action::PreviousField, _) => form.turn(false),
        (Action::PageDown, _) => form.top += form.shown.max(1),
        (Action::PageUp, _) => form.top = form.top.saturating_sub(form.shown.max(1)),
        (Action::Open, ConfirmFocus::Field(at)) if at + 1 < form.typed.len() => form.turn(true),
        (Action::Open, ConfirmFocus::Field(_)) => {
            form.problem = Some("Enter confirms nothing in a field: Tab to the button".to_owned());
        }
        (Action::Open, ConfirmFocus::Confirm) if !locked.is_zero() => {
            form.problem = Some("too early: locked 3 s at first, 0.5 s after each key".to_owned());
        }
        (Action::Open, ConfirmFocus::Confirm) if form.unread > 0 => {
            form.problem = Some("nobody has seen all of what is confirmed: PgDn".to_owned());
        }
        (Action::Open, ConfirmFocus::Confirm) => return check(model, form),
        _ => {
            if let Some(line) = form.line() {
                edit(line, action);
            }
        }
    }
    None
}

/// Confirms where everything was typed as it must be. The run looks again.
fn check(model: &mut Model, form: &mut ConfirmForm) -> Option<Vec<Request>> {
    let typings = form.confirmation.typings.iter().zip(&mut form.typed).enumerate();
    for (at, (typing, line)) in typings {
        if !typing.is_met(line.value()) {
            form.problem = Some(format!("that is not {}; nothing was done", typing.label));
            *line = Line::default();
            form.focus = ConfirmFocus::Field(at);
            return None;
        }
    }
    let typed = form.typed.iter().map(|line| line.value().to_owned()).collect();
    Some(send(model, Reply::Typed(typed)))
}

/// Opens the field for the secret that is wanted, with what was wrong with the
/// one before.
pub(super) fn secret(model: &mut Model, problem: Option<String>) {
    let Some(view) = model.held.as_ref().and_then(|held| held.view.as_ref()) else { return };
    let Prompt::Secret { secret, is_offered } = &view.prompt else { return };
    let why = view.step.map_or("", |step| step.title).to_owned();
    model.layers.push(Layer::Secret(Box::new(SecretForm {
        label: secret.label.to_owned(),
        why,
        first: Secret::empty(),
        again: (secret.is_new && !is_offered).then(Secret::empty),
        at_again: false,
        problem,
    })));
}

/// Does what a key asks of the field; `None` keeps it open.
fn type_secret(model: &mut Model, form: &mut SecretForm, action: Action) -> Option<Vec<Request>> {
    form.problem = None;
    match action {
        Action::Back => return Some(Vec::new()),
        Action::NextField | Action::PreviousField => {
            form.at_again = form.again.is_some() && !form.at_again;
        }
        Action::TextBackspace => form.typed().pop(),
        Action::TextClear => form.typed().clear(),
        Action::Open if form.again.is_some() && !form.at_again => form.at_again = true,
        Action::Open => {
            let secret = std::mem::replace(&mut form.first, Secret::empty());
            let again = form.again.take();
            return Some(send(model, Reply::Secret { secret, again }));
        }
        _ => {}
    }
    None
}

/// Puts pasted bytes into the field, and zeroes where they were.
pub(super) fn paste_secret(form: &mut SecretForm, text: String) {
    let mut bytes = text.into_bytes();
    // Whatever ends the line that was copied is no part of it.
    let whole = bytes.iter().rposition(|byte| !b"\r\n".contains(byte)).map_or(0, |at| at + 1);
    let has_controls = bytes.iter().take(whole).any(u8::is_ascii_control);
    let pasted = bytes.get_mut(..whole).and_then(Secret::take);
    let is_taken =
        pasted.filter(|_| !has_controls).is_some_and(|pasted| form.typed().append(pasted.expose()));
    form.problem = (!is_taken).then(|| "not taken: several lines, or too much".to_owned());
}

/// Asks for words.
pub(super) fn say(model: &mut Model, kind: SayKind) {
    let Some(view) = model.held.as_ref().and_then(|held| held.view.as_ref()) else { return };
    let (by, about) = match kind {
        SayKind::Note => (view.operator.clone(), "It stands in the transcript.".to_owned()),
        SayKind::Exception => (
            view.owner().to_owned(),
            "What was found stays as it is, and the run goes on. It stands on the first page of \
             the transcript, with the name of who took it on themselves."
                .to_owned(),
        ),
        SayKind::Abandon => (view.operator.clone(), view.given_up.clone()),
    };
    model.layers.push(Layer::Say(Box::new(SayForm {
        kind,
        by,
        about,
        line: Line::default(),
        focus: ConfirmFocus::Field(0),
        problem: None,
    })));
}

/// Does what a key asks of the words; `None` keeps them open.
fn type_words(model: &mut Model, form: &mut SayForm, action: Action) -> Option<Vec<Request>> {
    form.problem = None;
    let gives_up = form.kind == SayKind::Abandon;
    match (action, form.focus) {
        // Words that were typed are not lost with one key.
        (Action::Back, ConfirmFocus::Field(_)) if !form.line.value().trim().is_empty() => {
            form.focus = ConfirmFocus::Cancel;
            form.problem = Some("Esc or Enter once more, and these words are gone".to_owned());
        }
        (Action::Back, _) | (Action::Open, ConfirmFocus::Cancel) => return Some(Vec::new()),
        (Action::NextField, _) => {
            form.focus = match form.focus {
                ConfirmFocus::Field(_) => ConfirmFocus::Cancel,
                ConfirmFocus::Cancel => ConfirmFocus::Confirm,
                ConfirmFocus::Confirm => ConfirmFocus::Field(0),
            };
        }
        (Action::PreviousField, _) => {
            form.focus = match form.focus {
                ConfirmFocus::Field(_) => ConfirmFocus::Confirm,
                ConfirmFocus::Cancel => ConfirmFocus::Field(0),
                ConfirmFocus::Confirm => ConfirmFocus::Cancel,
            };
        }
        (Action::Open, _) if form.line.value().trim().is_empty() => {
            form.problem = Some("say why, in words: it is on record".to_owned());
            form.focus = ConfirmFocus::Field(0);
        }
        (Action::Open, ConfirmFocus::Field(_)) if gives_up => form.focus = ConfirmFocus::Cancel,
        (Action::Open, _) => {
            let text = form.line.value().trim().to_owned();
            let reply = match form.kind {
                SayKind::Note => Reply::Note { text },
                SayKind::Exception => Reply::Exception { text, by: form.by.clone() },
                SayKind::Abandon => Reply::Abandon { reason: text },
            };
            return Some(send(model, reply));
        }
        (_, ConfirmFocus::Field(_)) => edit(&mut form.line, action),
        _ => {}
    }
    None
}

/// Types a character.
pub(super) fn insert(model: &Model, layer: &mut Layer, character: char) {
    match layer {
        Layer::Confirm(form) => {
            form.touched = model.monotonic;
            form.problem = None;
            if let Some(line) = form.line() {
                line.handle(InputRequest::InsertChar(character));
            }
        }
        Layer::Say(form) => {
            form.problem = None;
            form.line.handle(InputRequest::InsertChar(character));
        }
        Layer::Secret(form) => {
            let is_pushed = form.typed().push(character);
            form.problem = (!is_pushed).then(|| "it is too long".to_owned());
        }
        _ => {}
    }
}
