//! The step at which a run is: why, what will be done, what is asked, and the
//! buttons.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::buttons::draw_buttons;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::{VisibleText, clip, width};
use crate::domain::worded::Worded as _;
use crate::engine::effect::{Effect, EffectKind};
use crate::engine::event::Remark;
use crate::engine::run::{Ending, Planned, grouped, in_words};
use crate::engine::runner::{Prompt, RunView};
use crate::engine::transcript::{is_as_wanted, is_for_people, readable};
use crate::tui::model::{Answer, Held, Model, Said};
use crate::tui::widgets::lines::{Lines, fit};

/// Columns of the name of a field.
const LABEL: usize = 12;
/// Columns in front of what can be chosen.
const BEFORE: usize = 8;

/// Draws the step.
pub(super) fn draw(
    frame: &mut Frame<'_>,
    area: Rect,
    model: &Model,
    held: &mut Held,
    view: &RunView,
) {
    let buttons = held.buttons();
    let is_numbered = matches!(view.prompt, Prompt::Halted { .. });
    let high = if is_numbered { buttons.len() } else { 1 };
    let [above, below] = Layout::vertical([
        Constraint::Fill(1),
        Constraint::Length(u16::try_from(high).unwrap_or(1)),
    ])
    .areas(area);
    let columns = usize::from(area.width);
    let mut lines = Lines::new(&model.skin, columns);
    heading(model, view, &mut lines);
    let mut shown = lines.finish();
    let mut focus = None;
    for (index, answer) in held.answers.iter().enumerate() {
        let has_focus = index == held.focus && held.busy.is_none();
        let (first, caret) = field(model, answer, has_focus, columns, &mut shown);
        if has_focus {
            focus = Some((first, shown.len(), caret));
        }
    }
    let mut lines = Lines::new(&model.skin, columns);
    body(model, view, &mut lines);
    shown.extend(lines.finish());
    let rows = usize::from(above.height);
    let furthest = shown.len().saturating_sub(rows);
    held.top = held.top.min(furthest);
    if let Some((first, last, _)) = focus {
        held.top = held.top.max(last.saturating_sub(rows)).min(first);
    }
    if let Some((first, _, Some(caret))) = focus
        && first >= held.top
        && first < held.top + rows
    {
        let row = u16::try_from(first - held.top).unwrap_or(0);
        frame.set_cursor_position((above.x + caret.min(above.width - 1), above.y + row));
    }
    let more = furthest - held.top;
    held.rows = rows;
    held.is_read |= more == 0;
    let mut visible: Vec<_> = shown.into_iter().skip(held.top).take(rows).collect();
    if more > 0
        && let Some(last) = visible.last_mut()
    {
        let text = format!("{} {} more lines", model.skin.glyphs.ellipsis, more + 1);
        *last = Line::styled(text, model.skin.theme.muted);
    }
    frame.render_widget(Paragraph::new(visible), above);
    draw_buttons(frame, below, model, held, view, &buttons);
}

fn heading(model: &Model, view: &RunView, lines: &mut Lines<'_>) {
    let theme = &model.skin.theme;
    let Some(step) = view.step else { return };
    let of = view.place.as_ref().and_then(|at| at.item());
    let of = of.map(|item| format!(" ({item})")).unwrap_or_default();
    let undo = if step.reversible { "" } else { ", CANNOT BE UNDONE" };
    let kind = format!("[{}, {}{undo}]", step.word(), step.place_word());
    lines.title_with(&format!("{}{of}", step.title), &kind);
    // What stops a run comes before everything else.
    if let Prompt::Halted { remarks, can_except } = &view.prompt {
        halted(model, remarks, *can_except, lines);
        if view.can_go_back {
            lines.text("Where an answer has led here: b takes the last ones back.", theme.text);
        }
    } else {
        for remark in &view.remarks {
            let text = format!(
                "{} {}: {}; {}",
                model.skin.glyphs.warn, remark.id, remark.message, remark.remedy
            );
            lines.text(VisibleText::from_text(&text).as_str(), theme.warn);
        }
    }
    let glyphs = &model.skin.glyphs;
    let is_good = view.results.iter().all(|result| is_as_wanted(result));
    let mark = if is_good { glyphs.ok } else { glyphs.dot };
    if !view.results.is_empty() {
        lines.text("The step before this one told:", theme.muted);
    }
    for result in &view.results {
        lines.text(&format!("{mark} {result}"), theme.text);
    }
    lines.text(&format!("Why: {}", step.why), theme.muted);
    if let Some(failure) = &view.failure {
        let failure = VisibleText::from_text(failure);
        lines.text(&format!("{} last time: {failure}", model.skin.glyphs.error), theme.error);
    }
    lines.blank();
}

/// Adds a field; returns its row, and the column of the caret where something
/// is typed.
fn field(
    model: &Model,
    answer: &Answer,
    has_focus: bool,
    columns: usize,
    shown: &mut Vec<Line<'static>>,
) -> (usize, Option<u16>) {
    let (theme, glyphs) = (&model.skin.theme, &model.skin.glyphs);
    let first = shown.len();
    let cursor = if has_focus { glyphs.cursor } else { " " };
    let style = if has_focus { theme.focus } else { theme.text };
    shown.push(Line::styled(
        clip(&format!("{cursor} {}", answer.asked.field.label), columns, glyphs.ellipsis),
        style,
    ));
    let mut caret = None;
    match &answer.said {
        Said::Typed(line) => {
            let room = columns.saturating_sub(5).max(10);
            let scroll = line.visual_scroll(room);
            let value: String = line.value().chars().skip(scroll).collect();
            let style = if has_focus { theme.selected } else { theme.text };
            shown.push(Line::from(vec![
                Span::raw("  ["),
                Span::styled(fit(&value, room, ""), style),
                Span::raw("]"),
            ]));
            let column = 3 + line.visual_cursor().saturating_sub(scroll);
            caret = u16::try_from(column).ok();
        }
        Said::One(at) => {
            for (index, choice) in answer.asked.choices.iter().enumerate() {
                let mark = if *at == Some(index) { "(o)" } else { "( )" };
                shown.push(choice_line(model, mark, &choice.value, &choice.label, false, columns));
            }
        }
        Said::Several(ticked, at) => {
            let all = answer.asked.choices.iter().zip(ticked).enumerate();
            for (index, (choice, is_ticked)) in all {
                let mark = if *is_ticked { "[x]" } else { "[ ]" };
                let is_at = has_focus && index == *at;
                shown.push(choice_line(model, mark, &choice.value, &choice.label, is_at, columns));
            }
        }
    }
    if !matches!(answer.said, Said::Typed(_)) && answer.asked.choices.is_empty() {
        let text = "  nothing to choose from yet: declare it in keyrite.toml";
        shown.push(Line::styled(text, theme.warn));
    }
    let mut lines = Lines::new(&model.skin, columns);
    if let Some(wrong) = &answer.wrong {
        let wrong = VisibleText::from_text(wrong);
        lines.text(&format!("  {} {wrong}", glyphs.error), theme.error);
    } else if has_focus {
        lines.text(&format!("  {}", answer.asked.field.help), theme.muted);
    }
    shown.extend(lines.finish());
    // The caret stands in the line below the name.
    (if caret.is_some() { first + 1 } else { first }, caret)
}

fn text_of(shown: &str, label: &str) -> String {
    format!("{shown}  {label}")
}

fn choice_line(
    model: &Model,
    mark: &str,
    value: &str,
    label: &str,
    is_at: bool,
    columns: usize,
) -> Line<'static> {
    let (theme, glyphs) = (&model.skin.theme, &model.skin.glyphs);
    let shown = readable("", value);
    let text = match (value, label) {
        ("", label) => label.to_owned(),
        (value, label) if value == label => shown,
        // Both ends of a fingerprint tell it from the others: what it is has to
        // be in view.
        (value, label) if width(&text_of(&shown, label)) + BEFORE > columns => {
            let groups = Fingerprint::from_hex(value).map(|one| one.groups());
            let ends = groups.as_deref().map(|groups| match groups {
                [one, two, .., three, four] => format!("{one} {two} ... {three} {four}"),
                _ => shown.clone(),
            });
            text_of(&ends.unwrap_or(shown), label)
        }
        (_, label) => text_of(&shown, label),
    };
    let text = VisibleText::from_text(&text);
    let cursor = if is_at { glyphs.cursor } else { " " };
    let text = clip(&format!("  {cursor} {mark} {text}"), columns, glyphs.ellipsis);
    Line::styled(text, if is_at { theme.selected } else { theme.text })
}

fn body(model: &Model, view: &RunView, lines: &mut Lines<'_>) {
    let theme = &model.skin.theme;
    match &view.prompt {
        Prompt::Ask(_) | Prompt::Halted { .. } => {}
        Prompt::Check => {
            lines.text("The machine is looked at, and nothing on it is changed.", theme.text);
        }
        Prompt::Plan { planned, digest } => {
            lines.text("This will be done, and nothing else:", theme.text);
            plan_lines(model, planned, lines);
            lines.blank();
            lines.field("Digest", &grouped(&digest.hex()));
        }
        Prompt::Confirm(confirmation) => {
            let digits = confirmation.subject.trim_start_matches("sha256:");
            lines.field("Subject", &grouped_or_plain(digits));
            if let Some(place) = &confirmation.place {
                lines.field("Place", place);
            }
            let text = "It is confirmed by typing; the button opens that, and cancels at first.";
            lines.text(text, theme.text);
            if !confirmation.planned.is_empty() {
                lines.blank();
                lines.text("It is the digest of this plan:", theme.text);
                plan_lines(model, &confirmation.planned, lines);
            }
        }
        Prompt::Secret { secret, is_offered } => {
            lines.field("Wanted", secret.label);
            let text = match (secret.is_new, is_offered) {
                (_, true) => "One was made and shown. Type it back from the paper.",
                (true, false) => {
                    "It is chosen here. Have one made: it is shown once, to be written on paper, \
                     and then asked for. Or type one of your own, twice. Nothing is encrypted with \
                     it yet: one that was chosen before an interruption is void."
                }
                (false, false) => {
                    "It is typed without being shown, kept in locked memory while the run is \
                     open, and forgotten at every pause."
                }
            };
            lines.text(text, theme.text);
        }
        Prompt::Perform(effect) => effect_lines(effect, lines),
        Prompt::Wait { path, comes_back } => {
            let path = VisibleText::from_text(path);
            let text = if *comes_back {
                format!("Put it in again and mount it at {path}.")
            } else {
                format!("Unmount {path} and take it out.")
            };
            lines.text(&text, theme.text);
            if view.is_rehearsal {
                let text = if *comes_back {
                    "give the folder its name back"
                } else {
                    "give the folder another name"
                };
                lines.text(&format!("A folder stands for it: {text}."), theme.muted);
            }
        }
        Prompt::Doubt(why) => {
            lines.styled_field("Not known", VisibleText::from_text(why).as_str(), theme.warn);
            lines.field("Safe", "nothing is done again before it is known what happened");
            let next = "look again; where that does not help, pause and look at the place itself";
            lines.field("Next", next);
        }
        Prompt::Close => lines.text("All is done. The transcript is written last.", theme.ok),
        Prompt::Paused => lines.text("Paused: everything that was done is kept.", theme.ok),
        Prompt::Ended(ending) => {
            let (said, next) = match ending {
                Ending::Closed => {
                    ("The ceremony is done and the run is closed.", view.ceremony.next)
                }
                Ending::Abandoned => ("The run is given up.", view.given_up.as_str()),
            };
            lines.title(said);
            lines.blank();
            lines.field("Next", next);
            let command = format!("keyrite ceremony transcript {}", view.id);
            lines.field("Transcript", &format!("Enter on the run in the list, or {command}"));
        }
    }
}

fn grouped_or_plain(text: &str) -> String {
    let is_hex = text.len() >= 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hex { grouped(text) } else { VisibleText::from_text(text).into_string() }
}

fn plan_lines(model: &Model, planned: &[Planned], lines: &mut Lines<'_>) {
    let theme = &model.skin.theme;
    for (index, one) in in_words(planned).iter().enumerate() {
        let style = if one.reversible { theme.text } else { theme.warn };
        lines.text(&format!("{:>2} {}", index + 1, one.title), style);
        for input in &one.inputs {
            lines.text(&format!("     {input}"), theme.muted);
        }
    }
}

fn effect_lines(effect: &Effect, lines: &mut Lines<'_>) {
    let kind: EffectKind = effect.kind;
    lines.field("Will do", kind.word());
    for (name, value) in effect.inputs.iter().filter(|(name, _)| is_for_people(name)) {
        let value = readable(name, &value.text());
        lines.field(&fit(name, LABEL, ""), VisibleText::from_text(&value).as_str());
    }
}

fn halted(model: &Model, remarks: &[Remark], can_except: bool, lines: &mut Lines<'_>) {
    let theme = &model.skin.theme;
    for remark in remarks {
        let message = VisibleText::from_text(&remark.message);
        let text = format!("{} {}: {message}", model.skin.glyphs.error, remark.id);
        lines.text(&text, theme.error);
        lines.field("What helps", VisibleText::from_text(&remark.remedy).as_str());
    }
    lines.field("Safe", "nothing was done in this step; all that was done before is kept");
    if !can_except {
        let text = "Nobody can take this on themselves: mend it, or give the run up (A).";
        lines.text(text, theme.warn);
    }
}
