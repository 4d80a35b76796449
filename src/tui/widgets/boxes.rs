//! Pieces of what lies over a screen: boxes, text fields, choices.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph};

use super::lines::fit;
use crate::domain::text::{clip, width};
use crate::tui::skin::Skin;

/// A box with a title; returns the area inside it.
pub(super) fn boxed(
    frame: &mut Frame<'_>,
    area: Rect,
    skin: &Skin,
    title: &str,
    size: (usize, usize),
) -> Rect {
    let wide = u16::try_from(size.0 + 4).unwrap_or(u16::MAX).min(area.width);
    let high = u16::try_from(size.1 + 2).unwrap_or(u16::MAX).min(area.height);
    let outer = Rect {
        x: area.x + (area.width - wide) / 2,
        y: area.y + (area.height - high) / 3,
        width: wide,
        height: high,
    };
    frame.render_widget(Clear, outer);
    let glyphs = &skin.glyphs;
    let [top_left, top_right, bottom_left, bottom_right] = glyphs.corners;
    let inner = usize::from(wide.saturating_sub(2));
    let title = clip(&format!(" {title} "), inner.saturating_sub(1), glyphs.ellipsis);
    let rest = inner.saturating_sub(width(&title) + 1);
    let (h, v) = (glyphs.horizontal, glyphs.vertical);
    let mut lines = vec![Line::from(vec![
        Span::styled(format!("{top_left}{h}"), skin.theme.frame),
        Span::styled(title, skin.theme.frame_text.add_modifier(skin.theme.title.add_modifier)),
        Span::styled(format!("{}{top_right}", h.repeat(rest)), skin.theme.frame),
    ])];
    for _ in 2..high {
        lines.push(Line::styled(format!("{v}{}{v}", " ".repeat(inner)), skin.theme.frame));
    }
    lines.push(Line::styled(
        format!("{bottom_left}{}{bottom_right}", h.repeat(inner)),
        skin.theme.frame,
    ));
    frame.render_widget(Paragraph::new(lines).style(skin.theme.frame_text), outer);
    Rect {
        x: outer.x + 2,
        y: outer.y + 1,
        width: wide.saturating_sub(4),
        height: high.saturating_sub(2),
    }
}

/// The line in which something is typed, with the cursor in it.
pub(super) fn input(
    frame: &mut Frame<'_>,
    area: Rect,
    skin: &Skin,
    label: &str,
    line: &tui_input::Input,
) {
    let label_width = width(label);
    let room = usize::from(area.width).saturating_sub(label_width + 1);
    let scroll = line.visual_scroll(room);
    let value: String = line.value().chars().skip(scroll).collect();
    let text = fit(&value, room, "");
    frame.render_widget(
        Paragraph::new(Line::from(vec![
            Span::styled(label.to_owned(), skin.theme.frame_text),
            Span::styled(text, skin.theme.selected),
        ]))
        .style(skin.theme.frame_text),
        area,
    );
    let column = label_width + line.visual_cursor().saturating_sub(scroll);
    let column = u16::try_from(column).unwrap_or(0).min(area.width.saturating_sub(1));
    frame.set_cursor_position((area.x + column, area.y));
}

/// A choice with its note at the right.
pub(super) fn choice(
    skin: &Skin,
    label: &str,
    note: &str,
    chosen: bool,
    columns: u16,
) -> Line<'static> {
    let cursor = if chosen { skin.glyphs.cursor } else { " " };
    let room = usize::from(columns).saturating_sub(width(note) + 3);
    let label = fit(label, room, skin.glyphs.ellipsis);
    let style = if chosen { skin.theme.selected } else { skin.theme.frame_text };
    Line::styled(format!("{cursor} {label} {note}"), style)
}
