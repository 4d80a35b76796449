//! What somebody who has no workspace here can do.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::domain::text::{VisibleText, clip};
use crate::tui::model::Model;
use crate::tui::widgets::lines::{Lines, fit};

/// The choices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Made-up keys.
    Demo,
    /// The person's own public keys.
    GnupgHome,
    /// A workspace in another folder.
    OpenWorkspace,
    /// A new workspace.
    NewWorkspace,
    /// A new signer.
    Invited,
}

/// All choices, from top to bottom.
pub const CHOICES: [Choice; 5] =
    [Choice::Demo, Choice::GnupgHome, Choice::OpenWorkspace, Choice::NewWorkspace, Choice::Invited];

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
        let (title, note) = match choice {
            Choice::Demo => ("Try the demo", "12 made-up keys in all states, nothing real"),
            Choice::GnupgHome => ("Look at my GnuPG keys", home.as_str()),
            Choice::OpenWorkspace => ("Open a workspace", "not in this version"),
            Choice::NewWorkspace => ("Start a new workspace", "not in this version"),
            Choice::Invited => ("I was invited as a signer", "not in this version"),
        };
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
        "GnuPG keys are read from the keyring files themselves, public keys only: gpg is not \
         started, because even listing keys writes into its home.",
        theme.muted,
    );
    lines.blank();
    lines.text("Other keys: keyrite view PATH   Plain text: keyrite --plain", theme.muted);
    let text: Vec<Line<'_>> = lines.finish();
    frame.render_widget(Paragraph::new(text), area);
}
