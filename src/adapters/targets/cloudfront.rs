//! Caches of `CloudFront` in front of a bucket: they are told to forget what was
//! written over.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_cloudfront::Client;
use aws_sdk_cloudfront::config::Builder;
use aws_sdk_cloudfront::types::{InvalidationBatch, InvalidationList, Paths};
use reqwest::Url;

use super::store::{Standing, Task};
use crate::adapters::clock::Stopwatch;
use crate::adapters::slots::Account;
use crate::domain::text::VisibleText;
use crate::domain::workspace::Target as Declared;
use crate::engine::chain::Digest;
use crate::engine::place::PlaceError;

/// How long is waited between two looks.
const PAUSE: Duration = Duration::from_secs(2);
/// How `CloudFront` says that it is done.
const DONE: &str = "completed";

/// A distribution.
pub(super) struct Distribution {
    id: String,
    /// What the paths of its users begin with, as they are in `read`.
    base: String,
    patience: Duration,
}

impl Distribution {
    /// As a target declares it.
    pub(super) fn of(target: &Declared, patience: Duration) -> Result<Option<Self>, PlaceError> {
        let Some(id) = target.text("distribution") else { return Ok(None) };
        let unfit = |why: &str| PlaceError::Unfit {
            place: target.place.clone(),
            why: format!("distribution = \"{id}\" needs {why}"),
        };
        let read = target.text("read").ok_or_else(|| unfit("read, the address of its users"))?;
        let read = Url::parse(read).map_err(|_| unfit("an address in read"))?;
        let base = read.path().trim_end_matches('/').to_owned();
        Ok(Some(Self { id: id.to_owned(), base, patience }))
    }

    fn client(account: &Account, config: &SdkConfig) -> Client {
        Client::from_conf(Builder::from(config).interceptor(account.retries()).build())
    }

    /// Lets the caches forget what was written over, and waits for a while
    /// until they have. The same once more is the same.
    pub(super) async fn forget(
        &self,
        account: &Account,
        config: &SdkConfig,
        task: &Task<'_>,
    ) -> Result<String, PlaceError> {
        let client = Self::client(account, config);
        let paths: Vec<_> = task.paths.iter().map(|path| format!("{}/{path}", self.base)).collect();
        let publication = task.publication;
        let name = format!("{}\n{}\n", publication.guard, paths.join("\n"));
        let name = Digest::of(&[name.as_bytes(), publication.armored].concat()).hex();
        let broken = |error: aws_sdk_cloudfront::error::BuildError| PlaceError::Unfit {
            place: account.place.clone(),
            why: error.to_string(),
        };
        let quantity = i32::try_from(paths.len()).unwrap_or(i32::MAX);
        let paths = Paths::builder().quantity(quantity).set_items(Some(paths)).build();
        let batch = InvalidationBatch::builder()
            .paths(paths.map_err(broken)?)
            .caller_reference(format!("keyrite-{name}"))
            .build();
        let made = client.create_invalidation().distribution_id(&self.id);
        let made = made.invalidation_batch(batch.map_err(broken)?).send().await;
        let made = made.map_err(|error| account.trouble(error, false))?;
        let id = made.invalidation().map(|made| made.id().to_owned()).unwrap_or_default();
        let is_done = self.wait(account, &client, &id).await?;
        let end = if is_done { "" } else { " (not yet everywhere)" };
        let id = VisibleText::from_text(&id);
        Ok(format!("invalidation {id} of {}{end}", VisibleText::from_text(&self.id)))
    }

    /// Whether it was done within the time.
    async fn wait(&self, account: &Account, client: &Client, id: &str) -> Result<bool, PlaceError> {
        let clock = Stopwatch::start();
        loop {
            let found = client.get_invalidation().distribution_id(&self.id).id(id).send().await;
            let found = found.map_err(|error| account.trouble(error, false))?;
            if found.invalidation().is_some_and(|found| found.status().eq_ignore_ascii_case(DONE)) {
                return Ok(true);
            }
            if clock.elapsed() + PAUSE > self.patience {
                return Ok(false);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Whether caches have yet to forget something.
    pub(super) async fn standing(&self, account: &Account, config: &SdkConfig) -> Standing {
        let list = Self::client(account, config).list_invalidations();
        let found = match list.distribution_id(&self.id).max_items(20).send().await {
            Ok(found) => found,
            Err(error) => {
                let why = account.trouble(error, false);
                let fact = format!("whether its caches are told could not be read: {why}");
                return Standing { facts: vec![fact], awaits: None };
            }
        };
        let all = found.invalidation_list().map(InvalidationList::items).unwrap_or_default();
        let open = all.iter().find(|one| !one.status().eq_ignore_ascii_case(DONE));
        let awaits = open.map(|one| {
            let id = VisibleText::from_text(one.id());
            format!("the caches of {} have yet to forget (invalidation {id})", self.id)
        });
        Standing { facts: Vec::new(), awaits }
    }
}
