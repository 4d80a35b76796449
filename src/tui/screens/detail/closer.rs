//! The tabs that need a closer look: Certifications and Packets.

use ratatui::text::Span;

use crate::domain::cutoff::HashSecurity;
use crate::domain::inspection::{Certification, Check, Inspection};
use crate::domain::outlook::Standing;
use crate::domain::text::{width, wrap};
use crate::tui::model::{Detail, Model};
use crate::tui::widgets::lines::Lines;

/// Adds the lines of a tab that needs the closer look.
pub(super) fn looked_at(
    lines: &mut Lines<'_>,
    model: &Model,
    detail: &Detail,
    show: fn(&mut Lines<'_>, &Model, &Inspection),
) {
    let theme = &model.skin.theme;
    let look = model.look.as_ref().filter(|look| look.fingerprint == detail.fingerprint);
    match look.and_then(|look| look.result.as_ref()) {
        None => lines.text("Looking at the packets ...", theme.muted),
        Some(Err(error)) => lines.text(error, theme.error),
        Some(Ok(inspection)) => show(lines, model, inspection),
    }
}

/// Adds the lines of the tab Certifications.
pub(super) fn certifications(lines: &mut Lines<'_>, model: &Model, inspection: &Inspection) {
    let (theme, glyphs) = (&model.skin.theme, &model.skin.glyphs);
    if inspection.certifications.is_empty() {
        lines.text("Nobody else has certified a user ID of this certificate.", theme.text);
        lines.blank();
        lines.text(
            "Certifications say who vouches that key and name belong together. They are checked \
             where the certifier's certificate was read, too.",
            theme.muted,
        );
    }
    let mut user_id = None;
    for certification in &inspection.certifications {
        if user_id != Some(&certification.user_id) {
            user_id = Some(&certification.user_id);
            lines.title(certification.user_id.as_str());
        }
        let doubt = doubt(model, certification);
        let (mark, style) = match certification.check {
            Check::Good if doubt.is_some() => (glyphs.warn, theme.warn),
            Check::Good => (glyphs.ok, theme.ok),
            Check::Bad => (glyphs.error, theme.error),
            Check::UnknownIssuer => (glyphs.planned, theme.muted),
        };
        let frame = certification.frame.as_ref();
        let when = frame.map_or("no date".to_owned(), |frame| frame.created.date());
        let who = certification.issuer_name.as_ref().map_or("", |name| name.as_str());
        let text = format!("{mark} {when} {} {who}", certification.check.word());
        lines.text(&format!("  {}", text.trim_end()), style);
        if let Some(doubt) = doubt {
            lines.text(&format!("    but {doubt}"), theme.warn);
        }
        lines.text(&format!("    {}", certification.issuer), theme.muted);
    }
    if inspection.more_certifications > 0 {
        lines.text(&format!("and {} more", inspection.more_certifications), theme.muted);
    }
}

/// Why a certification that is good is worth little.
fn doubt(model: &Model, certification: &Certification) -> Option<String> {
    let issuer = model.list.item(certification.made_by.as_ref()?)?;
    let frame = certification.frame.as_ref()?;
    let refused = model.cutoffs.signature(frame, HashSecurity::CollisionResistance).err();
    let ended = frame.ends().filter(|end| *end <= model.now);
    match (refused, ended, issuer.standing()) {
        (Some(refusal), ..) => Some(refusal.to_string()),
        (_, Some(end), _) => Some(format!("it ended on {}", end.date())),
        (.., standing @ (Standing::Revoked | Standing::Invalid | Standing::Expired)) => {
            Some(format!("the key that made it is {}", standing.words()))
        }
        _ => None,
    }
}

/// Adds the lines of the tab Packets.
pub(super) fn packets(lines: &mut Lines<'_>, model: &Model, inspection: &Inspection) {
    let theme = &model.skin.theme;
    for packet in &inspection.packets {
        let place = format!("{:>7} {:>6}  {:<15}", packet.offset, packet.length, packet.kind);
        let style = if packet.kind == "Signature" { theme.muted } else { theme.text };
        let head = width(&place) + 1;
        let detail = wrap(&packet.detail, model_columns(model, head));
        for (index, part) in detail.iter().enumerate() {
            let left = if index == 0 { place.clone() } else { " ".repeat(head - 1) };
            lines.spans(vec![Span::styled(format!("{left} {part}"), style)]);
        }
    }
    if inspection.more_packets > 0 {
        lines.text(&format!("and {} more packets", inspection.more_packets), theme.muted);
    }
}

fn model_columns(model: &Model, head: usize) -> usize {
    usize::from(model.size.0).saturating_sub(head + 2).max(16)
}
