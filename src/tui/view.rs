//! Draws the model: a frame that is the same everywhere, the screen inside
//! it, and what lies over it.
//!
//! ```text
//! keyrite │ DEMO made-up keys                      read-only  2026-11-20 14:02Z
//!  1 Dashboard  2 Keys  3  4 ...
//!
//!  (the screen)
//!
//!  message
//!  Enter open  / filter                                                 ? help
//! ```

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Paragraph};

use super::action::Action;
use super::layer::Layer;
use super::message::Level;
use super::model::{LaterScreen, Model, Place, Screen};
use super::screens;
use super::widgets;
use crate::app::Input;
use crate::domain::text::{VisibleText, clip, counted, width};
use crate::domain::workspace::Environment;
use crate::engine::reading::Stage;

/// Draws everything.
pub fn draw(frame: &mut Frame<'_>, model: &mut Model) {
    let area = frame.area();
    model.size = (area.width, area.height);
    frame.render_widget(Block::new().style(model.skin.theme.text), area);
    if screens::too_small::is_too_small(area) {
        screens::too_small::draw(frame, area, model);
        return;
    }
    let [header, bar, body, message, hints] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Fill(1),
        Constraint::Length(1),
        Constraint::Length(1),
    ])
    .areas(area);
    if model.screen == Screen::Run {
        let view = model.held.as_ref().and_then(|held| held.view.as_ref());
        screens::run::draw_header(frame, header, model, view);
        screens::run::draw_bar(frame, bar, model, view);
    } else {
        draw_header(frame, header, model);
        draw_bar(frame, bar, model);
    }
    let body = inset(body);
    match model.screen {
        Screen::Welcome => screens::welcome::draw(frame, body, model),
        Screen::Dashboard => screens::dashboard::draw(frame, body, model),
        Screen::Keys => screens::keys::draw(frame, body, model),
        Screen::Detail => screens::detail::draw(frame, body, model),
        Screen::Timeline => screens::timeline::draw(frame, body, model),
        Screen::Ceremonies => screens::ceremonies::draw(frame, body, model),
        Screen::Run => screens::run::draw(frame, body, model),
        Screen::Custody => screens::custody::draw(frame, body, model),
        Screen::Publications => screens::publications::draw(frame, body, model),
        Screen::Audit => screens::audit::draw(frame, body, model),
        Screen::Findings => screens::findings::draw(frame, body, model),
        Screen::Settings => screens::settings::draw(frame, body, model),
        Screen::Later(screen) => screens::later::draw(frame, body, model, screen),
    }
    widgets::layers::draw(frame, body, model);
    model.is_unseen = false;
    draw_message(frame, inset(message), model);
    draw_hints(frame, inset(hints), model);
    if model.skin.is_ascii_only() {
        for cell in &mut frame.buffer_mut().content {
            if !cell.symbol().is_ascii() {
                cell.set_char('?');
            }
        }
    }
}

/// One column free at the left and at the right.
fn inset(area: Rect) -> Rect {
    Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area }
}

fn draw_header(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let theme = &model.skin.theme;
    let (badge, style, place) = match model.place {
        Place::Welcome => (" WELCOME ", theme.bar_current, String::new()),
        Place::Demo => (" DEMO ", theme.demo, "made-up keys".to_owned()),
        Place::View => (" VIEW ", theme.view, viewed(model)),
        Place::Workspace => (environment_badge(model), theme.view, workspace_name(model)),
    };
    let loading = match model.stage {
        Stage::Idle | Stage::Finished => None,
        Stage::Listing => Some("reading ...".to_owned()),
        Stage::Verifying => Some(format!("checking {} of {}", model.verified, model.listed())),
    };
    let clock = if model.clock_runs {
        model.now.minute()
    } else {
        format!("{} (stands still)", model.now.minute())
    };
    let right = match (&loading, area.width >= 76) {
        (Some(loading), _) => format!("{loading}  {} ", model.now.minute()),
        (None, true) if model.place == Place::Workspace => format!("{clock} "),
        (None, true) => format!("read-only  {clock} "),
        (None, false) => format!("{} ", model.now.minute()),
    };
    let left = format!(" keyrite {} ", model.skin.glyphs.separator);
    // A log that cannot be relied upon is told on every screen.
    let wrong = match model.log_is_wrong() {
        Some(verdict) => {
            format!(" {} LOG {} ", model.skin.glyphs.error, verdict.words().to_uppercase())
        }
        None => String::new(),
    };
    let used = width(&left) + width(badge) + 1 + width(&wrong) + width(&right);
    let room = usize::from(area.width).saturating_sub(used);
    let place = clip(&place, room.saturating_sub(1), model.skin.glyphs.ellipsis);
    let gap = " ".repeat(room.saturating_sub(width(&place)));
    frame.render_widget(
        Paragraph::new(Line::from(vec![
            Span::styled(left, theme.title),
            Span::styled(badge, style),
            Span::styled(wrong, theme.error),
            Span::styled(format!(" {place}{gap}"), theme.text),
            Span::styled(right, theme.muted),
        ])),
        area,
    );
}

/// The environment of the workspace, in words on every screen.
fn environment_badge(model: &Model) -> &'static str {
    match model.managed.as_ref().map(|managed| managed.team.workspace.environment) {
        Some(Environment::Staging) => " STAGING ",
        Some(Environment::Rehearsal) => " REHEARSAL ",
        Some(Environment::Demo) => " DEMO ",
        Some(Environment::Production) | None => " PRODUCTION ",
    }
}

fn workspace_name(model: &Model) -> String {
    let managed = model.managed.as_ref();
    managed.map(|managed| managed.team.workspace.name.clone()).unwrap_or_default()
}

/// What is viewed: the first input, and how many more there are.
fn viewed(model: &Model) -> String {
    let name = |input: &Input| match input {
        Input::Path(path) => {
            VisibleText::from_bytes(path.as_os_str().as_encoded_bytes()).into_string()
        }
        Input::Stdin => "standard input".to_owned(),
        Input::Embedded { name, .. } => (*name).to_owned(),
    };
    match model.inputs.as_slice() {
        [] => String::new(),
        [one] => name(one),
        [first, others @ ..] => format!("{} and {} more", name(first), others.len()),
    }
}

/// The screens with their digits, names and short names.
const SCREENS: [(&str, &str, &str, Screen); 10] = [
    ("1", "Dashboard", "Dash", Screen::Dashboard),
    ("2", "Keys", "Keys", Screen::Keys),
    ("3", "Timeline", "Time", Screen::Timeline),
    ("4", "Ceremonies", "Cerem", Screen::Ceremonies),
    ("5", "Publications", "Publ", Screen::Publications),
    ("6", "Custody", "Cust", Screen::Custody),
    ("7", "Findings", "Find", Screen::Findings),
    ("8", "Audit", "Audit", Screen::Audit),
    ("9", "People", "People", Screen::Later(LaterScreen::People)),
    ("0", "Settings", "Set", Screen::Settings),
];

fn draw_bar(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let theme = &model.skin.theme;
    frame.render_widget(Block::new().style(theme.bar), area);
    if model.place == Place::Welcome {
        return;
    }
    let current = if model.screen == Screen::Detail { Screen::Keys } else { model.screen };
    // Names where there is room for all of them; else of the current one.
    let spans = SCREENS.iter().flat_map(|(digit, name, short, screen)| {
        let here = *screen == current;
        let badge = match (screen, model.told()) {
            (Screen::Findings, told @ 1..) => format!(" {}{told}", model.skin.glyphs.warn),
            _ => String::new(),
        };
        let text = match area.width {
            110.. => format!(" {digit} {name}{badge} "),
            80.. => format!(" {digit} {short}{badge}"),
            _ if here => format!(" {digit} {name}{badge} "),
            _ => format!(" {digit}{badge} "),
        };
        let style = if here { theme.bar_current } else { theme.bar };
        // The current one is told without colours, too.
        let text = if here { format!("[{}]", text.trim()) } else { text };
        [Span::styled(text, style)]
    });
    frame.render_widget(Paragraph::new(spans.collect::<Line<'_>>()).style(theme.bar), area);
}

fn draw_message(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let (theme, glyphs) = (&model.skin.theme, &model.skin.glyphs);
    let (text, style) = match &model.message {
        Some(message) => match message.level {
            Level::Info => (message.text.clone(), theme.text),
            level @ (Level::Warning | Level::Error) => {
                let (mark, style) = model.skin.level(level);
                (format!("{mark} {}", message.text), style)
            }
        },
        None if model.managed.as_ref().is_some_and(|managed| managed.is_stale) => {
            let text = "keyrite.toml is wrong now; what was read before is shown; r reads it again";
            (format!("{} {text}", glyphs.warn), theme.warn)
        }
        None => match filter_problem(model) {
            Some(problem) => (format!("{} {problem}", glyphs.warn), theme.warn),
            None => (standing_message(model), theme.muted),
        },
    };
    let text = clip(&text, usize::from(area.width), glyphs.ellipsis);
    frame.render_widget(Paragraph::new(Span::styled(text, style)), area);
}

/// What is wrong with the filter that is being typed.
fn filter_problem(model: &Model) -> Option<String> {
    let is_open = matches!(model.layers.last(), Some(Layer::Filter(_)));
    model.list.query_problem().filter(|_| is_open)
}

/// What the message line says when there is nothing to say.
fn standing_message(model: &Model) -> String {
    match model.screen {
        Screen::Dashboard | Screen::Keys => {
            let shown = model.list.shown();
            let all = model.list.items().len();
            let sort = model.list.sorted_by().words();
            if model.list.query().is_empty() {
                let count = match (all, model.stage) {
                    (0, Stage::Finished) => "There is no certificate".to_owned(),
                    _ => counted(all, "certificate"),
                };
                match model.told_words() {
                    told if !told.is_empty() => format!("{count}. 7 shows {told}."),
                    _ => format!("{count}, sorted by {sort}. No network is used."),
                }
            } else {
                format!(
                    "{shown} of {} match '{}'. Esc shows all.",
                    counted(all, "certificate"),
                    model.list.query()
                )
            }
        }
        Screen::Detail => {
            let keys = model.target().and_then(|(item, key)| {
                Some((key, item.assessment.as_ref()?.certificate.keys().count()))
            });
            match keys {
                Some((key, all)) if all > 1 => {
                    format!("Key {} of {all} of this certificate; n shows the next.", key + 1)
                }
                _ => String::new(),
            }
        }
        Screen::Welcome => "Nothing is written. No network is used.".to_owned(),
        Screen::Timeline => "Planned keys are worked out by the rules; none is made.".to_owned(),
        Screen::Ceremonies => "Nothing is begun by a single key.".to_owned(),
        Screen::Run if model.held.as_ref().is_some_and(|held| held.is_over()) => {
            "The run is over, and all of it is kept.".to_owned()
        }
        Screen::Run if !model.layers.is_empty() => {
            "A run is open; what lies over it comes first.".to_owned()
        }
        Screen::Run if model.is_busy() => {
            "It is being done, and comes to its end before anything else.".to_owned()
        }
        Screen::Run => "A run is open: q pauses, and nothing is lost.".to_owned(),
        Screen::Audit if !model.audit.query.is_empty() => {
            format!("Only what matches '{}'. Esc shows all.", model.audit.query)
        }
        Screen::Audit => "It is only ever added to; corrections are new lines.".to_owned(),
        Screen::Publications | Screen::Custody if model.place == Place::Demo => {
            "Made up: the demo asks nobody.".to_owned()
        }
        Screen::Publications => match (model.publications.asked, &model.publications.seen) {
            (Some(_), _) => "The targets are being asked, as users do.".to_owned(),
            (None, Some((at, _))) => format!("As users got it at {}.", at.minute()),
            (None, None) => "As it was seen last. R asks the targets.".to_owned(),
        },
        Screen::Custody => match (model.custody.asked, &model.custody.seen) {
            (Some(_), _) => "The places are being asked; no secret is fetched.".to_owned(),
            (None, Some((at, _))) => format!("As the places said at {}.", at.minute()),
            (None, None) => "By the record of the ceremonies. R asks the places.".to_owned(),
        },
        Screen::Findings | Screen::Settings | Screen::Later(_) => String::new(),
    }
}

fn draw_hints(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let theme = &model.skin.theme;
    let scopes = model.scopes();
    let mut hints: Vec<(String, String)> = scopes
        .iter()
        .flat_map(|scope| model.keymap.of_scope(*scope))
        .filter_map(|binding| {
            let chord = binding.chords.first()?;
            Some((chord.to_string(), binding.hint.clone()?))
        })
        .collect();
    // What opens comes first; help is always the last item of the line.
    hints.sort_by_key(|(_, hint)| hint != "open");
    if let Some(Layer::Reader(reader)) = model.layers.last()
        && reader.copy.is_none()
    {
        hints.retain(|(_, hint)| hint != "copy");
    }
    // A workspace is made of keys that are looked at; steps are due in one.
    let is_view = model.place == Place::View;
    hints.retain(|(_, hint)| hint != if is_view { "due" } else { "new workspace" });
    // Of a run that is over nothing is paused or taken back.
    if model.screen == Screen::Run && model.held.as_ref().is_some_and(|held| held.is_over()) {
        hints.retain(|(_, hint)| !["pause", "back", "note", "abandon", "next"].contains(&&**hint));
    }
    // While something is done, keys are refused.
    if model.is_busy() && model.layers.is_empty() {
        hints.clear();
    }
    // A text that is read is closed by the key that opens help.
    let help = match model.keymap.chord(&scopes, Action::Help) {
        Some(chord) => (chord.to_string(), "help".to_owned()),
        None => ("?".to_owned(), "close".to_owned()),
    };
    if matches!(model.layers.last(), Some(Layer::Qr(_))) {
        hints.retain(|(_, hint)| hint != "scroll");
    }
    hints.retain(|hint| *hint != help);
    // What an inner scope does with a key is what it does.
    let mut keys = std::collections::HashSet::new();
    hints.retain(|(key, _)| keys.insert(key.clone()));
    let length = |(key, hint): &(String, String)| width(key) + 1 + width(hint);
    let room = usize::from(area.width).saturating_sub(length(&help) + 2);
    let mut used = 0;
    let mut spans = Vec::new();
    for hint in &hints {
        if used + length(hint) + 2 > room {
            break;
        }
        used += length(hint) + 2;
        push_hint(&mut spans, hint, theme.key, theme.muted);
        spans.push(Span::styled("  ", theme.muted));
    }
    let gap = usize::from(area.width).saturating_sub(used + length(&help));
    spans.push(Span::styled(" ".repeat(gap), theme.muted));
    push_hint(&mut spans, &help, theme.key, theme.muted);
    frame.render_widget(Paragraph::new(Line::from(spans)), area);
}

fn push_hint(spans: &mut Vec<Span<'_>>, hint: &(String, String), key: Style, text: Style) {
    spans.push(Span::styled(hint.0.clone(), key));
    spans.push(Span::styled(format!(" {}", hint.1), text));
}
