//! What somebody who has no workspace here can do.

#![expect(clippy::wildcard_enum_match_arm, reason = "few of the actions are choices here")]

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::domain::text::{VisibleText, clip};
use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::model::Model;
use crate::tui::widgets::lines::{Lines, fit};

/// All choices, from top to bottom.
pub const CHOICES: [Action; 6] = [
    Action::Demo,
    Action::GnupgHome,
    Action::ReadPath,
    Action::OpenWorkspace,
    Action::NewWorkspace,
    Action::Invited,
];

/// Draws the choices.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let (skin, theme) = (&model.skin, &model.skin.theme);
    let columns = usize::from(area.width);
    let mut lines = Lines::new(skin, columns);
    lines.blank();
    lines.text(
        "Keep track of the keys that sign your releases: which are alive, what expires when, and \
         what breaks first.",
        theme.text,
    );
    lines.blank();
    let home = model
        .gnupg_home
        .as_ref()
        .map(|home| VisibleText::from_bytes(home.as_os_str().as_encoded_bytes()).into_string());
    let home = home.unwrap_or_else(|| "no home folder is known".to_owned());
    for (index, choice) in CHOICES.into_iter().enumerate() {
        let note = match choice {
            Action::Demo => "12 made-up keys in all states, nothing real",
            Action::GnupgHome => home.as_str(),
            Action::Invited => "not in this version",
            Action::NewWorkspace => "four questions; keys are adopted, none is changed",
            _ => "you type where it is",
        };
        let mut bindings = model.keymap.of_scope(Scope::Welcome);
        let label = bindings.find(|binding| binding.action == choice).map(|b| b.label.as_str());
        let title = capitalized(label.unwrap_or_default());
        let chosen = index == model.welcome;
        let cursor = if chosen { skin.glyphs.cursor } else { " " };
        let style = if chosen { theme.selected } else { theme.text };
        let title = fit(&format!(" {cursor} {}  {title}", index + 1), 34, skin.glyphs.ellipsis);
        let note = clip(note, columns.saturating_sub(36), skin.glyphs.ellipsis);
        lines.spans(vec![
            Span::styled(title, style),
            Span::styled(format!("  {note}"), theme.muted),
        ]);
    }
    lines.blank();
    lines.text(
        "GnuPG keys are read from the keyring files; gpg is not started, nothing is written.",
        theme.muted,
    );
    lines.blank();
    lines.text("On the command line: keyrite view PATH   As text: keyrite keys PATH", theme.muted);
    let text: Vec<Line<'_>> = lines.finish();
    frame.render_widget(Paragraph::new(text), area);
}

fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |c| c.to_uppercase().chain(characters).collect())
}
