//! A bucket of S3, or of a service that speaks as S3 does.

use std::sync::OnceLock;

use aws_config::SdkConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ChecksumAlgorithm;

use super::Reach;
use super::cloudfront::Distribution;
use super::store::{Change, File, Standing, Store, Stored, Task};
use crate::adapters::slots::Account;
use crate::adapters::web::LONGEST;
use crate::domain::text::VisibleText;
use crate::domain::workspace::Target as Declared;
use crate::engine::place::PlaceError;

/// What caches are told of a file that never changes.
const FIXED: &str = "public, max-age=31536000, immutable";
/// What they are told of one that does.
const MOVING: &str = "public, max-age=300, must-revalidate";

/// A bucket, and what all names in it begin with.
pub(super) struct Bucket {
    account: Account,
    owner: String,
    name: String,
    prefix: String,
    /// Who is asked, if not AWS.
    endpoint: Option<String>,
    /// The caches in front of it.
    distribution: Option<Distribution>,
    client: OnceLock<(Client, SdkConfig)>,
}

impl Bucket {
    /// Nothing is asked yet.
    pub(super) fn new(target: &Declared, folder: &str, reach: &Reach) -> Result<Self, PlaceError> {
        let place = &target.place;
        let unfit = |why: &str| PlaceError::Unfit { place: place.clone(), why: why.to_owned() };
        let rest =
            folder.strip_prefix("s3://").ok_or_else(|| unfit("it is no s3://BUCKET/PREFIX"))?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let setting = |name: &str, like: &str| {
            let found = target.text(name).map(str::to_owned);
            found.ok_or_else(|| unfit(&format!("settings need {name} = \"{like}\"")))
        };
        let owner = setting("account", "123456789012")?;
        let region = setting("region", "eu-central-1")?;
        let partition = match () {
            () if region.starts_with("cn-") => "aws-cn",
            () if region.starts_with("us-gov-") => "aws-us-gov",
            () => "aws",
        };
        let profile = target.text("profile").map(str::to_owned);
        let whose = (partition.to_owned(), owner.clone(), region);
        let account = Account::new(place, whose, profile, &reach.access)?;
        let prefix = match prefix.trim_matches('/') {
            "" => String::new(),
            prefix => format!("{prefix}/"),
        };
        let endpoint = target.text("endpoint").map(str::to_owned);
        let distribution = Distribution::of(target, reach.patience)?;
        let (name, client) = (bucket.to_owned(), OnceLock::new());
        Ok(Self { account, owner, name, prefix, endpoint, distribution, client })
    }

    /// A client of the account that is declared. A service that is not AWS
    /// does not know accounts: there the address is what is recognised.
    async fn client(&self) -> Result<&(Client, SdkConfig), PlaceError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let config = self.account.config().await;
        let mut settings = Builder::from(&config).interceptor(self.account.retries());
        if let Some(endpoint) = &self.endpoint {
            settings = settings.endpoint_url(endpoint).force_path_style(true);
        } else {
            self.account.recognise(&config).await?;
            settings = settings.force_path_style(config.endpoint_url().is_some());
        }
        Ok(self.client.get_or_init(|| (Client::from_conf(settings.build()), config)))
    }

    fn key(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }

    async fn fetch(&self, path: &str) -> Result<Option<Stored>, PlaceError> {
        let (client, _) = self.client().await?;
        let get = client.get_object().bucket(&self.name).key(self.key(path));
        let found = match get.expected_bucket_owner(&self.owner).send().await {
            Ok(found) => found,
            Err(error) if error.code() == Some("NoSuchKey") => return Ok(None),
            Err(error) => return Err(self.trouble(error, false)),
        };
        let tag = found.e_tag().unwrap_or_default().to_owned();
        let lost = |why: &str| PlaceError::Unreachable {
            place: self.account.place.clone(),
            why: VisibleText::from_text(why),
        };
        let (mut bytes, mut body) = (Vec::new(), found.body);
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(|error| lost(&error.to_string()))?;
            if bytes.len() + chunk.len() > LONGEST {
                return Err(lost(&format!("{path} has more than {LONGEST} bytes")));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Some(Stored { bytes, tag }))
    }

    async fn write_one(&self, file: &File, old: Option<&Stored>) -> Result<(), PlaceError> {
        let (client, _) = self.client().await?;
        let put = client
            .put_object()
            .bucket(&self.name)
            .key(self.key(&file.path))
            .expected_bucket_owner(&self.owner)
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .content_type(file.media)
            .cache_control(if file.is_fixed { FIXED } else { MOVING })
            .body(ByteStream::from(file.bytes.clone()));
        // As it was looked at, or nothing is written.
        let put = match old {
            Some(old) => put.if_match(&old.tag),
            None => put.if_none_match("*"),
        };
        let error = match put.send().await {
            Ok(_) => return Ok(()),
            Err(error) => self.trouble(error, true),
        };
        // An answer that was lost on the way is asked for once more, and finds
        // what it has written.
        let is_told = matches!(error, PlaceError::Changed { .. } | PlaceError::InDoubt { .. });
        if is_told && self.fetch(&file.path).await?.is_some_and(|now| now.bytes == file.bytes) {
            return Ok(());
        }
        Err(error)
    }

    /// Why something was not done, in what S3 says of it.
    fn trouble<E>(&self, error: SdkError<E, HttpResponse>, changes: bool) -> PlaceError
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let place = || self.account.place.clone();
        let said = |why: &str| {
            let code = error.code().unwrap_or_default();
            VisibleText::from_text(&format!("{code}: {why}"))
        };
        let region = error.raw_response().and_then(|raw| raw.headers().get("x-amz-bucket-region"));
        match (error.code().unwrap_or_default(), region) {
            ("PreconditionFailed" | "ConditionalRequestConflict", _) => {
                PlaceError::Changed { place: place() }
            }
            ("PermanentRedirect" | "AuthorizationHeaderMalformed", region) => {
                let region = region.unwrap_or("another one than is declared");
                let found = said(&format!("the region of the bucket is {region}"));
                PlaceError::OtherPlace { place: place(), found }
            }
            ("BadDigest" | "InvalidDigest" | "XAmzContentSHA256Mismatch", _) => {
                let why = said("what arrived is not what was sent, and nothing was written");
                PlaceError::Refused { place: place(), why }
            }
            ("NoSuchBucket", _) => {
                let why = said("there is no such bucket").into_string();
                PlaceError::Unfit { place: place(), why }
            }
            ("AccessDenied", _) => {
                let why = "the permission is lacking, or the bucket is of another account than";
                let why = said(&format!("{why} {}", self.owner));
                PlaceError::Refused { place: place(), why }
            }
            _ => self.account.trouble(error, changes),
        }
    }

    async fn write_all(&self, task: &Task<'_>) -> Result<Vec<String>, PlaceError> {
        let mut written = Vec::new();
        for Change { file, old } in &task.changes {
            self.write_one(file, old.as_ref()).await?;
            written.push(format!("s3://{}/{}", self.name, self.key(&file.path)));
        }
        if let Some(distribution) = &self.distribution
            && (task.is_resumed || !written.is_empty())
        {
            let (_, config) = self.client().await?;
            written.push(distribution.forget(&self.account, config, task).await?);
        }
        Ok(written)
    }
}

impl Store for Bucket {
    fn is_guarded(&self) -> bool {
        true
    }

    fn get(&self, path: &str) -> Result<Option<Stored>, PlaceError> {
        self.account.wait(self.fetch(path))
    }

    fn standing(&self) -> Standing {
        let Some(distribution) = &self.distribution else { return Standing::default() };
        self.account.wait(async {
            match self.client().await {
                Ok((_, config)) => distribution.standing(&self.account, config).await,
                Err(_) => Standing::default(),
            }
        })
    }

    fn write(&self, task: &Task<'_>) -> Result<Vec<String>, PlaceError> {
        self.account.wait(self.write_all(task))
    }
}
