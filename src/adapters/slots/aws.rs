//! Who is asked in AWS, and what it means when it does not answer.

mod bounded;
mod retries;

use std::future::Future;
use std::sync::OnceLock;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sts::config::http::HttpResponse;
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use tokio::runtime::{Builder, Runtime};

pub(super) use self::bounded::Bounded;
use self::retries::Retries;
use super::Access;
use super::cause::cause;
use crate::adapters::environment;
use crate::domain::text::VisibleText;
use crate::engine::notice::Notices;
use crate::engine::place::PlaceError;

/// How often something is asked, at the most; the waits in between grow, and
/// differ from one to the next.
const ATTEMPTS: u32 = 4;
/// The variable with the address that is asked instead of AWS; with the name
/// of a service behind it, that of this service.
const ENDPOINT: &str = "AWS_ENDPOINT_URL";
/// How long one answer may take.
const ANSWER: Duration = Duration::from_secs(10);
/// How long all attempts may take together.
const ALTOGETHER: Duration = Duration::from_secs(40);

/// An account in a region, as a slot declares it.
pub(in crate::adapters) struct Account {
    /// The slot's place, for messages.
    pub(in crate::adapters) place: String,
    partition: String,
    number: String,
    region: String,
    profile: Option<String>,
    config: Option<SdkConfig>,
    /// Who is asked, once that is known.
    whom: OnceLock<String>,
    notices: Notices,
    runtime: Runtime,
}

impl Account {
    /// Nothing is asked yet. Without a configuration the usual ones are used:
    /// profiles, single sign-on, `credential_process`, the environment.
    pub(in crate::adapters) fn new(
        place: &str,
        (partition, number, region): (String, String, String),
        profile: Option<String>,
        access: &Access,
    ) -> Result<Self, PlaceError> {
        let place = place.to_owned();
        let (config, notices) = (access.aws.clone(), access.notices.clone());
        let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| {
            PlaceError::Unreachable {
                place: place.clone(),
                why: VisibleText::from_text(&error.to_string()),
            }
        })?;
        let whom = OnceLock::new();
        Ok(Self { place, partition, number, region, profile, config, whom, notices, runtime })
    }

    /// Tells when somebody is asked once more.
    pub(in crate::adapters) fn retries(&self) -> Retries {
        Retries::new(&self.place, &self.notices)
    }

    /// What else decides where bytes go: the profile, and an address that is
    /// set for that service, as the environment names it, or for all of them.
    pub(in crate::adapters) fn facts(&self, config: &SdkConfig, service: &str) -> Vec<String> {
        let names = ["STS", service].map(|service| format!("{ENDPOINT}_{service}"));
        let own = environment::variables(&names);
        let own = own.into_iter().map(|(name, address)| {
            format!(
                "{} is asked instead ({name})",
                VisibleText::from_text(&address.to_string_lossy())
            )
        });
        let of_all = config
            .endpoint_url()
            .map(|address| format!("{} is asked instead of AWS", VisibleText::from_text(address)));
        let profile = self
            .profile
            .as_ref()
            .map(|profile| format!("with the profile {}", VisibleText::from_text(profile)));
        profile.into_iter().chain(of_all).chain(own).collect()
    }

    /// Waits for an answer.
    pub(in crate::adapters) fn wait<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// The configuration for the declared region, whatever another one says.
    pub(in crate::adapters) async fn config(&self) -> SdkConfig {
        if let Some(config) = &self.config {
            return config.clone();
        }
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(5))
            .operation_attempt_timeout(ANSWER)
            .operation_timeout(ALTOGETHER)
            .build();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new(self.region.clone()))
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
            .timeout_config(timeouts);
        if let Some(profile) = &self.profile {
            loader = loader.profile_name(profile);
        }
        loader.load().await
    }

    /// Sees that we are in the account that is declared, before a byte leaves;
    /// tells as whom.
    pub(in crate::adapters) async fn recognise(
        &self,
        config: &SdkConfig,
    ) -> Result<String, PlaceError> {
        let whom = config.endpoint_url().map(|url| url.split_once("://").map_or(url, |(_, to)| to));
        let _ =
            self.whom.set(whom.map_or_else(|| format!("AWS in {}", self.region), str::to_owned));
        let settings = aws_sdk_sts::config::Builder::from(config)
            .interceptor(self.retries())
            .interceptor(Bounded);
        let client = aws_sdk_sts::Client::from_conf(settings.build());
        let identity = client.get_caller_identity().send().await;
        let identity = identity.map_err(|error| self.trouble(error, false))?;
        let found = identity.account().unwrap_or_default();
        let arn = identity.arn().unwrap_or_default();
        let partition = arn.split(':').nth(1).unwrap_or_default();
        if found != self.number || partition != self.partition {
            let found = format!("the credentials are of {partition}:{found} ({arn})");
            return Err(PlaceError::OtherPlace {
                place: self.place.clone(),
                found: VisibleText::from_text(&found),
            });
        }
        if config.region().map(AsRef::as_ref) != Some(self.region.as_str()) {
            let found = format!("the region is {:?}", config.region().map(AsRef::<str>::as_ref));
            return Err(PlaceError::OtherPlace {
                place: self.place.clone(),
                found: VisibleText::from_text(&found),
            });
        }
        Ok(arn.to_owned())
    }

    /// Why something was not done. Where it was to change something, a lost
    /// answer leaves a doubt. Nothing of an answer is repeated but its code and
    /// message: it could have a secret in it.
    #[expect(clippy::needless_pass_by_value, reason = "it is what a failure has")]
    #[expect(clippy::wildcard_enum_match_arm, reason = "the library's errors are open")]
    pub(in crate::adapters) fn trouble<E>(
        &self,
        error: SdkError<E, HttpResponse>,
        changes: bool,
    ) -> PlaceError
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let place = self.place.clone();
        let status = error.raw_response().map(|answer| answer.status().as_u16());
        let (code, message) = (error.code().unwrap_or_default(), error.message());
        let why = match &error {
            SdkError::ServiceError(_) => match (code, message) {
                ("", _) => format!("HTTP {}", status.unwrap_or_default()),
                (code, None | Some("")) => code.to_owned(),
                (code, Some(message)) => format!("{code}: {message}"),
            },
            SdkError::TimeoutError(_) => "no answer came in time".to_owned(),
            SdkError::ResponseError(_) => "its answer cannot be understood".to_owned(),
            // Nothing was answered.
            _ => cause(&error, self.whom.get().map_or("AWS", String::as_str)),
        };
        let why = VisibleText::from_text(&why);
        let is_answered = matches!(error, SdkError::ServiceError(_));
        match (code, status) {
            (
                "AccessDenied"
                | "AccessDeniedException"
                | "ExpiredToken"
                | "ExpiredTokenException"
                | "InvalidClientTokenId"
                | "UnrecognizedClientException"
                | "InvalidSignatureException"
                | "SignatureDoesNotMatch"
                | "OptInRequired",
                _,
            )
            | (_, Some(401 | 403)) => PlaceError::Refused { place, why },
            (
                "LimitExceededException"
                | "InvalidParameterException"
                | "InvalidRequestException"
                | "ValidationException"
                | "EncryptionFailure"
                | "DecryptionFailure"
                | "MalformedPolicyDocumentException",
                _,
            ) => PlaceError::Unfit { place, why: why.into_string() },
            ("ResourceExistsException" | "PreconditionNotMetException", _) => {
                PlaceError::Changed { place }
            }
            ("ThrottlingException" | "Throttling" | "TooManyRequestsException", _)
            | (_, Some(429)) => PlaceError::Unreachable { place, why },
            // A server that broke may have done it before.
            (_, Some(500..)) if changes => PlaceError::InDoubt { place, why },
            _ if changes && !is_answered && may_have_arrived(&error) => {
                PlaceError::InDoubt { place, why }
            }
            _ => PlaceError::Unreachable { place, why },
        }
    }
}

/// The owner of a key, by its whole name: partition, account and region.
pub(super) fn owner(place: &str, key: &str) -> Result<(String, String, String), PlaceError> {
    let parts: Vec<_> = key.split(':').collect();
    match parts.as_slice() {
        &["arn", partition, "kms", region, account, id]
            if id.starts_with("key/")
                && [partition, region].iter().all(|part| !part.is_empty())
                && account.len() == 12
                && account.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            Ok((partition.to_owned(), account.to_owned(), region.to_owned()))
        }
        _ => Err(PlaceError::Unfit {
            place: place.to_owned(),
            why: "its kms_key has to be the whole name of a key, and of no alias: \
                  arn:PARTITION:kms:REGION:ACCOUNT:key/ID"
                .to_owned(),
        }),
    }
}

/// Whether a request without an answer may have been done.
#[expect(clippy::wildcard_enum_match_arm, reason = "the library's errors are open")]
fn may_have_arrived<E, R>(error: &SdkError<E, R>) -> bool {
    match error {
        SdkError::DispatchFailure(failure) => !failure.is_user(),
        SdkError::ConstructionFailure(_) | SdkError::ServiceError(_) => false,
        _ => true,
    }
}
