//! The keys of a consumer in time, against every day of it.

use keyrite::domain::schedule::{
    ActionKind, Blackout, Due, Line, Progress, Rule, Term, next_actions,
};
use keyrite::domain::timestamp::DAY;
use proptest::prelude::*;

use crate::schedule::{any_rule, cycles, day, line, runner, windows};

#[test]
fn every_day_of_a_track_has_a_key_that_signs_or_a_gap_that_says_why() {
    let progress = prop_oneof![
        Just(Progress::Nothing),
        Just(Progress::Generated),
        Just(Progress::Published),
        Just(Progress::Active),
    ];
    let primary = proptest::option::of(0i64..3_000);
    let ends = proptest::option::of(-300i64..1_000);
    let now = day("2026-06-01");
    runner(300)
        .run(&(any_rule(), ends, primary, progress), |(rule, ends, primary, progress)| {
            if rule.check().is_err() {
                return Ok(());
            }
            let line = Line {
                ends: ends.map(|days| now.plus(days * DAY)),
                begins: Some(day("2020-01-01")),
                primary_ends: primary.map(|days| now.plus(days * DAY)),
                progress,
                ..line(rule, "2026-06-01")
            };
            let until = now.plus(3_000 * DAY);
            let track = line.track(now, until);
            for days in 0..3_000 {
                let noon = now.plus(days * DAY + DAY / 2);
                let signs = track
                    .keys
                    .iter()
                    .any(|key| key.from <= noon && key.until.is_none_or(|until| noon < until));
                let told = track.troubles.iter().any(|trouble| {
                    trouble.from <= noon && trouble.until.is_none_or(|until| noon < until)
                });
                // A successor that is late overlaps nothing, so the gap says more.
                prop_assert!(signs || told, "{} of {track:?}", noon.date());
            }
            let mut ordered = track.keys.windows(2);
            prop_assert!(ordered.all(|pair| pair[0].until <= pair[1].until), "{track:?}");
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_blackout_that_pushes_a_key_before_the_last_releases_is_a_clash() {
    let windows = windows(30, 21, 14, 14, 5);
    let blackout = |from: &str, until: &str| Blackout {
        reason: "TEST".to_owned(),
        from: day(from),
        until: day(until),
    };
    let rule = |blackouts| Rule { term: Term::Cycles(cycles()), windows, blackouts, margin: 0 };
    let track = |blackouts| {
        let line = Line { rule: rule(blackouts), ..line(rule(Vec::new()), "2026-11-09") };
        line.track(day("2026-06-01"), day("2027-02-01"))
    };
    assert_eq!(track(Vec::new()).troubles, Vec::new());
    let clashes = track(vec![blackout("2026-10-07", "2026-10-20")]).troubles;
    assert_eq!(clashes.len(), 1, "{clashes:?}");
    assert_eq!(
        clashes[0].to_string(),
        "clash from 2026-10-06 to 2026-10-09: nobody can be asked later, so the key would sign \
         from 2026-10-06, but the releases before '2027.1' are done only 2026-10-09"
    );
}

#[test]
fn a_provisional_cycle_is_told_and_a_retired_key_asks_for_the_next_declaration() {
    let mut cycles = cycles();
    cycles[2].provisional = true;
    let windows = windows(30, 21, 14, 14, 5);
    let rule = Rule { term: Term::Cycles(cycles), windows, blackouts: Vec::new(), margin: 0 };
    let mut one = line(rule, "2026-11-09");
    let actions = next_actions(day("2026-06-01"), std::slice::from_ref(&one));
    assert!(actions[0].why.contains("; '2027.1' may begin later"), "{actions:?}");
    one.progress = Progress::Retired;
    let due = |at: &str| {
        let actions = next_actions(day(at), std::slice::from_ref(&one));
        assert_eq!(actions.len(), 1, "{actions:?}");
        (actions[0].kind, actions[0].due)
    };
    assert_eq!(due("2026-10-30"), (ActionKind::Declare, Due::Now));
    assert_eq!(due("2026-11-20"), (ActionKind::Declare, Due::Overdue));
}
