//! Keys that go to what lies over the screen.

use tui_input::{Input as Line, InputRequest};

use super::edit::edit;
use super::{
    act as act_on_screen, ceremonies, compare, found, menus, run, run_layers, waive, welcome,
};
use crate::tui::action::Action;
use crate::tui::event::Request;
use crate::tui::layer::{Effect, FoundQuestion, Layer, Question, Stage};
use crate::tui::message::Level;
use crate::tui::model::Model;

/// Does what a key asks of the topmost layer.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Request> {
    let Some(mut layer) = model.layers.pop() else {
        return Vec::new();
    };
    let page = isize::try_from(model.size.1 / 2).unwrap_or(10);
    let steps = super::steps(action, page).unwrap_or(0);
    match &mut layer {
        Layer::Filter(line) => {
            if filter(model, line, action, steps) {
                return Vec::new();
            }
        }
        Layer::Path(line, is_workspace) => match action {
            Action::Open => return welcome::read_path(model, line.value(), *is_workspace),
            Action::Back => return Vec::new(),
            _ => edit(line, action),
        },
        Layer::Palette(palette) => match action {
            Action::Back => return Vec::new(),
            Action::Open => {
                let chosen = palette.found.get(palette.selected).map(|entry| entry.action);
                return chosen.map_or_else(Vec::new, |action| act_on_screen(model, action));
            }
            Action::Up | Action::Down => {
                let last = palette.found.len().saturating_sub(1);
                palette.selected = palette.selected.saturating_add_signed(steps).min(last);
            }
            _ => {
                edit(&mut palette.line, action);
                menus::search(model, palette);
            }
        },
        Layer::Menu(menu) => match action {
            Action::Back => return Vec::new(),
            Action::Open => {
                let effect = menu.choices.get(menu.selected).map(|choice| choice.effect.clone());
                return effect.map_or_else(Vec::new, |effect| carry_out(model, effect));
            }
            _ => menu.move_by(steps),
        },
        Layer::Reader(reader) => match (action, reader.copy.clone()) {
            (Action::Back, _) => return Vec::new(),
            (Action::Copy, Some(text)) => {
                model.say(Level::Info, "sent to the terminal's clipboard");
                model.layers.push(layer);
                return vec![Request::Copy(text)];
            }
            _ => reader.top = reader.top.saturating_add_signed(steps).min(reader.lines.len()),
        },
        Layer::Qr(fingerprint) => match action {
            Action::Back => return Vec::new(),
            Action::Copy => {
                let text = fingerprint.uri();
                model.say(Level::Info, "URI sent to the terminal's clipboard");
                model.layers.push(layer);
                return vec![Request::Copy(text)];
            }
            _ => {}
        },
        Layer::Dialog(dialog) => match action {
            Action::NextField => dialog.yes = !dialog.yes,
            Action::Open if dialog.yes => return answer_yes(dialog.effect),
            Action::Yes => return answer_yes(dialog.effect),
            Action::Open | Action::Back => return Vec::new(),
            _ => {}
        },
        Layer::Confirm(_) | Layer::Secret(_) | Layer::Offered(_) | Layer::Say(_) => {
            if let Some(requests) = run_layers::act(model, &mut layer, action) {
                return requests;
            }
        }
        Layer::Waive(form) => {
            if let Some(requests) = waive::act(model, form, action) {
                return requests;
            }
        }
        Layer::Found(form) => {
            if let Some(requests) = found::act(model, form, action) {
                return requests;
            }
        }
        Layer::Compare(form) => {
            if !compare::act(model, form, action, steps) {
                return Vec::new();
            }
        }
    }
    model.layers.push(layer);
    if action == Action::Help {
        return menus::help(model);
    }
    Vec::new()
}

/// Does what a key asks of the filter; says whether that closes it.
fn filter(model: &mut Model, line: &mut Line, action: Action, steps: isize) -> bool {
    match action {
        Action::Open => return true,
        Action::Back => {
            model.set_query("");
            return true;
        }
        Action::Up | Action::Down => {
            super::move_by(model, steps);
        }
        _ => {
            edit(line, action);
            model.set_query(line.value());
        }
    }
    false
}

fn answer_yes(question: Question) -> Vec<Request> {
    match question {
        Question::Quit => vec![Request::Quit],
    }
}

fn carry_out(model: &mut Model, effect: Effect) -> Vec<Request> {
    match effect {
        Effect::Do(action) => act_on_screen(model, action),
        Effect::Begin(ceremony, operator) => ceremonies::begin_with(model, ceremony, operator),
        Effect::Say(kind) => {
            run_layers::say(model, kind);
            Vec::new()
        }
        Effect::Compare(key) => compare::begin_with(model, key),
        Effect::Facet(standing) => {
            let query = standing
                .map(|standing| format!("state:{}", standing.words().replace(' ', "_")))
                .unwrap_or_default();
            model.list.set_query(&query);
            Vec::new()
        }
        Effect::Copy { what, text } => {
            model.say(Level::Info, format!("{what} sent to the terminal's clipboard"));
            vec![Request::Copy(text)]
        }
    }
}

/// Types a character into the topmost layer.
pub(super) fn insert(model: &mut Model, character: char) {
    let Some(mut layer) = model.layers.pop() else {
        run::insert(model, character);
        return;
    };
    match &mut layer {
        Layer::Filter(line) => {
            line.handle(InputRequest::InsertChar(character));
            model.set_query(line.value());
        }
        Layer::Path(line, _) => {
            line.handle(InputRequest::InsertChar(character));
        }
        Layer::Waive(form) => {
            let at = form.at;
            form.line(at).handle(InputRequest::InsertChar(character));
            form.problem = None;
        }
        Layer::Found(form) => {
            let line = match form.question {
                FoundQuestion::Name => Some(&mut form.name),
                FoundQuestion::Places => Some(&mut form.places),
                FoundQuestion::Profile | FoundQuestion::Keys | FoundQuestion::Review => None,
            };
            line.map(|line| line.handle(InputRequest::InsertChar(character)));
            form.problem = None;
        }
        Layer::Palette(palette) => {
            palette.line.handle(InputRequest::InsertChar(character));
            menus::search(model, palette);
        }
        Layer::Compare(form) if form.stage == Stage::Value => {
            form.line.handle(InputRequest::InsertChar(character));
            form.outcome = None;
        }
        Layer::Confirm(_) | Layer::Secret(_) | Layer::Offered(_) | Layer::Say(_) => {
            run_layers::insert(model, &mut layer, character);
        }
        Layer::Compare(_) | Layer::Menu(_) | Layer::Reader(_) | Layer::Qr(_) | Layer::Dialog(_) => {
        }
    }
    model.layers.push(layer);
}

/// Pastes into the topmost layer, if it is a text field: newlines do not
/// submit, control characters are left out.
pub(super) fn paste(model: &mut Model, text: String) {
    /// More than any fingerprint in any form.
    const MAX: usize = 1000;
    match model.layers.last_mut() {
        Some(Layer::Secret(form)) => return run_layers::paste_secret(form, text),
        Some(Layer::Confirm(form)) => {
            form.touched = model.monotonic;
            form.problem = Some("pasting is refused here: read it and type it".to_owned());
            return;
        }
        _ => {}
    }
    if !model.scopes().contains(&crate::tui::keymap::Scope::Text) {
        model.say(Level::Info, "pasted text is taken in text fields only; nothing was done");
        return;
    }
    let clean: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !c.is_control())
        .take(MAX)
        .collect();
    for character in clean.chars() {
        insert(model, character);
    }
    if let Some(Layer::Compare(form)) = model.layers.last_mut() {
        form.pasted = true;
    }
}
