//! Facts line by line: the interface of screen readers, serial consoles and
//! pipes, and the text of `keyrite keys`.
//!
//! A line says one thing, with its label first. Nothing is drawn or redrawn.

use std::io::{self, Write};

use crate::domain::assessment::Assessment;
use crate::domain::certificate::SecretMaterial;
use crate::domain::inventory::Inventory;
use crate::domain::outlook::{Standing, Urgency};
use crate::domain::text::clip;
use crate::domain::timestamp::Timestamp;

/// Characters of a user ID after which a line is no longer read to the end.
const MAX_NAME: usize = 200;

/// The dashboard: how many of what, and what breaks first.
pub fn dashboard(
    out: &mut dyn Write,
    inventory: &Inventory,
    assessments: &[Assessment],
    now: Timestamp,
) -> io::Result<()> {
    writeln!(out, "as of: {}", now.iso())?;
    writeln!(out, "certificates: {}", assessments.len())?;
    for standing in Standing::ALL {
        let count = assessments.iter().filter(|a| a.standing() == standing).count();
        if count > 0 {
            writeln!(out, "{}: {count}", standing.words())?;
        }
    }
    let mut pressing: Vec<_> =
        assessments.iter().filter(|a| a.outlook.urgency(now) <= Urgency::Later).collect();
    pressing.sort_by_cached_key(|a| a.order());
    if let Some(first) = pressing.iter().find(|a| a.outlook.urgency(now) > Urgency::Now) {
        write_next(out, "breaks first", first)?;
    }
    for broken in pressing.iter().filter(|a| a.outlook.urgency(now) == Urgency::Now) {
        write_next(out, "cannot sign", broken)?;
    }
    for finding in &inventory.findings {
        writeln!(
            out,
            "finding: {} {}. {} {}. {}",
            finding.id,
            finding.severity.word(),
            finding.subject,
            finding.message,
            finding.remedy
        )?;
    }
    rejected(out, inventory)
}

/// A name in quotes, so that nothing in it is taken for what follows it. A
/// backslash in it is doubled already.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", clip(name, MAX_NAME, "...").replace('"', "\\\""))
}

fn write_next(out: &mut dyn Write, label: &str, assessment: &Assessment) -> io::Result<()> {
    write!(out, "{label}: {}; {}", quoted(assessment.name()), assessment.outlook_words())?;
    match assessment.consequence() {
        Some(consequence) => writeln!(out, "; {consequence}"),
        None => writeln!(out),
    }
}

/// What was rejected, and what was passed over.
pub fn rejected(out: &mut dyn Write, inventory: &Inventory) -> io::Result<()> {
    for rejected in &inventory.rejected {
        writeln!(out, "rejected: {}: {}", rejected.place(), rejected.reason)?;
    }
    for passed_over in &inventory.passed_over {
        writeln!(out, "passed over: {}: {}", passed_over.source, passed_over.reason)?;
    }
    Ok(())
}

/// Certificates with all their keys, what breaks first at the front.
pub fn keys(out: &mut dyn Write, assessments: &[Assessment], now: Timestamp) -> io::Result<()> {
    let mut sorted: Vec<_> = assessments.iter().collect();
    sorted.sort_by_cached_key(|a| a.order());
    for assessment in sorted {
        writeln!(out)?;
        certificate(out, assessment, now)?;
    }
    Ok(())
}

fn certificate(out: &mut dyn Write, assessment: &Assessment, now: Timestamp) -> io::Result<()> {
    let certificate = &assessment.certificate;
    writeln!(out, "certificate: {}", quoted(assessment.name()))?;
    writeln!(out, "  fingerprint: {}", certificate.fingerprint().grouped())?;
    writeln!(out, "  standing: {}", assessment.standing().words())?;
    if assessment.outlook.urgency(now) <= Urgency::Later {
        writeln!(out, "  next: {}", assessment.outlook_words())?;
    }
    for (index, (id, verdict)) in
        certificate.user_ids.iter().zip(&assessment.verdict.user_ids).enumerate()
    {
        let primary = assessment.verdict.primary_user_id == Some(index);
        write!(out, "  user ID: {}", quoted(id.text.as_str()))?;
        write!(out, "; {}", verdict.state.word().replace('_', " "))?;
        if primary {
            write!(out, "; primary")?;
        }
        for reason in &verdict.reasons {
            write!(out, "; {reason}")?;
        }
        writeln!(out)?;
    }
    for (index, (key, verdict)) in assessment.keys().enumerate() {
        writeln!(out, "  {}: {}", assessment.role(index), key.fingerprint.grouped())?;
        let capabilities = match verdict.capabilities.words() {
            words if words.is_empty() => "none stated".to_owned(),
            words => words.join(", "),
        };
        writeln!(
            out,
            "    state: {}; may: {capabilities}; algorithm: {}",
            Standing::of_key(verdict, now).words(),
            key.algorithm
        )?;
        let expires = verdict.ends(|end| end.date_with_distance(now));
        write!(out, "    created: {}; expires: {expires}", key.created.date())?;
        if verdict.effective_expires != verdict.expires {
            match verdict.expires {
                Some(own) => write!(out, "; its own expiry: {}", own.date())?,
                None => write!(out, "; it states none of its own")?,
            }
        }
        writeln!(out)?;
        for reason in &verdict.reasons {
            writeln!(out, "    because: {reason}")?;
        }
        if let Some(secret) = secret_words(key.secret) {
            writeln!(out, "    secret: {secret}")?;
        }
    }
    for note in &assessment.verdict.notes {
        writeln!(out, "  note: {note}")?;
    }
    Ok(())
}

/// What an input held of a key's secret, in words.
#[must_use]
pub fn secret_words(secret: SecretMaterial) -> Option<&'static str> {
    match secret {
        SecretMaterial::Absent => None,
        SecretMaterial::Stub => Some("none; the input has a stub in its place"),
        SecretMaterial::OnCard => Some("none; the input says that it is on a smartcard"),
        SecretMaterial::Protected => Some("WAS IN THE INPUT, protected by a passphrase"),
        SecretMaterial::Unprotected => Some("WAS IN THE INPUT, without a passphrase"),
    }
}
