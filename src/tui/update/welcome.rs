//! The choices of the welcome screen.

use std::path::PathBuf;

use crate::app::{Input, Opening};
use crate::tui::action::Action;
use crate::tui::event::Request;
use crate::tui::layer::Layer;
use crate::tui::message::Level;
use crate::tui::model::Model;
use crate::tui::screens::welcome::CHOICES;

/// Takes the choice under the cursor.
pub(super) fn open(model: &mut Model) -> Vec<Request> {
    let choice = CHOICES.get(model.welcome).copied();
    choice.and_then(|action| act(model, action)).unwrap_or_default()
}

/// Does what a choice asks for, if the action is one.
pub(super) fn act(model: &mut Model, action: Action) -> Option<Vec<Request>> {
    if let Some(place) = CHOICES.iter().position(|choice| *choice == action) {
        model.welcome = place;
    }
    Some(match action {
        Action::Welcome => vec![Request::Open(Opening::Welcome)],
        Action::Demo => vec![Request::Open(Opening::Demo)],
        Action::GnupgHome => {
            if let Some(home) = model.gnupg_home.clone() {
                view(home)
            } else {
                model.say(Level::Warning, "no home folder is known; 3 takes any path");
                Vec::new()
            }
        }
        Action::ReadPath => {
            model.layers.push(Layer::Path(tui_input::Input::new(model.typed_path.clone())));
            Vec::new()
        }
        Action::OpenWorkspace | Action::NewWorkspace | Action::Invited => {
            let text = "workspaces are on the command line so far: keyrite init, schedule, check";
            model.say(Level::Warning, text);
            Vec::new()
        }
        _ => return None,
    })
}

/// Reads what was typed as a path.
pub(super) fn read_path(model: &mut Model, typed: &str) -> Vec<Request> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Vec::new();
    }
    typed.clone_into(&mut model.typed_path);
    let below_home =
        typed.strip_prefix('~').filter(|rest| rest.is_empty() || rest.starts_with('/'));
    match (below_home, &model.home) {
        (Some(rest), Some(home)) => view(home.join(rest.trim_start_matches('/'))),
        (Some(_), None) => {
            model.say(Level::Warning, "no home folder is known; type the whole path");
            Vec::new()
        }
        (None, _) => view(PathBuf::from(typed)),
    }
}

fn view(path: PathBuf) -> Vec<Request> {
    vec![Request::Open(Opening::View(vec![Input::Path(path)]))]
}
