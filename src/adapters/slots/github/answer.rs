//! What GitHub answers.

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, LOCATION, RETRY_AFTER};
use serde_json::Value as Json;

/// An answer, whatever it says.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) bytes: Vec<u8>,
}

impl Answer {
    pub(super) fn json(&self) -> Json {
        serde_json::from_slice(&self.bytes).unwrap_or_default()
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    pub(super) fn is_good(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(super) fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Where it says that this is elsewhere.
    pub(super) fn location(&self) -> Option<&str> {
        (300..=399).contains(&self.status).then(|| self.header(&LOCATION)).flatten()
    }

    pub(super) fn words(&self) -> String {
        let message = self.json();
        format!("{} {}", self.status, text(&message, "message")).trim_end().to_owned()
    }

    pub(super) fn is_limited(&self) -> bool {
        let has_no_more =
            self.headers.get("x-ratelimit-remaining").is_some_and(|left| left.as_bytes() == b"0");
        let says_wait = self.headers.contains_key(RETRY_AFTER);
        self.status == 429 || (self.status == 403 && (says_wait || has_no_more))
    }

    /// Whether it may be another answer after a while.
    pub(super) fn is_passing(&self) -> bool {
        self.is_limited() || matches!(self.status, 500 | 502 | 503 | 504)
    }

    /// How long that is at the least.
    pub(super) fn wait(&self) -> Duration {
        let seconds = self.header(&RETRY_AFTER).and_then(|text| text.parse().ok());
        Duration::from_secs(seconds.unwrap_or_default())
    }
}

/// A text in an answer; empty where there is none.
pub(super) fn text<'a>(json: &'a Json, name: &str) -> &'a str {
    json.get(name).and_then(Json::as_str).unwrap_or_default()
}

/// A number in an answer, as it is written.
pub(super) fn number(json: &Json, name: &str) -> String {
    json.get(name).and_then(Json::as_u64).unwrap_or_default().to_string()
}

/// A list in an answer.
pub(super) fn list(json: &Json, name: &str) -> Vec<Json> {
    json.get(name).and_then(Json::as_array).cloned().unwrap_or_default()
}
