//! How the console looks, and how to change it.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::widgets::Paragraph;

use crate::tui::model::{Dates, Model};
use crate::tui::widgets::lines::Lines;

/// Draws the settings.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let theme = &model.skin.theme;
    let mut lines = Lines::new(&model.skin, usize::from(area.width));
    lines.blank();
    lines.title("Settings of this session");
    lines.blank();
    let dates = match model.dates {
        Dates::WithDistance => "with distance, 2026-12-02 (12 d)",
        Dates::Full => "in full, 2026-12-02T14:00:00Z",
    };
    lines.field("Colours", model.skin.theme_name.word());
    lines.field("Characters", model.skin.glyph_set.word());
    lines.field("Dates", dates);
    lines.field("Window", &format!("{}x{}", model.size.0, model.size.1));
    lines.field("Network", "never used by this version");
    lines.blank();
    lines.text(
        "Change them here with the command palette (: then 'colours' or 'characters') and t; for \
         good with --theme and --glyphs. NO_COLOR is honoured.",
        theme.muted,
    );
    lines.blank();
    lines.text("Nothing is kept: the console writes no file.", theme.muted);
    frame.render_widget(Paragraph::new(lines.finish()), area);
}
