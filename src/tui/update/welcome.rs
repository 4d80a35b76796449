//! The choices of the welcome screen.

use std::path::PathBuf;

use crate::app::{Input, Opening};
use crate::tui::action::Action;
use crate::tui::event::{Request, TeamRequest};
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
            let line = tui_input::Input::new(model.typed_path.clone());
            model.layers.push(Layer::Path(line, false));
            Vec::new()
        }
        Action::OpenWorkspace => {
            let line = tui_input::Input::new(model.typed_path.clone());
            model.layers.push(Layer::Path(line, true));
            Vec::new()
        }
        Action::NewWorkspace => super::found::start(model),
        Action::Invited => {
            let text = "signers are not invited by this version; v compares a fingerprint";
            model.say(Level::Warning, text);
            Vec::new()
        }
        _ => return None,
    })
}

/// Looks at what was typed as a path, or opens the workspace there.
pub(super) fn read_path(model: &mut Model, typed: &str, is_workspace: bool) -> Vec<Request> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Vec::new();
    }
    typed.clone_into(&mut model.typed_path);
    let below_home =
        typed.strip_prefix('~').filter(|rest| rest.is_empty() || rest.starts_with('/'));
    let path = match (below_home, &model.home) {
        (Some(rest), Some(home)) => home.join(rest.trim_start_matches('/')),
        (Some(_), None) => {
            model.say(Level::Warning, "no home folder is known; type the whole path");
            return Vec::new();
        }
        (None, _) => PathBuf::from(typed),
    };
    if is_workspace { vec![Request::Team(TeamRequest::Open(path))] } else { view(path) }
}

fn view(path: PathBuf) -> Vec<Request> {
    vec![Request::Open(Opening::View(vec![Input::Path(path)]))]
}
