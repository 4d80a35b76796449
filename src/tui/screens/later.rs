//! Screens that this version has no content for: what would be here, why it
//! is useful, and what can be done now.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::widgets::Paragraph;

use crate::tui::model::{LaterScreen, Model};
use crate::tui::widgets::lines::Lines;

/// Draws the explanation.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, screen: LaterScreen) {
    let theme = &model.skin.theme;
    let (title, what, now) = match screen {
        LaterScreen::People => (
            "People",
            "Here the roster will stand: who signs, who witnesses, whose fingerprints were \
             compared, and how a new signer joins.",
            "Today Settings (0) names the people that keyrite.toml declares; v compares a fingerprint; the command palette (:) lists the comparisons of this \
             session.",
        ),
    };
    let mut lines = Lines::new(&model.skin, usize::from(area.width));
    lines.blank();
    lines.title(title);
    lines.blank();
    lines.text("This version has nothing to show here yet.", theme.warn);
    lines.blank();
    lines.text(what, theme.text);
    lines.blank();
    lines.text(now, theme.muted);
    frame.render_widget(Paragraph::new(lines.finish()), area);
}
