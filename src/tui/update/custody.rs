//! The screen Custody: all of what is selected, and the places that are asked.

use std::path::Path;

use super::menus::open_reader;
use crate::app::demo_custody;
use crate::domain::custody::Sightings;
use crate::domain::text::{VisibleText, counted};
use crate::tui::action::Action;
use crate::tui::event::Request;
use crate::tui::message::Level;
use crate::tui::model::{Model, Place, Screen};
use crate::tui::screens::custody::page;

/// Does what is asked of the screen, if the action is that.
pub(super) fn act(model: &mut Model, action: Action) -> Option<Vec<Request>> {
    match (action, model.screen) {
        (Action::Network, _) => return Some(ask(model)),
        (Action::Open, Screen::Custody) => {
            if let Some((title, lines)) = page(model) {
                open_reader(model, &title, lines, None);
            }
        }
        (Action::Commands, Screen::Custody) => commands(model),
        _ => return None,
    }
    Some(Vec::new())
}

/// The demo asks nobody.
pub(super) fn made_up(model: &mut Model) {
    let Some(managed) = &mut model.managed else { return };
    let (register, seen) = demo_custody(&managed.team.workspace.slots);
    if let Some(evidence) = &mut managed.evidence {
        evidence.register = register;
    }
    model.custody.seen = Some((model.now, seen));
}

/// Asks the places, in the background.
fn ask(model: &mut Model) -> Vec<Request> {
    let managed = model.managed.as_ref();
    let slots = managed.map_or(0, |managed| managed.team.workspace.slots.len());
    let folder = managed.and_then(|managed| managed.folder.clone());
    let Some(folder) = folder.filter(|_| slots > 0) else {
        let text = match model.place {
            Place::Demo => "the demo asks nobody: what is shown is made up",
            _ => "there is no place to ask: a workspace declares them, as slots",
        };
        model.say(Level::Info, text);
        return Vec::new();
    };
    if model.custody.asked.is_some() {
        model.say(Level::Info, "they are being asked already");
        return Vec::new();
    }
    model.custody.asked = Some(model.monotonic);
    let text = format!("asking {}, and fetching no secret ...", counted(slots, "place"));
    model.say(Level::Info, text);
    vec![Request::Look(folder)]
}

/// Takes into account what the places said.
pub(super) fn happened(
    model: &mut Model,
    folder: &Path,
    seen: Result<Sightings, String>,
) -> Vec<Request> {
    let here = model.managed.as_ref().and_then(|managed| managed.folder.as_deref());
    if here != Some(folder) || model.custody.asked.take().is_none() {
        return Vec::new();
    }
    let seen = match seen {
        Ok(seen) => seen,
        Err(why) => {
            model.say(Level::Error, VisibleText::from_text(&why).into_string());
            return Vec::new();
        }
    };
    let all = counted(seen.len(), "place");
    let unseen = seen.values().filter(|one| one.is_err()).count();
    model.custody.seen = Some((model.now, seen));
    if unseen == 0 {
        model.say(Level::Info, format!("{all} asked: 6 shows what is there"));
    } else {
        let text = format!("{unseen} of {all} could not be seen: Enter on it (6) says why");
        model.say(Level::Warning, text);
    }
    Vec::new()
}

fn commands(model: &mut Model) {
    let lines = [
        "keyrite custody              by the record",
        "keyrite custody --look       what the places say; no secret is fetched",
        "keyrite custody --what-if    what follows from a loss or a leak",
        "keyrite custody --json",
    ];
    let lines = lines.map(str::to_owned).to_vec();
    open_reader(model, "The same on the command line", lines, None);
}
