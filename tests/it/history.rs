//! The history of Debian's archive keys, lived through day by day: what the
//! schedule would have said, against what people did.
//!
//! That these tests can fail was tried; each of these changes failed the tests
//! that are named:
//!
//! - a key's day of creation or end moved by a day
//!   (`the_table_is_what_the_keyrings_hold`);
//! - the key of 2006 made a day later, that of 2005 a month earlier
//!   (`the_day_before_each_successor_was_made`, too);
//! - a rule without slack (`the_rules_of_each_time_are_possible`), or with a
//!   canary beyond the overlap (and `no_day_of_the_history_loses_an_action`);
//! - a year less or more of overlap for the keys of eight years
//!   (`keys_outlive_the_support_of_their_release`);
//! - in the schedule, an action left out once it is overdue
//!   (`no_day_of_the_history_loses_an_action`,
//!   `the_day_before_each_successor_was_made`), one asked for a slack later
//!   (the latter), and a step that stays when it is done (the former).

use keyrite::domain::schedule::{Action, ActionKind, Due, Line, Progress, next_actions, turns};
use keyrite::domain::timestamp::{DAY, Timestamp};

use crate::support::debian::{
    Custom, KNOWN_UNTIL, Key, LINES, OTHERS, Said, day, days, handovers, keyrings, releases,
    stated_end,
};

fn line(name: &str, key: &Key, progress: Progress) -> Line {
    Line { ends: key.ends(), progress, ..Line::new(name, key.custom.rule()) }
}

#[test]
fn the_table_is_what_the_keyrings_hold() {
    let mut found = keyrings();
    for (name, keys) in LINES {
        for key in keys {
            let certificate = found
                .remove(key.fingerprint)
                .unwrap_or_else(|| panic!("{name} {}: not in the keyrings", key.codename));
            let id = certificate.user_ids[0].text.to_string().to_lowercase();
            assert!(id.contains(key.codename), "{name} {}: {id}", key.codename);
            assert_eq!(certificate.primary.created.date(), key.made, "{name} {}", key.codename);
            let end = stated_end(&certificate).map(Timestamp::date).unwrap_or_default();
            assert_eq!(end, key.ends, "{name} {}", key.codename);
        }
    }
    for fingerprint in OTHERS {
        found.remove(fingerprint).unwrap();
    }
    // A package of later years may hold more.
    found.retain(|_, certificate| certificate.primary.created < day(KNOWN_UNTIL));
    assert!(found.is_empty(), "not in the table: {:?}", found.keys());
}

#[test]
fn the_releases_came_out_on_the_days_of_the_table() {
    let releases = releases();
    for (name, keys) in LINES {
        for key in keys.iter().filter(|key| !key.released.is_empty()) {
            assert_eq!(releases[key.codename].0, key.released, "{name} {}", key.codename);
        }
    }
}

#[test]
fn keys_outlive_the_support_of_their_release() {
    // This is what the overlap is for.
    let releases = releases();
    let mut short = Vec::new();
    for (name, key, successor) in handovers() {
        let (Some(ends), Some((_, supported))) = (key.ends(), releases.get(key.codename)) else {
            continue;
        };
        if ends < day(supported) {
            short.push((name, key.codename));
        }
        // The overlap is how long the old release is kept after the new one.
        let kept = days(day(successor.released), day(supported));
        let overlap = i64::from(key.custom.rule().windows.overlap);
        assert!((overlap - 90..=overlap + 90).contains(&kept), "{name} {}: {kept}", key.codename);
    }
    assert_eq!(short, [("archive", "etch")]);
}

#[test]
fn the_rules_of_each_time_are_possible() {
    for custom in Custom::ALL {
        let rule = custom.rule();
        assert_eq!(rule.check(), Ok(()), "{custom:?}");
        assert!(rule.windows.whole() < i64::from(custom.life()));
    }
    for (name, keys) in LINES {
        for key in keys.iter().filter(|key| !key.ends.is_empty()) {
            let (rule, until) = (key.custom.rule(), day("2060-01-01"));
            let plan = turns(&rule, day(key.ends), None, until);
            assert!(plan.last().unwrap().new_ends > until, "{name} {} is stuck", key.codename);
            for turn in &plan {
                let steps = [turn.generate, turn.publish, turn.activate, turn.retire];
                assert!(steps.is_sorted(), "{name} {}: {turn:?}", key.codename);
                assert!(turn.retire < turn.old_ends && turn.old_ends < turn.new_ends);
            }
        }
    }
}

#[test]
fn the_day_before_each_successor_was_made() {
    let mut late = Vec::new();
    for (name, key, successor) in handovers() {
        let before = day(successor.made).plus(-DAY);
        let actions = next_actions(before, &[line(name, key, Progress::Nothing)]);
        let generate = actions.iter().find(|action| action.kind == ActionKind::Generate).unwrap();
        let wanted = match key.said {
            Said::Later => Due::Later,
            Said::Due => Due::Now,
            Said::Late(reason) => {
                late.push((name, successor.codename, reason));
                Due::Overdue
            }
            // A consumer without an end is asked for a key at once.
            Said::Nothing => {
                assert_eq!((key.ends(), generate.due), (None, Due::Now));
                continue;
            }
            Said::Present => panic!("{name} {} has a successor", key.codename),
        };
        assert_eq!(
            generate.due,
            wanted,
            "{name}, from {} to {}, on {}: {generate}",
            key.codename,
            successor.codename,
            before.date()
        );
    }
    // Every case in which history was late, and why.
    assert_eq!(
        late.iter().map(|(name, codename, _)| (*name, *codename)).collect::<Vec<_>>(),
        [("archive", "2005"), ("archive", "lenny")]
    );
}

#[test]
fn successors_were_made_early_enough_for_their_users() {
    // From making a key to needing it: certifying, publishing, and the lead.
    let mut hurried = Vec::new();
    for (name, key, successor) in handovers() {
        let windows = key.custom.rule().windows;
        let wanted = windows.ceremony_buffer + windows.attest + windows.lead();
        let had = days(day(successor.made), successor.needed());
        if had < i64::from(wanted) {
            hurried.push((name, successor.codename, had, wanted));
        }
    }
    assert_eq!(
        hurried,
        [
            // Made after the end of the one before it.
            ("archive", "2005", 0, 14),
            // Made four weeks before the release, all three of them.
            ("archive", "stretch", 26, 58),
            ("stable", "stretch", 28, 58),
            ("security", "stretch", 26, 58),
        ]
    );
}

#[test]
fn keys_ended_where_the_plan_has_it() {
    let mut elsewhere = Vec::new();
    for (name, key, successor) in handovers() {
        if (key.custom, successor.custom) != (Custom::EightYears, Custom::EightYears) {
            continue;
        }
        let turn = key.custom.rule().turn(day(key.ends), None);
        let off = days(turn.new_ends, day(successor.ends));
        if off.abs() > 210 {
            elsewhere.push((name, successor.codename, off / 365));
        }
    }
    assert_eq!(
        elsewhere,
        [
            // The first keys of ten years.
            ("archive", "trixie", 2),
            // The key for jessie was made twenty months before jessie came out.
            ("stable", "stretch", 1),
            ("security", "trixie", 2),
        ]
    );
}

/// A line of keys as evidence arrives.
struct Lived {
    name: &'static str,
    keys: &'static [Key],
    /// The key that is handed over.
    present: usize,
    progress: Progress,
    last: Timestamp,
}

impl Lived {
    /// The step that comes next, and the day on which it was really done.
    ///
    /// Nothing public says when a secret was taken away, and little when a
    /// certificate was published: those days are the rule's.
    fn next_step(&self) -> Option<(ActionKind, Progress, Timestamp)> {
        let successor = self.keys.get(self.present + 1)?;
        let windows = self.keys[self.present].custom.rule().windows;
        let (made, needed) = (day(successor.made), successor.needed());
        let checked = i64::from(windows.ceremony_buffer + windows.attest) * DAY;
        let (kind, progress, at) = match self.progress {
            Progress::Nothing => (ActionKind::Generate, Progress::Generated, made),
            Progress::Generated => {
                (ActionKind::Publish, Progress::Published, made.plus(checked).min(needed))
            }
            Progress::Published => (ActionKind::Activate, Progress::Active, needed),
            Progress::Active | Progress::Retired => {
                let watched = needed.plus(i64::from(windows.canary) * DAY);
                (ActionKind::Retire, Progress::Retired, watched)
            }
        };
        assert!(at >= self.last, "{} {}: {kind:?}", self.name, successor.codename);
        Some((kind, progress, at))
    }

    fn actions(&self, today: Timestamp) -> Vec<Action> {
        next_actions(today, &[line(self.name, &self.keys[self.present], self.progress)])
    }

    /// Lives on to a day; gives the steps that were done.
    fn live_to(&mut self, today: Timestamp) -> Vec<ActionKind> {
        let mut done = Vec::new();
        while let Some((kind, progress, at)) = self.next_step().filter(|(.., at)| *at <= today) {
            done.push(kind);
            (self.progress, self.last) = (progress, at);
            if progress == Progress::Retired {
                (self.present, self.progress) = (self.present + 1, Progress::Nothing);
            }
        }
        done
    }
}

#[test]
fn no_day_of_the_history_loses_an_action() {
    for (name, keys) in LINES {
        // A key without an end has no plan.
        let present = keys.iter().position(|key| key.ends().is_some()).unwrap();
        let start = day(keys[present].made);
        let mut lived = Lived { name, keys, present, progress: Progress::Nothing, last: start };
        let mut before = lived.actions(start);
        let mut steps = 0;
        for today in (1..days(start, day(KNOWN_UNTIL))).map(|n| start.plus(n * DAY)) {
            let done = lived.live_to(today);
            let after = lived.actions(today);
            let at = format!("{name}, {}", today.date());
            let due = |kind| after.iter().find(|action| action.kind == kind).map(|a| a.due);
            for action in &before {
                if done.contains(&action.kind) {
                    continue;
                }
                // What is not done stays, and presses more.
                assert!(due(action.kind).is_some_and(|due| due <= action.due), "{at}: {action}");
            }
            if done.contains(&ActionKind::Retire) {
                // And on to the next: all of it is still to come.
                assert_eq!(after.len(), 4, "{at}");
                assert_eq!(due(ActionKind::Retire), Some(Due::Later), "{at}");
            } else {
                assert!(done.iter().all(|kind| due(*kind).is_none()), "{at}: {done:?} stays");
            }
            assert!(!after.is_empty(), "{at}: nothing is to come");
            steps += done.len();
            before = after;
        }
        assert_eq!(
            lived.present,
            keys.len() - 1,
            "{name} stops at {}",
            keys[lived.present].codename
        );
        assert_eq!(steps, 4 * (keys.len() - 1 - present), "{name}");
    }
}
