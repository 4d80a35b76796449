//! Draws what lies over a screen.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph};
use tui_qrcode::{Colors, QrCodeWidget, QuietZone};

use super::boxes::{boxed, choice, input};
use super::lines::pad;
use super::{compare, forms, run};
use crate::app::look::GlyphSet;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::{width, wrap};
use crate::tui::layer::{Dialog, Layer, Menu, Palette, Reader};
use crate::tui::model::{Model, Screen};
use crate::tui::skin::Skin;

/// Draws all layers, the lowest first.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &mut Model) {
    let mut layers = std::mem::take(&mut model.layers);
    for layer in &mut layers {
        match layer {
            Layer::Filter(line) => filter(frame, area, model, line),
            Layer::Path(line, is_workspace) => {
                let title =
                    if *is_workspace { "Open a workspace" } else { "Look at a file or folder" };
                let inner = boxed(frame, area, &model.skin, title, (70, 1));
                input(frame, inner, &model.skin, "path: ", line);
            }
            Layer::Palette(shown) => palette(frame, area, &model.skin, shown),
            Layer::Menu(shown) => menu(frame, area, &model.skin, shown),
            Layer::Reader(shown) => reader(frame, area, &model.skin, shown),
            Layer::Qr(fingerprint) => qr(frame, area, &model.skin, fingerprint),
            Layer::Dialog(shown) => dialog(frame, area, &model.skin, shown),
            Layer::Confirm(form) => run::confirm(frame, area, model, form),
            Layer::Secret(form) => run::secret(frame, area, &model.skin, form),
            Layer::Offered(secret) => run::offered(frame, area, &model.skin, secret),
            Layer::Say(form) => run::say(frame, area, &model.skin, form),
            Layer::Waive(form) => forms::waive(frame, area, &model.skin, form),
            Layer::Found(form) => forms::found(frame, area, model, form),
            Layer::Compare(form) => compare::draw(frame, area, &model.skin, form),
        }
    }
    model.layers = layers;
}

fn filter(frame: &mut Frame<'_>, area: Rect, model: &Model, line: &tui_input::Input) {
    let row = Rect { y: area.y + area.height.saturating_sub(1), height: 1, ..area };
    frame.render_widget(Clear, row);
    let (shown, all) = match (model.screen, &model.audit.chain) {
        (Screen::Audit, Some(chain)) => (model.audit.rows().len(), chain.rows.len()),
        _ => (model.list.shown(), model.list.items().len()),
    };
    let count = format!(" {shown} of {all} ");
    let count_width = u16::try_from(width(&count)).unwrap_or(0).min(row.width);
    let left = Rect { width: row.width - count_width, ..row };
    let right = Rect { x: row.x + left.width, width: count_width, ..row };
    input(frame, left, &model.skin, "filter: ", line);
    frame.render_widget(Paragraph::new(count).style(model.skin.theme.frame_text), right);
}

fn palette(frame: &mut Frame<'_>, area: Rect, skin: &Skin, palette: &Palette) {
    let high = palette.found.len().clamp(1, 12) + 1;
    let inner = boxed(frame, area, skin, "Find a command", (58, high));
    input(frame, Rect { height: 1, ..inner }, skin, ": ", &palette.line);
    let rows = usize::from(inner.height.saturating_sub(1));
    let top = (palette.selected + 1).saturating_sub(rows);
    let mut lines: Vec<_> = palette
        .found
        .iter()
        .enumerate()
        .skip(top)
        .take(rows)
        .map(|(index, entry)| {
            choice(skin, &entry.label, &entry.chord, index == palette.selected, inner.width)
        })
        .collect();
    if lines.is_empty() {
        lines.push(Line::styled("no command is called like that", skin.theme.frame_text));
    }
    let below = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
    frame.render_widget(Paragraph::new(lines), below);
}

fn menu(frame: &mut Frame<'_>, area: Rect, skin: &Skin, menu: &Menu) {
    let widest = menu.choices.iter().map(|c| width(&c.label) + width(&c.note) + 6).max();
    let wide = widest.unwrap_or(20).max(width(&menu.title) + 2).max(30);
    let inner = boxed(frame, area, skin, &menu.title, (wide, menu.choices.len()));
    let rows = usize::from(inner.height);
    let top = (menu.selected + 1).saturating_sub(rows);
    let lines: Vec<_> = menu
        .choices
        .iter()
        .enumerate()
        .skip(top)
        .take(rows)
        .map(|(index, entry)| {
            choice(skin, &entry.label, &entry.note, index == menu.selected, inner.width)
        })
        .collect();
    frame.render_widget(Paragraph::new(lines), inner);
}

fn reader(frame: &mut Frame<'_>, area: Rect, skin: &Skin, reader: &mut Reader) {
    let widest = reader.lines.iter().map(|line| width(line)).max().unwrap_or(0);
    let wide = widest.clamp(30, usize::from(area.width).saturating_sub(4));
    let lines: Vec<String> = reader.lines.iter().flat_map(|line| wrap(line, wide)).collect();
    let inner = boxed(frame, area, skin, &reader.title, (wide, lines.len()));
    let rows = usize::from(inner.height);
    reader.top = reader.top.min(lines.len().saturating_sub(rows));
    let more = lines.len().saturating_sub(reader.top + rows);
    let mut shown: Vec<_> = lines
        .into_iter()
        .skip(reader.top)
        .take(rows)
        .map(|line| Line::styled(pad(&line, wide), skin.theme.frame_text))
        .collect();
    if more > 0
        && let Some(last) = shown.last_mut()
    {
        *last = Line::styled(
            format!("{} {} more lines", skin.glyphs.ellipsis, more + 1),
            skin.theme.frame,
        );
    }
    frame.render_widget(Paragraph::new(shown), inner);
}

fn qr(frame: &mut Frame<'_>, area: Rect, skin: &Skin, fingerprint: &Fingerprint) {
    let explain = |frame: &mut Frame<'_>, text: &str| {
        let lines = wrap(text, usize::from(area.width).saturating_sub(4).min(60));
        let wide = lines.iter().map(|line| width(line)).max().unwrap_or(0);
        let inner = boxed(frame, area, skin, "QR code", (wide, lines.len()));
        let lines: Vec<_> =
            lines.into_iter().map(|line| Line::styled(line, skin.theme.frame_text)).collect();
        frame.render_widget(Paragraph::new(lines), inner);
    };
    if skin.glyph_set == GlyphSet::Ascii {
        let text = "A QR code needs half blocks of Unicode. The command palette (:) has them: switch \
                    characters. y copies the URI.";
        explain(frame, text);
        return;
    }
    let Ok(code) =
        qrcode::QrCode::with_error_correction_level(fingerprint.uri(), qrcode::EcLevel::M)
    else {
        explain(frame, "This fingerprint does not fit into a QR code.");
        return;
    };
    let cells = code.width() + 4;
    let (wide, high) = (cells, cells.div_ceil(2));
    if usize::from(area.width) < wide + 4 || usize::from(area.height) < high + 2 {
        let wanted = format!(
            "It needs a window of {} columns and {} rows. y copies its text, an URI.",
            wide + 6,
            high + 6
        );
        explain(frame, &wanted);
        return;
    }
    let inner = boxed(frame, area, skin, "OPENPGP4FPR", (wide, high));
    // Scanners want dark on light, in every theme; where colours are not
    // wanted, reversal on the terminal's own gives one of the two.
    let style = Style::new().fg(Color::Black).bg(Color::White);
    let quiet = Rect { x: inner.x, y: inner.y, width: inner.width, height: inner.height };
    frame.render_widget(Paragraph::new("").style(style), quiet);
    let widget =
        QrCodeWidget::new(code).quiet_zone(QuietZone::Disabled).colors(Colors::Normal).style(style);
    let code_area = Rect {
        x: inner.x + 2,
        y: inner.y + 1,
        width: inner.width.saturating_sub(4),
        height: inner.height.saturating_sub(1),
    };
    frame.render_widget(widget, code_area);
}

fn dialog(frame: &mut Frame<'_>, area: Rect, skin: &Skin, dialog: &Dialog) {
    let room = usize::from(area.width).saturating_sub(4).min(70);
    let wide = dialog.lines.iter().map(|line| width(line)).max().unwrap_or(0).max(30).min(room);
    let body: Vec<String> = dialog.lines.iter().flat_map(|line| wrap(line, wide)).collect();
    let inner = boxed(frame, area, skin, &dialog.question, (wide, body.len() + 2));
    let mut lines: Vec<_> =
        body.into_iter().map(|line| Line::styled(line, skin.theme.frame_text)).collect();
    lines.push(Line::default());
    let button = |text: &str, focused: bool| {
        let text = if focused { format!("[ {text} ]") } else { format!("  {text}  ") };
        let style = if focused { skin.theme.selected } else { skin.theme.frame_text };
        Span::styled(text, style)
    };
    lines.push(Line::from(vec![
        button("No, stay", !dialog.yes),
        Span::raw("   "),
        button("Yes, leave", dialog.yes),
    ]));
    frame.render_widget(Paragraph::new(lines), inner);
}
