//! When somebody looks again at what is kept: copies of primary keys, and the
//! holders of revocation certificates.

use super::{Action, ActionKind, Due, days_after, days_before};
use crate::domain::custody::{AHEAD, Copy, Held, REPLACED_WITHIN, Register, Standing};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::timestamp::Timestamp;

/// The next look at the copies of each key, and at each holder; and the end of
/// a key whose medium is lost.
#[must_use]
pub fn drills(now: Timestamp, register: &Register, keys: &[(Fingerprint, String)]) -> Vec<Action> {
    let mut actions = Vec::new();
    for (key, name) in keys {
        let first = register.of(Held::Root, key).min_by_key(|copy| copy.due());
        let kept = register.of(Held::Revocation, key);
        let since = register.exposed_since(key);
        actions.extend(since.map(|since| replacement(now, since, name)));
        actions.extend(first.into_iter().chain(kept).filter_map(|copy| action(now, copy, name)));
    }
    actions
}

/// The key is replaced before somebody has found out the passphrase.
fn replacement(now: Timestamp, since: Timestamp, name: &str) -> Action {
    let until = days_after(since.midnight(), REPLACED_WITHIN);
    Action {
        due: if until <= now { Due::Overdue } else { Due::Now },
        kind: ActionKind::ReplacePrimary,
        consumer: name.to_owned(),
        owner: None,
        planned: since.midnight(),
        latest_safe: until,
        why: format!("a medium with it may be in other hands since {}", since.date()),
    }
}

fn action(now: Timestamp, copy: &Copy, name: &str) -> Option<Action> {
    let due = copy.due()?;
    let (kind, what) = match copy.held {
        Held::Root => (ActionKind::Drill, "proved"),
        Held::Revocation | Held::Parcel => (ActionKind::Ask, "looked at"),
    };
    let holder = copy.holder.as_str();
    Some(Action {
        due: match copy.standing(now) {
            Standing::Over => Due::Overdue,
            Standing::Due => Due::Now,
            Standing::Fine => Due::Later,
        },
        kind,
        consumer: name.to_owned(),
        owner: (!holder.is_empty()).then(|| holder.to_owned()),
        planned: days_before(due.midnight(), AHEAD),
        latest_safe: due.midnight(),
        why: format!("{} was {what} last on {}", copy.name(), copy.proved.date()),
    })
}
