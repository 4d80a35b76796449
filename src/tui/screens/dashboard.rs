//! Counts, what breaks first, all keys, and the selected one.

mod next;

use std::fmt::Write as _;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::domain::outlook::{Outlook, Standing};
use crate::domain::text::{clip, width, wrap};
use crate::domain::validity::Reason;
use crate::engine::reading::Stage;
use crate::tui::list::Item;
use crate::tui::model::Model;
use crate::tui::tips::TIPS;
use crate::tui::widgets::rule::{draw_rule, part};
use crate::tui::widgets::table;

/// Draws the dashboard.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &mut Model) {
    model.list.refresh();
    let columns = usize::from(area.width);
    let roomy = area.height >= 18;
    let tall = area.height >= 24;
    let next = next::lines(
        model,
        columns,
        match (roomy, tall) {
            (false, _) => 2,
            (true, false) => 4,
            (true, true) => 5,
        },
    );
    let is_planned = !next.is_empty();
    let counts = counts(model, columns, if roomy && (tall || !is_planned) { 2 } else { 1 });
    let mut breaks = match (is_planned, roomy) {
        // Where it is said what to do, it need not be said why.
        (true, true) => breaks_first(model, columns, Detail::Headlines),
        (true, false) => Vec::new(),
        (false, true) => breaks_first(model, columns, Detail::Full),
        (false, false) => breaks_first(model, columns, Detail::Short),
    };
    breaks.extend(next);
    let tip = tip(model, columns, roomy);
    let selected = selected(model, columns, roomy);
    let rule = u16::from(roomy);
    let [top, rule_1, middle, rule_2, below, tip_area] = Layout::vertical([
        Constraint::Length(height(&counts) + height(&breaks)),
        Constraint::Length(rule),
        Constraint::Fill(1),
        Constraint::Length(rule),
        Constraint::Length(height(&selected)),
        Constraint::Length(height(&tip)),
    ])
    .areas(area);
    frame.render_widget(Paragraph::new([counts, breaks].concat()), top);
    draw_rule(frame, rule_1, &model.skin, "");
    table::draw(frame, middle, model);
    let rows = usize::from(middle.height).saturating_sub(1);
    let rows = part("rows", model.list.top(), rows, model.list.rows().len());
    draw_rule(frame, rule_2, &model.skin, &rows);
    frame.render_widget(Paragraph::new(selected), below);
    frame.render_widget(Paragraph::new(tip).style(model.skin.theme.frame_text), tip_area);
}

fn height(lines: &[Line<'_>]) -> u16 {
    u16::try_from(lines.len()).unwrap_or(u16::MAX)
}

fn counts(model: &Model, columns: usize, rows: usize) -> Vec<Line<'static>> {
    let theme = &model.skin.theme;
    let mut lines: Vec<Vec<Span<'static>>> = vec![Vec::new()];
    let mut used = 0;
    let gap = if rows > 1 { "   " } else { "  " };
    let mut counts = model.list.counts();
    if rows == 1 {
        // Where not all have room, what needs nothing comes last.
        let calm = |standing| matches!(standing, Standing::Valid | Standing::NotYetValid);
        counts.sort_by_key(|(standing, _)| calm(*standing));
    }
    for (standing, count) in counts {
        let (mark, style) = model.skin.standing(standing);
        let text = format!("{mark} {} {count}", standing.words());
        // Room for the sign that there is more.
        if used + width(&text) + 2 > columns {
            lines.push(Vec::new());
            used = 0;
        }
        used += width(&text) + gap.len();
        if let Some(line) = lines.last_mut() {
            line.push(Span::styled(text, style));
            line.push(Span::styled(gap, theme.text));
        }
    }
    if model.list.items().is_empty() {
        let text = match model.stage {
            Stage::Finished | Stage::Idle => "no certificates",
            Stage::Listing | Stage::Verifying => "reading the input ...",
        };
        lines = vec![vec![Span::styled(text, theme.muted)]];
    }
    let cut = lines.len() > rows;
    lines.truncate(rows);
    if let Some(last) = lines.last_mut().filter(|_| cut) {
        last.pop();
        last.push(Span::styled(format!(" {}", model.skin.glyphs.ellipsis), theme.muted));
    }
    lines.into_iter().map(Line::from).collect()
}

/// How much is said of what breaks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Detail {
    /// Which key, and when.
    Headlines,
    /// Why, too, as far as there is room.
    Short,
    /// Why, and what to do.
    Full,
}

/// What is broken now and what breaks next: which key, when, why, what to do.
fn breaks_first(model: &Model, columns: usize, detail: Detail) -> Vec<Line<'static>> {
    let skin = &model.skin;
    let mut lines = Vec::new();
    let mut broken = model.list.broken();
    if let Some(item) = broken.next() {
        let since = match item.assessment.as_ref().map(|a| a.outlook) {
            Some(Outlook::CannotSign { since: Some(at), .. }) => {
                format!("since {}", at.date_with_distance(model.now))
            }
            _ => "no valid signing key".to_owned(),
        };
        let more = broken.count();
        let more = if more > 0 { format!(", and {more} more (f)") } else { String::new() };
        let (mark, style) = skin.standing(Standing::CannotSign);
        let when = format!("{since}{more}");
        lines.push(headline(
            model,
            "CANNOT SIGN",
            (mark, style),
            item.short_name(),
            &when,
            columns,
        ));
    }
    let Some((item, assessment)) =
        model.list.first_to_break().and_then(|item| Some((item, item.assessment.as_ref()?)))
    else {
        if model.stage == Stage::Finished && lines.is_empty() && !model.list.items().is_empty() {
            let text = if model.list.has_valid() {
                "Nothing that is valid here expires."
            } else {
                "Nothing here is valid, so nothing can break."
            };
            lines.push(Line::styled(text, skin.theme.muted));
        }
        return lines;
    };
    let when = assessment
        .outlook
        .instant()
        .map(|at| format!("on {}", at.date_with_distance(model.now)))
        .unwrap_or_default();
    let style = skin.standing(item.standing());
    let label = if model.stage == Stage::Finished || model.incoming.is_some() {
        "BREAKS FIRST"
    } else {
        "FIRST SO FAR"
    };
    lines.push(headline(model, label, style, item.short_name(), &when, columns));
    if detail == Detail::Headlines {
        return lines;
    }
    let role = assessment.outlook.key().map_or("key", |key| assessment.role(key));
    let why = assessment.consequence().unwrap_or_default();
    let press = press(model, item);
    let text = if detail == Detail::Full {
        format!("its {role} expires; {why}. {press}")
    } else {
        // Little room: what to press comes first, for the rest is cut.
        let text = format!("{}: {why}", press.trim_end_matches('.'));
        clip(&text, 2 * (columns - LABEL - 2) - 8, skin.glyphs.ellipsis)
    };
    for line in wrap(&text, columns - LABEL - 2) {
        let indent = " ".repeat(LABEL + 2);
        lines.push(Line::from(vec![Span::raw(indent), Span::styled(line, skin.theme.text)]));
    }
    lines
}

/// Columns of the labels of what breaks.
const LABEL: usize = 14;

/// The key that leads to the certificate.
fn press(model: &Model, item: &Item) -> &'static str {
    let selected = model.list.selection().map(|(item, _)| item.listed.fingerprint);
    if selected == Some(item.listed.fingerprint) {
        "Enter opens it."
    } else {
        "b goes there, Enter opens it."
    }
}

/// One line; where there is little room the name is cut, never the date.
fn headline(
    model: &Model,
    label: &str,
    (mark, style): (&str, Style),
    name: &str,
    when: &str,
    columns: usize,
) -> Line<'static> {
    let room = columns.saturating_sub(LABEL + 2 + width(when) + 2);
    let name = clip(name, room, model.skin.glyphs.ellipsis);
    Line::from(vec![
        Span::styled(format!("{label:<LABEL$}{mark} "), style),
        Span::styled(name, model.skin.theme.title),
        Span::styled(format!("  {when}"), style),
    ])
}

/// The selected key in full.
fn selected(model: &Model, columns: usize, roomy: bool) -> Vec<Line<'static>> {
    let theme = &model.skin.theme;
    let ellipsis = model.skin.glyphs.ellipsis;
    let Some((item, key)) = model.list.selection() else {
        return Vec::new();
    };
    let Some(assessment) = &item.assessment else {
        let text = format!("{} is being checked", item.name());
        return vec![Line::styled(clip(&text, columns, ellipsis), theme.muted)];
    };
    let Some((facts, verdict)) = assessment.keys().nth(key) else {
        return Vec::new();
    };
    let title = format!("{} of {}", assessment.role(key), item.name());
    let mut lines = vec![Line::styled(clip(&title, columns, ellipsis), theme.title)];
    let grouped = facts.fingerprint.grouped();
    if width(&grouped) <= columns {
        lines.push(Line::styled(grouped, theme.text));
    } else {
        let (left, right) = facts.fingerprint.halves();
        lines.extend([Line::styled(left, theme.text), Line::styled(right, theme.text)]);
    }
    if roomy {
        let standing = Standing::of_key(verdict, model.now);
        let (mark, style) = model.skin.standing(standing);
        let why: Vec<_> = verdict.reasons.iter().map(Reason::to_string).collect();
        let why = if why.is_empty() { String::new() } else { format!(": {}", why.join("; ")) };
        let mut text = format!("{mark} {}{why}", standing.words());
        // The primary key's own state does not say what its row says.
        if key == 0 && item.standing() != standing {
            let _ = write!(text, "; but {}", assessment.outlook_words());
        }
        lines.extend(
            wrap_to(&text, columns, if model.tip.is_some() { 1 } else { 2 }, ellipsis)
                .into_iter()
                .map(|line| Line::styled(line, style)),
        );
    }
    lines
}

/// `text` in as many lines as there are, the last one cut.
fn wrap_to(text: &str, columns: usize, rows: usize, ellipsis: &str) -> Vec<String> {
    let mut lines = wrap(text, columns);
    if lines.len() > rows {
        let rest = lines.split_off(rows.saturating_sub(1)).join(" ");
        lines.push(clip(&rest, columns, ellipsis));
    }
    lines
}

fn tip(model: &Model, columns: usize, roomy: bool) -> Vec<Line<'static>> {
    let theme = &model.skin.theme;
    let Some((number, text)) =
        model.tip.filter(|_| roomy).and_then(|tip| Some((tip + 1, TIPS.get(tip)?)))
    else {
        return Vec::new();
    };
    let label = format!("Tip {number} of {}  ", TIPS.len());
    let close = if number < TIPS.len() { "  (Tab next, Esc close)" } else { "  (Esc close)" };
    wrap(&format!("{label}{text}{close}"), columns)
        .into_iter()
        .map(|line| Line::styled(line, theme.frame_text))
        .collect()
}
