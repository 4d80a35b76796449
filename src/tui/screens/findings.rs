//! What was found in the input, and what of it was rejected.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::widgets::Paragraph;

use super::dashboard::{draw_rule, part};
use crate::domain::finding::Severity;
use crate::domain::validity::Note;
use crate::engine::reading::Stage;
use crate::tui::model::Model;
use crate::tui::widgets::lines::Lines;

/// Draws findings and rejected parts.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &mut Model) {
    let (skin, theme) = (&model.skin, &model.skin.theme);
    let mut lines = Lines::new(skin, usize::from(area.width));
    if model.told() == 0 {
        let text = if model.stage == Stage::Finished {
            "No findings: every certificate in what was read could be used, and no secret key was in it."
        } else {
            "Nothing found so far; the input is still being read."
        };
        lines.text(text, theme.ok);
        lines.blank();
        lines.text(
            "Here would stand what is wrong with the input: damaged or foreign parts with their \
             place, and files that hold secret keys. Rules about the keys themselves come with \
             workspaces.",
            theme.muted,
        );
    }
    for finding in &model.findings {
        let (mark, style) = match finding.severity {
            Severity::Error => (skin.glyphs.error, theme.error),
            Severity::Warning => (skin.glyphs.warn, theme.warn),
            Severity::Note => (skin.glyphs.dot, theme.text),
        };
        let title =
            format!("{mark} {} {}: {}", finding.severity.word(), finding.id, finding.subject);
        lines.text(&title, style);
        lines.field("Found", &finding.message);
        lines.field("What to do", &finding.remedy);
        lines.blank();
    }
    let mut notes = model.list.notes().peekable();
    if notes.peek().is_some() {
        lines.title("Notes on certificates");
        lines.blank();
    }
    for (item, note) in notes {
        let is_grave = *note == Note::BadRevocation;
        let (mark, style) = if is_grave {
            (skin.glyphs.error, theme.error)
        } else {
            (skin.glyphs.warn, theme.warn)
        };
        lines.text(&format!("{mark} {}", item.name()), style);
        lines.field("", &note.to_string());
    }
    if model.list.notes().next().is_some() {
        lines.blank();
    }
    if !model.rejected.is_empty() {
        lines.title(&format!("Rejected parts of the input: {}", model.rejected.len()));
        lines.blank();
    }
    for rejected in &model.rejected {
        let place = format!("{} {}", skin.glyphs.error, rejected.place());
        lines.text(&place, theme.text);
        lines.field("", &rejected.reason);
    }
    if !model.passed_over.is_empty() {
        lines.blank();
        lines.title(&format!(
            "Passed over, because it is no key material: {}",
            model.passed_over.len()
        ));
        lines.blank();
    }
    for passed_over in &model.passed_over {
        let line = format!("{} {}: {}", skin.glyphs.dot, passed_over.source, passed_over.reason);
        lines.text(&line, theme.muted);
    }
    let lines = lines.finish();
    let [rule, area] = Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]).areas(area);
    let height = usize::from(area.height);
    let last = lines.len().saturating_sub(height);
    model.findings_top = model.findings_top.min(last);
    draw_rule(frame, rule, model, &part("lines", model.findings_top, height, lines.len()));
    let shown: Vec<_> = lines.into_iter().skip(model.findings_top).take(height).collect();
    frame.render_widget(Paragraph::new(shown), area);
}
