//! What that GitHub keeps: secrets, variables, and runs of a workflow.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto_box::SecretKey;
use crypto_box::aead::OsRng;
use keyrite::domain::timestamp::Timestamp;
use serde_json::{Value as Json, json};

use super::github::{Answer, Run, State, Stored, message};
use super::workflow::Context;

impl State {
    pub(super) fn store(
        &mut self,
        method: &str,
        path: &[&str],
        body: &Json,
        window: (usize, usize),
    ) -> Answer {
        let at = path.iter().position(|part| matches!(*part, "secrets" | "variables")).unwrap();
        let (scope, kind) = (path[..=at].join("/"), path[at]);
        let is_organisation = path[0] == "orgs";
        let key = path.join("/");
        match (method, &path[at + 1..]) {
            ("GET", []) => {
                let prefix = format!("{scope}/");
                let all = self
                    .things
                    .iter()
                    .filter_map(|(path, one)| Some((path.strip_prefix(&prefix)?, one)));
                let all: Vec<_> = all.map(|(name, one)| shown(name, one, kind)).collect();
                let total = all.len();
                let some: Vec<_> = all.into_iter().skip(window.0).take(window.1).collect();
                (200, Some(json!({ "total_count": total, kind: some })))
            }
            ("GET", ["public-key"]) if kind == "secrets" => (200, Some(self.public_key())),
            ("GET", [name]) => match self.things.get(&key) {
                Some(one) => (200, Some(shown(name, one, kind))),
                None => message(404, "Not Found"),
            },
            ("GET", [name, "repositories"]) if is_organisation => {
                let found = self.things.get(&format!("{scope}/{name}"));
                let ids = found.map(|one| one.selected.clone()).unwrap_or_default();
                let ids: Vec<_> = ids.iter().map(|id| json!({ "id": id })).collect();
                (200, Some(json!({ "total_count": ids.len(), "repositories": ids })))
            }
            ("PUT", [name]) if kind == "secrets" => {
                match self.opened(name, body, is_organisation) {
                    Ok(text) => self.keep(key, text, body),
                    Err(answer) => answer,
                }
            }
            ("POST", []) if kind == "variables" => {
                let name = body["name"].as_str().unwrap_or_default();
                let key = format!("{scope}/{name}");
                if name.is_empty() || !body["value"].is_string() {
                    return self.wrong(&format!("variable: {body}"));
                }
                if self.things.contains_key(&key) {
                    return message(409, "Already exists - Variable already exists");
                }
                if is_organisation && !body["visibility"].is_string() {
                    return message(422, "\"visibility\" wasn't supplied.");
                }
                self.keep(key, body["value"].as_str().unwrap().to_owned(), body)
            }
            ("PATCH", [_]) if kind == "variables" => {
                if !self.things.contains_key(&key) {
                    return message(404, "Not Found");
                }
                let mut all = body.clone();
                all["visibility"] = json!(self.things[&key].visibility);
                self.keep(key, body["value"].as_str().unwrap().to_owned(), &all);
                (204, None)
            }
            ("DELETE", [_]) => match self.things.remove(&key) {
                Some(_) => (204, None),
                None => message(404, "Not Found"),
            },
            _ => self.wrong(&format!("{method} {key}")),
        }
    }

    fn public_key(&self) -> Json {
        let key = self.key.public_key();
        let key_id: String = key.as_bytes()[..8].iter().map(u8::to_string).collect();
        json!({ "key_id": key_id, "key": STANDARD.encode(key.as_bytes()) })
    }

    /// The text that was sealed.
    fn opened(&mut self, name: &str, body: &Json, is_organisation: bool) -> Result<String, Answer> {
        let known = ["encrypted_value", "key_id", "visibility", "selected_repository_ids"];
        let known = if is_organisation { &known[..] } else { &known[..2] };
        let is_known = body.as_object().unwrap().keys().all(|key| known.contains(&key.as_str()));
        let is_name =
            name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
        if !is_known || !is_name || name.starts_with("GITHUB_") {
            return Err(self.wrong(&format!("secret {name}: {body}")));
        }
        if std::mem::take(&mut self.new_key) {
            self.key = SecretKey::generate(&mut OsRng);
        }
        let Some(sealed) = body["encrypted_value"].as_str() else {
            return Err(message(422, "Invalid request.\n\n\"encrypted_value\" wasn't supplied."));
        };
        if is_organisation
            && !["all", "private", "selected"]
                .contains(&body["visibility"].as_str().unwrap_or_default())
        {
            return Err(message(422, "Invalid request.\n\n\"visibility\" wasn't supplied."));
        }
        if body.get("selected_repository_ids").is_some() && body["visibility"] != "selected" {
            return Err(self.wrong(&format!("repositories without need: {body}")));
        }
        if body["key_id"] != self.public_key()["key_id"] {
            return Err(message(
                422,
                "Invalid request.\n\nkey_id is not of the newest public key.",
            ));
        }
        let Ok(sealed) = STANDARD.decode(sealed) else {
            return Err(message(422, "Invalid request.\n\nNot of the form of base64."));
        };
        self.sealed.push_back((sealed.clone(), self.key.to_bytes()));
        let Ok(text) = self.key.unseal(&sealed) else {
            return Err(message(422, "Bad request - improperly encrypted secret"));
        };
        if text.len() > 48 * 1024 {
            return Err(message(422, "Secret value is too large"));
        }
        Ok(String::from_utf8(text).unwrap())
    }

    /// Something is written; each time a second passes.
    pub(crate) fn keep(&mut self, key: String, text: String, body: &Json) -> Answer {
        self.clock += 1;
        let visibility = body["visibility"].as_str().map(str::to_owned);
        let selected = body["selected_repository_ids"].as_array().into_iter().flatten();
        let selected = selected.map(|id| id.as_u64().unwrap()).collect();
        let stored = Stored { text, updated: self.clock, visibility, selected };
        match self.things.insert(key, stored) {
            Some(_) => (204, None),
            None => (201, Some(json!({}))),
        }
    }

    pub(super) fn workflows(
        &mut self,
        method: &str,
        path: &[&str],
        body: &Json,
        query: &BTreeMap<String, String>,
    ) -> Answer {
        let Some(yaml) = self.workflow.clone() else { return message(404, "Not Found") };
        match (method, path) {
            ("POST", ["workflows", "keyrite-prove.yml", "dispatches"]) => {
                let inputs = body["inputs"].as_object().cloned().unwrap_or_default();
                let is_known = |name: &String| yaml.contains(&format!("\n      {name}:\n"));
                if body["ref"] != "main" || !inputs.keys().all(is_known) {
                    return self.wrong(&format!("dispatch: {body}"));
                }
                let inputs = inputs
                    .iter()
                    .map(|(name, one)| (name.clone(), one.as_str().unwrap().to_owned()));
                let (id, inputs) = (self.runs.len() as u64 + 30, inputs.collect());
                self.runs.push(Run { id, inputs, polls: 0, ended: None });
                (204, None)
            }
            ("GET", ["workflows", "keyrite-prove.yml", "runs"]) => {
                assert_eq!(query["event"], "workflow_dispatch");
                let secrets: BTreeMap<_, _> = self
                    .things
                    .iter()
                    .filter_map(|(path, one)| {
                        let name = path.strip_prefix("repos/halyard/halyard/actions/secrets/")?;
                        Some((name.to_owned(), one.text.clone()))
                    })
                    .collect();
                for run in &mut self.runs {
                    run.polls += 1;
                    if run.polls > 2 && run.ended.is_none() {
                        let folder = tempfile::tempdir().unwrap();
                        let (inputs, secrets) = (run.inputs.clone(), secrets.clone());
                        let context = Context { inputs, secrets, ..Context::default() };
                        let ended = context.run(&yaml, folder.path());
                        run.ended = Some((ended.is_success, ended.log));
                    }
                }
                let runs: Vec<_> = self.runs.iter().map(run_shown).collect();
                (200, Some(json!({ "total_count": runs.len(), "workflow_runs": runs })))
            }
            ("GET", ["runs", id, "jobs"]) => {
                let id: u64 = id.parse().unwrap();
                (200, Some(json!({ "total_count": 1, "jobs": [{ "id": id, "name": "prove" }] })))
            }
            ("GET", ["jobs", id, "logs"]) => {
                (302, Some(json!(format!("http://127.0.0.1:{}/blob/{id}", self.port))))
            }
            _ => self.wrong(&format!("{method} {path:?}")),
        }
    }
}

fn run_shown(run: &Run) -> Json {
    let (status, conclusion) = match (&run.ended, run.polls) {
        (Some((true, _)), _) => ("completed", json!("success")),
        (Some((false, _)), _) => ("completed", json!("failure")),
        (None, 0 | 1) => ("queued", Json::Null),
        (None, _) => ("in_progress", Json::Null),
    };
    json!({
        "id": run.id, "display_title": format!("keyrite-prove {}", run.inputs["nonce"]),
        "status": status, "conclusion": conclusion,
        "html_url": format!("https://github.com/halyard/halyard/actions/runs/{}", run.id),
    })
}

fn shown(name: &str, one: &Stored, kind: &str) -> Json {
    let updated = Timestamp::from_unix(one.updated).iso();
    let mut shown = json!({ "name": name, "created_at": updated, "updated_at": updated });
    if kind == "variables" {
        shown["value"] = json!(one.text);
    }
    if let Some(visibility) = &one.visibility {
        shown["visibility"] = json!(visibility);
    }
    shown
}
