//! The form of the keyed, blind comparison.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::{Block, Clear, Paragraph};

use super::boxes::{boxed, choice, input};
use crate::domain::claim::{ClaimError, read_claim};
use crate::domain::comparison::{Channel, Settled, TRIES};
use crate::domain::text::{clip, counted, wrap};
use crate::tui::layer::{CompareForm, Stage};
use crate::tui::message::Level;
use crate::tui::skin::Skin;

/// Draws the form.
pub fn draw(frame: &mut Frame<'_>, area: Rect, skin: &Skin, form: &CompareForm) {
    // What lies below could show our value.
    frame.render_widget(Clear, area);
    frame.render_widget(Block::new().style(skin.theme.text), area);
    let columns = usize::from(area.width).saturating_sub(4).min(76);
    let mut page = Page { lines: Vec::new(), field: None, columns, skin };
    page.lines.push(Line::styled(
        clip(&form.subject, columns, skin.glyphs.ellipsis),
        skin.theme.frame_text,
    ));
    match form.stage {
        Stage::Channel(chosen) => channels(&mut page, chosen),
        Stage::Value => value(&mut page, form),
        Stage::Settled => settled(&mut page, form),
    }
    let inner = boxed(frame, area, skin, "Compare a fingerprint", (columns, page.lines.len()));
    frame.render_widget(Paragraph::new(page.lines).style(skin.theme.frame_text), inner);
    if let Some(row) = page.field.and_then(|row| u16::try_from(row).ok())
        && row < inner.height
    {
        let area = Rect { y: inner.y + row, height: 1, ..inner };
        input(frame, area, skin, "theirs: ", &form.line);
    }
}

struct Page<'a> {
    lines: Vec<Line<'static>>,
    /// The line over which the text field is drawn.
    field: Option<usize>,
    columns: usize,
    skin: &'a Skin,
}

impl Page<'_> {
    fn text(&mut self, text: &str, style: Style) {
        let style = self.skin.theme.frame_text.patch(style);
        for line in wrap(text, self.columns) {
            self.lines.push(Line::styled(line, style));
        }
    }

    fn plain(&mut self, text: &str) {
        self.text(text, self.skin.theme.frame_text);
    }
}

fn channels(page: &mut Page<'_>, chosen: usize) {
    page.plain("How does the other side's value reach you? Choose honestly:");
    let columns = u16::try_from(page.columns).unwrap_or(u16::MAX);
    for (index, channel) in Channel::ALL.into_iter().enumerate() {
        page.lines.push(choice(
            page.skin,
            channel.word(),
            channel.worth(),
            index == chosen,
            columns,
        ));
    }
}

fn value(page: &mut Page<'_>, form: &CompareForm) {
    let channel = form.channel.map_or("", Channel::word);
    page.plain(&format!(
        "channel: {channel}; try {} of {TRIES}. Type or paste what the OTHER side says: digits, \
         words or numbers.",
        form.comparison.tries() + 1
    ));
    if let Some(card) = &form.card {
        page.plain(&format!("DEMO, their card says: {card}"));
    }
    page.field = Some(page.lines.len());
    page.lines.push(Line::default());
    let (text, style) = match (&form.outcome, read_claim(form.line.value())) {
        (Some((level, words)), _) => told(page.skin, *level, words),
        (None, Ok(_)) => ("complete; Enter compares".to_owned(), page.skin.theme.ok),
        (None, Err(ClaimError::Empty)) => (String::from(" "), page.skin.theme.frame_text),
        (None, Err(error)) => (error.to_string(), page.skin.theme.frame_text),
    };
    page.text(&text, style);
    if form.comparison.tries() > 0 {
        page.plain("A difference was seen: Esc now ends the comparison as a MISMATCH.");
    }
}

/// What is told, with a mark that needs no colour.
fn told(skin: &Skin, level: Level, words: &str) -> (String, Style) {
    let (mark, style) = skin.level(level);
    (format!("{mark} {words}"), style)
}

fn settled(page: &mut Page<'_>, form: &CompareForm) {
    let (theme, glyphs) = (&page.skin.theme, &page.skin.glyphs);
    if let Some((level, words)) = &form.outcome {
        let (text, style) = told(page.skin, *level, words);
        page.text(&text, style);
    }
    if form.comparison.settled() == Some(Settled::Mismatch) {
        let text = "MISMATCH. It stays with this key. Do not use the key before it is explained.";
        page.text(&format!("{} {text}", glyphs.error), theme.error);
    }
    if let (Some(Settled::Match), Some(caveat)) = (form.comparison.settled(), &form.caveat) {
        page.text(&format!("{} {caveat}", glyphs.error), theme.error);
    }
    if form.channel == Some(Channel::SameMachine) {
        let text = "It proves nothing: both values come from this machine.";
        page.text(&format!("{} {text}", glyphs.warn), theme.warn);
    }
    if let Some(ours) = form.comparison.ours() {
        page.plain(&format!("ours:   {}", ours.grouped()));
    }
    let how = if form.pasted { "pasted" } else { "typed" };
    let channel = form.channel.map_or("", Channel::word);
    let tries = counted(usize::from(form.comparison.tries()), "attempt");
    page.plain(&format!("recorded: {channel}, {how}, {tries}; kept until you quit"));
}
