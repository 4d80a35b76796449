//! What is public on the web, asked as its users do: answers have a bound,
//! and who asks is not told.

use std::error::Error as _;
use std::sync::OnceLock;
use std::time::Duration;

use reqwest::redirect::{Action, Attempt, Policy};
use reqwest::{Client, RequestBuilder, Url};
use tokio::runtime::{Builder, Runtime};

use crate::domain::text::VisibleText;

/// The longest answer, in bytes: the largest certificates that keyservers
/// have, and an index of a mirror.
pub(super) const LONGEST: usize = 8 * 1024 * 1024;

/// How often somebody may send elsewhere.
const REDIRECTS: usize = 5;

/// An answer.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) media: String,
    pub(super) bytes: Vec<u8>,
    /// For how many seconds a cache has had it; absent where it is no cache's
    /// (RFC 9111, 5.1).
    pub(super) age: Option<u32>,
}

impl Answer {
    /// Whether what was asked for was given.
    pub(super) fn is_good(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether a page for people has come instead of a file.
    pub(super) fn is_page(&self) -> bool {
        let begin: Vec<_> =
            self.bytes.iter().copied().filter(|b| !b.is_ascii_whitespace()).take(9).collect();
        let begin = begin.to_ascii_lowercase();
        let armor = b"-----BEGIN PGP ";
        // A certificate is one whatever it is called.
        let is_openpgp = self.bytes.first().is_some_and(|byte| byte & 0x80 != 0)
            || self.bytes.windows(armor.len()).any(|window| window == armor);
        begin.starts_with(b"<!doctype")
            || begin.starts_with(b"<html")
            || (self.media.starts_with("text/html") && !is_openpgp)
    }
}

/// Why there is no answer.
pub(super) enum Silence {
    /// Nothing was sent.
    Unsent(VisibleText),
    /// It may have been taken in.
    Lost(VisibleText),
}

impl Silence {
    pub(super) fn why(self) -> VisibleText {
        match self {
            Self::Unsent(why) | Self::Lost(why) => why,
        }
    }
}

/// A client for the public web.
pub(super) struct Web {
    client: Client,
    runtime: Runtime,
    patience: Duration,
}

/// One client for all: to read which authorities the machine trusts takes
/// longer than to ask a place.
fn client() -> Result<Client, VisibleText> {
    static CLIENT: OnceLock<Result<Client, VisibleText>> = OnceLock::new();
    let built = || {
        let builder = Client::builder()
            .user_agent(concat!("keyrite/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::custom(redirected))
            .referer(false)
            // A connection that was kept is closed by its other end just then,
            // and belongs to the runtime of the place that was asked first.
            .pool_max_idle_per_host(0);
        builder.build().map_err(|error| VisibleText::from_text(&error.to_string()))
    };
    CLIENT.get_or_init(built).clone()
}

impl Web {
    /// That waits so long for an answer.
    pub(super) fn new(patience: Duration) -> Result<Self, VisibleText> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| VisibleText::from_text(&error.to_string()))?;
        Ok(Self { client: client()?, runtime, patience })
    }

    pub(super) fn get(&self, url: &Url) -> Result<Answer, Silence> {
        self.send(self.client.get(url.clone()))
    }

    /// Sends a form.
    pub(super) fn post_form(&self, url: &Url, form: &[(&str, &str)]) -> Result<Answer, Silence> {
        self.send(self.client.post(url.clone()).form(form))
    }

    /// Sends JSON.
    pub(super) fn post_json(&self, url: &Url, body: &serde_json::Value) -> Result<Answer, Silence> {
        self.send(self.client.post(url.clone()).json(body))
    }

    fn send(&self, request: RequestBuilder) -> Result<Answer, Silence> {
        self.runtime.block_on(async {
            let mut response = request.timeout(self.patience).send().await.map_err(silence)?;
            let status = response.status().as_u16();
            let media = response.headers().get(reqwest::header::CONTENT_TYPE);
            let media = media.and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
            let age = response.headers().get(reqwest::header::AGE);
            let age = age.and_then(|value| value.to_str().ok()?.trim().parse().ok());
            let mut bytes = Vec::new();
            while let Some(chunk) = response.chunk().await.map_err(silence)? {
                if bytes.len() + chunk.len() > LONGEST {
                    let why = format!("the answer has more than {LONGEST} bytes");
                    return Err(Silence::Lost(VisibleText::from_text(&why)));
                }
                bytes.extend_from_slice(&chunk);
            }
            Ok(Answer { status, media, bytes, age })
        })
    }
}

/// Whether somebody is followed who sends elsewhere: not from an encrypted
/// answer to one that is not.
fn redirected(attempt: Attempt<'_>) -> Action {
    let before = attempt.previous();
    let was_encrypted = before.iter().any(|url| url.scheme() == "https");
    if before.len() > REDIRECTS {
        return attempt.error("it sends from one address to the next without an end");
    }
    if was_encrypted && attempt.url().scheme() != "https" {
        return attempt.error("it sends to an address without encryption");
    }
    attempt.follow()
}

/// Why a client has no answer, with the causes that it names.
pub(super) fn silence(error: reqwest::Error) -> Silence {
    let is_unsent = error.is_connect() || error.is_builder();
    let error = error.without_url();
    let mut why = error.to_string();
    let mut cause = error.source();
    while let Some(one) = cause {
        why = format!("{why}: {one}");
        cause = one.source();
    }
    let why = VisibleText::from_text(&why);
    if is_unsent { Silence::Unsent(why) } else { Silence::Lost(why) }
}
