//! What is said in a window that is too small.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use crate::domain::text::clip;
use crate::tui::model::{Model, Place};

/// The smallest window that can be worked in.
const SMALLEST: (u16, u16) = (60, 16);

/// Whether a window cannot be worked in.
#[must_use]
pub fn is_too_small(area: Rect) -> bool {
    area.width < SMALLEST.0 || area.height < SMALLEST.1
}

/// Draws the message.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let counts: Vec<_> = model
        .list
        .counts()
        .into_iter()
        .map(|(standing, count)| format!("{} {count}", standing.words()))
        .collect();
    let (width, height) = SMALLEST;
    let texts = [
        format!("This window is {}x{}.", area.width, area.height),
        format!("keyrite needs {width}x{height}."),
        String::new(),
        counts.join("  "),
        String::new(),
        "Make it larger, or use".to_owned(),
        match model.place {
            Place::Demo => "  keyrite demo --plain".to_owned(),
            Place::Workspace => "  keyrite --plain".to_owned(),
            Place::Welcome | Place::View => "  keyrite view --plain PATH".to_owned(),
        },
        "q quit".to_owned(),
    ];
    let lines: Vec<_> = texts
        .into_iter()
        .map(|text| Line::raw(clip(&text, usize::from(area.width), model.skin.glyphs.ellipsis)))
        .collect();
    frame.render_widget(Paragraph::new(lines), area);
}
