//! Subkeys' secrets in slots: a line of the list, and all of it.

use ratatui::text::Line;

use super::{cells, name_of};
use crate::domain::custody::{Frozen, InSlot, SlotRow, SlotState, if_leaked, if_lost};
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;
use crate::domain::worded::Worded as _;
use crate::engine::run::grouped;
use crate::tui::model::{Model, Place};
use crate::tui::widgets::lines::Lines;

/// A line of the list.
pub(super) fn row(
    model: &Model,
    row: &SlotRow,
    entry: Option<&InSlot>,
    is_here: bool,
    columns: usize,
) -> Line<'static> {
    let (skin, theme) = (&model.skin, &model.skin.theme);
    let (mark, style) = match entry.map(|entry| entry.state) {
        _ if row.is_let_again_unseen() => (skin.glyphs.error, theme.error),
        _ if row.trouble.is_some() || row.is_frozen => (skin.glyphs.warn, theme.warn),
        Some(SlotState::Missing | SlotState::Stale) => (skin.glyphs.error, theme.error),
        Some(SlotState::Unknown) => (skin.glyphs.warn, theme.warn),
        Some(SlotState::Pending | SlotState::Current | SlotState::Previous | SlotState::Left) => {
            (skin.glyphs.ok, theme.text)
        }
        None => (" ", theme.muted),
    };
    let subkey = entry.and_then(|entry| entry.subkey);
    let digits = subkey.map(|key| key.last_digits()).unwrap_or_default();
    let what = match entry {
        Some(entry) => format!("{} in slot", entry.state.word()),
        None => "empty slot".to_owned(),
    };
    let consumer = row.consumer.as_deref().unwrap_or("no consumer");
    let of = subkey.map_or_else(|| consumer.to_owned(), |key| name_of(model, &key));
    let since = entry.and_then(|entry| entry.since).map(Timestamp::date).unwrap_or_default();
    // The last cell has a day for what is looked at again by people.
    let seen = match (&row.trouble, row.is_frozen, row.is_seen) {
        (Some(_), ..) => "not seen",
        (None, true, _) => "frozen",
        (None, false, true) if row.is_let_again_unseen() => "not frozen",
        (None, false, true) => "seen",
        (None, false, false) => "",
    };
    let text = cells([&what, &digits, &of, &row.slot.id, "", &since, seen], columns, skin);
    let cursor = if is_here { skin.glyphs.cursor } else { " " };
    Line::styled(format!("{cursor} {mark} {text}"), if is_here { theme.selected } else { style })
}

/// All of it, and what follows where it is lost or in other hands.
pub(super) fn in_full(model: &Model, row: &SlotRow, entry: Option<&InSlot>, lines: &mut Lines<'_>) {
    let theme = &model.skin.theme;
    let contents: Vec<_> = row.slot.contents.values().map(|content| content.word()).collect();
    let consumer = row.consumer.as_deref().unwrap_or("no consumer");
    let kind = row.slot.kind.word();
    lines.title(&format!("{} of {consumer}: {} in {kind}", row.slot.id, contents.join(", ")));
    lines.field("Place", &row.slot.place);
    if let Some(trouble) = &row.trouble {
        lines.styled_field("Not seen", VisibleText::from_text(trouble).as_str(), theme.warn);
    }
    let words = row.frozen.as_ref().map(Frozen::words).unwrap_or_default();
    if row.is_frozen {
        let text = format!("nobody reads it {words}");
        lines.styled_field("Frozen", text.trim_end(), theme.warn);
    }
    if row.is_let_again_unseen() {
        let text = format!("not seen so, though no run has let it again: {words}");
        lines.styled_field("Frozen", &text, theme.error);
    }
    if let Some(entry) = entry {
        let subkey = entry.subkey.map_or_else(|| "not known".to_owned(), |key| grouped(&key.hex()));
        lines.field("Subkey", &subkey);
        let proved = if entry.is_proved { ", proved to be what was put there" } else { "" };
        let since = entry.since.map(|at| format!(" since {}", at.date_in_words(model.now)));
        let state = entry.state.word();
        let note = entry.state.note();
        let state = format!("{state} ({note}){}{proved}", since.unwrap_or_default());
        let style = if entry.state.is_wrong() { theme.error } else { theme.text };
        lines.styled_field("State", &state, style);
        lines.field("Version", VisibleText::from_text(&entry.version).as_str());
    }
    let readers: Vec<_> = row.slot.readers.iter().map(|reader| reader.who.as_str()).collect();
    let readers =
        if readers.is_empty() { "nobody is named".to_owned() } else { readers.join(", ") };
    lines.field("Readers", &readers);
    let Some(register) = model.register() else { return };
    for line in if_lost(row, register) {
        lines.field("If lost", &line);
    }
    for line in if_leaked(row, register) {
        lines.field("If leaked", &line);
    }
    for fact in &row.facts {
        lines.field("Found out", VisibleText::from_text(fact).as_str());
    }
    let source = match &model.custody.seen {
        _ if model.place == Place::Demo => "Made up: the demo asks nobody.".to_owned(),
        Some((at, _)) if row.is_seen => format!("As the place said at {}.", at.minute()),
        _ => "By the record; R asks the places, and fetches no secret.".to_owned(),
    };
    lines.text(&source, theme.muted);
}
