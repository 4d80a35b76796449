//! A run of a ceremony: the steps, the one at which it is, and the last lines
//! of its account. It takes the whole screen.

mod buttons;
mod step;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Paragraph};

use crate::domain::text::{VisibleText, clip, width};
use crate::engine::run::{Shown, numbered};
use crate::engine::runner::RunView;
use crate::tui::model::{Held, Model};
use crate::tui::skin::Skin;
use crate::tui::widgets::lines::{Lines, fit};
use crate::tui::widgets::rule::draw_rule;

/// From so many columns on the steps stand at the left.
const WIDE: u16 = 96;
/// Columns of the steps, and of those where there is much room.
const STEPS: u16 = 34;
const WIDE_STEPS: u16 = 50;

/// Draws the line above everything: the environment in words, the run, people.
pub fn draw_header(frame: &mut Frame<'_>, area: Rect, model: &Model, view: Option<&RunView>) {
    let theme = &model.skin.theme;
    let left = format!(" keyrite {} ", model.skin.glyphs.separator);
    let (badge, name, people) = match view {
        Some(view) => (
            format!(" {} ", view.environment.to_uppercase()),
            format!(" {}", view.ceremony.id),
            match &view.witness {
                Some(witness) => format!("{} + {witness}", view.operator),
                None => format!("{}, no witness", view.operator),
            },
        ),
        None => (" ... ".to_owned(), " opening".to_owned(), String::new()),
    };
    let clock = if area.width >= 80 { model.now.minute() } else { String::new() };
    let right = format!("{people}  {clock} ");
    let room = usize::from(area.width).saturating_sub(width(&left) + width(&badge) + width(&right));
    let name = fit(&name, room.saturating_sub(2), model.skin.glyphs.ellipsis) + "  ";
    let spans = vec![
        Span::styled(left, theme.title),
        Span::styled(badge, theme.view),
        Span::styled(name, theme.text),
        Span::styled(right, theme.muted),
    ];
    frame.render_widget(Paragraph::new(Line::from(spans)), area);
}

/// Draws the line below it: the ceremony, and how far it is.
pub fn draw_bar(frame: &mut Frame<'_>, area: Rect, model: &Model, view: Option<&RunView>) {
    let theme = &model.skin.theme;
    frame.render_widget(Block::new().style(theme.bar), area);
    let Some(view) = view else { return };
    let id = format!("{} ", view.id);
    let text = format!(" {}: {}", view.ceremony.title, numbered(number(view), view.total));
    let room = usize::from(area.width).saturating_sub(width(&id) + 1);
    let text = fit(&text, room, model.skin.glyphs.ellipsis);
    frame.render_widget(Paragraph::new(Span::styled(format!("{text} {id}"), theme.bar)), area);
}

/// At which step it is, counted from 1.
fn number(view: &RunView) -> usize {
    let here = view.steps.iter().position(|step| Some(&step.place) == view.place.as_ref());
    here.map_or(view.steps.len(), |here| here + 1)
}

/// Draws the run.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &mut Model) {
    let Some(mut held) = model.held.take() else { return };
    draw_held(frame, area, model, &mut held);
    model.held = Some(held);
}

fn draw_held(frame: &mut Frame<'_>, area: Rect, model: &Model, held: &mut Held) {
    let Some(view) = held.view.clone() else {
        let mut lines = Lines::new(&model.skin, usize::from(area.width));
        lines.blank();
        let text = format!("{} {} is being opened ...", throbber(model, held), held.title);
        lines.text(&text, model.skin.theme.text);
        frame.render_widget(Paragraph::new(lines.finish()), area);
        return;
    };
    let tail = match area.height {
        36.. => 10,
        22.. => 6,
        18.. => 3,
        _ => 1,
    };
    let [main, rule, account] =
        Layout::vertical([Constraint::Fill(1), Constraint::Length(1), Constraint::Length(tail)])
            .areas(area);
    let step = if area.width >= WIDE {
        let [left, gap, right] = Layout::horizontal([
            Constraint::Length(if area.width >= 130 { WIDE_STEPS } else { STEPS }),
            Constraint::Length(2),
            Constraint::Fill(1),
        ])
        .areas(main);
        draw_steps(frame, left, model, &view);
        let line = Line::styled(model.skin.glyphs.vertical, model.skin.theme.muted);
        let lines = vec![line; usize::from(gap.height)];
        frame.render_widget(Paragraph::new(lines), gap);
        right
    } else {
        let [bar, rest] =
            Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]).areas(main);
        draw_progress(frame, bar, model, &view);
        rest
    };
    step::draw(frame, step, model, held, &view);
    draw_rule(frame, rule, &model.skin, " transcript ");
    draw_account(frame, account, model, held, &view);
}

/// What turns while something is done.
fn throbber(model: &Model, held: &Held) -> char {
    let since = held.busy.unwrap_or_default();
    let turns = model.monotonic.saturating_sub(since).as_millis() / 250;
    ['|', '/', '-', '\\'].get(usize::try_from(turns % 4).unwrap_or(0)).copied().unwrap_or('|')
}

fn step_mark(skin: &Skin, step: &Shown, is_here: bool) -> (&'static str, Style) {
    let (glyphs, theme) = (&skin.glyphs, &skin.theme);
    match (is_here, step.is_done, step.reversible) {
        (true, ..) => (glyphs.cursor, theme.focus),
        (false, true, _) => (glyphs.ok, theme.ok),
        (false, false, true) => (glyphs.planned, theme.muted),
        (false, false, false) => ("#", theme.warn),
    }
}

fn draw_steps(frame: &mut Frame<'_>, area: Rect, model: &Model, view: &RunView) {
    let rows = usize::from(area.height);
    let (number, all) = (number(view), view.steps.len());
    // The one at which it is stays in the middle.
    let top = number.saturating_sub(rows / 2).min(all.saturating_sub(rows));
    let lines: Vec<_> = view
        .steps
        .iter()
        .enumerate()
        .skip(top)
        .take(rows)
        .map(|(index, step)| {
            let is_here = Some(&step.place) == view.place.as_ref();
            let (mark, style) = step_mark(&model.skin, step, is_here);
            // What is still to come may get another number.
            let is_numbered = index < number || view.total.is_some();
            let number = if is_numbered { (index + 1).to_string() } else { String::new() };
            let text = format!("{mark} {number:>2} {}", step.title);
            Line::styled(fit(&text, usize::from(area.width), model.skin.glyphs.ellipsis), style)
        })
        .collect();
    frame.render_widget(Paragraph::new(lines), area);
}

/// All steps, a character each.
fn draw_progress(frame: &mut Frame<'_>, area: Rect, model: &Model, view: &RunView) {
    let far = match view.total {
        Some(total) => format!("{}/{total} [", number(view)),
        None => format!("{} [", number(view)),
    };
    let mut spans = vec![Span::styled(far, model.skin.theme.muted)];
    spans.extend(view.steps.iter().map(|step| {
        let is_here = Some(&step.place) == view.place.as_ref();
        let (mark, style) = step_mark(&model.skin, step, is_here);
        Span::styled(mark, style)
    }));
    spans.push(Span::styled("]".to_owned(), model.skin.theme.muted));
    if area.width >= 76 {
        let legend = format!(
            "  {} done {} now {} to do # no undo",
            model.skin.glyphs.ok, model.skin.glyphs.cursor, model.skin.glyphs.planned
        );
        spans.push(Span::styled(legend, model.skin.theme.muted));
    }
    frame.render_widget(Paragraph::new(Line::from(spans)), area);
}

fn draw_account(frame: &mut Frame<'_>, area: Rect, model: &Model, held: &mut Held, view: &RunView) {
    let rows = usize::from(area.height);
    let notices = held.notices.iter().map(VisibleText::as_str);
    let all: Vec<_> = view.lines.iter().map(String::as_str).chain(notices).collect();
    held.behind = held.behind.min(all.len().saturating_sub(rows));
    let top = all.len().saturating_sub(rows + held.behind);
    let lines: Vec<_> = all
        .into_iter()
        .skip(top)
        .take(rows)
        .map(|line| {
            let line = clip(line, usize::from(area.width), model.skin.glyphs.ellipsis);
            Line::styled(line, model.skin.theme.muted)
        })
        .collect();
    frame.render_widget(Paragraph::new(lines), area);
}
