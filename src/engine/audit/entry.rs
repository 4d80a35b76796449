//! One line of the log.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::names::{Writer, is_run};
use super::{BEGAN, KIND};
use crate::domain::timestamp::Timestamp;
use crate::engine::chain::{self, BadLine, Digest};

/// Where a chain is: its last line's number and hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The number of the line, from 1; 0 where there is none yet.
    pub seq: u64,
    /// Its hash.
    pub hash: Digest,
}

impl Head {
    /// That of a chain without lines.
    pub const NONE: Self = Self { seq: 0, hash: Digest::ZERO };
}

/// The line of a journal that an entry derives from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunLine {
    /// The run.
    pub id: String,
    /// The number of the line in its journal, from 1.
    pub seq: u64,
    /// That line's hash.
    pub hash: Digest,
}

/// What a line says, before it has a place in a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Who did it: the id of a person.
    pub actor: String,
    /// What it is: lower-case letters, digits and hyphens.
    pub kind: String,
    /// The facts.
    pub body: Map<String, Value>,
    /// The line of a journal that it derives from, if any.
    pub run: Option<RunLine>,
}

impl Record {
    /// The same, for a line that was missing and is appended on opening.
    #[must_use]
    pub fn recovered(mut self) -> Self {
        self.body.insert("recovered".to_owned(), Value::Bool(true));
        self
    }

    /// The transcript that it speaks of: of which run, and its digest.
    #[must_use]
    pub fn transcript(&self) -> Option<(&str, Digest)> {
        let run = match &self.run {
            Some(run) => &run.id,
            None => text(&self.body, "run").filter(|run| is_run(run))?,
        };
        Some((run, digest(&self.body, "transcript")?))
    }
}

/// A line of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Whose chain.
    pub writer: Writer,
    /// The number of the line, from 1.
    pub seq: u64,
    /// When it was written, by the writer's clock.
    pub at: Timestamp,
    /// The hash of the line before it.
    pub prev: Digest,
    /// The chains of others, where they went on since they were last named.
    pub heads: BTreeMap<Writer, Head>,
    /// What it says.
    pub record: Record,
}

/// Why a line is no part of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It is no line of JSON of ours.
    #[error(transparent)]
    Line(#[from] BadLine),
    /// It has no line feed at its end.
    #[error("it has no line feed at its end")]
    NoLineFeed,
    /// It is longer than any line of ours.
    #[error("it is longer than 64 KiB")]
    TooLong,
    /// Fields are missing, or there are others.
    #[error("its fields are not those of an audit line")]
    Fields,
    /// A field is not what it should be.
    #[error("its field '{0}' is not what it should be")]
    Field(&'static str),
    /// It is in the chain of another writer.
    #[error("it belongs to the chain of another writer")]
    Writer,
    /// Its number is not the next one.
    #[error("its number is {found}, and {wanted} comes next")]
    Sequence {
        /// What comes next.
        wanted: u64,
        /// What it says.
        found: u64,
    },
    /// It does not name the line before it.
    #[error("it does not name the line before it as it stands there: one of the two was changed")]
    Previous,
    /// The next line is whole, and names another one here.
    #[error("it was changed: the line after it names another one here")]
    Changed,
    /// The first line does not begin the chain, or a later one does.
    #[error("'began' is the first line and no other")]
    Beginning,
}

impl Fault {
    /// Whether a write that was cut short leaves this behind.
    #[must_use]
    pub const fn can_be_torn(self) -> bool {
        matches!(self, Self::Line(_) | Self::NoLineFeed | Self::TooLong)
    }
}

/// The fields of a line; `run` may be absent.
const FIELDS: [&str; 9] = ["actor", "at", "body", "heads", "prev", "seq", "type", "v", "writer"];
/// The fields of the first line's body.
const BEGINNING: [&str; 3] = ["log", "policy", "roster"];
/// The instant before which every line is written: the year 10000.
const NEVER: i64 = 253_402_300_800;

impl Entry {
    /// Reads a line, without its line feed.
    pub fn parse(line: &[u8]) -> Result<Self, Fault> {
        let mut fields = chain::read(line)?;
        let run = fields.remove("run");
        if !fields.keys().eq(FIELDS) {
            return Err(Fault::Fields);
        }
        if fields.get("v") != Some(&json!(1)) {
            return Err(Fault::Field("v"));
        }
        let at = fields.get("at").and_then(Value::as_i64).filter(|at| (0..NEVER).contains(at));
        let kind = text(&fields, "type").filter(|kind| is_word(kind));
        let actor = text(&fields, "actor").filter(|actor| !actor.is_empty());
        let actor = actor.ok_or(Fault::Field("actor"))?.to_owned();
        let kind = kind.ok_or(Fault::Field("type"))?.to_owned();
        let prev = digest(&fields, "prev").ok_or(Fault::Field("prev"))?;
        let writer = text(&fields, "writer").and_then(Writer::parse);
        let writer = writer.ok_or(Fault::Field("writer"))?;
        let heads = fields.get("heads").and_then(|heads| read_heads(heads, &writer));
        let heads = heads.ok_or(Fault::Field("heads"))?;
        let run = run.map(|run| read_run(&run).ok_or(Fault::Field("run"))).transpose()?;
        let seq = number(&fields, "seq").ok_or(Fault::Field("seq"))?;
        let Some(Value::Object(body)) = fields.remove("body") else {
            return Err(Fault::Field("body"));
        };
        if (kind == BEGAN) && !is_beginning(&body) {
            return Err(Fault::Field("body"));
        }
        let at = Timestamp::from_unix(at.ok_or(Fault::Field("at"))?);
        Ok(Self { writer, seq, at, prev, heads, record: Record { actor, kind, body, run } })
    }

    /// The line, without its line feed.
    #[must_use]
    pub fn line(&self) -> String {
        let heads = self.heads.iter();
        let heads: Map<_, _> = heads
            .map(|(writer, head)| (writer.to_string(), spell_place(head.seq, head.hash)))
            .collect();
        let Record { actor, kind, body, run } = &self.record;
        let mut line = Map::new();
        let mut put = |name: &str, value| line.insert(name.to_owned(), value);
        put("actor", json!(actor));
        put("at", json!(self.at.unix()));
        put("body", Value::Object(body.clone()));
        put("heads", Value::Object(heads));
        put("prev", json!(self.prev.to_string()));
        if let Some(run) = run {
            let mut place = spell_place(run.seq, run.hash);
            if let Some(place) = place.as_object_mut() {
                place.insert("id".to_owned(), json!(run.id));
            }
            put("run", place);
        }
        put("seq", json!(self.seq));
        put("type", json!(kind));
        put("v", json!(1));
        put("writer", json!(self.writer.as_str()));
        chain::canonical(&line)
    }

    /// The hash of a line, without its line feed.
    #[must_use]
    pub fn hash(line: &[u8]) -> Digest {
        Digest::of_kind(KIND, line)
    }
}

fn spell_place(seq: u64, hash: Digest) -> Value {
    json!({ "hash": hash.to_string(), "seq": seq })
}

fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    fields.get(name).and_then(Value::as_str)
}

fn number(fields: &Map<String, Value>, name: &str) -> Option<u64> {
    fields.get(name).and_then(Value::as_u64).filter(|number| *number > 0)
}

/// A digest in its one spelling.
pub(super) fn digest(fields: &Map<String, Value>, name: &str) -> Option<Digest> {
    let hex = text(fields, name)?.strip_prefix("sha256:")?;
    let is_spelled = hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    Digest::parse(hex).filter(|_| is_spelled)
}

fn read_place(place: &Map<String, Value>) -> Option<Head> {
    Some(Head { seq: number(place, "seq")?, hash: digest(place, "hash")? })
}

fn read_heads(heads: &Value, own: &Writer) -> Option<BTreeMap<Writer, Head>> {
    let heads = heads.as_object()?.iter().map(|(name, place)| {
        let writer = Writer::parse(name).filter(|writer| writer != own)?;
        let place = place.as_object().filter(|place| place.keys().eq(["hash", "seq"]))?;
        Some((writer, read_place(place)?))
    });
    heads.collect()
}

fn read_run(run: &Value) -> Option<RunLine> {
    let run = run.as_object().filter(|run| run.keys().eq(["hash", "id", "seq"]))?;
    let id = text(run, "id").filter(|id| is_run(id))?.to_owned();
    let Head { seq, hash } = read_place(run)?;
    Some(RunLine { id, seq, hash })
}

fn is_beginning(body: &Map<String, Value>) -> bool {
    let log = text(body, "log").unwrap_or_default();
    let is_hex = log.len() == 32 && log.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'));
    let digests = ["policy", "roster"].iter().all(|name| digest(body, name).is_some());
    body.keys().eq(BEGINNING) && is_hex && digests
}

fn is_word(kind: &str) -> bool {
    kind.len() <= 64
        && kind.starts_with(|c: char| c.is_ascii_lowercase())
        && kind.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}
