//! What is seen of a slot in a cluster, by the metadata of its objects.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ManagedFieldsEntry, ObjectMeta};

use super::MANAGER;
use crate::domain::custody::Stage;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;
use crate::engine::chain::Digest;
use crate::engine::slot::{Observation, Seen};

/// The annotation of a version that names the effect that wrote it.
pub(super) const EFFECT: &str = "keyrite/effect";
/// The annotation of what its user takes: the version that it is.
pub(super) const VERSION: &str = "keyrite/version";
/// The same: the subkey.
pub(super) const SUBKEY: &str = "keyrite/subkey";
/// The same: the versions that were current before, the last one first.
pub(super) const BEFORE: &str = "keyrite/before";

/// A Secret of one subkey. It cannot be changed, so that its UID stands for
/// what is in it.
#[derive(Clone)]
pub(super) struct Version {
    pub(super) name: String,
    pub(super) uid: String,
    pub(super) subkey: Fingerprint,
    pub(super) effect: String,
    changes: String,
    written: Option<Timestamp>,
}

impl Version {
    /// Whether this is one of the slot of that name.
    pub(super) fn read(slot: &str, meta: &ObjectMeta) -> Option<Self> {
        let name = meta.name.clone()?;
        let end = name.strip_prefix(slot)?.strip_prefix('-')?;
        let subkey = Fingerprint::from_hex(end)?;
        (name == version_name(slot, &subkey)).then(|| Self {
            name: name.clone(),
            uid: meta.uid.clone().unwrap_or_default(),
            subkey,
            effect: note(meta, EFFECT).to_owned(),
            changes: meta.resource_version.clone().unwrap_or_default(),
            written: written(meta),
        })
    }
}

/// The name of a subkey's own Secret.
pub(super) fn version_name(slot: &str, subkey: &Fingerprint) -> String {
    format!("{slot}-{}", subkey.hex().to_lowercase())
}

/// What the user of a slot takes: a Secret, or a `ConfigMap` that names one.
#[derive(Clone)]
pub(super) struct Chosen {
    pub(super) changes: String,
    pub(super) before: Vec<String>,
    uid: String,
    /// Which version it is, where that can be relied on.
    version: Option<String>,
    /// Whose secret it is, or was before somebody else wrote there.
    subkey: Option<Fingerprint>,
    written: Option<Timestamp>,
    /// Who else writes it.
    others: Vec<String>,
    /// What makes it, and would write over us.
    pub(super) owner: Option<String>,
    /// The labels that others keep: who, and as what.
    pub(super) labels: BTreeMap<String, (String, String)>,
    /// Entries that only we have written, and that are not declared any more:
    /// the next apply would take them away.
    pub(super) undeclared: Vec<String>,
}

impl Chosen {
    /// A Secret with these entries.
    pub(super) fn secret(meta: &ObjectMeta, entries: &[String]) -> Self {
        let fields = meta.managed_fields.as_deref().unwrap_or_default();
        let own: Vec<_> = fields.iter().filter(|one| is_own(one)).collect();
        let is_ours = entries.iter().all(|entry| own.iter().any(|one| has_entry(one, entry)));
        let named = note(meta, VERSION);
        let version = (is_ours && !named.is_empty()).then(|| named.to_owned());
        let subkey = Fingerprint::from_hex(note(meta, SUBKEY));
        let of_others =
            |entry: &String| fields.iter().any(|one| !is_own(one) && has_entry(one, entry));
        let written = own.iter().flat_map(|one| names(one, "/f:data"));
        let undeclared =
            written.filter(|entry| !entries.contains(entry) && !of_others(entry)).collect();
        Self { version, subkey, undeclared, ..Self::of(meta) }
    }

    /// A `ConfigMap` that names one of the versions.
    pub(super) fn pointer(
        meta: &ObjectMeta,
        data: Option<&BTreeMap<String, String>>,
        versions: &[Version],
    ) -> Self {
        let named = data.and_then(|data| data.get("secret"));
        let version = named.and_then(|named| versions.iter().find(|one| one.name == *named));
        let subkey = version.map(|one| one.subkey);
        Self { version: version.map(|one| one.uid.clone()), subkey, ..Self::of(meta) }
    }

    fn of(meta: &ObjectMeta) -> Self {
        let fields = meta.managed_fields.as_deref().unwrap_or_default();
        let others = fields.iter().filter(|one| !is_own(one) && has_data(one));
        let others = others.filter_map(|one| one.manager.clone()).collect();
        let values = meta.labels.as_ref();
        let label = |one: &ManagedFieldsEntry, name: String| {
            let value = values?.get(&name)?.clone();
            Some((name, (one.manager.clone().unwrap_or_default(), value)))
        };
        let strange = fields.iter().filter(|one| one.manager.as_deref() != Some(MANAGER));
        let labels = strange.flat_map(|one| {
            names(one, "/f:metadata/f:labels").into_iter().filter_map(|name| label(one, name))
        });
        let owners = meta.owner_references.iter().flatten();
        let owner = owners.map(|one| format!("{} {}", one.kind, one.name)).next();
        Self {
            changes: meta.resource_version.clone().unwrap_or_default(),
            before: note(meta, BEFORE).split_whitespace().map(str::to_owned).collect(),
            uid: meta.uid.clone().unwrap_or_default(),
            version: None,
            subkey: None,
            written: written(meta),
            others,
            owner,
            labels: labels.collect(),
            undeclared: Vec::new(),
        }
    }

    /// The version that is current: one of ours, or what somebody else has put
    /// there, as it is now.
    pub(super) fn version(&self) -> String {
        match &self.version {
            Some(version) => version.clone(),
            None => format!("{}@{}", self.uid, self.changes),
        }
    }

    /// Whether it is one that was put there as a version of ours.
    pub(super) fn is_ours(&self) -> bool {
        self.version.is_some()
    }
}

/// The version of an object of ours that was made, and has nothing in it yet:
/// a promotion was cut off before it was written. Nobody gets anything there.
pub(super) fn made(meta: &ObjectMeta) -> Option<String> {
    let fields = meta.managed_fields.as_deref().unwrap_or_default();
    let is_ours = |one: &ManagedFieldsEntry| one.manager.as_deref() == Some(MANAGER);
    let is_empty = !fields.is_empty() && fields.iter().all(|one| is_ours(one) && !has_data(one));
    is_empty.then(|| meta.resource_version.clone()).flatten()
}

/// What is seen of it.
pub(super) struct Looked {
    pub(super) facts: Vec<String>,
    /// Of what its user takes, where it was made and never written.
    pub(super) made: Option<String>,
    pub(super) versions: Vec<Version>,
    pub(super) chosen: Option<Chosen>,
}

impl Looked {
    /// Another one as soon as anybody changes anything of the slot; as if
    /// there were no version of that subkey, where one is given.
    pub(super) fn guard(&self, without: Option<&Fingerprint>) -> String {
        let versions = self.versions.iter().filter(|one| Some(&one.subkey) != without);
        let versions = versions.map(|one| format!("{} {}", one.uid, one.changes));
        let chosen = self.chosen.iter().map(|one| format!("chosen {} {}", one.uid, one.changes));
        let mut all: Vec<_> = versions.chain(chosen).collect();
        all.sort_unstable();
        Digest::of(all.join("\n").as_bytes()).to_string()
    }

    pub(super) fn by_uid(&self, uid: &str) -> Option<&Version> {
        self.versions.iter().find(|one| one.uid == uid)
    }

    pub(super) fn of(&self, subkey: &Fingerprint) -> Option<&Version> {
        self.versions.iter().find(|one| one.subkey == *subkey)
    }

    pub(super) fn current(&self) -> Option<String> {
        self.chosen.as_ref().map(Chosen::version)
    }

    pub(super) fn observation(&self) -> Observation {
        let (current, before) = (self.current(), self.chosen.iter().flat_map(|one| &one.before));
        let before: Vec<_> = before.collect();
        let stage = |uid: &String| match before.iter().position(|one| *one == uid) {
            _ if current.as_ref() == Some(uid) => Stage::Current,
            Some(0) => Stage::Previous,
            Some(_) => Stage::Left,
            None => Stage::Pending,
        };
        let mut versions: Vec<_> = self
            .versions
            .iter()
            .map(|one| Seen {
                version: one.uid.clone(),
                stage: stage(&one.uid),
                subkey: Some(one.subkey),
                written: one.written,
                body: None,
            })
            .collect();
        let mut facts = self.facts.clone();
        if let Some(chosen) = &self.chosen {
            let version = chosen.version();
            if !versions.iter().any(|seen| seen.version == version) {
                let (stage, written, subkey) = (Stage::Current, chosen.written, chosen.subkey);
                versions.push(Seen { version, stage, subkey, written, body: None });
            }
            if !chosen.is_ours() {
                let others = VisibleText::from_text(&chosen.others.join(", ")).into_string();
                let others = if others.is_empty() { "somebody".to_owned() } else { others };
                facts.push(format!(
                    "{others} has written what is there; a promotion writes over it, and keeps no \
                     copy"
                ));
            }
            facts.extend(chosen.undeclared.iter().map(|entry| {
                let entry = VisibleText::from_text(entry);
                format!("its entry '{entry}' is not declared any more: nothing is promoted over it")
            }));
        }
        Observation { versions, facts, guard: self.guard(None), is_frozen: false }
    }
}

fn note<'a>(meta: &'a ObjectMeta, name: &str) -> &'a str {
    meta.annotations.as_ref().and_then(|notes| notes.get(name)).map_or("", String::as_str)
}

fn written(meta: &ObjectMeta) -> Option<Timestamp> {
    let fields = meta.managed_fields.iter().flatten();
    let last = fields.filter(|one| has_data(one)).filter_map(|one| one.time.as_ref()).max();
    let last = last.or(meta.creation_timestamp.as_ref());
    last.map(|time| Timestamp::from_unix(time.0.as_second()))
}

/// Whether it is what we have applied.
fn is_own(entry: &ManagedFieldsEntry) -> bool {
    entry.manager.as_deref() == Some(MANAGER) && entry.operation.as_deref() == Some("Apply")
}

fn has_data(entry: &ManagedFieldsEntry) -> bool {
    entry.fields_v1.as_ref().is_some_and(|fields| fields.0.get("f:data").is_some())
}

/// The names of what somebody has written at that place of an object.
fn names(entry: &ManagedFieldsEntry, at: &str) -> Vec<String> {
    let found = entry.fields_v1.as_ref().and_then(|fields| fields.0.pointer(at));
    let found = found.and_then(serde_json::Value::as_object).into_iter().flatten();
    found.filter_map(|(name, _)| name.strip_prefix("f:").map(str::to_owned)).collect()
}

fn has_entry(entry: &ManagedFieldsEntry, name: &str) -> bool {
    let data = entry.fields_v1.as_ref().and_then(|fields| fields.0.get("f:data"));
    data.is_some_and(|data| data.get(format!("f:{name}")).is_some())
}
