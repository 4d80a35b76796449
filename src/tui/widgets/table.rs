//! The table of certificates and their subkeys.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::lines::fit;
use crate::domain::assessment::Assessment;
use crate::domain::outlook::Standing;
use crate::domain::text::{clip, counted, width, wrap};
use crate::domain::timestamp::Timestamp;
use crate::domain::validity::{KeyVerdict, State};
use crate::engine::reading::Stage;
use crate::tui::list::{Item, Row};
use crate::tui::message::Level;
use crate::tui::model::{Dates, Model};

/// Rejected parts that are named where there are no rows.
const REJECTED_IN_TABLE: usize = 3;

/// Which columns there is room for, and how wide they are.
struct Columns {
    name: usize,
    algorithm: Option<usize>,
    created: Option<usize>,
    capabilities: usize,
    expires: usize,
    bar: Option<usize>,
    state: usize,
}

impl Columns {
    /// Drops the creation date first, then the algorithm, then the bar; the
    /// name, the expiry and the state stay.
    fn new(width: usize, dates: Dates) -> Self {
        let expires = match dates {
            Dates::WithDistance => 20,
            Dates::Full => 22,
        };
        let mut columns = Self {
            name: 0,
            algorithm: (width >= 92).then_some(16),
            created: (width >= 116).then_some(11),
            capabilities: 5,
            expires,
            bar: (width >= 70).then_some(7),
            state: 16,
        };
        let others = columns.algorithm.unwrap_or(0)
            + columns.created.unwrap_or(0)
            + columns.capabilities
            + columns.expires
            + columns.bar.unwrap_or(0)
            + columns.state;
        columns.name = width.saturating_sub(others).max(8);
        columns
    }
}

/// Draws the head and as many rows as there is room for.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &mut Model) {
    if area.height < 2 {
        return;
    }
    model.list.refresh();
    let height = usize::from(area.height) - 1;
    model.list.scroll_into_view(height);
    let columns = Columns::new(usize::from(area.width), model.dates);
    let mut lines = vec![head(model, &columns)];
    if model.list.rows().is_empty() {
        lines.extend(empty(model, usize::from(area.width)));
    }
    let top = model.list.top();
    let rows = model.list.rows().iter().enumerate().skip(top).take(height);
    lines.extend(
        rows.filter_map(|(index, row)| line(model, &columns, *row, index == model.list.selected())),
    );
    frame.render_widget(Paragraph::new(lines), area);
}

fn head(model: &Model, columns: &Columns) -> Line<'static> {
    let ellipsis = model.skin.glyphs.ellipsis;
    let mut text = fit("  KEY / SUBKEY", columns.name, ellipsis);
    if let Some(width) = columns.algorithm {
        text.push_str(&fit("ALGORITHM", width, ellipsis));
    }
    if let Some(width) = columns.created {
        text.push_str(&fit("CREATED", width, ellipsis));
    }
    text.push_str(&fit("MAY", columns.capabilities, ellipsis));
    text.push_str(&fit("EXPIRES", columns.expires, ellipsis));
    if let Some(width) = columns.bar {
        text.push_str(&fit("LEFT", width, ellipsis));
    }
    text.push_str("STATE");
    Line::styled(text, model.skin.theme.muted)
}

/// What stands where there are no rows.
fn empty(model: &Model, columns: usize) -> Vec<Line<'static>> {
    let theme = &model.skin.theme;
    let text = if !model.list.items().is_empty() {
        "  Nothing matches the filter. Esc shows all keys again."
    } else if model.stage == Stage::Finished {
        "  No certificate was found in the input. Here the keys would stand, with what breaks \
         first at the top."
    } else {
        "  Reading ..."
    };
    let muted = |line| Line::styled(line, theme.muted);
    let mut lines: Vec<_> = wrap(text, columns).into_iter().map(muted).collect();
    if model.list.items().is_empty() && model.stage == Stage::Finished {
        let passed_over = model.passed_over.len();
        let rejected = model.rejected.iter().take(REJECTED_IN_TABLE);
        let rejected = rejected.map(|r| format!("  {}: {}", r.place(), r.reason));
        lines.push(Line::default());
        for text in rejected {
            let text = wrap(&text, columns);
            lines.extend(text.into_iter().map(|line| Line::styled(line, theme.warn)));
        }
        if model.has_welcome {
            lines.push(muted("  Esc goes back to the welcome screen.".to_owned()));
        }
        if model.rejected.len() > REJECTED_IN_TABLE || passed_over > 0 {
            let text = format!(
                "  7 lists all: {}, {} passed over.",
                counted(model.rejected.len(), "rejected part"),
                counted(passed_over, "file")
            );
            lines.push(muted(text));
        }
    }
    lines
}

fn line(model: &Model, columns: &Columns, row: Row, selected: bool) -> Option<Line<'static>> {
    let item = model.list.items().get(row.item)?;
    let skin = &model.skin;
    let (standing, verdict, created, algorithm) = match &item.assessment {
        None => (Standing::Checking, None, item.listed.created, item.listed.algorithm),
        Some(assessment) => {
            let (key, verdict) = assessment.keys().nth(row.key)?;
            let standing = if row.key == 0 {
                assessment.standing()
            } else {
                Standing::of_key(verdict, model.now)
            };
            (standing, Some(verdict), key.created, key.algorithm)
        }
    };
    let style = |own: Style| if selected { skin.theme.selected } else { own };
    let ellipsis = skin.glyphs.ellipsis;
    let (state, state_style) = state(model, item, row, standing);
    let mut spans = vec![Span::styled(
        fit(&label(model, item, row, selected, columns.name - 1), columns.name - 1, ellipsis) + " ",
        style(if row.key == 0 { skin.theme.title } else { skin.theme.text }),
    )];
    if let Some(width) = columns.algorithm {
        let text = fit(&algorithm.to_string(), width - 1, ellipsis) + " ";
        spans.push(Span::styled(text, style(skin.theme.text)));
    }
    if let Some(width) = columns.created {
        spans.push(Span::styled(fit(&created.date(), width, ellipsis), style(skin.theme.muted)));
    }
    let capabilities = verdict.map_or(String::new(), |verdict| verdict.capabilities.letters());
    spans.push(Span::styled(
        fit(&capabilities, columns.capabilities, ellipsis),
        style(skin.theme.text),
    ));
    let expires = fit(&expiry(verdict, model), columns.expires, ellipsis);
    spans.push(Span::styled(expires, style(skin.theme.text)));
    if let Some(width) = columns.bar {
        let bar = verdict.map_or(String::new(), |verdict| bar(created, verdict, model));
        spans.push(Span::styled(fit(&bar, width, ellipsis), style(skin.theme.muted)));
    }
    spans.push(Span::styled(fit(&state, columns.state, ellipsis), style(state_style)));
    Some(Line::from(spans))
}

/// The state in words with its mark. A fingerprint that was found to differ
/// says so in its row and in that of its certificate, and stays.
fn state(model: &Model, item: &Item, row: Row, standing: Standing) -> (String, Style) {
    let is_mismatch = |assessment: &Assessment, key| {
        let key = assessment.certificate.keys().nth(key);
        key.is_some_and(|key| model.comparisons.is_mismatch(&key.fingerprint))
    };
    let ((mark, style), words) = match &item.assessment {
        Some(assessment) if is_mismatch(assessment, row.key) => {
            (model.skin.level(Level::Error), "MISMATCH")
        }
        Some(assessment) if row.key == 0 && model.comparisons.is_mismatch_of_any(assessment) => {
            (model.skin.level(Level::Error), "subkey differs")
        }
        _ => (model.skin.standing(standing), standing.words()),
    };
    (format!("{mark} {words}"), style)
}

fn label(model: &Model, item: &Item, row: Row, selected: bool, columns: usize) -> String {
    let glyphs = &model.skin.glyphs;
    let cursor = if selected { glyphs.cursor } else { " " };
    if row.key == 0 {
        let subkeys = item.assessment.as_ref().is_some_and(|a| !a.certificate.subkeys.is_empty());
        let open = model.list.is_open(&item.listed.fingerprint);
        let fold = match (subkeys, open) {
            (false, _) => " ",
            (true, true) => glyphs.open,
            (true, false) => glyphs.closed,
        };
        return format!("{cursor}{fold} {}", item.short_name());
    }
    let Some(assessment) = &item.assessment else {
        return String::new();
    };
    let last = row.key == assessment.certificate.subkeys.len();
    let branch = if last { glyphs.last_branch } else { glyphs.branch };
    let role = assessment.role(row.key);
    // Where there is little room the fingerprint says more than the role.
    let role = if columns < 26 { role.strip_suffix(" subkey").unwrap_or(role) } else { role };
    let role = if columns < 26 { clip(role, 4, "") } else { role.to_owned() };
    let start = format!("{cursor}  {branch} {role}");
    let Some(key) = assessment.certificate.keys().nth(row.key) else {
        return start;
    };
    let whole = key.fingerprint.grouped();
    let room = columns.saturating_sub(width(&start) + 1);
    if width(&whole) <= room {
        return format!("{start} {whole}");
    }
    // As many groups as there is room for, with the sign that there are more.
    let groups = room.saturating_sub(width(glyphs.ellipsis)) / 5;
    let groups: Vec<_> = key.fingerprint.groups().into_iter().take(groups.max(2)).collect();
    format!("{start} {} {}", groups.join(" "), glyphs.ellipsis)
}

fn expiry(verdict: Option<&KeyVerdict>, model: &Model) -> String {
    let Some(verdict) = verdict else {
        return String::new();
    };
    verdict.ends(|end| match model.dates {
        Dates::WithDistance => end.date_with_distance(model.now),
        Dates::Full => end.iso(),
    })
}

/// How much of a key's life is left.
fn bar(created: Timestamp, verdict: &KeyVerdict, model: &Model) -> String {
    const CELLS: i64 = 5;
    let glyphs = &model.skin.glyphs;
    let is_over = matches!(verdict.state, State::Invalid | State::Revoked);
    let Some(end) = verdict.effective_expires.filter(|_| !is_over) else {
        return String::new();
    };
    let life = (end.unix() - created.unix()).max(1);
    let left = (end.unix() - model.now.unix()).clamp(0, life);
    // A key that lives at all has at least one cell.
    let full = ((left * CELLS + life - 1) / life).clamp(0, CELLS);
    let cells = |n: i64, glyph: &str| glyph.repeat(usize::try_from(n).unwrap_or(0));
    format!("{}{}", cells(full, glyphs.bar_full), cells(CELLS - full, glyphs.bar_empty))
}
