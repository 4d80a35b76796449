//! The log of what was done: what it is worth, its chains, its lines, and the
//! chosen one in full.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use crate::domain::text::{VisibleText, counted};
use crate::domain::words;
use crate::engine::audit::{Chain, Row, Verdict};
use crate::engine::run::grouped;
use crate::tui::model::{Model, Place};
use crate::tui::widgets::lines::{Lines, fit};
use crate::tui::widgets::listing::first_shown;
use crate::tui::widgets::rule::{draw_rule, part};

/// Draws the log.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &mut Model) {
    let Some(chain) = &model.audit.chain else { return nothing(frame, area, model) };
    if chain.rows.is_empty() && chain.report.verdict() == Verdict::Sound {
        return nothing(frame, area, model);
    }
    let columns = usize::from(area.width);
    let mut top = Lines::new(&model.skin, columns);
    worth(model, chain, area.height, &mut top);
    let top = top.finish();
    let rows = model.audit.rows();
    let count = rows.len();
    let at = model.audit.at.min(count.saturating_sub(1));
    let mut about = Lines::new(&model.skin, columns);
    if let Some(row) = rows.get(at) {
        in_full(row, &mut about);
    }
    let about = about.finish();
    let part_of = |lines: &[Line<'_>], share: u16| {
        u16::try_from(lines.len()).unwrap_or(u16::MAX).min(area.height * share / 10)
    };
    let [head, names, list, rule, below] = Layout::vertical([
        Constraint::Length(part_of(&top, 4)),
        Constraint::Length(1),
        Constraint::Fill(1),
        Constraint::Length(1),
        Constraint::Length(part_of(&about, 4)),
    ])
    .areas(area);
    frame.render_widget(Paragraph::new(top), head);
    let names_of = ["SEQ", "TIME (UTC)", "WHO", "WHAT", "RUN", "HASH"];
    let heading = cells(names_of, columns, model.skin.glyphs.ellipsis);
    let heading = Line::styled(format!("  {heading}"), model.skin.theme.muted);
    frame.render_widget(Paragraph::new(heading), names);
    let shown = usize::from(list.height);
    let first = first_shown(at, model.audit.top, count, shown);
    let lines: Vec<_> = rows
        .iter()
        .enumerate()
        .skip(first)
        .take(shown)
        .map(|(index, row)| {
            let cursor = if index == at { model.skin.glyphs.cursor } else { " " };
            let text = format!("{cursor} {}", row_cells(row, columns, model.skin.glyphs.ellipsis));
            let theme = &model.skin.theme;
            Line::styled(text, if index == at { theme.selected } else { theme.text })
        })
        .collect();
    if rows.is_empty() {
        let text = "  Nothing matches the filter; Esc shows all.";
        frame.render_widget(Paragraph::new(text).style(model.skin.theme.muted), list);
    } else {
        frame.render_widget(Paragraph::new(lines), list);
    }
    let word = part("lines", first, shown, count);
    frame.render_widget(Paragraph::new(about), below);
    (model.audit.at, model.audit.top) = (at, first);
    draw_rule(frame, rule, &model.skin, &word);
}

/// The verdict, the heads, and what is wrong.
fn worth(model: &Model, chain: &Chain, rows: u16, lines: &mut Lines<'_>) {
    let theme = &model.skin.theme;
    let verdict = chain.report.verdict();
    let (mark, style) = match verdict {
        Verdict::Sound => (model.skin.glyphs.ok, theme.ok),
        Verdict::TornTail | Verdict::Backwards => (model.skin.glyphs.warn, theme.warn),
        Verdict::Forked
        | Verdict::Broken
        | Verdict::Truncated
        | Verdict::BadSignature
        | Verdict::Unreadable => (model.skin.glyphs.error, theme.error),
    };
    let entries = counted(chain.rows.len() + chain.left_out, "line");
    let chains = counted(chain.report.chains.len(), "chain");
    lines.text(&format!("{mark} LOG {verdict}: {entries} in {chains}"), style);
    for problem in chain.report.problems.iter().take(3) {
        lines.text(&problem.to_string(), style);
    }
    if verdict <= Verdict::Unreadable {
        let text = "Nothing is lost by looking: git has older copies. keyrite audit verify says \
                    the same; no line is ever mended, and a new chain names the old one.";
        lines.text(text, theme.muted);
    }
    for standing in &chain.report.chains {
        let head = standing.head.hash;
        let signed = match standing.signed {
            0 => "nobody has signed it".to_owned(),
            line => format!("signed up to line {line}"),
        };
        let name = standing.writer.as_str();
        lines.text(&format!("{name}: {} lines, {signed}", standing.head.seq), theme.text);
        // The first half is enough to read aloud; all of it is in the detail.
        let bytes = head.bytes().get(..8).unwrap_or_default();
        let spoken: Vec<_> = words::spell(bytes).collect();
        lines.text(&format!("  head {}", grouped(&head.hex())), theme.muted);
        if rows > 16 {
            lines.text(&format!("  in words {} ...", spoken.join(" ")), theme.muted);
        }
    }
}

/// A row of cells; those for which there is no room are left out.
fn cells(texts: [&str; 6], columns: usize, ellipsis: &str) -> String {
    let [seq, time, who, what, run, hash] = texts;
    let is_wide = columns >= 96;
    let run = if is_wide { fit(run, 26, "") } else { String::new() };
    let fixed = 6 + 18 + 10 + 9 + if is_wide { 26 } else { 0 };
    let what = fit(what, columns.saturating_sub(fixed + 3), ellipsis) + " ";
    format!(
        "{}{}{}{what}{run}{}",
        fit(seq, 6, ""),
        fit(time, 18, ""),
        fit(who, 9, ellipsis) + " ",
        fit(hash, 9, "")
    )
}

fn row_cells(row: &Row, columns: usize, ellipsis: &str) -> String {
    let run = row.run.as_ref().map_or("", VisibleText::as_str);
    let what = format!("{}  {}", row.kind.as_str(), row.summary.as_str());
    let (seq, hash) = (row.seq.to_string(), row.hash.hex());
    let hash: String = hash.chars().take(8).collect();
    cells([&seq, &row.at.minute(), row.actor.as_str(), &what, run, &hash], columns, ellipsis)
}

fn in_full(row: &Row, lines: &mut Lines<'_>) {
    lines.title(&format!("Line {} of {}", row.seq, row.writer.as_str()));
    lines.field("What", row.kind.as_str());
    lines.field("When", &row.at.iso());
    lines.field("Who", row.actor.as_str());
    if let Some(run) = &row.run {
        lines.field("Run", run.as_str());
    }
    lines.field("Says", row.summary.as_str());
    lines.field("Hash", &grouped(&row.hash.hex()));
}

fn nothing(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let theme = &model.skin.theme;
    let mut lines = Lines::new(&model.skin, usize::from(area.width));
    lines.blank();
    lines.title("Audit log");
    lines.blank();
    let text = match (model.place == Place::Workspace, &model.audit.chain) {
        (true, None) => "The log is being read and verified ...",
        (true, Some(_)) => "Nothing is recorded yet: the first ceremony begins the log.",
        (false, _) => "There is no log here: it is kept in a workspace.",
    };
    lines.text(text, theme.warn);
    lines.blank();
    lines.text(
        "Here stands who did what and when, each line with the hash of the one before it, so that \
         a line that was changed, left out or swapped is seen. It is only ever added to.",
        theme.text,
    );
    lines.blank();
    lines.text(
        "4 shows the ceremonies that write it. keyrite ceremony rehearse DIR makes a place to try \
         them.",
        theme.muted,
    );
    frame.render_widget(Paragraph::new(lines.finish()), area);
}
