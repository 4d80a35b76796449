//! What follows where a secret in a slot is lost, or in other hands.

use std::collections::{BTreeMap, BTreeSet};

use super::{Held, InSlot, Register, SlotRow, SlotState};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::worded::Worded as _;

/// What follows where what is in a slot is gone.
#[must_use]
pub fn if_lost(row: &SlotRow, register: &Register) -> Vec<String> {
    let mut lines = Vec::new();
    let is_wanted = |entry: &&InSlot| {
        matches!(entry.state, SlotState::Current | SlotState::Stale | SlotState::Pending)
    };
    let wanted: Vec<_> = row.entries.iter().filter(is_wanted).collect();
    for entry in &wanted {
        let Some(subkey) = entry.subkey else { continue };
        let what = named(entry.state, &subkey);
        let line = match register.of(Held::Parcel, &subkey).next() {
            Some(parcel) => {
                let holder = match parcel.holder.as_str() {
                    "" => "nobody that is known",
                    holder => holder,
                };
                let name = parcel.name();
                format!(
                    "{what}: custody-upload puts it there again; its parcel is with {holder}, on {name}"
                )
            }
            None => format!("{what}: no parcel of it is known; issue a new one (subkey-issuance)"),
        };
        lines.push(line);
    }
    if lines.is_empty() {
        return vec!["nothing is in it that anybody needs".to_owned()];
    }
    if wanted.iter().any(|entry| entry.state != SlotState::Pending) {
        let consumer = row.consumer.as_deref().unwrap_or("its consumer");
        lines.push(format!("until then {consumer} cannot sign; what is signed stays good"));
    }
    lines
}

/// A subkey, by how it stands and its fingerprint.
fn named(state: SlotState, subkey: &Fingerprint) -> String {
    format!("the {} subkey {}", state.word(), subkey.grouped())
}

/// What follows where somebody else has read a slot.
#[must_use]
pub fn if_leaked(row: &SlotRow, register: &Register) -> Vec<String> {
    // What is missing there cannot have been read there.
    let there = row.entries.iter().filter(|entry| entry.state != SlotState::Missing);
    let keys = there.filter_map(|entry| Some((entry.subkey?, entry.state)));
    // Sorted by how they stand: each is told once, as what it is first.
    let keys: BTreeMap<_, _> = keys.rev().collect();
    if keys.is_empty() {
        return vec!["nothing is in it that is known".to_owned()];
    }
    if !row.slot.has_key() && !row.slot.has_passphrase() {
        return vec!["what is in it is public".to_owned()];
    }
    let first = match row.slot.kind.freeze_by_hand() {
        None => "keep its user from it, which can be taken back: custody-freeze".to_owned(),
        Some(by_hand) => format!("keep its user from it, which can be taken back: {by_hand}"),
    };
    let mut lines = vec![first];
    for (subkey, state) in keys {
        let what = named(state, &subkey);
        let holders: Vec<_> = register
            .of(Held::Revocation, &subkey)
            .map(|copy| copy.holder.as_str().to_owned())
            .filter(|holder| !holder.is_empty())
            .collect();
        let by = match holders.as_slice() {
            [] => "no kept revocation of it is known; the primary key makes one".to_owned(),
            holders => format!("{} has its revocation certificate", holders.join(", ")),
        };
        lines.push(format!("end {what} at once: subkey-revocation ({by})"));
        let others: BTreeSet<_> = register
            .places_of(&subkey)
            .filter(|placed| placed.place != row.slot.place)
            .map(|placed| placed.place.as_str())
            .collect();
        if !others.is_empty() {
            let others: Vec<_> = others.into_iter().collect();
            lines.push(format!("the same secret, or its passphrase, is in {}", others.join(", ")));
        }
    }
    if row.slot.has_key() && !row.slot.has_passphrase() && !row.slot.has_open_key() {
        lines.push("it opens only with its passphrase: that is time, and no reason to wait".into());
    }
    lines.push("then issue a new subkey, and find out what was signed since".to_owned());
    lines
}
