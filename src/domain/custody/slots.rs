//! Which secret is in which slot.

use std::collections::BTreeMap;

use super::{Frozen, Observation, Placed, Register, Stage};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::timestamp::Timestamp;
use crate::domain::worded::worded;
use crate::domain::workspace::{Consumer, Slot, Workspace};

worded! {
    /// How a subkey's secret stands in a slot.
    pub enum SlotState: "state in a slot" {
        /// It is there, and nobody gets it who does not ask for it.
        Pending = "pending",
        /// Its user gets this one.
        Current = "current",
        /// It was current before, and can be again.
        Previous = "previous",
        /// It is there, and has no use.
        Left = "left",
        /// Its user gets this one, while another slot of the same consumer
        /// has its successor.
        Stale = "stale",
        /// It should be there, and is not.
        Missing = "missing",
        /// Something is there that no run has put there.
        Unknown = "unknown",
    }
}

impl SlotState {
    /// What its word means to whoever sees it; empty where that is plain.
    #[must_use]
    pub const fn note(self) -> &'static str {
        match self {
            Self::Pending => "new, not in use yet",
            Self::Current => "in use",
            Self::Previous => "was in use, can come back",
            Self::Left => "has no use",
            Self::Stale => "its successor is in use elsewhere",
            Self::Missing => "should be there",
            Self::Unknown => "no run has put it there",
        }
    }

    /// Whether somebody has to look at it.
    #[must_use]
    pub const fn is_wrong(self) -> bool {
        matches!(self, Self::Stale | Self::Missing | Self::Unknown)
    }
}

/// A subkey's secret in a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InSlot {
    /// Whose; absent where nobody knows.
    pub subkey: Option<Fingerprint>,
    /// How it stands.
    pub state: SlotState,
    /// How the place calls it; empty where it is not there.
    pub version: String,
    /// Since when, by the record.
    pub since: Option<Timestamp>,
    /// Whether a run has proved it.
    pub is_proved: bool,
}

/// One slot with all that is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotRow {
    /// The slot.
    pub slot: Slot,
    /// Whose slot it is; absent where no consumer has it.
    pub consumer: Option<String>,
    /// What is in it: what its user gets first.
    pub entries: Vec<InSlot>,
    /// Whether its place was looked at.
    pub is_seen: bool,
    /// Why it could not be.
    pub trouble: Option<String>,
    /// What was found out about it.
    pub facts: Vec<String>,
    /// Whether its user is kept from it: as it was seen, or by the record.
    pub is_frozen: bool,
    /// What the record says of that.
    pub frozen: Option<Frozen>,
}

impl SlotRow {
    /// Whether it was frozen by the record, and was not seen to be so.
    #[must_use]
    pub const fn is_let_again_unseen(&self) -> bool {
        self.is_seen && !self.is_frozen && self.frozen.is_some()
    }
}

/// What was seen of slots, by their names; of those that are not in it
/// nothing was looked at.
pub type Sightings = BTreeMap<String, Result<Observation, String>>;

/// All slots of a workspace.
#[must_use]
pub fn slot_rows(workspace: &Workspace, register: &Register, seen: &Sightings) -> Vec<SlotRow> {
    let row = |slot: &Slot| {
        let consumer = workspace.consumers.iter().find(|one| one.slots.contains(&slot.id));
        let placed: Vec<_> = register.in_place(&slot.place).collect();
        let (sighting, frozen) = (seen.get(&slot.id), register.frozen(&slot.place));
        let mut entries = match sighting {
            Some(Ok(observation)) => by_sight(&placed, observation),
            Some(Err(_)) | None => placed.iter().map(|one| by_record(one)).collect(),
        };
        if let Some(newest) = consumer.and_then(|one| newest(workspace, one, register)) {
            hold_against(&mut entries, newest);
        }
        entries.sort_by_key(|entry| entry.state);
        let observation = sighting.and_then(|one| one.as_ref().ok());
        SlotRow {
            slot: slot.clone(),
            consumer: consumer.map(|one| one.id.clone()),
            entries,
            is_seen: observation.is_some(),
            trouble: sighting.and_then(|one| one.as_ref().err().cloned()),
            facts: observation.map(|one| one.facts.clone()).unwrap_or_default(),
            is_frozen: observation.map_or(frozen.is_some(), |one| one.is_frozen),
            frozen: frozen.cloned(),
        }
    };
    workspace.slots.iter().map(row).collect()
}

/// How a version at that stage stands.
#[must_use]
pub const fn slot_state(stage: Stage) -> SlotState {
    match stage {
        Stage::Pending => SlotState::Pending,
        Stage::Current => SlotState::Current,
        Stage::Previous => SlotState::Previous,
        Stage::Left => SlotState::Left,
    }
}

fn by_record(placed: &Placed) -> InSlot {
    InSlot {
        subkey: Some(placed.subkey),
        state: slot_state(placed.stage),
        version: placed.version.clone(),
        since: Some(placed.since),
        is_proved: placed.is_proved,
    }
}

fn by_sight(placed: &[&Placed], observation: &Observation) -> Vec<InSlot> {
    let mut entries: Vec<_> = placed
        .iter()
        .map(|one| {
            let Some(seen) = observation.version(&one.version) else {
                let state = SlotState::Missing;
                return InSlot { state, is_proved: false, ..by_record(one) };
            };
            // What lies there now, no run has put there.
            let is_other = one.is_changed_in(seen);
            let state = if is_other { SlotState::Unknown } else { slot_state(seen.stage) };
            InSlot { state, is_proved: one.is_proof_of(seen), ..by_record(one) }
        })
        .collect();
    let is_strange = |version: &str| !placed.iter().any(|one| one.version == version);
    let strange = observation.versions.iter().filter(|seen| is_strange(&seen.version));
    entries.extend(strange.map(|seen| InSlot {
        subkey: seen.subkey,
        state: SlotState::Unknown,
        version: seen.version.clone(),
        since: seen.written,
        is_proved: false,
    }));
    entries
}

/// The subkey that a consumer was given last.
fn newest(workspace: &Workspace, consumer: &Consumer, register: &Register) -> Option<Fingerprint> {
    let slots = workspace.slots.iter().filter(|slot| consumer.slots.contains(&slot.id));
    let all = slots.flat_map(|slot| register.in_place(&slot.place));
    let current = all.filter(|one| one.stage == Stage::Current);
    current.max_by_key(|one| one.since).map(|one| one.subkey)
}

/// What is current must be what the consumer was given last, in all of its
/// slots: a key does not open with the passphrase of another.
fn hold_against(entries: &mut Vec<InSlot>, newest: Fingerprint) {
    for entry in entries.iter_mut() {
        if entry.state == SlotState::Current && entry.subkey != Some(newest) {
            entry.state = SlotState::Stale;
        }
    }
    if !entries.iter().any(|entry| entry.subkey == Some(newest)) {
        entries.push(InSlot {
            subkey: Some(newest),
            state: SlotState::Missing,
            version: String::new(),
            since: None,
            is_proved: false,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::Seen;
    use super::super::{if_leaked, if_lost};
    use super::*;
    use crate::domain::worded::Worded as _;
    use crate::domain::workspace::{Content, Environment, SlotKind};

    fn key(digit: &str) -> Fingerprint {
        Fingerprint::from_hex(&digit.repeat(40)).unwrap()
    }

    fn workspace() -> Workspace {
        let mut workspace =
            Workspace::empty("TEST".to_owned(), Environment::Production, "small-team".to_owned());
        let slot = |id: &str, content| Slot {
            id: id.to_owned(),
            kind: SlotKind::Directory,
            place: format!("/{id}"),
            contents: [(String::new(), content)].into(),
            environment: None,
            selector: None,
            readers: Vec::new(),
            reason: None,
            settings: BTreeMap::new(),
            line: 1,
        };
        workspace.slots = vec![slot("key", Content::Key), slot("pass", Content::Passphrase)];
        workspace.consumers = vec![Consumer {
            id: "ci".to_owned(),
            label: String::new(),
            certificate: key("C"),
            subkey: None,
            owner: None,
            progress: crate::domain::schedule::Progress::Nothing,
            published: None,
            activated: None,
            slots: vec!["key".to_owned(), "pass".to_owned()],
            line: 1,
        }];
        workspace
    }

    fn placed(slot: &str, digit: &str, version: &str, since: i64) -> Placed {
        Placed {
            place: format!("/{slot}"),
            subkey: key(digit),
            version: version.to_owned(),
            stage: Stage::Pending,
            since: Timestamp::from_unix(since),
            is_proved: true,
            body: Some(format!("body {version}")),
            run: "run".to_owned(),
        }
    }

    fn states(rows: &[SlotRow]) -> Vec<(&str, Vec<&'static str>)> {
        let of = |row: &SlotRow| row.entries.iter().map(|one| one.state.word()).collect();
        rows.iter().map(|row| (row.slot.id.as_str(), of(row))).collect()
    }

    #[test]
    fn a_consumer_with_half_a_promotion_has_a_stale_slot() {
        let (workspace, mut register) = (workspace(), Register::default());
        for slot in ["key", "pass"] {
            register.place(placed(slot, "A", "1", 1));
            register.promote("1", placed(slot, "A", "1", 2));
            register.place(placed(slot, "B", "2", 3));
        }
        let rows = slot_rows(&workspace, &register, &Sightings::new());
        let both = vec!["pending", "current"];
        assert_eq!(states(&rows), [("key", both.clone()), ("pass", both)]);
        register.promote("2", placed("key", "B", "2", 4));
        let rows = slot_rows(&workspace, &register, &Sightings::new());
        let half = [("key", vec!["current", "previous"]), ("pass", vec!["pending", "stale"])];
        assert_eq!(states(&rows), half);
    }

    #[test]
    fn what_is_seen_wins_over_what_is_on_record() {
        let (workspace, mut register) = (workspace(), Register::default());
        register.place(placed("key", "A", "1", 1));
        register.promote("1", placed("key", "A", "1", 2));
        let seen = |version: &str, stage| Seen {
            version: version.to_owned(),
            stage,
            subkey: None,
            written: None,
            body: Some(format!("body {version}")),
        };
        let versions = vec![seen("9", Stage::Current)];
        let observation = Observation { versions, ..Observation::default() };
        let sightings = Sightings::from([
            ("key".to_owned(), Ok(observation)),
            ("pass".to_owned(), Err("no network".to_owned())),
        ]);
        let rows = slot_rows(&workspace, &register, &sightings);
        let wanted = [("key", vec!["missing", "unknown"]), ("pass", vec!["missing"])];
        assert_eq!(states(&rows), wanted);
        assert_eq!(rows[1].trouble.as_deref(), Some("no network"));
        assert!(rows[0].entries.iter().all(|entry| entry.state.is_wrong() && !entry.is_proved));
    }

    #[test]
    fn only_what_was_proved_is_called_proved() {
        let (workspace, mut register) = (workspace(), Register::default());
        register.place(placed("key", "A", "1", 1));
        register.promote("1", placed("key", "A", "1", 2));
        let body = |body: Option<&str>| {
            let seen = Seen {
                version: "1".to_owned(),
                stage: Stage::Current,
                subkey: None,
                written: None,
                body: body.map(str::to_owned),
            };
            let observation = Observation { versions: vec![seen], ..Observation::default() };
            let sightings = Sightings::from([("key".to_owned(), Ok(observation))]);
            let rows = slot_rows(&workspace, &register, &sightings);
            (rows[0].entries[0].state, rows[0].entries[0].is_proved)
        };
        assert_eq!(body(Some("body 1")), (SlotState::Current, true));
        assert_eq!(body(Some("body 2")), (SlotState::Unknown, false));
        assert_eq!(body(None), (SlotState::Unknown, false));
    }

    #[test]
    fn a_loss_and_a_leak_say_what_comes_next() {
        let (workspace, mut register) = (workspace(), Register::default());
        let empty = slot_rows(&workspace, &register, &Sightings::new());
        assert!(if_lost(&empty[0], &register)[0].starts_with("nothing"));
        assert!(if_leaked(&empty[0], &register)[0].starts_with("nothing"));
        for slot in ["key", "pass"] {
            register.place(placed(slot, "A", "1", 1));
            register.promote("1", placed(slot, "A", "1", 2));
        }
        let rows = slot_rows(&workspace, &register, &Sightings::new());
        let lost = if_lost(&rows[0], &register).join("\n");
        assert!(lost.contains("subkey-issuance") && lost.contains("ci cannot sign"), "{lost}");
        let leaked = if_leaked(&rows[0], &register).join("\n");
        for words in ["subkey-revocation", "is in /pass", "only with its passphrase", "new subkey"]
        {
            assert!(leaked.contains(words), "{leaked}");
        }
    }
}
