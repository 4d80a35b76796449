//! A list, and below it all of what is chosen in it.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use super::lines::fit;
use super::rule::{draw_rule, part};
use crate::tui::skin::Skin;

/// Columns in front of the cells: the cursor and a mark.
const MARGIN: usize = 4;
/// Columns of a page of its own, at the most.
const PAGE: u16 = 74;
/// Columns that the frame of such a page takes.
const FRAME: u16 = 6;

/// What is drawn, but for the rows.
pub struct Listing {
    /// The names of the columns; where it is empty there is no line for them.
    pub heading: String,
    /// How many rows there are.
    pub all: usize,
    /// The chosen row.
    pub at: usize,
    /// The row that was first on the screen.
    pub top: usize,
    /// All of the chosen row.
    pub about: Vec<Line<'static>>,
    /// How many tenths of the screen it may take where the rows want them, too.
    pub share: u16,
}

impl Listing {
    /// Draws it; `row` gives a row by its number, and whether it is chosen.
    /// Gives the row that is first on the screen now.
    pub fn draw(
        self,
        frame: &mut Frame<'_>,
        area: Rect,
        skin: &Skin,
        row: impl Fn(usize, bool) -> Line<'static>,
    ) -> usize {
        let high = |lines: usize| u16::try_from(lines).unwrap_or(u16::MAX);
        let heading = u16::from(!self.heading.is_empty());
        let spare = area.height.saturating_sub(heading + 1).saturating_sub(high(self.all));
        let below = high(self.about.len()).min(spare.max(area.height * self.share / 10));
        let [names, list, rule, detail] = Layout::vertical([
            Constraint::Length(heading),
            Constraint::Fill(1),
            Constraint::Length(1),
            Constraint::Length(below),
        ])
        .areas(area);
        frame.render_widget(Paragraph::new(self.heading).style(skin.theme.muted), names);
        let shown = usize::from(list.height);
        let first = first_shown(self.at, self.top, self.all, shown);
        let rows = (first..self.all).take(shown).map(|index| row(index, index == self.at));
        frame.render_widget(Paragraph::new(rows.collect::<Vec<_>>()), list);
        draw_rule(frame, rule, skin, &part("rows", first, shown, self.all));
        let (mut about, high) = (self.about, usize::from(detail.height));
        if let Some(hidden) = about.len().checked_sub(high).filter(|hidden| *hidden > 0) {
            about.truncate(high.saturating_sub(1));
            let text = format!("{} {} more lines", skin.glyphs.ellipsis, hidden + 1);
            about.push(Line::styled(text, skin.theme.muted));
        }
        frame.render_widget(Paragraph::new(about), detail);
        first
    }
}

/// The first row on the screen, moved as little as it takes to see the chosen
/// one.
#[must_use]
pub fn first_shown(at: usize, top: usize, all: usize, shown: usize) -> usize {
    top.min(all.saturating_sub(shown)).min(at).max((at + 1).saturating_sub(shown.max(1)))
}

/// Cells beside each other in `widths`, where 0 leaves a cell out; the one that
/// is `widest` has the room that is left of the columns.
#[must_use]
pub fn cells<const N: usize>(
    cells: [&str; N],
    mut widths: [usize; N],
    widest: usize,
    columns: usize,
    skin: &Skin,
) -> String {
    let taken: usize = widths.iter().filter(|width| **width > 0).map(|width| width + 1).sum();
    if let Some(width) = widths.get_mut(widest) {
        *width = columns.saturating_sub(MARGIN + taken);
    }
    let shown = cells.iter().zip(widths).filter(|(_, width)| *width > 0);
    let fitted = shown.map(|(cell, room)| fit(cell, room, skin.glyphs.ellipsis));
    fitted.collect::<Vec<_>>().join(" ")
}

/// How wide a page of its own is on a terminal of so many columns.
#[must_use]
pub fn page_columns(terminal: u16) -> usize {
    usize::from(terminal.saturating_sub(FRAME).min(PAGE))
}

/// All of the chosen row as a page of its own: its title and its lines.
#[must_use]
pub fn as_page(about: Vec<Line<'static>>) -> Option<(String, Vec<String>)> {
    let mut lines = about.into_iter().map(|line| line.to_string());
    Some((lines.next()?, lines.collect()))
}
