//! When somebody looks again at what is kept: copies of primary keys, and the
//! holders of revocation certificates.

use super::{Action, ActionKind, Due, days_before};
use crate::domain::custody::{AHEAD, Copy, Held, Register, Standing};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::timestamp::Timestamp;

/// The next look at the copies of each key, and at each holder.
#[must_use]
pub fn drills(now: Timestamp, register: &Register, keys: &[(Fingerprint, String)]) -> Vec<Action> {
    let mut actions = Vec::new();
    for (key, name) in keys {
        let first = register.of(Held::Root, key).min_by_key(|copy| copy.due());
        let kept = register.of(Held::Revocation, key);
        actions.extend(first.into_iter().chain(kept).filter_map(|copy| action(now, copy, name)));
    }
    actions
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
