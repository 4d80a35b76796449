//! The screens Ceremonies and Audit: what can be begun, taken up and read.

use std::path::PathBuf;

use super::menus::{open_menu, open_reader};
use super::run;
use crate::app::conduct::Wanted;
use crate::app::{Beginning, Listed, RunState};
use crate::domain::host::newest_signature;
use crate::domain::text::{VisibleText, wrap};
use crate::domain::worded::Worded as _;
use crate::engine::definition::Ceremony;
use crate::engine::runbook::runbook;
use crate::tui::action::Action;
use crate::tui::event::{CeremoniesEvent, CeremoniesRequest, Request};
use crate::tui::layer::{Choice, Effect};
use crate::tui::message::Level;
use crate::tui::model::{Model, Offer, Place, Screen};

/// Columns of a runbook on the screen.
const COLUMNS: usize = 76;

/// Takes into account what was found out.
pub(super) fn happened(model: &mut Model, event: CeremoniesEvent) -> Vec<Request> {
    match event {
        CeremoniesEvent::Runs(Ok(runs)) => {
            model.ceremonies.runs = runs;
            model.ceremonies.problem = None;
            let last = model.offers().len().saturating_sub(1);
            model.ceremonies.at = model.ceremonies.at.min(last);
        }
        CeremoniesEvent::Runs(Err(why)) => model.ceremonies.problem = Some(why),
        CeremoniesEvent::Machine(seen) => model.ceremonies.machine = seen,
        CeremoniesEvent::Page(title, lines) => open_reader(model, &title, lines, None),
        CeremoniesEvent::Audited(chain) => {
            let verdict = chain.report.verdict();
            model.audit.chain = Some(*chain);
            if model.screen == Screen::Audit {
                let last = model.audit.rows().len().saturating_sub(1);
                model.audit.at = model.audit.at.min(last);
            }
            if model.log_is_wrong().is_some() {
                model.say(Level::Error, format!("the audit log is {verdict}: 8 says where"));
            }
        }
    }
    Vec::new()
}

fn folder(model: &Model) -> Option<PathBuf> {
    model.managed.as_ref().and_then(|managed| managed.folder.clone())
}

/// Asks for everything that the screen shows.
pub(super) fn list(model: &Model) -> Vec<Request> {
    let Some(managed) = &model.managed else { return Vec::new() };
    let certificates = model.list.items().iter().filter_map(|item| item.assessment.as_ref());
    let machine = CeremoniesRequest::Machine {
        policy: Box::new(managed.team.policy.clone()),
        environment: managed.team.workspace.environment,
        newest: newest_signature(certificates.map(|assessment| &*assessment.certificate)),
    };
    let mut requests = runs(model);
    requests.push(Request::Ceremonies(machine));
    requests
}

/// Asks for the runs anew.
pub(super) fn runs(model: &Model) -> Vec<Request> {
    let runs = folder(model).map(|at| Request::Ceremonies(CeremoniesRequest::Runs(at)));
    runs.into_iter().collect()
}

/// Asks for the audit log anew.
pub(super) fn verify(model: &Model) -> Vec<Request> {
    let audit = folder(model).map(|at| Request::Ceremonies(CeremoniesRequest::Audit(at)));
    audit.into_iter().collect()
}

/// Does what is asked of ceremonies, if the action is that.
pub(super) fn act(model: &mut Model, action: Action) -> Option<Vec<Request>> {
    Some(match (action, model.screen) {
        (Action::Ceremony | Action::Open, Screen::Ceremonies) => open(model),
        (Action::Ceremony, _) => with_selection(model),
        (Action::Runbook, _) => show_runbook(model),
        (Action::Verify, _) => {
            let requests = verify(model);
            model.say(Level::Info, if requests.is_empty() { NO_LOG } else { "read again" });
            requests
        }
        (Action::Commands, Screen::Ceremonies) => commands(model),
        (Action::Commands, Screen::Audit) => audit_commands(model),
        _ => return None,
    })
}

const NO_LOG: &str = "there is no log here: it is kept in a workspace";

/// Goes to the ceremonies with the selected certificate as a known answer.
fn with_selection(model: &mut Model) -> Vec<Request> {
    let Some((item, _)) = model.target() else { return super::no_key(model) };
    let (name, fingerprint) = (item.short_name().to_owned(), item.listed.fingerprint);
    let requests = super::go(model, Screen::Ceremonies);
    model.ceremonies.given = Some(fingerprint);
    model.say(Level::Info, format!("for {name}: choose what is to be done"));
    requests
}

/// Why nothing can be begun here, and what can be done.
#[must_use]
pub(super) fn why_not(model: &Model) -> Option<Vec<String>> {
    let why = match model.place {
        Place::Workspace => return None,
        Place::Demo => "The demo's keys have no secrets, so no ceremony can be held on them.",
        Place::View | Place::Welcome => {
            "These keys are only looked at: nothing is written, so no ceremony can be held."
        }
    };
    Some(vec![
        why.to_owned(),
        String::new(),
        "To try every ceremony on keys that protect nothing, with folders as media:".to_owned(),
        String::new(),
        "    keyrite ceremony rehearse DIR".to_owned(),
        "    keyrite --in DIR".to_owned(),
        String::new(),
        "To hold one on your own keys, make a workspace of them (w on the dashboard of keys that \
         you look at), or open the one that is there."
            .to_owned(),
    ])
}

/// Begins, takes up again, or reads what is selected.
fn open(model: &mut Model) -> Vec<Request> {
    let Some(offer) = model.offer() else { return Vec::new() };
    match offer {
        Offer::Ceremony(ceremony) => begin(model, ceremony),
        Offer::Run(run) => {
            let run = run.clone();
            open_run(model, &run)
        }
    }
}

fn open_run(model: &mut Model, run: &Listed) -> Vec<Request> {
    let Some(folder) = folder(model) else { return Vec::new() };
    match &run.state {
        RunState::Open | RunState::Halted => run::conduct(
            model,
            format!("{} {}", run.ceremony, run.id),
            Wanted::Resume(run.id.clone()),
        ),
        RunState::Elsewhere => {
            model.say(
                Level::Info,
                "it was handed over: another machine goes on with it, and keyrite carry in brings \
                 it back",
            );
            Vec::new()
        }
        RunState::Closed | RunState::Abandoned => {
            vec![Request::Ceremonies(CeremoniesRequest::Transcript(folder, run.id.clone()))]
        }
        RunState::Unreadable(why) => {
            let lines = vec![
                VisibleText::from_text(why).into_string(),
                String::new(),
                "Nothing was changed. keyrite audit verify says whether the log still knows what \
                 its journal said; git has older copies of it."
                    .to_owned(),
            ];
            open_reader(model, &format!("The run {} cannot be read", run.id), lines, None);
            Vec::new()
        }
    }
}

/// Asks who drives. Even where only one person may: no single key begins a
/// run.
fn begin(model: &mut Model, ceremony: &'static Ceremony) -> Vec<Request> {
    if let Some(lines) = why_not(model) {
        open_reader(model, "Nothing can be begun here", lines, None);
        return Vec::new();
    }
    let drivers = model.drivers(ceremony);
    if drivers.is_empty() {
        let role = ceremony.roles.first().map_or("", |role| role.word());
        let lines = vec![
            format!("Nobody has the role {role}, so nobody may drive it."),
            String::new(),
            "Say in keyrite.toml who may, then press r:".to_owned(),
            String::new(),
            "    [[people]]".to_owned(),
            "    id = \"anna\"".to_owned(),
            "    name = \"Anna\"".to_owned(),
            "    roles = [\"administrator\", \"revocation-holder\"]".to_owned(),
        ];
        open_reader(model, "Who could drive it?", lines, None);
        return Vec::new();
    }
    let choices = drivers.into_iter().map(|(id, name)| Choice {
        label: name,
        note: id.clone(),
        effect: Effect::Begin(ceremony.id, id),
    });
    open_menu(model, &format!("{}: who drives?", ceremony.title), choices.collect())
}

/// Begins a run.
pub(super) fn begin_with(
    model: &mut Model,
    ceremony: &'static str,
    operator: String,
) -> Vec<Request> {
    let given = model.ceremonies.given.take().into_iter();
    let given = given.map(|one| ("certificate".to_owned(), one.hex().into())).collect();
    let beginning = Beginning { operator: Some(operator), given };
    run::conduct(model, ceremony.to_owned(), Wanted::Begin(ceremony, beginning))
}

/// Shows the runbook of what is selected.
fn show_runbook(model: &mut Model) -> Vec<Request> {
    let ceremony = match model.offer() {
        Some(Offer::Ceremony(ceremony)) => Some(ceremony),
        Some(Offer::Run(run)) => crate::engine::catalog::find(&run.ceremony),
        None => None,
    };
    let Some(ceremony) = ceremony else {
        model.say(Level::Info, "this keyrite does not know that ceremony");
        return Vec::new();
    };
    let page = runbook(ceremony);
    let lines = page.lines().flat_map(|line| wrap(line, COLUMNS)).collect();
    open_reader(model, &format!("Runbook: {}", ceremony.title), lines, Some(page));
    Vec::new()
}

fn commands(model: &mut Model) -> Vec<Request> {
    let command = match model.offer() {
        Some(Offer::Ceremony(ceremony)) => format!("keyrite ceremony start {}", ceremony.id),
        Some(Offer::Run(run)) => match run.state {
            RunState::Open | RunState::Halted => format!("keyrite ceremony resume {}", run.id),
            RunState::Elsewhere => "keyrite carry in MEDIUM".to_owned(),
            RunState::Closed | RunState::Abandoned | RunState::Unreadable(_) => {
                format!("keyrite ceremony transcript {}", run.id)
            }
        },
        None => return Vec::new(),
    };
    let lines = vec![
        "The same engine, line by line, for serial consoles and screen readers:".to_owned(),
        String::new(),
        format!("    {command}"),
        String::new(),
        "All ceremonies, all runs, and the runbooks for printing:".to_owned(),
        String::new(),
        "    keyrite ceremony list".to_owned(),
        "    keyrite ceremony runs".to_owned(),
        "    keyrite ceremony print CEREMONY".to_owned(),
    ];
    open_reader(model, "The same on the command line", lines, Some(command));
    Vec::new()
}

fn audit_commands(model: &mut Model) -> Vec<Request> {
    let lines = [
        "keyrite audit verify",
        "keyrite audit head",
        "keyrite audit checkpoint",
        "",
        "docs/verify_audit.py does the same in plain Python, without keyrite.",
    ];
    let lines = lines.map(str::to_owned).to_vec();
    open_reader(model, "The same on the command line", lines, None);
    Vec::new()
}
