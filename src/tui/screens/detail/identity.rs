//! The tab Identity: fingerprint, state, and what is known of the key.

use ratatui::style::Style;

use crate::domain::assessment::Assessment;
use crate::domain::certificate::SecretMaterial;
use crate::domain::comparison::Settled;
use crate::domain::outlook::{Standing, Urgency};
use crate::domain::validity::Note;
use crate::tui::message::Level;
use crate::tui::model::Model;
use crate::tui::widgets::lines::{Lines, fit};

/// Adds the lines of the tab.
pub(super) fn identity(
    lines: &mut Lines<'_>,
    model: &Model,
    assessment: &Assessment,
    index: usize,
    columns: usize,
) {
    let theme = &model.skin.theme;
    let Some((key, verdict)) = assessment.keys().nth(index) else {
        return;
    };
    let version = key.fingerprint.version();
    let bits = key.fingerprint.as_bytes().len() * 8;
    lines.title(&format!("Fingerprint (version {version}, {bits} bit)"));
    let (left, right) = key.fingerprint.halves();
    lines.text(&format!("  {left}"), theme.focus);
    lines.text(&format!("  {right}"), theme.focus);
    lines.blank();
    let standing = Standing::of_key(verdict, model.now);
    let (mark, style) = model.skin.standing(standing);
    lines.styled_field("State", &format!("{mark} {}", standing.words()), style);
    if model.comparisons.is_mismatch(&key.fingerprint) {
        let (mark, style) = model.skin.level(Level::Error);
        let text = format!("{mark} MISMATCH: do not use this key before that is explained");
        lines.styled_field("", &text, style);
    }
    for reason in &verdict.reasons {
        lines.field("  because", &reason.to_string());
    }
    if assessment.outlook.urgency(model.now) <= Urgency::Later {
        let is_broken = assessment.outlook.urgency(model.now) == Urgency::Now;
        let label = match (is_broken, assessment.outlook_is_about(index)) {
            (true, _) => "But",
            (false, true) => "Next",
            (false, false) => "Elsewhere",
        };
        lines.field(label, &assessment.outlook_words());
        if let Some(consequence) = assessment.consequence() {
            lines.field("", &consequence);
        }
    }
    for note in &assessment.verdict.notes {
        let style = if *note == Note::BadRevocation { theme.error } else { theme.warn };
        lines.styled_field("Note", &note.to_string(), style);
    }
    let may = match verdict.capabilities.words() {
        words if words.is_empty() => "nothing is stated".to_owned(),
        words => words.join(", "),
    };
    lines.field("May", &may);
    lines.field("Algorithm", &key.algorithm.to_string());
    lines.field("Created", &key.created.iso());
    let expires = verdict.ends(|end| format!("{} ({})", end.iso(), end.distance_from(model.now)));
    lines.field("Expires", &expires);
    if verdict.expires != verdict.effective_expires {
        let text = match verdict.expires {
            Some(own) => {
                format!("bounded by the primary key or its self-signature; its own: {}", own.iso())
            }
            None => "bounded by the primary key or its self-signature; it states none of its own"
                .to_owned(),
        };
        lines.field("", &text);
    }
    if let Some(bound) = verdict.bound {
        lines.field("Bound", &format!("by a self-signature of {}", bound.iso()));
    }
    lines.field("Secret", secret(key.secret));
    let mut compared = model.comparisons.of(&key.fingerprint).peekable();
    if compared.peek().is_none() {
        lines.field("Compared", "not in this session; v compares it");
    }
    for record in compared {
        let (word, level) = match record.settled {
            Settled::Match => ("MATCH", Level::Info),
            Settled::Mismatch => ("MISMATCH", Level::Error),
        };
        let (mark, style) = model.skin.level(level);
        let text = format!("{mark} {word}, {}, {}", record.channel.word(), record.at.minute());
        lines.styled_field("Compared", &text, style);
    }
    if let Some(item) = model.list.item(&assessment.certificate.fingerprint()) {
        let sources: Vec<_> =
            item.listed.sources.iter().map(crate::domain::text::VisibleText::as_str).collect();
        lines.field("Read from", &sources.join(", "));
    }
    lines.blank();
    lines.title("For reading aloud");
    in_rows(lines, &key.fingerprint.words(), 12, columns, theme.text);
    lines.blank();
    lines.title("In numbers");
    let numbers = key.fingerprint.numbers();
    let numbers: Vec<_> = numbers.iter().map(String::as_str).collect();
    in_rows(lines, &numbers, 6, columns, theme.text);
}

/// Words in columns, four or five to a row.
fn in_rows(lines: &mut Lines<'_>, words: &[&str], cell: usize, columns: usize, style: Style) {
    let per_row = (columns.saturating_sub(2) / cell).clamp(1, 5);
    for row in words.chunks(per_row) {
        let text: String = row.iter().map(|word| fit(word, cell, "")).collect();
        lines.text(&format!("  {}", text.trim_end()), style);
    }
}

fn secret(secret: SecretMaterial) -> &'static str {
    match secret {
        SecretMaterial::Absent => "none in what was read",
        SecretMaterial::Stub => "none in the input; a stub stands in its place",
        SecretMaterial::OnCard => "none in the input, which says that it is on a smartcard",
        SecretMaterial::Protected => "WAS IN THE INPUT, protected by a passphrase; see 7",
        SecretMaterial::Unprotected => "WAS IN THE INPUT, without a passphrase; see 7",
    }
}
