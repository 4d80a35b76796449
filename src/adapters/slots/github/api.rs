//! How GitHub is asked, and what it means when it does not answer.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Url};
use serde_json::{Map, Value as Json};
use tokio::runtime::{Builder, Runtime};
use zeroize::Zeroizing;

use super::super::jitter::jitter;
use super::answer::Answer;
use crate::adapters::credential_store;
use crate::adapters::slots::Access;
use crate::adapters::web::{Silence, silence};
use crate::domain::text::VisibleText;
use crate::engine::notice::{Again, Notices};
use crate::engine::place::PlaceError;
use crate::engine::secret::Secret;

/// Where GitHub is, if nothing else is said.
const PUBLIC: &str = "https://api.github.com";
/// The edition of the interface that this is written for.
const EDITION: &str = "2022-11-28";
/// How often something is asked, at the most.
const ATTEMPTS: u32 = 4;
/// The longest wait that an answer may ask for; longer, a person decides.
const LONGEST: Duration = Duration::from_mins(1);
/// The longest answer, in bytes: a page of names, or the log of a short job.
const LIMIT: usize = 4 * 1024 * 1024;

/// How long is waited for what.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For one answer.
    pub answer: Duration,
    /// Before something is asked again for the first time.
    pub pause: Duration,
    /// For a workflow to sign.
    pub proof: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let [answer, pause] = [Duration::from_secs(10), Duration::from_secs(1)];
        Self { answer, pause, proof: Duration::from_mins(10) }
    }
}

/// With what GitHub is asked, where not with the token of the credential
/// store.
#[derive(Clone, Debug, Default)]
pub struct GithubAccess {
    /// The token.
    pub token: Option<Arc<Secret>>,
    /// How long is waited.
    pub patience: Patience,
}

/// GitHub's interface, for one slot.
pub(in crate::adapters::slots) struct Api {
    place: String,
    base: Url,
    token: Option<String>,
    access: GithubAccess,
    notices: Notices,
    client: Client,
    runtime: Runtime,
}

impl Api {
    /// Nothing is asked yet. `token` is SERVICE/USER in the credential store.
    pub(in crate::adapters::slots) fn new(
        place: &str,
        base: Option<&str>,
        token: Option<&str>,
        access: &Access,
    ) -> Result<Self, PlaceError> {
        let place = place.to_owned();
        let (access, notices) = (access.github.clone(), access.notices.clone());
        let unfit = |why: String| PlaceError::Unfit { place: place.clone(), why };
        let base = base.unwrap_or(PUBLIC).trim_end_matches('/');
        let base = Url::parse(base).map_err(|error| unfit(format!("api = '{base}': {error}")))?;
        if !is_safe(&base) {
            return Err(unfit(format!("api = '{base}' has to begin with https://")));
        }
        let unreachable = |why: &dyn std::fmt::Display| PlaceError::Unreachable {
            place: place.clone(),
            why: VisibleText::from_text(&why.to_string()),
        };
        let client = Client::builder()
            .user_agent(concat!("keyrite/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .referer(false)
            // What is asked again is counted here.
            .retry(reqwest::retry::never())
            .timeout(access.patience.answer)
            .build()
            .map_err(|error| unreachable(&error))?;
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| unreachable(&error))?;
        let token = token.map(str::to_owned);
        Ok(Self { place: place.clone(), base, token, access, notices, client, runtime })
    }

    /// Waits for an answer.
    pub(super) fn wait<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// Who is asked, where that is not GitHub's own address.
    pub(super) fn fact(&self) -> Option<String> {
        let is_public = Url::parse(PUBLIC).is_ok_and(|public| public == self.base);
        let base = VisibleText::from_text(self.base.as_str());
        (!is_public).then(|| format!("{base} is asked instead of {PUBLIC}"))
    }

    pub(super) fn patience(&self) -> Patience {
        self.access.patience
    }

    pub(super) fn unfit(&self, why: impl Into<String>) -> PlaceError {
        let why = VisibleText::from_text(&why.into()).into_string();
        PlaceError::Unfit { place: self.place.clone(), why }
    }

    pub(super) fn changed(&self) -> PlaceError {
        PlaceError::Changed { place: self.place.clone() }
    }

    pub(super) fn other(&self, found: &str) -> PlaceError {
        let found = VisibleText::from_text(found);
        PlaceError::OtherPlace { place: self.place.clone(), found }
    }

    pub(super) fn unreachable(&self, why: &str) -> PlaceError {
        PlaceError::Unreachable { place: self.place.clone(), why: VisibleText::from_text(why) }
    }

    pub(super) fn doubt(&self, why: &str) -> PlaceError {
        PlaceError::InDoubt { place: self.place.clone(), why: VisibleText::from_text(why) }
    }

    pub(super) fn unable(&self, what: &'static str) -> PlaceError {
        PlaceError::Unable { place: self.place.clone(), what }
    }

    fn refused(&self, why: &str) -> PlaceError {
        PlaceError::Refused { place: self.place.clone(), why: VisibleText::from_text(why) }
    }

    /// The address of what these parts name.
    pub(super) fn url<'a>(&self, parts: impl IntoIterator<Item = &'a str>) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(parts);
        }
        url
    }

    /// Asks for something that changes nothing.
    pub(super) async fn get(&self, url: Url) -> Result<Answer, PlaceError> {
        self.ask(Method::GET, url, None).await
    }

    /// Asks, again where that may help and does no harm.
    pub(super) async fn ask(
        &self,
        method: Method,
        url: Url,
        body: Option<&Map<String, Json>>,
    ) -> Result<Answer, PlaceError> {
        let changes = method != Method::GET;
        let token = self.token()?;
        let mut attempt = 1;
        loop {
            let is_last = attempt == ATTEMPTS;
            let (wait, said) = match self.once(&method, &url, body, Some(&token)).await {
                Ok(answer) if !answer.is_passing() => return Ok(answer),
                // What a server made of it before it failed is not known.
                Ok(answer) if method == Method::POST && !answer.is_limited() => {
                    return Err(self.doubt(&answer.words()));
                }
                Ok(answer) if is_last || answer.wait() > LONGEST => {
                    let seconds = answer.wait().as_secs();
                    let more = format!("; it wants {seconds} seconds in between");
                    let more = if seconds > 0 { more } else { String::new() };
                    let why = format!("{}, {attempt} times{more}", answer.words());
                    let is_unknown = changes && !answer.is_limited();
                    return Err(if is_unknown { self.doubt(&why) } else { self.unreachable(&why) });
                }
                Ok(answer) => (answer.wait(), answer.words()),
                Err(Silence::Lost(why)) if changes => return Err(self.doubt(why.as_str())),
                Err(Silence::Lost(why) | Silence::Unsent(why)) if is_last => {
                    return Err(self.unreachable(&format!("{why}, {attempt} times")));
                }
                Err(Silence::Lost(why) | Silence::Unsent(why)) => {
                    (Duration::ZERO, why.into_string())
                }
            };
            let pause = self.access.patience.pause * 2_u32.pow(attempt - 1);
            let pause = wait + jitter(pause);
            attempt += 1;
            self.notices.again(&Again {
                place: &self.place,
                what: url.path(),
                attempt,
                of: ATTEMPTS,
                said: &said,
                pause: Some(pause),
            });
            tokio::time::sleep(pause).await;
        }
    }

    /// Fetches what GitHub keeps elsewhere, without saying who asks.
    pub(super) async fn fetch(&self, url: &str) -> Result<Answer, PlaceError> {
        let url = Url::parse(url).ok().filter(is_safe);
        let url = url.ok_or_else(|| self.unreachable("it names no address that can be used"))?;
        let answer = self.once(&Method::GET, &url, None, None).await;
        answer.map_err(|silence| self.unreachable(silence.why().as_str()))
    }

    async fn once(
        &self,
        method: &Method,
        url: &Url,
        body: Option<&Map<String, Json>>,
        token: Option<&Secret>,
    ) -> Result<Answer, Silence> {
        let mut request = self.client.request(method.clone(), url.clone());
        if let Some(token) = token {
            let bearer = Zeroizing::new([b"Bearer ", token.expose()].concat());
            let unfit = || VisibleText::from_text("the token has a line end in it");
            let mut bearer =
                HeaderValue::from_bytes(&bearer).map_err(|_| Silence::Unsent(unfit()))?;
            bearer.set_sensitive(true);
            request = request.header(AUTHORIZATION, bearer);
            request = request.header(ACCEPT, "application/vnd.github+json");
            request = request.header("x-github-api-version", EDITION);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let mut response = request.send().await.map_err(silence)?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(silence)? {
            if bytes.len() + chunk.len() > LIMIT {
                let why = format!("the answer has more than {LIMIT} bytes");
                return Err(Silence::Lost(VisibleText::from_text(&why)));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Answer { status, headers, bytes })
    }

    /// Why something was not done.
    pub(super) fn trouble(&self, answer: &Answer) -> PlaceError {
        let words = answer.words();
        match answer.status {
            401 => self.refused(&format!("{words}: the token is wrong or has ended")),
            404 => self.refused(&format!("{words}: it is not there, or the token may not see it")),
            403 => self.refused(&words),
            409 | 413 | 422 => self.unfit(words),
            300..=399 => {
                let to = answer.location().unwrap_or("another address");
                self.other(&format!("it has moved to {to}: it was renamed or transferred"))
            }
            _ => self.unreachable(&words),
        }
    }

    /// The answer, if it is a good one.
    pub(super) fn good(&self, answer: Answer) -> Result<Answer, PlaceError> {
        if answer.is_good() { Ok(answer) } else { Err(self.trouble(&answer)) }
    }

    fn token(&self) -> Result<Arc<Secret>, PlaceError> {
        if let Some(token) = &self.access.token {
            return Ok(token.clone());
        }
        // A token is for one host: whoever changes `api` gets no other secret.
        let host = self.base.host_str().unwrap_or_default();
        let name = self.token.as_deref().and_then(|name| name.split_once('/'));
        let named = name.filter(|(service, user)| *service == host && !user.is_empty());
        let (service, user) = named.ok_or_else(|| {
            self.unfit(format!(
                "token = \"{host}/USER\" has to name a token for {host} in the credential store"
            ))
        })?;
        let found = credential_store::fetch_named(service, user);
        match found.map_err(|error| self.refused(&format!("no token: {error}")))? {
            Some(token) => Ok(Arc::new(token)),
            None => Err(self.refused(&format!(
                "the credential store has no token {service}/{user}; put one there, such as with: \
                 secret-tool store --label=keyrite service {service} username {user}"
            ))),
        }
    }
}

/// Whether nobody on the way reads what is sent there.
fn is_safe(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let is_local = host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    match url.scheme() {
        "https" => !host.is_empty(),
        "http" => is_local,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_asked_without_encryption() {
        for (url, is_one) in [
            ("https://api.github.com", true),
            ("http://127.0.0.1:8080", true),
            ("http://[::1]:8080", true),
            ("http://localhost:8080", false),
            ("http://api.github.com", false),
            ("http://127.0.0.1.example.org", false),
            ("ftp://127.0.0.1", false),
        ] {
            assert_eq!(is_safe(&Url::parse(url).unwrap()), is_one, "{url}");
        }
    }
}
