//! What the workspace means for the console.

use super::menus::open_reader;
use super::{inspect, no_key};
use crate::app::{policy, profile_names};
use crate::domain::plan::{Plan, Team};
use crate::domain::schedule::Due;
use crate::domain::text::VisibleText;
use crate::tui::action::Action;
use crate::tui::event::{Request, TeamEvent, TeamRequest};
use crate::tui::message::Level;
use crate::tui::model::{Detail, Model, Place, Screen, Tab};

/// Takes into account what happened to a workspace.
pub(super) fn happened(model: &mut Model, event: TeamEvent) -> Vec<Request> {
    match event {
        TeamEvent::Ready { said, opening } => {
            if let Some(said) = said {
                model.say(Level::Info, said);
            }
            return vec![Request::Open(opening)];
        }
        TeamEvent::Declared { said, declaration } => {
            if let Some(managed) = &mut model.managed {
                managed.team = declaration.team;
                managed.text = declaration.text;
                managed.is_stale = false;
            }
            model.replan();
            if let Some(said) = said {
                model.say(Level::Info, said);
            }
        }
        TeamEvent::Gathered(reading, evidence) => {
            if reading == model.reading
                && let Some(managed) = &mut model.managed
            {
                managed.evidence = Some(*evidence);
                if model.place == Place::Demo {
                    super::custody::made_up(model);
                } else {
                    // What the places said was held against the record as it
                    // was.
                    model.custody.seen = None;
                    model.publications.seen = None;
                }
                model.replan();
            }
        }
        TeamEvent::Wrong(why) => {
            if let Some(managed) = &mut model.managed {
                managed.is_stale = true;
            }
            refused(model, &why);
        }
        TeamEvent::Refused(why) => refused(model, &why),
    }
    Vec::new()
}

fn refused(model: &mut Model, why: &str) {
    let mut lines: Vec<_> = why.lines().map(str::to_owned).collect();
    model.say(Level::Error, lines.first().cloned().unwrap_or_default());
    lines.push(String::new());
    lines.push("What was shown before stays.".to_owned());
    open_reader(model, "That was not done", lines, None);
}

/// Does what is asked of the workspace, if the action is that.
pub(super) fn act(model: &mut Model, action: Action) -> Option<Vec<Request>> {
    Some(match action {
        Action::Due => due(model),
        Action::Calendar => calendar(model),
        Action::NextProfile => next_profile(model),
        Action::Waive => super::waive::begin(model),
        Action::ZoomIn | Action::ZoomOut => {
            model.window.zoom(action == Action::ZoomIn);
            Vec::new()
        }
        Action::Today => {
            model.window.today();
            Vec::new()
        }
        _ => return None,
    })
}

/// Asks for what rules need to know beside the certificates.
pub(super) fn gather(model: &Model) -> Option<Request> {
    let managed = model.managed.as_ref()?;
    let folder = managed.folder.clone();
    Some(Request::Team(TeamRequest::Gather {
        reading: model.reading,
        folder,
        workspace: Box::new(managed.team.workspace.clone()),
        managed: model.certificates(),
    }))
}

/// Asks for the workspace's file anew.
pub(super) fn reread(model: &Model) -> Vec<Request> {
    let folder = model.managed.as_ref().and_then(|managed| managed.folder.clone());
    folder.map(|folder| Request::Team(TeamRequest::Reread(folder))).into_iter().collect()
}

/// Shows what to do next, and why.
fn due(model: &mut Model) -> Vec<Request> {
    let mut lines = model.plan().map(|plan| words(model, plan)).unwrap_or_default();
    if lines.is_empty() {
        lines.push(match (model.place.clone(), &model.managed) {
            (Place::View, _) => {
                "Steps of rotations are worked out in a workspace, where it is written down what \
                 signs with which key. w makes one of these keys."
                    .to_owned()
            }
            (_, Some(managed)) if managed.team.workspace.consumers.is_empty() => {
                "The workspace declares no consumer: say in keyrite.toml what signs with which \
                 subkey, then press r."
                    .to_owned()
            }
            _ => "Nothing is to be done.".to_owned(),
        });
    }
    open_reader(model, "What to do next, and why", lines, None);
    Vec::new()
}

fn words(model: &Model, plan: &Plan) -> Vec<String> {
    let mut lines = Vec::new();
    for refusal in &plan.refusals {
        lines.push(format!("{} {refusal}", model.skin.glyphs.error));
        lines.push(format!("    {}", refusal.remedy()));
        lines.push(String::new());
    }
    for action in &plan.actions {
        let mark = match action.due {
            Due::Overdue => model.skin.glyphs.error,
            Due::Now => model.skin.glyphs.warn,
            Due::Later => model.skin.glyphs.planned,
        };
        let owner = action.owner.as_ref().map(|owner| format!(" ({owner})")).unwrap_or_default();
        lines.push(format!(
            "{mark} {}: {} for {}{owner}",
            action.due.word(),
            action.kind.word(),
            action.consumer
        ));
        lines.push(format!(
            "    planned {}, latest safe {}",
            action.planned.date(),
            action.latest_safe.date_with_distance(model.now)
        ));
        lines.push(format!("    because {}", action.why));
        lines.push(String::new());
    }
    if !lines.is_empty() {
        lines.push("A step is due until keyrite.toml says that it is done (progress).".to_owned());
    }
    lines
}

/// Says how the plan gets into a calendar.
fn calendar(model: &mut Model) -> Vec<Request> {
    if model.place == Place::View {
        model.say(Level::Info, "steps are planned in a workspace; on the Dashboard, w makes one");
        return Vec::new();
    }
    let folder = model.managed.as_ref().and_then(|managed| managed.folder.as_ref());
    let command = match folder {
        Some(folder) => {
            let folder = VisibleText::from_bytes(folder.as_os_str().as_encoded_bytes());
            format!("keyrite schedule --ics --in {folder} > keyrite.ics")
        }
        None => "keyrite schedule --ics > keyrite.ics".to_owned(),
    };
    let lines = vec![
        "This writes the steps for your calendar:".to_owned(),
        String::new(),
        format!("    {command}"),
        String::new(),
        "Imported again, it changes the same entries. y copies the command.".to_owned(),
    ];
    open_reader(model, "For your calendar", lines, Some(command));
    Vec::new()
}

/// Holds keys that are only looked at against the rules of another profile.
fn next_profile(model: &mut Model) -> Vec<Request> {
    let names = profile_names();
    let Some(managed) = model.managed.as_mut().filter(|_| model.place == Place::View) else {
        let text = "the profile of a workspace stands in its keyrite.toml";
        model.say(Level::Info, text);
        return Vec::new();
    };
    let here = names.iter().position(|name| *name == managed.team.policy.profile);
    let next = names.get(here.map_or(0, |here| (here + 1) % names.len())).copied();
    match policy(next.unwrap_or_default()) {
        Ok(policy) => {
            let about = format!("the rules of {}: {}", policy.profile, policy.about);
            managed.team = Team::of_profile("not saved", policy);
            model.replan();
            model.say(Level::Info, about);
        }
        Err(error) => model.say(Level::Error, error.to_string()),
    }
    Vec::new()
}

/// Opens the key that a finding speaks of.
pub(super) fn open_finding(model: &mut Model) -> Vec<Request> {
    let about = model.selected_finding().map(|judged| judged.finding.about.clone());
    let Some(fingerprint) = about.as_ref().and_then(|about| about.first().copied()) else {
        return no_key(model);
    };
    let Some(item) = model.list.item(&fingerprint) else {
        return no_key(model);
    };
    let keys = item.assessment.as_ref().map(|assessment| &assessment.certificate);
    let of_key = about.unwrap_or_default().get(1).copied();
    let key = keys
        .and_then(|certificate| certificate.keys().position(|key| Some(key.fingerprint) == of_key));
    let (key, tab) = (key.unwrap_or(0), Tab::default());
    model.detail = Some(Detail { fingerprint, key, tab, top: 0, from: Screen::Findings });
    model.screen = Screen::Detail;
    inspect(model)
}
