//! A keyserver that speaks HKP.

use std::time::Duration;

use reqwest::Url;

use super::served::is_in;
use crate::adapters::web::{Answer, Silence, Web};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;
use crate::engine::place::PlaceError;
use crate::engine::target::{Abilities, Door, Found, Publication, Sight, Target};

/// The largest certificate, in bytes, that keyservers take.
const LIMIT: usize = 1024 * 1024;
/// The port of HKP without encryption.
const PORT: u16 = 11371;

/// A keyserver.
pub(super) struct HkpTarget {
    place: String,
    base: Url,
    web: Web,
}

impl HkpTarget {
    /// Nothing is asked yet.
    pub(super) fn new(place: &str, patience: Duration) -> Result<Self, PlaceError> {
        let unfit = |why: String| PlaceError::Unfit { place: place.to_owned(), why };
        let form = || unfit("a keyserver is hkps://HOST or hkp://HOST:PORT".to_owned());
        let (scheme, rest) = place.split_once("://").ok_or_else(form)?;
        let scheme = match scheme {
            "hkps" | "https" => "https",
            "hkp" | "http" => "http",
            _ => return Err(form()),
        };
        let mut base = Url::parse(&format!("{scheme}://{rest}")).map_err(|_| form())?;
        if scheme == "http" && base.port().is_none() && !rest.ends_with(":80") {
            base.set_port(Some(PORT)).map_err(|()| form())?;
        }
        let web = Web::new(patience);
        let place = place.to_owned();
        let web = web.map_err(|why| PlaceError::Unreachable { place: place.clone(), why })?;
        Ok(Self { place, base, web })
    }

    fn url(&self, operation: &str, certificate: &Fingerprint) -> Url {
        let mut url = self.base.clone();
        url.set_path("/pks/lookup");
        let search = format!("0x{}", certificate.hex());
        let query = [("op", operation), ("options", "mr"), ("search", &search)];
        url.query_pairs_mut().extend_pairs(query);
        url
    }

    fn ask(&self, url: &Url) -> Result<Option<Answer>, VisibleText> {
        let answer = self.web.get(url).map_err(Silence::why)?;
        match answer.status {
            404 => Ok(None),
            _ if !answer.is_good() => {
                Err(VisibleText::from_text(&format!("HTTP {}", answer.status)))
            }
            _ if answer.is_page() => {
                Err(VisibleText::from_text("a web page answers, and no keyserver"))
            }
            _ => Ok(Some(answer)),
        }
    }
}

impl HkpTarget {
    /// Whether it serves all of the certificate already.
    fn has_all(&self, publication: &Publication<'_>) -> bool {
        let url = self.url("get", &publication.certificate);
        matches!(self.ask(&url), Ok(Some(answer)) if is_in(&answer.bytes, publication))
    }
}

/// Whether the list that a search shows names the certificate.
fn listed(answer: &Answer, certificate: &Fingerprint) -> Found {
    let text = String::from_utf8_lossy(&answer.bytes);
    let is_it = |line: &str| {
        let name = line.strip_prefix("pub:").and_then(|rest| rest.split(':').next());
        name.is_some_and(|name| {
            name.len() >= 16 && certificate.hex().ends_with(&name.to_uppercase())
        })
    };
    if text.lines().any(is_it) {
        Found::Right
    } else {
        Found::Wrong("the search does not name the certificate".to_owned())
    }
}

impl Target for HkpTarget {
    fn abilities(&self) -> Abilities {
        Abilities { is_open: true, is_guarded: false, withdraws: false, is_late: true }
    }

    fn limit(&self) -> usize {
        LIMIT
    }

    fn look(&self, certificate: &Fingerprint, _: &[String]) -> Result<Sight, PlaceError> {
        let doors = ["get", "index"].map(|operation| {
            let url = self.url(operation, certificate);
            let found = match self.ask(&url) {
                Err(why) => Found::Unreachable(why),
                Ok(None) => Found::Nothing,
                Ok(Some(answer)) if operation == "get" => {
                    Found::Packets { bytes: answer.bytes, is_collection: false }
                }
                Ok(Some(answer)) => listed(&answer, certificate),
            };
            Door::new(url.to_string(), found)
        });
        let plain = "the answers are not encrypted: whoever is on the way can change them";
        let is_plain = self.base.scheme() == "http";
        let facts = if is_plain { vec![plain.to_owned()] } else { Vec::new() };
        Ok(Sight { doors: doors.into(), facts, ..Sight::default() })
    }

    fn publish(&self, publication: &Publication<'_>) -> Result<Vec<String>, PlaceError> {
        if self.has_all(publication) {
            return Ok(Vec::new());
        }
        let place = || self.place.clone();
        let text = std::str::from_utf8(publication.armored);
        let text =
            text.map_err(|_| PlaceError::Unfit { place: place(), why: "no armor".to_owned() })?;
        let mut url = self.base.clone();
        url.set_path("/pks/add");
        let answer = match self.web.post_form(&url, &[("keytext", text)]) {
            Ok(answer) => answer,
            Err(Silence::Unsent(why)) => {
                return Err(PlaceError::Unreachable { place: place(), why });
            }
            Err(Silence::Lost(why)) => return Err(PlaceError::InDoubt { place: place(), why }),
        };
        let why = VisibleText::from_text(&format!("HTTP {}", answer.status));
        match answer.status {
            200..=299 => Ok(vec![publication.certificate.hex()]),
            401 | 403 => Err(PlaceError::Refused { place: place(), why }),
            400 | 413 | 422 => Err(PlaceError::Unfit { place: place(), why: why.into_string() }),
            // Adding the same once more does no harm.
            _ => Err(PlaceError::Unreachable { place: place(), why }),
        }
    }
}
