//! The tables of a workspace file, as they are written.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::words::Word;
use crate::domain::finding::FindingId;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::publication::CertificateForm;
use crate::domain::schedule::Progress;
use crate::domain::timestamp::Timestamp;
use crate::domain::workspace::{Class, Content, Environment, Role, SlotKind, TargetKind};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    #[expect(dead_code, reason = "it was looked at before")]
    pub(super) schema: i64,
    pub(super) name: String,
    pub(super) environment: Word<Environment>,
    pub(super) profile: Spanned<String>,
    /// Changes to the profile's values, in the form of a profile.
    pub(super) policy: Option<Spanned<toml::Table>>,
    #[serde(default)]
    pub(super) people: Vec<PersonTable>,
    #[serde(default)]
    pub(super) keys: Vec<KeyTable>,
    #[serde(default)]
    pub(super) consumers: Vec<ConsumerTable>,
    #[serde(default)]
    pub(super) slots: Vec<SlotTable>,
    #[serde(default)]
    pub(super) targets: Vec<TargetTable>,
    #[serde(default)]
    pub(super) cycles: Vec<CycleTable>,
    #[serde(default)]
    pub(super) blackouts: Vec<BlackoutTable>,
    #[serde(default)]
    pub(super) waivers: Vec<WaiverTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PersonTable {
    pub(super) id: Spanned<String>,
    pub(super) name: String,
    pub(super) fingerprint: Option<Word<Fingerprint>>,
    #[serde(default)]
    pub(super) roles: Vec<Word<Role>>,
    #[serde(default)]
    pub(super) away: Vec<Days>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Days {
    pub(super) from: Spanned<Word<Timestamp>>,
    pub(super) until: Word<Timestamp>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyTable {
    pub(super) certificate: Spanned<Word<Fingerprint>>,
    pub(super) class: Word<Class>,
    pub(super) environment: Option<Word<Environment>>,
    pub(super) profile: Option<Spanned<String>>,
    pub(super) replaces: Option<Word<Fingerprint>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConsumerTable {
    pub(super) id: Spanned<String>,
    #[serde(default)]
    pub(super) label: String,
    pub(super) certificate: Word<Fingerprint>,
    pub(super) subkey: Option<Word<Fingerprint>>,
    pub(super) owner: Option<String>,
    pub(super) progress: Option<Word<Progress>>,
    pub(super) published: Option<Word<Timestamp>>,
    pub(super) activated: Option<Word<Timestamp>>,
    #[serde(default)]
    pub(super) slots: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SlotTable {
    pub(super) id: Spanned<String>,
    pub(super) kind: Word<SlotKind>,
    pub(super) place: String,
    pub(super) content: Option<Word<Content>>,
    #[serde(default)]
    pub(super) entries: BTreeMap<String, Word<Content>>,
    pub(super) environment: Option<Word<Environment>>,
    pub(super) selector: Option<String>,
    #[serde(default)]
    pub(super) readers: Vec<ReaderTable>,
    pub(super) reason: Option<String>,
    #[serde(default)]
    pub(super) settings: BTreeMap<String, SettingValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReaderTable {
    pub(super) who: String,
    pub(super) reviewed: Option<Word<Timestamp>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum SettingValue {
    Text(String),
    Number(i64),
    Truth(bool),
    List(Vec<String>),
    Map(BTreeMap<String, String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TargetTable {
    pub(super) id: Spanned<String>,
    pub(super) kind: Word<TargetKind>,
    pub(super) place: String,
    #[serde(default = "yes")]
    pub(super) blocking: bool,
    #[serde(default = "yes")]
    pub(super) keeps_history: bool,
    pub(super) form: Option<Word<CertificateForm>>,
    #[serde(default)]
    pub(super) certificates: Vec<Word<Fingerprint>>,
    #[serde(default)]
    pub(super) settings: BTreeMap<String, SettingValue>,
}

const fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CycleTable {
    pub(super) id: Spanned<String>,
    pub(super) begins: Word<Timestamp>,
    pub(super) previous_done: Option<Word<Timestamp>>,
    #[serde(default)]
    pub(super) provisional: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BlackoutTable {
    pub(super) reason: String,
    pub(super) from: Spanned<Word<Timestamp>>,
    pub(super) until: Word<Timestamp>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WaiverTable {
    pub(super) finding: Spanned<Word<FindingId>>,
    pub(super) of: String,
    pub(super) reason: String,
    pub(super) by: String,
    pub(super) until: Word<Timestamp>,
}
