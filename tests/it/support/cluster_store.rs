//! What that cluster keeps, and who wrote which field of it: server-side
//! apply with its conflicts, versions of resources, and what cannot change.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use keyrite::domain::timestamp::Timestamp;
use serde_json::{Map, Value as Json, json};

use super::cluster::{Answer, Request, State, failure};

/// A field: the part that it is in, and its name.
type Field = (&'static str, String);

/// An object, and which fields of it are whose.
#[derive(Clone)]
pub(crate) struct Object {
    pub(crate) json: Json,
    /// By manager and operation.
    owners: BTreeMap<(String, String), BTreeSet<Field>>,
}

const PARTS: [(&str, &str); 3] =
    [("labels", "/metadata/labels"), ("annotations", "/metadata/annotations"), ("data", "/data")];

fn fields(object: &Json) -> BTreeMap<Field, Json> {
    let mut found = BTreeMap::new();
    for (part, at) in PARTS {
        for (name, value) in object.pointer(at).and_then(Json::as_object).into_iter().flatten() {
            found.insert((part, name.clone()), value.clone());
        }
    }
    if let Some(value) = object.get("immutable") {
        found.insert(("immutable", String::new()), value.clone());
    }
    found
}

fn set(object: &mut Json, field: &Field, value: Option<&Json>) {
    let (part, name) = field;
    let home = match *part {
        "immutable" => {
            object["immutable"] = value.cloned().unwrap_or_default();
            return;
        }
        "data" => object,
        _ => &mut object["metadata"],
    };
    if !home[*part].is_object() {
        home[*part] = json!({});
    }
    let home = home[*part].as_object_mut().unwrap();
    match value {
        Some(value) => drop(home.insert(name.clone(), value.clone())),
        None => drop(home.remove(name)),
    }
}

impl Object {
    fn managed(&self) -> Json {
        let entry = |((manager, operation), owned): (&(String, String), &BTreeSet<Field>)| {
            let mut all = Map::new();
            for (part, name) in owned {
                let at = match *part {
                    "immutable" => {
                        all.insert("f:immutable".to_owned(), json!({}));
                        continue;
                    }
                    "data" => &mut all,
                    _ => {
                        let at = all.entry("f:metadata").or_insert_with(|| json!({}));
                        at.as_object_mut().unwrap()
                    }
                };
                let at = at.entry(format!("f:{part}")).or_insert_with(|| json!({ ".": {} }));
                at[format!("f:{name}")] = json!({});
            }
            json!({
                "manager": manager, "operation": operation, "apiVersion": "v1",
                "time": self.json["metadata"]["creationTimestamp"],
                "fieldsType": "FieldsV1", "fieldsV1": all,
            })
        };
        self.owners.iter().filter(|(_, owned)| !owned.is_empty()).map(entry).collect()
    }

    /// As it is answered.
    fn shown(&self, request: &Request) -> Json {
        let mut json = self.json.clone();
        json["metadata"]["managedFields"] = self.managed();
        if !request.is_of_metadata() {
            return json;
        }
        let metadata = &json["metadata"];
        json!({ "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": metadata })
    }

    /// What the fields of somebody else become.
    fn take(&mut self, who: &(String, String), taken: impl IntoIterator<Item = Field>) {
        for field in taken {
            for (manager, owned) in &mut self.owners {
                if manager != who {
                    owned.remove(&field);
                }
            }
            self.owners.entry(who.clone()).or_default().insert(field);
        }
    }
}

impl State {
    pub(super) fn store(
        &mut self,
        request: &Request,
        (kind, space): (&str, &str),
        name: Option<&str>,
        body: &Json,
    ) -> Answer {
        let key = |name: &str| (kind.to_owned(), space.to_owned(), name.to_owned());
        let found = name.and_then(|name| self.objects.get(&key(name)).cloned());
        let manager = match request.query("fieldManager") {
            "" => request.header("user-agent").split('/').next().unwrap_or_default(),
            manager => manager,
        };
        let applies = request.header("content-type") == "application/apply-patch+yaml";
        let operation = if applies { "Apply" } else { "Update" };
        let who = (manager.to_owned(), operation.to_owned());
        match (request.method.as_str(), name, found) {
            ("GET", None, _) => self.listed(request, kind, space),
            ("GET", Some(_), Some(found)) => (200, found.shown(request)),
            ("POST", None, _) => {
                let name = body["metadata"]["name"].as_str().unwrap_or_default().to_owned();
                if self.objects.contains_key(&key(&name)) {
                    let message = format!("{kind} \"{name}\" already exists");
                    return failure(409, "AlreadyExists", &message);
                }
                let fields = fields(&readable(body)).into_keys();
                self.write(request, &key(&name), body, None, |object| object.take(&who, fields))
            }
            ("PATCH", Some(name), found) if applies => {
                if manager.is_empty() || request.query("fieldValidation") != "Strict" {
                    return self.wrong("it is applied by nobody, or not strictly");
                }
                self.apply(request, &key(name), body, found, &who)
            }
            ("PATCH" | "PUT", Some(name), Some(found)) => {
                let mut object = found.json.clone();
                if request.method == "PUT" {
                    object = readable(body);
                    object["metadata"]["uid"] = found.json["metadata"]["uid"].clone();
                } else {
                    merge(&mut object, body);
                }
                let old = fields(&found.json);
                let changed: Vec<_> = fields(&object)
                    .into_iter()
                    .filter(|(field, value)| old.get(field) != Some(value))
                    .map(|(field, _)| field)
                    .collect();
                self.write(request, &key(name), &object, Some(&found), |object| {
                    object.take(&who, changed);
                })
            }
            ("DELETE", Some(name), Some(found)) => {
                let is_other = |at: &str, field: &str| {
                    body["preconditions"][at]
                        .as_str()
                        .is_some_and(|wanted| found.json["metadata"][field] != *wanted)
                };
                if is_other("uid", "uid") || is_other("resourceVersion", "resourceVersion") {
                    let message = "Precondition failed: UID in precondition differs";
                    return failure(409, "Conflict", message);
                }
                self.objects.remove(&key(name));
                (200, json!({ "kind": "Status", "apiVersion": "v1", "status": "Success" }))
            }
            (_, name, _) => {
                let message = format!("{kind} \"{}\" not found", name.unwrap_or_default());
                failure(404, "NotFound", &message)
            }
        }
    }

    fn listed(&self, request: &Request, kind: &str, space: &str) -> Answer {
        let is_it = |key: &(String, String, String)| {
            (key.0.as_str(), key.1.as_str()) == (kind, space) && self.hidden != Some(key.2.as_str())
        };
        let all = self.objects.iter().filter(|(key, _)| is_it(key));
        let all: Vec<_> = all.map(|(_, object)| object.shown(request)).collect();
        let from = request.query("continue").parse().unwrap_or(0);
        let limit = request.query("limit").parse().unwrap_or(usize::MAX).min(self.page);
        let some: Vec<_> = all.iter().skip(from).take(limit).collect();
        let end = from + some.len();
        let next = if end < all.len() { end.to_string() } else { String::new() };
        let kind = match (request.is_of_metadata(), kind) {
            (true, _) => "PartialObjectMetadataList",
            (_, "secrets") => "SecretList",
            _ => "ConfigMapList",
        };
        let version = if request.is_of_metadata() { "meta.k8s.io/v1" } else { "v1" };
        let metadata = json!({ "resourceVersion": self.revision.to_string(), "continue": next });
        (200, json!({ "kind": kind, "apiVersion": version, "metadata": metadata, "items": some }))
    }

    fn apply(
        &mut self,
        request: &Request,
        key: &(String, String, String),
        body: &Json,
        found: Option<Object>,
        who: &(String, String),
    ) -> Answer {
        let wanted = fields(body);
        let resource_version = &body["metadata"]["resourceVersion"];
        let Some(found) = found else {
            if !resource_version.is_null() {
                let message = "uid mismatch: there is no existing object";
                return failure(409, "Conflict", message);
            }
            let fields: Vec<_> = wanted.into_keys().collect();
            return self.write(request, key, body, None, |object| object.take(who, fields));
        };
        if !resource_version.is_null()
            && *resource_version != found.json["metadata"]["resourceVersion"]
        {
            let message =
                "the object has been modified; please apply your changes to the latest version";
            return failure(409, "Conflict", message);
        }
        let old = fields(&found.json);
        let is_owned = |field: &Field| {
            found.owners.iter().any(|(manager, owned)| manager != who && owned.contains(field))
        };
        let conflicts: Vec<_> = wanted
            .iter()
            .filter(|(field, value)| old.get(*field) != Some(*value) && is_owned(field))
            .map(|(field, _)| field.clone())
            .collect();
        if !conflicts.is_empty() && request.query("force") != "true" {
            let message = format!("Apply failed with {} conflicts", conflicts.len());
            return failure(409, "Conflict", &message);
        }
        let mut object = found.json.clone();
        for (field, value) in &wanted {
            set(&mut object, field, Some(value));
        }
        let before = found.owners.get(who).cloned().unwrap_or_default();
        for field in before.iter().filter(|one| !wanted.contains_key(*one) && !is_owned(one)) {
            set(&mut object, field, None);
        }
        let all: BTreeSet<_> = wanted.into_keys().collect();
        self.write(request, key, &object, Some(&found), |object| {
            object.take(who, conflicts);
            object.owners.insert(who.clone(), all);
        })
    }

    fn write(
        &mut self,
        request: &Request,
        key: &(String, String, String),
        body: &Json,
        found: Option<&Object>,
        own: impl FnOnce(&mut Object),
    ) -> Answer {
        if let Err(what) = is_published(&key.0, body) {
            return self.wrong(&what);
        }
        let mut json = readable(body);
        let (metadata, name) = (&json["metadata"], key.2.as_str());
        if metadata["name"] != *name
            || (!metadata["namespace"].is_null() && metadata["namespace"] != *key.1)
        {
            return self.wrong(&format!("{metadata} at {key:?}"));
        }
        let size = |value: &Json| STANDARD.decode(value.as_str().unwrap()).map(|bytes| bytes.len());
        let sizes = json["data"].as_object().into_iter().flatten().map(|(_, value)| size(value));
        if key.0 == "secrets" {
            match sizes.sum::<Result<usize, _>>() {
                Err(_) => return self.wrong("data that is no base64"),
                Ok(1_048_577..) => {
                    return invalid(name, "Too long: must have at most 1048576 bytes");
                }
                Ok(_) => {}
            }
        }
        let is_fixed = found.is_some_and(|found| found.json["immutable"] == true);
        let is_same = |part: &str| found.is_some_and(|found| found.json[part] == json[part]);
        if is_fixed && !(is_same("data") && is_same("immutable")) {
            let why = "Forbidden: field is immutable when `immutable` is set";
            return invalid(name, why);
        }
        let (revision, old) = (self.revision + 1, found.map(|found| &found.json["metadata"]));
        let kept = |name: &str, new: Json| old.map_or(new, |old| old[name].clone());
        let time = Timestamp::parse("2026-01-05").unwrap();
        let time = time.plus(i64::try_from(revision).unwrap()).iso();
        let metadata = &mut json["metadata"];
        metadata["namespace"] = json!(key.1);
        metadata["uid"] = kept("uid", json!(format!("5ec2e700-0000-4000-8000-{revision:012x}")));
        metadata["creationTimestamp"] = kept("creationTimestamp", json!(time));
        metadata["resourceVersion"] = kept("resourceVersion", Json::Null);
        if found.is_none_or(|found| found.json != json) {
            self.revision = revision;
            json["metadata"]["resourceVersion"] = json!(revision.to_string());
        }
        let owners = found.map(|found| found.owners.clone()).unwrap_or_default();
        let mut object = Object { json, owners };
        own(&mut object);
        // Of fields that are gone nobody is the owner.
        let there = fields(&object.json);
        for owned in object.owners.values_mut() {
            owned.retain(|field| there.contains_key(field));
        }
        let shown = object.shown(request);
        self.objects.insert(key.clone(), object);
        (if found.is_some() { 200 } else { 201 }, shown)
    }
}

/// What is answered where the data of a Secret cannot be as they are to be.
fn invalid(name: &str, why: &str) -> Answer {
    let message = format!("Secret \"{name}\" is invalid: data: {why}");
    let (code, mut status) = failure(422, "Invalid", &message);
    let causes = [json!({ "reason": "FieldValueForbidden", "message": why, "field": "data" })];
    status["details"] = json!({ "name": name, "kind": "Secret", "causes": causes });
    (code, status)
}

/// With texts as data.
fn readable(body: &Json) -> Json {
    let mut object = body.clone();
    let texts = object.as_object_mut().unwrap().remove("stringData");
    for (name, text) in texts.as_ref().and_then(Json::as_object).into_iter().flatten() {
        let text = STANDARD.encode(text.as_str().unwrap());
        set(&mut object, &("data", name.clone()), Some(&json!(text)));
    }
    object["metadata"].as_object_mut().unwrap().remove("managedFields");
    object
}

fn merge(object: &mut Json, patch: &Json) {
    let Some(patch) = patch.as_object() else { return *object = patch.clone() };
    if !object.is_object() {
        *object = json!({});
    }
    for (name, value) in patch {
        let all = object.as_object_mut().unwrap();
        if value.is_null() {
            all.remove(name);
        } else {
            merge(all.entry(name.clone()).or_insert(Json::Null), value);
        }
    }
}

/// Whether it is an object of the published interface, and nothing else.
fn is_published(kind: &str, body: &Json) -> Result<(), String> {
    let again = match kind {
        "secrets" => serde_json::from_value::<Secret>(body.clone()).map(|one| json!(one)),
        _ => serde_json::from_value::<ConfigMap>(body.clone()).map(|one| json!(one)),
    };
    let again = again.map_err(|error| format!("{kind}: {error}"))?;
    let mut lost = Vec::new();
    unread("", body, &again, &mut lost);
    if lost.is_empty() { Ok(()) } else { Err(format!("{kind} has no {lost:?}")) }
}

fn unread(at: &str, sent: &Json, read: &Json, lost: &mut Vec<String>) {
    for (name, value) in sent.as_object().into_iter().flatten() {
        let at = format!("{at}/{name}");
        match read.get(name) {
            None if value.is_null() || *value == json!({}) || *value == json!([]) => {}
            None => lost.push(at),
            Some(read) => unread(&at, value, read, lost),
        }
    }
}
