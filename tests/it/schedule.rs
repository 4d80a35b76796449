//! The plan of rotations against a simulation that lives through every day.

use keyrite::domain::period::Period;
use keyrite::domain::schedule::{
    ActionKind, Blackout, Cycle, Due, Line, Progress, Rule, Term, Windows, next_actions, turns,
};
use keyrite::domain::timestamp::{DAY, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

pub(crate) fn day(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

pub(crate) fn windows(lead: u32, overlap: u32, slack: u32, canary: u32, buffer: u32) -> Windows {
    Windows {
        publish_lead: lead,
        reach: 1,
        overlap,
        slack,
        canary,
        ceremony_buffer: buffer,
        attest: 0,
    }
}

fn rule(term: &str, windows: Windows) -> Rule {
    Rule {
        term: Term::Calendar(Period::parse(term).unwrap()),
        windows,
        blackouts: Vec::new(),
        margin: 0,
    }
}

pub(crate) fn line(rule: Rule, ends: &str) -> Line {
    Line { ends: Some(day(ends)), ..Line::new("ci", rule) }
}

pub(crate) fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config {
        cases: cases * std::env::var("KEYRITE_CASES").map_or(1, |n| n.parse().unwrap()),
        failure_persistence: None,
        ..Config::default()
    })
}

pub(crate) fn any_rule() -> impl Strategy<Value = Rule> {
    let windows = (0u32..60, 0u32..30, 0u32..30, 0u32..30, 0u32..30, 0u32..10, 0u32..10).prop_map(
        |(publish_lead, reach, overlap, slack, canary, ceremony_buffer, attest)| Windows {
            publish_lead,
            reach,
            overlap,
            slack,
            canary,
            ceremony_buffer,
            attest,
        },
    );
    let term =
        prop_oneof![(1u32..48).prop_map(Period::Months), (20u32..800).prop_map(Period::Days),];
    let blackouts = proptest::collection::vec((0i64..3_700, 1i64..21), 0..6).prop_map(|all| {
        let start = day("2026-01-01");
        all.into_iter()
            .map(|(from, days)| Blackout {
                reason: "TEST".to_owned(),
                from: start.plus(from * DAY),
                until: start.plus((from + days) * DAY),
            })
            .collect::<Vec<_>>()
    });
    (term, windows, blackouts).prop_map(|(term, windows, blackouts)| Rule {
        term: Term::Calendar(term),
        windows,
        blackouts,
        margin: 0,
    })
}

#[test]
fn the_slurm_factory_windows_are_those_of_its_page() {
    let turn = rule("2y", windows(30, 14, 14, 14, 2)).turn(day("2027-12-31"), None);
    let before = |days: i64| day("2027-12-31").plus(-days * DAY);
    assert_eq!(
        (turn.generate, turn.publish, turn.activate, turn.retire),
        (before(60), before(58), before(28), before(14))
    );
    assert_eq!(turn.new_ends, turn.activate.after(Period::Months(24)).plus(28 * DAY));
}

#[test]
fn thirty_days_before_with_thirty_days_of_overlap_is_refused_with_what_fits() {
    // Read literally: made and published 30 days before the end, used then.
    let seed = rule("2y", windows(30, 0, 0, 0, 0));
    let refusal = seed.check().unwrap_err().to_string();
    assert!(refusal.contains("30 days before the old key ends"), "{refusal}");
    assert!(refusal.contains("no day left"), "{refusal}");
    let nearest = seed.nearest();
    assert_eq!(nearest.check(), Ok(()));
    assert_eq!((nearest.windows.publish_lead, nearest.windows.slack), (30, 7));
    // Watched for longer than both can sign.
    let canary = rule("2y", windows(30, 7, 7, 30, 0));
    assert!(canary.check().unwrap_err().to_string().contains("no way back"));
    assert_eq!(canary.nearest().windows.overlap, 30);
    // Shorter than its own rotation.
    let short = rule("30d", windows(30, 14, 14, 14, 2));
    let refusal = short.check().unwrap_err().to_string();
    assert!(
        refusal.contains("in use for 30 days") && refusal.contains("needs 47 days"),
        "{refusal}"
    );
    assert_eq!(short.nearest().term, Term::Calendar(Period::Days(47)));
}

#[test]
fn the_nearest_rule_fits_and_a_rule_that_fits_is_its_own_nearest() {
    runner(500)
        .run(&any_rule(), |rule| {
            prop_assert_eq!(rule.nearest().check(), Ok(()));
            if rule.check().is_ok() {
                prop_assert_eq!(rule.nearest(), rule);
            }
            Ok(())
        })
        .unwrap();
}

/// A day of the world, as somebody would live through it.
struct World {
    /// When each key was published, became active and ends.
    keys: Vec<(Timestamp, Timestamp, Timestamp)>,
}

impl World {
    /// The keys that sign on that day: the last one that was activated.
    fn signer(&self, day: Timestamp) -> Option<&(Timestamp, Timestamp, Timestamp)> {
        self.keys.iter().rev().find(|(_, active, _)| *active <= day)
    }
}

/// Lives through ten years, every step of turn `late` coming `delay` days
/// late; says what went wrong.
fn live_through(rule: &Rule, first_end: Timestamp, late: usize, delay: u32) -> Option<String> {
    let until = first_end.plus(3_653 * DAY);
    let plan = turns(rule, first_end, None, until);
    let shift = |index: usize, at: Timestamp| {
        at.plus(if index == late { i64::from(delay) * DAY } else { 0 })
    };
    let long_ago = first_end.plus(-3_653 * DAY);
    let mut world = World { keys: vec![(long_ago, long_ago, first_end)] };
    for (index, turn) in plan.iter().enumerate() {
        world.keys.push((shift(index, turn.publish), shift(index, turn.activate), turn.new_ends));
    }
    let start = first_end.plus(-400 * DAY);
    let days = (until.unix() - start.unix()) / DAY;
    for today in (0..days).map(|n| start.plus(n * DAY)) {
        let Some((published, active, ends)) = world.signer(today) else {
            return Some(format!("{}: nobody signs", today.date()));
        };
        if today >= *ends {
            return Some(format!("{}: the signer has ended", today.date()));
        }
        if *published != long_ago
            && (active.unix() - published.unix()) / DAY < i64::from(rule.windows.lead())
        {
            return Some(format!("{}: in use before it was ready", today.date()));
        }
    }
    None
}

#[test]
fn ten_years_day_by_day_have_exactly_one_ready_and_living_signer() {
    runner(150)
        .run(&(any_rule(), 0i64..3_000), |(rule, offset)| {
            let rule = rule.nearest();
            let first_end = day("2026-06-01").plus(offset * DAY);
            prop_assert_eq!(live_through(&rule, first_end, usize::MAX, 0), None);
            Ok(())
        })
        .unwrap();
}

#[test]
fn any_one_step_may_come_late_by_the_slack() {
    runner(60)
        .run(&(any_rule(), 0usize..8), |(rule, late)| {
            let rule = rule.nearest();
            let slack = rule.windows.slack;
            prop_assert_eq!(live_through(&rule, day("2027-03-01"), late, slack), None);
            Ok(())
        })
        .unwrap();
}

#[test]
fn blackouts_push_earlier_and_never_later() {
    runner(300)
        .run(&(any_rule(), 0i64..3_000), |(rule, offset)| {
            let rule = rule.nearest();
            let end = day("2026-06-01").plus(offset * DAY);
            let free = Rule { blackouts: Vec::new(), ..rule.clone() }.turn(end, None);
            let turn = rule.turn(end, None);
            for (pushed, unpushed) in [
                (turn.generate, free.generate),
                (turn.publish, free.publish),
                (turn.activate, free.activate),
                (turn.retire, free.retire),
            ] {
                prop_assert!(pushed <= unpushed);
                let blocked = rule.blackouts.iter().any(|b| b.from <= pushed && pushed < b.until);
                prop_assert!(!blocked, "{}", pushed.date());
            }
            prop_assert!(turn.generate <= turn.publish && turn.publish <= turn.activate);
            Ok(())
        })
        .unwrap();
}

#[test]
fn time_alone_adds_actions_and_never_takes_one_away() {
    runner(200)
        .run(&(any_rule(), 0i64..1_500, 0i64..1_500), |(rule, now, later)| {
            let lines = [line(rule.nearest(), "2028-01-01")];
            let now = day("2026-01-01").plus(now * DAY);
            let before = next_actions(now, &lines);
            let after = next_actions(now.plus(later * DAY), &lines);
            for action in before {
                let same = after.iter().find(|a| a.kind == action.kind);
                prop_assert!(same.is_some_and(|same| same.due <= action.due));
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn the_plan_of_a_day_is_the_same_from_its_first_to_its_last_minute() {
    runner(200)
        .run(&(any_rule(), 0i64..800, 0i64..DAY, 0i64..DAY), |(rule, days, end, minute)| {
            let mut one = line(rule.nearest(), "2028-01-01");
            one.ends = one.ends.map(|ends| ends.plus(end));
            let midnight = day("2026-06-01").plus(days * DAY);
            let at_midnight = next_actions(midnight, std::slice::from_ref(&one));
            prop_assert_eq!(next_actions(midnight.plus(minute), &[one]), at_midnight);
            Ok(())
        })
        .unwrap();
}

#[test]
fn actions_follow_the_evidence_and_name_their_numbers() {
    use ActionKind::{Activate, Generate, Publish, Retire};
    let mut one = line(rule("2y", windows(30, 14, 14, 14, 2)), "2027-12-31");
    let due = |now: &str, line: &Line| {
        let actions = next_actions(day(now), std::slice::from_ref(line));
        actions.iter().map(|a| (a.kind, a.due)).collect::<Vec<_>>()
    };
    assert_eq!(
        due("2027-01-01", &one),
        [
            (Generate, Due::Later),
            (Publish, Due::Later),
            (Activate, Due::Later),
            (Retire, Due::Later)
        ]
    );
    assert_eq!(due("2027-11-01", &one)[0], (Generate, Due::Now));
    assert_eq!(due("2027-11-17", &one)[0], (Generate, Due::Overdue));
    one.progress = Progress::Published;
    assert_eq!(due("2027-12-03", &one), [(Activate, Due::Now), (Retire, Due::Later)]);
    let actions = next_actions(day("2027-12-03"), &[one]);
    assert_eq!(actions[0].why, "old key ends 2027-12-31 - 14 d slack - 14 d overlap");
    assert_eq!(actions[0].latest_safe, day("2027-12-17"));
}

#[test]
fn a_primary_key_that_ends_too_soon_is_an_action_of_its_own() {
    let mut one = line(rule("2y", windows(30, 14, 14, 14, 2)), "2027-12-31");
    one.primary_ends = Some(day("2028-01-10"));
    one.rule.margin = 30;
    let actions = next_actions(day("2027-06-01"), &[one]);
    let extend = actions.iter().find(|a| a.kind == ActionKind::ExtendPrimary).unwrap();
    assert!(extend.why.contains("the primary key ends 2028-01-10"), "{}", extend.why);
}

#[test]
fn leap_days_and_the_year_2106_are_days_like_others() {
    let turn = rule("1y", windows(30, 14, 14, 14, 2)).turn(day("2028-03-28"), None);
    assert_eq!(turn.activate, day("2028-02-29"));
    assert_eq!(turn.new_ends, day("2029-02-28").plus(28 * DAY));
    let plan =
        turns(&rule("2y", windows(30, 14, 14, 14, 2)), day("2100-01-01"), None, day("2120-01-01"));
    assert!(plan.iter().any(|turn| turn.old_ends.unix() > i64::from(u32::MAX)));
    assert!(plan.windows(2).all(|pair| pair[0].new_ends == pair[1].old_ends));
}

pub(crate) fn cycles() -> Vec<Cycle> {
    let cycle = |id: &str, begins: &str, done: &str| Cycle {
        id: id.to_owned(),
        begins: day(begins),
        previous_done: day(done),
        provisional: false,
    };
    vec![
        cycle("2026.1", "2025-10-06", "2025-10-10"),
        cycle("2026.2", "2026-04-06", "2026-04-10"),
        cycle("2027.1", "2026-10-05", "2026-10-09"),
        cycle("2027.2", "2027-04-05", "2027-04-09"),
    ]
}

#[test]
fn a_key_of_a_cycle_ends_with_it_and_is_not_used_before_the_last_releases() {
    let windows = windows(30, 21, 14, 14, 5);
    let rule = Rule { term: Term::Cycles(cycles()), windows, blackouts: Vec::new(), margin: 0 };
    assert_eq!(rule.check(), Ok(()));
    let tail = 35 * DAY;
    let turn = rule.turn(day("2026-10-05").plus(tail), None);
    assert_eq!(turn.activate, day("2026-10-09"), "not before the releases are done");
    assert_eq!(turn.publish, day("2026-09-09"));
    assert_eq!(turn.new_ends, day("2027-04-05").plus(tail));
    // A cycle that was moved moves the plan.
    let mut moved = rule.clone();
    let Term::Cycles(cycles) = &mut moved.term else { unreachable!() };
    cycles[3].begins = day("2027-05-03");
    cycles[3].previous_done = day("2027-05-07");
    assert_eq!(
        moved.turn(day("2026-10-05").plus(tail), None).new_ends,
        day("2027-05-03").plus(tail)
    );
    // Out of order, or too late, is refused by name.
    let Term::Cycles(cycles) = &mut moved.term else { unreachable!() };
    cycles[3].begins = day("2026-10-05");
    assert!(moved.check().unwrap_err().to_string().contains("'2027.2'"));
    let mut late = rule;
    let Term::Cycles(cycles) = &mut late.term else { unreachable!() };
    cycles[2].previous_done = day("2026-11-20");
    assert!(late.check().unwrap_err().to_string().contains("only 46 days later"));
}
