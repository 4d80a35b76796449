//! keys.openpgp.org, and other servers that speak as it does: user IDs are
//! served once the owner of the address has answered a mail.

use std::time::Duration;

use reqwest::Url;
use serde_json::{Value as Json, json};

use super::served::{is_in, is_in_but_user_ids, is_revoked};
use crate::adapters::web::{Answer, Silence, Web};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;
use crate::engine::place::PlaceError;
use crate::engine::target::{Abilities, Door, Found, Publication, Sight, Target};

/// The largest certificate, in bytes, that such a server takes.
const LIMIT: usize = 1024 * 1024;

/// A server.
pub(super) struct VksTarget {
    place: String,
    base: Url,
    web: Web,
}

impl VksTarget {
    /// Nothing is asked yet.
    pub(super) fn new(place: &str, patience: Duration) -> Result<Self, PlaceError> {
        let unfit = |why: &str| PlaceError::Unfit { place: place.to_owned(), why: why.to_owned() };
        let address =
            if place.contains("://") { place.to_owned() } else { format!("https://{place}") };
        let base = Url::parse(&address).map_err(|_| unfit("it is no https://HOST"))?;
        let is_local = base.host_str().is_some_and(|host| host == "127.0.0.1");
        if base.scheme() != "https" && !is_local {
            return Err(unfit("it is no https://HOST"));
        }
        let place = place.to_owned();
        let web = Web::new(patience);
        let web = web.map_err(|why| PlaceError::Unreachable { place: place.clone(), why })?;
        Ok(Self { place, base, web })
    }

    fn url(&self, parts: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["vks", "v1"]).extend(parts);
        }
        url
    }

    fn door(&self, parts: &[&str]) -> Door {
        let url = self.url(parts);
        let found = match self.web.get(&url) {
            Err(silence) => Found::Unreachable(silence.why()),
            Ok(answer) if answer.status == 404 => Found::Nothing,
            Ok(answer) if !answer.is_good() => {
                Found::Unreachable(VisibleText::from_text(&format!("HTTP {}", answer.status)))
            }
            Ok(answer) if answer.is_page() => {
                Found::Unreachable(VisibleText::from_text("a web page answers, and no keyserver"))
            }
            Ok(answer) => Found::Packets { bytes: answer.bytes, is_collection: false },
        };
        Door::new(url.to_string(), found)
    }

    fn post(&self, operation: &str, body: &Json) -> Result<Json, PlaceError> {
        let place = || self.place.clone();
        let answer = match self.web.post_json(&self.url(&[operation]), body) {
            Ok(answer) => answer,
            Err(Silence::Unsent(why)) => {
                return Err(PlaceError::Unreachable { place: place(), why });
            }
            Err(Silence::Lost(why)) => return Err(PlaceError::InDoubt { place: place(), why }),
        };
        let why = VisibleText::from_text(&words(&answer));
        match answer.status {
            200..=299 => serde_json::from_slice(&answer.bytes).map_err(|_| PlaceError::InDoubt {
                place: place(),
                why: VisibleText::from_text("its answer cannot be understood"),
            }),
            400 | 413 | 422 => Err(PlaceError::Unfit { place: place(), why: why.into_string() }),
            401 | 403 => Err(PlaceError::Refused { place: place(), why }),
            // Sending the same once more does no harm.
            _ => Err(PlaceError::Unreachable { place: place(), why }),
        }
    }
}

/// What a server says of an error.
fn words(answer: &Answer) -> String {
    let said = serde_json::from_slice::<Json>(&answer.bytes).ok();
    let said = said.and_then(|said| Some(said.get("error")?.as_str()?.to_owned()));
    match said {
        Some(said) => {
            format!("HTTP {}: {}", answer.status, said.chars().take(200).collect::<String>())
        }
        None => format!("HTTP {}", answer.status),
    }
}

/// The addresses that nobody was asked about yet.
fn unpublished(status: Option<&Json>) -> Vec<String> {
    let all = status.and_then(Json::as_object).into_iter().flatten();
    let open = all.filter(|(_, state)| state.as_str() == Some("unpublished"));
    open.map(|(address, _)| address.clone()).collect()
}

/// What it says of the certificate. Of several certificates in one upload it
/// names the fingerprints, and no more.
fn answer_of(said: &Json, certificate: &Fingerprint) -> Option<Json> {
    let is_it = |name: Option<&Json>| {
        let name = name.and_then(Json::as_str);
        name.is_some_and(|name| name.eq_ignore_ascii_case(&certificate.hex()))
    };
    let all = said.as_array().map_or(std::slice::from_ref(said), Vec::as_slice);
    all.iter().find(|one| is_it(Some(one)) || is_it(one.get("key_fpr"))).cloned()
}

impl Target for VksTarget {
    fn abilities(&self) -> Abilities {
        Abilities { is_open: true, is_guarded: false, withdraws: true, is_late: true }
    }

    fn limit(&self) -> usize {
        LIMIT
    }

    fn look(&self, certificate: &Fingerprint, addresses: &[String]) -> Result<Sight, PlaceError> {
        let hex = certificate.hex();
        let mut doors = vec![self.door(&["by-fingerprint", &hex])];
        doors.extend(addresses.iter().map(|address| self.door(&["by-email", address])));
        let served = match doors.first().map(|door| &door.found) {
            Some(Found::Packets { bytes, .. }) => Some(bytes),
            Some(
                Found::Index { .. }
                | Found::Page(_)
                | Found::Right
                | Found::Wrong(_)
                | Found::Nothing
                | Found::Unreachable(_),
            )
            | None => None,
        };
        let is_gone = served.is_some_and(|bytes| is_revoked(bytes, certificate));
        let is_there = served.is_some();
        let unanswered = addresses.iter().zip(doors.iter().skip(1));
        let unanswered = unanswered.filter(|(_, door)| door.found == Found::Nothing);
        let unanswered: Vec<_> = unanswered.map(|(address, _)| address.as_str()).collect();
        let awaits = (is_there && !is_gone && !unanswered.is_empty()).then(|| {
            format!("the mail to {} is to be answered: open its link", unanswered.join(", "))
        });
        let gone = "it is revoked: its user IDs are not served any more";
        let facts = if is_gone { vec![gone.to_owned()] } else { Vec::new() };
        Ok(Sight { doors, facts, awaits, ..Sight::default() })
    }

    fn publish(&self, publication: &Publication<'_>) -> Result<Vec<String>, PlaceError> {
        let certificate = &publication.certificate;
        let there = |parts: &[&str]| match self.door(parts).found {
            Found::Packets { bytes, .. } => Some(bytes),
            Found::Index { .. }
            | Found::Page(_)
            | Found::Right
            | Found::Wrong(_)
            | Found::Nothing
            | Found::Unreachable(_) => None,
        };
        let has_all = |bytes: &Vec<u8>| is_in(bytes, publication);
        let by_fingerprint = there(&["by-fingerprint", &certificate.hex()]);
        let mut addresses = publication.addresses.iter();
        if by_fingerprint.as_ref().is_some_and(has_all)
            && addresses.all(|one| there(&["by-email", one]).as_ref().is_some_and(has_all))
        {
            return Ok(Vec::new());
        }
        let is_new = !by_fingerprint.is_some_and(|bytes| is_in_but_user_ids(&bytes, publication));
        let text = String::from_utf8_lossy(publication.armored);
        let said = self.post("upload", &json!({ "keytext": text }))?;
        let Some(said) = answer_of(&said, certificate) else {
            let why = VisibleText::from_text("it does not name the certificate that it took");
            return Err(PlaceError::InDoubt { place: self.place.clone(), why });
        };
        let mut written = if is_new { vec![certificate.hex()] } else { Vec::new() };
        let addresses = unpublished(said.get("status"));
        let token = said.get("token").and_then(Json::as_str);
        if let (Some(token), false) = (token, addresses.is_empty()) {
            let body = json!({ "token": token, "addresses": addresses, "locale": ["en_US"] });
            self.post("request-verify", &body)?;
            let address = |one: &String| VisibleText::from_text(one).into_string();
            let sent = |one: &String| format!("a mail was sent to {}", address(one));
            written.extend(addresses.iter().map(sent));
        }
        Ok(written)
    }
}
