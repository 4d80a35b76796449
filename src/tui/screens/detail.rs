//! The page of one key.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::dashboard::draw_rule;
use crate::domain::assessment::Assessment;
use crate::domain::certificate::SecretMaterial;
use crate::domain::comparison::Settled;
use crate::domain::cutoff::HashSecurity;
use crate::domain::inspection::{Check, Inspection};
use crate::domain::outlook::{Standing, Urgency};
use crate::domain::text::{clip, width};
use crate::domain::timestamp::Timestamp;
use crate::domain::validity::{Note, Reason, State};
use crate::tui::model::{Detail, Model, Tab};
use crate::tui::widgets::lines::{Lines, fit};

/// Draws the page.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &mut Model) {
    let [title, tabs, rule, body] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Fill(1),
    ])
    .areas(area);
    let Some(detail) = model.detail.clone() else { return };
    let columns = usize::from(area.width);
    let text = match model.list.item(&detail.fingerprint) {
        None => vec![Line::raw("This certificate is no longer among those that were read.")],
        Some(item) => {
            let role = item.assessment.as_ref().map_or("primary key", |a| a.role(detail.key));
            let heading = format!("{} {} {role}", item.name(), model.skin.glyphs.cursor);
            let heading = clip(&heading, columns, model.skin.glyphs.ellipsis);
            frame.render_widget(Paragraph::new(heading).style(model.skin.theme.title), title);
            match &item.assessment {
                None => vec![Line::raw("Its signatures are being checked.")],
                Some(assessment) => page(model, &detail, assessment, columns),
            }
        }
    };
    draw_tabs(frame, tabs, model, detail.tab);
    draw_rule(frame, rule, model);
    let last = text.len().saturating_sub(usize::from(body.height));
    let top = detail.top.min(last);
    if let Some(detail) = &mut model.detail {
        detail.top = top;
    }
    let text: Vec<_> = text.into_iter().skip(top).take(usize::from(body.height)).collect();
    frame.render_widget(Paragraph::new(text), body);
}

fn draw_tabs(frame: &mut Frame<'_>, area: Rect, model: &Model, current: Tab) {
    let theme = &model.skin.theme;
    let spans = Tab::ALL.into_iter().map(|tab| {
        if tab == current {
            Span::styled(format!("[{}]", tab.title()), theme.bar_current)
        } else {
            Span::styled(format!(" {} ", tab.title()), theme.muted)
        }
    });
    frame.render_widget(Paragraph::new(Line::from_iter(spans)), area);
}

fn page(
    model: &Model,
    detail: &Detail,
    assessment: &Assessment,
    columns: usize,
) -> Vec<Line<'static>> {
    let mut lines = Lines::new(&model.skin, columns);
    match detail.tab {
        Tab::Identity => identity(&mut lines, model, assessment, detail.key, columns),
        Tab::UserIds => user_ids(&mut lines, model, assessment),
        Tab::Subkeys => subkeys(&mut lines, model, assessment),
        Tab::Certifications => looked_at(&mut lines, model, detail, certifications),
        Tab::Policy => policy(&mut lines, model, assessment, detail.key),
        Tab::Packets => looked_at(&mut lines, model, detail, packets),
    }
    lines.finish()
}

fn identity(
    lines: &mut Lines<'_>,
    model: &Model,
    assessment: &Assessment,
    index: usize,
    columns: usize,
) {
    let theme = &model.skin.theme;
    let Some((key, verdict)) = assessment.keys().nth(index) else { return };
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
    for reason in &verdict.reasons {
        lines.field("  because", &reason.to_string());
    }
    if assessment.outlook.urgency(model.now) <= Urgency::Later {
        lines.field("Next", &assessment.outlook_words());
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
    let expires = match verdict.effective_expires {
        Some(end) => format!("{} ({})", end.iso(), end.distance_from(model.now)),
        None => "never".to_owned(),
    };
    lines.field("Expires", &expires);
    if verdict.expires != verdict.effective_expires {
        let own = verdict.expires.map_or("none of its own".to_owned(), Timestamp::iso);
        lines.field("", &format!("bounded by the primary key; its own: {own}"));
    }
    if let Some(bound) = verdict.bound {
        lines.field("Bound", &format!("by a self-signature of {}", bound.iso()));
    }
    lines.field("Secret", secret(key.secret));
    let compared: Vec<_> =
        model.comparisons.iter().filter(|record| record.fingerprint == key.fingerprint).collect();
    if compared.is_empty() {
        lines.field("Compared", "not in this session; v compares it");
    }
    for record in compared {
        let (word, style) = match record.settled {
            Settled::Match => ("MATCH", theme.ok),
            Settled::Mismatch => ("MISMATCH", theme.error),
        };
        let text = format!("{word}, {}, {}", record.channel.word(), record.at.minute());
        lines.styled_field("Compared", &text, style);
    }
    if let Some(item) = model.list.item(&assessment.certificate.fingerprint()) {
        let sources: Vec<_> = item.listed.sources.iter().map(|source| source.as_str()).collect();
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
fn in_rows(
    lines: &mut Lines<'_>,
    words: &[&str],
    cell: usize,
    columns: usize,
    style: ratatui::style::Style,
) {
    let per_row = (columns.saturating_sub(2) / cell).clamp(1, 5);
    for row in words.chunks(per_row) {
        let text: String = row.iter().map(|word| fit(word, cell, "")).collect();
        lines.text(&format!("  {}", text.trim_end()), style);
    }
}

fn secret(secret: SecretMaterial) -> &'static str {
    match secret {
        SecretMaterial::Absent => "none in the input",
        SecretMaterial::Stub => "none in the input; a stub stands in its place",
        SecretMaterial::OnCard => "none in the input, which says that it is on a smartcard",
        SecretMaterial::Protected => "WAS IN THE INPUT, protected by a passphrase; see 7",
        SecretMaterial::Unprotected => "WAS IN THE INPUT, without a passphrase; see 7",
    }
}

fn user_ids(lines: &mut Lines<'_>, model: &Model, assessment: &Assessment) {
    let theme = &model.skin.theme;
    let ids = &assessment.certificate.user_ids;
    if ids.is_empty() {
        lines.text("This certificate has no user ID. Programs that ask for one refuse it.", theme.text);
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
            lines.field("  self-signed", &format!("{} with {}", newest.frame.created.date(), newest.frame.hash));
        }
        lines.field("  certified", &format!("by {} other key(s), not checked here", id.certifications));
        lines.blank();
    }
    if assessment.certificate.user_attributes > 0 {
        let count = assessment.certificate.user_attributes;
        lines.text(&format!("{count} user attribute(s) (pictures) are not shown."), theme.muted);
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

fn subkeys(lines: &mut Lines<'_>, model: &Model, assessment: &Assessment) {
    let theme = &model.skin.theme;
    for (index, (key, verdict)) in assessment.keys().enumerate() {
        let standing = Standing::of_key(verdict, model.now);
        let (mark, style) = model.skin.standing(standing);
        let role = assessment.role(index);
        lines.text(&format!("{mark} {role}: {}", standing.words()), style);
        lines.text(&format!("  {}", key.fingerprint.grouped()), theme.focus);
        let may = match verdict.capabilities.words() {
            words if words.is_empty() => "nothing stated".to_owned(),
            words => words.join(", "),
        };
        lines.field("  may", &format!("{may}; {}", key.algorithm));
        let end = verdict
            .effective_expires
            .map_or("never expires".to_owned(), |end| {
                format!("expires {}", end.date_with_distance(model.now))
            });
        lines.field("  created", &format!("{}, {end}", key.created.date()));
        for reason in &verdict.reasons {
            lines.field("  because", &reason.to_string());
        }
        lines.blank();
    }
}

/// The self-signatures of the key and what verifiers of today say to each.
fn policy(lines: &mut Lines<'_>, model: &Model, assessment: &Assessment, index: usize) {
    let (theme, glyphs) = (&model.skin.theme, &model.skin.glyphs);
    let Some((key, verdict)) = assessment.keys().nth(index) else { return };
    lines.text(
        "Verifiers of today (apt with sqv, rpm, sq) apply these rules, whatever day is asked about:",
        theme.muted,
    );
    lines.blank();
    match model.cutoffs.key(key.algorithm) {
        Ok(()) => lines.styled_field("Key", &format!("{} {} is accepted", glyphs.ok, key.algorithm), theme.ok),
        Err(refusal) => lines.styled_field("Key", &format!("{} {refusal}", glyphs.error), theme.error),
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
        lines.styled_field("Binding", &format!("{} no good self-signature", glyphs.error), theme.error);
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
        let when = bad.created.map_or("no date".to_owned(), Timestamp::date);
        let what = if bad.revokes { "revocation" } else { "self-signature" };
        let text = format!("{} {what} of {when} with {}: does not verify", glyphs.error, bad.hash);
        lines.styled_field("Ignored", &text, theme.warn);
    }
    lines.blank();
    if verdict.reasons.is_empty() {
        lines.styled_field("Verdict", &format!("{} valid", glyphs.ok), theme.ok);
    }
    for reason in &verdict.reasons {
        lines.styled_field("Verdict", &reason.to_string(), theme.error);
    }
}

/// A tab that needs the closer look.
fn looked_at(
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

fn certifications(lines: &mut Lines<'_>, model: &Model, inspection: &Inspection) {
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
        let (mark, style) = match certification.check {
            Check::Good => (glyphs.ok, theme.ok),
            Check::Bad => (glyphs.error, theme.error),
            Check::UnknownIssuer => (glyphs.planned, theme.muted),
        };
        let when = certification.created.map_or("no date".to_owned(), Timestamp::date);
        let who = certification.issuer_name.as_ref().map_or("", |name| name.as_str());
        let text = format!("{mark} {when} {} {who}", certification.check.word());
        lines.text(&format!("  {}", text.trim_end()), style);
        lines.text(&format!("    {}", certification.issuer), theme.muted);
    }
    if inspection.more_certifications > 0 {
        lines.text(&format!("and {} more", inspection.more_certifications), theme.muted);
    }
}

fn packets(lines: &mut Lines<'_>, model: &Model, inspection: &Inspection) {
    let theme = &model.skin.theme;
    for packet in &inspection.packets {
        let place = format!("{:>7} {:>6}  {:<15}", packet.offset, packet.length, packet.kind);
        let style = if packet.kind == "Signature" { theme.muted } else { theme.text };
        let head = width(&place) + 1;
        let detail = crate::domain::text::wrap(&packet.detail, model_columns(model, head));
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
