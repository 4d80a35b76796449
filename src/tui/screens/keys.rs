//! All keys, with all of the screen.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};

use crate::tui::model::Model;
use crate::tui::widgets::rule::{draw_rule, part};
use crate::tui::widgets::table;

/// Draws the list.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &mut Model) {
    let [rule, rows] = Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]).areas(area);
    table::draw(frame, rows, model);
    let height = usize::from(rows.height).saturating_sub(1);
    let shown = part("rows", model.list.top(), height, model.list.rows().len());
    draw_rule(frame, rule, &model.skin, &shown);
}
