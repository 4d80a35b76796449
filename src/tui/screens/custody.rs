//! What lies where: subkeys' secrets in slots, and copies of primary keys,
//! revocation certificates and parcels on media, with the day on which somebody
//! looks at each again.

mod slots;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use crate::domain::assessment::Assessment;
use crate::domain::custody::{Copy, Held, Standing};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;
use crate::engine::run::grouped;
use crate::tui::model::{Kept, Model};
use crate::tui::skin::Skin;
use crate::tui::widgets::lines::Lines;
use crate::tui::widgets::listing::{self, Listing, as_page, page_columns};

/// Columns from which there is room for how far away a day is.
const ROOMY: usize = 138;
/// Columns from which there is room for the name of the certificate.
const NAMED: usize = 78;
/// The cell with the name of the certificate.
const NAME: usize = 2;
/// The cell that says with whom it is, or in which slot.
const WITH: usize = 3;

/// Draws the register.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &mut Model) {
    let copies = model.kept();
    if copies.is_empty() {
        return nothing(frame, area, model);
    }
    let columns = usize::from(area.width);
    let at = model.custody.at.min(copies.len() - 1);
    let about = copies.get(at).map(|kept| about(model, kept, columns)).unwrap_or_default();
    let heading = ["WHAT", "KEY", "OF", "WITH", "BAG", "PROVED", "AGAIN"];
    let listing = Listing {
        heading: format!("    {}", cells(heading, columns, &model.skin)),
        all: copies.len(),
        at,
        top: model.custody.top,
        about,
        share: 5,
    };
    let top = listing.draw(frame, area, &model.skin, |index, is_here| match copies.get(index) {
        Some(Kept::Copy(copy)) => row(model, copy, is_here, columns),
        Some(Kept::InSlot(row, entry)) => slots::row(model, row, entry.as_ref(), is_here, columns),
        None => Line::default(),
    });
    (model.custody.at, model.custody.top) = (at, top);
}

/// All of it.
fn about(model: &Model, kept: &Kept, columns: usize) -> Vec<Line<'static>> {
    let mut lines = Lines::new(&model.skin, columns);
    match kept {
        Kept::Copy(copy) => in_full(model, copy, &mut lines),
        Kept::InSlot(row, entry) => slots::in_full(model, row, entry.as_ref(), &mut lines),
    }
    lines.finish()
}

/// All of what is selected, to be read where the screen has no room for it:
/// its title and its lines.
#[must_use]
pub fn page(model: &Model) -> Option<(String, Vec<String>)> {
    let kept = model.kept();
    let one = kept.get(model.custody.at.min(kept.len().checked_sub(1)?))?;
    as_page(about(model, one, page_columns(model.size.0)))
}

/// What it is called, of which key and certificate, with whom, under which
/// number, and days. What a narrow terminal has no room for stands below the
/// list, and on a page of its own; the name of the certificate has the room
/// that is left, or with whom it is where there is no room for names.
fn cells(cells: [&str; 7], columns: usize, skin: &Skin) -> String {
    let widths = match columns {
        ROOMY.. => [17, 8, 0, 24, 6, 10, 20],
        98.. => [17, 8, 0, 16, 6, 10, 10],
        NAMED.. => [17, 8, 0, 12, 5, 0, 10],
        _ => [17, 8, 0, 0, 0, 0, 10],
    };
    let widest = if columns < NAMED { WITH } else { NAME };
    listing::cells(cells, widths, widest, columns, skin)
}

fn row(model: &Model, copy: &Copy, is_here: bool, columns: usize) -> Line<'static> {
    let (skin, theme) = (&model.skin, &model.skin.theme);
    let (mark, style) = match copy.standing(model.now) {
        Standing::Over => (skin.glyphs.error, theme.error),
        Standing::Due => (skin.glyphs.warn, theme.warn),
        Standing::Fine => (skin.glyphs.ok, theme.text),
    };
    let date = |due: Timestamp| {
        if columns < ROOMY { due.date() } else { due.date_with_distance(model.now) }
    };
    let again = copy.due().map(date).unwrap_or_default();
    let text = cells(
        [
            what(model, copy),
            &copy.key.last_digits(),
            &name_of(model, &copy.key),
            &with(copy),
            copy.number.as_str(),
            &copy.proved.date(),
            &again,
        ],
        columns,
        skin,
    );
    let cursor = if is_here { skin.glyphs.cursor } else { " " };
    let line = format!("{cursor} {mark} {text}");
    Line::styled(line, if is_here { theme.selected } else { style })
}

/// What it is; a revocation ends either the whole certificate or a subkey.
fn what(model: &Model, copy: &Copy) -> &'static str {
    match copy.held {
        Held::Root => "primary key",
        Held::Revocation if is_subkey(model, copy) => "subkey revocation",
        Held::Revocation => "revocation",
        Held::Parcel => "parcel",
    }
}

fn is_subkey(model: &Model, copy: &Copy) -> bool {
    owner(model, &copy.key).is_some_and(|one| one.certificate.fingerprint() != copy.key)
}

/// Who has it, or else where it is.
fn with(copy: &Copy) -> String {
    let parts = [copy.holder.as_str(), copy.location.as_str()];
    let said: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    if said.is_empty() { "not said".to_owned() } else { said.join(", ") }
}

/// The certificate that has the key.
fn owner<'a>(model: &'a Model, key: &Fingerprint) -> Option<&'a Assessment> {
    let mut assessments = model.list.items().iter().filter_map(|item| item.assessment.as_ref());
    assessments.find(|one| one.keys().any(|(one, _)| one.fingerprint == *key))
}

/// Its name.
fn name_of(model: &Model, key: &Fingerprint) -> String {
    owner(model, key).map_or_else(|| "a key not in certs/".to_owned(), |one| one.name().to_owned())
}

fn in_full(model: &Model, copy: &Copy, lines: &mut Lines<'_>) {
    let theme = &model.skin.theme;
    let of = if is_subkey(model, copy) { "of a subkey of" } else { "of" };
    let what = if copy.held == Held::Revocation { "revocation" } else { what(model, copy) };
    lines.title(&format!("{what} {of} {}", name_of(model, &copy.key)));
    lines.field("Key", &grouped(&copy.key.hex()));
    let number = VisibleText::from_text(&copy.name());
    lines.field("Where", &format!("{}; {number}", with(copy)));
    lines.field("Medium", copy.medium.as_str());
    let proved = copy.proved.date_in_words(model.now);
    lines.field("Proved", &format!("{proved}, in the run {}", copy.run));
    let Some(due) = copy.due() else { return };
    let (text, style) = match copy.standing(model.now) {
        Standing::Over => ("OVER: ", theme.error),
        Standing::Due => ("soon: ", theme.warn),
        Standing::Fine => ("", theme.text),
    };
    let again = match copy.held {
        Held::Root => "prove it again by",
        Held::Revocation => "ask its holder again by",
        Held::Parcel => "look at it again by",
    };
    let day = due.date_in_words(model.now);
    lines.styled_field("Next", &format!("{text}{again} {day}"), style);
}

fn nothing(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let mut lines = Lines::new(&model.skin, usize::from(area.width));
    lines.blank();
    lines.title("Custody");
    lines.blank();
    let text = "No ceremony has recorded a medium yet, and keyrite.toml declares no slot. Here \
                each subkey stands with the slots that hold its secret; and each copy of a primary \
                key, each revocation certificate and each parcel with its place, its holder, and \
                the day on which somebody looks at it again.";
    lines.text(text, model.skin.theme.text);
    lines.blank();
    let text = "root-generation makes a key and records where it is kept; 4 lists all ceremonies.";
    lines.text(text, model.skin.theme.muted);
    frame.render_widget(Paragraph::new(lines.finish()), area);
}
