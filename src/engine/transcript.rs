//! The account of a run: the exact bytes that people sign, and the text that
//! is written from them.

use serde_json::{Map, Value as Json, json};

use super::chain::{Digest, canonical};
use super::effect::Values;
use super::event::{Event, Remark};
use super::journal::{Entry, Journal};
use super::run::{Exception, Run};
use crate::domain::publication::{LEFT_ALONE, NOT_DONE, Verdict};
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;
use crate::domain::worded::Worded as _;
use crate::domain::words;

mod text;

/// Everything that a run has done, for people and for programs.
#[derive(Debug)]
pub struct Transcript<'a> {
    run: &'a Run,
    id: &'a str,
    entries: &'a [Entry],
    /// The head of the journal, before the line that closes it.
    head: Digest,
}

/// Whose signatures over a transcript are there, and good.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'a>(
    /// By the ids of the roster.
    pub &'a [&'a str],
);

/// A step with what happened in it.
#[derive(Debug)]
struct Told<'a> {
    title: String,
    entries: Vec<&'a Entry>,
}

impl<'a> Transcript<'a> {
    /// Of what has happened so far. It follows from the journal alone, and the
    /// line that closes a run, which has the digest of it, is no part of it.
    #[must_use]
    pub fn of(run: &'a Run, journal: &'a Journal) -> Self {
        let entries = match journal.entries().split_last() {
            Some((last, before)) if matches!(last.event, Event::Closed { .. }) => before,
            _ => journal.entries(),
        };
        let head = entries.last().map_or(Digest::ZERO, |entry| entry.hash);
        Self { run, id: journal.run(), entries, head }
    }

    /// Whose keys they are, and how many confirm, as it was when it was begun.
    fn opened(&self) -> (&str, u32) {
        match self.entries.first().map(|entry| &entry.event) {
            Some(Event::Opened { team, quorum, .. }) => (team, *quorum),
            _ => ("", 0),
        }
    }

    /// The bytes of `transcript.json`.
    #[must_use]
    pub fn json(&self) -> String {
        let (team, quorum) = self.opened();
        let lines: Vec<_> = self.entries.iter().map(line).collect();
        let exceptions: Vec<_> = self.run.exceptions.iter().map(exception).collect();
        let people = json!({
            "operator": self.run.operator,
            "witness": self.run.witness(),
        });
        let document = json!({
            "schema": "keyrite.transcript/1",
            "team": team,
            "run": self.id,
            "ceremony": self.run.ceremony.id,
            "version": self.run.ceremony.version,
            "environment": self.run.environment,
            "people": people,
            "quorum": quorum,
            "exceptions": exceptions,
            "journal": self.head.to_string(),
            "entries": lines,
        });
        match document {
            Json::Object(document) => canonical(&document),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_) => {
                canonical(&Map::new())
            }
        }
    }

    fn begun(&self) -> Option<Timestamp> {
        self.entries.first().map(|entry| entry.moment.at)
    }

    fn ended(&self) -> Option<Timestamp> {
        self.entries.last().map(|entry| entry.moment.at)
    }

    /// The steps in the order in which they were come to.
    fn told(&self) -> Vec<Told<'a>> {
        let mut told: Vec<Told<'a>> = Vec::new();
        for entry in self.entries {
            let title = match entry.event.place() {
                None => "The run".to_owned(),
                Some(at) => {
                    let title = self.run.step(at).map_or(at.step(), |step| step.title);
                    match at.item() {
                        Some(item) => format!("{title} ({item})"),
                        None => title.to_owned(),
                    }
                }
            };
            match told.last_mut() {
                Some(last) if last.title == title => last.entries.push(entry),
                _ => told.push(Told { title, entries: vec![entry] }),
            }
        }
        told
    }

    /// The head in words, for reading aloud: the first eight bytes of it.
    fn spoken_head(&self) -> String {
        let bytes = self.head.bytes().get(..8).unwrap_or_default();
        words::spell(bytes).collect::<Vec<_>>().join(" ")
    }
}

/// What a line of a journal says, in a line for screens.
#[must_use]
pub fn told_in_a_line(entry: &Entry) -> String {
    let time = entry.moment.at.iso();
    let time = time.split_once('T').map_or(time.as_str(), |(_, time)| time);
    let place = entry.event.place().map(|at| format!("{}: ", at.as_str())).unwrap_or_default();
    let said = format!("{place}{}", sentences(&entry.event).join("; "));
    format!("{time} #{} {}", entry.seq, VisibleText::from_text(&said))
}

fn line(entry: &Entry) -> Json {
    json!({
        "at": entry.moment.at.unix(),
        "body": entry.event.body(),
        "hash": entry.hash.to_string(),
        "seq": entry.seq,
        "type": entry.event.word(),
    })
}

fn exception(exception: &Exception) -> Json {
    json!({
        "by": exception.by, "step": exception.place.as_str(), "text": exception.text,
    })
}

/// What an event says, in a line or several.
fn sentences(event: &Event) -> Vec<String> {
    let pairs = |values: &super::effect::Values| {
        values
            .iter()
            .map(|(name, value)| format!("{name}: {}", readable(name, &value.text())))
            .collect::<Vec<_>>()
    };
    match event {
        Event::Opened { ceremony, version, operator, given, .. } => {
            let mut lines = vec![format!("{operator} begins {ceremony}, version {version}")];
            lines.extend(pairs(given));
            lines
        }
        Event::Answered { values, .. } => pairs(values),
        Event::Attested { values, .. } => {
            pairs(values).into_iter().map(|line| format!("stated: {line}")).collect()
        }
        Event::PlanSealed { digest, .. } => vec![format!("the plan is sealed: {digest}")],
        Event::Confirmed { class, by, .. } => {
            vec![format!("confirmed by typing ({class}) by {}", by.join(" and "))]
        }
        Event::Observed { remarks, .. } if remarks.is_empty() => {
            vec!["looked at: nothing to say".to_owned()]
        }
        Event::Observed { remarks, .. } => remarks.iter().map(remark).collect(),
        Event::Intended { effect, .. } => vec![format!("begins; its name is {effect}")],
        Event::Completed { receipt, recovered, .. } => {
            let done = if *recovered { "done; found out after a restart" } else { "done" };
            let mut lines = vec![done.to_owned()];
            lines.extend(pairs(receipt));
            lines
        }
        Event::Failed { error, .. } => vec![format!("not done: {error}")],
        Event::Waited { .. } => vec!["it is so".to_owned()],
        Event::Exception { text, by, over, .. } => {
            vec![format!("EXCEPTION by {by} over {}: {text}", over.join(", "))]
        }
        Event::Returned { to } => vec![format!("back to '{}'", to.as_str())],
        Event::Noted { text, by } => vec![format!("note by {by}: {text}")],
        Event::Paused { by } => vec![format!("paused by {by}")],
        Event::Resumed { by, torn: None } => vec![format!("taken up again by {by}")],
        Event::Resumed { by, torn: Some(torn) } => {
            vec![format!("taken up again by {by}; a line that was cut off is set aside: {torn}")]
        }
        Event::HandedOver { carry, by, .. } => {
            vec![format!("handed over to another machine by {by}, with the carry {carry}")]
        }
        Event::TakenOver { carry, by } => {
            vec![format!("taken over on another machine by {by}, from the carry {carry}")]
        }
        Event::Recalled { carry: Some(carry), reason, by } => vec![format!(
            "RECALLED by {by}, who gives up the carry {carry} and whatever was done with it: \
             {reason}"
        )],
        Event::Recalled { carry: None, reason, by } => vec![format!(
            "RECALLED by {by} on a machine that did not hold it, and whatever is done with it \
             elsewhere counts no more: {reason}"
        )],
        Event::Abandoned { reason, by } => vec![format!("given up by {by}: {reason}")],
        Event::Closed { .. } => vec!["closed".to_owned()],
    }
}

fn remark(remark: &Remark) -> String {
    format!("{} {}: {}", remark.id, remark.severity.word(), remark.message)
}

/// What an effect has found or made, a line each; digests are left to the
/// record.
#[must_use]
pub fn results(receipt: &Values) -> Vec<String> {
    let is_told = |text: &str| !text.is_empty() && !text.starts_with("sha256:");
    let mut lines = Vec::new();
    for (name, value) in receipt.iter().filter(|(name, _)| is_for_people(name)) {
        for text in value.items().iter().filter(|text| is_told(text)) {
            lines.push(format!("{name}: {}", VisibleText::from_text(&readable(name, text))));
        }
    }
    lines
}

/// Whether a line of results says nothing but what was wanted: what was looked
/// at may stand otherwise.
#[must_use]
pub fn is_as_wanted(result: &str) -> bool {
    match result.split_once(": ") {
        Some(("verdict", verdict)) => verdict == Verdict::Match.word(),
        Some(("state", state)) => ![NOT_DONE, LEFT_ALONE].contains(&state),
        _ => true,
    }
}

/// Whether a value says something to people: some only let a program see that
/// nothing has changed in between.
#[must_use]
pub fn is_for_people(name: &str) -> bool {
    !matches!(name, "guard" | "declared" | "body")
}

/// A value as people read it: fingerprints in groups, instants as days.
#[must_use]
pub fn readable(name: &str, text: &str) -> String {
    let is_fingerprint = text.len() == 40 && text.bytes().all(|b| b.is_ascii_hexdigit());
    if is_fingerprint {
        return super::run::grouped(text);
    }
    match (name, text.parse::<i64>()) {
        (
            "ends" | "since" | "created" | "recheck" | "again" | "publish_before" | "ended"
            | "next",
            Ok(seconds),
        ) => Timestamp::from_unix(seconds).minute(),
        _ => text.to_owned(),
    }
}
