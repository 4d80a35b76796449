//! What is in the slots of the demo, as its record and their places would say.

use crate::app::DEMO_NOW;
use crate::domain::custody::{Observation, Placed, Register, Seen, Sightings, Stage};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::timestamp::{DAY, Timestamp};
use crate::domain::workspace::Slot;

/// A version of a slot: whose secret, its name there, its stage by the record
/// and as it is seen, and how many days ago it came.
struct Made {
    slot: &'static str,
    subkey: &'static str,
    version: &'static str,
    stage: Stage,
    seen: Stage,
    days: i64,
}

const MADE: &[Made] = &[
    Made {
        slot: "release-key",
        subkey: super::OLD_SUBKEY,
        version: "SIGNING_KEY_7D12059E",
        stage: Stage::Left,
        seen: Stage::Left,
        days: 340,
    },
    Made {
        slot: "release-key",
        subkey: super::SUBKEY,
        version: "SIGNING_KEY_482743B5",
        stage: Stage::Current,
        seen: Stage::Current,
        days: 171,
    },
    // The subkey of the next root waits for its day.
    Made {
        slot: "release-key",
        subkey: "00BD8F62386479D869F4A17D553F7A388DAF890E",
        version: "SIGNING_KEY_00BD8F62",
        stage: Stage::Pending,
        seen: Stage::Pending,
        days: 9,
    },
    Made {
        slot: "aws-key",
        subkey: AWS_SUBKEY,
        version: "0c1d5a52-7f3e-4d0b-9a61-5b7f2f0d9e11",
        stage: Stage::Current,
        seen: Stage::Current,
        days: 384,
    },
    // Somebody has written another passphrase over it, past every ceremony.
    Made {
        slot: "aws-passphrase",
        subkey: AWS_SUBKEY,
        version: "6d8b1f0e-94a5-4b52-8a0c-3c9e51d7f204",
        stage: Stage::Current,
        seen: Stage::Previous,
        days: 384,
    },
    Made {
        slot: "oregon-file",
        subkey: "F03CA0D5227CDACBD72AB1B35DC8C002138A61EF",
        version: "current",
        stage: Stage::Current,
        seen: Stage::Current,
        days: 172,
    },
];

/// The subkey of the build cache in AWS.
const AWS_SUBKEY: &str = "924759ABA659B733DD6D272B7ADFDC14AFB1E7AF";

/// What the record of the demo knows of its slots, and what was seen there,
/// both made up: each trouble stands for what happens to real teams.
#[must_use]
pub fn demo_custody(slots: &[Slot]) -> (Register, Sightings) {
    let (mut register, mut seen) = (Register::default(), Sightings::new());
    for slot in slots {
        let made = || MADE.iter().filter(|made| made.slot == slot.id);
        made().filter_map(|made| placed(slot, made)).for_each(|placed| register.place(placed));
        let versions: Vec<_> = made().map(version).collect();
        seen.insert(slot.id.clone(), sighting(&slot.id, versions));
    }
    (register, seen)
}

fn ago(days: i64) -> Timestamp {
    DEMO_NOW.plus(-days * DAY)
}

fn placed(slot: &Slot, made: &Made) -> Option<Placed> {
    Some(Placed {
        place: slot.place.clone(),
        subkey: Fingerprint::from_hex(made.subkey)?,
        version: made.version.to_owned(),
        stage: made.stage,
        since: ago(made.days),
        is_proved: true,
        body: None,
        run: "20260601T090000Z-demodemo".to_owned(),
    })
}

fn version(made: &Made) -> Seen {
    Seen {
        version: made.version.to_owned(),
        stage: made.seen,
        subkey: None,
        written: Some(ago(made.days)),
        body: None,
    }
}

fn sighting(slot: &str, mut versions: Vec<Seen>) -> Result<Observation, String> {
    let mut facts = Vec::new();
    match slot {
        "aws-passphrase" => {
            versions.push(Seen {
                version: "b2f7c9a4-1e60-47d3-8f15-70c4a8e6d3b9".to_owned(),
                stage: Stage::Current,
                subkey: None,
                written: Some(ago(3)),
                body: None,
            });
            facts.push("the account 000000000000, as it was declared".to_owned());
        }
        "oregon-file" => {
            return Err(
                "no answer within 30 s; the machine in Oregon is not reached from here".to_owned()
            );
        }
        _ => {}
    }
    Ok(Observation { versions, facts, ..Observation::default() })
}
