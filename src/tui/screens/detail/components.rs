//! The tabs User IDs and Subkeys.

use crate::domain::assessment::Assessment;
use crate::domain::outlook::Standing;
use crate::domain::text::counted;
use crate::domain::validity::State;
use crate::tui::model::Model;
use crate::tui::widgets::lines::Lines;

/// Adds the lines of the tab User IDs.
pub(super) fn user_ids(lines: &mut Lines<'_>, model: &Model, assessment: &Assessment) {
    let theme = &model.skin.theme;
    let ids = &assessment.certificate.user_ids;
    if ids.is_empty() {
        lines.text(
            "This certificate has no user ID. Programs that ask for one refuse it.",
            theme.text,
        );
    }
    for (index, (id, verdict)) in ids.iter().zip(&assessment.verdict.user_ids).enumerate() {
        let primary = assessment.verdict.primary_user_id == Some(index);
        let standing = of_state(verdict.state);
        let (mark, style) = model.skin.standing(standing);
        lines.text(&format!("{mark} {}", id.text), style);
        let primary = if primary { ", primary" } else { "" };
        lines.field("  state", &format!("{}{primary}", standing.words()));
        for reason in &verdict.reasons {
            lines.field("  because", &reason.to_string());
        }
        if let Some(newest) = id.self_signatures.first() {
            lines.field(
                "  self-signed",
                &format!("{} with {}", newest.frame.created.date(), newest.frame.hash),
            );
        }
        let certified = match id.certifications {
            0 => "by nobody else".to_owned(),
            n => format!(
                "by {}; the tab Certifications checks {}",
                counted(n, "other key"),
                if n == 1 { "it" } else { "them" }
            ),
        };
        lines.field("  certified", &certified);
        lines.blank();
    }
    if assessment.certificate.user_attributes > 0 {
        let count = assessment.certificate.user_attributes;
        let text = format!("{} (pictures): not shown.", counted(count, "user attribute"));
        lines.text(&text, theme.muted);
    }
}

fn of_state(state: State) -> Standing {
    match state {
        State::Invalid => Standing::Invalid,
        State::Revoked => Standing::Revoked,
        State::NotYetValid => Standing::NotYetValid,
        State::Expired => Standing::Expired,
        State::Valid => Standing::Valid,
    }
}

/// Adds the lines of the tab Subkeys.
pub(super) fn subkeys(
    lines: &mut Lines<'_>,
    model: &Model,
    assessment: &Assessment,
    current: usize,
) {
    let (theme, glyphs) = (&model.skin.theme, &model.skin.glyphs);
    for (index, (key, verdict)) in assessment.keys().enumerate() {
        let standing = Standing::of_key(verdict, model.now);
        let (mark, style) = model.skin.standing(standing);
        let role = assessment.role(index);
        let cursor = if index == current { glyphs.cursor } else { " " };
        lines.text(&format!("{cursor} {mark} {role}: {}", standing.words()), style);
        lines.text(&format!("    {}", key.fingerprint.grouped()), theme.focus);
        let may = match verdict.capabilities.words() {
            words if words.is_empty() => "nothing stated".to_owned(),
            words => words.join(", "),
        };
        lines.field("  may", &format!("{may}; {}", key.algorithm));
        let end = verdict.ends(|end| end.date_with_distance(model.now));
        lines.field("  created", &format!("{}, expires: {end}", key.created.date()));
        for reason in &verdict.reasons {
            lines.field("  because", &reason.to_string());
        }
        lines.blank();
    }
}
