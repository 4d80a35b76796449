//! A finding that the team lives with, for a time.

use tui_input::Input as Line;

use super::edit::edit;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::timestamp::Timestamp;
use crate::domain::workspace::Waiver;
use crate::tui::action::Action;
use crate::tui::event::{Request, TeamRequest};
use crate::tui::layer::{Layer, WaiveField, WaiveForm};
use crate::tui::message::Level;
use crate::tui::model::{Model, Place};

/// Asks about the finding under the cursor.
pub(super) fn begin(model: &mut Model) -> Vec<Request> {
    let Some(finding) = model.selected_finding().map(|judged| judged.finding.clone()) else {
        model.say(Level::Info, "only a finding of a rule can be waived; nothing was done");
        return Vec::new();
    };
    if !finding.id.can_be_waived() {
        model.say(Level::Warning, "a secret in public is nothing to live with; nothing was done");
        return Vec::new();
    }
    let Some(managed) = &model.managed else { return Vec::new() };
    if model.place == Place::View {
        let text = "a waiver is kept in a workspace; on the Dashboard, w makes one of these keys";
        model.say(Level::Info, text);
        return Vec::new();
    }
    let people: Vec<_> =
        managed.team.workspace.people.iter().map(|person| person.id.clone()).collect();
    if people.is_empty() {
        let text = "who signs it off? say in keyrite.toml who is in the team ([[people]]), then r";
        model.say(Level::Warning, text);
        return Vec::new();
    }
    let of =
        finding.about.last().map_or_else(|| finding.subject.as_str().to_owned(), Fingerprint::hex);
    let by = if let [one] = people.as_slice() { one.clone() } else { String::new() };
    let at = if by.is_empty() { WaiveField::By } else { WaiveField::Reason };
    model.layers.push(Layer::Waive(Box::new(WaiveForm {
        finding: finding.id,
        subject: finding.subject.as_str().to_owned(),
        of,
        at,
        by: Line::new(by),
        reason: Line::default(),
        until: Line::default(),
        people,
        problem: None,
    })));
    Vec::new()
}

/// Does what a key asks of the form; `None` keeps it open.
pub(super) fn act(model: &mut Model, form: &mut WaiveForm, action: Action) -> Option<Vec<Request>> {
    match action {
        Action::Back => return Some(Vec::new()),
        Action::Up => form.at = form.at.step(false),
        Action::Down => form.at = form.at.step(true),
        Action::Open if form.at != WaiveField::Until => form.at = form.at.step(true),
        Action::Open => match waiver(form, model.now) {
            Ok(waiver) => return Some(keep(model, waiver)),
            Err((at, problem)) => {
                form.at = at;
                form.problem = Some(problem);
            }
        },
        _ => {
            form.problem = None;
            let at = form.at;
            edit(form.line(at), action);
        }
    }
    None
}

/// The waiver that the answers make, or the answer that is wrong and why.
fn waiver(form: &WaiveForm, now: Timestamp) -> Result<Waiver, (WaiveField, String)> {
    let by = form.by.value().trim().to_owned();
    if !form.people.contains(&by) {
        let text = format!("no person is called that; there are {}", form.people.join(", "));
        return Err((WaiveField::By, text));
    }
    let reason = form.reason.value().trim().to_owned();
    if reason.is_empty() {
        return Err((WaiveField::Reason, "say why, for those who read it later".to_owned()));
    }
    let until = Timestamp::parse(form.until.value().trim())
        .map_err(|error| (WaiveField::Until, error.to_string()))?;
    let (finding, of) = (form.finding, form.of.clone());
    let waiver = Waiver { finding, of, reason, by, until: until.midnight(), line: 0 };
    waiver.check(now).map_err(|problem| (WaiveField::Until, problem))?;
    Ok(waiver)
}

fn keep(model: &mut Model, waiver: Waiver) -> Vec<Request> {
    let Some(managed) = &mut model.managed else { return Vec::new() };
    if let Some(folder) = managed.folder.clone() {
        let (seen, waiver) = (managed.text.clone(), Box::new(waiver));
        return vec![Request::Team(TeamRequest::Waive { folder, seen, waiver })];
    }
    managed.team.workspace.waivers.push(waiver);
    model.replan();
    model.say(Level::Info, "waived until you leave: the demo keeps nothing");
    Vec::new()
}
