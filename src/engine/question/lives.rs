//! When keys end: what is offered, and what holds.

use super::World;
use crate::domain::extension::{self, Extendable};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::period::Period;
use crate::domain::text::VisibleText;
use crate::domain::timestamp::{DAY, Timestamp};
use crate::engine::definition::FieldKind;
use crate::engine::effect::Value;
use crate::engine::event::Place;
use crate::engine::run::Run;

/// A period from now, or a day, that is not behind `longest`.
pub(super) fn end(
    said: &str,
    now: Timestamp,
    longest: Option<Timestamp>,
    rule: &str,
) -> Result<Value, String> {
    let ends = match (Period::parse(said), Timestamp::parse(said)) {
        (Ok(period), _) => now.after(period),
        (_, Ok(day)) => day,
        (Err(_), Err(_)) => {
            let said = VisibleText::from_text(said);
            return Err(format!("'{said}' is neither a period (2y, 90d) nor a day (2028-01-31)"));
        }
    };
    if ends <= now {
        return Err(format!("{} is over: a day to come is wanted", ends.date()));
    }
    match longest {
        Some(longest) if ends > longest => {
            Err(format!("{} is too late: {rule} until {}", ends.date(), longest.date()))
        }
        _ => Ok(Value::Number(ends.unix())),
    }
}

pub(super) fn primary_life(world: &World) -> (Option<Timestamp>, String) {
    let longest = world.team.policy.primary_lives;
    let offer = longest.unwrap_or(Period::Months(24)).to_string();
    (longest.map(|period| world.now.after(period)), offer)
}

/// Until when a subkey can live: as long as the rules say, and so much before
/// its primary key as they want.
pub(super) fn subkey_life(run: &Run, at: &Place, of: &str, world: &World) -> (String, Timestamp) {
    let hex = run.fact(of, at.item()).map(Value::text).unwrap_or_default();
    let one = world.certificate(&hex);
    let fingerprint = one.map(|one| one.certificate.fingerprint());
    let policy = world.policy(fingerprint.as_ref());
    let longest = world.now.after(policy.subkey_lives.unwrap_or(Period::Months(24)));
    let margin = i64::from(policy.margin) * DAY;
    let primary = match run.fact(of, at.item()) {
        Some(Value::Number(instant)) => Some(Timestamp::from_unix(*instant)),
        _ => one.and_then(|one| one.verdict.primary.expires),
    };
    let ends = primary.map_or(longest, |primary| longest.min(primary.plus(-margin)));
    (hex, ends)
}

/// Whether, and until when, the end that is asked for may be put off.
pub(super) fn putting_off(
    kind: FieldKind,
    run: &Run,
    at: &Place,
    world: &World,
) -> Result<Extendable, String> {
    let (FieldKind::PrimaryEnd(of) | FieldKind::SubkeyEnd { of, .. }) = kind else {
        return Err("this is no end of a key".to_owned());
    };
    let hex = run.fact(of, at.item()).map(Value::text).unwrap_or_default();
    let one = world.certificate(&hex).ok_or("the workspace has no such certificate")?;
    let policy = world.policy(Some(&one.certificate.fingerprint()));
    let found = if let FieldKind::SubkeyEnd { within, .. } = kind {
        let subkey = at.item().and_then(Fingerprint::from_hex);
        let subkey = subkey.ok_or("no subkey is named")?;
        let within = run.fact(within, None).map(Value::text).unwrap_or_default();
        let within = within.parse().map_err(|_| "the end of its primary key is not known")?;
        extension::of_subkey(one, &subkey, Timestamp::from_unix(within), policy)
    } else {
        extension::of_primary(one, policy)
    };
    found.map_err(|error| error.to_string())
}
