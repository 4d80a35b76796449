//! Whole ceremonies of the real binary under a clock that is wrong.

use std::time::{Duration, SystemTime};

use keyrite::adapters::openpgp::mend_armor;
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::{Packet, PacketPile};

use crate::support::hall::{Answer, Hall, Prompt, Sat, names};
use crate::support::invariants::{contents, hold_at_any_time, hold_at_the_end, journal};

const DAY: i64 = 86_400;

/// Seconds by which the clock is wrong, and as faketime is told so.
const OFFSETS: [(i64, &str); 5] =
    [(-400 * DAY, "-400d"), (-DAY, "-1d"), (-600, "-10m"), (600, "+10m"), (DAY, "+1d")];

/// As faketime is told of a clock that is far ahead.
const FAR_AHEAD: [&str; 3] = ["faketime", "-f", "+400d"];

fn moved(time: SystemTime, seconds: i64) -> SystemTime {
    let by = Duration::from_secs(seconds.unsigned_abs());
    if seconds < 0 { time - by } else { time + by }
}

/// Holds a ceremony under that clock; what may be taken on oneself is.
fn hold(hall: &mut Hall, ceremony: &str, offset: &str) -> Sat {
    // Else everything that waits would wait for ever.
    hall.variables = vec![("FAKETIME_DONT_FAKE_MONOTONIC".to_owned(), "1".to_owned())];
    let sitting = hall.start(&["faketime", "-f", offset], ceremony);
    let sat = hall.pilot_with(sitting, &mut take_on);
    hall.variables.clear();
    sat
}

/// Takes on oneself what one may.
fn take_on(prompt: &Prompt) -> Answer {
    match () {
        () if !prompt.label.starts_with("mend it") => Answer::Usual,
        () if prompt.said.contains(":except") => {
            Answer::Say(":except TEST the clock of this machine is known".to_owned())
        }
        () => Answer::Leave,
    }
}

/// When the keys and signatures of everything that was made are from.
fn times(hall: &Hall) -> Vec<(String, SystemTime)> {
    let mut times = Vec::new();
    for (path, bytes) in contents(&hall.path("team")) {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let bytes = if name.starts_with("revocation") {
            mend_armor(&bytes).unwrap()
        } else if ["asc", "pgp"].iter().any(|end| name.ends_with(end))
            && !name.contains(".key.")
            && !name.contains(".pass.")
        {
            bytes
        } else {
            continue;
        };
        for packet in PacketPile::from_bytes(&bytes).unwrap().descendants() {
            // Of a kept revocation only what it adds is new.
            let is_kept = name.starts_with("revocation");
            let time = match packet {
                Packet::Signature(signature)
                    if is_kept && signature.reason_for_revocation().is_none() =>
                {
                    continue;
                }
                Packet::PublicKey(_) | Packet::PublicSubkey(_) if is_kept => continue,
                Packet::Signature(signature) => signature.signature_creation_time().unwrap(),
                Packet::PublicKey(key) => key.creation_time(),
                Packet::PublicSubkey(key) => key.creation_time(),
                Packet::SecretKey(key) => key.creation_time(),
                _ => continue,
            };
            times.push((name.clone(), time));
        }
    }
    times
}

/// The findings about the clock that are on record, and what was taken on.
fn on_record(hall: &Hall, ceremony: &str) -> (bool, bool) {
    let lines = journal(&hall.folder_of(&hall.run_of(ceremony)));
    let mut found = lines.iter().filter(|line| line["type"] == "observed");
    let is_seen = found.any(|line| {
        let text = line["body"]["findings"].to_string();
        text.contains("HST-007") || text.contains("HST-008")
    });
    let is_excepted = lines.iter().any(|line| line["type"] == "exception");
    (is_seen, is_excepted)
}

/// Under that clock, a ceremony is refused and leaves nothing, or the clock is
/// on record and nothing is from the future or from before what it builds on.
fn keeps_time(hall: &mut Hall, ceremony: &str, (seconds, offset): (i64, &str)) -> bool {
    let before = times(hall);
    let floor = before.iter().map(|(_, time)| *time).max();
    let begun = moved(SystemTime::now(), seconds) - Duration::from_secs(2);
    let sat = hold(hall, ceremony, offset);
    let ended = moved(SystemTime::now(), seconds) + Duration::from_secs(2);
    let after = times(hall);
    let (is_seen, is_excepted) = on_record(hall, ceremony);
    assert!(is_seen, "{offset}: the clock is not on record: {sat:#?}");
    if !sat.status.success() {
        assert_eq!(sat.status.code(), Some(9), "{offset}: {sat:#?}");
        assert!(sat.out.contains("HST-008"), "{offset}: {sat:#?}");
        assert!(sat.out.contains("safe: "), "{offset}: {sat:#?}");
        assert_eq!(before, after, "{offset}: something was made");
        return false;
    }
    assert!(is_excepted, "{offset}: nobody took it on themselves: {sat:#?}");
    assert!(after.len() > before.len());
    for (name, time) in after.iter().filter(|one| !before.contains(one)) {
        assert!(*time <= ended, "{offset}: {name} is from the future");
        assert!(*time >= begun, "{offset}: {name} is from before the ceremony");
        assert!(floor.is_none_or(|floor| *time >= floor), "{offset}: {name} is older than its key");
    }
    true
}

#[test]
fn a_root_generation_under_a_wrong_clock_is_refused_or_on_record() {
    for (seconds, offset) in OFFSETS {
        let mut hall = Hall::new();
        let is_made = keeps_time(&mut hall, "root-generation", (seconds, offset));
        assert!(
            !is_made || seconds > -400 * DAY,
            "a clock before the program was built is refused"
        );
        // Under the right clock, it goes on, or the clock that was ahead stops it.
        if !is_made {
            let sat = hall.go_on("root-generation");
            assert!(sat.status.success(), "{offset}: {sat:#?}");
            hold_at_the_end(&hall, "root-generation");
        }
    }
}

#[test]
fn an_issuance_before_its_primary_key_is_refused() {
    for (seconds, offset) in [(-DAY, "-1d"), (-600, "-10m"), (DAY, "+1d")] {
        let mut hall = Hall::after("root-generation");
        let is_made = keeps_time(&mut hall, "subkey-issuance", (seconds, offset));
        assert_eq!(is_made, seconds > 0, "{offset}");
    }
}

#[test]
fn a_run_under_a_clock_that_went_back_is_refused_until_it_is_right() {
    let mut hall = Hall::new();
    // Left tomorrow, taken up today.
    hall.variables = vec![("FAKETIME_DONT_FAKE_MONOTONIC".to_owned(), "1".to_owned())];
    let sitting = hall.start(&["faketime", "-f", "+1d"], "root-generation");
    let left = hall.pilot_with(sitting, &mut |prompt| {
        if prompt.is_at("Make the primary key") { Answer::Leave } else { take_on(prompt) }
    });
    assert_eq!(left.status.code(), Some(9), "{left:#?}");
    assert_eq!(names(&hall.medium("root-a/keyrite")), ["medium.json"]);
    let sat = hall.pilot_with(hall.resume(&[], None), &mut take_on);
    assert_eq!(sat.status.code(), Some(9), "{sat:#?}");
    assert!(sat.out.contains("HST-008"), "{sat:#?}");
    assert_eq!(names(&hall.medium("root-a/keyrite")), ["medium.json"], "nothing was made");
    let mut looks = 0;
    let right = hall.resume(&["faketime", "-f", "+1d"], None);
    let sat = hall.pilot_with(right, &mut |prompt| {
        looks += usize::from(prompt.label.starts_with("mend it"));
        // Mended, it is looked at again, without the passphrase that is gone.
        if looks == 1 && prompt.label.starts_with("mend it") {
            return Answer::Say(String::new());
        }
        take_on(prompt)
    });
    assert!(sat.status.success(), "{sat:#?}");
    hold_at_any_time(&hall);
    // No line says an earlier time than the one before it; that the clock was
    // behind stands in words.
    let verified = hall.run(&["audit", "verify", "--in", "team"]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
}

#[test]
fn nothing_is_written_under_a_clock_that_is_far_ahead_and_it_goes_on_under_the_right_one() {
    const CEREMONY: &str = "root-generation";
    let mut hall = Hall::new();
    let words = ["the clock says 20", "nothing was written", "set the clock right"];
    let refused = |hall: &mut Hall, what: &str| {
        let before = contents(&hall.path("team"));
        hall.variables = vec![("FAKETIME_DONT_FAKE_MONOTONIC".to_owned(), "1".to_owned())];
        let sitting = match what {
            "start" => hall.start(&FAR_AHEAD, CEREMONY),
            _ => hall.resume(&FAR_AHEAD, None),
        };
        let sat = hall.pilot_with(sitting, &mut take_on);
        hall.variables.clear();
        assert_eq!(sat.status.code(), Some(1), "{what}: {sat:#?}");
        for word in words {
            assert!(sat.err.contains(word), "{what}: '{word}': {sat:#?}");
        }
        assert_eq!(before, contents(&hall.path("team")), "{what}: something was written");
    };
    refused(&mut hall, "start");
    let sat = hall.pilot_with(hall.start(&[], CEREMONY), &mut |prompt| {
        if prompt.is_at("Make the primary key") { Answer::Leave } else { Answer::Usual }
    });
    assert_eq!(sat.status.code(), Some(9), "{sat:#?}");
    refused(&mut hall, "resume");
    let sat = hall.go_on(CEREMONY);
    assert!(sat.status.success(), "{sat:#?}");
    hold_at_the_end(&hall, CEREMONY);
}
