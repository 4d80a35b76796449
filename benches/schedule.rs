//! How long the schedule takes: next actions of a thousand keys on each day of
//! ten years, and a simulation of fifty keys over ten years.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures and prints"
)]

use std::hint::black_box;
use std::time::Instant;

use keyrite::domain::period::Period;
use keyrite::domain::schedule::{Blackout, Line, Rule, Term, Windows, next_actions, turns};
use keyrite::domain::timestamp::{DAY, Timestamp};

fn line(number: i64, start: Timestamp) -> Line {
    let blackout = |year: i64| Blackout {
        reason: "TEST".to_owned(),
        from: start.plus((year * 365 + 350) * DAY),
        until: start.plus((year * 365 + 371) * DAY),
    };
    let rule = Rule {
        term: Term::Calendar(Period::Months(12)),
        windows: Windows {
            publish_lead: 30,
            reach: 7,
            overlap: 14,
            slack: 14,
            canary: 14,
            ceremony_buffer: 3,
            attest: 0,
        },
        blackouts: (0..10).map(blackout).collect(),
        margin: 30,
    };
    Line { ends: Some(start.plus(number * DAY)), ..Line::new(&format!("signer-{number}"), rule) }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn main() {
    let start = Timestamp::parse("2026-01-01").unwrap();
    let lines: Vec<Line> = (0..1_000).map(|number| line(number, start)).collect();
    let times = (0..365)
        .map(|step| {
            let now = start.plus(step * 10 * DAY);
            let begun = Instant::now();
            black_box(next_actions(now, &lines));
            begun.elapsed().as_secs_f64() * 1_000.0
        })
        .collect();
    println!("next actions of 1 000 keys   {:.2} ms  (under 10)", median(times));
    let times = (0..21)
        .map(|_| {
            let begun = Instant::now();
            for line in lines.iter().take(50) {
                let until = start.plus(3_653 * DAY);
                black_box(turns(&line.rule, line.ends.unwrap_or(start), None, until));
            }
            begun.elapsed().as_secs_f64() * 1_000.0
        })
        .collect();
    println!("ten years of 50 keys         {:.2} ms  (under 1000)", median(times));
}
