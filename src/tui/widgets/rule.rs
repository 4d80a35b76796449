//! The line between two parts of a screen.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Span;
use ratatui::widgets::Paragraph;

use crate::domain::text::width;
use crate::tui::skin::Skin;

/// Draws a horizontal rule with a word at its right end.
pub fn draw_rule(frame: &mut Frame<'_>, area: Rect, skin: &Skin, word: &str) {
    let rule = skin.glyphs.rule;
    let left = usize::from(area.width).saturating_sub(width(word) + 2);
    let text = match word {
        "" => rule.repeat(usize::from(area.width)),
        _ => format!("{}{word}{}", rule.repeat(left), rule.repeat(2)),
    };
    frame.render_widget(Paragraph::new(Span::styled(text, skin.theme.muted)), area);
}

/// Which part is in view, where not all is.
#[must_use]
pub fn part(what: &str, top: usize, height: usize, all: usize) -> String {
    if all <= height {
        return String::new();
    }
    format!(" {what} {}-{} of {all} ", top + 1, (top + height).min(all))
}
