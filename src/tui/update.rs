//! What an event does to the model. Nothing here touches the world: what is
//! wanted of it is returned as requests.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a screen or layer cares for few of the actions; the others do nothing there"
)]

mod ceremonies;
mod commands;
mod compare;
mod custody;
mod edit;
mod found;
mod layers;
mod menus;
mod moves;
mod publications;
mod run;
mod run_layers;
mod team;
mod waive;
mod welcome;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use self::moves::{fold, move_by, page, screen_of, step_key, steps, turn_tab};
use super::action::Action;
use super::event::{Event, Request, Signal};
use super::keymap::Scope;
use super::layer::{Dialog, Layer, Question};
use super::message::Level;
use super::model::{Dates, Detail, Look, Model, Place, Screen, Tab};
use crate::app::{Input, Opening};
use crate::domain::text::counted;
use crate::engine::reading::Stage;

/// Begins on what the console was opened on.
pub fn begin(model: &mut Model, opening: &Opening) -> Vec<Request> {
    model.inputs = opening.inputs();
    if matches!(opening, Opening::Found(_)) {
        found::begin(model);
    }
    if matches!(opening, Opening::Demo) {
        publications::made_up(model);
    }
    let mut requests = ceremonies::verify(model);
    requests.extend(ceremonies::runs(model));
    if !model.inputs.is_empty() {
        requests.extend(read(model));
    }
    requests
}

/// Takes an event into account.
pub fn update(model: &mut Model, event: Event) -> Vec<Request> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => on_key(model, key),
        Event::Paste(text) => {
            if !model.is_unseen {
                layers::paste(model, text);
            }
            Vec::new()
        }
        Event::Resize { width, height } => {
            model.size = (width, height);
            Vec::new()
        }
        Event::Key(_) | Event::Tick => Vec::new(),
        Event::Reading(number, event) => {
            if number != model.reading {
                return Vec::new();
            }
            model.apply(event);
            let mut requests = Vec::new();
            if model.stage == Stage::Finished {
                requests.extend(team::gather(model));
                if model.screen == Screen::Detail {
                    // What the page shows of the packets was read before.
                    model.look = None;
                    requests.extend(inspect(model));
                }
            }
            requests
        }
        Event::Team(event) => team::happened(model, event),
        Event::Ceremonies(event) => ceremonies::happened(model, event),
        Event::Looked(folder, seen) => custody::happened(model, &folder, seen),
        Event::Drifted(folder, seen) => publications::happened(model, &folder, seen),
        Event::Run(number, report) => run::happened(model, number, report),
        Event::Inspected { fingerprint, result } => {
            if let Some(look) = model.look.as_mut().filter(|look| look.fingerprint == fingerprint) {
                look.result = Some(result);
                if std::mem::take(&mut look.show_armor) {
                    menus::show_armor(model);
                }
            }
            Vec::new()
        }
        Event::Signal(Signal::Terminate | Signal::Hangup) | Event::InputLost => {
            vec![Request::Quit]
        }
        Event::Signal(Signal::Suspend) => suspend(model),
        Event::Signal(Signal::Continue) => vec![Request::Redraw],
    }
}

fn on_key(model: &mut Model, key: KeyEvent) -> Vec<Request> {
    // Keys can come in faster than frames: each one sees the rows that the
    // one before has made, and acts on the key that was selected on the
    // screen, or it would act on another one.
    model.list.hold();
    model.list.refresh();
    model.message = None;
    let scopes = model.scopes();
    let action = model.keymap.action(&scopes, key);
    if model.is_unseen && !matches!(action, Some(Action::Redraw | Action::Suspend)) {
        model.say(Level::Info, "not taken: it was typed before this was shown");
        return Vec::new();
    }
    if let Some(action) = action {
        return act(model, action);
    }
    if scopes.iter().any(|scope| matches!(scope, Scope::Text | Scope::Secret))
        && let KeyCode::Char(character) = key.code
        && !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT)
    {
        layers::insert(model, character);
    }
    if scopes.contains(&Scope::RunTyping) && matches!(key.code, KeyCode::Char(_)) {
        let text = "letters do nothing here: Enter on the button opens what is typed into";
        model.say(Level::Warning, text);
    }
    Vec::new()
}

/// Does what a key, the palette or a menu asks for.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Request> {
    match action {
        Action::Redraw => return vec![Request::Redraw],
        Action::Suspend => return suspend(model),
        _ => {}
    }
    if !model.layers.is_empty() {
        return layers::act(model, action);
    }
    if let Some(requests) = run::act(model, action) {
        return requests;
    }
    if let Some(rows) = steps(action, page(model)) {
        return move_by(model, rows);
    }
    if let Some(screen) = screen_of(action) {
        return go(model, screen);
    }
    let other = welcome::act(model, action)
        .or_else(|| team::act(model, action))
        .or_else(|| publications::act(model, action))
        .or_else(|| custody::act(model, action))
        .or_else(|| ceremonies::act(model, action));
    if let Some(requests) = other {
        return requests;
    }
    match action {
        Action::Left => fold(model, false),
        Action::Right => fold(model, true),
        Action::Open => open(model),
        Action::Back => back(model),
        Action::Palette => menus::palette(model),
        Action::Help => menus::help(model),
        Action::Actions => menus::actions(model),
        Action::Messages => menus::messages(model),
        Action::Comparisons => menus::comparisons(model),
        Action::Facets => menus::facets(model),
        Action::CopyAs => menus::copy_as(model),
        Action::Commands => commands::show(model),
        Action::Armored => armored(model),
        Action::Qr => menus::qr(model),
        Action::Compare => compare::begin(model),
        Action::Copy => copy(model),
        Action::Filter => {
            // One more word narrows further, so it can be typed at once.
            let query = model.query();
            let blank = if query.is_empty() { "" } else { " " };
            let line = tui_input::Input::new(format!("{}{blank}", query.trim_end()));
            model.layers.push(Layer::Filter(line));
            Vec::new()
        }
        Action::Sort => {
            model.list.next_sort();
            model.say(Level::Info, format!("sorted by {}", model.list.sorted_by().words()));
            Vec::new()
        }
        Action::BreaksFirst => {
            if model.list.first_to_break().is_none() {
                model.say(Level::Info, "nothing that is valid here expires");
            } else if !model.list.go_to_first_to_break() {
                model.say(Level::Info, "the filter hides what breaks first; Esc shows all keys");
            }
            Vec::new()
        }
        Action::NextMatch => step_key(model, true),
        Action::PreviousMatch => step_key(model, false),
        Action::NextTab => turn_tab(model, true),
        Action::PreviousTab => turn_tab(model, false),
        Action::NextTip => {
            model.tip = match model.tip {
                Some(tip) => Some(tip + 1).filter(|tip| *tip < super::tips::COUNT),
                None => Some(0).filter(|_| model.place == Place::Demo),
            };
            Vec::new()
        }
        Action::Dates => {
            model.dates = match model.dates {
                Dates::WithDistance => Dates::Full,
                Dates::Full => Dates::WithDistance,
            };
            Vec::new()
        }
        Action::Reload => reload(model),
        Action::NextTheme => {
            if let Err(error) = model.skin.next_theme() {
                model.say(Level::Warning, format!("the theme cannot be read: {error}"));
            }
            vec![Request::Redraw]
        }
        Action::NextGlyphs => {
            model.skin.next_glyphs();
            vec![Request::Redraw]
        }
        Action::Quit if model.screen == Screen::Detail => back(model),
        Action::Quit | Action::QuitAll => quit(model, action == Action::QuitAll),
        #[cfg(debug_assertions)]
        #[expect(clippy::panic, reason = "the test of what happens to the terminal then")]
        Action::DebugPanic => panic!("as asked for"),
        #[cfg(debug_assertions)]
        Action::DebugFail => vec![Request::Fail],
        // Of dialogs and text fields only.
        _ => Vec::new(),
    }
}

fn open(model: &mut Model) -> Vec<Request> {
    match model.screen {
        Screen::Welcome => welcome::open(model),
        Screen::Dashboard | Screen::Keys => {
            let Some((fingerprint, key)) =
                model.list.selection().map(|(item, key)| (item.listed.fingerprint, key))
            else {
                return no_key(model);
            };
            let tab = Tab::default();
            model.detail = Some(Detail { fingerprint, key, tab, top: 0, from: model.screen });
            model.screen = Screen::Detail;
            inspect(model)
        }
        Screen::Findings => team::open_finding(model),
        _ => Vec::new(),
    }
}

/// Takes a closer look at the certificate in question, unless it is taken.
fn inspect(model: &mut Model) -> Vec<Request> {
    let Some((item, _)) = model.target() else {
        return no_key(model);
    };
    let fingerprint = item.listed.fingerprint;
    if model.look.as_ref().is_some_and(|look| look.fingerprint == fingerprint) {
        return Vec::new();
    }
    model.look = Some(Look { fingerprint, result: None, show_armor: false });
    vec![Request::Inspect(fingerprint)]
}

fn armored(model: &mut Model) -> Vec<Request> {
    let requests = inspect(model);
    if model.look.as_ref().is_some_and(|look| look.result.is_some()) {
        menus::show_armor(model);
    } else if let Some(look) = &mut model.look {
        look.show_armor = true;
    }
    requests
}

/// Reads the inputs again.
fn reload(model: &mut Model) -> Vec<Request> {
    if model.inputs.is_empty() {
        model.say(Level::Info, "there is nothing to read again");
        return Vec::new();
    }
    if model.inputs.contains(&Input::Stdin) && model.reading > 0 {
        model.say(Level::Warning, "standard input cannot be read twice; what was read stays");
        return Vec::new();
    }
    if model.reading > 0 && model.stage == Stage::Finished {
        model.say(Level::Info, "reading the same files again");
    }
    let mut requests = team::reread(model);
    requests.extend(ceremonies::verify(model));
    requests.extend(match model.screen {
        Screen::Ceremonies => ceremonies::list(model),
        _ => ceremonies::runs(model),
    });
    requests.extend(read(model));
    requests
}

/// Reads again what a run may have changed. Nobody has asked for it: what is
/// said of the run stays in view.
fn read_after_run(model: &mut Model) -> Vec<Request> {
    let mut requests = team::reread(model);
    requests.extend(read(model));
    model.quiet = Some(model.reading);
    requests
}

fn read(model: &mut Model) -> Vec<Request> {
    let number = model.begin_reading();
    vec![Request::Read(number, model.inputs.clone())]
}

fn back(model: &mut Model) -> Vec<Request> {
    if model.screen == Screen::Detail {
        model.screen = model.detail.take().map_or(Screen::Dashboard, |detail| detail.from);
    } else if !model.query().is_empty() {
        model.set_query("");
    } else if !matches!(model.screen, Screen::Dashboard | Screen::Welcome) {
        return go(model, Screen::Dashboard);
    } else if model.has_welcome && model.list.items().is_empty() && model.screen != Screen::Welcome
    {
        return vec![Request::Open(Opening::Welcome)];
    } else {
        model.tip = None;
    }
    Vec::new()
}

fn go(model: &mut Model, screen: Screen) -> Vec<Request> {
    model.detail = None;
    model.screen = screen;
    match screen {
        Screen::Ceremonies => {
            model.ceremonies.given = None;
            ceremonies::list(model)
        }
        _ => Vec::new(),
    }
}

/// Goes to the background, but not while something is done that must not be
/// cut off.
fn suspend(model: &mut Model) -> Vec<Request> {
    if model.is_busy() {
        model.say(Level::Warning, "not now: what is being done must come to its end first");
        return Vec::new();
    }
    vec![Request::Suspend]
}

fn copy(model: &mut Model) -> Vec<Request> {
    let Some(fingerprint) = model.target_fingerprint() else {
        return no_key(model);
    };
    // OSC 52 has no answer, so nobody knows whether it was copied.
    let name = model.target().map(|(item, _)| item.short_name().to_owned()).unwrap_or_default();
    model.say(Level::Info, format!("sent to the terminal's clipboard: fingerprint of {name}"));
    vec![Request::Copy(fingerprint.hex())]
}

/// Says that there is nothing to act on.
pub(super) fn no_key(model: &mut Model) -> Vec<Request> {
    model.say(Level::Info, "no key is selected; nothing was done");
    Vec::new()
}

fn quit(model: &mut Model, always_ask: bool) -> Vec<Request> {
    let kept = model.comparisons.all().len();
    if kept == 0 && !always_ask {
        return vec![Request::Quit];
    }
    let mut lines = vec!["Nothing was written; the keys stay as they are.".to_owned()];
    if kept > 0 {
        lines.push(format!(
            "Not kept, because there is no workspace here: {} of this session.",
            counted(kept, "comparison")
        ));
    }
    model.layers.push(Layer::Dialog(Dialog {
        question: "Leave keyrite?".to_owned(),
        lines,
        yes: false,
        effect: Question::Quit,
    }));
    Vec::new()
}
