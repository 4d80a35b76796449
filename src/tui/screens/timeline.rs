//! The keys of each consumer in time: what is there, what is planned, where
//! none can sign.
//!
//! Keys that follow each other stand in two lines by turns, so that their
//! overlap shows; letters mark the steps of rotations.

use std::borrow::Cow;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::domain::assessment::{Assessment, short};
use crate::domain::period::Period;
use crate::domain::schedule::{ActionKind, Lifetime, Track, TroubleKind};
use crate::domain::timestamp::Timestamp;
use crate::domain::validity::State;
use crate::engine::reading::Stage;
use crate::tui::model::Model;
use crate::tui::widgets::lines::{Lines, fit};
use crate::tui::widgets::listing::first_shown;
use crate::tui::widgets::rule::{draw_rule, part};

/// Lines of one row.
const HIGH: usize = 2;

/// One row: a consumer, or a primary key.
struct Row<'a> {
    name: &'a str,
    owner: &'a str,
    track: Cow<'a, Track>,
    is_consumer: bool,
}

/// Which row, by its place among the tracks or the certificates.
#[derive(Clone, Copy)]
enum Place {
    Consumer(usize),
    /// A certificate, and the place of the key in it.
    Key(usize, usize),
}

/// Draws the timeline.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &mut Model) {
    let rows = places(model);
    model.window.selected = model.window.selected.min(rows.len().saturating_sub(1));
    if rows.is_empty() {
        empty(frame, area, model);
        return;
    }
    let about: u16 = if area.height >= 18 { 7 } else { 3 };
    let [axis, body, rule, below] = Layout::vertical([
        Constraint::Length(2),
        Constraint::Fill(1),
        Constraint::Length(1),
        Constraint::Length(about),
    ])
    .areas(area);
    let name = if area.width >= 90 { 24 } else { 16 };
    let columns = usize::from(area.width).saturating_sub(name);
    let scale = Scale::new(model.window.bounds(model.now), columns);
    let shown = usize::from(body.height) / HIGH;
    scroll(model, rows.len(), shown);
    frame.render_widget(Paragraph::new(axis_lines(model, &scale, name)), axis);
    let top = model.window.top;
    let lines: Vec<_> = rows
        .iter()
        .enumerate()
        .skip(top)
        .take(shown.max(1))
        .filter_map(|(index, place)| Some((index == model.window.selected, row(model, *place)?)))
        .flat_map(|(selected, row)| row_lines(model, &scale, &row, name, selected))
        .collect();
    frame.render_widget(Paragraph::new(lines), body);
    draw_rule(frame, rule, &model.skin, &part("rows", top, shown, rows.len()));
    let selected = rows.get(model.window.selected);
    if let Some(row) = selected.and_then(|place| row(model, *place)) {
        frame.render_widget(Paragraph::new(about_row(model, &row, area.width)), below);
    }
}

fn scroll(model: &mut Model, all: usize, shown: usize) {
    let window = &mut model.window;
    window.top = first_shown(window.selected, window.top, all, shown);
}

fn empty(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let mut lines = Lines::new(&model.skin, usize::from(area.width));
    lines.blank();
    let reading = matches!(model.stage, Stage::Listing | Stage::Verifying);
    lines.text(if reading { "Reading ..." } else { "No keys." }, model.skin.theme.warn);
    lines.blank();
    lines.text(
        "Here the keys of each consumer stand side by side in time, with their successors, so that \
         a rotation that comes too late is seen a year ahead.",
        model.skin.theme.text,
    );
    frame.render_widget(Paragraph::new(lines.finish()), area);
}

/// Consumers first, then the primary keys that can be used; without consumers
/// also the subkeys that sign.
fn places(model: &Model) -> Vec<Place> {
    let tracks = model.managed.as_ref().map_or(0, |managed| managed.tracks.len());
    let items = model.list.items().iter().enumerate();
    let keys = items.flat_map(|(place, item)| {
        let keys = item.assessment.iter().flat_map(Assessment::keys).enumerate();
        keys.filter(move |(index, (_, verdict))| {
            let is_usable = matches!(verdict.state, State::Valid | State::NotYetValid);
            let is_signer = verdict.capabilities.sign && tracks == 0;
            let has_ended = verdict.state == State::Expired;
            if *index == 0 { is_usable } else { is_signer && (is_usable || has_ended) }
        })
        .map(move |(index, _)| Place::Key(place, index))
    });
    (0..tracks).map(Place::Consumer).chain(keys).collect()
}

fn row(model: &Model, place: Place) -> Option<Row<'_>> {
    match place {
        Place::Consumer(place) => {
            let managed = model.managed.as_ref()?;
            let (consumer, track) = managed.tracks.get(place)?;
            let declared = managed.team.workspace.consumers.iter().find(|c| c.id == *consumer);
            let owner = declared.and_then(|consumer| consumer.owner.as_deref()).unwrap_or_default();
            Some(Row { name: consumer, owner, track: Cow::Borrowed(track), is_consumer: true })
        }
        Place::Key(place, index) => {
            let assessment = model.list.items().get(place)?.assessment.as_ref()?;
            let (key, verdict) = assessment.keys().nth(index)?;
            let keys = vec![Lifetime {
                from: key.created,
                until: verdict.effective_expires,
                is_planned: false,
            }];
            let track = Cow::Owned(Track { keys, ..Track::default() });
            let owner = if index == 0 { "" } else { assessment.role(index) };
            Some(Row { name: short(assessment.name()), owner, track, is_consumer: false })
        }
    }
}

/// Columns of instants.
struct Scale {
    start: Timestamp,
    end: Timestamp,
    columns: usize,
}

impl Scale {
    fn new((start, end): (Timestamp, Timestamp), columns: usize) -> Self {
        Self { start, end, columns }
    }

    /// The column of an instant; it may lie outside.
    fn column(&self, at: Timestamp) -> i64 {
        let whole = (self.end.unix() - self.start.unix()).max(1);
        let columns = i64::try_from(self.columns).unwrap_or(1);
        let from = at.unix().saturating_sub(self.start.unix());
        i64::try_from(i128::from(from) * i128::from(columns) / i128::from(whole)).unwrap_or(0)
    }

    /// The column of an instant, if it is shown.
    fn place(&self, at: Timestamp) -> Option<usize> {
        usize::try_from(self.column(at)).ok().filter(|column| *column < self.columns)
    }

    /// The columns between two instants, at least one.
    fn range(&self, from: Timestamp, until: Option<Timestamp>) -> std::ops::Range<usize> {
        let last = i64::try_from(self.columns).unwrap_or(0);
        let clamp = |column: i64| usize::try_from(column.clamp(0, last)).unwrap_or(0);
        let (from, until) = (self.column(from), until.map_or(last, |until| self.column(until)));
        if until < 0 || from >= last {
            return 0..0;
        }
        clamp(from)..clamp(until.max(from + 1))
    }
}

/// The names of months or years over the columns, and today.
fn axis_lines(model: &Model, scale: &Scale, name: usize) -> Vec<Line<'static>> {
    let theme = &model.skin.theme;
    let mut labels = vec![' '; scale.columns];
    let mut ticks = vec![' '; scale.columns];
    let months = model.window.months();
    // Wide enough for a label at each.
    let step = [1, 3, 6, 12, 24, 48]
        .into_iter()
        .find(|step| scale.columns as u64 * u64::from(*step) >= 9 * u64::from(months))
        .unwrap_or(48);
    let mut at = first_of_month(scale.start);
    for _ in 0..=months / step + 1 {
        if let Some(column) = scale.place(at) {
            put(&mut ticks, column, model.skin.glyphs.vertical);
            let label = at.date();
            let label = if step < 12 { label.get(..7) } else { label.get(..4) };
            for (offset, letter) in label.unwrap_or_default().chars().enumerate() {
                if let Some(cell) = labels.get_mut(column + offset) {
                    *cell = letter;
                }
            }
        }
        at = at.after(Period::Months(step));
    }
    let mut ticks: Vec<_> =
        ticks.into_iter().map(|c| Span::styled(c.to_string(), theme.muted)).collect();
    if let Some(cell) = scale.place(model.now).and_then(|column| ticks.get_mut(column)) {
        *cell = Span::styled("T", theme.key);
    }
    let span = format!("{months} months");
    let labels: String = labels.into_iter().collect();
    let mut second = vec![Span::styled(fit("T today", name, ""), theme.muted)];
    second.extend(ticks);
    vec![
        Line::from(vec![
            Span::styled(fit(&span, name, ""), theme.muted),
            Span::styled(labels, theme.muted),
        ]),
        Line::from(second),
    ]
}

fn first_of_month(at: Timestamp) -> Timestamp {
    let text = at.date();
    let first = format!("{}-01", text.get(..7).unwrap_or_default());
    let first = Timestamp::parse(&first).unwrap_or(at);
    if first < at { first.after(Period::Months(1)) } else { first }
}

fn put(cells: &mut [char], column: usize, glyph: &str) {
    if let (Some(cell), Some(letter)) = (cells.get_mut(column), glyph.chars().next()) {
        *cell = letter;
    }
}

fn row_lines(
    model: &Model,
    scale: &Scale,
    row: &Row<'_>,
    name: usize,
    selected: bool,
) -> Vec<Line<'static>> {
    let (theme, glyphs) = (&model.skin.theme, &model.skin.glyphs);
    let mut lines: Vec<Vec<(&str, Style)>> = vec![vec![(" ", theme.text); scale.columns]; HIGH];
    if let Some(column) = scale.place(model.now) {
        for line in &mut lines {
            paint(line, column..column + 1, glyphs.vertical, theme.muted);
        }
    }
    for (index, life) in row.track.keys.iter().enumerate() {
        let (glyph, style) = if life.is_planned {
            (glyphs.bar_empty, theme.planned)
        } else {
            (glyphs.bar_full, theme.ok)
        };
        if let Some(line) = lines.get_mut(index % HIGH) {
            paint(line, scale.range(life.from, life.until), glyph, style);
        }
    }
    for trouble in &row.track.troubles {
        let (first, rest) = match trouble.kind {
            TroubleKind::Gap => ("!", glyphs.dot),
            TroubleKind::Clash => ("x", "x"),
        };
        let columns = scale.range(trouble.from, trouble.until);
        for line in &mut lines {
            paint(line, columns.clone(), rest, theme.error);
            paint(
                line,
                columns.start..columns.start + usize::from(!columns.is_empty()),
                first,
                theme.error,
            );
        }
    }
    // A step stands in the line of the key that is made.
    for (index, turn) in row.track.turns.iter().enumerate() {
        let steps =
            [(turn.generate, "g"), (turn.publish, "p"), (turn.activate, "a"), (turn.retire, "r")];
        for (at, letter) in steps {
            let line = lines.get_mut((index + 1) % HIGH);
            if let (Some(column), Some(line)) = (scale.place(at), line) {
                paint(line, column..column + 1, letter, theme.key);
            }
        }
    }
    let cursor = if selected { glyphs.cursor } else { " " };
    let style = if selected { theme.selected } else { theme.title };
    let labels =
        [(format!("{cursor} {}", row.name), style), (format!("   {}", row.owner), theme.muted)];
    labels
        .into_iter()
        .zip(lines)
        .map(|((label, style), cells)| {
            let label = fit(&label, name - 1, glyphs.ellipsis) + " ";
            let mut spans = vec![Span::styled(label, style)];
            spans.extend(
                cells.into_iter().map(|(glyph, style)| Span::styled(glyph.to_owned(), style)),
            );
            Line::from(spans)
        })
        .collect()
}

fn paint<'a>(
    line: &mut [(&'a str, Style)],
    columns: std::ops::Range<usize>,
    glyph: &'a str,
    style: Style,
) {
    for cell in line.get_mut(columns).into_iter().flatten() {
        *cell = (glyph, style);
    }
}

/// The chosen row in words.
fn about_row(model: &Model, row: &Row<'_>, columns: u16) -> Vec<Line<'static>> {
    let theme = &model.skin.theme;
    let mut lines = Lines::new(&model.skin, usize::from(columns));
    let present = row.track.keys.first();
    let until = present.and_then(|life| life.until);
    let ends = match (present, until) {
        (None, _) => "no key that can sign".to_owned(),
        (Some(_), None) => "does not end".to_owned(),
        (Some(_), Some(until)) if until <= model.now => {
            format!("ended {}", until.date_with_distance(model.now))
        }
        (Some(_), Some(until)) => format!("ends {}", until.date_with_distance(model.now)),
    };
    let what = match (row.is_consumer, row.owner) {
        (true, _) => "present key",
        (false, "") => "primary key",
        (false, role) => role,
    };
    lines.title(&format!("{}: {what} {ends}", row.name));
    for trouble in &row.track.troubles {
        lines.text(&format!("{} {trouble}", model.skin.glyphs.error), theme.error);
    }
    if row.is_consumer {
        lines.text(&steps(model, row), theme.text);
        lines.text(
            "g generate, p publish, a activate, r retire; the two lines hold keys by turns; ! no key \
             can sign",
            theme.muted,
        );
    }
    lines.finish()
}

fn steps(model: &Model, row: &Row<'_>) -> String {
    let turns = row.track.steps().collect::<Vec<_>>();
    // The rotation that comes next, or that is under way.
    let later = turns.iter().position(|(kind, at)| *kind == ActionKind::Retire && *at >= model.now);
    let from = later.map_or(0, |index| index / 4 * 4);
    let words: Vec<_> = turns
        .iter()
        .skip(from)
        .take(4)
        .map(|(kind, at)| {
            let letter = kind.word().get(..1).unwrap_or_default();
            format!("{letter} {}", at.date_with_distance(model.now))
        })
        .collect();
    if words.is_empty() { "No rotation is planned.".to_owned() } else { words.join("  ") }
}
