//! The run screen: what its keys say to the run, and what the run says.

use tui_input::{Input as Line, InputRequest};

use super::edit::edit;
use super::menus::{help, open_menu, open_reader};
use super::{ceremonies, run_layers};
use crate::app::conduct::{RunReport, Wanted};
use crate::domain::text::VisibleText;
use crate::engine::run::Confirmation;
use crate::engine::runner::{Prompt, Refused, Reply, RunView};
use crate::tui::action::Action;
use crate::tui::event::Request;
use crate::tui::layer::{Choice, ConfirmFocus, ConfirmForm, Effect, Layer, SayKind};
use crate::tui::message::Level;
use crate::tui::model::{Button, Held, Model, Said, Screen};

/// Lines of the account that a key scrolls.
const PAGE: usize = 5;

const BUSY: &str = "this is being done and cannot be cut off safely; wait until it has ended";

/// Opens a run.
pub(super) fn conduct(model: &mut Model, title: String, wanted: Wanted) -> Vec<Request> {
    let folder = model.managed.as_ref().and_then(|managed| managed.folder.clone());
    let Some(folder) = folder else { return Vec::new() };
    model.runs += 1;
    model.held = Some(Box::new(Held::opening(model.runs, title, model.monotonic)));
    model.screen = Screen::Run;
    vec![Request::Conduct(model.runs, folder, wanted)]
}

/// Takes into account what a run says.
pub(super) fn happened(model: &mut Model, number: u64, report: RunReport) -> Vec<Request> {
    let Some(held) = model.held.as_mut().filter(|held| held.number == number) else {
        return Vec::new();
    };
    model.is_unseen = true;
    match report {
        RunReport::Offered(secret) => model.layers.push(Layer::Offered(secret)),
        RunReport::Notice(text) => held.notices.push(text),
        RunReport::View(view) => return show(model, *view),
        RunReport::Refused(why) => {
            let title = held.title.clone();
            let lines = vec![
                VisibleText::from_text(&why).into_string(),
                String::new(),
                "Nothing is lost: the journal of every run is kept.".to_owned(),
            ];
            open_reader(model, &format!("{title} cannot be opened"), lines, None);
        }
        RunReport::Left => return left(model),
    }
    Vec::new()
}

fn show(model: &mut Model, view: RunView) -> Vec<Request> {
    let Some(held) = &mut model.held else { return Vec::new() };
    match &view.prompt {
        // Its files are let go of before the list can open it again.
        Prompt::Paused => {
            held.view = Some(view);
            return vec![Request::LetGo];
        }
        Prompt::Ended(_) => {
            held.show(view);
            model.layers.clear();
            return vec![Request::LetGo];
        }
        _ => {}
    }
    let refused = view.refused.clone();
    let broken = matches!(refused, Some(Refused::Record(_)));
    held.show(view);
    match refused {
        Some(Refused::Answers(_)) => model.say(Level::Warning, "not taken: see below each answer"),
        // The field stays open, or what is typed next would be keys.
        Some(Refused::Secret(why)) => run_layers::secret(model, Some(format!("not taken: {why}"))),
        Some(refused) => {
            let refused = VisibleText::from_text(&refused.to_string()).into_string();
            if broken {
                let lines = vec![
                    refused,
                    String::new(),
                    "What is written is safe, and nothing more is done. Make room, pause (p), and \
                     take the run up again."
                        .to_owned(),
                ];
                open_reader(model, "The record cannot be written", lines, None);
            } else {
                model.say(Level::Warning, format!("not taken: {refused}"));
            }
        }
        None => {}
    }
    Vec::new()
}

/// Nobody conducts the run any more. Whatever it has done is read anew.
fn left(model: &mut Model) -> Vec<Request> {
    let reading = super::read_after_run(model);
    let view = model.held.as_ref().and_then(|held| held.view.as_ref());
    let (level, text) = match view.map(|view| (&view.prompt, &view.id)) {
        Some((Prompt::Ended(_), _)) => return reading,
        Some((Prompt::Paused, id)) => (
            Level::Info,
            format!("paused, all is kept; go on: Enter on it, or keyrite ceremony resume {id}"),
        ),
        Some((_, id)) => (
            Level::Error,
            format!("keyrite failed in the run {id}; its journal is kept: Enter on it"),
        ),
        None => (Level::Warning, "nothing was begun".to_owned()),
    };
    let mut requests = leave(model);
    requests.extend(reading);
    model.say(level, text);
    requests
}

/// Goes back to the ceremonies.
fn leave(model: &mut Model) -> Vec<Request> {
    model.held = None;
    model.layers.retain(|layer| matches!(layer, Layer::Reader(_)));
    model.ceremonies.at = 0;
    let mut requests = super::go(model, Screen::Ceremonies);
    requests.extend(ceremonies::verify(model));
    requests
}

/// Says something to the run. Until it answers nothing else is said.
pub(super) fn send(model: &mut Model, reply: Reply) -> Vec<Request> {
    let now = model.monotonic;
    let Some(held) = model.held.as_mut().filter(|held| held.busy.is_none()) else {
        return Vec::new();
    };
    held.busy = Some(now);
    vec![Request::Say(reply)]
}

/// Does what a key asks of the run, where one is shown.
pub(super) fn act(model: &mut Model, action: Action) -> Option<Vec<Request>> {
    if model.screen != Screen::Run {
        return None;
    }
    let held = model.held.as_mut()?;
    match action {
        Action::Help => return Some(help(model)),
        Action::PageUp => held.behind += PAGE,
        Action::PageDown => held.behind = held.behind.saturating_sub(PAGE),
        _ if held.busy.is_some() => model.say(Level::Info, BUSY),
        Action::NextField => held.turn(true),
        Action::PreviousField => held.turn(false),
        Action::Up | Action::Down => {
            let down = action == Action::Down;
            match held.answer() {
                Some(answer) => answer.step(down),
                None if down => held.top += 1,
                None => held.top = held.top.saturating_sub(1),
            }
        }
        Action::Tick => match held.answer() {
            Some(answer) => answer.tick(),
            None => return held.button().map(|button| press(model, button)),
        },
        Action::Open => match held.button() {
            Some(button) => return Some(press(model, button)),
            None => held.turn(true),
        },
        Action::Pause => return Some(pause(model)),
        Action::StepBack => return Some(send(model, Reply::Back)),
        Action::Note => return Some(note(model)),
        Action::Abandon => run_layers::say(model, SayKind::Abandon),
        Action::Commands => return Some(commands(model)),
        Action::FirstChoice => return Some(choose(model, 0)),
        Action::SecondChoice => return Some(choose(model, 1)),
        Action::ThirdChoice => return Some(choose(model, 2)),
        _ => {
            if let Some(answer) = held.answer()
                && let Said::Typed(line) = &mut answer.said
            {
                answer.wrong = None;
                edit(line, action);
            }
        }
    }
    Some(Vec::new())
}

/// Types a character into the field that has the focus.
pub(super) fn insert(model: &mut Model, character: char) {
    let Some(held) = model.held.as_mut().filter(|held| held.busy.is_none()) else { return };
    if let Some(answer) = held.answer()
        && let Said::Typed(line) = &mut answer.said
    {
        answer.wrong = None;
        line.handle(InputRequest::InsertChar(character));
    }
}

fn is_over(model: &Model) -> bool {
    model.held.as_ref().is_some_and(|held| held.is_over())
}

fn pause(model: &mut Model) -> Vec<Request> {
    if is_over(model) { leave(model) } else { send(model, Reply::Pause) }
}

fn press(model: &mut Model, button: Button) -> Vec<Request> {
    let Some(held) = &model.held else { return Vec::new() };
    let Some(view) = &held.view else { return Vec::new() };
    match button {
        // It is sealed by who has seen all of it.
        Button::Go if held.is_unread_plan() => {
            let rows = held.rows;
            if let Some(held) = &mut model.held {
                held.top += rows.saturating_sub(1).max(1);
            }
        }
        Button::Go => {
            let reply = match view.prompt {
                Prompt::Ask(_) => Reply::Answers(held.values()),
                _ => Reply::Go,
            };
            return send(model, reply);
        }
        Button::Confirm => {
            if let Prompt::Confirm(confirmation) = &view.prompt {
                let form = confirm_form(model, view, confirmation);
                model.layers.push(Layer::Confirm(Box::new(form)));
            }
        }
        Button::Make => return send(model, Reply::Offer),
        Button::Secret => run_layers::secret(model, None),
        Button::Except => run_layers::say(model, SayKind::Exception),
        Button::Back => return send(model, Reply::Back),
        Button::Abandon => run_layers::say(model, SayKind::Abandon),
        Button::Pause | Button::Leave => return pause(model),
    }
    Vec::new()
}

/// One of the numbered choices of a run that is halted.
fn choose(model: &mut Model, number: usize) -> Vec<Request> {
    let Some(held) = &model.held else { return Vec::new() };
    let view = held.view.as_ref();
    let is_halted = view.is_some_and(|view| matches!(view.prompt, Prompt::Halted { .. }));
    let button = held.buttons().get(number).copied().filter(|_| is_halted);
    button.map_or_else(Vec::new, |button| press(model, button))
}

fn note(model: &mut Model) -> Vec<Request> {
    let view = model.held.as_ref().and_then(|held| held.view.as_ref());
    let can_except =
        view.is_some_and(|view| matches!(view.prompt, Prompt::Halted { can_except: true, .. }));
    if !can_except {
        run_layers::say(model, SayKind::Note);
        return Vec::new();
    }
    let choice = |label: &str, kind| Choice {
        label: label.to_owned(),
        note: String::new(),
        effect: Effect::Say(kind),
    };
    let choices = vec![
        choice("a note: something worth knowing", SayKind::Note),
        choice("an exception: take what was found on oneself", SayKind::Exception),
    ];
    open_menu(model, "What is put on record?", choices)
}

fn commands(model: &mut Model) -> Vec<Request> {
    let Some(view) = model.held.as_ref().and_then(|held| held.view.as_ref()) else {
        return Vec::new();
    };
    let command = view.step.map_or("", |step| step.command);
    let shown = if command.is_empty() { "nothing but keyrite shows this step" } else { command };
    let lines = vec![
        "What shows this step without keyrite:".to_owned(),
        String::new(),
        format!("    {shown}"),
        String::new(),
        "The same run, line by line, after a pause:".to_owned(),
        String::new(),
        format!("    keyrite ceremony resume {}", view.id),
    ];
    let copy = Some(command.to_owned()).filter(|command| !command.is_empty());
    open_reader(model, "Equivalent commands", lines, copy);
    Vec::new()
}

/// What has to be typed, and what follows from it.
fn confirm_form(model: &Model, view: &RunView, confirmation: &Confirmation) -> ConfirmForm {
    let behind = view.steps.iter().skip_while(|step| Some(&step.place) != view.place.as_ref());
    let open: Vec<_> = behind.skip(1).filter(|step| !step.is_done).take(12).collect();
    let undoable = open.iter().take_while(|step| step.reversible);
    let mut follows: Vec<_> = undoable.map(|step| step.title.clone()).collect();
    let mut undo = format!("give the run up (A): {}", view.given_up);
    if let Some(first) = open.get(follows.len()) {
        let step = first.place.step();
        let alike = view.steps.iter().filter(|one| one.place.step() == step && !one.is_done);
        let others: Vec<_> = alike.skip(1).filter_map(|step| step.place.item()).collect();
        let others = match others.len() {
            0 => String::new(),
            _ => format!(", and the same for {}", others.join(", ")),
        };
        follows.push(format!("{} (cannot be undone){others}", first.title));
        "none from there on".clone_into(&mut undo);
    }
    let step = view.step.map_or("", |step| step.title);
    ConfirmForm {
        title: step.to_owned(),
        confirmation: confirmation.clone(),
        follows: vec![format!("After this: {}", follows.join(", ")), format!("Undo: {undo}")],
        typed: vec![Line::default(); confirmation.typings.len()],
        focus: ConfirmFocus::Cancel,
        top: 0,
        shown: 1,
        unread: usize::MAX,
        opened: model.monotonic,
        touched: model.monotonic,
        problem: None,
    }
}
