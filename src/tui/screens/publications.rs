//! Where each certificate is published, and what users of that place get of
//! it, held against what they should.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use crate::domain::publication::{Component, DoorRow, Verdict};
use crate::domain::text::VisibleText;
use crate::domain::worded::Worded as _;
use crate::engine::run::grouped;
use crate::tui::model::{Model, Place, Published};
use crate::tui::skin::Skin;
use crate::tui::widgets::lines::Lines;
use crate::tui::widgets::listing::{self, Listing, as_page, page_columns};

/// Columns from which there is room for the place.
const ROOMY: usize = 100;
/// Columns from which there is room for the kind.
const MIDDLE: usize = 78;

/// Draws the list.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &mut Model) {
    let all = model.published();
    if all.is_empty() {
        return nothing(frame, area, model);
    }
    let columns = usize::from(area.width);
    let at = model.publications.at.min(all.len() - 1);
    let about = all.get(at).map(|one| about(model, one, columns)).unwrap_or_default();
    let heading = ["USERS GET", "TARGET", "KIND", "KEY", "LOOKED AT", "PLACE"];
    let listing = Listing {
        heading: format!("    {}", cells(heading, columns, &model.skin)),
        all: all.len(),
        at,
        top: model.publications.top,
        about,
        share: 5,
    };
    let top = listing.draw(frame, area, &model.skin, |index, is_here| {
        all.get(index).map(|one| row(model, one, is_here, columns)).unwrap_or_default()
    });
    (model.publications.at, model.publications.top) = (at, top);
}

/// All of what is selected, to be read where the screen has no room for it:
/// its title and its lines.
#[must_use]
pub fn page(model: &Model) -> Option<(String, Vec<String>)> {
    let all = model.published();
    let one = all.get(model.publications.at.min(all.len().checked_sub(1)?))?;
    as_page(about(model, one, page_columns(model.size.0)))
}

fn cells(cells: [&str; 6], columns: usize, skin: &Skin) -> String {
    let widths = match columns {
        ROOMY.. => [13, 18, 14, 8, 10, 0],
        MIDDLE.. => [13, 0, 14, 8, 10, 0],
        _ => [13, 0, 0, 8, 10, 0],
    };
    let widest = if columns < ROOMY { 1 } else { 5 };
    listing::cells(cells, widths, widest, columns, skin)
}

/// The mark of a verdict, and how it is drawn.
fn look(model: &Model, verdict: Option<Verdict>) -> (&'static str, Style) {
    let (glyphs, theme) = (&model.skin.glyphs, &model.skin.theme);
    match verdict {
        Some(Verdict::Match) => (glyphs.ok, theme.text),
        Some(Verdict::Foreign | Verdict::Rollback) => (glyphs.error, theme.error),
        Some(Verdict::Missing | Verdict::Stale | Verdict::Unreachable) => (glyphs.warn, theme.warn),
        None => (" ", theme.muted),
    }
}

fn row(model: &Model, one: &Published, is_here: bool, columns: usize) -> Line<'static> {
    let (skin, theme) = (&model.skin, &model.skin.theme);
    let (mark, style) = look(model, one.verdict());
    let verdict = one.verdict().map_or("not looked at", Verdict::word);
    let text = cells(
        [
            verdict,
            &one.target.id,
            one.target.kind.word(),
            &one.certificate.last_digits(),
            &looked(model, one).unwrap_or_default(),
            &one.target.place,
        ],
        columns,
        skin,
    );
    let cursor = if is_here { skin.glyphs.cursor } else { " " };
    Line::styled(format!("{cursor} {mark} {text}"), if is_here { theme.selected } else { style })
}

/// When users' door was tried last.
fn looked(model: &Model, one: &Published) -> Option<String> {
    let now = one.seen.as_ref().and(model.publications.seen.as_ref()).map(|(at, _)| at.date());
    now.or_else(|| one.before.as_ref().map(|before| before.seen.at.date()))
}

/// All of it: what users get by each door, and what they should.
fn about(model: &Model, one: &Published, columns: usize) -> Vec<Line<'static>> {
    let mut lines = Lines::new(&model.skin, columns);
    let (theme, target) = (&model.skin.theme, &one.target);
    let (_, style) = look(model, one.verdict());
    let verdict = one.verdict().map_or("nobody has looked yet", meaning);
    lines.title(&format!("{}: {verdict}", target.id));
    if let Some(next) = one.verdict().and_then(Verdict::next) {
        lines.styled_field("Next", next, style);
    }
    lines.field("Place", &format!("{} ({})", target.place, target.kind.word()));
    lines.field("Key", &grouped(&one.certificate.hex()));
    let waits =
        if target.blocking { "a rotation waits for it" } else { "no rotation waits for it" };
    lines.field("Takes", &format!("the {} form; {waits}", target.certificate_form().word()));
    if let Some(seen) = &one.seen {
        if let Some(trouble) = &seen.trouble {
            lines.styled_field("Trouble", VisibleText::from_text(trouble).as_str(), style);
        }
        for door in &seen.doors {
            of_door(model, door, &mut lines);
        }
        for fact in &seen.facts {
            lines.field("Found out", VisibleText::from_text(fact).as_str());
        }
        if let Some(awaits) = &seen.awaits {
            lines.styled_field("Waits for", VisibleText::from_text(awaits).as_str(), theme.warn);
        }
    } else if let Some(before) = &one.before {
        let when = before.seen.at.date_with_distance(model.now);
        lines.field("Seen last", &format!("{}, on {when}", before.seen.verdict.word()));
        for part in &before.unseen {
            let words = VisibleText::from_text(&part.words());
            lines.styled_field("Not seen", words.as_str(), style);
        }
    }
    let source = match (&one.seen, &model.publications.seen) {
        _ if model.place == Place::Demo => "Made up: the demo asks nobody.".to_owned(),
        (Some(_), Some((at, _))) => format!("As users got it at {}.", at.minute()),
        _ => "By the record; R asks the targets as their users do.".to_owned(),
    };
    lines.text(&source, theme.muted);
    lines.finish()
}

/// What a door gives, and how that differs from what it should.
fn of_door(model: &Model, door: &DoorRow, lines: &mut Lines<'_>) {
    let judgement = &door.judgement;
    let (_, style) = look(model, Some(judgement.verdict));
    let name = VisibleText::from_text(&door.name);
    lines.styled_field("Door", &format!("{name}: {}", judgement.verdict.word()), style);
    let mut differ = |label: &str, parts: &[Component]| {
        for part in parts {
            lines.styled_field(label, VisibleText::from_text(&part.words()).as_str(), style);
        }
    };
    differ("Not ours", &judgement.foreign);
    differ("Gone", &judgement.lost);
    differ("Lacks", &judgement.lacking);
    for fact in &judgement.facts {
        lines.field("", VisibleText::from_text(fact).as_str());
    }
}

/// A verdict in a sentence.
const fn meaning(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Unreachable => "unreachable, nobody answers there",
        Verdict::Foreign => "foreign, it serves what the team has not made",
        Verdict::Rollback => "rollback, it serves less than it did",
        Verdict::Missing => "missing, it does not have the certificate",
        Verdict::Stale => "stale, it serves less than it should",
        Verdict::Match => "match, users get what was published",
    }
}

fn nothing(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let mut lines = Lines::new(&model.skin, usize::from(area.width));
    lines.blank();
    lines.title("Publications");
    lines.blank();
    let text = "keyrite.toml declares no target, or there is no certificate yet. Here every place \
                where users find your certificates stands beside what it gives them, so that copies \
                that disagree are seen.";
    lines.text(text, model.skin.theme.text);
    lines.blank();
    let text = "docs/targets says which kinds there are: keyservers, S3, Web Key Directories, git, \
                Apache's KEYS, Spack mirrors, folders, pages.";
    lines.text(text, model.skin.theme.muted);
    frame.render_widget(Paragraph::new(lines.finish()), area);
}
