//! What was found: in the keys, in what is declared, and in the input.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::domain::finding::{Finding, Severity};
use crate::domain::lint::rule_text;
use crate::domain::plan::Judged;
use crate::domain::text::{clip, counted, width};
use crate::domain::validity::Note;
use crate::engine::reading::Stage;
use crate::tui::model::{Model, Told};
use crate::tui::skin::Skin;
use crate::tui::widgets::lines::{Lines, fit};
use crate::tui::widgets::listing::Listing;

/// Draws findings, notes, and rejected parts: a list, and the chosen one in
/// full below it.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &mut Model) {
    let all = model.all_told().count();
    model.findings_at = model.findings_at.min(all.saturating_sub(1));
    let columns = usize::from(area.width);
    let words = profile_words(model);
    let [top, area] = Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]).areas(area);
    let words = clip(&words, columns, model.skin.glyphs.ellipsis);
    frame.render_widget(Paragraph::new(Line::styled(words, model.skin.theme.muted)), top);
    if all == 0 {
        nothing(frame, area, model);
        return;
    }
    let mut about = Lines::new(&model.skin, columns);
    if let Some(told) = model.all_told().nth(model.findings_at) {
        in_full(model, told, &mut about);
    }
    let listing = Listing {
        heading: String::new(),
        all,
        at: model.findings_at,
        top: model.findings_top,
        about: about.finish(),
        share: 6,
    };
    let told: Vec<_> = model.all_told().collect();
    let top = listing.draw(frame, area, &model.skin, |index, is_here| {
        told.get(index).map(|told| row(model, *told, is_here, columns)).unwrap_or_default()
    });
    model.findings_top = top;
}

/// By which rules, and how many were waived.
fn profile_words(model: &Model) -> String {
    let Some(managed) = &model.managed else { return String::new() };
    let waived = managed.plan.findings.iter().filter(|judged| judged.is_waived).count();
    let waived = if waived > 0 { format!("; {waived} waived") } else { String::new() };
    let idle = match managed.plan.idle.len() {
        0 => String::new(),
        idle => format!("; {} of keyrite.toml waive nothing", counted(idle, "waiver")),
    };
    format!("By the rules of {}{waived}{idle}", managed.team.policy.profile)
}

fn nothing(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let theme = &model.skin.theme;
    let mut lines = Lines::new(&model.skin, usize::from(area.width));
    let text = if model.stage == Stage::Finished {
        "No findings: every certificate in what was read could be used and keeps the rules, and no \
         secret key was in it."
    } else {
        "Nothing found so far; the input is still being read."
    };
    lines.blank();
    lines.text(text, theme.ok);
    lines.blank();
    lines.text(
        "Here would stand what is wrong with the keys and with what is declared of them, and what \
         is wrong with the input: damaged or foreign parts with their place, and files that hold \
         secret keys.",
        theme.muted,
    );
    frame.render_widget(Paragraph::new(lines.finish()), area);
}

fn of_severity(skin: &Skin, severity: Severity) -> (&'static str, Style) {
    match severity {
        Severity::Error => (skin.glyphs.error, skin.theme.error),
        Severity::Warning => (skin.glyphs.warn, skin.theme.warn),
        Severity::Note => (skin.glyphs.dot, skin.theme.text),
    }
}

fn mark(skin: &Skin, told: Told<'_>) -> (&'static str, Style) {
    match told {
        Told::Finding(judged) if judged.is_waived => (skin.glyphs.past, skin.theme.muted),
        Told::Finding(Judged { finding, .. }) | Told::Early(finding) => {
            of_severity(skin, finding.severity)
        }
        Told::Note(_, Note::BadRevocation) | Told::Rejected(_) => {
            (skin.glyphs.error, skin.theme.error)
        }
        Told::Note(..) => (skin.glyphs.warn, skin.theme.warn),
        Told::PassedOver(_) => (skin.glyphs.dot, skin.theme.muted),
    }
}

/// One line of the list.
fn row(model: &Model, told: Told<'_>, selected: bool, columns: usize) -> Line<'static> {
    let skin = &model.skin;
    let (mark, style) = mark(skin, told);
    let (what, of, text) = match told {
        Told::Finding(Judged { finding, is_waived, .. }) => {
            let what = if *is_waived { "waived" } else { finding.severity.word() };
            (
                format!("{what:<7} {}", finding.id),
                finding.subject.to_string(),
                brief(finding).to_owned(),
            )
        }
        Told::Early(finding) => {
            let what = format!("{:<7} {}", finding.severity.word(), finding.id);
            (what, finding.subject.to_string(), brief(finding).to_owned())
        }
        Told::Note(item, note) => ("note".to_owned(), item.name().to_owned(), note.to_string()),
        Told::Rejected(rejected) => {
            ("rejected".to_owned(), rejected.place(), rejected.reason.clone())
        }
        Told::PassedOver(passed) => {
            ("passed over".to_owned(), passed.source.to_string(), passed.reason.clone())
        }
    };
    let cursor = if selected { skin.glyphs.cursor } else { " " };
    let name = if columns >= 90 { 34 } else { 22 };
    let left = format!("{cursor} {mark} {what:<15}  ");
    let right = format!("{}  {text}", fit(&of, name, skin.glyphs.ellipsis));
    let right = fit(&right, columns.saturating_sub(width(&left)), skin.glyphs.ellipsis);
    let own = |style| if selected { skin.theme.selected } else { style };
    let is_over =
        matches!(told, Told::PassedOver(_) | Told::Finding(Judged { is_waived: true, .. }));
    let text = if is_over { skin.theme.muted } else { skin.theme.text };
    Line::from(vec![Span::styled(left, own(style)), Span::styled(right, own(text))])
}

/// The message without the key that it speaks of, which stands below.
fn brief(finding: &Finding) -> &str {
    let is_key = |start: &str| finding.about.iter().any(|key| start.ends_with(&key.hex()));
    match finding.message.split_once(": ") {
        Some((start, rest)) if is_key(start) => rest,
        _ => &finding.message,
    }
}

/// The chosen one: evidence, why, how to mend it.
fn in_full(model: &Model, told: Told<'_>, lines: &mut Lines<'_>) {
    let (_, style) = mark(&model.skin, told);
    match told {
        Told::Finding(judged) => {
            finding(&judged.finding, style, lines);
            if let Some(words) = judged.waiver_words(model.now) {
                lines.field("Waiver", &words);
            }
        }
        Told::Early(early) => finding(early, style, lines),
        Told::Note(item, note) => {
            lines.title(item.name());
            lines.field("Note", &note.to_string());
        }
        Told::Rejected(rejected) => {
            lines.title(&rejected.place());
            lines.field("Rejected", &rejected.reason);
            lines.field("What is safe", "the other parts of the input are read all the same");
        }
        Told::PassedOver(passed) => {
            lines.title(passed.source.as_str());
            lines.field("Passed over", &passed.reason);
        }
    }
}

fn finding(finding: &Finding, style: Style, lines: &mut Lines<'_>) {
    let text = rule_text(finding.id);
    let title = format!("{} {}: {}", finding.severity.word(), finding.id, finding.subject);
    lines.text(&title, style);
    // Where there is little room the rest is cut.
    lines.field("Found", &finding.message);
    lines.field("What to do", &finding.remedy);
    lines.field("Rule", finding.id.rule());
    lines.field("Why", text.why);
    lines.field("Source", text.source);
}
