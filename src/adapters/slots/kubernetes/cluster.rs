//! A cluster: how it is reached, that it is the declared one, and what it
//! means when it refuses or does not answer.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use http_body_util::Limited;
use k8s_openapi::api::authentication::v1::SelfSubjectReview;
use k8s_openapi::api::core::v1::Namespace;
use kube::api::{Api, PostParams};
use kube::client::ClientBuilder;
use kube::config::KubeConfigOptions;
use kube::{Client, Config};
use tokio::runtime::{Builder, Runtime};
use tower_http::map_response_body::MapResponseBodyLayer;

use super::super::Access;
use super::super::cause::cause;
use super::super::jitter::jitter;
use super::sign_in;
use crate::domain::text::VisibleText;
use crate::engine::chain::Digest;
use crate::engine::notice::{Again, Notices};
use crate::engine::place::PlaceError;

/// How often something that changes nothing is asked, at the most.
const ATTEMPTS: u32 = 4;

/// The longest answer, in bytes: a Secret in base64, or a page of names.
const LONGEST: usize = 8 * 1024 * 1024;
/// How often the time for one answer is waited for all of them together.
const ALTOGETHER: u32 = 12;
/// How often that time a program may take that signs in.
const SIGN_IN: u32 = 3;

/// What is said of a cluster that goes on and on.
const ENDLESS: &str = "it answers without an end";

/// With what clusters are asked, where not with the kubeconfig of the person.
#[derive(Clone, Debug)]
pub struct ClusterAccess {
    /// The kubeconfig; absent for the one that kubectl finds.
    pub kubeconfig: Option<PathBuf>,
    /// How long is waited for one answer.
    pub answer: Duration,
    /// How long is waited before something is asked again for the first time.
    pub pause: Duration,
}

impl Default for ClusterAccess {
    fn default() -> Self {
        let [answer, pause] = [Duration::from_secs(10), Duration::from_secs(1)];
        Self { kubeconfig: None, answer, pause }
    }
}

/// Which cluster is meant.
pub(in crate::adapters) struct Pins {
    /// The UID of its namespace `kube-system`.
    pub(in crate::adapters) uid: String,
    /// The context of the kubeconfig.
    pub(in crate::adapters) context: Option<String>,
    /// The SHA-256 of its certificate authority.
    pub(in crate::adapters) ca: Option<String>,
}

/// A cluster, for one slot.
pub(in crate::adapters) struct Cluster {
    place: String,
    pins: Pins,
    access: ClusterAccess,
    notices: Notices,
    runtime: Runtime,
}

impl Cluster {
    /// Nothing is asked yet.
    pub(in crate::adapters) fn new(
        place: &str,
        pins: Pins,
        access: &Access,
    ) -> Result<Self, PlaceError> {
        let place = place.to_owned();
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| PlaceError::Unreachable {
            place: place.clone(),
            why: VisibleText::from_text(&error.to_string()),
        })?;
        let (access, notices) = (access.cluster.clone(), access.notices.clone());
        Ok(Self { place, pins, access, notices, runtime })
    }

    /// Waits for something that changes the place, as long as it may take.
    pub(in crate::adapters) fn wait<T, F>(&self, future: F) -> Result<T, PlaceError>
    where
        F: Future<Output = Result<T, PlaceError>>,
    {
        // Something may have been written before.
        self.in_time(future).unwrap_or_else(|| Err(self.doubt(ENDLESS)))
    }

    /// Waits for something that changes nothing.
    pub(in crate::adapters) fn hear<T, F>(&self, future: F) -> Result<T, PlaceError>
    where
        F: Future<Output = Result<T, PlaceError>>,
    {
        self.in_time(future).unwrap_or_else(|| Err(self.unreachable(ENDLESS)))
    }

    fn in_time<F: Future>(&self, future: F) -> Option<F::Output> {
        let limit = self.access.answer * ALTOGETHER;
        self.runtime.block_on(async { tokio::time::timeout(limit, future).await.ok() })
    }

    pub(in crate::adapters) fn unfit(&self, why: impl Into<String>) -> PlaceError {
        let why = VisibleText::from_text(&why.into()).into_string();
        PlaceError::Unfit { place: self.place.clone(), why }
    }

    pub(in crate::adapters) fn changed(&self) -> PlaceError {
        PlaceError::Changed { place: self.place.clone() }
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

    fn other(&self, found: &str) -> PlaceError {
        let found = VisibleText::from_text(found);
        PlaceError::OtherPlace { place: self.place.clone(), found }
    }

    fn unreachable(&self, why: &str) -> PlaceError {
        PlaceError::Unreachable { place: self.place.clone(), why: VisibleText::from_text(why) }
    }

    /// A client of the cluster that is declared, and what was found out of it.
    /// Whoever answers has shown a certificate of the declared authority
    /// before it gets a token.
    pub(in crate::adapters) async fn client(&self) -> Result<(Client, Vec<String>), PlaceError> {
        let options =
            KubeConfigOptions { context: self.pins.context.clone(), ..Default::default() };
        let kubeconfig = sign_in::kubeconfig(self.access.kubeconfig.as_deref());
        let kubeconfig = kubeconfig.map_err(|why| self.unreachable(&why))?;
        let config = Config::from_custom_kubeconfig(kubeconfig, &options).await;
        let mut config = config.map_err(|error| self.unreachable(&sign_in::unread(&error)))?;
        self.pinned(&config)?;
        config.connect_timeout = Some(self.access.answer);
        config.read_timeout = Some(self.access.answer);
        config.write_timeout = Some(self.access.answer);
        // What is asked again is counted here.
        config.default_retry = false;
        let server = config.cluster_url.to_string();
        sign_in::sign_in(&mut config.auth_info, self.access.answer * SIGN_IN)
            .map_err(|why| self.refused(&format!("no credentials: {why}")))?;
        let client = ClientBuilder::try_from(config).map_err(|error| self.trouble(error, false))?;
        let bounded = MapResponseBodyLayer::new(|body| Limited::new(body, LONGEST));
        let client = client.with_layer(&bounded).build();
        self.recognise(&client).await?;
        let mut facts = vec![format!("at {}", VisibleText::from_text(&server))];
        facts.extend(whoami(&client).await);
        Ok((client, facts))
    }

    /// Whether the kubeconfig trusts the declared authority, and no other one.
    fn pinned(&self, config: &Config) -> Result<(), PlaceError> {
        if config.cluster_url.scheme_str() != Some("https") || config.accept_invalid_certs {
            return Err(
                self.unfit("the kubeconfig lets anybody be this cluster: no TLS is checked")
            );
        }
        let mut found: Vec<_> =
            config.root_cert.iter().flatten().map(|ca| Digest::of(ca).hex()).collect();
        found.sort_unstable();
        found.dedup();
        match (&self.pins.ca, found.as_slice()) {
            (_, []) => Err(self.unfit("the kubeconfig names no certificate authority for it")),
            (_, [_, _, ..]) => {
                Err(self
                    .unfit("the kubeconfig trusts several authorities for it: leave only its own"))
            }
            (None, [ca]) => {
                Err(self.unfit(format!("write ca = \"{ca}\" if that is its authority")))
            }
            (Some(wanted), [ca]) if wanted.eq_ignore_ascii_case(ca) => Ok(()),
            (Some(_), [ca]) => Err(self.other(&format!("its certificate authority is {ca}"))),
        }
    }

    async fn recognise(&self, client: &Client) -> Result<(), PlaceError> {
        let spaces: Api<Namespace> = Api::all(client.clone());
        let found = self.again("kube-system", || spaces.get_metadata("kube-system")).await?;
        let found = found.metadata.uid.unwrap_or_default();
        if found.eq_ignore_ascii_case(&self.pins.uid) {
            return Ok(());
        }
        Err(self.other(&format!("the UID of its namespace kube-system is {found}")))
    }

    /// Asks for something that changes nothing, again where that may help.
    pub(in crate::adapters) async fn again<T, F>(
        &self,
        what: &str,
        ask: impl Fn() -> F,
    ) -> Result<T, PlaceError>
    where
        F: Future<Output = kube::Result<T>>,
    {
        let mut attempt = 1;
        loop {
            let error = match ask().await {
                Ok(found) => return Ok(found),
                Err(error) => self.trouble(error, false),
            };
            let PlaceError::Unreachable { why, .. } = &error else { return Err(error) };
            if attempt == ATTEMPTS {
                return Err(error);
            }
            let said = why.clone();
            let pause = jitter(self.access.pause * 2_u32.pow(attempt - 1));
            attempt += 1;
            self.notices.again(&Again {
                place: &self.place,
                what,
                attempt,
                of: ATTEMPTS,
                said: said.as_str(),
                pause: Some(pause),
            });
            tokio::time::sleep(pause).await;
        }
    }

    /// Why something was not done. Where it was to change something, a lost
    /// answer leaves a doubt.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the library's errors are open")]
    #[expect(clippy::needless_pass_by_value, reason = "it is what a failure has")]
    pub(in crate::adapters) fn trouble(&self, error: kube::Error, changes: bool) -> PlaceError {
        let refused = |why: &str| self.refused(why);
        match &error {
            kube::Error::Api(status) => {
                let words =
                    if status.message.is_empty() { &status.reason } else { &status.message };
                let words = format!("{} {words}", status.code);
                match status.code {
                    401 => refused(&format!("{words}: the credentials are wrong or have ended")),
                    403 => refused(&words),
                    409 => self.changed(),
                    // What stood between may have passed it on.
                    408 | 499 | 500.. if changes => self.doubt(&words),
                    408 | 410 | 429 | 499 | 500.. => self.unreachable(&words),
                    _ => self.unfit(words),
                }
            }
            // Of what it says nothing is repeated: it may be a token.
            kube::Error::Auth(_) => {
                refused("no credentials: what the kubeconfig names to sign in with cannot be used")
            }
            // Of an answer that cannot be read nothing is repeated.
            kube::Error::SerdeError(_) if changes => self.doubt("its answer cannot be understood"),
            kube::Error::SerdeError(_) => self.unreachable("its answer cannot be understood"),
            error if changes => self.doubt(&cause(error, "the cluster")),
            error => self.unreachable(&cause(error, "the cluster")),
        }
    }
}

/// As whom we ask, where the cluster tells.
async fn whoami(client: &Client) -> Option<String> {
    let reviews: Api<SelfSubjectReview> = Api::all(client.clone());
    let asked = reviews.create(&PostParams::default(), &SelfSubjectReview::default()).await;
    let name = asked.ok()?.status?.user_info?.username?;
    Some(format!("as {}", VisibleText::from_text(&name)))
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place)
    }
}
