//! Rules about slots: what is in them by the record, and who can read them.

use super::rule_text;
use crate::domain::custody::{Register, Stage};
use crate::domain::finding::{Finding, FindingId, Severity};
use crate::domain::period::Period;
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;
use crate::domain::workspace::{Environment, Slot, Workspace};

/// Months after which somebody looks again who can read a slot (CUS-006).
const REVIEWED_WITHIN: Period = Period::Months(12);

/// The findings on the slots of a workspace; those for practice are left out.
#[must_use]
pub fn lint_slots(workspace: &Workspace, register: &Register, now: Timestamp) -> Vec<Finding> {
    let counts = |slot: &&Slot| {
        let environment = slot.environment.unwrap_or(workspace.environment);
        matches!(environment, Environment::Production | Environment::Staging)
    };
    let slots = workspace.slots.iter().filter(counts);
    slots.flat_map(|slot| of_slot(workspace, register, slot, now)).collect()
}

fn of_slot(
    workspace: &Workspace,
    register: &Register,
    slot: &Slot,
    now: Timestamp,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let consumer = workspace.consumers.iter().find(|one| one.slots.contains(&slot.id));
    let about = consumer
        .map(|one| [Some(one.certificate), one.subkey].into_iter().flatten().collect())
        .unwrap_or_default();
    let mut tell = |id, message: String| {
        findings.push(Finding {
            id,
            severity: Severity::Warning,
            subject: VisibleText::from_text(&slot.id),
            about: Vec::clone(&about),
            message,
            remedy: rule_text(id).fix.to_owned(),
        });
    };
    // Before its consumer has a subkey nothing is expected there.
    if consumer.is_some_and(|one| one.subkey.is_some()) && slot.has_key() {
        let current = register.in_place(&slot.place).find(|one| one.stage == Stage::Current);
        match current {
            None => tell(FindingId::Cus004, "no run has put what is current there".to_owned()),
            Some(one) if !one.is_proved => {
                let message = format!("what run {} put there was never proved", one.run);
                tell(FindingId::Cus004, message);
            }
            Some(_) => {}
        }
    }
    if slot.has_key() && slot.has_passphrase() {
        tell(FindingId::Cus005, "the key and its passphrase are in one place".to_owned());
    }
    if slot.has_open_key() {
        let reason = slot.reason.as_deref().unwrap_or("none");
        tell(FindingId::Cus009, format!("the key there has no passphrase; the reason: {reason}"));
    }
    if slot.has_key() || slot.has_passphrase() {
        readers(slot, now, &mut tell);
    }
    findings
}

fn readers(slot: &Slot, now: Timestamp, tell: &mut dyn FnMut(FindingId, String)) {
    if slot.readers.is_empty() {
        tell(FindingId::Cus006, "nobody is named who can read it".to_owned());
    }
    for reader in &slot.readers {
        let message = match reader.reviewed {
            Some(day) if day.after(REVIEWED_WITHIN) > now => continue,
            Some(day) => {
                let day = day.date_with_distance(now);
                format!("whether {} still needs it was asked last on {day}", reader.who)
            }
            None => format!("nobody has asked whether {} needs it", reader.who),
        };
        tell(FindingId::Cus006, message);
    }
}
