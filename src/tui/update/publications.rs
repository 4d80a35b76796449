//! The screen Publications: all of what is selected, and the targets that are
//! asked.

use std::path::Path;

use super::menus::open_reader;
use crate::app::demo_drift;
use crate::domain::publication::{DriftRow, Verdict};
use crate::domain::text::{VisibleText, counted};
use crate::tui::action::Action;
use crate::tui::event::Request;
use crate::tui::message::Level;
use crate::tui::model::{Model, Place, Screen};
use crate::tui::screens::publications::page;

/// Does what is asked of the screen, if the action is that.
pub(super) fn act(model: &mut Model, action: Action) -> Option<Vec<Request>> {
    match (action, model.screen) {
        (Action::Network, Screen::Publications) => return Some(ask(model)),
        (Action::Open, Screen::Publications) => {
            if let Some((title, lines)) = page(model) {
                open_reader(model, &title, lines, None);
            }
        }
        (Action::Commands, Screen::Publications) => commands(model),
        _ => return None,
    }
    Some(Vec::new())
}

/// The demo asks nobody.
pub(super) fn made_up(model: &mut Model) {
    let targets = model.managed.iter().flat_map(|managed| &managed.team.workspace.targets);
    let rows = targets.filter_map(demo_drift).collect();
    model.publications.seen = Some((model.now, rows));
}

/// Asks the targets as their users do, in the background.
fn ask(model: &mut Model) -> Vec<Request> {
    let managed = model.managed.as_ref();
    let targets = managed.map_or(0, |managed| managed.team.workspace.targets.len());
    let folder = managed.and_then(|managed| managed.folder.clone());
    let Some(folder) = folder.filter(|_| targets > 0) else {
        let text = match model.place {
            Place::Demo => "the demo asks nobody: what is shown is made up",
            _ => "there is nothing to ask: a workspace declares targets",
        };
        model.say(Level::Info, text);
        return Vec::new();
    };
    if model.publications.asked.is_some() {
        model.say(Level::Info, "they are being asked already");
        return Vec::new();
    }
    model.publications.asked = Some(model.monotonic);
    model.say(Level::Info, format!("asking {}, as users do ...", counted(targets, "target")));
    vec![Request::Drift(folder)]
}

/// Takes into account what the targets gave.
pub(super) fn happened(
    model: &mut Model,
    folder: &Path,
    seen: Result<Vec<DriftRow>, String>,
) -> Vec<Request> {
    let here = model.managed.as_ref().and_then(|managed| managed.folder.as_deref());
    if here != Some(folder) || model.publications.asked.take().is_none() {
        return Vec::new();
    }
    let rows = match seen {
        Ok(rows) => rows,
        Err(why) => {
            model.say(Level::Error, VisibleText::from_text(&why).into_string());
            return Vec::new();
        }
    };
    let verdicts = || rows.iter().map(DriftRow::verdict);
    let incidents = verdicts().filter(|verdict| verdict.is_incident()).count();
    let others = verdicts().filter(|verdict| *verdict != Verdict::Match).count() - incidents;
    let (level, text) = match (incidents, others) {
        (0, 0) => (Level::Info, "all targets give their users what they should".to_owned()),
        (0, others) => {
            (Level::Warning, format!("{others} of {} are not as they should be", rows.len()))
        }
        (incidents, _) => {
            let what = counted(incidents, "incident");
            (Level::Error, format!("{what}: write nothing there before it is understood (Enter)"))
        }
    };
    model.publications.seen = Some((model.now, rows));
    model.say(level, text);
    Vec::new()
}

fn commands(model: &mut Model) {
    let lines = [
        "keyrite drift                        what users of each target get",
        "keyrite drift --parts                the same, with each part by its name",
        "keyrite drift --json                 for cron and CI",
        "keyrite ceremony start publication   publish a certificate",
        "keyrite publish                      go on with one that people have agreed to",
    ];
    let lines = lines.map(str::to_owned).to_vec();
    open_reader(model, "The same on the command line", lines, None);
}
