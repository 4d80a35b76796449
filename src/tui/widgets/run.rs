//! Draws what lies over a run: confirmations, secrets, words for the record.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::boxes::{boxed, input};
use super::lines::fit;
use crate::domain::text::{VisibleText, counted, wrap};
use crate::domain::worded::Worded as _;
use crate::engine::passphrase;
use crate::engine::run::grouped;
use crate::engine::secret::Secret;
use crate::tui::layer::{ConfirmFocus, ConfirmForm, SayForm, SayKind, SecretForm};
use crate::tui::model::Model;
use crate::tui::skin::Skin;

/// Columns of these boxes.
const COLUMNS: usize = 74;
/// Dots that are drawn at the most; what is longer is not shown as longer.
const DOTS: usize = 60;

/// Rows from top to bottom.
struct Rows<'a> {
    skin: &'a Skin,
    area: Rect,
    used: u16,
}

impl Rows<'_> {
    fn next(&mut self) -> Rect {
        let row = Rect { y: self.area.y + self.used, height: 1, ..self.area };
        self.used += 1;
        row.intersection(self.area)
    }

    fn line(&mut self, frame: &mut Frame<'_>, text: &str) {
        let row = self.next();
        let line = Line::styled(text.to_owned(), self.skin.theme.frame_text);
        frame.render_widget(Paragraph::new(line), row);
    }

    fn text(&mut self, frame: &mut Frame<'_>, text: &str) {
        for line in wrap(text, usize::from(self.area.width)) {
            self.line(frame, &line);
        }
    }

    fn problem(&mut self, frame: &mut Frame<'_>, problem: Option<&String>) {
        let Some(problem) = problem else { return };
        let text = format!("{} {problem}", self.skin.glyphs.warn);
        let row = self.next();
        frame.render_widget(Paragraph::new(Line::styled(text, self.skin.theme.warn)), row);
    }

    /// A field with its cursor, where it has the focus.
    fn field(&mut self, frame: &mut Frame<'_>, line: &tui_input::Input, has_focus: bool) {
        let row = self.next();
        if row.is_empty() {
            return;
        }
        if has_focus {
            input(frame, row, self.skin, "  [", line);
        } else {
            let room = usize::from(row.width).saturating_sub(4);
            let text = format!("  [{}]", fit(line.value(), room, ""));
            frame.render_widget(Paragraph::new(text).style(self.skin.theme.frame_text), row);
        }
    }

    fn buttons(&mut self, frame: &mut Frame<'_>, buttons: &[(String, bool)]) {
        let mut spans = Vec::new();
        for (text, has_focus) in buttons {
            let text = if *has_focus { format!("[ {text} ]") } else { format!("  {text}  ") };
            let theme = &self.skin.theme;
            let style = if *has_focus { theme.selected } else { theme.frame_text };
            spans.extend([Span::styled(text, style), Span::raw("   ")]);
        }
        let row = self.next();
        frame.render_widget(Paragraph::new(Line::from(spans)), row);
    }
}

/// Draws a confirmation. Where the window is low, fields that have no focus take
/// one line each, and the rest of what is confirmed is scrolled to.
pub(super) fn confirm(frame: &mut Frame<'_>, area: Rect, model: &Model, form: &mut ConfirmForm) {
    let skin = &model.skin;
    let columns = COLUMNS.min(usize::from(area.width).saturating_sub(4));
    let text = confirmed(form, columns);
    let below = form.typed.len() * 2 + 2;
    let all = usize::from(area.height).saturating_sub(2);
    let is_low = text.len() + below > all;
    let below = if is_low { form.typed.len() + 3 } else { below };
    let room = text.len().min(all.saturating_sub(below));
    let class = form.confirmation.class.word();
    let title = format!("CONFIRM {class}: {}", form.title);
    let inside = boxed(frame, area, skin, &title, (columns, room + below));
    let mut rows = Rows { skin, area: inside, used: 0 };
    form.top = form.top.min(text.len().saturating_sub(room));
    (form.shown, form.unread) = (room, form.unread.min(text.len() - room - form.top));
    for line in text.iter().skip(form.top).take(room) {
        rows.line(frame, line);
    }
    for (at, (typing, line)) in form.confirmation.typings.iter().zip(&form.typed).enumerate() {
        let has_focus = form.focus == ConfirmFocus::Field(at);
        let label = match (is_low, line.value()) {
            (false, _) => format!("{}, by {}:", typing.label, typing.by),
            (true, "") => format!("{}: {}", typing.by, typing.label),
            (true, _) => format!("{}: {} (typed)", typing.by, typing.label),
        };
        rows.line(frame, &fit(&label, columns, skin.glyphs.ellipsis));
        if has_focus || !is_low {
            rows.field(frame, line, has_focus);
        }
    }
    let locked = form.locked(model.monotonic);
    let confirm = if locked.is_zero() {
        "Confirm".to_owned()
    } else {
        format!("Confirm: locked {} s", locked.as_millis().div_ceil(1000))
    };
    let buttons = [
        ("Cancel".to_owned(), form.focus == ConfirmFocus::Cancel),
        (confirm, form.focus == ConfirmFocus::Confirm),
    ];
    rows.buttons(frame, &buttons);
    let more = text.len() - room;
    if form.problem.is_some() {
        rows.problem(frame, form.problem.as_ref());
    } else if more > 0 && form.top < more {
        let text = format!("{} more of what is confirmed: PgDn", counted(more - form.top, "line"));
        rows.line(frame, &text);
    } else if more > 0 {
        rows.line(frame, "That was all of it; PgUp goes back.");
    } else if form.focus == ConfirmFocus::Cancel && !form.typed.is_empty() {
        rows.line(frame, "Tab goes to what has to be typed.");
    }
}

/// What is confirmed, and what follows from it.
fn confirmed(form: &ConfirmForm, columns: usize) -> Vec<String> {
    let subject = form.confirmation.subject.trim_start_matches("sha256:");
    let is_hex = subject.len() >= 40 && subject.bytes().all(|byte| byte.is_ascii_hexdigit());
    let subject = if is_hex { grouped(subject) } else { subject.to_owned() };
    let subject = VisibleText::from_text(&subject).into_string();
    let place = form.confirmation.place.iter().map(|place| format!("place: {place}"));
    let facts = form.confirmation.facts.iter();
    let facts = facts.map(|fact| format!("there: {}", VisibleText::from_text(fact)));
    let what = [subject].into_iter().chain(place).chain(facts);
    let what = what.flat_map(|text| wrap(&text, columns.saturating_sub(2)));
    let follows = form.follows.iter().flat_map(|line| wrap(line, columns));
    what.map(|line| format!("  {line}")).chain(follows).collect()
}

/// Draws the field for a secret: dots, whatever is typed.
pub(super) fn secret(frame: &mut Frame<'_>, area: Rect, skin: &Skin, form: &SecretForm) {
    let columns = COLUMNS.min(usize::from(area.width).saturating_sub(4));
    let high = if form.again.is_some() { 6 } else { 5 };
    let inside = boxed(frame, area, skin, &form.label, (columns, high));
    let mut rows = Rows { skin, area: inside, used: 0 };
    rows.text(frame, &format!("For the step: {}", form.why));
    rows.text(frame, "It is not shown, not kept on disk, and forgotten at every pause.");
    let mut field = |frame: &mut Frame<'_>, label: &str, secret: &Secret, has_focus: bool| {
        let style = if has_focus { skin.theme.selected } else { skin.theme.frame_text };
        let dots = skin.glyphs.dot.repeat(secret.characters().min(DOTS));
        let row = rows.next();
        let room = usize::from(row.width).saturating_sub(label.len());
        let column = label.len() + secret.characters().min(DOTS);
        let spans = vec![
            Span::styled(label.to_owned(), skin.theme.frame_text),
            Span::styled(fit(&dots, room, ""), style),
        ];
        frame.render_widget(Paragraph::new(Line::from(spans)), row);
        if has_focus && !row.is_empty() {
            let column = u16::try_from(column).unwrap_or(0).min(row.width.saturating_sub(1));
            frame.set_cursor_position((row.x + column, row.y));
        }
    };
    field(frame, "passphrase: ", &form.first, !form.at_again);
    if let Some(again) = &form.again {
        field(frame, "once more:  ", again, form.at_again);
    }
    rows.problem(frame, form.problem.as_ref());
}

/// Draws a passphrase that was made. It goes from its page to the cells of the
/// screen and into nothing else; the next frames overwrite those.
pub(super) fn offered(frame: &mut Frame<'_>, area: Rect, skin: &Skin, secret: &Secret) {
    let columns = COLUMNS.min(usize::from(area.width).saturating_sub(4));
    let inside = boxed(frame, area, skin, "A new passphrase, shown once", (columns, 9));
    let mut rows = Rows { skin, area: inside, used: 0 };
    rows.text(frame, "Write it on paper now, with the hyphens. Then Enter: it is asked for.");
    rows.used += 1;
    let room = usize::from(inside.width).saturating_sub(2);
    for line in passphrase::lines(secret, room) {
        let row = rows.next();
        if row.is_empty() {
            return;
        }
        frame.buffer_mut().set_string(row.x + 2, row.y, line, skin.theme.selected);
    }
    rows.used += 1;
    rows.text(frame, "Nobody can look it up later.");
}

/// Draws words for the record.
pub(super) fn say(frame: &mut Frame<'_>, area: Rect, skin: &Skin, form: &SayForm) {
    let columns = COLUMNS.min(usize::from(area.width).saturating_sub(4));
    let (title, button) = match form.kind {
        SayKind::Note => ("A note for the record", "Write it down"),
        SayKind::Exception => ("An exception: taken on oneself", "Take it"),
        SayKind::Abandon => ("Give this run up?", "Give it up"),
    };
    let about = wrap(&form.about, columns);
    let inside = boxed(frame, area, skin, title, (columns, about.len() + 5));
    let mut rows = Rows { skin, area: inside, used: 0 };
    for line in about {
        rows.text(frame, &line);
    }
    rows.text(frame, &format!("In the words of {}:", form.by));
    rows.field(frame, &form.line, matches!(form.focus, ConfirmFocus::Field(_)));
    rows.used += 1;
    let buttons = [
        ("Cancel".to_owned(), form.focus == ConfirmFocus::Cancel),
        (button.to_owned(), form.focus == ConfirmFocus::Confirm),
    ];
    rows.buttons(frame, &buttons);
    rows.problem(frame, form.problem.as_ref());
}
