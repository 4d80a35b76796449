//! The schedule as a calendar (RFC 5545), one all-day event for each step.

use std::io::Write;

use icalendar::{
    Alarm, Calendar, Component as _, Event, EventLike as _, EventStatus, Property, Trigger,
};

use super::coming::Coming;
use super::report::Report;
use crate::domain::schedule::{Action, Due, steps};
use crate::domain::timestamp::{DAY, Timestamp};
use crate::domain::worded::Worded as _;
use crate::domain::workspace::Workspace;

/// How long before the end of the last safe day a calendar reminds.
const NOTICE: i64 = 3 * DAY;

/// Writes the next actions, and the steps of the rotations after them.
pub(super) fn write(
    out: &mut dyn Write,
    now: Timestamp,
    workspace: &Workspace,
    actions: &[Action],
    turns: &[Coming<'_>],
) -> Result<(), Report> {
    let maker = Maker { now, workspace };
    let next = actions.iter().map(|action| maker.event(action, 0));
    // The first rotation is the one of the next actions.
    let later = turns.iter().filter(|coming| coming.number > 0).flat_map(|coming| {
        let steps = steps(now, coming.line, &coming.turn);
        steps.into_iter().map(|step| maker.event(&step, coming.number))
    });
    let events: Option<Vec<Event>> = next.chain(later).collect();
    let Some(events) = events else {
        return Err(Report::failed("a step falls on a day that no calendar can name")
            .hint("ask for less time to come with --simulate"));
    };
    let mut calendar = Calendar::empty();
    calendar
        .append_property(("VERSION", "2.0"))
        .append_property(("PRODID", "-//keyrite//schedule//EN"))
        .append_property(("CALSCALE", "GREGORIAN"))
        .append_property(("X-WR-CALNAME", format!("keyrite: {}", workspace.name).as_str()));
    calendar.extend(events);
    Ok(write!(out, "{calendar}")?)
}

struct Maker<'a> {
    now: Timestamp,
    workspace: &'a Workspace,
}

impl Maker<'_> {
    /// The event of a step of that rotation; absent where its day has no name.
    fn event(&self, action: &Action, rotation: usize) -> Option<Event> {
        let uid = self.uid(action, rotation);
        let owner = action.owner.as_ref().map(|owner| format!(" ({owner})")).unwrap_or_default();
        let summary = format!("keyrite: {} {}{owner}", action.kind.word(), action.consumer);
        // A rotation after the next one moves with what is done until then.
        let status = if rotation == 0 { EventStatus::Confirmed } else { EventStatus::Tentative };
        let is_overdue = action.due == Due::Overdue;
        let overdue_day = if is_overdue { self.now.midnight() } else { action.planned };
        let mut event = Event::new();
        event
            .uid(&uid)
            .timestamp(self.now.civil()?)
            // What is overdue is for today, or nobody would see it.
            .starts(action.planned.max(overdue_day).civil()?.date_naive())
            .summary(&summary)
            .description(&self.description(action))
            .status(status)
            .append_property(Property::new("TRANSP", "TRANSPARENT"));
        let rings = action.latest_safe.plus(DAY - NOTICE);
        if action.due != Due::Overdue && rings > self.now {
            let text = format!("{summary}: latest safe day {}", action.latest_safe.date());
            let mut alarm = Alarm::display(&text, Trigger::from(rings.civil()?));
            // The library would take the system's clock and a random id.
            alarm.uid(&format!("{uid}.alarm")).timestamp(self.now.civil()?);
            event.alarm(alarm);
        }
        Some(event.done())
    }

    /// The same for the same step of the same rotation, counted from now, so
    /// that a calendar moves what it knows when it is given again.
    fn uid(&self, action: &Action, rotation: usize) -> String {
        let consumers = &self.workspace.consumers;
        let consumer = consumers.iter().find(|consumer| consumer.id == action.consumer);
        let certificate = consumer.map(|c| c.certificate.hex()).unwrap_or_default();
        format!("{}.{rotation}.{}.{certificate}@keyrite", action.kind.word(), action.consumer)
    }

    fn description(&self, action: &Action) -> String {
        let Workspace { name, environment, profile, people, consumers, .. } = self.workspace;
        let label = consumers.iter().find(|consumer| consumer.id == action.consumer);
        let label = label.map(|consumer| consumer.label.as_str()).unwrap_or_default();
        let mut lines = vec![
            format!("{}; latest safe day {}", action.due.word(), action.latest_safe.date()),
            format!("because {}", action.why),
            format!("consumer: {}; {label}", action.consumer),
        ];
        if let Some(owner) = &action.owner {
            let person = people.iter().find(|person| person.id == *owner);
            let person = person.map(|person| person.name.as_str()).unwrap_or_default();
            lines.push(format!("owner: {owner}; {person}"));
        }
        lines.push(format!("workspace: {name}; {}; profile {profile}", environment.word()));
        lines.join("\n")
    }
}
