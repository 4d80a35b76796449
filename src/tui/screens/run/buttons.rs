//! The buttons of a step.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::throbber;
use crate::domain::text::clip;
use crate::engine::runner::{Prompt, RunView};
use crate::tui::model::{Button, Held, Model};

/// What a button says.
fn label(button: Button, held: &Held, view: &RunView) -> &'static str {
    match (button, &view.prompt) {
        (Button::Go, Prompt::Ask(_)) => "Go on",
        (Button::Go, Prompt::Check) => "Look",
        (Button::Go, Prompt::Plan { .. }) if held.is_unread_plan() => "Read on",
        (Button::Go, Prompt::Plan { .. }) => "Seal the plan",
        (Button::Go, Prompt::Perform(_)) => "Do it",
        (Button::Go, Prompt::Wait { comes_back: true, .. }) => "It is back",
        (Button::Go, Prompt::Wait { .. }) => "It is out",
        (Button::Go, Prompt::Halted { .. }) => "it is mended: look again",
        (Button::Go, Prompt::Close) => "Write the transcript",
        (Button::Go, _) => "Look again",
        (Button::Confirm, _) => "Confirm ...",
        (Button::Make, Prompt::Secret { is_offered: true, .. }) => "Make another",
        (Button::Make, _) => "Make one",
        (Button::Secret, Prompt::Secret { is_offered: true, .. }) => "Type it back",
        (Button::Secret, Prompt::Secret { secret, .. }) if secret.is_new => "Type my own",
        (Button::Secret, _) => "Type it",
        (Button::Except, _) => "take it on oneself, with a reason (exception)",
        (Button::Pause, Prompt::Halted { .. }) => "pause and save",
        (Button::Back, _) => "Answer otherwise",
        (Button::Abandon, _) => "Give up ...",
        (Button::Pause, _) => "Pause",
        (Button::Leave, _) => "Back to the ceremonies",
    }
}

/// Draws them; while something is being done, what that is.
pub(super) fn draw_buttons(
    frame: &mut Frame<'_>,
    area: Rect,
    model: &Model,
    held: &Held,
    view: &RunView,
    buttons: &[Button],
) {
    let theme = &model.skin.theme;
    if held.busy.is_some() {
        let what = view.step.map_or("this", |step| step.title);
        let text = format!("{} {what} ... wait: it is not cut off", throbber(model, held));
        let text = clip(&text, usize::from(area.width), model.skin.glyphs.ellipsis);
        frame.render_widget(Paragraph::new(Line::styled(text, theme.warn)), area);
        return;
    }
    let chosen = held.button();
    let style = |button: Button| if Some(button) == chosen { theme.selected } else { theme.text };
    if matches!(view.prompt, Prompt::Halted { .. }) {
        let lines: Vec<_> = buttons
            .iter()
            .enumerate()
            .map(|(index, button)| {
                let cursor = if Some(*button) == chosen { model.skin.glyphs.cursor } else { " " };
                let text = format!("{cursor} {}  {}", index + 1, label(*button, held, view));
                Line::styled(text, style(*button))
            })
            .collect();
        frame.render_widget(Paragraph::new(lines), area);
        return;
    }
    let mut spans = Vec::new();
    for button in buttons {
        let text = label(*button, held, view);
        let text =
            if Some(*button) == chosen { format!("[ {text} ]") } else { format!("  {text}  ") };
        spans.push(Span::styled(text, style(*button)));
        spans.push(Span::raw("  "));
    }
    frame.render_widget(Paragraph::new(Line::from(spans)), area);
}
