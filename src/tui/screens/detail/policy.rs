//! The tab Policy: what verifiers of today say to each self-signature.

use crate::domain::assessment::Assessment;
use crate::domain::cutoff::HashSecurity;
use crate::domain::timestamp::Timestamp;
use crate::domain::validity::Reason;
use crate::domain::verifier::opinions;
use crate::tui::model::Model;
use crate::tui::widgets::lines::Lines;

/// Adds the lines of the tab.
pub(super) fn policy(lines: &mut Lines<'_>, model: &Model, assessment: &Assessment, index: usize) {
    let (theme, glyphs) = (&model.skin.theme, &model.skin.glyphs);
    let Some((key, verdict)) = assessment.keys().nth(index) else {
        return;
    };
    lines.text(
        "Verifiers of today (apt with sqv, rpm, sq) apply these rules, whatever day is asked about:",
        theme.muted,
    );
    lines.blank();
    match model.cutoffs.key(key.algorithm) {
        Ok(()) => lines.styled_field(
            "Key",
            &format!("{} {} is accepted", glyphs.ok, key.algorithm),
            theme.ok,
        ),
        Err(refusal) => {
            lines.styled_field("Key", &format!("{} {refusal}", glyphs.error), theme.error);
        }
    }
    let own = key.self_signatures.iter().map(|signature| ("binding", signature));
    let of_ids = assessment
        .certificate
        .user_ids
        .iter()
        .filter(|_| index == 0)
        .flat_map(|id| &id.self_signatures)
        .map(|signature| ("user ID", signature));
    let mut any = false;
    for (what, signature) in own.chain(of_ids) {
        any = true;
        let frame = &signature.frame;
        let verdict = model.cutoffs.signature(frame, HashSecurity::SecondPreimageResistance);
        let (mark, style, text) = match verdict {
            Ok(()) => (glyphs.ok, theme.ok, format!("{} is accepted", frame.hash)),
            Err(refusal) => (glyphs.error, theme.error, refusal.to_string()),
        };
        lines.styled_field(what, &format!("{mark} {}: {text}", frame.created.date()), style);
    }
    if !any {
        lines.styled_field(
            "Binding",
            &format!("{} no good self-signature", glyphs.error),
            theme.error,
        );
    }
    for revocation in &key.revocations {
        let reason = Reason::Revoked {
            reason: revocation.reason,
            created: revocation.frame.created,
            message: revocation.message.clone(),
        };
        lines.styled_field("Revocation", &reason.to_string(), theme.error);
    }
    for bad in &assessment.certificate.bad_signatures {
        let what = if bad.revokes { "revocation" } else { "self-signature" };
        let text = match bad.read {
            Some((created, hash)) => {
                let when = created.map_or("no date".to_owned(), Timestamp::date);
                format!("{} {what} of {when} with {hash}: does not verify", glyphs.error)
            }
            None => format!("{} {what}: cannot be read", glyphs.error),
        };
        lines.styled_field("Ignored", &text, theme.warn);
    }
    lines.blank();
    if verdict.reasons.is_empty() {
        lines.styled_field("Verdict", &format!("{} valid", glyphs.ok), theme.ok);
    }
    for reason in &verdict.reasons {
        lines.styled_field("Verdict", &format!("{} {reason}", glyphs.error), theme.error);
        lines.field("What to do", reason.remedy());
    }
    lines.blank();
    lines.title("Who accepts its signatures");
    for opinion in opinions(assessment) {
        let now = assessment.verdict.at;
        let style = if opinion.accepted().at(now) { theme.text } else { theme.warn };
        lines.text(&opinion.words(now).to_string(), style);
    }
}
