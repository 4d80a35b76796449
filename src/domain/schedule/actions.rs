//! What must happen next, by when, and why.

use std::fmt::{self, Write as _};

use super::{Line, Progress, Rule, Turn, days_after};
use crate::domain::text::counted;
use crate::domain::timestamp::Timestamp;
use crate::domain::worded::Worded as _;

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActionKind {
    /// Extend the primary key, or a successor cannot live as long as it
    /// should.
    ExtendPrimary,
    /// Make the successor of the consumer's key.
    Generate,
    /// Publish the certificate that holds it.
    Publish,
    /// Let the consumer sign with it.
    Activate,
    /// Take the old secret away.
    Retire,
    /// Write down that the successor is the present key now.
    Declare,
    /// Open a copy of the primary key and prove it.
    Drill,
    /// Ask a holder of a revocation certificate.
    Ask,
    /// Replace a primary key of which a medium may be in other hands.
    ReplacePrimary,
}

impl ActionKind {
    /// The word of documents and screens.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Generate => "generate",
            Self::Publish => "publish",
            Self::Activate => "activate",
            Self::Retire => "retire",
            Self::Declare => "declare",
            Self::ExtendPrimary => "extend-primary",
            Self::Drill => "drill",
            Self::Ask => "ask-holder",
            Self::ReplacePrimary => "replace-primary",
        }
    }
}

/// How pressing an action is. The gravest comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Due {
    /// The last safe day is over.
    Overdue,
    /// Its day has come.
    Now,
    /// Its day comes later.
    Later,
}

impl Due {
    /// The word of documents and screens.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::Now => "due",
            Self::Later => "later",
        }
    }
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// How pressing it is.
    pub due: Due,
    /// What.
    pub kind: ActionKind,
    /// For which consumer, or for which key.
    pub consumer: String,
    /// Who has to act.
    pub owner: Option<String>,
    /// The day on which the plan has it.
    pub planned: Timestamp,
    /// The last day on which it can be done without eating into what keeps
    /// users safe.
    pub latest_safe: Timestamp,
    /// How that day was worked out, with its numbers.
    pub why: String,
}

/// What has to be done for all consumers, what breaks first at the front.
///
/// A pure function: time alone adds actions and never takes one away; only
/// progress does.
#[must_use]
pub fn next_actions(now: Timestamp, lines: &[Line]) -> Vec<Action> {
    let mut actions: Vec<Action> = lines.iter().flat_map(|line| of_line(now, line)).collect();
    in_order(&mut actions);
    actions
}

/// Puts what breaks first at the front.
pub fn in_order(actions: &mut [Action]) {
    actions.sort_by(|a, b| {
        (a.due, a.latest_safe, &a.consumer, a.kind).cmp(&(
            b.due,
            b.latest_safe,
            &b.consumer,
            b.kind,
        ))
    });
}

/// The steps of `turn`, a rotation of that line, whatever was recorded.
#[must_use]
pub fn steps(now: Timestamp, line: &Line, turn: &Turn) -> Vec<Action> {
    STEPS.into_iter().map(|(kind, _)| step(now.midnight(), line, turn, kind)).collect()
}

fn of_line(now: Timestamp, line: &Line) -> Vec<Action> {
    let today = now.midnight();
    let Some(ends) = line.ends else {
        // What should sign and cannot is late already.
        let (kind, why, day) = match &line.broken {
            Some((kind, why)) => (*kind, why.clone(), super::days_before(today, 1)),
            None => (ActionKind::Generate, "it has no key yet".to_owned(), today),
        };
        return vec![action(today, line, kind, (day, day), why)];
    };
    let mut turn = line.rule.turn(ends, line.primary_ends);
    if line.progress < Progress::Active && line.earliest(now) > ends {
        // The successor of a late rotation lives from when it can sign.
        turn.new_ends = line.late_turn(now, ends).new_ends;
    }
    let open = STEPS.into_iter().filter(|(_, done)| line.progress < *done);
    let mut actions: Vec<_> = open.map(|(kind, _)| step(today, line, &turn, kind)).collect();
    if let Some(first) = actions.first_mut() {
        let note = line.note(now, ends);
        first.why.push_str(&note);
    }
    actions.extend(doubts(today, line, ends));
    if line.progress == Progress::Retired {
        // Or the next rotation would never be told.
        let why = "the old secret is taken away: say in keyrite.toml which subkey signs now, and \
                   progress = \"nothing\"";
        let days = (turn.retire.min(today), ends.midnight());
        actions.push(action(today, line, ActionKind::Declare, days, why.to_owned()));
    }
    if turn.new_ends <= ends && line.runs_out_of_cycles(&turn) {
        let why = "no cycle is declared after that: add the next one to keyrite.toml";
        let days = (turn.generate, days_after(turn.generate, line.rule.windows.slack));
        actions.push(action(today, line, ActionKind::Declare, days, why.to_owned()));
    } else if turn.new_ends <= ends && line.progress < Progress::Active {
        let why = format!(
            "the primary key ends {}; a successor that ends {} before it would not outlive the \
             present key, which ends {}",
            line.primary_ends.map_or("never".to_owned(), Timestamp::date),
            counted(usize::try_from(line.rule.margin).unwrap_or(0), "day"),
            ends.date()
        );
        let days = (turn.generate, days_after(turn.generate, line.rule.windows.slack));
        actions.push(action(today, line, ActionKind::ExtendPrimary, days, why));
    }
    actions
}

impl Line {
    /// What the certificate and the calendar say to what was written down.
    fn note(&self, now: Timestamp, ends: Timestamp) -> String {
        let mut note = String::new();
        let earliest = self.earliest(now);
        if self.progress < Progress::Active && earliest > ends && !self.is_endless {
            let _ = write!(note, "; begun today, it can sign from {}", earliest.date());
        }
        if let (Progress::Nothing, Some((key, _))) = (self.progress, &self.successor) {
            let _ = write!(
                note,
                "; {} is newer: if it is the successor, say progress = \"generated\"",
                key.hex()
            );
        }
        note
    }
}

/// Where the certificate does not say what was written down.
fn doubts(today: Timestamp, line: &Line, ends: Timestamp) -> Option<Action> {
    if line.progress == Progress::Nothing || line.progress == Progress::Retired {
        return None;
    }
    let days = (today, today);
    if line.lacks_successor {
        let why = format!(
            "progress is \"{}\", but no newer signing subkey is in certs/: keyrite adopt brings it, \
             or set progress back",
            line.progress.word()
        );
        return Some(action(today, line, ActionKind::Declare, days, why));
    }
    let (key, until) = line.successor?;
    let until = until.filter(|until| *until <= ends)?;
    let why = format!(
        "the successor {} ends {}, no later than the present key: make another",
        key.hex(),
        until.date()
    );
    Some(action(today, line, ActionKind::Generate, days, why))
}

fn step(today: Timestamp, line: &Line, turn: &Turn, kind: ActionKind) -> Action {
    let (planned, why) = planned(kind, turn, line);
    let latest = latest(kind, turn, &line.rule).max(planned);
    let (planned, latest) = if line.is_endless && today > latest {
        // Nothing ends, so there is no last day: only better sooner.
        (today, days_after(today, line.rule.windows.slack))
    } else {
        (planned, latest)
    };
    action(today, line, kind, (planned, latest), why)
}

/// The last safe day of a step: by the slack, with time for the steps behind
/// it, and not one on which nobody can be asked.
fn latest(kind: ActionKind, turn: &Turn, rule: &Rule) -> Timestamp {
    let w = &rule.windows;
    let late = |planned| days_after(planned, w.slack);
    let activate = || rule.clear_day(late(turn.activate));
    let publish =
        || rule.clear_day(late(turn.publish).min(super::days_before(activate(), w.lead())));
    match kind {
        ActionKind::Activate => activate(),
        ActionKind::Publish => publish(),
        ActionKind::Retire => {
            // Better on a day when it is hard than before the watch is over.
            let (late, watched) = (late(turn.retire), days_after(activate(), w.canary));
            Some(rule.clear_day(late)).filter(|day| *day >= watched).unwrap_or(late)
        }
        ActionKind::Generate
        | ActionKind::ExtendPrimary
        | ActionKind::Declare
        | ActionKind::Drill
        | ActionKind::Ask
        | ActionKind::ReplacePrimary => {
            let made = w.ceremony_buffer.saturating_add(w.attest);
            rule.clear_day(late(turn.generate).min(super::days_before(publish(), made)))
        }
    }
}

fn action(
    today: Timestamp,
    line: &Line,
    kind: ActionKind,
    (planned, latest_safe): (Timestamp, Timestamp),
    why: String,
) -> Action {
    Action {
        due: match () {
            // A key without an end is only used for longer than it should be.
            () if today > latest_safe && !line.is_endless => Due::Overdue,
            () if today >= planned => Due::Now,
            () => Due::Later,
        },
        kind,
        consumer: line.consumer.clone(),
        owner: line.owner.clone(),
        planned,
        latest_safe,
        why,
    }
}

const STEPS: [(ActionKind, Progress); 4] = [
    (ActionKind::Generate, Progress::Generated),
    (ActionKind::Publish, Progress::Published),
    (ActionKind::Activate, Progress::Active),
    (ActionKind::Retire, Progress::Retired),
];

/// The day of a step and how it was worked out.
fn planned(kind: ActionKind, turn: &Turn, line: &Line) -> (Timestamp, String) {
    let rule = &line.rule;
    let w = &rule.windows;
    let formula = |what: &str, from: Timestamp, parts: &[(&str, u32)], sign: &str| {
        let mut text = format!("{what} {}", from.date());
        for (name, days) in parts.iter().filter(|(_, days)| *days > 0) {
            let _ = write!(text, " {sign} {days} d {name}");
        }
        text
    };
    let (at, why, without_blackouts) = match kind {
        ActionKind::Generate
        | ActionKind::ExtendPrimary
        | ActionKind::Declare
        | ActionKind::Drill
        | ActionKind::Ask
        | ActionKind::ReplacePrimary => (
            turn.generate,
            formula(
                "published",
                turn.publish,
                &[("ceremony buffer", w.ceremony_buffer), ("attestations", w.attest)],
                "-",
            ),
            super::days_before(turn.publish, w.ceremony_buffer.saturating_add(w.attest)),
        ),
        ActionKind::Publish => {
            let name = if w.reach > w.publish_lead { "reach of the channels" } else { "lead" };
            (
                turn.publish,
                formula("first use", turn.activate, &[(name, w.lead())], "-"),
                super::days_before(turn.activate, w.lead()),
            )
        }
        ActionKind::Activate => (
            turn.activate,
            formula(
                if line.is_endless {
                    "the policy's term of the present key ends"
                } else {
                    "old key ends"
                },
                turn.old_ends,
                &[("slack", w.slack), ("overlap", w.overlap)],
                "-",
            ),
            super::days_before(turn.old_ends, w.slack.saturating_add(w.overlap)).midnight(),
        ),
        ActionKind::Retire => (
            turn.retire,
            formula("first use", turn.activate, &[("canary", w.canary)], "+"),
            turn.retire,
        ),
    };
    let cycle = rule.cycle_of(turn.old_ends).filter(|cycle| cycle.provisional);
    let early = cycle.map(|cycle| format!("; '{}' may begin later", cycle.id)).unwrap_or_default();
    let is_free = rule.clear_day(without_blackouts) == without_blackouts;
    let moved = if at == without_blackouts {
        ""
    } else if at > without_blackouts {
        ", and not before the releases of the cycle before are done"
    } else if kind == ActionKind::Activate && is_free {
        ", so that the old key is not to be retired on a day when nobody can"
    } else {
        ", and not on a day when nobody can"
    };
    let wanted = if kind == ActionKind::Generate {
        format!("; the successor ends {}", turn.new_ends.date())
    } else {
        String::new()
    };
    (at, format!("{why}{moved}{early}{wanted}"))
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} {} by {} ({})",
            self.due.word(),
            self.kind.word(),
            self.consumer,
            self.latest_safe.date(),
            self.why
        )
    }
}
