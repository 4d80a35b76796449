//! EXP: when keys end.

use super::{Report, living, newest};
use crate::domain::extension::extensions;
use crate::domain::finding::{FindingId, Severity};
use crate::domain::text::counted;
use crate::domain::timestamp::{DAY, Timestamp};

pub(super) fn check(report: &mut Report<'_>) {
    primary(report);
    subkeys(report);
    successor(report);
    creation(report);
    agreement(report);
    age(report);
}

fn primary(report: &mut Report<'_>) {
    let Some(lives) = report.policy.primary_lives else { return };
    let latest = report.now().after(lives);
    match report.assessment.verdict.primary.expires {
        None => {
            let text = format!("it never ends; the policy wants an end within {lives}");
            report.find_key(FindingId::Exp001, Severity::Warning, 0, &text);
        }
        Some(end) if end > latest => {
            let text = format!("it ends {}; the policy wants an end within {lives}", end.date());
            report.find_key(FindingId::Exp001, Severity::Warning, 0, &text);
        }
        Some(_) => {}
    }
}

fn subkeys(report: &mut Report<'_>) {
    let primary_ends = report.assessment.verdict.primary.expires;
    let margin = i64::from(report.policy.margin) * DAY;
    // It is made ahead of its use, and ends after its successor has taken
    // over.
    let around = report.policy.windows.whole() * DAY;
    for (place, key, verdict) in report.signers().into_iter().filter(|(place, ..)| *place > 0) {
        if let Some(lives) = report.policy.subkey_lives {
            let latest = key.created.after(lives).plus(around);
            match verdict.effective_expires {
                None => {
                    let text = format!("it never ends; the policy wants {lives} of use");
                    report.find_key(FindingId::Exp002, Severity::Error, place, &text);
                }
                Some(end) if end > latest => {
                    let text = format!(
                        "it lives from {} to {}; the policy wants {lives} of use",
                        key.created.date(),
                        end.date()
                    );
                    report.find_key(FindingId::Exp002, Severity::Error, place, &text);
                }
                Some(_) => {}
            }
        }
        let Some(primary_ends) = primary_ends else { continue };
        if verdict.expires.is_none_or(|end| end > primary_ends.plus(-margin)) {
            let own = verdict.expires.map_or("never".to_owned(), Timestamp::date);
            let text = format!(
                "it ends {own}, its primary key {}; the policy wants {} days between",
                primary_ends.date(),
                report.policy.margin
            );
            report.find_key(FindingId::Exp003, Severity::Error, place, &text);
        }
    }
}

/// Whether what signs longest is about to end.
fn successor(report: &mut Report<'_>) {
    let windows = report.policy.windows;
    let ends = |(place, _, verdict): &(usize, _, &crate::domain::validity::KeyVerdict)| {
        (verdict.effective_expires, *place)
    };
    let signers = report.signers();
    if signers.iter().any(|signer| signer.2.effective_expires.is_none()) {
        return;
    }
    let Some((Some(end), place)) = signers.iter().map(ends).max() else { return };
    let left = (end.unix() - report.now().unix()) / DAY;
    if left >= windows.whole() {
        return;
    }
    let text = format!(
        "it ends {}, and no key signs after it; a rotation takes {} days",
        end.date_with_distance(report.now()),
        windows.whole()
    );
    let tail = i64::from(windows.slack) + i64::from(windows.overlap);
    let severity = if left < tail { Severity::Error } else { Severity::Warning };
    report.find_key(FindingId::Exp005, severity, place, &text);
}

fn creation(report: &mut Report<'_>) {
    let made = report.certificate().primary.created;
    for (place, key, _) in report.keys() {
        if key.created > report.now() {
            let text = format!("it says that it is made {}, which is to come", key.created.iso());
            report.find_key(FindingId::Exp006, Severity::Error, place, &text);
        } else if key.created < made {
            let text = format!(
                "it says that it is made {}, before its primary key ({})",
                key.created.iso(),
                made.iso()
            );
            report.find_key(FindingId::Exp006, Severity::Error, place, &text);
        }
    }
}

fn agreement(report: &mut Report<'_>) {
    let now = report.now();
    let made = report.certificate().primary.created;
    let end = |seconds: Option<u32>| match seconds.filter(|seconds| *seconds > 0) {
        Some(seconds) => made.plus(i64::from(seconds)).date(),
        None => "never".to_owned(),
    };
    let ids = living(report);
    let stated = ids.iter().filter_map(|id| newest(&id.self_signatures, now));
    let mut ends: Vec<String> = stated.map(|signature| end(signature.key_validity)).collect();
    ends.sort_unstable();
    ends.dedup();
    if ends.len() > 1 {
        let text = format!("its user IDs say that the primary key ends {}", ends.join(" and "));
        report.find(FindingId::Exp007, Severity::Warning, text);
    }
}

/// How often a key was extended, and how old the primary key is at its end.
fn age(report: &mut Report<'_>) {
    for (place, key, _) in report.keys() {
        let Some(allowed) = report.policy.extensions else { break };
        let ids = living(report);
        let of_ids = ids.iter().filter(|_| place == 0).flat_map(|id| &id.self_signatures);
        let times = extensions(key.self_signatures.iter().chain(of_ids), report.now());
        if times > allowed {
            let times = counted(times, "time");
            let text = format!("its end was put off {times}; the policy allows {allowed}");
            report.find_key(FindingId::Exp008, Severity::Warning, place, &text);
        }
    }
    let Some(allowed) = report.policy.max_age else { return };
    let made = report.certificate().primary.created;
    let end = report.assessment.verdict.primary.expires;
    if end.unwrap_or(report.now()) > made.after(allowed) {
        let text = match end {
            Some(end) => format!("it lives from {} to {}", made.date(), end.date()),
            None => format!("it lives since {}", made.date()),
        };
        let text = format!("{text}; the policy allows {allowed} in all");
        report.find_key(FindingId::Exp008, Severity::Warning, 0, &text);
    }
}
