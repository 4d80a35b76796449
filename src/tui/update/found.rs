//! The questions of a new workspace.

use std::collections::BTreeSet;

use tui_input::Input as Line;

use super::edit::edit;
use super::moves::steps;
use crate::app::{Input, NewWorkspace, Opening, policy, profile_names};
use crate::domain::text::counted;
use crate::domain::validity::State;
use crate::domain::workspace::{Environment, Target};
use crate::tui::action::Action;
use crate::tui::event::{Request, TeamRequest};
use crate::tui::layer::{FoundForm, FoundQuestion, Layer};
use crate::tui::message::Level;
use crate::tui::model::{Model, Place};

/// Up to so many usable keys are ticked at once; of more, most are somebody
/// else's.
const TICKED_AT_ONCE: usize = 3;

/// Begins to make a workspace: of the keys that are looked at, or else of
/// those in the `GnuPG` home.
pub(super) fn start(model: &mut Model) -> Vec<Request> {
    match model.place {
        Place::View => {
            begin(model);
            Vec::new()
        }
        Place::Welcome => {
            let home = model.gnupg_home.clone().filter(|home| home.is_dir());
            let inputs = home.map(Input::Path).into_iter().collect();
            vec![Request::Open(Opening::Found(inputs))]
        }
        Place::Demo | Place::Workspace => {
            let text = "this is a workspace; 2 on the welcome screen (:) begins from your keys";
            model.say(Level::Info, text);
            Vec::new()
        }
    }
}

/// Asks the first question.
pub(super) fn begin(model: &mut Model) {
    let profiles = profile_names().into_iter();
    let profiles = profiles.filter_map(|name| Some((name, policy(name).ok()?.about)));
    model.layers.push(Layer::Found(Box::new(FoundForm {
        question: FoundQuestion::Name,
        name: Line::default(),
        profile: 0,
        profiles: profiles.collect(),
        places: Line::new("keys.openpgp.org".to_owned()),
        cursor: 0,
        ticked: BTreeSet::new(),
        create: false,
        problem: None,
    })));
}

/// Does what a key asks of the form; `None` keeps it open.
pub(super) fn act(model: &mut Model, form: &mut FoundForm, action: Action) -> Option<Vec<Request>> {
    form.problem = None;
    if action == Action::Back {
        match form.question.back() {
            Some(before) => form.question = before,
            None => return Some(Vec::new()),
        }
        return None;
    }
    let rows = steps(action, 10).unwrap_or(0);
    match form.question {
        FoundQuestion::Name if action == Action::Open => match form.folder_name().as_str() {
            "" => form.problem = Some("a name with letters or digits, please".to_owned()),
            folder if model.here.join(folder).exists() => {
                form.problem = Some(format!("'{folder}' is here already; choose another name"));
            }
            _ => form.question = FoundQuestion::Profile,
        },
        FoundQuestion::Name => edit(&mut form.name, action),
        FoundQuestion::Profile if action == Action::Open => form.question = FoundQuestion::Places,
        FoundQuestion::Profile => {
            let last = form.profiles.len().saturating_sub(1);
            form.profile = form.profile.saturating_add_signed(rows).min(last);
        }
        FoundQuestion::Places if action == Action::Open => match targets(form) {
            Ok(_) => {
                tick_the_few(model, form);
                form.question = FoundQuestion::Keys;
            }
            Err(problem) => form.problem = Some(problem),
        },
        FoundQuestion::Places => edit(&mut form.places, action),
        FoundQuestion::Keys => keys(model, form, action, rows),
        FoundQuestion::Review => return review(model, form, action),
    }
    None
}

fn keys(model: &Model, form: &mut FoundForm, action: Action, rows: isize) {
    let items = model.list.items();
    match action {
        Action::Open => form.question = FoundQuestion::Review,
        Action::Tick => {
            if let Some(item) = items.get(form.cursor) {
                let fingerprint = item.listed.fingerprint;
                if !form.ticked.remove(&fingerprint) {
                    form.ticked.insert(fingerprint);
                }
            }
        }
        _ => {
            let last = items.len().saturating_sub(1);
            form.cursor = form.cursor.saturating_add_signed(rows).min(last);
        }
    }
}

fn review(model: &mut Model, form: &mut FoundForm, action: Action) -> Option<Vec<Request>> {
    match action {
        Action::NextField => form.create = !form.create,
        Action::Yes => return Some(make(model, form)),
        Action::Open if form.create => return Some(make(model, form)),
        Action::Open => {
            model.say(Level::Info, "nothing was made; w begins again");
            return Some(Vec::new());
        }
        _ => {}
    }
    None
}

/// Ticks the usable keys where there are few.
fn tick_the_few(model: &Model, form: &mut FoundForm) {
    let usable: Vec<_> = model
        .list
        .items()
        .iter()
        .filter_map(|item| item.assessment.as_ref())
        .filter(|assessment| assessment.verdict.primary.state == State::Valid)
        .map(|assessment| assessment.certificate.fingerprint())
        .collect();
    if form.ticked.is_empty() && usable.len() <= TICKED_AT_ONCE {
        form.ticked.extend(usable);
    }
}

/// The targets that were typed.
fn targets(form: &FoundForm) -> Result<Vec<Target>, String> {
    let places = form.places.value().split([' ', ',']).filter(|place| !place.is_empty());
    places.enumerate().map(|(index, place)| Target::of_place(place, index + 1)).collect()
}

fn make(model: &mut Model, form: &FoundForm) -> Vec<Request> {
    let items = model.list.items().iter();
    let chosen = items.filter(|item| form.ticked.contains(&item.listed.fingerprint));
    let adopted: Vec<_> = chosen.filter_map(|item| item.assessment.clone()).collect();
    if adopted.len() < form.ticked.len() {
        let text = "not all keys are checked yet; nothing was made: wait a moment, then again";
        model.say(Level::Warning, text);
        model.layers.push(Layer::Found(Box::new(form.clone())));
        return Vec::new();
    }
    let profile = form.profiles.get(form.profile).map_or("small-team", |(name, _)| name);
    model.say(Level::Info, format!("making a workspace of {}", counted(adopted.len(), "key")));
    vec![Request::Team(TeamRequest::Found(Box::new(NewWorkspace {
        folder: model.here.join(form.folder_name()),
        name: form.name.value().trim().to_owned(),
        environment: Environment::Production,
        profile: profile.to_owned(),
        targets: targets(form).unwrap_or_default(),
        adopted,
    })))]
}
