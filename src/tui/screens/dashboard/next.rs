//! What must happen next, by whom and by when.

use std::collections::HashSet;

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::domain::plan::Plan;
use crate::domain::schedule::{Action, Due, HORIZON, Track};
use crate::domain::text::{clip, counted, width};
use crate::tui::model::Model;
use crate::tui::widgets::lines::fit;

/// The steps that come first, in as many rows as there are; nothing outside
/// of workspaces.
pub(super) fn lines(model: &Model, columns: usize, rows: usize) -> Vec<Line<'static>> {
    let (Some(plan), Some(managed)) = (model.plan(), &model.managed) else { return Vec::new() };
    let mut lines: Vec<_> = plan
        .refusals
        .iter()
        .map(|refusal| {
            let text = format!("{} {refusal}", model.skin.glyphs.error);
            Line::styled(clip(&text, columns, model.skin.glyphs.ellipsis), model.skin.theme.error)
        })
        .collect();
    lines.extend(open_run(model, columns));
    lines.extend(first_steps(plan).map(|action| row(model, action, columns)));
    if lines.is_empty() {
        return lines;
    }
    let hidden = lines.len().saturating_sub(rows.saturating_sub(1));
    lines.truncate(rows.saturating_sub(1));
    let steps = counted(plan.actions.len(), "step");
    let hidden = match hidden {
        0 => String::new(),
        1 => "1 more consumer; ".to_owned(),
        hidden => format!("{hidden} more consumers; "),
    };
    let text = format!("  {hidden}d shows {steps} and why{}", gaps(model, &managed.tracks));
    let text = clip(&text, columns, model.skin.glyphs.ellipsis);
    lines.push(Line::styled(text, model.skin.theme.muted));
    lines
}

/// The run that is under way, which comes before anything new.
fn open_run(model: &Model, columns: usize) -> Option<Line<'static>> {
    let mut open = model.ceremonies.runs.iter().filter(|run| run.state.is_open());
    let run = open.next()?;
    let more = match open.count() {
        0 => String::new(),
        more => format!(" (and {})", counted(more, "more run")),
    };
    let (skin, next) = (&model.skin, run.next.as_deref().unwrap_or("its transcript"));
    let text = format!(
        "{} {} {}{more}; next: {next}; 4 goes on",
        skin.glyphs.warn,
        run.state.word(),
        run.ceremony
    );
    Some(Line::styled(clip(&text, columns, skin.glyphs.ellipsis), skin.theme.warn))
}

/// The next step of each consumer; those behind it wait for it.
fn first_steps(plan: &Plan) -> impl Iterator<Item = &Action> {
    let mut seen = HashSet::new();
    plan.actions.iter().filter(move |action| seen.insert(action.consumer.as_str()))
}

/// Consumers that cannot sign, now or in two years' time.
fn gaps(model: &Model, tracks: &[(String, Track)]) -> String {
    let soon = model.now.after(HORIZON);
    match tracks.iter().map(|(_, track)| track.troubles_until(soon).count()).sum() {
        0 => String::new(),
        gaps => format!("; 3 shows {}", counted(gaps, "gap")),
    }
}

/// One step; where there is little room the reason goes first, never the day.
fn row(model: &Model, action: &Action, columns: usize) -> Line<'static> {
    let (skin, theme) = (&model.skin, &model.skin.theme);
    let (mark, style): (&str, Style) = match action.due {
        Due::Overdue => (skin.glyphs.error, theme.error),
        Due::Now => (skin.glyphs.warn, theme.warn),
        Due::Later => (skin.glyphs.planned, theme.muted),
    };
    let due = format!("{mark} {:<8}", action.due.word());
    let owner = action.owner.as_deref().unwrap_or("no owner");
    let day = format!("by {}", action.latest_safe.date_with_distance(model.now));
    let what = format!("{} {}", action.kind.word(), action.consumer);
    let name = match columns {
        90.. => 30,
        70.. => 24,
        _ => 20,
    };
    let what = fit(&what, name, skin.glyphs.ellipsis);
    let mut spans = vec![
        Span::styled(format!("{due} "), style),
        Span::styled(what, theme.title),
        Span::styled(format!("  {}", fit(&day, 24, skin.glyphs.ellipsis)), style),
        Span::styled(format!("  {}", fit(owner, 10, skin.glyphs.ellipsis)), theme.text),
    ];
    let used: usize = spans.iter().map(|span| width(&span.content)).sum();
    let room = columns.saturating_sub(used + 2);
    if room > 12 {
        let why = clip(&action.why, room, skin.glyphs.ellipsis);
        spans.push(Span::styled(format!("  {why}"), theme.muted));
    }
    Line::from(spans)
}
