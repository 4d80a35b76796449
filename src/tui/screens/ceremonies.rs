//! What can be begun, taken up again and read; the chosen row in full below.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::app::{Listed, RunState};
use crate::domain::host::{Hold, Locality};
use crate::domain::text::{VisibleText, counted};
use crate::domain::worded::Worded as _;
use crate::domain::workspace::Role;
use crate::engine::catalog;
use crate::engine::definition::Ceremony;
use crate::tui::model::{Model, Offer, Place, Seen};
use crate::tui::skin::Skin;
use crate::tui::widgets::lines::{Lines, fit};
use crate::tui::widgets::listing::Listing;

/// Columns of people, network and undo, with the blank behind each.
const PEOPLE: usize = 8;
const NET: usize = 8;
const UNDO: usize = 12;
const STATE: usize = 20;

/// Draws the list and the chosen row.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &mut Model) {
    let columns = usize::from(area.width);
    let count = model.offers().len();
    model.ceremonies.at = model.ceremonies.at.min(count.saturating_sub(1));
    let mut about = Lines::new(&model.skin, columns);
    match model.offer() {
        Some(Offer::Ceremony(ceremony)) => ceremony_in_full(model, ceremony, &mut about),
        Some(Offer::Run(run)) => run_in_full(model, run, &mut about),
        None => {}
    }
    let listing = Listing {
        heading: row("", "CEREMONY", ["PEOPLE", "NET", "UNDO", "STATE"], columns, ""),
        all: count,
        at: model.ceremonies.at,
        top: model.ceremonies.top,
        about: about.finish(),
        share: 6,
    };
    let offers = model.offers();
    let top = listing.draw(frame, area, &model.skin, |index, is_here| {
        offers
            .get(index)
            .map(|offer| offer_row(model, *offer, is_here, columns))
            .unwrap_or_default()
    });
    model.ceremonies.top = top;
}

fn row(mark: &str, title: &str, cells: [&str; 4], columns: usize, ellipsis: &str) -> String {
    let [people, net, undo, state] = cells;
    let is_wide = columns >= 76;
    let rest = if is_wide { PEOPLE + NET + UNDO + STATE } else { STATE };
    let title = fit(title, columns.saturating_sub(rest + 5), ellipsis) + " ";
    let state = fit(state, STATE, ellipsis);
    if is_wide {
        let (people, net, undo) = (fit(people, PEOPLE, ""), fit(net, NET, ""), fit(undo, UNDO, ""));
        format!("{mark:<3} {title}{people}{net}{undo}{state}")
    } else {
        format!("{mark:<3} {title}{state}")
    }
}

fn offer_row(model: &Model, offer: Offer<'_>, chosen: bool, columns: usize) -> Line<'static> {
    let glyphs = &model.skin.glyphs;
    let cursor = if chosen { glyphs.cursor } else { " " };
    let (mark, style, title, state) = match offer {
        Offer::Ceremony(ceremony) => {
            let state = if model.place == Place::Workspace { "ready" } else { "no workspace" };
            let mark = if model.place == Place::Workspace { glyphs.planned } else { glyphs.past };
            (mark, model.skin.theme.text, ceremony.title.to_owned(), state.to_owned())
        }
        Offer::Run(run) => {
            let title = catalog::find(&run.ceremony).map_or("a run", |found| found.title);
            let (mark, style) = run_mark(&model.skin, &run.state);
            let of = run.steps.1.map(|all| format!("/{all}")).unwrap_or_default();
            let far = format!("{} {}{of}", run.state.word(), run.steps.0);
            let (title, state) = match run.state {
                RunState::Open | RunState::Halted => (format!("Resume: {title}"), far),
                RunState::Elsewhere => (format!("Elsewhere: {title}"), far),
                RunState::Closed | RunState::Abandoned => {
                    (format!("Read: {title}"), format!("{} {}", run.state.word(), run.begun.date()))
                }
                RunState::Unreadable(_) => (run.id.clone(), run.state.word().to_owned()),
            };
            (mark, style, title, state)
        }
    };
    let found = match offer {
        Offer::Ceremony(ceremony) => Some(ceremony),
        Offer::Run(run) => catalog::find(&run.ceremony),
    };
    let (people, net, undo) = found.map(in_cells).unwrap_or_default();
    let mark = format!("{cursor}{mark}");
    let text = row(&mark, &title, [&people, &net, &undo, &state], columns, glyphs.ellipsis);
    Line::styled(text, if chosen { model.skin.theme.selected } else { style })
}

fn run_mark(skin: &Skin, state: &RunState) -> (&'static str, Style) {
    match state {
        RunState::Open => (skin.glyphs.warn, skin.theme.warn),
        RunState::Halted | RunState::Unreadable(_) => (skin.glyphs.error, skin.theme.error),
        RunState::Closed => (skin.glyphs.ok, skin.theme.muted),
        RunState::Elsewhere | RunState::Abandoned => (skin.glyphs.past, skin.theme.muted),
    }
}

/// People, network and undo in few characters.
fn in_cells(ceremony: &Ceremony) -> (String, String, String) {
    let witness = if ceremony.roles.contains(&Role::Witness) { "+1w" } else { "" };
    let net = ceremony.net();
    let undo = match ceremony.point_of_no_return() {
        Some(step) => format!("until {step}/{}", ceremony.steps.len()),
        None => "yes".to_owned(),
    };
    (format!("1{witness}"), net.to_owned(), undo)
}

fn ceremony_in_full(model: &Model, ceremony: &Ceremony, lines: &mut Lines<'_>) {
    let theme = &model.skin.theme;
    let title = format!("{} ({}, version {})", ceremony.title, ceremony.id, ceremony.version);
    lines.title(&title);
    preflight(model, ceremony, lines);
    if let Some(given) = model.ceremonies.given {
        lines.field("For", &given.grouped());
    }
    lines.text(ceremony.purpose, theme.text);
    let roles: Vec<_> = ceremony.roles.iter().map(|role| role.word()).collect();
    lines.field("People", &roles.join(", "));
    lines.field("You need", &ceremony.needs.join("; "));
    lines.field("It changes", ceremony.changes);
    let undo = match ceremony.point_of_no_return() {
        Some(step) => format!("from step {step} of {} on", ceremony.steps.len()),
        None => "nothing".to_owned(),
    };
    lines.field("Cannot undo", &undo);
    lines.field("Given up", ceremony.given_up);
}

/// The look at the machine, or why nothing can be begun.
fn preflight(model: &Model, ceremony: &Ceremony, lines: &mut Lines<'_>) {
    let theme = &model.skin.theme;
    if model.place != Place::Workspace {
        lines.text(
            "Nothing can be begun here, because nothing is written: Enter says what can. To try \
             it on keys that protect nothing: keyrite ceremony rehearse DIR",
            theme.warn,
        );
        return;
    }
    let wanted = if ceremony.is_offline() { Locality::Offline } else { Locality::Online };
    let seen: Vec<_> =
        model.ceremonies.machine.iter().filter(|seen| seen.locality == wanted).collect();
    let marked = |seen: &&Seen| format!("[{}] {}", seen.mark, seen.word);
    let shown: Vec<_> = seen.iter().map(marked).collect();
    if shown.is_empty() {
        lines.field("Preflight", "looking at the machine ...");
    } else {
        lines.field("Preflight", &shown.join("  "));
    }
    let refused = seen.iter().filter(|seen| seen.hold == Some(Hold::Refused)).count();
    let excepted = seen.iter().filter(|seen| seen.hold == Some(Hold::Exception)).count();
    let held = match (refused, excepted) {
        (0, 0) => None,
        (0, some) => Some(format!("{} until somebody takes it on oneself", counted(some, "check"))),
        (some, 0) => Some(counted(some, "check")),
        (some, more) => {
            let more = counted(more, "check");
            Some(format!(
                "{}, and by {more} until somebody takes it on oneself",
                counted(some, "check")
            ))
        }
    };
    if let Some(held) = held {
        let text = format!("Stopped by {held}. A rehearsal is possible anywhere.");
        lines.text(&text, theme.warn);
    }
    if let Some(problem) = &model.ceremonies.problem {
        lines.text(VisibleText::from_text(problem).as_str(), theme.error);
    }
}

fn run_in_full(model: &Model, run: &Listed, lines: &mut Lines<'_>) {
    let theme = &model.skin.theme;
    lines.title(&format!("Run {}", run.id));
    if let RunState::Unreadable(why) = &run.state {
        lines.text(VisibleText::from_text(why).as_str(), theme.error);
        lines.text("Enter says what is safe and what can be done.", theme.muted);
        return;
    }
    lines.field("Ceremony", &run.ceremony);
    lines.field("Driven by", &run.operator);
    lines.field("Begun", &run.begun.minute());
    lines.field("Steps", &run.far());
    if let Some(next) = &run.next {
        lines.field("Next", next);
    }
    let (text, style) = match run.state {
        RunState::Open => ("Enter takes it up again. Everything that was done is kept.", theme.ok),
        RunState::Halted => (
            "Enter takes it up again: something that was found stops it, and it says what helps.",
            theme.warn,
        ),
        RunState::Elsewhere => (
            "It was handed over: another machine goes on with it, and keyrite carry in brings it \
             back.",
            theme.muted,
        ),
        RunState::Closed | RunState::Abandoned | RunState::Unreadable(_) => {
            ("Enter shows its transcript.", theme.muted)
        }
    };
    lines.blank();
    lines.spans(vec![Span::styled(text.to_owned(), style)]);
}
