//! What Secrets Manager says of a secret, and policies that freeze it.

use std::collections::BTreeMap;

use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;

use super::{CURRENT, FREEZE, NOTHING_TAG, PENDING, PREVIOUS};
use crate::domain::custody::Stage;
use crate::engine::chain::Digest;
use crate::engine::slot::{Observation, Seen};

/// The stages of each version that has some; the others do not count in AWS.
pub(super) fn stages(found: &DescribeSecretOutput) -> BTreeMap<String, Vec<String>> {
    let all = found.version_ids_to_stages().into_iter().flatten();
    let named = |(version, stages): (&String, &Vec<String>)| (version.clone(), stages.clone());
    all.filter(|(_, stages)| !stages.is_empty()).map(named).collect()
}

/// The effect that made the secret, with a version that stands for none.
pub(super) fn made_for(found: &DescribeSecretOutput) -> Option<String> {
    let tag = found.tags().iter().find(|tag| tag.key() == Some(NOTHING_TAG))?;
    tag.value().map(str::to_owned)
}

/// The version that stands for none. Its name follows from the tag by way of a
/// digest, so that who may only write tags cannot make one that names a
/// version with a secret.
fn placeholder(found: &DescribeSecretOutput) -> Option<String> {
    let version = token_of(&made_for(found)?);
    stages(found).contains_key(&version).then_some(version)
}

pub(super) fn observation(found: &DescribeSecretOutput) -> Observation {
    let nothing = placeholder(found);
    let stages = stages(found);
    let told: Vec<_> = stages
        .iter()
        .map(|(version, stages)| {
            let mut stages = stages.clone();
            stages.sort();
            format!("{version}={}", stages.join("+"))
        })
        .collect();
    let key = found.kms_key_id().unwrap_or_default();
    let guard = Digest::of(format!("{key} {}", told.join(",")).as_bytes()).to_string();
    let versions = stages
        .into_iter()
        .filter(|(version, _)| Some(version) != nothing.as_ref())
        .map(|(version, stages)| {
            let has = |stage: &str| stages.iter().any(|one| one == stage);
            let stage = match () {
                () if has(CURRENT) => Stage::Current,
                () if has(PENDING) => Stage::Pending,
                () if has(PREVIOUS) => Stage::Previous,
                () => Stage::Left,
            };
            Seen { version, stage, subkey: None, written: None, body: None }
        })
        .collect();
    let fact = |version: String| format!("the version {version} stands for none ({NOTHING_TAG})");
    let facts = nothing.into_iter().map(fact).collect();
    Observation { versions, facts, guard, is_frozen: false }
}

/// The token of the version that stands for none: a UUID that follows from the
/// name of the effect, so that it is made once.
pub(super) fn token_of(name: &str) -> String {
    let hex = Digest::of(format!("nothing {name}").as_bytes()).to_string();
    let hex = hex.trim_start_matches("sha256:");
    let part = |from: usize, until: usize| hex.get(from..until).unwrap_or_default();
    format!("{}-{}-4{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

/// The policy with or without the statement that freezes; absent where nothing
/// would be left of it.
pub(super) fn frozen(policy: &str, is_frozen: bool) -> Result<Option<String>, serde_json::Error> {
    use serde_json::{Value, json};
    let mut policy: Value = match policy {
        "" => json!({ "Version": "2012-10-17", "Statement": [] }),
        text => serde_json::from_str(text)?,
    };
    let before = policy.get_mut("Statement").map(Value::take).unwrap_or_default();
    // One that stands alone needs no list.
    let mut statements = match before {
        Value::Array(statements) => statements,
        one @ Value::Object(_) => vec![one],
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    statements.retain(|one| one.get("Sid") != Some(&json!(FREEZE)));
    if is_frozen {
        statements.push(json!({
            "Sid": FREEZE,
            "Effect": "Deny",
            "Principal": "*",
            "Action": "secretsmanager:GetSecretValue",
            "Resource": "*",
        }));
    }
    let is_left = !statements.is_empty();
    if let Some(policy) = policy.as_object_mut() {
        policy.insert("Statement".to_owned(), Value::Array(statements));
    }
    Ok(is_left.then(|| policy.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_freeze_keeps_what_a_policy_says_besides() {
        let own = r#"{"Version":"2012-10-17","Statement":{"Sid":"Own","Effect":"Allow"}}"#;
        let policy = frozen(own, true).unwrap().unwrap();
        assert!(policy.contains("Own") && policy.contains(FREEZE));
        assert_eq!(frozen(&policy, true).unwrap().unwrap().matches(FREEZE).count(), 1);
        let thawed = frozen(&policy, false).unwrap().unwrap();
        assert!(thawed.contains("Own") && !thawed.contains(FREEZE));
        let alone = frozen("", true).unwrap().unwrap();
        assert_eq!(frozen(&alone, false).unwrap(), None);
        assert!(frozen("no policy", true).is_err());
    }

    #[test]
    fn the_token_of_nothing_follows_from_the_effect() {
        let token = token_of("0b9a1c3e-5f0d-4a6e-9d0a-2f1c7b7f9a10");
        assert_eq!(token, token_of("0b9a1c3e-5f0d-4a6e-9d0a-2f1c7b7f9a10"));
        assert_ne!(token, token_of("another"));
        let lengths: Vec<_> = token.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
    }
}
