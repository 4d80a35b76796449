//! Lines of text with a label at the left.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::domain::text::{clip, width, wrap};
use crate::tui::skin::Skin;

/// Builds the lines of a text block.
pub struct Lines<'a> {
    skin: &'a Skin,
    columns: usize,
    finished: Vec<Line<'static>>,
}

/// Columns of a label.
const LABEL: usize = 14;

impl<'a> Lines<'a> {
    /// An empty block that is `columns` wide.
    #[must_use]
    pub fn new(skin: &'a Skin, columns: usize) -> Self {
        Self { skin, columns, finished: Vec::new() }
    }

    /// The finished lines.
    #[must_use]
    pub fn finish(self) -> Vec<Line<'static>> {
        self.finished
    }

    /// An empty line.
    pub fn blank(&mut self) {
        self.finished.push(Line::default());
    }

    /// A heading.
    pub fn title(&mut self, text: &str) {
        self.finished.push(Line::styled(self.clipped(text), self.skin.theme.title));
    }

    /// A heading and what is said of it: behind it where there is room.
    pub fn title_with(&mut self, text: &str, more: &str) {
        let whole = format!("{text}  {more}");
        if width(&whole) <= self.columns {
            return self.title(&whole);
        }
        self.title(text);
        self.title(more);
    }

    /// A line of spans, as it is.
    pub fn spans(&mut self, spans: Vec<Span<'static>>) {
        self.finished.push(Line::from(spans));
    }

    /// A text, broken into lines.
    pub fn text(&mut self, text: &str, style: Style) {
        for line in wrap(text, self.columns) {
            self.finished.push(Line::styled(line, style));
        }
    }

    /// A label with a text, broken into lines beside it.
    pub fn field(&mut self, label: &str, text: &str) {
        self.styled_field(label, text, self.skin.theme.text);
    }

    /// The same in another style.
    pub fn styled_field(&mut self, label: &str, text: &str, style: Style) {
        let columns = self.columns.saturating_sub(LABEL).max(10);
        for (index, line) in wrap(text, columns).into_iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            self.finished.push(Line::from(vec![
                Span::styled(pad(label, LABEL), self.skin.theme.muted),
                Span::styled(line, style),
            ]));
        }
    }

    fn clipped(&self, text: &str) -> String {
        clip(text, self.columns, self.skin.glyphs.ellipsis)
    }
}

/// `text`, filled with blanks to `columns`; never shorter than it is.
#[must_use]
pub fn pad(text: &str, columns: usize) -> String {
    let blanks = columns.saturating_sub(width(text));
    format!("{text}{}", " ".repeat(blanks))
}

/// `text`, cut or filled to exactly `columns`.
#[must_use]
pub fn fit(text: &str, columns: usize, ellipsis: &str) -> String {
    pad(&clip(text, columns, ellipsis), columns)
}
